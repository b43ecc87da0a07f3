"""The versions of a project: what is kept of each change, also for projects from before versions."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from tests.candidates import acts, whole
from tests.factories import NOW, make_project
from votes.db import db
from votes.models import AuditEntry
from votes.services.projects import projects, versions


def test_edit_keeps_a_version_and_records_what_changed(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    changed = projects.edit(
        project,
        {
            "content": "改造 13 公里。",
            "funding": [
                {"source": "县财政", "amount": Decimal("500")},
                {"source": "上级专项", "amount": Decimal("360")},
            ],
        },
        by=people["government"],
        now=NOW + timedelta(hours=1),
    )
    assert changed == [
        ("建设内容和规模", "改造 12 公里。", "改造 13 公里。"),
        ("资金来源", "县财政 860.00万元", "县财政 500.00万元；上级专项 360.00万元"),
    ]
    assert [v.version for v in versions.versions(project)] == [1, 2]
    assert [row.source for row in project.funding] == ["县财政", "上级专项"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "project.edit")).one()
    assert entry.before == {c.label: c.before for c in changed}
    assert entry.after == {c.label: c.after for c in changed}


def test_edit_without_change_keeps_no_version(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    assert projects.edit(project, projects.values(project), by=people["government"], now=NOW) == []
    assert (len(versions.versions(project)), acts()) == (1, ["project.create"])


def test_edit_without_versions_keeps_the_first_text_too(world, people, scope):
    project = make_project("旧项目", department_id=world.departments["county"])
    projects.edit(project, {"content": "新。"}, by=people["government"], now=NOW)
    first, second = versions.versions(project)
    assert (first.text["建设内容和规模"], second.text["建设内容和规模"]) == (
        "改造农村公路 12 公里，加装护栏 8 公里。",
        "新。",
    )

"""Villages of a project: chosen, put right, only of the place itself, with a line in the log."""

import pytest

from tests import factories
from tests.factories import NOW
from votes.db import db
from votes.models import AuditEntry, Village
from votes.rules.errors import RuleBroken
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.projects import villages

BY = audit.SYSTEM


def make_villages(*names):
    rows = [Village(name=name, township="示例镇", position=place) for place, name in enumerate(names)]
    db.session.add_all(rows)
    db.session.flush()
    return [row.id for row in rows]


@pytest.mark.parametrize("state", [ProjectState.DRAFT, ProjectState.SELECTED])
def test_choose_villages_works_in_every_state(world, state):
    with world.work():
        a, b, c = make_villages("东村", "西村", "南村")
        project = factories.make_project("示例", state=state)
        for chosen in ([b, a], [c, a], [], [c]):
            assert villages.choose(project, chosen, by=BY, now=NOW) == len(chosen)
            assert [v.id for v in project.villages] == sorted(chosen)
            assert [v.id for v in project.villages] == sorted(chosen)
        lines = db.session.query(AuditEntry).filter_by(action="project.villages").all()
        assert len(lines) == 4
        villages.choose(project, [c], by=BY, now=NOW)
        assert db.session.query(AuditEntry).filter_by(action="project.villages").count() == 4, (
            "nothing new, no line"
        )


def test_choose_village_of_another_place_is_refused(world):
    with world.work("other"):
        foreign = make_villages("外村")
    with world.work():
        own = make_villages("东村")
        project = factories.make_project("示例")
        with pytest.raises(RuleBroken, match="不属于本地"):
            villages.choose(project, [*own, *foreign], by=BY, now=NOW)
        assert project.villages == []


def test_villages_page_offers_the_list_and_keeps_the_ticks(as_, world):
    with world.work():
        a, b = make_villages("东村", "西村")
        project_id = factories.make_project("示例", department_id=world.departments["county"]).id
    url = f"/office/projects/{project_id}/villages"
    browser = as_("department")
    page = browser.get(url)
    assert [box.get("value") for box in page.tree.xpath("//input[@name='villages']")] == [str(a), str(b)]
    done = browser.follow(browser.post(url, {"villages": [str(b)]}))
    assert "已选 1 个村（社区）" in done.words
    assert "示例镇西村" in done.words
    assert browser.get(url).tree.xpath("//input[@name='villages'][@checked]/@value") == [str(b)]
    assert browser.post(url, {"villages": ["99999"]}).status == 422
    assert "没有村（社区）名单" in as_("government", "other").get(
        f"/office/projects/{_other(world)}/villages"
    ).words.replace("还", "")


def _other(world):
    with world.work("other"):
        return factories.make_project("外地示例").id

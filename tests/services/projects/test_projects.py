"""Candidate projects: who may write what when, what is kept of it, and the lists of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.candidates import S, acts, bring_to, refusal, whole
from tests.factories import NOW, make_listed, make_project
from votes.db import db
from votes.models import AuditEntry
from votes.rules.projects.projects import ProjectState
from votes.services.projects import projects, reviews, versions

# --- writing ---------------------------------------------------------------------------------------------


def test_a_new_project_is_a_draft_with_its_first_version_and_an_audit_line(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    assert project.state == S.DRAFT
    assert project.body_id == world.county
    assert projects.values(project) == {**projects.BLANK, **whole(world)}
    (version,) = versions.versions(project)
    assert (version.version, version.changed_by, version.note) == (1, "government.county（示例）", "新建")
    assert version.text["资金来源"] == "县财政 860.00万元"
    assert acts() == ["project.create"]


def test_a_draft_may_be_incomplete_and_is_then_not_submitted(world, people, scope):
    given = {"year": 2027, "name": "示例路", "category": "其他"}
    project = projects.create(given, by=people["government"], now=NOW)
    refused = refusal(lambda: reviews.submit(project, by=people["government"], now=NOW))
    assert (refused.code, refused.status, project.state) == ("incomplete", 422, S.DRAFT)
    assert refused.message == (
        "还有 9 处需要补全，尚未提交：未填写建设内容和规模；未填写年度目标；未填写总投资；未填写当年计划投资；"
        "未填写完成时限；未填写受益范围；未填写牵头单位；工程类项目未填写建设地点；未填写资金来源。"
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"category": "打井"}, "category"),
        ({"total_investment": Decimal("-1")}, "total_investment"),
        ({"department_id": 10_000}, "department_id"),
    ],
)
def test_what_cannot_be_saved_names_its_field(world, people, scope, changes, field):
    refused = refusal(lambda: projects.create(whole(world, **changes), by=people["government"], now=NOW))
    assert (refused.field, refused.status) == (field, 422)


def test_a_unit_of_another_body_cannot_be_named(world, people, scope):
    changes = {"department_id": world.departments["other"]}
    refused = refusal(lambda: projects.create(whole(world, **changes), by=people["government"], now=NOW))
    assert refused.field == "department_id"


def test_a_name_is_taken_once_a_year_and_body(world, people):
    with world.work():
        projects.create(whole(world), by=people["government"], now=NOW)
        projects.create(whole(world, year=2028), by=people["government"], now=NOW)
    with world.work("other"):
        make_project("示例路")
    with world.work() as session:
        refused = refusal(lambda: projects.create(whole(world), by=people["government"], now=NOW))
        session.rollback()
    assert (refused.field, refused.code) == ("name", "name_taken")


def test_a_units_staff_enter_for_their_own_unit_whatever_they_send(world, people, scope):
    given = whole(world, department_id=None)
    project = projects.create(given, by=people["department"], now=NOW)
    assert project.department_id == world.departments["county"]
    projects.edit(project, {"department_id": None, "content": "改。"}, by=people["department"], now=NOW)
    assert project.department_id == world.departments["county"]


def test_each_change_is_kept_as_a_version_and_says_what_changed(world, people, scope):
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


def test_saving_without_a_change_leaves_no_trace(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    assert projects.edit(project, projects.values(project), by=people["government"], now=NOW) == []
    assert (len(versions.versions(project)), acts()) == (1, ["project.create"])


def test_a_change_made_meanwhile_is_pointed_out_and_not_overwritten(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    projects.edit(project, {"content": "甲。"}, by=people["department"], now=NOW, base=1)
    refused = refusal(
        lambda: projects.edit(project, {"content": "乙。"}, by=people["government"], now=NOW, base=1)
    )
    assert (refused.code, refused.field, project.content) == ("stale", None, "甲。")
    projects.edit(project, {"content": "乙。"}, by=people["government"], now=NOW, base=2)
    assert project.content == "乙。"


def test_a_project_older_than_the_versions_keeps_its_first_text_too(world, people, scope):
    project = make_project("旧项目", department_id=world.departments["county"])
    projects.edit(project, {"content": "新。"}, by=people["government"], now=NOW)
    first, second = versions.versions(project)
    assert (first.text["建设内容和规模"], second.text["建设内容和规模"]) == (
        "改造农村公路 12 公里，加装护栏 8 公里。",
        "新。",
    )


EDIT = {
    # state: who may still edit
    S.DRAFT: {"government", "department"},
    S.REVIEWING: {"government"},
    S.APPROVED: {"government"},
    S.LISTED: set(),
    S.SELECTED: set(),
    S.NOT_SELECTED: set(),
    S.WITHDRAWN: set(),
}


@pytest.mark.parametrize("role", ["government", "department", "department2", "office", "leader"])
@pytest.mark.parametrize("state", list(ProjectState))
def test_who_may_edit_in_which_state(world, people, scope, state, role):
    project = bring_to(world, people, state)

    def edit():
        projects.edit(project, {"content": "改动。"}, by=people[role], now=NOW)

    if role in EDIT[state]:
        edit()
        assert project.content == "改动。"
    else:
        assert refusal(edit).code == "not_editable"
        assert project.content == "改造 12 公里。"


# --- reading ---------------------------------------------------------------------------------------------


def search(by, **wanted):
    found = projects.page(projects.search(projects.Filter(2027, **wanted), by=by), 1)
    return [project.name for project in found]


@pytest.fixture
def several(world, scope):
    unit = world.departments["county"]
    make_project(
        "甲路",
        category="交通出行",
        total_investment=Decimal("100.10"),
        due_on=date(2027, 9, 1),
        department_id=unit,
    )
    make_project(
        "乙校", category="教育", total_investment=None, due_on=date(2027, 8, 1), location="100%示例乡"
    )
    make_project(
        "丙院", category="医疗卫生", total_investment=Decimal("300.20"), due_on=None, state=S.REVIEWING
    )
    make_project("丁桥", year=2026)
    from votes.db import scoped

    with scoped(world.other):
        make_project("外县路")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["甲路", "乙校", "丙院"]),
        ({"state": S.REVIEWING}, ["丙院"]),
        ({"category": "教育"}, ["乙校"]),
        ({"words": "路"}, ["甲路", "乙校", "丙院"]),  # 农村公路 stands in the content of all
        ({"words": "甲 公路"}, ["甲路"]),
        ({"words": "100%"}, ["乙校"]),
        ({"words": "%"}, ["乙校"]),
        ({"sort": "category"}, ["乙校", "丙院", "甲路"]),
        ({"sort": "amount"}, ["丙院", "甲路", "乙校"]),
        ({"sort": "due"}, ["乙校", "甲路", "丙院"]),
        ({"sort": "nonsense"}, ["甲路", "乙校", "丙院"]),
    ],
)
def test_the_list_is_filtered_and_sorted(people, several, wanted, names):
    assert search(people["government"], **wanted) == names


def test_a_unit_sees_its_own_projects_only(people, several):
    assert search(people["department"]) == ["甲路"]
    assert search(people["department2"]) == []
    assert projects.summary(projects.Filter(2027), by=people["department"]).count == 1


def test_sums_are_of_what_is_shown_and_counts_of_all_states(people, several):
    summary = projects.summary(projects.Filter(2027, state=S.DRAFT), by=people["office"])
    assert (summary.count, summary.total) == (2, Decimal("100.10"))
    assert summary.states[S.REVIEWING] == 1
    assert sum(summary.states.values()) == 3


def test_years_with_projects_are_listed_latest_first(several):
    assert projects.years() == [2027, 2026]


def test_another_bodys_project_is_not_there(world):
    with world.work("other"):
        stranger = make_project("外县路").id
    with world.work():
        assert projects.get(stranger) is None
        assert projects.for_year(2027) == []


def test_the_list_comes_in_the_order_of_its_numbers(scope):
    rows = make_listed(3)
    rows[0].number, rows[2].number = 3, 1
    db.session.flush()
    assert [p.number for p in projects.listed(2027)] == [1, 2, 3]

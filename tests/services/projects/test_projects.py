"""Candidate projects: who may write what, and when; their lists."""

from datetime import date
from decimal import Decimal

import pytest

from tests.candidates import S, acts, bring_to, refusal, whole
from tests.factories import NOW, make_listed, make_project
from votes.db import db, scoped
from votes.rules.projects.projects import ProjectState
from votes.services.projects import projects, reviews, versions

# --- writing ---------------------------------------------------------------------------------------------


def test_create_makes_a_draft_with_first_version_and_audit_line(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    assert project.state == S.DRAFT
    assert project.body_id == world.county
    assert projects.values(project) == {**projects.BLANK, **whole(world)}
    (version,) = versions.versions(project)
    assert (version.version, version.changed_by, version.note) == (1, "government.county（示例）", "新建")
    assert version.text["资金来源"] == "县财政 860.00万元"
    assert acts() == ["project.create"]


def test_submit_incomplete_draft_lists_the_gaps(world, people, scope):
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
def test_create_with_a_fault_names_the_field(world, people, scope, changes, field):
    refused = refusal(lambda: projects.create(whole(world, **changes), by=people["government"], now=NOW))
    assert (refused.field, refused.status) == (field, 422)


def test_create_with_unit_of_another_body_is_refused(world, people, scope):
    changes = {"department_id": world.departments["other"]}
    refused = refusal(lambda: projects.create(whole(world, **changes), by=people["government"], now=NOW))
    assert refused.field == "department_id"


def test_create_same_name_same_year_is_refused_per_body(world, people):
    with world.work():
        projects.create(whole(world), by=people["government"], now=NOW)
        projects.create(whole(world, year=2028), by=people["government"], now=NOW)
    with world.work("other"):
        make_project("示例路")
    with world.work() as session:
        refused = refusal(lambda: projects.create(whole(world), by=people["government"], now=NOW))
        session.rollback()
    assert (refused.field, refused.code) == ("name", "name_taken")


def test_create_by_unit_staff_keeps_their_own_unit(world, people, scope):
    given = whole(world, department_id=None)
    project = projects.create(given, by=people["department"], now=NOW)
    assert project.department_id == world.departments["county"]
    projects.edit(project, {"department_id": None, "content": "改。"}, by=people["department"], now=NOW)
    assert project.department_id == world.departments["county"]


def test_edit_of_a_stale_version_is_refused(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    projects.edit(project, {"content": "甲。"}, by=people["department"], now=NOW, base=1)
    refused = refusal(
        lambda: projects.edit(project, {"content": "乙。"}, by=people["government"], now=NOW, base=1)
    )
    assert (refused.code, refused.field, project.content) == ("stale", None, "甲。")
    projects.edit(project, {"content": "乙。"}, by=people["government"], now=NOW, base=2)
    assert project.content == "乙。"


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
def test_edit_by_state_and_role_follows_the_permission(world, people, scope, state, role):
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
    query = projects.search({"year": 2027, **wanted}, by=by)
    return [project.name for project in db.session.scalars(query)]


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
    with scoped(world.other):
        make_project("外县路")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["甲路", "乙校", "丙院"]),
        ({"state": S.REVIEWING}, ["丙院"]),
        ({"category": "教育"}, ["乙校"]),
        ({"q": "路"}, ["甲路", "乙校", "丙院"]),  # 农村公路 stands in the content of all
        ({"q": "甲 公路"}, ["甲路"]),
        ({"q": "100%"}, ["乙校"]),
        ({"q": "%"}, ["乙校"]),
        ({"sort": "category"}, ["乙校", "丙院", "甲路"]),
        ({"sort": "amount"}, ["丙院", "甲路", "乙校"]),
        ({"sort": "due"}, ["乙校", "甲路", "丙院"]),
        ({"sort": "nonsense"}, ["甲路", "乙校", "丙院"]),
    ],
)
def test_search_by_filter_returns_names_in_order(people, several, wanted, names):
    assert search(people["government"], **wanted) == names


def test_search_by_unit_staff_returns_their_projects_only(people, several):
    assert search(people["department"]) == ["甲路"]
    assert search(people["department2"]) == []
    assert projects.summary({"year": 2027}, by=people["department"]).count == 1


def test_summary_sums_the_shown_and_counts_all_states(people, several):
    summary = projects.summary({"year": 2027, "state": S.DRAFT}, by=people["office"])
    assert (summary.count, summary.total) == (2, Decimal("100.10"))
    assert summary.states[S.REVIEWING] == 1
    assert sum(summary.states.values()) == 3


def test_years_with_projects_are_listed_latest_first(several):
    assert projects.years() == [2027, 2026]


def test_get_of_another_body_returns_none(world):
    with world.work("other"):
        stranger = make_project("外县路").id
    with world.work():
        assert projects.get(stranger) is None
        assert projects.for_year(2027) == []


def test_listed_returns_projects_in_order_of_numbers(scope):
    rows = make_listed(3)
    rows[0].number, rows[2].number = 3, 1
    db.session.flush()
    assert [p.number for p in projects.listed(2027)] == [1, 2, 3]

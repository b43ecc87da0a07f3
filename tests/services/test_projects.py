"""A candidate project from its first draft to the list: who may do what when, and what is kept of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories import NOW, make_listed, make_project
from votes.db import db
from votes.models import AuditEntry, Candidate, CongressSession, Round
from votes.rules.errors import RuleBroken
from votes.rules.projects import Decision, ProjectState
from votes.rules.rounds import RoundState
from votes.services import project_reviews, projects

S = ProjectState
TODAY = date(2027, 1, 15)


def whole(world, **changes):
    """What is written about a project that has no gaps."""
    return {
        "year": 2027,
        "name": "示例路",
        "category": "交通出行",
        "content": "改造 12 公里。",
        "target": "12 月完工。",
        "location": "示例镇",
        "total_investment": Decimal("860.00"),
        "year_investment": Decimal("860.00"),
        "due_on": date(2027, 12, 20),
        "benefit_scope": "6 个村",
        "department_id": world.departments["county"],
        "funding": [{"source": "县财政", "amount": Decimal("860.00")}],
        "subprojects": [{"name": "一期", "target": "", "unit": "", "investment": Decimal("400.00")}],
        **changes,
    }


@pytest.fixture
def people(world):
    return {
        role: world.actor(role) for role in ("government", "office", "department", "department2", "leader")
    }


@pytest.fixture
def scope(world):
    """An open unit of work in the county."""
    with world.work() as session:
        yield session
        session.rollback()


def bring_to(world, people, state, **changes):
    """A project in ``state``, by the way every project goes."""
    government, office = people["government"], people["office"]
    project = projects.create(whole(world, **changes), by=government, now=NOW)
    if state == S.DRAFT:
        return project
    if state == S.WITHDRAWN:
        project_reviews.withdraw(project, by=government, now=NOW)
        return project
    project_reviews.submit(project, by=government, now=NOW)
    if state == S.REVIEWING:
        return project
    for gate, by in (("government", government), ("party", government), ("standing", office)):
        project_reviews.pass_gate(project, gate=gate, decided_on=TODAY, by=by, now=NOW)
    if state == S.APPROVED:
        return project
    project_reviews.confirm_list(project.year, {project.id: 1}, decided_on=TODAY, by=office, now=NOW)
    if state == S.SELECTED:
        project_reviews.mark_selected([project.id], [], by=office, now=NOW)
    elif state == S.NOT_SELECTED:
        project_reviews.mark_selected([], [project.id], by=office, now=NOW)
    return project


def acts():
    return [
        entry.action
        for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        if entry.action.startswith("project.")
    ]


def refusal(act):
    with pytest.raises(RuleBroken) as caught:
        act()
    return caught.value


# --- writing ---------------------------------------------------------------------------------------------


def test_a_new_project_is_a_draft_with_its_first_version_and_an_audit_line(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    assert project.state == S.DRAFT
    assert project.body_id == world.county
    assert projects.values(project) == {**projects.BLANK, **whole(world)}
    (version,) = projects.versions(project)
    assert (version.version, version.changed_by, version.note) == (1, "government.county（示例）", "新建")
    assert version.text["资金来源"] == "县财政 860.00万元"
    assert acts() == ["project.create"]


def test_a_draft_may_be_incomplete_and_is_then_not_submitted(world, people, scope):
    given = {"year": 2027, "name": "示例路", "category": "其他"}
    project = projects.create(given, by=people["government"], now=NOW)
    refused = refusal(lambda: project_reviews.submit(project, by=people["government"], now=NOW))
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
    assert [v.version for v in projects.versions(project)] == [1, 2]
    assert [row.source for row in project.funding] == ["县财政", "上级专项"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "project.edit")).one()
    assert entry.before == {c.label: c.before for c in changed}
    assert entry.after == {c.label: c.after for c in changed}


def test_saving_without_a_change_leaves_no_trace(world, people, scope):
    project = projects.create(whole(world), by=people["government"], now=NOW)
    assert projects.edit(project, projects.values(project), by=people["government"], now=NOW) == []
    assert (len(projects.versions(project)), acts()) == (1, ["project.create"])


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
    first, second = projects.versions(project)
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


# --- the gates -------------------------------------------------------------------------------------------


def test_the_whole_way_to_the_list(world, people, scope):
    project = bring_to(world, people, S.LISTED)
    assert (project.state, project.number, project.gates_passed) == (S.LISTED, 1, 3)
    assert [(r.gate_name, r.decision) for r in project.reviews] == [
        ("政府常务会议", Decision.PASS),
        ("县委常委会会议", Decision.PASS),
        ("县人大常委会会议", Decision.PASS),
        ("主席团确认票决名单", Decision.LIST),
    ]
    assert acts() == [
        "project.create",
        "project.submit",
        "project.pass",
        "project.pass",
        "project.approve",
        "project.list",
    ]


@pytest.mark.parametrize(
    ("passed", "gate", "role", "code"),
    [
        (0, "government", "office", "not_yours"),
        (0, "government", "department", "not_yours"),
        (0, "party", "government", "wrong_gate"),
        (1, "government", "government", "wrong_gate"),  # the button was pressed twice
        (2, "standing", "government", "not_yours"),
        (2, "standing", "leader", "not_yours"),
    ],
)
def test_a_gate_is_recorded_in_its_turn_by_those_it_belongs_to(
    world, people, scope, passed, gate, role, code
):
    project = bring_to(world, people, S.REVIEWING)
    for key in ("government", "party")[:passed]:
        project_reviews.pass_gate(project, gate=key, decided_on=TODAY, by=people["government"], now=NOW)
    refused = refusal(
        lambda: project_reviews.pass_gate(project, gate=gate, decided_on=TODAY, by=people[role], now=NOW)
    )
    assert (refused.code, project.gates_passed) == (code, passed)


@pytest.mark.parametrize("state", [s for s in ProjectState if s != S.REVIEWING])
def test_only_a_project_under_review_passes_a_gate(world, people, scope, state):
    project = bring_to(world, people, state)
    refused = refusal(
        lambda: project_reviews.pass_gate(
            project, gate="standing", decided_on=TODAY, by=people["office"], now=NOW
        )
    )
    assert refused.code == "wrong_state"


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_a_gate_is_dated_no_later_than_today_and_no_earlier_than_the_last(world, people, scope, day):
    project = bring_to(world, people, S.REVIEWING)
    project_reviews.pass_gate(project, gate="government", decided_on=TODAY, by=people["government"], now=NOW)
    refused = refusal(
        lambda: project_reviews.pass_gate(
            project, gate="party", decided_on=day, by=people["government"], now=NOW
        )
    )
    assert refused.field == "decided_on"


def test_the_places_own_gates_are_followed(world, people, scope):
    from votes.models import Body

    body = db.session.get(Body, world.county)
    body.settings = {"gates": [{"key": "one", "name": "联席会议", "role": "office"}]}
    project = bring_to(world, people, S.REVIEWING)
    project_reviews.pass_gate(project, gate="one", decided_on=TODAY, by=people["office"], now=NOW)
    assert (project.state, project.reviews[-1].gate_name) == (S.APPROVED, "联席会议")


def test_several_projects_are_recorded_at_one_meeting_all_or_none(world, people):
    with world.work():
        ids = [bring_to(world, people, S.REVIEWING, name=f"示例{n}").id for n in range(3)]
    with world.work() as session:
        three = [projects.get(i) for i in ids]
        project_reviews.pass_gate(
            three[2], gate="government", decided_on=TODAY, by=people["government"], now=NOW
        )
        refused = refusal(
            lambda: project_reviews.pass_gates(
                three, gate="government", decided_on=TODAY, by=people["government"], now=NOW
            )
        )
        session.rollback()
    assert refused.code == "wrong_gate"
    with world.work():
        waiting = project_reviews.waiting(2027, "government", project_reviews.gates(projects.get(ids[0])))
        assert [p.id for p in waiting] == ids
        count = project_reviews.pass_gates(
            waiting, gate="government", decided_on=TODAY, by=people["government"], now=NOW
        )
        assert count == 3
        assert project_reviews.standing_at([2027], project_reviews.gates(waiting[0])) == {"party": 3}


@pytest.mark.parametrize(("state", "role"), [(S.REVIEWING, "government"), (S.APPROVED, "office")])
def test_sending_back_needs_a_reason_and_starts_the_gates_anew(world, people, scope, state, role):
    project = bring_to(world, people, state)

    def back(opinion):
        project_reviews.send_back(project, decided_on=TODAY, opinion=opinion, by=people[role], now=NOW)

    assert refusal(lambda: back("  ")).field == "opinion"
    back("投资测算不足，请补充。")
    assert (project.state, project.gates_passed) == (S.DRAFT, 0)
    assert (project.reviews[-1].decision, project.reviews[-1].opinion) == (
        Decision.RETURN,
        "投资测算不足，请补充。",
    )
    project_reviews.submit(project, by=people["department"], now=NOW)
    assert project.state == S.REVIEWING


@pytest.mark.parametrize(
    ("state", "role"), [(S.REVIEWING, "office"), (S.APPROVED, "government"), (S.REVIEWING, "department")]
)
def test_sending_back_is_for_those_whose_turn_it_is(world, people, scope, state, role):
    project = bring_to(world, people, state)
    refused = refusal(
        lambda: project_reviews.send_back(project, decided_on=TODAY, opinion="不", by=people[role], now=NOW)
    )
    assert refused.status == 403


@pytest.mark.parametrize(
    ("state", "role", "goes"),
    [
        (S.DRAFT, "department", True),
        (S.DRAFT, "government", True),
        (S.REVIEWING, "government", True),
        (S.APPROVED, "government", True),
        (S.REVIEWING, "department", False),
        (S.LISTED, "government", False),
        (S.SELECTED, "government", False),
        (S.WITHDRAWN, "government", False),
    ],
)
def test_withdrawing_and_restoring(world, people, scope, state, role, goes):
    project = bring_to(world, people, state)

    def withdraw():
        project_reviews.withdraw(project, by=people[role], now=NOW, reason="与上级项目重复")

    if not goes:
        refusal(withdraw)
        assert project.state == state
        return
    withdraw()
    assert (project.state, project.reviews[-1].opinion) == (S.WITHDRAWN, "与上级项目重复")
    project_reviews.restore(project, by=people[role], now=NOW)
    assert (project.state, project.gates_passed) == (S.DRAFT, 0)


def test_a_change_after_a_gate_is_pointed_out_with_the_text_that_passed(world, people, scope):
    project = bring_to(world, people, S.REVIEWING)
    project_reviews.pass_gate(
        project, gate="government", decided_on=TODAY, by=people["government"], now=NOW + timedelta(hours=1)
    )
    assert project_reviews.changed_since_review(project) is None
    projects.edit(project, {"content": "另改。"}, by=people["government"], now=NOW + timedelta(hours=2))
    found = project_reviews.changed_since_review(project)
    assert found is not None
    assert found.version == 1


# --- the list --------------------------------------------------------------------------------------------


@pytest.fixture
def three(world, people, scope):
    return [bring_to(world, people, S.APPROVED, name=f"示例{n}") for n in range(3)]


def confirm(people, numbers, **options):
    return project_reviews.confirm_list(
        2027, numbers, **{"decided_on": TODAY, "by": people["office"], "now": NOW, **options}
    )


def test_the_list_is_confirmed_in_the_order_of_its_numbers(people, three):
    a, b, c = three
    assert confirm(people, {a.id: 2, c.id: 1}, document_number="示例〔2027〕2号") == [c, a]
    assert [(p.name, p.number, p.state) for p in projects.listed(2027)] == [
        ("示例2", 1, S.LISTED),
        ("示例0", 2, S.LISTED),
    ]
    assert (b.state, b.number) == (S.APPROVED, None)
    assert a.reviews[-1].document_number == "示例〔2027〕2号"


def test_confirming_again_adds_takes_off_and_renumbers(people, three):
    a, b, c = three
    confirm(people, {a.id: 1, b.id: 2})
    confirm(people, {b.id: 1, c.id: 2})
    assert [(p.id, p.number) for p in projects.listed(2027)] == [(b.id, 1), (c.id, 2)]
    assert (a.state, a.number, a.reviews[-1].decision) == (S.APPROVED, None, Decision.UNLIST)
    assert acts()[-3:] == ["project.unlist", "project.number", "project.list"]


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ({}, "empty_list"),
        ({0: 1, 1: 1}, "bad_numbers"),
        ({0: 1, 1: None}, "no_number"),
        ({99: 1}, "not_listable"),
    ],
)
def test_a_list_that_cannot_be(people, three, numbers, code):
    by_place = {three[key].id if key < 3 else 10_000: number for key, number in numbers.items()}
    assert refusal(lambda: confirm(people, by_place)).code == code
    assert projects.listed(2027) == []


def test_a_list_is_dated_no_later_than_today(people, three):
    refused = refusal(lambda: confirm(people, {three[0].id: 1}, decided_on=TODAY + timedelta(days=1)))
    assert refused.field == "decided_on"


def test_a_project_of_another_body_cannot_be_listed(world, people, three):
    from votes.db import scoped

    with scoped(world.other):
        stranger = make_project("外县项目", state=S.APPROVED)
    assert refusal(lambda: confirm(people, {stranger.id: 1})).code == "not_listable"


def test_taking_one_off_moves_the_others_up_and_asks_for_a_reason(people, three):
    a, b, c = three
    confirm(people, {a.id: 1, b.id: 2, c.id: 3})
    assert (
        refusal(lambda: project_reviews.unlist(a, by=people["office"], now=NOW, reason=" ")).field == "reason"
    )
    project_reviews.unlist(a, by=people["office"], now=NOW, reason="用地未落实")
    assert [(p.id, p.number) for p in projects.listed(2027)] == [(b.id, 1), (c.id, 2)]
    assert (a.state, a.number) == (S.APPROVED, None)


def make_round(project, state, *, rehearsal=False):
    meeting = CongressSession(
        title="示例会议",
        year=2027,
        starts_on=TODAY,
        ends_on=TODAY,
        hall_secret=b"0" * 32,
        hall_key="h",
        screen_key="s",
        created_at=NOW,
    )
    db.session.add(meeting)
    db.session.flush()
    one = Round(
        session_id=meeting.id, title="示例票决", state=state, rule={}, rehearsal=rehearsal, created_at=NOW
    )
    one.candidates.append(Candidate(project_id=project.id, number=1, name=project.name))
    db.session.add(one)
    db.session.flush()


@pytest.mark.parametrize(
    ("state", "rehearsal", "free"),
    [
        (RoundState.DRAFT, False, False),
        (RoundState.CANCELLED, False, True),
        (RoundState.VOID, False, True),
        (RoundState.DRAFT, True, True),  # a rehearsal decides nothing
    ],
)
def test_a_round_that_counts_fixes_the_list(people, three, state, rehearsal, free):
    a, b, _ = three
    confirm(people, {a.id: 1, b.id: 2})
    make_round(a, state, rehearsal=rehearsal)
    if free:
        project_reviews.unlist(b, by=people["office"], now=NOW, reason="另行研究")
        assert confirm(people, {b.id: 1}) == [b]
        return
    for act in (
        lambda: project_reviews.unlist(a, by=people["office"], now=NOW, reason="另行研究"),
        lambda: project_reviews.unlist(b, by=people["office"], now=NOW, reason="另行研究"),
        lambda: confirm(people, {b.id: 1}),
    ):
        refused = refusal(act)
        assert refused.code == "list_in_use"
        assert "示例票决" in refused.message
    assert [p.number for p in projects.listed(2027)] == [1, 2]


def test_what_the_congress_decided_is_noted_on_the_projects(people, three):
    a, b, c = three
    confirm(people, {a.id: 3, b.id: 1, c.id: 2})
    assert project_reviews.mark_selected([a.id, b.id], [c.id], by=people["office"], now=NOW) == [b, a]
    assert [p.state for p in three] == [S.SELECTED, S.SELECTED, S.NOT_SELECTED]
    assert [a.number, b.number, c.number] == [3, 1, 2]
    assert (
        refusal(lambda: project_reviews.mark_selected([a.id], [], by=people["office"], now=NOW)).code
        == "wrong_state"
    )


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


def test_years_and_the_year_in_which_projects_are_collected(several):
    assert projects.years() == [2027, 2026]
    assert projects.coming_year(date(2026, 7, 31)) == 2026
    assert projects.coming_year(date(2026, 8, 1)) == 2027


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

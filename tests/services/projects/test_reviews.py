"""A candidate project through the gates and onto the list: who may do what when, and what is recorded of it."""

from datetime import timedelta

import pytest

from tests.candidates import TODAY, S, acts, bring_to, refusal
from tests.factories import NOW, make_project
from votes.db import db, scoped
from votes.models import Body, Candidate, CongressSession, Round
from votes.rules.meeting.rounds import RoundState
from votes.rules.projects.projects import Decision, Minutes, ProjectState
from votes.services.projects import projects, reviews

# --- the gates -------------------------------------------------------------------------------------------


def test_project_through_all_gates_reaches_the_list(world, people, scope):
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
def test_pass_gate_out_of_turn_or_by_others_is_refused(world, people, scope, passed, gate, role, code):
    project = bring_to(world, people, S.REVIEWING)
    for key in ("government", "party")[:passed]:
        reviews.pass_gate(project, Minutes(TODAY), gate=key, by=people["government"], now=NOW)
    refused = refusal(lambda: reviews.pass_gate(project, Minutes(TODAY), gate=gate, by=people[role], now=NOW))
    assert (refused.code, project.gates_passed) == (code, passed)


@pytest.mark.parametrize("state", [s for s in ProjectState if s != S.REVIEWING])
def test_pass_gate_outside_review_is_refused(world, people, scope, state):
    project = bring_to(world, people, state)
    refused = refusal(
        lambda: reviews.pass_gate(project, Minutes(TODAY), gate="standing", by=people["office"], now=NOW)
    )
    assert refused.code == "wrong_state"


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_pass_gate_with_impossible_date_is_refused(world, people, scope, day):
    project = bring_to(world, people, S.REVIEWING)
    reviews.pass_gate(project, Minutes(TODAY), gate="government", by=people["government"], now=NOW)
    refused = refusal(
        lambda: reviews.pass_gate(project, Minutes(day), gate="party", by=people["government"], now=NOW)
    )
    assert refused.field == "decided_on"


def test_pass_gate_follows_the_gates_of_the_place(world, people, scope):
    body = db.session.get(Body, world.county)
    body.settings = {"gates": [{"key": "one", "name": "联席会议", "role": "office"}]}
    project = bring_to(world, people, S.REVIEWING)
    reviews.pass_gate(project, Minutes(TODAY), gate="one", by=people["office"], now=NOW)
    assert (project.state, project.reviews[-1].gate_name) == (S.APPROVED, "联席会议")


def test_pass_gates_records_all_projects_or_none(world, people):
    with world.work():
        ids = [bring_to(world, people, S.REVIEWING, name=f"示例{n}").id for n in range(3)]
    with world.work() as session:
        three = [projects.get(i) for i in ids]
        reviews.pass_gate(three[2], Minutes(TODAY), gate="government", by=people["government"], now=NOW)
        refused = refusal(
            lambda: reviews.pass_gates(
                three, Minutes(TODAY), gate="government", by=people["government"], now=NOW
            )
        )
        session.rollback()
    assert refused.code == "wrong_gate"
    with world.work():
        way = reviews.gates(projects.get(ids[0]))
        waiting = reviews.recorded_by(people["government"], 2027, way)[way[0]]
        assert [p.id for p in waiting] == ids
        count = reviews.pass_gates(
            waiting, Minutes(TODAY), gate="government", by=people["government"], now=NOW
        )
        assert count == 3
        assert reviews.count_by_gate([2027], reviews.gates(waiting[0])) == {"party": 3}


@pytest.mark.parametrize(("state", "role"), [(S.REVIEWING, "government"), (S.APPROVED, "office")])
def test_send_back_needs_a_reason_and_clears_the_gates(world, people, scope, state, role):
    project = bring_to(world, people, state)

    def back(opinion):
        reviews.send_back(project, Minutes(TODAY, opinion=opinion), by=people[role], now=NOW)

    assert refusal(lambda: back("  ")).field == "opinion"
    back("投资测算不足，请补充。")
    assert (project.state, project.gates_passed) == (S.DRAFT, 0)
    assert (project.reviews[-1].decision, project.reviews[-1].opinion) == (
        Decision.RETURN,
        "投资测算不足，请补充。",
    )
    reviews.submit(project, by=people["department"], now=NOW)
    assert project.state == S.REVIEWING


@pytest.mark.parametrize(
    ("state", "role"), [(S.REVIEWING, "office"), (S.APPROVED, "government"), (S.REVIEWING, "department")]
)
def test_send_back_by_others_is_refused(world, people, scope, state, role):
    project = bring_to(world, people, state)
    refused = refusal(
        lambda: reviews.send_back(project, Minutes(TODAY, opinion="不"), by=people[role], now=NOW)
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
def test_withdraw_and_restore_by_state_and_role(world, people, scope, state, role, goes):
    project = bring_to(world, people, state)

    def withdraw():
        reviews.withdraw(project, by=people[role], now=NOW, reason="与上级项目重复")

    if not goes:
        refusal(withdraw)
        assert project.state == state
        return
    withdraw()
    assert (project.state, project.reviews[-1].opinion) == (S.WITHDRAWN, "与上级项目重复")
    reviews.restore(project, by=people[role], now=NOW)
    assert (project.state, project.gates_passed) == (S.DRAFT, 0)


def test_changed_since_review_returns_the_version_that_passed(world, people, scope):
    project = bring_to(world, people, S.REVIEWING)
    reviews.pass_gate(
        project, Minutes(TODAY), gate="government", by=people["government"], now=NOW + timedelta(hours=1)
    )
    assert reviews.changed_since_review(project) is None
    projects.edit(project, {"content": "另改。"}, by=people["government"], now=NOW + timedelta(hours=2))
    found = reviews.changed_since_review(project)
    assert found is not None
    assert found.version == 1


# --- the list --------------------------------------------------------------------------------------------


@pytest.fixture
def three(world, people, scope):
    return [bring_to(world, people, S.APPROVED, name=f"示例{n}") for n in range(3)]


def confirm(people, numbers, *, decided_on=TODAY, document_number="", **options):
    minutes = Minutes(decided_on, document_number)
    return reviews.confirm_list(2027, numbers, minutes, **{"by": people["office"], "now": NOW, **options})


def test_confirm_list_returns_projects_in_order_of_numbers(people, three):
    a, b, c = three
    assert confirm(people, {a.id: 2, c.id: 1}, document_number="示例〔2027〕2号") == [c, a]
    assert [(p.name, p.number, p.state) for p in projects.listed(2027)] == [
        ("示例2", 1, S.LISTED),
        ("示例0", 2, S.LISTED),
    ]
    assert (b.state, b.number) == (S.APPROVED, None)
    assert a.reviews[-1].document_number == "示例〔2027〕2号"


def test_confirm_list_again_adds_removes_and_renumbers(people, three):
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
def test_confirm_list_with_bad_numbers_is_refused(people, three, numbers, code):
    by_place = {three[key].id if key < 3 else 10_000: number for key, number in numbers.items()}
    assert refusal(lambda: confirm(people, by_place)).code == code
    assert projects.listed(2027) == []


def test_confirm_list_with_later_date_is_refused(people, three):
    refused = refusal(lambda: confirm(people, {three[0].id: 1}, decided_on=TODAY + timedelta(days=1)))
    assert refused.field == "decided_on"


def test_confirm_list_with_project_of_another_body_is_refused(world, people, three):
    with scoped(world.other):
        stranger = make_project("外县项目", state=S.APPROVED)
    assert refusal(lambda: confirm(people, {stranger.id: 1})).code == "not_listable"


def test_unlist_needs_a_reason_and_moves_the_others_up(people, three):
    a, b, c = three
    confirm(people, {a.id: 1, b.id: 2, c.id: 3})
    assert refusal(lambda: reviews.unlist(a, by=people["office"], now=NOW, reason=" ")).field == "reason"
    reviews.unlist(a, by=people["office"], now=NOW, reason="用地未落实")
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
def test_confirm_list_used_by_a_round_is_refused(people, three, state, rehearsal, free):
    a, b, _ = three
    confirm(people, {a.id: 1, b.id: 2})
    make_round(a, state, rehearsal=rehearsal)
    if free:
        reviews.unlist(b, by=people["office"], now=NOW, reason="另行研究")
        assert confirm(people, {b.id: 1}) == [b]
        return
    for act in (
        lambda: reviews.unlist(a, by=people["office"], now=NOW, reason="另行研究"),
        lambda: reviews.unlist(b, by=people["office"], now=NOW, reason="另行研究"),
        lambda: confirm(people, {b.id: 1}),
    ):
        refused = refusal(act)
        assert refused.code == "list_in_use"
        assert "示例票决" in refused.message
    assert [p.number for p in projects.listed(2027)] == [1, 2]


def test_mark_selected_sets_the_states_of_all_candidates(people, three):
    a, b, c = three
    confirm(people, {a.id: 3, b.id: 1, c.id: 2})
    assert reviews.mark_selected([a.id, b.id], [c.id], by=people["office"], now=NOW) == [b, a]
    assert [p.state for p in three] == [S.SELECTED, S.SELECTED, S.NOT_SELECTED]
    assert [a.number, b.number, c.number] == [3, 1, 2]
    assert (
        refusal(lambda: reviews.mark_selected([a.id], [], by=people["office"], now=NOW)).code == "wrong_state"
    )

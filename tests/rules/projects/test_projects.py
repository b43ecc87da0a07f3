"""What may be written about a project, what is missing, whose turn it is, how the list is numbered."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions, step
from votes.rules.projects import projects as rules
from votes.rules.projects.projects import GATES, PROJECT, Gate, ProjectState

COUNTY = GATES["county"]
S = ProjectState


@pytest.mark.parametrize(
    ("state", "open_actions"),
    [
        (S.DRAFT, ["submit", "withdraw"]),
        (S.REVIEWING, ["pass", "approve", "return", "withdraw"]),
        (S.APPROVED, ["list", "return", "withdraw"]),
        (S.LISTED, ["unlist", "select", "not_select"]),
        (S.SELECTED, []),
        (S.NOT_SELECTED, []),
        (S.WITHDRAWN, ["restore"]),
    ],
)
def test_project_actions_by_state_follow_the_table(state, open_actions):
    assert actions(PROJECT, state) == open_actions


def test_project_states_are_all_reached_from_draft():
    reached, ahead = {S.DRAFT}, [S.DRAFT]
    while ahead:
        state = ahead.pop()
        for action in actions(PROJECT, state):
            after = step(PROJECT, state, action)
            if after not in reached:
                reached.add(after)
                ahead.append(after)
    assert reached == set(ProjectState)


@pytest.mark.parametrize(
    ("passed", "key", "action"),
    [
        (0, "government", "pass"),
        (1, "party", "pass"),
        (2, "standing", "approve"),
        (7, "standing", "approve"),  # the place had more gates when it began
    ],
)
def test_next_gate_and_action_by_passed_gates(passed, key, action):
    assert rules.next_gate(COUNTY, passed).key == key
    assert rules.gate_action(COUNTY, passed) == action


@pytest.mark.parametrize(
    ("state", "passed", "roles", "message"),
    [
        (S.REVIEWING, 0, {"government"}, None),
        (S.REVIEWING, 2, {"office"}, None),
        (S.APPROVED, 3, {"office"}, None),
        (S.REVIEWING, 0, {"office"}, "“政府常务会议”由政府办办理，您的账号不能记录。没有作任何改动。"),
        (
            S.REVIEWING,
            2,
            {"government"},
            "“县人大常委会会议”由人大办办理，您的账号不能记录。没有作任何改动。",
        ),
        (S.APPROVED, 3, {"government"}, "“票决名单”由人大办办理，您的账号不能记录。没有作任何改动。"),
        (S.REVIEWING, 1, {"department"}, "“县委常委会会议”由政府办办理，您的账号不能记录。没有作任何改动。"),
    ],
)
def test_check_recorder_refuses_other_roles(state, passed, roles, message):
    if message is None:
        rules.check_recorder(state, COUNTY, passed, roles)
        return
    with pytest.raises(RuleBroken) as refusal:
        rules.check_recorder(state, COUNTY, passed, roles)
    assert (refusal.value.message, refusal.value.status) == (message, 403)


@pytest.mark.parametrize(
    ("day", "previous", "message"),
    [
        (date(2027, 1, 15), None, None),
        (date(2027, 1, 10), date(2027, 1, 10), None),
        (date(2027, 1, 16), None, "日期晚于今天，请在会议召开后记录。"),
        (date(2027, 1, 9), date(2027, 1, 10), "日期早于上一环节（2027年1月10日），请核对。"),
    ],
)
def test_check_decision_date_refuses_impossible_dates(day, previous, message):
    if message is None:
        rules.check_decision_date(day, previous=previous, today=date(2027, 1, 15))
        return
    with pytest.raises(RuleBroken) as refusal:
        rules.check_decision_date(day, previous=previous, today=date(2027, 1, 15))
    assert (refusal.value.message, refusal.value.field) == (message, "decided_on")


@pytest.mark.parametrize(
    ("state", "passed", "line"),
    [
        (S.DRAFT, 0, "now ahead ahead ahead ahead ahead"),
        (S.REVIEWING, 1, "past past now ahead ahead ahead"),
        (S.APPROVED, 3, "past past past past now ahead"),
        (S.LISTED, 3, "past past past past past now"),
        (S.SELECTED, 3, "past past past past past past"),
        (S.REVIEWING, 9, "past past past now ahead ahead"),
    ],
)
def test_steps_by_state_are_past_now_or_ahead(state, passed, line):
    assert " ".join(s.standing for s in rules.steps(state, COUNTY, passed)) == line


@pytest.mark.parametrize("state", list(ProjectState))
def test_next_step_exists_in_every_state(state):
    who, what = rules.next_step(state, COUNTY, 0, 0)
    assert what
    assert bool(who) is (state != S.NOT_SELECTED)


def test_next_step_names_the_recorder_of_the_places_gate():
    own = (Gate("all", "联席会议", "office"),)
    assert rules.next_step(S.REVIEWING, own, 0, 0) == ("人大办", "在联席会议审议后，记录日期、文号和意见")


@pytest.mark.parametrize(
    ("numbers", "outcome"),
    [
        ({7: 2, 5: 1, 9: 3}, [5, 7, 9]),
        ({7: 1}, [7]),
        ({}, "没有勾选任何项目。请勾选要列入票决的项目。"),
        ({7: 1, 5: None}, "有已勾选的项目没有编号，请填写编号或点“重新编号”。"),
        ({7: 1, 5: 1}, "编号应从 1 连续编到 2，现在重复第 1 号。请修改或点“重新编号”。"),
        ({7: 1, 5: 3}, "编号应从 1 连续编到 2，现在缺少第 2 号。请修改或点“重新编号”。"),
        ({7: 0, 5: 1}, "编号应从 1 连续编到 2，现在缺少第 2 号。请修改或点“重新编号”。"),
    ],
)
def test_check_numbers_returns_the_order_or_refuses(numbers, outcome):
    if isinstance(outcome, list):
        assert rules.check_numbers(numbers) == outcome
        return
    with pytest.raises(RuleBroken) as refusal:
        rules.check_numbers(numbers)
    assert refusal.value.message == outcome


@given(st.lists(st.integers(1, 10_000), unique=True, min_size=1, max_size=40), st.randoms())
def test_check_numbers_accepts_any_order_of_1_to_m(ids, random):
    random.shuffle(ids)
    assert rules.check_numbers({key: place for place, key in enumerate(ids, start=1)}) == ids


@pytest.mark.parametrize(
    ("candidates", "seats"), [(0, 0), (1, 1), (2, 1), (4, 3), (5, 4), (10, 8), (12, 10), (15, 12), (30, 25)]
)
def test_usual_seats_follow_the_practice(candidates, seats):
    assert rules.usual_seats(candidates) == seats


@given(st.integers(2, 500))
def test_usual_seats_leave_at_least_one_candidate(candidates):
    assert 1 <= rules.usual_seats(candidates) < candidates


def test_coming_year_begins_in_august():
    assert rules.coming_year(date(2026, 7, 31)) == 2026
    assert rules.coming_year(date(2026, 8, 1)) == 2027

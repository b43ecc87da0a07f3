import pytest

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import (
    ROUND,
    SESSION,
    RoundState,
    SessionState,
    certified,
    check_casting,
    check_close,
    check_count,
    check_open,
    shows_counts,
)
from votes.rules.meeting.rule import Rule


def walk(table):
    return {(str(state), action, str(end)) for state, row in table.items() for action, end in row.items()}


def test_round_lifecycle_has_these_steps_and_no_other():
    assert walk(ROUND) == {
        ("draft", "open", "opened"),
        ("draft", "cancel", "cancelled"),
        ("cancelled", "restore", "draft"),
        ("opened", "close", "closed"),
        ("closed", "count", "counted"),
        ("closed", "void", "void"),
        ("counted", "certify", "certified"),
        ("counted", "void", "void"),
        ("certified", "announce", "announced"),
    }
    assert set(ROUND) == set(RoundState)


def test_session_lifecycle_has_these_steps_and_no_other():
    assert walk(SESSION) == {("planned", "start", "running"), ("running", "end", "ended")}
    assert set(SESSION) == set(SessionState)


def test_state_as_plain_text_takes_the_same_steps():
    assert step(ROUND, "draft", "open") == "opened"


# --- opening ----------------------------------------------------------------------------------------------

CHIEF, TELLER = (1, "chief"), (2, "teller")
READY = {
    "state": RoundState.DRAFT,
    "rule": Rule(seats=10),
    "candidates": 12,
    "roster": 327,
    "present": 314,
    "zero_checked": True,
    "tellers": [CHIEF, TELLER],
}


def test_round_with_everything_may_open():
    assert check_open(**READY) == []


def test_opening_returns_the_warnings_of_the_rule():
    assert check_open(**READY | {"candidates": 20}) == ["差额比例为 100.00%，高于 50%，请确认是否合适。"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": RoundState.OPENED}, "wrong_state"),
        ({"state": RoundState.CLOSED}, "wrong_state"),
        ({"state": RoundState.CANCELLED}, "wrong_state"),
        ({"candidates": 0}, "no_candidates"),
        ({"candidates": 10}, "no_surplus"),
        ({"rule": Rule(seats=10, method="confirm")}, "not_equal"),
        ({"past_end": True}, "past_end"),
        ({"tellers": []}, "no_chief"),
        ({"tellers": [TELLER]}, "no_chief"),
        ({"tellers": [CHIEF]}, "no_teller"),
        ({"tellers": [CHIEF, (1, "teller")]}, "no_teller"),
        ({"tellers": [CHIEF, (2, "chief"), TELLER]}, "two_chiefs"),
        ({"zero_checked": False}, "no_zero_check"),
        ({"roster": 0, "present": 0}, "empty_roster"),
        ({"present": 328}, "present_exceeds_roster"),
        ({"present": 217}, "no_quorum"),
    ],
)
def test_opening_without_a_requirement_is_refused(change, code):
    with pytest.raises(RuleBroken) as refusal:
        check_open(**READY | change)
    assert refusal.value.code == code


def test_opening_below_quorum_says_how_many_are_missing():
    with pytest.raises(RuleBroken) as refusal:
        check_open(**READY | {"present": 200})
    assert (
        refusal.value.message == "实到 200 人，不足法定人数：应到 327 人，须实到 218 人以上，还差 18 人。"
        "票决没有开启，请待代表签到后再开启。"
    )


def test_round_opens_exactly_at_quorum():
    assert check_open(**READY | {"present": 218}) == []


# --- casting, closing, counting ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("draft", "not_open"),
        ("cancelled", "cancelled"),
        ("closed", "closed"),
        ("counted", "closed"),
        ("certified", "closed"),
        ("announced", "closed"),
        ("void", "closed"),
    ],
)
def test_ballot_for_a_box_that_is_not_open_is_refused(state, code):
    with pytest.raises(RuleBroken) as refusal:
        check_casting(state=RoundState(state))
    assert refusal.value.code == code


def test_open_round_takes_ballots_and_may_close():
    check_casting(state=RoundState.OPENED)
    check_close(state=RoundState.OPENED)


@pytest.mark.parametrize("state", [state for state in RoundState if state != RoundState.OPENED])
def test_close_of_a_round_that_is_not_open_is_refused(state):
    with pytest.raises(RuleBroken) as refusal:
        check_close(state=state)
    assert refusal.value.code == "wrong_state"


def test_count_before_the_close_or_with_paper_left_is_refused():
    check_count(state=RoundState.CLOSED)
    with pytest.raises(RuleBroken) as refusal:
        check_count(state=RoundState.OPENED)
    assert refusal.value.code == "wrong_state"
    with pytest.raises(RuleBroken) as refusal:
        check_count(state=RoundState.CLOSED, unsettled=3)
    assert refusal.value.message.startswith("还有 3 张纸质票")


# --- certifying -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        ([], False),
        ([CHIEF], False),
        ([TELLER], False),
        ([TELLER, (3, "teller")], False),
        ([CHIEF, CHIEF], False),
        ([CHIEF, (1, "teller")], False),
        ([CHIEF, (4, "clerk")], False),
        ([CHIEF, TELLER], True),
        ([TELLER, CHIEF], True),
        ([CHIEF, TELLER, (3, "teller")], True),
    ],
)
def test_certified_needs_the_chief_and_another_person(signatures, expected):
    assert certified(signatures) is expected


@pytest.mark.parametrize("state", [state for state in RoundState if state != RoundState.COUNTED])
def test_certify_of_a_round_that_is_not_counted_is_refused(state):
    with pytest.raises(RuleBroken) as refusal:
        step(ROUND, state, "certify")
    assert refusal.value.code == "wrong_state"


def test_counts_are_shown_only_once_signed():
    assert [str(state) for state in RoundState if shows_counts(state)] == ["certified", "announced"]

import pytest
from hypothesis import given, strategies as st

from tests.rules.voting.boxes import figures
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
    quorum_met,
    quorum_needed,
    shows_counts,
)
from votes.rules.meeting.rule import Rule

TWO_THIRDS = (2, 3)


def walk(table):
    return {(str(state), action, str(end)) for state, row in table.items() for action, end in row.items()}


def test_the_life_of_a_round():
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


def test_the_life_of_a_session():
    assert walk(SESSION) == {("planned", "start", "running"), ("running", "end", "ended")}
    assert set(SESSION) == set(SessionState)


def test_a_state_read_back_as_plain_text_walks_the_table():
    assert step(ROUND, "draft", "open") == "opened"


# --- quorum -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roster", "quorum", "needed"),
    [
        (3, TWO_THIRDS, 2),
        (4, TWO_THIRDS, 3),
        (180, TWO_THIRDS, 120),
        (181, TWO_THIRDS, 121),
        (195, TWO_THIRDS, 130),
        (327, TWO_THIRDS, 218),
        (521, TWO_THIRDS, 348),
        (1, TWO_THIRDS, 1),
        (34, (1, 2), 17),
        (7, (1, 1), 7),
    ],
)
def test_quorum_at_its_edge(roster, quorum, needed):
    assert quorum_needed(roster, quorum) == needed
    assert quorum_met(needed, roster, quorum)
    assert not quorum_met(needed - 1, roster, quorum)


@pytest.mark.parametrize("row", [row for row in figures("ballots_figures.csv") if "quorum" in row["note"]])
def test_published_quorums(row):
    roster, present = int(row["roster"]), int(row["present"])
    stated = int(row["note"].split("quorum at least ")[1].split(";")[0])
    assert quorum_needed(roster, TWO_THIRDS) == stated
    assert quorum_met(present, roster, TWO_THIRDS)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 60), st.integers(0, 60))
def test_needed_is_the_least_number_that_meets_the_quorum(present, roster, n, more):
    quorum = (n, n + more)
    assert quorum_met(present, roster, quorum) == (present >= quorum_needed(roster, quorum))


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


def test_a_round_that_has_everything_may_open():
    assert check_open(**READY) == []


def test_opening_hands_on_the_warnings_of_the_rule():
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
def test_what_keeps_a_round_from_opening(change, code):
    with pytest.raises(RuleBroken) as refusal:
        check_open(**READY | change)
    assert refusal.value.code == code


def test_a_missing_quorum_says_how_many_are_missing():
    with pytest.raises(RuleBroken) as refusal:
        check_open(**READY | {"present": 200})
    assert (
        refusal.value.message == "实到 200 人，不足法定人数：应到 327 人，须实到 218 人以上，还差 18 人。"
        "票决没有开启，请待代表签到后再开启。"
    )


def test_a_round_opens_exactly_at_quorum():
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
def test_no_ballot_goes_into_a_box_that_is_not_open(state, code):
    with pytest.raises(RuleBroken) as refusal:
        check_casting(state=RoundState(state))
    assert refusal.value.code == code


def test_an_open_round_takes_ballots_and_may_close():
    check_casting(state=RoundState.OPENED)
    check_close(state=RoundState.OPENED)


@pytest.mark.parametrize("state", [state for state in RoundState if state != RoundState.OPENED])
def test_only_an_open_round_closes(state):
    with pytest.raises(RuleBroken) as refusal:
        check_close(state=state)
    assert refusal.value.code == "wrong_state"


def test_counting_waits_for_the_close_and_for_the_paper():
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
def test_chief_and_another_person_must_sign(signatures, expected):
    assert certified(signatures) is expected


@pytest.mark.parametrize("state", [state for state in RoundState if state != RoundState.COUNTED])
def test_only_a_counted_round_is_certified(state):
    with pytest.raises(RuleBroken) as refusal:
        step(ROUND, state, "certify")
    assert refusal.value.code == "wrong_state"


def test_figures_are_shown_only_once_signed():
    assert [str(state) for state in RoundState if shows_counts(state)] == ["certified", "announced"]

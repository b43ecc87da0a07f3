"""Rehearsals: what is past, who may be made to vote, and ballots made up."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState as R, SessionState as S
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import check_marks, is_valid
from votes.rules.voting.rehearsal import check_random, check_sign_in, is_over, random_marks

NOON = datetime(2027, 1, 14, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rehearsal", "state", "opened", "started", "over"),
    [
        (True, R.DRAFT, None, None, False),
        (True, R.DRAFT, None, NOON, False),  # it may still be held beside the session
        (True, R.OPENED, NOON, None, False),
        (True, R.CERTIFIED, NOON, None, False),
        (True, R.CERTIFIED, NOON, NOON + HOUR, True),
        (True, R.COUNTED, NOON, NOON + HOUR, True),
        (True, R.OPENED, NOON, NOON - HOUR, False),
        (True, R.ANNOUNCED, NOON, None, True),
        (True, R.VOID, NOON, None, True),
        (True, R.CANCELLED, None, None, True),
        (False, R.ANNOUNCED, NOON, NOON + HOUR, False),
        (False, R.CERTIFIED, NOON, NOON + HOUR, False),
    ],
)
def test_when_a_rehearsal_is_past(rehearsal, state, opened, started, over):
    assert is_over(rehearsal, state, opened, started_at=started) is over


@pytest.mark.parametrize("state", R)
def test_nobody_votes_at_random_in_a_real_round(state):
    with pytest.raises(RuleBroken, match="正式票决"):
        check_random(rehearsal=False, state=state, number=1)


@pytest.mark.parametrize("state", R)
def test_at_random_only_while_the_box_is_open(state):
    if state == R.OPENED:
        check_random(rehearsal=True, state=state, number=1)
    else:
        with pytest.raises(RuleBroken, match="没有开启"):
            check_random(rehearsal=True, state=state, number=1)


@pytest.mark.parametrize("number", [0, -1, 5001, 10**30])
def test_how_many_must_be_a_number_of_people(number):
    with pytest.raises(RuleBroken, match="1 至 5000") as broken:
        check_random(rehearsal=True, state=R.OPENED, number=number)
    assert (broken.value.field, broken.value.status) == ("number", 422)
    with pytest.raises(RuleBroken, match="1 至 5000"):
        check_sign_in(session=S.PLANNED, rehearsal_on=True, number=number)


@pytest.mark.parametrize(
    ("session", "on", "words"),
    [
        (S.RUNNING, True, "正式签到"),
        (S.ENDED, True, "正式签到"),
        (S.PLANNED, False, "没有演练"),
        (S.PLANNED, True, ""),
    ],
)
def test_nobody_is_signed_in_by_the_system_once_the_session_has_begun(session, on, words):
    if not words:
        check_sign_in(session=session, rehearsal_on=on, number=3)
        return
    with pytest.raises(RuleBroken, match=words):
        check_sign_in(session=session, rehearsal_on=on, number=3)


rules = st.one_of(
    st.builds(Rule, seats=st.integers(1, 12), method=st.sampled_from(["choose", "threeway", "confirm"])),
    st.builds(Rule, seats=st.integers(1, 12), method=st.just("threeway"), overvote=st.just("allow")),
    st.just(Rule(seats=0, method="rating")),
)


@given(rules, st.integers(1, 30), st.integers())
def test_what_is_made_up_is_a_valid_ballot(rule, candidates, seed):
    numbers = list(range(1, candidates + 1))
    marks = random_marks(rule, numbers, Random(seed))
    check_marks(rule, numbers, marks)
    assert is_valid(rule, marks, False)


@pytest.mark.parametrize(
    "rule", [Rule(seats=3), Rule(seats=3, method="threeway"), Rule(seats=0, method="rating")]
)
def test_some_are_blank_most_are_not_and_they_differ(rule):
    made = [random_marks(rule, range(1, 6), Random(seed)) for seed in range(400)]
    assert 10 < sum(not marks for marks in made) < 80
    assert len({str(sorted(marks.items())) for marks in made}) > 10

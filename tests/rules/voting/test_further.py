"""Further rounds: the rule that decides them, and what the presidium may decide instead."""

import pytest
from hypothesis import given, strategies as st

from tests.rules.voting.boxes import box, full_house
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule, check
from votes.rules.supervision.ratings import Overall, overall
from votes.rules.voting.further import REASONS, NextStep, check_presidium, further_rule, next_step, nth
from votes.rules.voting.result import CastBallot, RatingCount, TurnoutFigures
from votes.rules.voting.tally import count

TIE = NextStep("tie_presidium", (2, 4, 7), 2)


@pytest.mark.parametrize(("ordinal", "words"), [(1, "第一轮"), (2, "第二轮"), (10, "第十轮"), (11, "第11轮")])
def test_rounds_are_counted_in_words(ordinal, words):
    assert nth(ordinal) == words


@pytest.mark.parametrize(
    ("rule", "step", "wanted"),
    [
        # (method, seats, majority, overvote) of the further round
        ({}, ("tie_rerun", (3, 4), 1), ("choose", 1, "none", "void_ballot")),
        ({"method": "threeway", "overvote": "allow"}, ("tie_rerun", (3, 4), 1), ("choose", 1, "none", "void_ballot")),
        ({"majority": "valid"}, ("shortfall_further", (1, 2, 3), 2), ("choose", 2, "valid", "void_ballot")),
        (
            {"method": "threeway", "overvote": "allow"},
            ("shortfall_further", (1, 2, 3), 2),
            ("threeway", 2, "roster", "allow"),
        ),
        (
            {"method": "threeway", "overvote": "allow"},
            ("shortfall_further", (1, 2), 2),
            ("confirm", 2, "roster", "void_ballot"),
        ),
        ({"method": "confirm"}, ("shortfall_further", (5,), 1), ("confirm", 1, "roster", "void_ballot")),
        ({"method": "threeway"}, ("void_again", (1, 2, 3, 4), 3), ("threeway", 3, "roster", "void_ballot")),
    ],
)  # fmt: skip
def test_the_rule_of_a_further_round(rule, step, wanted):
    made = further_rule(Rule(seats=3, quorum=(3, 4), **rule), NextStep(*step))
    assert (made.method, made.seats, made.majority, made.overvote) == wanted
    assert made.quorum == (3, 4), "what is not touched by the further vote stays as the congress passed it"
    check(made, len(step[1]))


@pytest.mark.parametrize("kind", ["none", "vacant", "tie_presidium"])
def test_other_steps_need_no_further_round(kind):
    assert kind not in REASONS
    with pytest.raises(RuleBroken, match="不需要再次投票"):
        further_rule(Rule(seats=3), NextStep(kind, (1,), 1))


@given(
    st.sampled_from(["choose", "threeway", "confirm"]),
    st.sampled_from(["roster", "valid", "none"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.lists(st.sets(st.integers(1, 7)), max_size=9),
)
def test_whatever_a_count_asks_for_can_be_held(method, majority, seats, surplus, wishes):
    """Each further round fits its list and has fewer seats or fewer candidates, or the same vote once more."""
    numbers = list(range(1, seats + (0 if method == "confirm" else surplus) + 1))
    rule = Rule(method=method, majority=majority, seats=seats, shortfall="further", quorum=(1, 2))
    for _ in range(3):
        ballots = [
            CastBallot(f"{i}", "phone", dict.fromkeys(sorted(wish & set(numbers)), "for"))
            for i, wish in enumerate(wishes)
        ]
        result = count(rule, TurnoutFigures(9, 9, 9, len(ballots)), numbers, ballots)
        step = next_step(rule, result)
        if step.kind not in REASONS:
            return
        rule, numbers = further_rule(rule, step), list(step.candidates)
        check(rule, len(numbers))
        assert rule.seats == result.seats_left


# --- the presidium ----------------------------------------------------------------------------------------


def test_the_presidium_takes_exactly_the_seats_left():
    assert check_presidium(TIE, {7, 2}) == [2, 7]


@pytest.mark.parametrize(
    ("step", "chosen", "words"),
    [
        (TIE, {2}, "应确定 2 项，现在选了 1 项"),
        (TIE, {2, 4, 7}, "现在选了 3 项"),
        (TIE, set(), "现在选了 0 项"),
        (TIE, {2, 3}, "第 3 项不在票数相等的项目之中"),
        (NextStep("tie_rerun", (2, 4), 1), {2}, "没有须另行决定"),
        (None, {2}, "没有须另行决定"),
    ],
)
def test_what_the_presidium_may_not_decide(step, chosen, words):
    with pytest.raises(RuleBroken, match=words):
        check_presidium(step, chosen)


# --- satisfaction as a whole --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "returned", "wanted"),
    [
        ([], 10, Overall(0, 0, 0)),
        ([(195, 27, 0, 0)], 222, Overall(195, 27, 222)),
        ([(5, 3, 2, 0), (4, 0, 0, 6)], 12, Overall(9, 3, 24)),  # two spoilt ballots stay in the base
    ],
)
def test_satisfaction_with_all_projects_together(rows, returned, wanted):
    counts = [RatingCount(no, *row, grade=None) for no, row in enumerate(rows, start=1)]
    found = overall(counts, returned)
    assert found == wanted
    assert found.favourable == wanted.satisfied + wanted.basically


@pytest.mark.parametrize(
    ("change", "votes", "expected"),
    [
        ({}, [9, 8, 7], NextStep("none")),
        ({}, [9, 7, 7], NextStep("tie_rerun", (2, 3), 1)),
        ({"tie": "presidium"}, [9, 7, 7], NextStep("tie_presidium", (2, 3), 1)),
        ({"shortfall": "further"}, [9, 7, 7], NextStep("tie_rerun", (2, 3), 1)),
        ({}, [9, 5, 5], NextStep("vacant", (), 1)),
        ({}, [5, 5, 5], NextStep("vacant", (), 2)),
        ({"shortfall": "further"}, [5, 9, 4], NextStep("shortfall_further", (1, 3), 1)),
        ({"shortfall": "further"}, [5, 5, 4], NextStep("shortfall_further", (1, 2, 3), 2)),
    ],
)
def test_what_the_rule_says_next(change, votes, expected):
    rule = Rule(**{"seats": 2, "method": "threeway", "overvote": "allow"} | change)
    result = count(rule, full_house(10), [1, 2, 3], box(dict(enumerate(votes, start=1)), 10))
    assert next_step(rule, result) == expected

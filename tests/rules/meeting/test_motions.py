"""Decisions by show of hands."""

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.meeting.motions import ShowOfHands, about_rule, check, passes


@pytest.mark.parametrize(
    ("votes_for", "roster", "passed"),
    [
        (91, 180, True),
        (90, 180, False),  # exactly half of all is not more than half
        (91, 181, True),
        (90, 181, False),
        (120, 327, False),  # all who came, and yet not half of all
        (164, 327, True),
        (18, 34, True),
        (17, 34, False),
        (1, 1, True),
        (1, 2, False),
        (0, 1, False),
    ],
)
def test_motion_passes_with_more_than_half_of_all_members(votes_for, roster, passed):
    assert passes(votes_for, roster) is passed


@given(st.integers(0, 4000), st.integers(1, 4000))
def test_one_more_vote_for_never_turns_a_pass_back(votes_for, roster):
    assert passes(votes_for + 1, roster) >= passes(votes_for, roster)
    assert passes(roster // 2 + 1, roster)
    assert not passes(roster // 2, roster)


@pytest.mark.parametrize(
    ("figures", "field", "code"),
    [
        (ShowOfHands(0, 0, 0, 0, 0), "roster", "bad_figure"),
        (ShowOfHands(-1, 0, 0, 0, 0), "roster", "bad_figure"),
        (ShowOfHands(180, -1, 0, 0, 0), "present", "bad_figure"),
        (ShowOfHands(180, 171, -1, 0, 0), "votes_for", "bad_figure"),
        (ShowOfHands(180, 171, 0, -1, 0), "votes_against", "bad_figure"),
        (ShowOfHands(180, 171, 0, 0, -1), "abstentions", "bad_figure"),
        (ShowOfHands(180, 181, 0, 0, 0), "present", "present_exceeds_roster"),
        (ShowOfHands(180, 171, 170, 1, 1), "votes_for", "votes_exceed_present"),
    ],
)
def test_impossible_figures_are_refused_at_their_field(figures, field, code):
    with pytest.raises(RuleBroken) as refusal:
        check(figures)
    assert (refusal.value.field, refusal.value.code, refusal.value.status) == (field, code, 422)


@pytest.mark.parametrize(
    ("figures", "not_voting"),
    [
        (ShowOfHands(180, 171, 171, 0, 0), 0),
        (ShowOfHands(180, 171, 160, 1, 2), 8),
        (ShowOfHands(180, 180, 0, 0, 0), 180),
        (ShowOfHands(1, 0, 0, 0, 0), 0),
    ],
)
def test_raising_no_hand_is_no_abstention(figures, not_voting):
    check(figures)
    assert figures.not_voting == not_voting


@pytest.mark.parametrize(
    ("title", "about_the_rule"),
    [
        ("票决办法（草案）", True),
        ("示例县2027年民生实事项目票决办法", True),
        ("2027年民生实事项目人大代表表决办法（草案）", True),
        ("总监票人、监票人名单（草案）", False),
        ("关于2027年民生实事项目的决议", False),
        ("", False),
    ],
)
def test_motion_about_the_rule_is_known_by_its_title(title, about_the_rule):
    assert about_rule(title) is about_the_rule

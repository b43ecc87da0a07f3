"""Which papers of the day exist when, and what a list of ballots may not say."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.voting import meeting_documents as rules


def test_the_table_says_why_for_every_state():
    for state in RoundState:
        for key in rules.BY_KEY:
            words = rules.missing(key, state, returned=20, small_body=20, disclosure="ballots")
            assert bool(words) == (state not in rules.BY_KEY[key].states)


@pytest.mark.parametrize(("returned", "there"), [(19, False), (20, True)])
def test_the_slips_of_a_small_round_stay_in_the_archive(returned, there):
    words = rules.missing(
        "slips", RoundState.CERTIFIED, returned=returned, small_body=20, disclosure="ballots"
    )
    assert (words == "") == there


@pytest.mark.parametrize(("disclosure", "there"), [("ballots", True), ("codes", False), ("none", False)])
def test_the_slips_leave_the_archive_where_the_rule_discloses_ballots(disclosure, there):
    words = rules.missing("slips", RoundState.CERTIFIED, returned=20, small_body=20, disclosure=disclosure)
    assert (words == "") == there


@pytest.mark.parametrize(
    ("phones", "papers_", "small", "said"), [(30, 30, 20, True), (30, 19, 20, False), (30, 0, 20, False), (0, 30, 20, False), (5, 5, 0, True)]
)  # fmt: skip
def test_where_a_ballot_came_from_is_said_only_of_large_ways(phones, papers_, small, said):
    assert rules.says_source(["phone"] * phones + ["paper"] * papers_, small) == said


def test_what_is_missing_is_refused_by_name():
    with pytest.raises(RuleBroken, match="计票报告单：总监票人和监票人签字确认后才能生成"):
        rules.check("sheet", RoundState.COUNTED)
    rules.check("sheet", RoundState.CERTIFIED)

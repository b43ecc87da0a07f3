"""Results as the record has them, and the ranking that is shown."""

from tests.rules.voting.boxes import box, full_house
from votes.rules.meeting.rule import Rule
from votes.rules.voting.result import Ranked, ranking
from votes.rules.voting.tally import count


def test_the_result_as_the_record_has_it():
    result = count(Rule(seats=2), full_house(10), [3, 1, 2], box({3: 8, 1: 6, 2: 1}, 10))
    assert result.to_dict() == {
        "valid": 10,
        "invalid": 0,
        "counts": [
            {"no": 3, "for": 8, "against": 0, "abstain": 2, "outcome": "selected"},
            {"no": 1, "for": 6, "against": 0, "abstain": 4, "outcome": "selected"},
            {"no": 2, "for": 1, "against": 0, "abstain": 9, "outcome": "no_majority"},
        ],
        "selected": [1, 3],
        "undecided": [],
        "seats_left": 0,
    }


def test_the_ranking_shares_ranks_and_draws_the_cut():
    rule = Rule(seats=3, method="threeway", overvote="allow")
    result = count(rule, full_house(10), [1, 2, 3, 4, 5], box({1: 6, 2: 9, 3: 7, 4: 9, 5: 0}, 10))
    assert ranking(result) == [
        Ranked(1, 2, 9, "selected"),
        Ranked(1, 4, 9, "selected"),
        Ranked(3, 3, 7, "selected", cut_below=True),
        Ranked(4, 1, 6, "not_selected"),
        Ranked(5, 5, 0, "no_majority"),
    ]


def test_the_cut_of_a_tie_lies_above_the_tied():
    rule = Rule(seats=2, method="threeway", overvote="allow")
    result = count(rule, full_house(10), [1, 2, 3], box({1: 7, 2: 9, 3: 7}, 10))
    assert ranking(result) == [
        Ranked(1, 2, 9, "selected", cut_below=True),
        Ranked(2, 1, 7, "undecided"),
        Ranked(2, 3, 7, "undecided"),
    ]


def test_there_is_no_cut_where_nobody_is_selected():
    result = count(Rule(seats=1), full_house(10), [1, 2], box({1: 5, 2: 4}, 10))
    assert [row.cut_below for row in ranking(result)] == [False, False]

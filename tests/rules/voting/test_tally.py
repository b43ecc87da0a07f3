"""Tables of cases for counting, each bullet of the counting rules, and the published figures."""

import random
import time

import pytest

from tests.rules.voting.boxes import box, columns, figures, full_house, papers
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.further import NextStep, next_step
from votes.rules.voting.reconciliation import PublishedRating, reconcile, reconcile_rating
from votes.rules.voting.result import CastBallot, TurnoutFigures, VoteCount, ranking
from votes.rules.voting.tally import count, grade, may_stand_apart

WORDS = {"s": "selected", "n": "not_selected", "u": "undecided", "-": "no_majority"}


def outcomes(result):
    letters = {word: letter for letter, word in WORDS.items()}
    return "".join(letters[row.outcome] for row in result.counts)


# --- who is selected --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "seats", "expected", "seats_left"),
    [
        # roster 100: 51 is a majority, 50 is not
        pytest.param([90, 80, 70], 2, "ssn", 0, id="most votes win"),
        pytest.param([70, 80, 90], 2, "nss", 0, id="the printed number does not"),
        pytest.param([51, 50, 49], 2, "s--", 1, id="exactly half is no majority"),
        pytest.param([51, 51, 50], 2, "ss-", 0, id="just as many pass as there are seats"),
        pytest.param([90, 60, 60], 2, "suu", 1, id="tie across the cut"),
        pytest.param([60, 90, 60], 2, "usu", 1, id="tie across the cut whatever the order"),
        pytest.param([60, 60, 60], 2, "uuu", 2, id="everybody tied"),
        pytest.param([90, 60, 60, 60, 55], 3, "suuun", 2, id="three tied for two seats, one below"),
        pytest.param([90, 90, 60, 60, 55], 3, "ssuun", 1, id="equals above the cut are selected"),
        pytest.param([90, 80, 60, 60], 2, "ssnn", 0, id="a tie below the cut decides nothing"),
        pytest.param([90, 90, 60], 2, "ssn", 0, id="a tie above the cut decides nothing"),
        pytest.param([90, 60, 60, 50], 3, "sss-", 0, id="a tie that fits the seats"),
        pytest.param([90, 50, 50], 2, "s--", 1, id="equals without a majority are no tie"),
        pytest.param([50, 40, 0], 2, "---", 2, id="nobody passes"),
        pytest.param([0, 0, 0], 1, "---", 1, id="nobody is chosen"),
        pytest.param([100, 100], 1, "uu", 1, id="everybody for both"),
    ],
)
def test_the_cut(votes, seats, expected, seats_left):
    rule = Rule(seats=seats, method="threeway", overvote="allow")
    numbers = list(range(1, len(votes) + 1))
    result = count(rule, full_house(100), numbers, box(dict(zip(numbers, votes, strict=True)), 100))
    assert outcomes(result) == expected
    assert [row.for_ for row in result.counts] == votes
    assert result.selected == tuple(no for no, letter in zip(numbers, expected, strict=True) if letter == "s")
    assert result.undecided == tuple(
        no for no, letter in zip(numbers, expected, strict=True) if letter == "u"
    )
    assert result.seats_left == seats_left
    assert reconcile(full_house(100), result, rule) == []


@pytest.mark.parametrize(
    ("majority", "approvals", "passes"),
    [
        # roster 195, present 150, returned 149, one of them spoilt: 148 valid
        ("roster", 98, True),
        ("roster", 97, False),
        ("present", 76, True),
        ("present", 75, False),
        ("valid", 75, True),
        ("valid", 74, False),
        ("none", 1, True),
        ("none", 0, False),
    ],
)
def test_majority_of_whom(majority, approvals, passes):
    ballots = [*box({1: approvals}, 148), CastBallot("SPOILT", "paper", {}, spoilt=True)]
    result = count(Rule(seats=1, majority=majority), TurnoutFigures(195, 150, 150, 149), [1, 2], ballots)
    assert (result.valid, result.invalid) == (148, 1)
    assert result.selected == ((1,) if passes else ())


def test_a_relative_majority_goes_by_votes_alone():
    rule = Rule(seats=2, majority="none")
    result = count(rule, full_house(100), [1, 2, 3, 4], box({1: 3, 2: 0, 3: 7, 4: 1}, 100))
    assert outcomes(result) == "s-sn"


def test_uncast_ballots_are_no_abstentions():
    result = count(Rule(seats=1), TurnoutFigures(10, 9, 9, 7), [1, 2], box({1: 6}, 7))
    assert result.counts[0] == VoteCount(1, for_=6, against=0, abstain=1, outcome="selected")


# --- which ballots count ----------------------------------------------------------------------------------


def test_an_overfull_ballot_is_invalid_as_a_whole():
    ballots = papers([{1: "for", 2: "for", 3: "for"}, {1: "for", 2: "for"}, {1: "for"}, {}])
    result = count(Rule(seats=2), full_house(4), [1, 2, 3], ballots)
    assert (result.valid, result.invalid) == (3, 1)
    assert [row.for_ for row in result.counts] == [2, 1, 0]


def test_where_the_rule_allows_it_an_overfull_ballot_counts():
    ballots = papers([{1: "for", 2: "for", 3: "for"}])
    rule = Rule(seats=2, method="threeway", overvote="allow")
    result = count(rule, full_house(1), [1, 2, 3], ballots)
    assert (result.valid, [row.for_ for row in result.counts]) == (1, [1, 1, 1])


def test_choosing_knows_no_against():
    marks = [{1: "for"}, {1: "against"}, {1: "abstain"}, {}]
    assert count(Rule(seats=1), full_house(4), [1, 2], papers(marks)).counts[0] == VoteCount(
        1, for_=1, against=0, abstain=3, outcome="no_majority"
    )
    assert count(Rule(seats=1, method="threeway"), full_house(4), [1, 2], papers(marks)).counts[
        0
    ] == VoteCount(1, for_=1, against=1, abstain=2, outcome="no_majority")


def test_phone_and_paper_are_summed():
    ballots = [
        CastBallot("A", "phone", {1: "for"}),
        CastBallot("B", "paper", {1: "for"}),
        CastBallot("C", "paper", {}, spoilt=True),
    ]
    result = count(Rule(seats=1), full_house(3), [1, 2], ballots)
    assert (result.valid, result.invalid, result.counts[0].for_) == (2, 1, 2)


def test_a_confirmation_needs_the_majority_item_by_item():
    rule = Rule(seats=3, method="confirm")
    votes = {1: {"for": 8, "against": 2}, 2: {"for": 5, "against": 5}, 3: {"for": 6}}
    result = count(rule, full_house(10), [1, 2, 3], columns(votes, 10))
    assert outcomes(result) == "s-s"
    assert result.counts[2] == VoteCount(3, for_=6, against=0, abstain=4, outcome="selected")
    assert next_step(rule, result) == NextStep("vacant", seats=1)


# --- when the vote as a whole does not stand --------------------------------------------------------------


@pytest.mark.parametrize(
    ("turnout", "void"),
    [
        (TurnoutFigures(6, 5, 5, 5), None),
        (TurnoutFigures(6, 5, 6, 5), None),
        (TurnoutFigures(6, 5, 4, 5), "returned_exceeds_issued"),
        (TurnoutFigures(6, 4, 5, 5), None),
        (TurnoutFigures(7, 4, 5, 5), "no_quorum"),
        (TurnoutFigures(6, 3, 5, 5), "no_quorum"),
        (TurnoutFigures(6, 3, 4, 5), "returned_exceeds_issued"),
    ],
)
def test_a_void_round_selects_nobody(turnout, void):
    rule = Rule(seats=1, majority="valid")
    result = count(rule, turnout, [2, 1], box({1: 5}, 5))
    assert result.void == void
    assert result.to_dict().get("void") == void
    assert ("void" in result.to_dict()) is (void is not None)
    if void:
        assert outcomes(result) == "uu"
        assert (result.selected, result.undecided, result.seats_left) == ((), (1, 2), 1)
        assert result.counts[1].for_ == 5
        assert next_step(rule, result) == NextStep("void_again", (1, 2), 1)
    else:
        assert result.selected == (1,)


@pytest.mark.parametrize("returned", [4, 6, 0])
def test_the_box_must_hold_what_was_returned(returned):
    with pytest.raises(RuleBroken) as refusal:
        count(Rule(seats=1), TurnoutFigures(6, 6, 6, returned), [1, 2], box({1: 5}, 5))
    assert refusal.value.code == "returned_mismatch"
    assert refusal.value.message.startswith(f"收回 {returned} 张，而票箱中有 5 张票")


def test_an_empty_box_counts():
    result = count(Rule(seats=1), TurnoutFigures(6, 6, 6, 0), [1, 2], [])
    assert (result.valid, result.invalid, outcomes(result)) == (0, 0, "--")


@pytest.mark.parametrize(
    ("rule", "candidates", "marks", "code"),
    [
        (Rule(seats=1), [1, 2], {3: "for"}, "unknown_mark"),
        (Rule(seats=1), [1, 2], {1: "yes"}, "unknown_mark"),
        (Rule(seats=1), [1, 2], {1: "satisfied"}, "unknown_mark"),
        (Rule(seats=0, method="rating"), [1, 2], {1: "for"}, "unknown_mark"),
        (Rule(seats=1), [1, 1], {1: "for"}, "duplicate_number"),
        (Rule(seats=0), [1, 2], {1: "for"}, "bad_rule"),
    ],
)
def test_what_cannot_be_counted(rule, candidates, marks, code):
    with pytest.raises(RuleBroken) as refusal:
        count(rule, full_house(1), candidates, papers([marks]))
    assert refusal.value.code == code


# --- what is published ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "paper", "small", "apart"),
    [(30, 20, 20, True), (30, 19, 20, False), (19, 30, 20, False), (30, 0, 20, False), (1, 1, 0, True)],
)
def test_a_small_way_of_voting_is_not_counted_apart(phone, paper, small, apart):
    assert may_stand_apart(phone, paper, small) == apart


# --- published figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [row for row in figures("ballots_figures.csv") if "majority" in row["note"]])
def test_published_majorities(row):
    stated = int(row["note"].split("majority at least ")[1].split(";")[0])
    roster, present = int(row["roster"]), int(row["present"])
    turnout = TurnoutFigures(roster, present, present, present)
    result = count(Rule(seats=2), turnout, [1, 2, 3], box({1: stated, 2: stated - 1}, present))
    assert outcomes(result) == "s--"


@pytest.mark.parametrize(
    "row",
    [row for row in figures("ballots_figures.csv") if row["for"] and not row["note"].startswith("satisfied")],
)
def test_published_single_votes(row):
    returned = int(row["returned"])
    given = {word: int(row[word] or 0) for word in ("for", "against", "abstain")}
    result = count(
        Rule(seats=1, method="threeway"), full_house(returned), [1, 2], columns({1: given}, returned)
    )
    first = result.counts[0]
    assert (first.for_, first.against) == (given["for"], given["against"])
    assert first.for_ + first.against + first.abstain == returned
    assert result.selected == (1,)


def test_a_published_percentage():
    row = next(row for row in figures("ballots_figures.csv") if "93.3 percent" in row["note"])
    approvals, returned = int(row["for"]), int(row["returned"])
    result = count(Rule(seats=1), full_house(returned), [1, 2], box({1: approvals, 2: 3}, returned))
    assert round(result.counts[0].for_ * 100 / result.valid, 1) == 93.3
    assert result.selected == (1,)


@pytest.mark.parametrize("place", ["始兴县", "仁化县", "三水瑶族乡"])
def test_published_lists_come_out_of_the_count(place):
    """The winners are real; losers and votes were not published, so the losers stand here in between."""
    rows = [row for row in figures("selected_lists.csv") if row["place"] == place]
    voters, candidates, seats = (int(rows[0][key]) for key in ("voters", "candidates", "seats"))
    assert len(rows) == seats == candidates - 2
    losers = {2, candidates - 1}
    winners = sorted(set(range(1, candidates + 1)) - losers)
    votes = {no: voters * 7 // 10 + place for place, no in enumerate(winners)}
    votes |= dict.fromkeys(losers, voters // 2 + 1)
    ballots = box(votes, voters)
    result = count(Rule(seats=seats), full_house(voters), range(1, candidates + 1), ballots)
    assert result.valid == voters
    assert list(result.selected) == winners
    assert result.undecided == ()
    assert {row.no for row in result.counts if row.outcome == "not_selected"} == losers


# --- rating -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("satisfied", "basically", "roster", "by_half"),
    [
        # by_half: the grade when half is enough for 满意 only, for both, for neither
        (18, 0, 34, ("satisfied", "satisfied", "satisfied")),
        (17, 0, 34, ("satisfied", "satisfied", "dissatisfied")),
        (17, 1, 34, ("satisfied", "satisfied", "basically")),
        (16, 2, 34, ("basically", "basically", "basically")),
        (16, 1, 34, ("dissatisfied", "basically", "dissatisfied")),
        (16, 0, 34, ("dissatisfied", "dissatisfied", "dissatisfied")),
        (18, 0, 35, ("satisfied", "satisfied", "satisfied")),
        (17, 0, 35, ("dissatisfied", "dissatisfied", "dissatisfied")),
        (17, 1, 35, ("basically", "basically", "basically")),
        (0, 0, 34, ("dissatisfied", "dissatisfied", "dissatisfied")),
    ],
)
def test_grades_at_exactly_half(satisfied, basically, roster, by_half):
    assert (
        tuple(grade(satisfied, basically, roster, half) for half in ("satisfied", "both", "neither"))
        == by_half
    )


RATING = Rule(seats=0, method="rating")


def test_a_rating_voids_items_not_ballots():
    marks = [
        {1: "satisfied", 2: "basically"},
        {1: "satisfied"},
        {1: "satisfied", 2: "dissatisfied"},
        {},
    ]
    ballots = [*papers(marks), CastBallot("SPOILT", "paper", {}, spoilt=True)]
    result = count(RATING, TurnoutFigures(6, 5, 5, 5), [1, 2], ballots)
    assert result.to_dict() == {
        "valid": 4,
        "invalid": 1,
        "counts": [
            {"no": 1, "satisfied": 3, "basically": 0, "dissatisfied": 0, "void": 1, "grade": "satisfied"},
            {"no": 2, "satisfied": 0, "basically": 1, "dissatisfied": 1, "void": 2, "grade": "dissatisfied"},
        ],
        "selected": [],
        "undecided": [],
        "seats_left": 0,
    }
    assert next_step(RATING, result) == NextStep("none")
    assert [(row.rank, row.no, row.votes, row.outcome) for row in ranking(result)] == [
        (1, 1, 3, "satisfied"),
        (2, 2, 0, "dissatisfied"),
    ]


def test_a_void_rating_gives_no_grade():
    result = count(RATING, TurnoutFigures(6, 3, 3, 3), [1], papers([{1: "satisfied"}] * 3))
    assert (result.void, result.ratings[0].grade, result.undecided) == ("no_quorum", None, (1,))
    assert next_step(RATING, result) == NextStep("void_again", (1,), 0)


def ratings(name):
    return [
        PublishedRating(
            row["project"], int(row["satisfied"]), int(row["basically"]), int(row["dissatisfied"])
        )
        for row in figures(name)
    ]


def rate(rows, roster, returned):
    votes = {
        no: {"satisfied": row.satisfied, "basically": row.basically, "dissatisfied": row.dissatisfied}
        for no, row in enumerate(rows, start=1)
    }
    turnout = TurnoutFigures(roster, returned, returned, returned)
    return count(RATING, turnout, list(votes), columns(votes, returned))


def test_the_ratings_of_ninghai_are_all_satisfied():
    rows = ratings("ninghai_2020_ratings.csv")[1:]
    result = rate(rows, roster=231, returned=222)
    assert [(row.satisfied, row.basically, row.dissatisfied, row.void) for row in result.ratings] == [
        (*row[1:4], 0) for row in rows
    ]
    assert {row.grade for row in result.ratings} == {"satisfied"}


def test_the_ratings_of_zhenhai_are_all_satisfied_up_to_34_members():
    rows = ratings("zhenhai_2022_ratings.csv")
    assert reconcile_rating(rows, 29) == []
    assert {row.grade for row in rate(rows, roster=34, returned=29).ratings} == {"satisfied"}
    wider = {row.no: row.grade for row in rate(rows, roster=35, returned=29).ratings}
    assert [no for no, given in wider.items() if given == "basically"] == [5, 7]


@pytest.mark.parametrize(
    "row", [row for row in figures("ballots_figures.csv") if row["note"].startswith("satisfied")]
)
def test_published_single_ratings(row):
    given = PublishedRating(row["place"], int(row["for"]), int(row["against"]), int(row["abstain"]))
    returned = int(row["returned"])
    assert reconcile_rating([given], returned) == []
    assert rate([given], returned, returned).ratings[0].grade == "satisfied"


# --- size -------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_ballots_are_counted_in_a_moment():
    size = 100_000
    dealer = random.Random(18)
    patterns = [dict.fromkeys(dealer.sample(range(1, 31), 10), "for") for _ in range(500)]
    ballots = [CastBallot(str(place), "phone", patterns[place % 500]) for place in range(size)]
    started = time.thread_time()
    result = count(Rule(seats=10), full_house(size), list(range(1, 31)), ballots)
    assert time.thread_time() - started < 3
    assert sum(row.for_ for row in result.counts) == 10 * size

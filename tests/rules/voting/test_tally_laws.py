"""What holds for every count, whatever the votes: laws tried on generated rounds."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, strategies as st

from tests.rules.voting.boxes import by_hand
from votes.rules.meeting.rule import Rule
from votes.rules.voting.further import next_step
from votes.rules.voting.reconciliation import reconcile
from votes.rules.voting.result import CastBallot, TurnoutFigures, ranking
from votes.rules.voting.tally import count


@st.composite
def rounds(draw):
    """Draw a rule, a turnout, candidates in some order and a box of ballots, ties and overfull ballots included."""
    size = draw(st.integers(1, 6))
    numbers = draw(st.permutations(range(1, size + 1)))
    rule = Rule(
        seats=draw(st.integers(1, size)),
        method=draw(st.sampled_from(["choose", "threeway", "confirm"])),
        majority=draw(st.sampled_from(["roster", "present", "valid", "none"])),
        overvote=draw(st.sampled_from(["void_ballot", "allow"])),
        shortfall=draw(st.sampled_from(["vacant", "further"])),
    )
    word = st.sampled_from(["for", "for", "against", "abstain", ""])
    box = draw(st.lists(st.lists(word, min_size=size, max_size=size), max_size=9))
    ballots = [
        CastBallot(
            f"C{place}",
            "paper",
            {no: mark for no, mark in zip(numbers, marks, strict=True) if mark},
            spoilt=draw(st.integers(0, 9)) == 9,
        )
        for place, marks in enumerate(box)
    ]
    issued = len(ballots) + draw(st.sampled_from([0, 0, 0, 1, -1]))
    present = max(issued, 0) + draw(st.integers(0, 1))
    roster = present + draw(st.integers(0, 3))
    turnout = TurnoutFigures(roster, present, max(issued, 0), len(ballots))
    return rule, turnout, numbers, ballots


@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_never_matters(case, shuffler):
    rule, turnout, numbers, ballots = case
    shuffled = list(ballots)
    shuffler.shuffle(shuffled)
    assert count(rule, turnout, numbers, shuffled) == count(rule, turnout, numbers, ballots)


@given(rounds(), st.data())
def test_nobody_is_selected_by_printed_number(case, data):
    """Print other numbers, and every project keeps its votes and its outcome."""
    rule, turnout, numbers, ballots = case
    fresh = data.draw(st.lists(st.integers(1, 99), min_size=len(numbers), max_size=len(numbers), unique=True))
    new = dict(zip(numbers, fresh, strict=True))
    renumbered = [replace(b, marks={new[no]: mark for no, mark in b.marks.items()}) for b in ballots]
    before = count(rule, turnout, numbers, ballots)
    after = count(rule, turnout, fresh, renumbered)
    assert after.counts == tuple(replace(row, no=new[row.no]) for row in before.counts)
    assert after.selected == tuple(sorted(new[no] for no in before.selected))
    assert after.undecided == tuple(sorted(new[no] for no in before.undecided))
    assert after.seats_left == before.seats_left


@given(rounds())
def test_selected_never_exceeds_seats_and_the_lists_agree_with_the_outcomes(case):
    rule, turnout, numbers, ballots = case
    result = count(rule, turnout, numbers, ballots)
    assert len(result.selected) <= rule.seats
    assert result.seats_left == rule.seats - len(result.selected)
    assert result.selected == tuple(sorted(row.no for row in result.counts if row.outcome == "selected"))
    assert result.undecided == tuple(sorted(row.no for row in result.counts if row.outcome == "undecided"))
    assert [row.no for row in result.counts] == list(numbers)
    if result.undecided and not result.void:
        assert 0 < result.seats_left < len(result.undecided)


@given(rounds())
def test_the_cut_divides_strictly(case):
    """Whoever is selected has strictly more votes than whoever passed and is not; equals share one fate."""
    rule, turnout, numbers, ballots = case
    result = count(rule, turnout, numbers, ballots)
    if result.void:
        assert result.selected == ()
        return
    order = ["selected", "undecided", "not_selected", "no_majority"]
    rows = sorted(result.counts, key=lambda row: -row.for_)
    for above, below in pairwise(rows):
        if above.for_ == below.for_:
            assert above.outcome == below.outcome
        else:
            assert order.index(above.outcome) <= order.index(below.outcome)
    tied = {row.for_ for row in result.counts if row.outcome == "undecided"}
    assert len(tied) <= 1


@given(rounds())
def test_no_seat_stays_empty_while_somebody_passed_stands_outside(case):
    rule, turnout, numbers, ballots = case
    result = count(rule, turnout, numbers, ballots)
    if any(row.outcome == "not_selected" for row in result.counts):
        assert result.seats_left == 0 or result.undecided


@given(rounds())
def test_every_ballot_is_accounted_for(case):
    rule, turnout, numbers, ballots = case
    result = count(rule, turnout, numbers, ballots)
    assert result.valid + result.invalid == turnout.returned == len(ballots)
    for row in result.counts:
        assert row.for_ + row.against + row.abstain == result.valid
        assert min(row.for_, row.against, row.abstain) >= 0
    if result.void is None:
        assert reconcile(turnout, result, rule) == []


@given(rounds())
def test_another_vote_for_a_project_never_takes_it_off_the_list(case):
    rule, turnout, numbers, ballots = case
    rule = replace(rule, method="threeway", overvote="allow")  # so that the further mark spoils no ballot
    before = count(rule, turnout, numbers, ballots)
    for no in before.selected:
        more = [replace(ballot, marks={**ballot.marks, no: "for"}) for ballot in ballots]
        assert no in count(rule, turnout, numbers, more).selected


@given(rounds())
def test_the_ranking_lists_everybody_once_from_most_to_fewest(case):
    result = count(*case)
    rows = ranking(result)
    assert sorted(row.no for row in rows) == sorted(row.no for row in result.counts)
    for row in rows:
        assert row.rank == 1 + sum(other.votes > row.votes for other in rows)
    above = next((place for place, row in enumerate(rows, start=1) if row.cut_below), 0)
    assert {row.no for row in rows[:above]} == set(result.selected)


@given(rounds())
def test_what_comes_next_fills_exactly_the_seats_left(case):
    rule, turnout, numbers, ballots = case
    result = count(rule, turnout, numbers, ballots)
    step = next_step(rule, result)
    assert step.seats == (0 if step.kind == "none" else result.seats_left)
    assert (step.kind == "none") == (result.seats_left == 0 and not result.void)
    assert not set(step.candidates) & set(result.selected)
    if step.kind in ("tie_rerun", "tie_presidium"):
        assert len(step.candidates) > step.seats
    if step.kind == "shortfall_further":
        assert len(step.candidates) >= step.seats


@given(rounds(), st.data())
def test_ballots_counted_by_hand_count_as_they_would_one_by_one(case, data):
    """Any of the ballots may lie in boxes of which only the sums are known."""
    rule, turnout, numbers, ballots = case
    where = [data.draw(st.integers(0, 2)) for _ in ballots]
    loose = [ballot for ballot, no in zip(ballots, where, strict=True) if no == 0]
    boxes = [
        by_hand(rule, no, [ballot for ballot, at in zip(ballots, where, strict=True) if at == no])
        for no in (1, 2)
    ]
    assert count(rule, turnout, numbers, loose, boxes) == count(rule, turnout, numbers, ballots)

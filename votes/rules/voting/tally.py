"""Counting (计票): ballots in, figures and outcome out. Plain arithmetic on whole numbers, in one pass."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from votes.rules.errors import RuleBroken
from votes.rules.meeting.quorum import quorum_met
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, RATINGS, Source, is_valid
from votes.rules.voting.reconciliation import box_complaints
from votes.rules.voting.result import (
    NO_MAJORITY,
    NO_QUORUM,
    NOT_SELECTED,
    RETURNED_EXCEEDS_ISSUED,
    SELECTED,
    UNDECIDED,
    BoxTotal,
    CastBallot,
    RatingCount,
    Result,
    TurnoutFigures,
    VoteCount,
)

#: The number of each mark among the valid ballots, by printed number.
Votes = dict[int, dict[str, int]]


def count(
    rule: Rule,
    turnout: TurnoutFigures,
    candidates: Sequence[int],
    ballots: Iterable[CastBallot],
    boxes: Sequence[BoxTotal] = (),
) -> Result:
    """Count the ballots of one round.

    `candidates` are the printed numbers in ballot order; the counts come in the same order. The sums of `boxes`
    (papers counted by hand) are added.
    Sources: majority of all deputies 地方组织法 art. 25; most votes win and ties are voted on again art. 29 and
    选举法 art. 45; a vote with more ballots returned than issued is void 选举法 art. 44; quorum 地方组织法 art. 14.
    Raises RuleBroken when `turnout.returned` is not the number of ballots, when a ballot marks a number that is
    not a candidate or carries an unknown mark, when two candidates share a number, and for a box whose sums are
    impossible (`box_complaints`).
    """
    if len(set(candidates)) != len(candidates):
        raise _refuse("候选项目的编号有重复，无法计票。", "candidates", "duplicate_number")
    if rule.method != "rating" and rule.seats < 1:
        raise _refuse("应选名额至少为 1 项，无法计票。", "seats", "bad_rule")
    words = RATINGS if rule.method == "rating" else (FOR, AGAINST, ABSTAIN)
    votes = {no: dict.fromkeys(words, 0) for no in candidates}
    returned = invalid = papers = 0
    for ballot in ballots:
        returned += 1
        papers += ballot.source == Source.PAPER
        if is_valid(rule, ballot.marks, ballot.spoilt):
            _add_ballot(votes, ballot)
        else:
            invalid += 1
    for box in boxes:
        if complaints := box_complaints(rule, candidates, box):
            raise _refuse(f"第 {box.no} 号票箱：{'；'.join(complaints)}", "boxes", "box_sums")
        returned += box.returned
        papers += box.returned
        invalid += box.invalid
        _add_box(votes, box)
    if returned != turnout.returned:
        message = (
            f"收回 {turnout.returned} 张，而票箱中有 {returned} 张票，两数不符，无法计票。请核对后重新计票。"
        )
        raise _refuse(message, "returned", "returned_mismatch")
    figures = Result(
        valid=returned - invalid,
        invalid=invalid,
        selected=(),
        undecided=(),
        seats_left=rule.seats,
        void=_void(rule, turnout, papers),
    )
    decide = _rate if rule.method == "rating" else _decide
    return decide(figures, rule, turnout, votes)


def _refuse(words: str, field: str, code: str) -> RuleBroken:
    return RuleBroken(words, field=field, code=code, status=422)


def _add_ballot(votes: Votes, ballot: CastBallot) -> None:
    for no, mark in ballot.marks.items():
        try:
            votes[no][mark] += 1
        except KeyError:
            words = f"回执码为 {ballot.code} 的票上，第 {no} 项的标记“{mark}”无法识别，无法计票。"
            raise _refuse(words, "ballots", "unknown_mark") from None


def _add_box(votes: Votes, box: BoxTotal) -> None:
    for no, figures in box.counts.items():
        for mark in figures.keys() & votes[no].keys():
            votes[no][mark] += figures[mark]


def may_stand_apart(phone: int, paper: int, small_body: int) -> bool:
    """Return True when phones and papers may be counted apart, whoever sees it.

    Who voted on paper is known by name, so neither of the two may have fewer than `small_body` ballots.
    """
    return min(phone, paper) >= small_body


def _void(rule: Rule, turnout: TurnoutFigures, papers: int) -> str | None:
    if turnout.returned > turnout.issued:
        return RETURNED_EXCEEDS_ISSUED
    if turnout.paper_issued is not None and papers > turnout.paper_issued:
        return RETURNED_EXCEEDS_ISSUED  # a surplus among the papers is one, whatever the phones make up for
    if not quorum_met(turnout.present, turnout.roster, rule.quorum, rule.quorum_more):
        return NO_QUORUM
    return None


def _decide(result: Result, rule: Rule, turnout: TurnoutFigures, votes: Votes) -> Result:
    """Decide which projects pass, which of them are above the cut, and which are tied across it."""
    valid = result.valid
    approvals = {no: given[FOR] for no, given in votes.items()}
    passed = {no for no, number in approvals.items() if _has_majority(rule, turnout, valid, number)}
    outcome = dict.fromkeys(votes, NO_MAJORITY) | dict.fromkeys(passed, SELECTED)
    if result.void:
        outcome = dict.fromkeys(votes, UNDECIDED)
    elif len(passed) > rule.seats:
        ranked = sorted((approvals[no] for no in passed), reverse=True)
        last_in, first_out = ranked[rule.seats - 1], ranked[rule.seats]
        for no in passed:
            if approvals[no] == last_in == first_out:
                outcome[no] = UNDECIDED
            elif approvals[no] < last_in:
                outcome[no] = NOT_SELECTED

    counts = []
    for no, given in votes.items():
        # Marking up to N of M has no "against": a deputy who did not choose a project abstained on it.
        against = 0 if rule.method == "choose" else given[AGAINST]
        counts.append(VoteCount(no, given[FOR], against, valid - given[FOR] - against, outcome[no]))
    selected = tuple(sorted(no for no in votes if outcome[no] == SELECTED))
    return replace(
        result,
        counts=tuple(counts),
        selected=selected,
        undecided=tuple(sorted(no for no in votes if outcome[no] == UNDECIDED)),
        seats_left=rule.seats - len(selected),
    )


def _has_majority(rule: Rule, turnout: TurnoutFigures, valid: int, approvals: int) -> bool:
    """Return True for more than half of the base; exactly half is not a majority (地方组织法 art. 25)."""
    if rule.majority == "none":
        return approvals >= 1
    base = {"roster": turnout.roster, "present": turnout.present, "valid": valid}[rule.majority]
    return approvals * 2 > base


def _rate(result: Result, rule: Rule, turnout: TurnoutFigures, votes: Votes) -> Result:
    ratings = []
    for no, given in votes.items():
        satisfied, basically, dissatisfied = (given[word] for word in RATINGS)
        without_mark = result.valid - satisfied - basically - dissatisfied
        verdict = None if result.void else grade(satisfied, basically, turnout.roster, rule.half)
        ratings.append(RatingCount(no, satisfied, basically, dissatisfied, without_mark, verdict))
    return replace(result, ratings=tuple(ratings), undecided=tuple(sorted(votes)) if result.void else ())


def grade(satisfied: int, basically: int, roster: int, half: str = "satisfied") -> str:
    """Return the grade of one rated project: "satisfied" | "basically" | "dissatisfied".

    The base is the full membership, not those present (镇海 2022). The text of 镇海 gives exactly half to 满意 on
    the first threshold and to two grades on the second. `half` tells what exactly half is enough for: "satisfied"
    (满意 only), "both" (满意 and 基本满意), "neither".
    """
    if _reaches(satisfied, roster, half_enough=half != "neither"):
        return "satisfied"
    if _reaches(satisfied + basically, roster, half_enough=half == "both"):
        return "basically"
    return "dissatisfied"


def _reaches(votes: int, base: int, *, half_enough: bool) -> bool:
    return votes * 2 >= base if half_enough else votes * 2 > base

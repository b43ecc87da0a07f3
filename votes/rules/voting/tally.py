"""Counting (计票): ballots in, figures and outcome out. Plain arithmetic on whole numbers, in one pass.

Printed numbers order what is shown; they never decide anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import quorum_met
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import ABSTAIN, AGAINST, FOR, RATINGS, is_valid

SELECTED, NOT_SELECTED, UNDECIDED, NO_MAJORITY = "selected", "not_selected", "undecided", "no_majority"
RETURNED_EXCEEDS_ISSUED, NO_QUORUM = "returned_exceeds_issued", "no_quorum"


@dataclass(frozen=True)
class Turnout:
    """应到 · 实到 · 发出 · 收回, in heads and ballots. `paper_issued`: how many of the issued are paper, where there is any."""

    roster: int
    present: int
    issued: int
    returned: int
    paper_issued: int | None = None


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot from the box. `source` is "phone" or "paper"; a spoilt one (paper, unreadable) is invalid."""

    code: str
    source: str
    marks: Mapping[int, str]
    spoilt: bool = False


@dataclass(frozen=True)
class BoxTotal:
    """A ballot box counted by hand: only its sums are known (rule.paper = totals).

    `counts` maps a printed number to the votes of each mark among the box's valid papers; what is missing up to
    `valid` is 弃权 (for a rating: a void item).
    """

    no: int
    valid: int
    invalid: int
    counts: Mapping[int, Mapping[str, int]]

    @property
    def returned(self) -> int:
        return self.valid + self.invalid


@dataclass(frozen=True)
class Count:
    """The votes on one candidate among the valid ballots, and what follows from them."""

    no: int
    for_: int
    against: int
    abstain: int
    outcome: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "no": self.no,
            "for": self.for_,
            "against": self.against,
            "abstain": self.abstain,
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class RatingCount:
    """The ratings of one project; `void` are the valid ballots that say nothing usable on it.

    `grade` is None when the round as a whole is void.
    """

    no: int
    satisfied: int
    basically: int
    dissatisfied: int
    void: int
    grade: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "no": self.no,
            "satisfied": self.satisfied,
            "basically": self.basically,
            "dissatisfied": self.dissatisfied,
            "void": self.void,
            "grade": self.grade,
        }


@dataclass(frozen=True)
class Result:
    """What the counting sheet says. `counts` is filled by the voting methods, `ratings` by a rating.

    `selected` and `undecided` ascend by printed number: a published list must not leak the ranking.
    `void` says why the round as a whole does not stand, or is None.
    """

    valid: int
    invalid: int
    selected: tuple[int, ...]
    undecided: tuple[int, ...]
    seats_left: int
    counts: tuple[Count, ...] = ()
    ratings: tuple[RatingCount, ...] = ()
    void: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The "result" object of the published record."""
        rows: Sequence[Count | RatingCount] = self.ratings or self.counts
        result: dict[str, Any] = {
            "valid": self.valid,
            "invalid": self.invalid,
            "counts": [row.to_dict() for row in rows],
            "selected": list(self.selected),
            "undecided": list(self.undecided),
            "seats_left": self.seats_left,
        }
        if self.void:
            result["void"] = self.void
        return result


def count(
    rule: Rule,
    turnout: Turnout,
    candidates: Sequence[int],
    ballots: Iterable[Ballot],
    boxes: Sequence[BoxTotal] = (),
) -> Result:
    """Count the ballots of one round.

    `candidates` are the printed numbers in ballot order; the counts come in the same order. `boxes` are the boxes of
    papers that were counted by hand; their sums are added.
    Sources: majority of all deputies 地方组织法 art. 25; most votes win and ties are voted on again art. 29 and
    选举法 art. 45; a vote with more ballots returned than issued is void 选举法 art. 44; quorum 地方组织法 art. 14.
    Raises RuleBroken when `turnout.returned` is not the number of ballots, when a ballot marks a number that is
    not a candidate or with a word that is no mark, when two candidates share a number, and for a box whose sums
    cannot be (`box_complaints`).
    """
    if len(set(candidates)) != len(candidates):
        raise RuleBroken(
            "候选项目的编号有重复，无法计票。", field="candidates", code="duplicate_number", status=422
        )
    if rule.method != "rating" and rule.seats < 1:
        raise RuleBroken("应选名额至少为 1 项，无法计票。", field="seats", code="bad_rule", status=422)
    words = RATINGS if rule.method == "rating" else (FOR, AGAINST, ABSTAIN)
    votes = {no: dict.fromkeys(words, 0) for no in candidates}
    returned = invalid = papers = 0
    for ballot in ballots:
        returned += 1
        papers += ballot.source == "paper"
        if not is_valid(rule, ballot.marks, ballot.spoilt):
            invalid += 1
            continue
        for no, mark in ballot.marks.items():
            try:
                votes[no][mark] += 1
            except KeyError:
                raise RuleBroken(
                    f"回执码为 {ballot.code} 的票上，第 {no} 项的标记“{mark}”无法识别，无法计票。",
                    field="ballots",
                    code="unknown_mark",
                    status=422,
                ) from None
    for box in boxes:
        if complaints := box_complaints(rule, candidates, box):
            raise RuleBroken(
                f"第 {box.no} 号票箱：{'；'.join(complaints)}", field="boxes", code="box_sums", status=422
            )
        returned += box.returned
        papers += box.returned
        invalid += box.invalid
        for no, given in box.counts.items():
            for mark, number in given.items():
                if mark in words:
                    votes[no][mark] += number
    if returned != turnout.returned:
        raise RuleBroken(
            f"收回 {turnout.returned} 张，而票箱中有 {returned} 张票，两数不符，无法计票。请核对后重新计票。",
            field="returned",
            code="returned_mismatch",
            status=422,
        )
    valid = returned - invalid
    void = _void(rule, turnout, papers)
    if rule.method == "rating":
        return _rate(rule, turnout, valid, invalid, votes, void)
    return _decide(rule, turnout, valid, invalid, votes, void)


def may_stand_apart(phone: int, paper: int, small_body: int) -> bool:
    """May phones and papers be counted apart, before whomever? Who voted how is known by name: not where either is small."""
    return min(phone, paper) >= small_body


def box_complaints(rule: Rule, candidates: Sequence[int], box: BoxTotal) -> list[str]:
    """Do the sums of a box counted by hand add up? Returns complaints in Chinese, [] when they do.

    Asked for: 赞成 + 反对 + 弃权 = 有效 on each project (a rating: the three grades and 无效), and not more 赞成 in all than
    `seats` on each valid paper. The last of each row (弃权, 无效) may be left out.
    """
    names = (
        {"satisfied": "满意", "basically": "基本满意", "dissatisfied": "不满意", "void": "无效"}
        if rule.method == "rating"
        else {FOR: "赞成", ABSTAIN: "弃权"}
        if rule.method == "choose"
        else {FOR: "赞成", AGAINST: "反对", ABSTAIN: "弃权"}
    )
    rest = list(names)[-1]
    complaints = []
    if box.valid < 0 or box.invalid < 0:
        return ["有效票、无效票不能是负数。"]
    for no, row in box.counts.items():
        if no not in candidates:
            complaints.append(f"票上没有第 {no} 项。")
            continue
        if unknown := [mark for mark in row if mark not in names]:
            complaints.append(f"第 {no} 项不计“{unknown[0]}”一栏。")
        if any(number < 0 for number in row.values()):
            complaints.append(f"第 {no} 项有负数。")
        total = sum(number for mark, number in row.items() if mark in names)
        said = "、".join(f"{names[mark]} {row[mark]}" for mark in names if mark in row)
        if rest in row and total != box.valid:
            complaints.append(f"第 {no} 项{said}，合计 {total}，与有效票 {box.valid} 张不符。")
        elif total > box.valid:
            complaints.append(f"第 {no} 项{said}，多于有效票 {box.valid} 张。")
    if rule.method != "rating" and rule.overvote == "void_ballot":
        approvals, most = sum(row.get(FOR, 0) for row in box.counts.values()), rule.seats * box.valid
        if approvals > most:
            complaints.append(
                f"赞成票共 {approvals} 票，超过有效票 {box.valid} 张乘以应选 {rule.seats} 项的 {most} 票。"
            )
    return complaints


def _void(rule: Rule, turnout: Turnout, papers: int) -> str | None:
    if turnout.returned > turnout.issued:
        return RETURNED_EXCEEDS_ISSUED
    if turnout.paper_issued is not None and papers > turnout.paper_issued:
        return RETURNED_EXCEEDS_ISSUED  # a paper too many among the papers is one too many
    if not quorum_met(turnout.present, turnout.roster, rule.quorum, rule.quorum_more):
        return NO_QUORUM
    return None


def _decide(
    rule: Rule, turnout: Turnout, valid: int, invalid: int, votes: dict[int, dict[str, int]], void: str | None
) -> Result:
    """Who passes, who is above the cut, who is tied across it."""
    approvals = {no: given[FOR] for no, given in votes.items()}
    passed = {no for no, number in approvals.items() if _has_majority(rule, turnout, valid, number)}
    outcome = dict.fromkeys(votes, NO_MAJORITY) | dict.fromkeys(passed, SELECTED)
    if void:
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
        # Marking up to N of M knows no "against": whoever did not choose a project abstained on it.
        against = 0 if rule.method == "choose" else given[AGAINST]
        counts.append(Count(no, given[FOR], against, valid - given[FOR] - against, outcome[no]))
    selected = tuple(sorted(no for no in votes if outcome[no] == SELECTED))
    return Result(
        valid=valid,
        invalid=invalid,
        counts=tuple(counts),
        selected=selected,
        undecided=tuple(sorted(no for no in votes if outcome[no] == UNDECIDED)),
        seats_left=rule.seats - len(selected),
        void=void,
    )


def _has_majority(rule: Rule, turnout: Turnout, valid: int, approvals: int) -> bool:
    """More than half of the base; exactly half is not a majority (地方组织法 art. 25)."""
    if rule.majority == "none":
        return approvals >= 1
    base = {"roster": turnout.roster, "present": turnout.present, "valid": valid}[rule.majority]
    return approvals * 2 > base


def _rate(
    rule: Rule, turnout: Turnout, valid: int, invalid: int, votes: dict[int, dict[str, int]], void: str | None
) -> Result:
    ratings = []
    for no, given in votes.items():
        satisfied, basically, dissatisfied = (given[word] for word in RATINGS)
        ratings.append(
            RatingCount(
                no,
                satisfied,
                basically,
                dissatisfied,
                void=valid - satisfied - basically - dissatisfied,
                grade=None if void else grade(satisfied, basically, turnout.roster, rule.half),
            )
        )
    return Result(
        valid=valid,
        invalid=invalid,
        ratings=tuple(ratings),
        selected=(),
        undecided=tuple(sorted(votes)) if void else (),
        seats_left=rule.seats,
        void=void,
    )


def grade(satisfied: int, basically: int, roster: int, half: str = "satisfied") -> str:
    """The grade of one rated project: "satisfied" | "basically" | "dissatisfied".

    The base is the full membership, not those present (镇海 2022). Its text gives exactly half to 满意 on the
    first threshold and to two grades on the second; `half` says which is meant: "satisfied" (half is enough for
    满意, not for 基本满意), "both" (enough for either), "neither".
    """
    if _reaches(satisfied, roster, half_enough=half != "neither"):
        return "satisfied"
    if _reaches(satisfied + basically, roster, half_enough=half == "both"):
        return "basically"
    return "dissatisfied"


def _reaches(votes: int, base: int, *, half_enough: bool) -> bool:
    return votes * 2 >= base if half_enough else votes * 2 > base


@dataclass(frozen=True)
class Ranked:
    """One row of the result as the screen and the sheet show it.

    `votes` is what it is ordered by: "for", or 满意 for a rating. Equals share a `rank`. `cut_below` is True on
    the one row under which the line between selected and not selected is drawn.
    """

    rank: int
    no: int
    votes: int
    outcome: str | None  # for a rating: the grade
    cut_below: bool = False


def ranking(result: Result) -> list[Ranked]:
    """The rows in display order: most votes first, then printed number."""
    rows = [(row.satisfied, row.no, row.grade) for row in result.ratings] or [
        (row.for_, row.no, row.outcome) for row in result.counts
    ]
    rows.sort(key=lambda row: (-row[0], row[1]))
    first_at: dict[int, int] = {}
    for place, (votes, _, _) in enumerate(rows, start=1):
        first_at.setdefault(votes, place)
    # Everybody selected has more votes than everybody else, so the selected are the head of the list.
    return [
        Ranked(first_at[votes], no, votes, outcome, cut_below=place == len(result.selected))
        for place, (votes, no, outcome) in enumerate(rows, start=1)
    ]


@dataclass(frozen=True)
class NextStep:
    """What the rule says must happen after a count.

    kind        none | tie_rerun | tie_presidium | vacant | shortfall_further | void_again
    candidates  printed numbers that stand in the further vote (or among which the presidium decides)
    seats       seats still to be filled, or left vacant
    """

    kind: str
    candidates: tuple[int, ...] = ()
    seats: int = 0


def next_step(rule: Rule, result: Result) -> NextStep:
    """What follows from the count by the rule (选举法 art. 45; 地方组织法 art. 29)."""
    if result.void:
        return NextStep("void_again", result.undecided, rule.seats)
    if rule.method == "rating" or result.seats_left == 0:
        return NextStep("none")
    if result.undecided:
        kind = "tie_rerun" if rule.tie == "rerun" else "tie_presidium"
        return NextStep(kind, result.undecided, result.seats_left)
    if rule.shortfall == "vacant":
        return NextStep("vacant", seats=result.seats_left)
    rest = tuple(sorted(row.no for row in result.counts if row.outcome != SELECTED))
    return NextStep("shortfall_further", rest, result.seats_left)


class RatingRow(NamedTuple):
    """One published row of ratings, to be reconciled with the number of ballots."""

    name: str
    satisfied: int
    basically: int
    dissatisfied: int
    void: int = 0


def reconcile_rating(rows: Iterable[RatingRow], ballots: int) -> list[str]:
    """Does every row of ratings add up to the number of valid ballots? Returns complaints in Chinese."""
    complaints = []
    for row in rows:
        if min(row[1:]) < 0:
            complaints.append(f"“{row.name}”有负数，请核对。")
        total = sum(row[1:])
        if total != ballots:
            complaints.append(
                f"“{row.name}”满意 {row.satisfied}、基本满意 {row.basically}、不满意 {row.dissatisfied}、"
                f"无效 {row.void}，合计 {total}，与有效票 {ballots} 不符，相差 {abs(ballots - total)}。"
            )
    return complaints


def reconcile(turnout: Turnout, result: Result, rule: Rule) -> list[str]:
    """Check the counting sheet's arithmetic; returns complaints in Chinese, [] when everything adds up.

    It looks only at the figures, so it serves a sheet counted by hand as well as one counted here.
    """
    complaints = []

    def expect(holds: bool, words: str) -> None:
        if not holds:
            complaints.append(words)

    expect(turnout.present <= turnout.roster, f"实到 {turnout.present} 人多于应到 {turnout.roster} 人。")
    expect(turnout.issued <= turnout.present, f"发出 {turnout.issued} 张多于实到 {turnout.present} 人。")
    expect(turnout.returned <= turnout.issued, f"收回 {turnout.returned} 张多于发出 {turnout.issued} 张。")
    expect(
        turnout.returned == result.valid + result.invalid,
        f"收回 {turnout.returned} 张，不等于有效 {result.valid} 张与无效 {result.invalid} 张之和。",
    )
    for row in result.counts:
        total = row.for_ + row.against + row.abstain
        expect(
            min(row.for_, row.against, row.abstain) >= 0 and total == result.valid,
            f"第 {row.no} 项赞成 {row.for_}、反对 {row.against}、弃权 {row.abstain}，"
            f"合计 {total}，与有效票 {result.valid} 张不符。",
        )
    ratings = [
        RatingRow(f"第 {row.no} 项", row.satisfied, row.basically, row.dissatisfied, row.void)
        for row in result.ratings
    ]
    complaints.extend(reconcile_rating(ratings, result.valid))
    if rule.method != "rating":
        if rule.overvote == "void_ballot":
            approvals, most = sum(row.for_ for row in result.counts), rule.seats * result.valid
            expect(
                approvals <= most,
                f"赞成票共 {approvals} 票，超过有效票 {result.valid} 张乘以应选 {rule.seats} 项的 {most} 票。",
            )
        expect(
            len(result.selected) <= rule.seats,
            f"确定 {len(result.selected)} 项，多于应选 {rule.seats} 项。",
        )
    return complaints

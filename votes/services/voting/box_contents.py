"""What stands in the ballot boxes after the close: readings of papers, sums, and what is unsettled or missing.

Nothing here changes a row. Who was handed a paper is in `paper_ballots`; here only the number matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from votes.db import db
from votes.models import PaperBox, PaperDecision, PaperEntry, Round
from votes.rules.meeting.rounds import RoundState
from votes.rules.voting import paper_ballots as rules
from votes.rules.voting.result import BoxTotal
from votes.services.voting.paper_ballots import issued, joined_event, mode


def get_box(box_id: int) -> PaperBox | None:
    """Return the box with its round, session and candidates."""
    of_box = selectinload(PaperBox.round)
    related = of_box.selectinload(Round.session), of_box.selectinload(Round.candidates)
    return db.session.scalar(select(PaperBox).where(PaperBox.id == box_id).options(*related))


def with_readings() -> Select[Any]:
    """Return the query of boxes that reads them afresh with all entries and decisions."""
    readings = selectinload(PaperBox.entries), selectinload(PaperBox.decisions)
    return select(PaperBox).options(*readings).execution_options(populate_existing=True)


def of_round(round_: Round) -> list[PaperBox]:
    """Return the round's boxes, read afresh with all entries and decisions."""
    query = with_readings().where(PaperBox.round_id == round_.id).order_by(PaperBox.number)
    return list(db.session.scalars(query))


def numbers(round_: Round) -> list[int]:
    """Return the printed numbers of the round's candidates."""
    return [candidate.number for candidate in round_.candidates]


def reading_of(row: PaperEntry | PaperDecision) -> rules.Reading:
    """Return what a row says of a paper."""
    return rules.Reading({int(no): mark for no, mark in row.marks.items()}, row.spoilt, row.reason)


def plain_marks(reading: rules.Reading) -> dict[str, str]:
    """Return the marks of a reading as a row stores them."""
    return {str(no): mark for no, mark in reading.marks.items()}


def pairs(box: PaperBox) -> list[rules.Pair]:
    """Return the papers of a box that two people have read, in the order of the pile."""
    first = {e.position: reading_of(e) for e in box.entries if e.reading == 1}
    second = {e.position: reading_of(e) for e in box.entries if e.reading == 2}
    decided = {d.position: reading_of(d) for d in box.decisions}
    return [
        rules.Pair(position, first[position], second[position], decided.get(position))
        for position in sorted(first.keys() & second.keys())
    ]


@dataclass(frozen=True)
class BoxProgress:
    """Hold how far a box is: papers read by the first and the second reader, and what is left."""

    box: PaperBox
    papers: int
    first: int
    second: int
    differing: int  # read differently by the two
    undecided: int  # of these, not yet decided
    unsettled: int


def progress(box: PaperBox) -> BoxProgress:
    """Return how far a box is."""
    papers = box.papers or 0
    if mode(box.round) == "totals":
        done = papers == 0 or box.second_keyer is not None
        first = papers if box.totals is not None else 0
        return BoxProgress(box, papers, first, papers if done else 0, 0, 0, 0 if done else papers)
    both = pairs(box)
    return BoxProgress(
        box,
        papers,
        sum(e.reading == 1 for e in box.entries),
        sum(e.reading == 2 for e in box.entries),
        sum(bool(pair.differs) for pair in both),
        sum(pair.settled is None for pair in both),
        rules.unsettled(papers, both),
    )


def unsettled(round_: Round, of_boxes: Sequence[PaperBox] | None = None) -> int:
    """Return how many papers stand in the way of the count: not read twice alike nor decided (totals: not confirmed).

    While no box is registered, these are all papers handed out. ``of_boxes`` are the round's boxes, where the caller
    has them.
    """
    if mode(round_) == "none":
        return 0
    boxes = of_round(round_) if of_boxes is None else of_boxes
    return sum(progress(box).unsettled for box in boxes) if boxes else issued(round_.id)


def missing(round_: Round, of_boxes: Sequence[PaperBox] | None = None) -> int:
    """Return how many papers handed out are in no registered box: still with deputies, or in an unopened box.

    ``of_boxes`` as in `unsettled`.
    """
    if mode(round_) == "none":
        return 0
    boxes = of_round(round_) if of_boxes is None else of_boxes
    return max(0, issued(round_.id) - sum(box.papers or 0 for box in boxes))


def is_open(round_: Round) -> bool:
    """Return True while papers may be read: the round is closed and its papers have not joined the box."""
    return round_.state == RoundState.CLOSED and joined_event(round_) is None


def totals_of(round_: Round) -> list[BoxTotal]:
    """Return the sums of the boxes counted by hand (rule.paper = totals) that two people have confirmed."""
    if mode(round_) != "totals":
        return []
    return [_total(box.number, box.totals) for box in of_round(round_) if box.totals and box.second_keyer]


def settled(round_: Round) -> list[rules.Reading]:
    """Return how every paper read one by one counts, box by box; no paper may be unsettled."""
    if mode(round_) != "keyed":
        return []
    readings = [pair.settled for box in of_round(round_) for pair in pairs(box)]
    assert None not in readings, "no unsettled paper"
    return [reading for reading in readings if reading is not None]


def _total(number: int, totals: Mapping[str, Any]) -> BoxTotal:
    counts = {int(no): dict(row) for no, row in totals["counts"].items()}
    return BoxTotal(number, totals["valid"], totals["invalid"], counts)

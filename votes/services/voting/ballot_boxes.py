"""Ballot boxes after the close: two readings of each paper, the chief's word, sums counted by hand, into the count.

Who was handed a paper is in `services/voting/paper_ballots.py`; nothing here knows of it but the number.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import selectinload

from votes.db import db, flush_or
from votes.models import Ballot, PaperBox, PaperDecision, PaperEntry, Round, table_of
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.rules.voting import chain as hashing
from votes.rules.voting.ballots import normalise_marks
from votes.rules.voting.paper_ballots import (
    Pair,
    Reading,
    pile_too_small,
    read_line,
    unsettled as unsettled_in,
)
from votes.rules.voting.tally import BoxTotal, box_complaints
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.voting import digests
from votes.services.voting.paper_ballots import check_mode, issued, mode, poured_event

Box = PaperBox
_ballot = table_of(Ballot)

_random = random.SystemRandom()


# --- reading -------------------------------------------------------------------------------------------


def get_box(box_id: int) -> Box | None:
    return db.session.scalar(
        select(PaperBox)
        .where(PaperBox.id == box_id)
        .options(
            selectinload(PaperBox.round).selectinload(Round.session),
            selectinload(PaperBox.round).selectinload(Round.candidates),
        )
    )


def of_round(round_: Round) -> list[Box]:
    """The round's boxes with all that was read in them."""
    return list(
        db.session.scalars(
            select(PaperBox)
            .where(PaperBox.round_id == round_.id)
            .options(selectinload(PaperBox.entries), selectinload(PaperBox.decisions))
            .order_by(PaperBox.number)
            .execution_options(populate_existing=True)
        )
    )


def numbers(round_: Round) -> list[int]:
    return [candidate.number for candidate in round_.candidates]


def _reading(row: PaperEntry | PaperDecision) -> Reading:
    return Reading({int(no): mark for no, mark in row.marks.items()}, row.spoilt, row.reason)


def pairs(box: Box) -> list[Pair]:
    """The papers of a box that two people have read, in the order of the pile."""
    first = {e.position: _reading(e) for e in box.entries if e.reading == 1}
    second = {e.position: _reading(e) for e in box.entries if e.reading == 2}
    decided = {d.position: _reading(d) for d in box.decisions}
    return [
        Pair(position, first[position], second[position], decided.get(position))
        for position in sorted(first.keys() & second.keys())
    ]


@dataclass(frozen=True)
class Progress:
    """How far a box is: papers read by the first and the second, and what is left."""

    box: Box
    papers: int
    first: int
    second: int
    differing: int  # by both readers, differently
    undecided: int  # of these: not yet decided
    unsettled: int


def progress(box: Box) -> Progress:
    papers = box.papers or 0
    if mode(box.round) == "totals":
        done = papers == 0 or box.second_keyer is not None
        read = [papers if box.totals is not None else 0, papers if done else 0]
        return Progress(box, papers, read[0], read[1], 0, 0, 0 if done else papers)
    both = pairs(box)
    return Progress(
        box,
        papers,
        sum(e.reading == 1 for e in box.entries),
        sum(e.reading == 2 for e in box.entries),
        sum(bool(pair.differs) for pair in both),
        sum(pair.settled is None for pair in both),
        unsettled_in(papers, both),
    )


def unsettled(round_: Round, of_boxes: Sequence[Box] | None = None) -> int:
    """Papers that stand in the way of the count: not read twice alike and not decided (totals: not confirmed).

    Where papers were handed out and no box has been opened yet, all of those. ``of_boxes``: the round's boxes, where
    the caller has them.
    """
    if mode(round_) == "none":
        return 0
    found = of_round(round_) if of_boxes is None else of_boxes
    if not found:
        return issued(round_.id)
    return sum(progress(box).unsettled for box in found)


def missing(round_: Round, of_boxes: Sequence[Box] | None = None) -> int:
    """Papers that were handed out and are in no registered box: kept by deputies, or in a box nobody has opened.

    ``of_boxes`` as in `unsettled`.
    """
    if mode(round_) == "none":
        return 0
    found = of_round(round_) if of_boxes is None else of_boxes
    return max(0, issued(round_.id) - sum(box.papers or 0 for box in found))


def check_missing(round_: Round, known: int) -> None:
    """Raises RuleBroken unless whoever counts has said that ``known`` papers did not come back, and so it is."""
    if (found := missing(round_)) != known:
        raise RuleBroken(
            f"纸质票有 {found} 张没有收回。请先查看是否还有票箱没有开启、登记；确实没有收回的，请勾选确认后计票。"
            if found
            else "发出的纸质票已全部收回，请按现在的张数重新确认计票。",
            code="missing_papers",
        )


def boxes_of(round_: Round) -> list[BoxTotal]:
    """The sums of the boxes counted by hand (rule.paper = totals), as two people have confirmed them."""
    if mode(round_) != "totals":
        return []
    return [
        _total(box) for box in of_round(round_) if box.totals is not None and box.second_keyer is not None
    ]


def _total(box: Box) -> BoxTotal:
    given: Mapping[str, Any] = box.totals or {}
    return BoxTotal(
        no=box.number,
        valid=given["valid"],
        invalid=given["invalid"],
        counts={int(no): dict(row) for no, row in given["counts"].items()},
    )


# --- boxes ---------------------------------------------------------------------------------------------


def key_of(by: Actor) -> str:
    """Who reads: a deputy is the same person by card and by account."""
    return f"d{by.deputy_id}" if by.deputy_id is not None else f"u{by.user_id}"


def _check_counting(round_: Round) -> None:
    check_mode(round_)
    if round_.state in (RoundState.DRAFT, RoundState.OPENED):
        raise RuleBroken("投票结束、票箱关闭后才清点纸质票。")
    if round_.state != RoundState.CLOSED or poured_event(round_) is not None:
        raise RuleBroken("本轮已经计票，纸质票不能再改。")


def _lock(box: Box) -> Box:
    """The box, locked and read afresh with its entries; the round cannot be counted meanwhile."""
    round_ = rounds.lock(box.round)
    _check_counting(round_)
    locked = db.session.scalar(
        select(PaperBox)
        .where(PaperBox.id == box.id)
        .with_for_update(of=PaperBox)
        .options(selectinload(PaperBox.entries), selectinload(PaperBox.decisions))
        .execution_options(populate_existing=True)
    )
    assert locked is not None
    return locked


def add_box(round_: Round, *, place: str, papers: int, by: Actor, now: datetime) -> Box:
    """Open a box after the close: its number, where it stood, how many papers were counted out of it.

    Raises RuleBroken for a box of fewer than `small_body` papers beside another: the papers are put together first.
    """
    round_ = rounds.lock(round_)
    _check_counting(round_)
    _check_papers(papers)
    _check_piles(round_, papers, of_round(round_))
    last = db.session.scalar(select(func.max(PaperBox.number)).where(PaperBox.round_id == round_.id))
    box = PaperBox(
        body_id=round_.body_id,
        round_id=round_.id,
        number=(last or 0) + 1,
        place=place.strip()[:60],
        papers=papers,
    )
    db.session.add(box)
    flush_or(RuleBroken("刚才有人同时登记票箱，请再试一次。"), constraint="uq_paper_boxes_number")
    audit.record(
        "paper.box", by=by, at=now, about=round_, after={"box": box.number, "place": place, "papers": papers}
    )
    return box


def _check_papers(papers: int) -> None:
    if not 0 <= papers <= 9999:
        raise RuleBroken("票箱中的张数应为 0 至 9999。", field="papers", status=422)


def _check_piles(round_: Round, papers: int, others: Sequence[Box]) -> None:
    small = rounds.rule_of(round_).small_body
    if not papers or not pile_too_small([papers, *(box.papers or 0 for box in others)], small):
        return
    if papers < small:
        raise RuleBroken(
            f"本箱不足 {small} 张，为保守投票秘密，请并入其他票箱后清点。",
            field="papers",
            code="small_box",
            status=422,
        )
    named = "、".join(str(box.number) for box in others if 0 < (box.papers or 0) < small)
    raise RuleBroken(
        f"第 {named} 号票箱不足 {small} 张，为保守投票秘密，请与本箱合并清点：把该票箱改为合并后的张数，不另行登记。",
        field="papers",
        code="small_box",
        status=422,
    )


def set_papers(box: Box, papers: int, *, by: Actor, now: datetime) -> None:
    """Correct the number counted out, as long as nobody has begun to read. Raises RuleBroken afterwards, and as `add_box`."""
    box = _lock(box)
    _check_papers(papers)
    if box.first_keyer is not None:
        raise RuleBroken("本箱已经开始录入。如张数有误，请先“重新录入”本箱，再更正张数。", field="papers")
    _check_piles(box.round, papers, [each for each in of_round(box.round) if each.id != box.id])
    before, box.papers = box.papers, papers
    db.session.flush()
    audit.record(
        "paper.box",
        by=by,
        at=now,
        about=box.round,
        before={"box": box.number, "papers": before},
        after={"box": box.number, "papers": papers},
    )


# --- keying --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """What one person may do at a box: which reading is theirs, how far it is, their own last papers."""

    reading: int
    done: int
    papers: int
    last: list[tuple[int, Reading]]

    @property
    def complete(self) -> bool:
        return self.done >= self.papers


def seat(box: Box, by: Actor) -> Seat:
    """The reading that is (or would become) ``by``'s. Nobody is shown what another has read.

    Raises RuleBroken for the chief, who decides; for a third person; and for a second before the first is through.
    """
    _not_the_chief(box, by)
    key, papers = key_of(by), box.papers or 0
    rows = db.session.execute(
        select(PaperEntry.reading, func.count())
        .where(PaperEntry.box_id == box.id)
        .group_by(PaperEntry.reading)
    ).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    if key == box.first_keyer:
        reading = 1
    elif key == box.second_keyer:
        reading = 2
    elif box.first_keyer is None:
        reading = 1
    elif box.second_keyer is not None:
        raise RuleBroken(
            f"第 {box.number} 号票箱的两遍录入已由{box.first_keyer_name}、{box.second_keyer_name}承担。",
            code="taken",
            status=403,
        )
    elif counts.get(1, 0) < papers:
        raise RuleBroken(
            f"{box.first_keyer_name}正在录入第一遍（{counts.get(1, 0)} / {papers} 张），"
            "录完后请您录入第二遍。",
            code="not_yet",
        )
    else:
        reading = 2
    own = db.session.scalars(
        select(PaperEntry)
        .where(PaperEntry.box_id == box.id, PaperEntry.reading == reading)
        .order_by(PaperEntry.position.desc())
        .limit(8)
    ).all()
    return Seat(reading, counts.get(reading, 0), papers, [(e.position, _reading(e)) for e in own])


def _not_the_chief(box: Box, by: Actor) -> None:
    if any(t.deputy_id == by.deputy_id and t.role == TellerRole.CHIEF for t in box.round.session.tellers):
        raise RuleBroken(
            "总监票人负责核定两遍录入不一致的票，不参加录入。请由监票人或计票人员录入。",
            code="chief",
            status=403,
        )


def enter(box: Box, typed: str, position: int, *, by: Actor, now: datetime) -> Seat:
    """Write down what ``by`` reads on the paper at ``position`` of the pile; answers where they stand then.

    The same line for the same paper again (an answer was lost) changes nothing. Raises RuleBroken for a line that says
    nothing, a position out of turn, and as `seat` does.
    """
    box = _lock(box)
    if mode(box.round) != "keyed":
        raise RuleBroken("本轮纸质票由人工计票，只录入各票箱的合计。")
    sitting = seat(box, by)
    reading = read_line(rounds.rule_of(box.round), numbers(box.round), typed)
    marks = {
        str(no): mark
        for no, mark in normalise_marks(rounds.rule_of(box.round), numbers(box.round), reading.marks).items()
    }
    if position == sitting.done and sitting.last:
        before = sitting.last[0][1]
        if (before.spoilt, before.reason) == (reading.spoilt, reading.reason) and {
            str(no): mark for no, mark in before.marks.items()
        } == marks:
            return sitting
    if sitting.complete:
        raise RuleBroken(
            f"本箱 {sitting.papers} 张已经全部录入。张数有误的，请工作人员重新录入本箱。", code="complete"
        )
    if position != sitting.done + 1:
        raise RuleBroken(
            f"接下来应录入第 {sitting.done + 1} 张。请核对手中的票是第几张，再录入。", code="out_of_turn"
        )
    if sitting.reading == 1:
        box.first_keyer, box.first_keyer_name = key_of(by), by.name[:60]
    else:
        box.second_keyer, box.second_keyer_name = key_of(by), by.name[:60]
    box.entries.append(
        PaperEntry(
            body_id=box.body_id,
            position=position,
            reading=sitting.reading,
            marks=marks,
            spoilt=reading.spoilt,
            reason=reading.reason,
        )
    )
    flush_or(RuleBroken("两遍录入须由两个人分别进行。", status=403), constraint="two_people")
    return seat(box, by)


def undo(box: Box, *, by: Actor, now: datetime) -> Seat:
    """Take back one's own last paper. Not after a reading is complete and another rests on it."""
    box = _lock(box)
    sitting = seat(box, by)
    if not sitting.done:
        raise RuleBroken("还没有录入任何票。")
    if (sitting.reading == 1 and box.second_keyer is not None) or (sitting.reading == 2 and sitting.complete):
        raise RuleBroken(
            "这一遍已经录完并交付核对，不能再撤销。两遍不一致的，由总监票人核定。", code="complete"
        )
    box.entries.remove(
        next(e for e in box.entries if e.reading == sitting.reading and e.position == sitting.done)
    )
    db.session.flush()
    return seat(box, by)


# --- the chief's word ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doubt:
    """A paper for 总监票人: read differently, or called spoilt by both."""

    box: Box
    pair: Pair


def doubts(round_: Round) -> list[Doubt]:
    """What the chief looks at: papers of which the two readings differ first, then those that both call spoilt.

    Only of boxes that both have read to the end: until then the second reader could still learn of the first.
    """
    if mode(round_) != "keyed":
        return []
    found = []
    for box in of_round(round_):
        both = pairs(box)
        if len(both) == (box.papers or 0):
            found += [Doubt(box, pair) for pair in both if pair.differs or pair.first.spoilt or pair.decided]
    return sorted(found, key=lambda doubt: (doubt.pair.settled is not None, doubt.box.number))


def decide(
    box: Box, position: int, choice: str, typed: str = "", *, by: Actor, now: datetime
) -> PaperDecision:
    """总监票人 decides how a paper in doubt is read: ``choice`` first | second | other (then ``typed`` as when keying).

    May be decided anew until the count. Raises RuleBroken for a paper that is not in doubt, and for anybody else than
    the chief.
    """
    box = _lock(box)
    chief = next((t for t in box.round.session.tellers if t.role == TellerRole.CHIEF), None)
    if chief is None or chief.deputy_id != by.deputy_id:
        raise RuleBroken("只有总监票人可以核定。", status=403)
    found = next((d for d in doubts(box.round) if d.box.id == box.id and d.pair.position == position), None)
    if found is None:
        raise RuleBroken("这张票两遍录入一致，或者还没有录完，不需要核定。", code="no_doubt")
    rule = rounds.rule_of(box.round)
    if choice not in ("first", "second", "other"):
        raise RuleBroken("请选择采用哪一种认定。", field="choice", status=422)
    reading = {"first": found.pair.first, "second": found.pair.second}.get(choice) or read_line(
        rule, numbers(box.round), typed
    )
    marks = normalise_marks(rule, numbers(box.round), reading.marks)
    row = next((d for d in box.decisions if d.position == position), None)
    if row is None:
        row = PaperDecision(body_id=box.body_id, position=position, deputy_id=chief.deputy_id)
        box.decisions.append(row)
    row.marks = {str(no): mark for no, mark in marks.items()}
    row.spoilt, row.reason = reading.spoilt, reading.reason
    row.name, row.decided_at = chief.deputy.name, now
    db.session.flush()
    audit.record("paper.decide", by=by, at=now, about=box.round, after={"box": box.number, "paper": position})
    return row


# --- counted by hand -----------------------------------------------------------------------------------


def enter_totals(
    box: Box, *, valid: int, invalid: int, counts: Mapping[int, Mapping[str, int]], by: Actor, now: datetime
) -> None:
    """The first person enters what was counted by hand out of a box; a second confirms it (`confirm_totals`).

    Raises RuleBroken in words where the sums cannot be: 收回 = 有效 + 无效, 赞成 + 反对 + 弃权 = 有效, 赞成 in all at most
    seats × 有效.
    """
    box = _lock(box)
    if mode(box.round) != "totals":
        raise RuleBroken("本轮纸质票逐张录入，不录入合计。")
    if box.second_keyer is not None:
        raise RuleBroken("本箱合计已经两人核对。确有错误的，请工作人员重新录入本箱。")
    total = BoxTotal(box.number, valid, invalid, counts)
    complaints = box_complaints(rounds.rule_of(box.round), numbers(box.round), total)
    if total.returned != box.papers:
        complaints.insert(
            0, f"收回 {box.papers} 张，不等于有效 {valid} 张与无效 {invalid} 张之和 {total.returned} 张。"
        )
    if complaints:
        raise RuleBroken("".join(complaints), code="box_sums", status=422)
    box.totals = {
        "valid": valid,
        "invalid": invalid,
        "counts": {str(no): dict(row) for no, row in sorted(counts.items())},
    }
    box.first_keyer, box.first_keyer_name, box.totals_by = key_of(by), by.name[:60], by.name[:60]
    db.session.flush()
    audit.record("paper.totals", by=by, at=now, about=box.round, after={"box": box.number})


def may_see_totals(box: Box, by: Actor) -> bool:
    """The sums of a box are for the two who vouch for them; while the second is wanted, for whoever may be the second."""
    if key_of(by) in (box.first_keyer, box.second_keyer):
        return True
    return box.second_keyer is None and box.round.state == RoundState.CLOSED


def totals_mark(box: Box) -> str:
    """Stands for the sums as they are now, so that nobody confirms others than they have seen."""
    return hashing.digest("sha256", hashing.canonical_json(box.totals))


def confirm_totals(box: Box, *, seen: str, by: Actor, now: datetime) -> None:
    """A second person has compared the entered sums with the counting slip; ``seen``: their `totals_mark` at that time.

    Raises RuleBroken for the first one, and when the sums were corrected meanwhile.
    """
    box = _lock(box)
    if box.totals is None:
        raise RuleBroken("本箱还没有录入合计。")
    if box.second_keyer is not None:
        raise RuleBroken("本箱合计已经两人核对，无需再次确认。")
    if seen != totals_mark(box):
        raise RuleBroken("本箱合计在您打开页面之后有改动，请与计票单重新核对后再确认。", code="changed")
    box.second_keyer, box.second_keyer_name = key_of(by), by.name[:60]
    flush_or(
        RuleBroken(f"合计由{box.first_keyer_name}录入，须由另一人核对确认。", status=403),
        constraint="two_people",
    )
    audit.record("paper.confirm_totals", by=by, at=now, about=box.round, after={"box": box.number})


# --- again ---------------------------------------------------------------------------------------------


def reopen(box: Box, which: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Read a box again: ``which`` second | both. What was read is dropped, the chain keeps its digest and the reason.

    Raises RuleBroken without a reason, and after the papers have been counted.
    """
    box = _lock(box)
    if not reason.strip():
        raise RuleBroken("请填写重新录入的原因。", field="reason", status=422)
    if which not in ("second", "both"):
        raise RuleBroken("请选择重新录入哪一遍。", field="which", status=422)
    if box.first_keyer is None:
        raise RuleBroken("本箱还没有开始录入，无需重新录入。")
    if mode(box.round) == "totals":
        which = "both"
    before = {
        "entries": [
            {"position": e.position, "reading": e.reading, "marks": e.marks, "spoilt": e.spoilt}
            for e in box.entries
        ],
        "decisions": [{"position": d.position, "marks": d.marks, "spoilt": d.spoilt} for d in box.decisions],
        "totals": box.totals,
    }
    for entry in [e for e in box.entries if which == "both" or e.reading == 2]:
        box.entries.remove(entry)
    box.decisions.clear()
    box.second_keyer = box.second_keyer_name = None
    if which == "both":
        box.first_keyer = box.first_keyer_name = box.totals = box.totals_by = None
    box.reopened += 1
    db.session.flush()
    round_ = box.round
    events.append(
        round_,
        "paper_reopen",
        by=by,
        at=now,
        box=box.number,
        which=which,
        reason=reason.strip(),
        before=digests.sealed(round_, "paper", before),
    )
    audit.record(
        "paper.reopen",
        by=by,
        at=now,
        about=round_,
        after={"box": box.number, "which": which, "reason": reason.strip()},
    )


# --- into the box --------------------------------------------------------------------------------------


def pour(round_: Round) -> int:
    """Put the settled papers into the box beside the phones' ballots, each with a fresh code, in random order.

    The round is locked, closed and has no unsettled paper (`unsettled`). Answers how many papers came out of the
    boxes; the caller takes the new digest and writes the event.
    """
    of_boxes = of_round(round_)
    readings = []
    if mode(round_) == "keyed":
        readings = [pair.settled for box in of_boxes for pair in pairs(box)]
    _random.shuffle(readings)
    taken = set(db.session.scalars(select(_ballot.c.code).where(_ballot.c.round_id == round_.id)))
    rows = []
    for reading in readings:
        assert reading is not None, "no unsettled paper"
        code = new_code()
        while code in taken:
            code = new_code()
        taken.add(code)
        rows.append(
            {
                "round_id": round_.id,
                "code": code,
                "marks": {} if reading.spoilt else {str(no): mark for no, mark in reading.marks.items()},
                "source": "paper",
                "spoilt": reading.spoilt,
                "secret": True,
                "deputy_id": None,
            }
        )
    if rows:
        db.session.execute(insert(_ballot).values(rows))
    return sum(box.papers or 0 for box in of_boxes)

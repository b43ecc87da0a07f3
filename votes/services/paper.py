"""Paper beside phones: stacks of blank ballots, handing out, boxes, two readings of each paper, the chief's word.

Handing out a paper is the same row of `turnout` as a vote by phone, so nobody has both. Neither a time nor an order of
handing out is kept with a name: the pile in a box lies in some order too, and the two must not be joined.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import selectinload

from votes.db import db, flush_or
from votes.models import (
    Ballot,
    Deputy,
    Event,
    PaperBox,
    PaperDecision,
    PaperEntry,
    PaperStack,
    RollEntry,
    Round,
    Turnout,
    table_of,
)
from votes.rules import chain as hashing
from votes.rules.ballots import normalise_marks
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.paper import Pair, Reading, Reconciliation, pile_too_small, read_line
from votes.rules.paper import unsettled as unsettled_in
from votes.rules.people import TellerRole
from votes.rules.permissions import Actor
from votes.rules.rounds import RoundState
from votes.rules.tally import BoxTotal, box_complaints
from votes.services import audit, bodies, chain, sessions

Box = PaperBox
Stack = PaperStack
_round, _roll, _turnout, _ballot = table_of(Round), table_of(RollEntry), table_of(Turnout), table_of(Ballot)
_deputy = table_of(Deputy)

_random = random.SystemRandom()


# --- reading -------------------------------------------------------------------------------------------


def mode(round: Round) -> str:
    """How the round uses paper: none | keyed | totals."""
    return str(round.rule.get("paper", "none"))


def issued(round_id: int) -> int:
    """Papers that deputies hold or have cast."""
    found = db.session.scalar(
        select(func.count())
        .select_from(_turnout)
        .where(_turnout.c.round_id == round_id, _turnout.c.channel == "paper")
    )
    return found or 0


def out(round: Round) -> int | None:
    """`issued`, or None where the round's rule knows no paper."""
    return None if mode(round) == "none" else issued(round.id)


def holders(round_id: int) -> set[int]:
    """The deputies who were handed a paper (and have not returned it)."""
    return set(
        db.session.scalars(
            select(_turnout.c.deputy_id).where(_turnout.c.round_id == round_id, _turnout.c.channel == "paper")
        )
    )


@dataclass(frozen=True)
class Line:
    """One deputy of the roll as the register of papers shows them; ``channel`` phone | paper | None."""

    deputy_id: int
    number: str
    name: str
    delegation: str
    channel: str | None


def register(round: Round, *, q: str = "", only: str = "") -> list[Line]:
    """Those entitled, with who holds paper: found by name, initials or number. ``only``: "paper" | "none".

    After the close only those who were handed a paper are listed: who voted by phone is nobody's business then.
    """
    query = (
        select(_roll.c.deputy_id, _roll.c.number, _roll.c.name, _roll.c.delegation, _turnout.c.channel)
        .select_from(
            _roll.join(_deputy, _deputy.c.id == _roll.c.deputy_id).outerjoin(
                _turnout,
                and_(_turnout.c.round_id == _roll.c.round_id, _turnout.c.deputy_id == _roll.c.deputy_id),
            )
        )
        .where(_roll.c.round_id == round.id, _roll.c.present)
        .order_by(_roll.c.number)
    )
    if only == "paper" or round.state != RoundState.OPENED:
        query = query.where(_turnout.c.channel == "paper")
    elif only == "none":
        query = query.where(_turnout.c.channel.is_(None))
    if q := q.strip():
        query = query.where(
            or_(_roll.c.name.contains(q), _roll.c.number == q, _deputy.c.initials.startswith(q.upper()))
        )
    return [Line(*row) for row in db.session.execute(query).all()]


def get_stack(stack_id: int) -> Stack | None:
    return db.session.scalar(
        select(PaperStack)
        .where(PaperStack.id == stack_id)
        .options(selectinload(PaperStack.round).selectinload(Round.session))
    )


def get_box(box_id: int) -> Box | None:
    return db.session.scalar(
        select(PaperBox)
        .where(PaperBox.id == box_id)
        .options(
            selectinload(PaperBox.round).selectinload(Round.session),
            selectinload(PaperBox.round).selectinload(Round.candidates),
        )
    )


def stacks(round: Round) -> list[Stack]:
    return list(
        db.session.scalars(
            select(PaperStack).where(PaperStack.round_id == round.id).order_by(PaperStack.serial)
        )
    )


def boxes(round: Round) -> list[Box]:
    """The round's boxes with all that was read in them."""
    return list(
        db.session.scalars(
            select(PaperBox)
            .where(PaperBox.round_id == round.id)
            .options(selectinload(PaperBox.entries), selectinload(PaperBox.decisions))
            .order_by(PaperBox.number)
            .execution_options(populate_existing=True)
        )
    )


def numbers(round: Round) -> list[int]:
    return [candidate.number for candidate in round.candidates]


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


def unsettled(round: Round) -> int:
    """Papers that stand in the way of the count: not read twice alike and not decided (totals: not confirmed).

    Where papers were handed out and no box has been opened yet, all of those.
    """
    if mode(round) == "none":
        return 0
    found = boxes(round)
    if not found:
        return issued(round.id)
    return sum(progress(box).unsettled for box in found)


def missing(round: Round) -> int:
    """Papers that were handed out and are in no registered box: kept by deputies, or in a box nobody has opened."""
    if mode(round) == "none":
        return 0
    return max(0, issued(round.id) - sum(box.papers or 0 for box in boxes(round)))


def check_missing(round: Round, known: int) -> None:
    """Raises RuleBroken unless whoever counts has said that ``known`` papers did not come back, and so it is."""
    if (found := missing(round)) != known:
        raise RuleBroken(
            f"纸质票有 {found} 张没有收回。请先查看是否还有票箱没有开启、登记；确实没有收回的，请勾选确认后计票。"
            if found
            else "发出的纸质票已全部收回，请按现在的张数重新确认计票。",
            code="missing_papers",
        )


def reconciliation(round: Round, of_stacks: Sequence[Stack], of_boxes: Sequence[Box]) -> Reconciliation:
    """印制、发出、换发损坏、剩余、收回 of the round's papers."""
    left = [stack.left_over for stack in of_stacks]
    return Reconciliation(
        printed=sum(stack.sheets for stack in of_stacks),
        issued=issued(round.id),
        left_over=None if not left or None in left else sum(each or 0 for each in left),
        returned=sum(box.papers or 0 for box in of_boxes) if of_boxes else None,
    )


def list_mark(round: Round) -> str:
    """Eight signs that stand for the rule and the list as they are now; printed on blank ballots, so that a paper printed
    before a change is known."""
    told = {
        "rule": round.rule,
        "title": round.title,
        "candidates": [{"no": c.number, "name": c.name, "amount": c.amount} for c in round.candidates],
    }
    return hashing.digest("sha256", hashing.canonical_json(told))[:8]


def boxes_of(round: Round) -> list[BoxTotal]:
    """The sums of the boxes counted by hand (rule.paper = totals), as two people have confirmed them."""
    if mode(round) != "totals":
        return []
    return [_total(box) for box in boxes(round) if box.totals is not None and box.second_keyer is not None]


def _total(box: Box) -> BoxTotal:
    given: Mapping[str, Any] = box.totals or {}
    return BoxTotal(
        no=box.number,
        valid=given["valid"],
        invalid=given["invalid"],
        counts={int(no): dict(row) for no, row in given["counts"].items()},
    )


def poured_event(round: Round) -> Event | None:
    """The event by which the papers joined the box; None before."""
    return db.session.scalar(select(Event).where(Event.round_id == round.id, Event.kind == "paper").limit(1))


def ready(round: Round) -> bool:
    """Whether a closed round may be counted: no paper in it, or all of it in the box."""
    return mode(round) == "none" or poured_event(round) is not None


def awaited(round: Round) -> bool:
    """Whether the round is closed and its papers are still being read: 收回 is of phones only then, and says nothing yet."""
    return round.state == RoundState.CLOSED and not ready(round)


# --- the desk: handing out and taking back -------------------------------------------------------------


def _standing(round: Round, deputy_id: int) -> Any:
    """The deputy's line of roll and turnout; nobody closes the round until we have committed."""
    return db.session.execute(
        select(_round.c.state, _round.c.closes_at, _roll.c.present, _roll.c.name, _turnout.c.channel)
        .select_from(
            _round.outerjoin(
                _roll, (_roll.c.round_id == _round.c.id) & (_roll.c.deputy_id == deputy_id)
            ).outerjoin(_turnout, (_turnout.c.round_id == _round.c.id) & (_turnout.c.deputy_id == deputy_id))
        )
        .where(_round.c.id == round.id)
        .with_for_update(read=True, of=_round)
    ).one()


def _member(round: Round) -> str:
    return bodies.organ_of(round.session.body).member


def _check_mode(round: Round) -> None:
    if mode(round) == "none":
        raise RuleBroken("本轮票决办法没有规定使用纸质票。", code="no_paper")


def hand_out(round: Round, deputy_id: int, *, by: Actor, now: datetime) -> str:
    """Hand a paper ballot to a deputy of the open round: their phone is blocked at once. Answers whose.

    Raises RuleBroken where the rule knows no paper, the round is not open, the deputy is not on its roll or not
    present, has voted by phone or holds a paper. No audit line: its time beside that of a late sign-in would tell in
    which order papers went into the box. Who holds paper stands in the register, and in one line at the close.
    """
    _check_mode(round)
    row = _standing(round, deputy_id)
    if row.state != RoundState.OPENED or (row.closes_at is not None and row.closes_at <= now):
        raise RuleBroken("现在没有在投票，不能发纸质票。纸质票在开启投票后发放。", code="closed")
    if row.present is None:
        raise RuleBroken(
            f"这位{_member(round)}不在本轮名册上，不能发纸质票。", status=404, code="not_on_roll"
        )
    if not row.present:
        raise RuleBroken(f"这位{_member(round)}还没有签到。请先办理签到，再发纸质票。", code="not_present")
    new = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    crossed = db.session.execute(
        new(_turnout)
        .values(round_id=round.id, deputy_id=deputy_id, channel="paper", resend_mark=None)
        .on_conflict_do_nothing()
        .returning(_turnout.c.deputy_id)
    ).first()
    if crossed is None:
        channel = row.channel or db.session.scalar(
            select(_turnout.c.channel).where(
                _turnout.c.round_id == round.id, _turnout.c.deputy_id == deputy_id
            )
        )
        if channel == "paper":
            raise RuleBroken(f"这位{_member(round)}已经领取纸质票，每人只发一张。", code="has_paper")
        raise RuleBroken(f"这位{_member(round)}已用手机投票，不能再发纸质票。", code="voted")
    return str(row.name)


def take_back(round: Round, deputy_id: int, *, by: Actor, now: datetime) -> str:
    """Take back an unmarked paper while the round is open: the deputy (whose name it answers) may vote by phone again.

    Raises RuleBroken when the round is not open, or the deputy holds no paper. No audit line, as with `hand_out`.
    """
    _check_mode(round)
    row = _standing(round, deputy_id)
    if row.state != RoundState.OPENED or (row.closes_at is not None and row.closes_at <= now):
        raise RuleBroken("投票已经结束，不能再退回纸质票。", code="closed")
    gone = db.session.execute(
        delete(_turnout)
        .where(
            _turnout.c.round_id == round.id, _turnout.c.deputy_id == deputy_id, _turnout.c.channel == "paper"
        )
        .returning(_turnout.c.deputy_id)
    ).first()
    if gone is None:
        raise RuleBroken(f"这位{_member(round)}没有领取纸质票。", code="no_paper_held")
    return str(row.name)


def at_close(round: Round, *, by: Actor, now: datetime) -> None:
    """At the close: one event with the totals, and one line of the log that names who was handed a paper, by number."""
    if mode(round) == "none":
        return
    held = db.session.scalars(
        select(_roll.c.number)
        .select_from(
            _roll.join(
                _turnout,
                and_(_turnout.c.round_id == _roll.c.round_id, _turnout.c.deputy_id == _roll.c.deputy_id),
            )
        )
        .where(_roll.c.round_id == round.id, _turnout.c.channel == "paper")
        .order_by(_roll.c.number)
    ).all()
    printed = stacks(round)
    chain.append(
        round,
        "paper_issued",
        by=by,
        at=now,
        papers_out=len(held),
        stacks=len(printed),
        printed=sum(stack.sheets for stack in printed),
    )
    audit.record(
        "paper.register", by=by, at=now, about=round, after={"issued": len(held), "holders": "、".join(held)}
    )


# --- stacks of blank ballots ---------------------------------------------------------------------------

MOST_SHEETS = 500


def print_stack(round: Round, sheets: int, *, by: Actor, now: datetime) -> Stack:
    """Register one printing of blank ballots; its serial stands on each of them, and no other number.

    Raises RuleBroken where the rule knows no paper, after the close, and for an impossible number of sheets.
    """
    _check_mode(round)
    round = sessions.lock(round)
    if round.state not in (RoundState.DRAFT, RoundState.OPENED):
        raise RuleBroken("投票已经结束，不能再印制选票。")
    if not 1 <= sheets <= MOST_SHEETS:
        raise RuleBroken(f"每叠张数为 1 至 {MOST_SHEETS} 张。", field="sheets", status=422)
    last = db.session.scalar(select(func.max(PaperStack.serial)).where(PaperStack.round_id == round.id))
    stack = PaperStack(
        body_id=round.body_id,
        round_id=round.id,
        serial=(last or 0) + 1,
        sheets=sheets,
        printed_at=now,
        printed_by=by.name,
    )
    db.session.add(stack)
    flush_or(RuleBroken("刚才有人同时印制，请再试一次。"), constraint="uq_paper_stacks_serial")
    audit.record("paper.print", by=by, at=now, about=round, after={"stack": stack.serial, "sheets": sheets})
    return stack


def count_back(stack: Stack, left_over: int, *, by: Actor, now: datetime) -> None:
    """Note how many blank papers of a stack were left over. Raises RuleBroken for more than were printed."""
    if not 0 <= left_over <= stack.sheets:
        raise RuleBroken(
            f"第 {stack.serial} 叠共印制 {stack.sheets} 张，剩余应为 0 至 {stack.sheets} 张。",
            field="left_over",
            status=422,
        )
    round = sessions.lock(stack.round)
    if round.state in (RoundState.OPENED, RoundState.CLOSED) and poured_event(round) is None:
        before, stack.left_over = stack.left_over, left_over
    else:
        raise RuleBroken("剩余的空白票在开启投票后、计票前清点登记。")
    db.session.flush()
    audit.record(
        "paper.count_back",
        by=by,
        at=now,
        about=stack.round,
        before={"stack": stack.serial, "left_over": before},
        after={"stack": stack.serial, "left_over": left_over},
    )


# --- boxes ---------------------------------------------------------------------------------------------


def key_of(by: Actor) -> str:
    """Who reads: a deputy is the same person by card and by account."""
    return f"d{by.deputy_id}" if by.deputy_id is not None else f"u{by.user_id}"


def _check_counting(round: Round) -> None:
    _check_mode(round)
    if round.state in (RoundState.DRAFT, RoundState.OPENED):
        raise RuleBroken("投票结束、票箱关闭后才清点纸质票。")
    if round.state != RoundState.CLOSED or poured_event(round) is not None:
        raise RuleBroken("本轮已经计票，纸质票不能再改。")


def _lock(box: Box) -> Box:
    """The box, locked and read afresh with its entries; the round cannot be counted meanwhile."""
    round = sessions.lock(box.round)
    _check_counting(round)
    locked = db.session.scalar(
        select(PaperBox)
        .where(PaperBox.id == box.id)
        .with_for_update(of=PaperBox)
        .options(selectinload(PaperBox.entries), selectinload(PaperBox.decisions))
        .execution_options(populate_existing=True)
    )
    assert locked is not None
    return locked


def add_box(round: Round, *, place: str, papers: int, by: Actor, now: datetime) -> Box:
    """Open a box after the close: its number, where it stood, how many papers were counted out of it.

    Raises RuleBroken for a box of fewer than `small_body` papers beside another: the papers are put together first.
    """
    round = sessions.lock(round)
    _check_counting(round)
    _check_papers(papers)
    _check_piles(round, papers, boxes(round))
    last = db.session.scalar(select(func.max(PaperBox.number)).where(PaperBox.round_id == round.id))
    box = PaperBox(
        body_id=round.body_id,
        round_id=round.id,
        number=(last or 0) + 1,
        place=place.strip()[:60],
        papers=papers,
    )
    db.session.add(box)
    flush_or(RuleBroken("刚才有人同时登记票箱，请再试一次。"), constraint="uq_paper_boxes_number")
    audit.record(
        "paper.box", by=by, at=now, about=round, after={"box": box.number, "place": place, "papers": papers}
    )
    return box


def _check_papers(papers: int) -> None:
    if not 0 <= papers <= 9999:
        raise RuleBroken("票箱中的张数应为 0 至 9999。", field="papers", status=422)


def _check_piles(round: Round, papers: int, others: Sequence[Box]) -> None:
    small = sessions.rule_of(round).small_body
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
    _check_piles(box.round, papers, [each for each in boxes(box.round) if each.id != box.id])
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
    reading = read_line(sessions.rule_of(box.round), numbers(box.round), typed)
    marks = {
        str(no): mark
        for no, mark in normalise_marks(
            sessions.rule_of(box.round), numbers(box.round), reading.marks
        ).items()
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


def doubts(round: Round) -> list[Doubt]:
    """What the chief looks at: papers of which the two readings differ first, then those that both call spoilt.

    Only of boxes that both have read to the end: until then the second reader could still learn of the first.
    """
    if mode(round) != "keyed":
        return []
    found = []
    for box in boxes(round):
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
    rule = sessions.rule_of(box.round)
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
    complaints = box_complaints(sessions.rule_of(box.round), numbers(box.round), total)
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
    round = box.round
    chain.append(
        round,
        "paper_reopen",
        by=by,
        at=now,
        box=box.number,
        which=which,
        reason=reason.strip(),
        before=hashing.digest(round.hash_name, hashing.canonical_json(before)),
    )
    audit.record(
        "paper.reopen",
        by=by,
        at=now,
        about=round,
        after={"box": box.number, "which": which, "reason": reason.strip()},
    )


# --- into the box --------------------------------------------------------------------------------------


def pour(round: Round) -> int:
    """Put the settled papers into the box beside the phones' ballots, each with a fresh code, in random order.

    The round is locked, closed and has no unsettled paper (`unsettled`). Answers how many papers came out of the
    boxes; the caller takes the new digest and writes the event.
    """
    of_boxes = boxes(round)
    readings = []
    if mode(round) == "keyed":
        readings = [pair.settled for box in of_boxes for pair in pairs(box)]
    _random.shuffle(readings)
    taken = set(db.session.scalars(select(_ballot.c.code).where(_ballot.c.round_id == round.id)))
    rows = []
    for reading in readings:
        assert reading is not None, "no unsettled paper"
        code = new_code()
        while code in taken:
            code = new_code()
        taken.add(code)
        rows.append(
            {
                "round_id": round.id,
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

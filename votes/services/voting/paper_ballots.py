"""Paper beside phones until the round is closed: stacks of blank ballots, and who was handed one.

`ballot_boxes` tells what comes out of the boxes afterwards.

Handing out a paper makes the same row of `turnout` as a vote by phone, so nobody has both. Neither a time nor an order
of handing out is stored with a name: the papers in a box lie in some order too, and the two must not be joined.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import selectinload

from votes.db import db, flush_or
from votes.models import Deputy, Event, PaperBox, PaperStack, Round, table_of
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.voting.ballots import ON_PAPER, Source
from votes.rules.voting.digests import json_digest
from votes.rules.voting.paper_ballots import Reconciliation
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.people import bodies
from votes.services.voting import register as registers
from votes.services.voting.register import roll as _roll, turnout as _turnout

_deputy = table_of(Deputy)
_on_paper = _turnout.c.channel.in_(ON_PAPER)


# --- reading -------------------------------------------------------------------------------------------


def mode(round_: Round) -> str:
    """Return how the round uses paper: none | keyed | totals."""
    return str(round_.rule.get("paper", "none"))


def issued(round_id: int) -> int:
    """Return how many papers deputies hold or have cast."""
    return registers.count(_turnout, round_id, _on_paper)


def out(round_: Round) -> int | None:
    """Return `issued`, or None where the round's rule knows no paper."""
    return None if mode(round_) == "none" else issued(round_.id)


def register(round_: Round, *, q: str = "", only: str = "") -> Sequence[Any]:
    """Return those entitled, with who holds paper; ``q`` is a name, initials or a number, ``only`` "paper" | "none".

    Each row has deputy_id, number, name, delegation, channel (None before the vote), and paper (True for a holder).
    After the close only those who were handed a paper are listed: nobody needs to know who voted by phone then.
    """
    columns = [_roll.c[name] for name in ("deputy_id", "number", "name", "delegation")]
    query = (
        select(*columns, _turnout.c.channel, _on_paper.label("paper"))
        .select_from(registers.ROLL_WITH_TURNOUT.join(_deputy, _deputy.c.id == _roll.c.deputy_id))
        .where(_roll.c.round_id == round_.id, _roll.c.present)
        .order_by(_roll.c.number)
    )
    if only == "paper" or round_.state != RoundState.OPENED:
        query = query.where(_on_paper)
    elif only == "none":
        query = query.where(_turnout.c.channel.is_(None))
    if q := q.strip():
        query = query.where(
            or_(_roll.c.name.contains(q), _roll.c.number == q, _deputy.c.initials.startswith(q.upper()))
        )
    return db.session.execute(query).all()


def get_stack(stack_id: int) -> PaperStack | None:
    """Return the stack with its round and session."""
    related = selectinload(PaperStack.round).selectinload(Round.session)
    return db.session.scalar(select(PaperStack).where(PaperStack.id == stack_id).options(related))


def stacks(round_: Round) -> list[PaperStack]:
    """Return the round's stacks by serial."""
    query = select(PaperStack).where(PaperStack.round_id == round_.id)
    return list(db.session.scalars(query.order_by(PaperStack.serial)))


def reconciliation(
    round_: Round, of_stacks: Sequence[PaperStack], of_boxes: Sequence[PaperBox]
) -> Reconciliation:
    """Return 印制, 发出, 换发损坏, 剩余, 收回 of the round's papers."""
    left = [stack.left_over for stack in of_stacks]
    return Reconciliation(
        printed=sum(stack.sheets for stack in of_stacks),
        issued=issued(round_.id),
        left_over=None if not left or None in left else sum(each or 0 for each in left),
        returned=sum(box.papers or 0 for box in of_boxes) if of_boxes else None,
    )


def list_mark(round_: Round) -> str:
    """Return eight signs that stand for the rule and the list as they are now.

    They are printed on blank ballots, so that a paper printed before a change can be told.
    """
    printed = {
        "rule": round_.rule,
        "title": round_.title,
        "candidates": [{"no": c.number, "name": c.name, "amount": c.amount} for c in round_.candidates],
    }
    return json_digest("sha256", printed)[:8]


def joined_event(round_: Round) -> Event | None:
    """Return the event by which the papers joined the box; None before."""
    return db.session.scalar(select(Event).where(Event.round_id == round_.id, Event.kind == "paper").limit(1))


def ready(round_: Round) -> bool:
    """Return True when a closed round may be counted: it has no paper, or all of it is in the box."""
    return mode(round_) == "none" or joined_event(round_) is not None


def awaited(round_: Round) -> bool:
    """Return True while the papers of a closed round are being read: 收回 counts phones only until then."""
    return round_.state == RoundState.CLOSED and not ready(round_)


# --- the desk: handing out and taking back -------------------------------------------------------------


def _member(round_: Round) -> str:
    return bodies.organ_of(round_.session.body).member


def check_mode(round_: Round) -> None:
    """Raise RuleBroken for a round without paper."""
    if mode(round_) == "none":
        raise RuleBroken("本轮票决办法没有规定使用纸质票。", code="no_paper")


def _locked_line(round_: Round, deputy_id: int, now: datetime, after_end: str) -> Any:
    """Return the deputy's line of the open round; raise RuleBroken (``after_end``) when it is not open."""
    check_mode(round_)
    row = db.session.execute(registers.locked_line_of(round_.id, deputy_id)).one()
    if row.state != RoundState.OPENED or (row.closes_at is not None and row.closes_at <= now):
        raise RuleBroken(after_end, code="closed")
    return row


def hand_out(round_: Round, deputy_id: int, *, by: Actor, now: datetime) -> str:
    """Hand a paper ballot to a deputy of the open round and return their name; their phone is blocked at once.

    Raises RuleBroken where the rule knows no paper, the round is not open, the deputy is not on its roll or not
    present, has voted by phone or holds a paper. There is no audit line: its time beside that of a late check-in
    would tell in which order papers went into the box. The register shows who holds paper, and so does one line of
    the log at the close.
    """
    row = _locked_line(round_, deputy_id, now, "现在没有在投票，不能发纸质票。纸质票在开启投票后发放。")
    member = _member(round_)
    if row.present is None:
        raise RuleBroken(f"这位{member}不在本轮名册上，不能发纸质票。", status=404, code="not_on_roll")
    if not row.present:
        raise RuleBroken(f"这位{member}还没有签到。请先办理签到，再发纸质票。", code="not_present")
    if not registers.cross_off(round_.id, deputy_id, Source.PAPER):
        stored = db.session.execute(registers.line_of(round_.id, deputy_id)).one()
        if row.channel in ON_PAPER or stored.channel in ON_PAPER:
            raise RuleBroken(f"这位{member}已经领取纸质票，每人只发一张。", code="has_paper")
        raise RuleBroken(f"这位{member}已用手机投票，不能再发纸质票。", code="voted")
    return str(row.name)


def take_back(round_: Round, deputy_id: int, *, by: Actor, now: datetime) -> str:
    """Take back an unmarked paper while the round is open and return the deputy's name; they may vote by phone again.

    Raises RuleBroken when the round is not open, or the deputy holds no paper. No audit line, as with `hand_out`.
    """
    row = _locked_line(round_, deputy_id, now, "投票已经结束，不能再退回纸质票。")
    of_deputy = _turnout.c.round_id == round_.id, _turnout.c.deputy_id == deputy_id
    held = delete(_turnout).where(*of_deputy, _on_paper)
    if db.session.execute(held.returning(_turnout.c.deputy_id)).first() is None:
        raise RuleBroken(f"这位{_member(round_)}没有领取纸质票。", code="no_paper_held")
    return str(row.name)


def record_register(round_: Round, *, by: Actor, now: datetime) -> None:
    """Record at the close one event with the totals, and one audit line that names the holders by number."""
    if mode(round_) == "none":
        return
    holders = [line.number for line in register(round_, only="paper")]
    printed = stacks(round_)
    sheets = sum(stack.sheets for stack in printed)
    facts = {"papers_out": len(holders), "stacks": len(printed), "printed": sheets}
    events.append(round_, "paper_issued", by=by, at=now, **facts)
    after = {"issued": len(holders), "holders": "、".join(holders)}
    audit.record("paper.register", by=by, at=now, about=round_, after=after)


# --- stacks of blank ballots ---------------------------------------------------------------------------

MOST_SHEETS = 500


def print_stack(round_: Round, sheets: int, *, by: Actor, now: datetime) -> PaperStack:
    """Register one printing of blank ballots; its serial is printed on each of them, and no other number.

    Raises RuleBroken where the rule knows no paper, after the close, and for an impossible number of sheets.
    """
    check_mode(round_)
    round_ = rounds.lock(round_)
    if round_.state not in (RoundState.DRAFT, RoundState.OPENED):
        raise RuleBroken("投票已经结束，不能再印制选票。")
    if not 1 <= sheets <= MOST_SHEETS:
        raise RuleBroken(f"每叠张数为 1 至 {MOST_SHEETS} 张。", field="sheets", status=422)
    last = db.session.scalar(select(func.max(PaperStack.serial)).where(PaperStack.round_id == round_.id))
    serial = (last or 0) + 1
    stack = PaperStack(round_id=round_.id, serial=serial, sheets=sheets, printed_at=now, printed_by=by.name)
    db.session.add(stack)
    flush_or(RuleBroken("刚才有人同时印制，请再试一次。"), constraint="uq_paper_stacks_serial")
    audit.record("paper.print", by=by, at=now, about=round_, after={"stack": stack.serial, "sheets": sheets})
    return stack


def count_back(stack: PaperStack, left_over: int, *, by: Actor, now: datetime) -> None:
    """Record how many blank papers of a stack were left over. Raises RuleBroken for more than were printed."""
    if not 0 <= left_over <= stack.sheets:
        words = f"第 {stack.serial} 叠共印制 {stack.sheets} 张，剩余应为 0 至 {stack.sheets} 张。"
        raise RuleBroken(words, field="left_over", status=422)
    round_ = rounds.lock(stack.round)
    if round_.state not in (RoundState.OPENED, RoundState.CLOSED) or joined_event(round_) is not None:
        raise RuleBroken("剩余的空白票在开启投票后、计票前清点登记。")
    before = {"stack": stack.serial, "left_over": stack.left_over}
    stack.left_over = left_over
    db.session.flush()
    after = before | {"left_over": left_over}
    audit.record("paper.count_back", by=by, at=now, about=round_, before=before, after=after)

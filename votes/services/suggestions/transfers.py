"""交办: a unit is asked for its opinion on a matter by a day, answers, or sends back what is not its business."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import containing, db, flush_or
from votes.models import Matter, Suggestion, Transfer
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.publication.tasks import Task
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.matters import (
    MATTER,
    MAX_REASON,
    MAX_TEXT,
    Outcome,
    Settings,
    Term,
    TransferState,
)
from votes.services import audit
from votes.services.people import departments
from votes.services.suggestions.matters import here, lock, tidy

# --- reading ------------------------------------------------------------------------------------------


def get(transfer_id: int) -> Transfer | None:
    return db.session.scalar(
        select(Transfer)
        .where(Transfer.id == transfer_id)
        .options(
            joinedload(Transfer.department),
            joinedload(Transfer.matter).options(
                joinedload(Matter.village),
                joinedload(Matter.project),
                selectinload(Matter.suggestions).options(
                    joinedload(Suggestion.village), selectinload(Suggestion.photos)
                ),
            ),
        )
    )


SORTS: dict[str, str] = {"due": "期限近的在前", "newest": "新交办的在前"}


@dataclass(frozen=True)
class Filter:
    """What a list of transfers shows: those that are open unless asked otherwise."""

    day: date
    own: int | None = None  # see `visible_unit`
    state: TransferState | None = None
    department_id: int | None = None
    term: Term | None = None
    words: str = ""
    sort: str = "due"
    soon_days: int = Settings.soon_days

    def conditions(self, *, with_state: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for unit in (self.own, self.department_id):
            if unit is not None:
                found.append(Transfer.department_id == unit)
        if self.state and with_state:
            found.append(Transfer.state == self.state)
        if self.term:
            left = self.day + timedelta(days=self.soon_days)
            found.append(Transfer.state == TransferState.SENT)
            found.append(
                {
                    Term.OVER: Transfer.due_on < self.day,
                    Term.SOON: Transfer.due_on.between(self.day, left),
                    Term.IN_TIME: Transfer.due_on > left,
                }[self.term]
            )
        if self.words:
            found.append(
                Transfer.matter.has(and_(true(), *containing(self.words, Matter.title, Matter.summary)))
            )
        return found


_OPEN_FIRST = Transfer.state != TransferState.SENT
_ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (_OPEN_FIRST, case((_OPEN_FIRST, None), else_=Transfer.due_on), Transfer.sent_on.desc()),
    "newest": (Transfer.sent_on.desc(),),
}


def page(wanted: Filter, number: int, size: int = 50) -> list[Transfer]:
    """One page of the transfers that fit (all of them for size 0); what is open comes first."""
    query = (
        select(Transfer)
        .where(*wanted.conditions())
        .options(joinedload(Transfer.matter), joinedload(Transfer.department))
        .order_by(*_ORDERS.get(wanted.sort, _ORDERS["due"]), Transfer.id.desc())
    )
    if size:
        query = query.limit(size).offset((max(number, 1) - 1) * size)
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Counts:
    states: dict[TransferState, int]
    over: int  # open and past the due day
    soon: int
    shown: int


def counts(wanted: Filter) -> Counts:
    """Counts by state of what the filter shows (its state aside), and of what it shows. Two statements."""
    left = wanted.day + timedelta(days=wanted.soon_days)
    rows = db.session.execute(
        select(
            Transfer.state,
            func.count(Transfer.id),
            func.sum(case((Transfer.due_on < wanted.day, 1), else_=0)),
            func.sum(case((Transfer.due_on.between(wanted.day, left), 1), else_=0)),
        )
        .where(*wanted.conditions(with_state=False))
        .group_by(Transfer.state)
    ).all()
    states = {state: number for state, number, _, _ in rows}
    over, soon = next(((each[2], each[3]) for each in rows if each[0] == TransferState.SENT), (0, 0))
    shown = states.get(wanted.state, 0) if wanted.state else sum(states.values())
    return Counts({state: states.get(state, 0) for state in TransferState}, over, soon, shown)


def due(day: date, own: int | None = None) -> list[Task]:
    """Every transfer that waits for its unit's answer on ``day`` (of one unit: ``own``), the most pressing first."""
    query = (
        select(Transfer.id, Matter.title, Transfer.due_on, Transfer.department_id)
        .join(Matter, Transfer.matter_id == Matter.id)
        .where(Transfer.state == TransferState.SENT, Transfer.sent_on <= day)
        .order_by(Transfer.due_on, Transfer.id)
    )
    if own is not None:
        query = query.where(Transfer.department_id == own)
    return [
        Task("transfer", id_, title, due_on, unit) for id_, title, due_on, unit in db.session.execute(query)
    ]


# --- acts ---------------------------------------------------------------------------------------------


def send(
    matter: Matter,
    department_id: int | None,
    *,
    instruction: str,
    complex: bool = False,
    due_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Transfer:
    """Ask a unit for its opinion by a day (None: the statutory term).

    Raises RuleBroken at the field for a unit that is not in use, a day past the term, too long an instruction; and
    where the matter is with a unit already or has its outcome.
    """
    lock(matter)
    unit = departments.get(department_id) if department_id else None
    if unit is None or not unit.active:
        raise RuleBroken("请选择责任单位。", field="department_id", status=422)
    state = step(MATTER, matter.state, "transfer")
    sent_on = local(now).date()
    place = here()
    due_on = due_on or rules.latest_due(sent_on, complex=complex, settings=place)
    rules.check_due(due_on, sent_on, complex=complex, settings=place)
    if len(instruction) > MAX_TEXT:
        raise RuleBroken(f"交办要求最多 {MAX_TEXT} 个字。", field="instruction", status=422)
    made = Transfer(
        body_id=matter.body_id,
        matter=matter,
        department=unit,
        state=TransferState.SENT,
        complex=complex,
        sent_on=sent_on,
        due_on=due_on,
        instruction=tidy(instruction),
    )
    db.session.add(made)
    flush_or(
        RuleBroken("这个事项已交办责任单位。没有改动，请刷新后再看。", code="transferred"),
        constraint="uq_transfers_open",
    )
    matter.state = state
    audit.record(
        "transfer.send",
        by=by,
        at=now,
        about=made,
        after={"department": unit.name, "due_on": due_on, "complex": complex},
    )
    db.session.flush()
    return made


def recall(matter: Matter, *, by: Actor, now: datetime) -> Transfer:
    """Take back what no unit has answered yet."""
    lock(matter)
    state = step(MATTER, matter.state, "recall")
    sent = _sent(matter)
    sent.state = TransferState.RECALLED
    sent.returned_on = local(now).date()
    matter.state = state
    audit.record("transfer.recall", by=by, at=now, about=sent, after={"department": sent.department.name})
    db.session.flush()
    return sent


def answer(sent: Transfer, *, opinion: str, proposal: Outcome | None, by: Actor, now: datetime) -> None:
    """The unit's opinion and what it proposes. Raises RuleBroken at the field, and for what waits for no answer."""
    _open(sent)
    opinion = tidy(opinion)
    if not opinion:
        raise RuleBroken("请填写办理意见。", field="opinion", status=422)
    if len(opinion) > MAX_TEXT:
        raise RuleBroken(
            f"办理意见最多 {MAX_TEXT} 个字，现有 {len(opinion)} 个。", field="opinion", status=422
        )
    if proposal is None:
        raise RuleBroken("请选择建议的处理结果。", field="proposal", status=422)
    sent.matter.state = step(MATTER, sent.matter.state, "answer")
    sent.state = TransferState.ANSWERED
    sent.opinion, sent.proposal = opinion, proposal
    sent.answered_on, sent.answered_by = local(now).date(), by.name
    audit.record("transfer.answer", by=by, at=now, about=sent, after={"proposal": proposal})
    db.session.flush()


def send_back(sent: Transfer, reason: str, *, by: Actor, now: datetime) -> None:
    """Not this unit's business: back to the office, within the working days for it.

    Raises RuleBroken at ``reason`` for none, and where the days are over.
    """
    _open(sent)
    day = local(now).date()
    rules.check_return(sent.sent_on, day, here())
    reason = tidy(reason)
    if not reason:
        raise RuleBroken("请写明退回的理由和应由哪个单位办理。", field="reason", status=422)
    if len(reason) > MAX_REASON:
        raise RuleBroken(f"退回理由最多 {MAX_REASON} 个字。", field="reason", status=422)
    sent.matter.state = step(MATTER, sent.matter.state, "return")
    sent.state = TransferState.RETURNED
    sent.return_reason, sent.returned_on = reason, day
    audit.record("transfer.return", by=by, at=now, about=sent, after={"reason": reason})
    db.session.flush()


def _sent(matter: Matter) -> Transfer:
    found = db.session.scalar(
        select(Transfer)
        .where(Transfer.matter_id == matter.id, Transfer.state == TransferState.SENT)
        .options(joinedload(Transfer.department))
    )
    assert found is not None, "a transferred matter has an open transfer"
    return found


def _open(sent: Transfer) -> None:
    """Hold the matter, then the transfer; refuse where it waits for nothing."""
    lock(sent.matter)
    db.session.refresh(sent, ["state"], with_for_update=True)
    if sent.state != TransferState.SENT:
        words = {
            TransferState.ANSWERED: "已经反馈",
            TransferState.RETURNED: "已经退回",
            TransferState.RECALLED: "已由交办单位撤回",
        }[sent.state]
        raise RuleBroken(f"这件交办{words}，不能再办理。没有改动。", code="closed")

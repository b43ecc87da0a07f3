"""交办: asking a unit for its opinion on a matter by a day; its answer, its return of the transfer, the recall."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import Search, by_id, db, flush_or, words_in
from votes.models import Matter, Transfer
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.publication.tasks import Task
from votes.rules.suggestions import matters as rules, terms
from votes.rules.suggestions.matters import MATTER, MAX_REASON, MAX_TEXT, TRANSFER, Outcome, TransferState
from votes.services import audit
from votes.services.people import departments
from votes.services.suggestions import settings
from votes.services.suggestions.matters import IS_OPEN, TEXTS, lock

# --- reading ------------------------------------------------------------------------------------------


_MATTER = joinedload(Transfer.matter).options(joinedload(Matter.village), joinedload(Matter.project), TEXTS)
#: Returns one transfer with its unit, its matter, and the suggestions of the matter.
get = by_id(select(Transfer).options(joinedload(Transfer.department), _MATTER))


def _due_days(day: date) -> dict[terms.Term, ColumnElement[bool]]:
    """Return for each term the condition that an open transfer stands so on ``day`` by its due day."""
    soon = day + timedelta(days=settings.here().soon_days)
    return {
        terms.Term.OVER: Transfer.due_on < day,
        terms.Term.SOON: Transfer.due_on.between(day, soon),
        terms.Term.IN_TIME: Transfer.due_on > soon,
    }


_MATTER_HAS = words_in(Matter.title, Matter.summary)
SEARCH = Search(
    filters={
        "state": Transfer.state,
        "term": lambda term, day: IS_OPEN & _due_days(day)[term],
        "department_id": Transfer.department_id,
        "q": lambda words, day: Transfer.matter.has(_MATTER_HAS(words, day)),
    },
    sorts={
        "due": ("期限近的在前", (~IS_OPEN, case((IS_OPEN, Transfer.due_on)), Transfer.sent_on.desc())),
        "newest": ("新交办的在前", (Transfer.sent_on.desc(),)),
    },
)


def _narrowed(query: Select[Any], chosen: Mapping[str, Any], day: date, own: int | None) -> Select[Any]:
    query = query if own is None else query.where(Transfer.department_id == own)
    return SEARCH.of(query, chosen, day)


def search(chosen: Mapping[str, Any], day: date, own: int | None = None) -> Select[Any]:
    """Return the query of the transfers (of one unit: ``own``) that match ``chosen`` on ``day``."""
    query = select(Transfer).options(joinedload(Transfer.matter), joinedload(Transfer.department))
    return _narrowed(query, chosen, day, own).order_by(Transfer.id.desc())


@dataclass(frozen=True)
class TransferCounts:
    """The number of transfers by state, and of the open ones that press."""

    states: dict[TransferState, int]
    over: int  # past the due day
    soon: int


def counts(chosen: Mapping[str, Any], day: date, own: int | None = None) -> TransferCounts:
    """Count the transfers that match ``chosen``, in one statement; a chosen state is left aside."""
    due_days = _due_days(day)
    over, soon = (func.sum(case((due_days[term], 1), else_=0)) for term in (terms.Term.OVER, terms.Term.SOON))
    query: Any = select(Transfer.state, func.count(Transfer.id), over, soon).group_by(Transfer.state)
    narrowed = _narrowed(query, {**chosen, "state": None}, day, own).order_by(None)
    rows = {state: numbers for state, *numbers in db.session.execute(narrowed)}
    states = {state: rows.get(state, [0])[0] for state in TransferState}
    return TransferCounts(states, *rows.get(TransferState.SENT, [0, 0, 0])[1:])


def due(day: date, own: int | None = None) -> list[Task]:
    """Return every transfer that its unit has not answered on ``day`` (of one unit: ``own``), the most pressing first."""
    query = select(Transfer.id, Matter.title, Transfer.due_on, Transfer.department_id).join(Transfer.matter)
    query = query.where(IS_OPEN, Transfer.sent_on <= day).order_by(Transfer.due_on, Transfer.id)
    if own is not None:
        query = query.where(Transfer.department_id == own)
    return [Task("transfer", *row) for row in db.session.execute(query)]


# --- acts ---------------------------------------------------------------------------------------------


def send(
    matter: Matter,
    department_id: int | None,
    *,
    instruction: str,
    is_complex: bool = False,
    due_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Transfer:
    """Ask a unit for its opinion by ``due_on`` (None: the last day of the statutory term).

    Raises:
        RuleBroken: at the field of a unit that is not in use, a day outside the term or too long an instruction;
            where the matter is with a unit or has its outcome.
    """
    lock(matter)
    unit = departments.get(department_id) if department_id else None
    if unit is None or not unit.active:
        raise invalid("department_id", "请选择责任单位。")
    state = step(MATTER, matter.state, "transfer")
    sent_on, limits = local(now).date(), settings.here()
    due_on = due_on or terms.latest_due(sent_on, is_complex=is_complex, settings=limits)
    terms.check_due(due_on, sent_on, is_complex=is_complex, settings=limits)
    if len(instruction) > MAX_TEXT:
        raise invalid("instruction", f"交办要求最多 {MAX_TEXT} 个字。")
    instruction, terms_set = rules.tidy(instruction), {"due_on": due_on, "complex": is_complex}
    transfer = Transfer(matter=matter, department=unit, sent_on=sent_on, instruction=instruction, **terms_set)
    db.session.add(transfer)
    taken = RuleBroken("这个事项已交办责任单位。没有改动，请刷新后再看。", code="transferred")
    flush_or(taken, constraint="uq_transfers_open")
    matter.state = state
    after = {"department": unit.name, **terms_set}
    audit.record("transfer.send", by=by, at=now, about=transfer, after=after)
    db.session.flush()
    return transfer


def recall(matter: Matter, *, by: Actor, now: datetime) -> Transfer:
    """Recall the transfer that its unit has not answered yet."""
    lock(matter)
    step(MATTER, matter.state, "recall")  # refuses a matter that is with no unit
    transfer = db.session.scalar(select(Transfer).where(Transfer.matter_id == matter.id, IS_OPEN))
    assert transfer is not None, "a transferred matter has an open transfer"
    after = {"department": transfer.department.name}
    _close(transfer, "recall", after, by=by, now=now, returned_on=local(now).date())
    return transfer


def answer(transfer: Transfer, *, opinion: str, proposal: Outcome | None, by: Actor, now: datetime) -> None:
    """Record the opinion of the unit and the outcome that it proposes.

    Raises:
        RuleBroken: at the field of a missing or too long text; for a transfer that is closed.
    """
    _lock_open(transfer)
    opinion = rules.required("opinion", rules.tidy(opinion), "请填写办理意见。")
    rules.check_length("opinion", "办理意见", opinion)
    if proposal is None:
        raise invalid("proposal", "请选择建议的处理结果。")
    after = {"proposal": proposal}
    reply = {"opinion": opinion, "answered_on": local(now).date(), "answered_by": by.name}
    _close(transfer, "answer", after, by=by, now=now, **after, **reply)


def send_back(transfer: Transfer, reason: str, *, by: Actor, now: datetime) -> None:
    """Return a transfer to the office, because the unit is not responsible.

    Raises:
        RuleBroken: at ``reason`` for a missing or too long text; where the working days for it are over; for a
            transfer that is closed.
    """
    _lock_open(transfer)
    day = local(now).date()
    terms.check_return(transfer.sent_on, day, settings.here())
    reason = rules.required("reason", rules.tidy(reason), "请写明退回的理由和应由哪个单位办理。")
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"退回理由最多 {MAX_REASON} 个字。")
    after = {"reason": reason}
    _close(transfer, "return", after, by=by, now=now, return_reason=reason, returned_on=day)


_CLOSED = {
    TransferState.ANSWERED: "已经反馈",
    TransferState.RETURNED: "已经退回",
    TransferState.RECALLED: "已由交办单位撤回",
}


def _close(
    transfer: Transfer, action: str, after: Mapping[str, Any], *, by: Actor, now: datetime, **values: Any
) -> None:
    """Take a transfer and its matter to the states that ``action`` leads to; set ``values``, and log ``after``."""
    transfer.matter.state = step(MATTER, transfer.matter.state, action)
    transfer.state = step(TRANSFER, transfer.state, action)
    audit.put(transfer, values)
    audit.record(f"transfer.{action}", by=by, at=now, about=transfer, after=after)
    db.session.flush()


def _lock_open(transfer: Transfer) -> None:
    """Lock the matter, then the transfer. Raise RuleBroken unless the transfer is open."""
    lock(transfer.matter)
    db.session.refresh(transfer, ["state"], with_for_update=True)
    if transfer.state in _CLOSED:
        raise RuleBroken(f"这件交办{_CLOSED[transfer.state]}，不能再办理。没有改动。", code="closed")

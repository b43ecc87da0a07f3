"""The halls of one session (分会场): the delegations in each, and its turnout.

A ballot does not know its hall. The turnout of a small hall is not shown by itself (`rules/meeting/halls.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Function, SQLColumnExpression, and_, case, func, select
from sqlalchemy.orm import selectinload

from votes.db import by_id, db, everything, flush_or
from votes.models import (
    Attendance,
    CongressSession,
    Delegation,
    Deputy,
    Hall,
    HallDelegation,
    RollEntry,
    Round,
    Turnout,
)
from votes.rules.errors import RuleBroken
from votes.rules.meeting import halls as rules
from votes.rules.meeting.halls import HallTurnout, Subtotals
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.services import audit
from votes.services.meeting import rounds, sessions
from votes.services.people import bodies

_ONE_NAME = "uq_halls_name"


class Placement(NamedTuple):
    """A delegation, the number of its deputies in office, and its hall (None: no hall yet)."""

    delegation: Delegation
    deputies: int
    hall_id: int | None


# --- reading -------------------------------------------------------------------------------------------


get = by_id(select(Hall).options(selectinload(Hall.delegations)))


def of_session(session: CongressSession) -> list[Hall]:
    """Return the session's halls in the order of their setting up."""
    return everything(select(Hall).where(Hall.session_id == session.id).order_by(Hall.id))


def placements(session: CongressSession) -> list[Placement]:
    """Return every delegation with its hall, in the roster's order."""
    seats = db.session.scalars(select(HallDelegation).where(HallDelegation.session_id == session.id))
    hall_ids = {seat.delegation_id: seat.hall_id for seat in seats}
    rows = db.session.execute(
        select(Delegation, func.count(Deputy.id))
        .outerjoin(Deputy, (Deputy.delegation_id == Delegation.id) & (Deputy.state == DeputyState.ACTIVE))
        .group_by(Delegation.id)
        .order_by(Delegation.position, Delegation.id)
    )
    return [Placement(delegation, number, hall_ids.get(delegation.id)) for delegation, number in rows]


def turnout(round_: Round) -> Subtotals | None:
    """Return 应到, 实到 and 已投 of each hall, as far as they may be shown; None for a session without halls.

    From the opening on, the frozen roll decides who belongs to a hall; before it, the present placement does.
    """
    rows = _by_roll(round_) if round_.opened_at is not None else _by_attendance(round_.session)
    if all(row.hall is None for row in rows):
        return None
    return rules.subtotals(rows, rounds.rule_of(round_).small_body)


def _by_roll(round_: Round) -> list[HallTurnout]:
    has_voted = (Turnout.round_id == RollEntry.round_id) & (Turnout.deputy_id == RollEntry.deputy_id)
    rows = db.session.execute(
        select(RollEntry.hall, func.count(), _count(RollEntry.present), func.count(Turnout.deputy_id))
        .outerjoin(Turnout, has_voted)
        .where(RollEntry.round_id == round_.id)
        .group_by(RollEntry.hall)
    )
    by_name = {row[0]: HallTurnout(*row) for row in rows}
    order = [hall.name for hall in of_session(round_.session)]
    names = [*order, *sorted(name for name in by_name if name is not None and name not in order), None]
    return [by_name[name] for name in names if name in by_name]


def _by_attendance(session: CongressSession) -> list[HallTurnout]:
    seat = HallDelegation.session_id == session.id, HallDelegation.delegation_id == Deputy.delegation_id
    counts = db.session.execute(
        select(HallDelegation.hall_id, func.count(), _count(Attendance.state == AttendanceState.PRESENT))
        .select_from(Deputy)
        .outerjoin(HallDelegation, and_(*seat))
        .outerjoin(Attendance, (Attendance.deputy_id == Deputy.id) & (Attendance.session_id == session.id))
        .where(Deputy.body_id == session.body_id, Deputy.state == DeputyState.ACTIVE)
        .group_by(HallDelegation.hall_id)
    )
    heads = {hall_id: (entitled, present) for hall_id, entitled, present in counts}
    rows = [HallTurnout(hall.name, *heads.get(hall.id, (0, 0)), 0) for hall in of_session(session)]
    return rows + [HallTurnout(None, *figures, 0) for hall_id, figures in heads.items() if hall_id is None]


def _count(condition: SQLColumnExpression[bool]) -> Function[int]:
    """Return the number of rows in a group that fulfil the condition."""
    return func.count(case((condition, 1)))


# --- setting up ----------------------------------------------------------------------------------------


def add(session: CongressSession, name: str, *, by: Actor, now: datetime) -> Hall:
    """Set up a hall. Raises RuleBroken while a round is open, and for an empty or taken name."""
    _check_no_vote(session)
    hall = Hall(session_id=session.id, name=_checked_name(name))
    db.session.add(hall)
    flush_or(_taken(hall.name), constraint=_ONE_NAME)
    audit.record("hall.create", by=by, at=now, about=hall, after={"session": session.title})
    return hall


def rename(hall: Hall, name: str, *, by: Actor, now: datetime) -> None:
    """Give a hall another name. The rolls of opened rounds keep the name from their opening."""
    _check_no_vote(sessions.of(hall))
    name = _checked_name(name)
    audit.save(hall, "hall", {"name": name}, by=by, at=now, taken=_taken(name), constraint=_ONE_NAME)


def remove(hall: Hall, *, by: Actor, now: datetime) -> None:
    """Remove a hall; its delegations then have no hall."""
    _check_no_vote(sessions.of(hall))
    sitting = [row.delegation.name for row in hall.delegations]
    audit.record("hall.remove", by=by, at=now, about=hall, before={"delegations": sitting})
    db.session.delete(hall)
    db.session.flush()


def place(session: CongressSession, halls_of: Mapping[int, int | None], *, by: Actor, now: datetime) -> int:
    """Put delegations into halls; return how many have moved.

    ``halls_of``: delegation id → hall id, or None for no hall. A delegation that it does not name stays. Raises
    RuleBroken while a round is open, and for an unknown delegation or hall; then no delegation moves.
    """
    _check_no_vote(session)
    names: dict[int | None, str] = {None: "", **{hall.id: hall.name for hall in of_session(session)}}
    delegations = {d.id: d.name for d in db.session.scalars(select(Delegation))}
    if not set(halls_of) <= set(delegations) or not set(halls_of.values()) <= set(names):
        raise RuleBroken(bodies.speak("代表团或会场已有变动，请刷新后重选。没有作任何改动。"), status=422)
    seats = select(HallDelegation).where(HallDelegation.session_id == session.id).with_for_update()
    rows = {row.delegation_id: row for row in db.session.scalars(seats)}
    before, after = {}, {}
    for delegation_id, hall_id in halls_of.items():
        row, name = rows.get(delegation_id), delegations[delegation_id]
        present_id = row.hall_id if row else None
        if present_id == hall_id:
            continue
        before[name], after[name] = names[present_id], names[hall_id]
        if row is None:
            seat = HallDelegation(session_id=session.id, delegation_id=delegation_id, hall_id=hall_id)
            db.session.add(seat)
        elif hall_id is None:
            db.session.delete(row)
        else:
            row.hall_id = hall_id
    flush_or(
        RuleBroken("其他人刚刚也在安排会场，请刷新后再试。没有作任何改动。"), constraint="pk_hall_delegations"
    )
    if after:
        audit.record("hall.place", by=by, at=now, about=session, before=before, after=after)
    return len(after)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise RuleBroken("请填写会场名称。", field="name", status=422)
    return name


def _taken(name: str) -> RuleBroken:
    return RuleBroken(f"已有名为“{name}”的会场，请换一个名称。", field="name", status=422)


def _check_no_vote(session: CongressSession) -> None:
    """Refuse to change halls after the session's end, and between the opening and the close of a round."""
    sessions.refuse_ended(session, "会议已闭会，会场安排不能再改。")
    if busy := sessions.being_voted(session):
        raise RuleBroken(f"“{busy}”正在投票，会场安排不能变动。请在关闭票箱后再改。")

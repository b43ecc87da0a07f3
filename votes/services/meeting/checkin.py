"""签到, 请假, 早退: recorded by the deputy with the hall's code, or at the service desk."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from votes.db import db, locked
from votes.models import Attendance, CongressSession as Session, Deputy, RollEntry, Round, table_of
from votes.rules.codes import hall_code_ok
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.services import audit
from votes.services.meeting import cards, consents, events, rounds, sessions
from votes.services.people import bodies, passwords

# --- reading -------------------------------------------------------------------------------------------


def mode(session: Session) -> str:
    """Return how deputies may check in: by the rule of the governing round, else by the body's default."""
    round_ = rounds.governing(session)
    rule = round_.rule if round_ is not None else session.body.settings.get("rule", {})
    return str(rule.get("checkin", "desk_or_hall_code"))


def under_way(session: Session) -> bool:
    """Tell whether the session is running, or is rehearsed before it begins; its start removes those check-ins."""
    planned = session.state == SessionState.PLANNED
    return sessions.rehearsal_on(session) if planned else session.state == SessionState.RUNNING


def is_present(session_id: int, deputy_id: int) -> bool:
    """Tell whether the deputy has signed in and not left."""
    columns = table_of(Attendance).c
    state = select(columns.state).where(columns.session_id == session_id, columns.deputy_id == deputy_id)
    return db.session.scalar(state) == AttendanceState.PRESENT


def takes_part(session_id: int, deputy_id: int) -> bool:
    """Tell whether the deputy is present, or left early (早退) and is entitled in a round that is still open."""
    return is_present(session_id, deputy_id) or _may_vote_now(session_id, deputy_id)


def _may_vote_now(session_id: int, deputy_id: int) -> bool:
    """Tell whether the deputy is entitled in an open round of the session."""
    entries = select(RollEntry.round_id).join(Round, Round.id == RollEntry.round_id)
    is_open = Round.session_id == session_id, Round.state == RoundState.OPENED
    entitled = entries.where(*is_open, RollEntry.deputy_id == deputy_id, RollEntry.present)
    return db.session.scalar(entitled.limit(1)) is not None


# --- signing in ----------------------------------------------------------------------------------------


def check_in_self(session: Session, deputy_id: int, code: str, *, by: Actor, now: datetime) -> Attendance:
    """Sign in a deputy by phone; the six digits on the hall's screen show that they are in the hall.

    Raises RuleBroken for a wrong or old code, and where the rule leaves checking in to the desk.
    """
    way = mode(session)
    if way == "desk":
        raise RuleBroken("本次会议在服务台签到。请到会场服务台办理。", code="desk_only")
    guesses = cards.hall_code_key(session.id, deputy_id)
    if way == "desk_or_hall_code":
        passwords.check_throttle(guesses, now)
    if way == "desk_or_hall_code" and not hall_code_ok(session.hall_secret, code, now):
        passwords.count_failure(guesses, now)
        raise RuleBroken(
            "签到码不正确或已更换。请看会场屏幕上现在的六位数字，重新输入。", field="code", status=422
        )
    return check_in(session, deputy_id, how="self", by=by, now=now)


def check_in(session: Session, deputy_id: int, *, how: str = "desk", by: Actor, now: datetime) -> Attendance:
    """Sign a deputy in (``how`` "self" | "desk"); in an open round this is 补签, which adds them to its roll.

    Signing in again changes nothing; of two at the same moment, one waits. Raises RuleBroken while the session is
    neither running nor rehearsed, for somebody not in office, and in a rehearsal for somebody on leave.
    """
    session, deputy, row = _lock(session, deputy_id)
    _check_running(session)
    if deputy is None or deputy.state != DeputyState.ACTIVE:
        raise _not_in_office()
    if row is None or row.state != AttendanceState.PRESENT:
        row = _sign_in(session, deputy, row, how=how, by=by, now=now)
    # Also for a deputy who had signed in before: everybody present belongs on the roll of an open round.
    _add_to_open_rounds(session, deputy, by=by, now=now)
    db.session.flush()
    return row


def check_in_all(session: Session, deputy_ids: Iterable[int], *, by: Actor, now: datetime) -> int:
    """Sign in several deputies from a register on paper; return how many had not signed in before.

    Needs the same few statements for any number of deputies, unless a round is open. Raises RuleBroken as `check_in`
    does, and then signs in none of them; so it does while a formal round is open and no teller has agreed to more
    than one deputy.
    """
    session = sessions.lock_session(session, shared=True)
    _check_running(session)
    ids = list(dict.fromkeys(deputy_ids))
    active = select(Deputy).where(Deputy.id.in_(ids), Deputy.state == DeputyState.ACTIVE)
    in_office = active.order_by(Deputy.id).with_for_update(key_share=True, of=Deputy)
    deputies = {deputy.id: deputy for deputy in db.session.scalars(in_office)}
    of_session = select(Attendance).where(Attendance.session_id == session.id)
    attendances = db.session.scalars(of_session.execution_options(populate_existing=True))
    rows = {row.deputy_id: row for row in attendances}
    if len(deputies) < len(ids):
        raise _not_in_office()
    voting = sessions.being_voted(session) is not None
    if voting and len(ids) > 1:
        consents.take(session, ConsentAct.SIGN_IN, ids, by=by, now=now)
    signed_in = 0
    for deputy_id in ids:
        row = rows.get(deputy_id)
        if row is None or row.state != AttendanceState.PRESENT:
            _sign_in(session, deputies[deputy_id], row, how="desk", by=by, now=now)
            signed_in += 1
    db.session.flush()
    if voting:
        for deputy in deputies.values():
            _add_to_open_rounds(session, deputy, by=by, now=now)
    return signed_in


def _sign_in(
    session: Session, deputy: Deputy, row: Attendance | None, *, how: str, by: Actor, now: datetime
) -> Attendance:
    rehearsal = {"rehearsal": True} if session.state == SessionState.PLANNED else {}
    if rehearsal and row is not None and row.state == AttendanceState.LEAVE:
        raise RuleBroken(f"{deputy.name}已登记请假，演练中不能签到，请假记录保留。")
    before, row = _facts(row), row or _new_row(session, deputy)
    row.how = how
    _set_state(row, AttendanceState.PRESENT, by=by, now=now)
    after = {"how": how, **rehearsal}
    audit.record("checkin.present", by=by, at=now, about=deputy, before=before, after=after)
    return row


# --- leave, leaving early, corrections -----------------------------------------------------------------


def record_leave(session: Session, deputy_id: int, reason: str, *, by: Actor, now: datetime) -> Attendance:
    """Record 请假 with its reason; refuse it for a deputy who may vote in an open round."""
    reason = reason.strip()
    if not reason:
        raise RuleBroken("请填写请假事由。", field="reason", status=422)
    session, deputy, row = _lock(session, deputy_id)
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位代表。"), status=404)
    _refuse_while_open(session, deputy_id)
    before, row = _facts(row), row or _new_row(session, deputy)
    row.how = "desk"
    _set_state(row, AttendanceState.LEAVE, reason, by=by, now=now)
    audit.record("checkin.leave", by=by, at=now, about=deputy, before=before, after={"reason": reason})
    db.session.flush()
    return row


def leave_early(
    session: Session, deputy_id: int, reason: str = "", *, by: Actor, now: datetime
) -> Attendance:
    """Record 早退 of a deputy who has signed in.

    The deputy stays on the roll of an open round and keeps the vote there. A round that opens later does not have
    them on its roll. Raises RuleBroken for somebody who has not signed in, and while the session is not running.
    """
    session, deputy, row = _lock(session, deputy_id)
    _check_running(session, "登记早退")
    if row is not None and row.state == AttendanceState.LEFT:
        return row
    if row is None or row.state != AttendanceState.PRESENT:
        raise RuleBroken(bodies.speak("这位代表没有签到，不能登记早退。没有到会的，请登记请假。"))
    _set_state(row, AttendanceState.LEFT, reason.strip(), by=by, now=now)
    before, after = {"state": AttendanceState.PRESENT}, {"reason": row.reason} if row.reason else None
    audit.record("checkin.left", by=by, at=now, about=deputy, before=before, after=after)
    db.session.flush()
    return row


def undo(session: Session, deputy_id: int, *, by: Actor, now: datetime) -> None:
    """Remove a mistaken 签到 or 请假; after a mistaken 早退 the deputy is present again."""
    session, deputy, row = _lock(session, deputy_id)
    if row is None:
        raise RuleBroken(bodies.speak("这位代表没有签到或请假记录。"))
    before = _facts(row)
    if row.state == AttendanceState.LEFT:
        _check_running(session, "更改签到")
        _set_state(row, AttendanceState.PRESENT, by=by, now=now)
        assert deputy is not None
        _add_to_open_rounds(session, deputy, by=by, now=now)
    else:
        _refuse_while_open(session, deputy_id)
        db.session.delete(row)
    audit.record("checkin.undo", by=by, at=now, about=deputy, before=before)
    db.session.flush()


# --- what these acts share -----------------------------------------------------------------------------


def _lock(session: Session, deputy_id: int) -> tuple[Session, Deputy | None, Attendance | None]:
    """Lock the session (shared), then the deputy, then the deputy's attendance, and read them afresh.

    Another act on the same deputy waits for this one.
    """
    session = sessions.lock_session(session, shared=True)
    deputy = locked(select(Deputy).where(Deputy.id == deputy_id), key_share=True, of=Deputy)
    of_deputy = Attendance.session_id == session.id, Attendance.deputy_id == deputy_id
    return session, deputy, locked(select(Attendance).where(*of_deputy))


def _new_row(session: Session, deputy: Deputy) -> Attendance:
    row = Attendance(session_id=session.id, deputy_id=deputy.id)
    db.session.add(row)
    return row


def _set_state(
    row: Attendance, state: AttendanceState, reason: str = "", *, by: Actor, now: datetime
) -> None:
    row.state, row.at, row.recorded_by, row.reason = state, now, by.name, reason


def _facts(row: Attendance | None) -> dict[str, Any] | None:
    return audit.facts(row, "state", "reason") if row else None


def _check_running(session: Session, what: str = "签到") -> None:
    if not under_way(session):
        raise RuleBroken(f"会议还没有开始或已经闭会，现在不能{what}。")


def _not_in_office() -> RuleBroken:
    return RuleBroken(bodies.speak("名册上没有这位在任代表，不能签到。"), status=404)


def _refuse_while_open(session: Session, deputy_id: int) -> None:
    """Refuse to take a deputy off the roll of an open round, which only grows."""
    if _may_vote_now(session.id, deputy_id):
        raise RuleBroken(bodies.speak("投票正在进行，这位代表已列入本轮名册，关闭投票后才能更改签到。"))


def _add_to_open_rounds(session: Session, deputy: Deputy, *, by: Actor, now: datetime) -> None:
    open_rounds = rounds.open_query(session).with_for_update().execution_options(populate_existing=True)
    entries = update(RollEntry).values(present=True, late_by=by.name)
    entries = entries.where(RollEntry.deputy_id == deputy.id, ~RollEntry.present)
    for round_ in db.session.scalars(open_rounds).all():
        entry = entries.where(RollEntry.round_id == round_.id)
        changed = db.session.execute(entry.execution_options(synchronize_session=False))
        if changed.rowcount:  # type: ignore[attr-defined]
            round_.present = (round_.present or 0) + 1
            events.append(round_, "late_check_in", by=by, at=now, deputy=deputy.number)

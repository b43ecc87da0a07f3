"""Sessions of a congress: dates and place, their start and end, who of the deputies in office is here."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import selectinload

from votes.db import EVERY_BODY, db, flush_or, scoped
from votes.models import Attendance, CongressSession, Deputy, Round, Screen
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import SESSION, RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.rules.voting.rehearsal import is_over
from votes.services import audit

_REHEARSAL_ON = (Round.rehearsal, Round.state.in_([RoundState.DRAFT, RoundState.OPENED]))

# --- reading -------------------------------------------------------------------------------------------


def get(session_id: int) -> CongressSession | None:
    return db.session.scalar(
        select(CongressSession)
        .where(CongressSession.id == session_id)
        .options(selectinload(CongressSession.body), selectinload(CongressSession.tellers))
    )


def all_sessions() -> list[CongressSession]:
    """Newest first, with their rounds."""
    return list(
        db.session.scalars(
            select(CongressSession)
            .options(selectinload(CongressSession.rounds))
            .order_by(CongressSession.starts_on.desc(), CongressSession.id.desc())
        )
    )


def current() -> CongressSession | None:
    """The session of the body in scope that is running, the newest where there are several."""
    return db.session.scalar(
        select(CongressSession)
        .where(CongressSession.state == SessionState.RUNNING)
        .options(selectinload(CongressSession.body), selectinload(CongressSession.rounds))
        .order_by(CongressSession.starts_on.desc(), CongressSession.id.desc())
        .limit(1)
    )


def rehearsing() -> CongressSession | None:
    """The session of the body in scope that has not begun and has a rehearsal (演练) on, the next where there are several."""
    return db.session.scalar(
        select(CongressSession)
        .where(
            CongressSession.state == SessionState.PLANNED,
            CongressSession.id.in_(select(Round.session_id).where(*_REHEARSAL_ON)),
        )
        .options(selectinload(CongressSession.body), selectinload(CongressSession.rounds))
        .order_by(CongressSession.starts_on, CongressSession.id)
        .limit(1)
    )


def rehearsal_on(session: CongressSession) -> bool:
    """Is a rehearsal of the session being prepared, or its box open?"""
    found = db.session.scalar(select(Round.id).where(Round.session_id == session.id, *_REHEARSAL_ON).limit(1))
    return found is not None


def being_voted(session: CongressSession) -> str | None:
    """The title of a round of the session that is open, or None."""
    return db.session.scalar(
        select(Round.title).where(Round.session_id == session.id, Round.state == RoundState.OPENED).limit(1)
    )


def under_way(session: CongressSession) -> bool:
    """Is a round open, or waiting for its count or its signatures? Rehearsals from before the session began do not count."""
    busy = [RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED]
    rounds = db.session.execute(
        select(Round.rehearsal, Round.state, Round.opened_at).where(
            Round.session_id == session.id, Round.state.in_(busy)
        )
    )
    return any(not is_over(*round_, started_at=session.started_at) for round_ in rounds)


def by_hall_key(key: str) -> CongressSession | None:
    """Return the session of any body whose hall's QR code has this key."""
    query = select(CongressSession).where(CongressSession.hall_key == key)
    with scoped(EVERY_BODY):
        row: CongressSession | None = db.session.scalar(query.options(selectinload(CongressSession.body)))
    return row


# --- figures -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """Deputies in office, and where they are."""

    roster: int  # 应到
    present: int  # 实到
    leave: int  # 请假
    left: int  # 早退

    @property
    def absent(self) -> int:
        """未到: of whom nothing is noted."""
        return self.roster - self.present - self.leave - self.left


def figures(session: CongressSession) -> Figures:
    """应到, 实到, 请假, 早退 of the deputies in office. Two statements."""
    roster = db.session.scalar(
        select(func.count())
        .select_from(Deputy)
        .where(Deputy.body_id == session.body_id, Deputy.state == DeputyState.ACTIVE)
    )
    rows = db.session.execute(
        select(Attendance.state, func.count())
        .join(Deputy, Deputy.id == Attendance.deputy_id)
        .where(Attendance.session_id == session.id, Deputy.state == DeputyState.ACTIVE)
        .group_by(Attendance.state)
    ).all()
    found = {row[0]: row[1] for row in rows}
    return Figures(roster or 0, *(found.get(state, 0) for state in AttendanceState))


def headcount(session: CongressSession) -> tuple[int, int, int]:
    """(应到, 实到, 请假): deputies in office, those signed in, those on leave."""
    found = figures(session)
    return found.roster, found.present, found.leave


# --- the session ---------------------------------------------------------------------------------------


def save_session(
    session: CongressSession | None,
    *,
    title: str,
    year: int,
    starts_on: date,
    ends_on: date,
    place: str,
    by: Actor,
    now: datetime,
) -> CongressSession:
    """Create (``session`` None) or change a session. Raises RuleBroken for impossible dates or a taken title."""
    if ends_on < starts_on:
        raise RuleBroken("闭会日期不能早于开会日期。", field="ends_on", status=422)
    values = {
        "title": title.strip(),
        "year": year,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "place": place.strip(),
    }
    new = session is None
    before: dict[str, Any] = {}
    if session is None:
        session = CongressSession(
            **values,
            hall_secret=secrets.token_bytes(32),
            hall_key=secrets.token_urlsafe(16),
            screen_key=secrets.token_urlsafe(16),
            created_at=now,
        )
        db.session.add(session)
        db.session.flush()
        first = Screen(
            session_id=session.id, name="主屏", key=session.screen_key, view="auto", created_at=now
        )
        db.session.add(first)
    else:
        session = lock_session(session)  # nobody ends it meanwhile
        if session.state == SessionState.ENDED:
            raise RuleBroken("会议已闭会，不能再修改。")
        before = {k: getattr(session, k) for k in values}
        for key, value in values.items():
            setattr(session, key, value)
    flush_or(
        RuleBroken("已有同名的会议，请核对届次。", field="title"), constraint="uq_sessions_body_id_title"
    )
    before, after = audit.changes(before, values)
    if after:
        audit.record(
            "session.create" if new else "session.edit",
            by=by,
            at=now,
            about=session,
            before=before,
            after=after,
        )
    return session


def create_session(
    *, title: str, year: int, starts_on: date, ends_on: date, place: str, by: Actor, now: datetime
) -> CongressSession:
    return save_session(
        None, title=title, year=year, starts_on=starts_on, ends_on=ends_on, place=place, by=by, now=now
    )


def move(session: CongressSession, action: str, *, by: Actor, now: datetime) -> None:
    """Start or end the session (``action`` "start" | "end").

    What was signed in for a rehearsal is removed at the start, 请假 stays. Raises RuleBroken while a rehearsal's box
    is open, or a vote is not brought to its end.
    """
    session = lock_session(session)
    if action == "start":
        _end_rehearsals(session, by=by, now=now)
    if action == "end" and under_way(session):
        raise RuleBroken("还有票决没有办完（投票中、待计票或待签字），不能闭会。请先办完或作废该轮票决。")
    before = session.state
    session.state = step(SESSION, session.state, action)
    if action == "start":
        session.started_at = now
    audit.record(
        f"session.{action}",
        by=by,
        at=now,
        about=session,
        before={"state": before},
        after={"state": session.state},
    )


def _end_rehearsals(session: CongressSession, *, by: Actor, now: datetime) -> None:
    """The real session begins with an empty register: who signed in for a rehearsal did not sign in for it."""
    step(SESSION, session.state, "start")
    if open_one := being_voted(session):
        raise RuleBroken(
            f"演练“{open_one}”的票箱还开着，不能开始会议。请先关闭演练的票箱。", code="rehearsal_open"
        )
    removed = db.session.execute(
        delete(Attendance)
        .where(Attendance.session_id == session.id, Attendance.state != AttendanceState.LEAVE)
        .execution_options(synchronize_session="fetch")
    ).rowcount  # type: ignore[attr-defined]
    if removed:
        audit.record("session.end_rehearsal", by=by, at=now, about=session, after={"removed": removed})


def lock_session(session: CongressSession, *, shared: bool = False) -> CongressSession:
    """The session's row, locked for this transaction and read afresh; taken before any round's or deputy's.

    ``shared``: for signing in, which many do at once. It waits only for what needs to be alone: opening a round
    (its roll is who is here), naming tellers, starting and ending the session.
    """
    locked = db.session.scalar(
        select(CongressSession)
        .where(CongressSession.id == session.id)
        .with_for_update(read=shared, key_share=not shared)
        .execution_options(populate_existing=True)
    )
    assert locked is not None
    return locked

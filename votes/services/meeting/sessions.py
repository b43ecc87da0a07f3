"""Sessions of a congress: dates and place, start and end, and which deputies in office are present."""

import secrets
from datetime import date, datetime
from typing import Any, NamedTuple, TypedDict, Unpack

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import selectinload

from votes.db import EVERY_BODY, db, everything, locked, scoped
from votes.models import Attendance, Card, CongressSession, Deputy, Hall, Motion, Round, Screen
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import SESSION, RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.rules.voting.rehearsal import is_over
from votes.services import audit

_NEWEST = (CongressSession.starts_on.desc(), CongressSession.id.desc())
_REHEARSAL_ON = (Round.rehearsal, Round.state.in_([RoundState.DRAFT, RoundState.OPENED]))


class SessionFacts(TypedDict):
    """What the office enters about a session; ``year`` is the year of the projects that it decides."""

    title: str
    year: int
    starts_on: date
    ends_on: date
    place: str


# --- reading -------------------------------------------------------------------------------------------


def get(session_id: int) -> CongressSession | None:
    """Return the session with its body and tellers."""
    return db.session.scalar(
        select(CongressSession)
        .where(CongressSession.id == session_id)
        .options(selectinload(CongressSession.body), selectinload(CongressSession.tellers))
    )


def of(row: Card | Hall | Motion) -> CongressSession:
    """Return the session to which a card, hall or motion belongs."""
    session = get(row.session_id)
    assert session is not None
    return session


def all_sessions() -> list[CongressSession]:
    """Return the sessions of the body in scope with their rounds, newest first."""
    return everything(
        select(CongressSession).options(selectinload(CongressSession.rounds)).order_by(*_NEWEST)
    )


def current() -> CongressSession | None:
    """Return the session of the body in scope that is running, the newest of several."""
    running = select(CongressSession).where(CongressSession.state == SessionState.RUNNING)
    return _first(running.order_by(*_NEWEST))


def rehearsing() -> CongressSession | None:
    """Return the session of the body in scope that is rehearsed (演练) before it begins, the next of several."""
    rehearsed = CongressSession.id.in_(select(Round.session_id).where(*_REHEARSAL_ON))
    planned = select(CongressSession).where(CongressSession.state == SessionState.PLANNED, rehearsed)
    return _first(planned.order_by(CongressSession.starts_on, CongressSession.id))


def _first(query: Select[CongressSession]) -> CongressSession | None:
    with_rounds = query.options(selectinload(CongressSession.body), selectinload(CongressSession.rounds))
    return db.session.scalar(with_rounds.limit(1))


def rehearsal_on(session: CongressSession) -> bool:
    """Tell whether a rehearsal of the session is in preparation or its box is open."""
    rehearsal = select(Round.id).where(Round.session_id == session.id, *_REHEARSAL_ON)
    return db.session.scalar(rehearsal.limit(1)) is not None


def refuse_ended(session: CongressSession, words: str) -> None:
    """Refuse, with ``words``, what cannot be done in a session that has ended."""
    if session.state == SessionState.ENDED:
        raise RuleBroken(words)


def being_voted(session: CongressSession) -> str | None:
    """Return the title of a round of the session that is open, or None."""
    return db.session.scalar(
        select(Round.title).where(Round.session_id == session.id, Round.state == RoundState.OPENED).limit(1)
    )


def under_way(session: CongressSession) -> bool:
    """Tell whether a round is open, or waits for its count or its signatures; past rehearsals do not count."""
    busy = [RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED]
    rounds = select(Round.rehearsal, Round.state, Round.opened_at)
    rows = db.session.execute(rounds.where(Round.session_id == session.id, Round.state.in_(busy)))
    return any(not past_rehearsal(row, session) for row in rows)


def past_rehearsal(round_: Any, session: CongressSession) -> bool:
    """Tell whether the round, or a row with its columns, is a rehearsal that is over (see `is_over`)."""
    return is_over(round_.rehearsal, round_.state, round_.opened_at, started_at=session.started_at)


def by_hall_key(key: str) -> CongressSession | None:
    """Return the session of any body whose hall's QR code has this key."""
    query = select(CongressSession).where(CongressSession.hall_key == key)
    with scoped(EVERY_BODY):
        row: CongressSession | None = db.session.scalar(query.options(selectinload(CongressSession.body)))
    return row


# --- the deputies in office ----------------------------------------------------------------------------


class Headcount(NamedTuple):
    """The deputies in office by their attendance, in heads."""

    roster: int  # 应到
    present: int  # 实到
    leave: int  # 请假
    left: int  # 早退

    @property
    def absent(self) -> int:
        """Return 未到: those without an attendance of the session."""
        return self.roster - self.present - self.leave - self.left


def headcount(session: CongressSession) -> Headcount:
    """Count the deputies in office by their attendance, in two statements."""
    active = Deputy.state == DeputyState.ACTIVE
    roster = db.session.scalar(select(func.count(Deputy.id)).where(Deputy.body_id == session.body_id, active))
    states = select(Attendance.state, func.count()).join(Deputy, Deputy.id == Attendance.deputy_id)
    rows = db.session.execute(
        states.where(Attendance.session_id == session.id, active).group_by(Attendance.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return Headcount(roster or 0, *(counts.get(state, 0) for state in AttendanceState))


def in_office(deputy_id: int) -> Deputy | None:
    """Return the deputy if they are in office."""
    return db.session.scalar(select(Deputy).where(Deputy.id == deputy_id, Deputy.state == DeputyState.ACTIVE))


# --- acts ----------------------------------------------------------------------------------------------


def create_session(
    *, by: Actor, now: datetime, hash_name: str = "sha256", **facts: Unpack[SessionFacts]
) -> CongressSession:
    """Set up a session with its main screen; ``hash_name`` is the algorithm of its chain.

    Raises RuleBroken for impossible dates or a title that is taken.
    """
    session = CongressSession(
        hall_secret=secrets.token_bytes(32),
        hall_key=secrets.token_urlsafe(16),
        screen_key=secrets.token_urlsafe(16),
        hash_name=hash_name,
        created_at=now,
    )
    _save(session, facts, by=by, now=now)
    db.session.add(
        Screen(session_id=session.id, name="主屏", key=session.screen_key, view="auto", created_at=now)
    )
    db.session.flush()
    return session


def edit_session(
    session: CongressSession, *, by: Actor, now: datetime, **facts: Unpack[SessionFacts]
) -> None:
    """Change a session that has not ended. Refuses as `create_session` does."""
    session = lock_session(session)  # nobody ends it meanwhile
    refuse_ended(session, "会议已闭会，不能再修改。")
    _save(session, facts, by=by, now=now)


def _save(session: CongressSession, facts: SessionFacts, *, by: Actor, now: datetime) -> None:
    if facts["ends_on"] < facts["starts_on"]:
        raise RuleBroken("闭会日期不能早于开会日期。", field="ends_on", status=422)
    values = {**facts, "title": facts["title"].strip(), "place": facts["place"].strip()}
    taken = RuleBroken("已有同名的会议，请核对届次。", field="title")
    audit.save(session, "session", values, by=by, at=now, taken=taken, constraint="uq_sessions_body_id_title")


def move(session: CongressSession, action: str, *, by: Actor, now: datetime) -> None:
    """Start or end the session (``action`` "start" | "end").

    The start removes what was signed in for a rehearsal; 请假 stays. Raises RuleBroken while a rehearsal's box
    is open, and at the end for a round that is not finished.
    """
    session = lock_session(session)
    if action == "start":
        _end_rehearsals(session, by=by, now=now)
    if action == "end" and under_way(session):
        raise RuleBroken("还有票决没有办完（投票中、待计票或待签字），不能闭会。请先办完或作废该轮票决。")
    before, after = {"state": session.state}, {"state": step(SESSION, session.state, action)}
    session.state = after["state"]
    if action == "start":
        session.started_at = now
    audit.record(f"session.{action}", by=by, at=now, about=session, before=before, after=after)


def _end_rehearsals(session: CongressSession, *, by: Actor, now: datetime) -> None:
    """Empty the register of the session: who signed in for a rehearsal did not sign in for the session itself."""
    step(SESSION, session.state, "start")
    if title := being_voted(session):
        raise RuleBroken(
            f"演练“{title}”的票箱还开着，不能开始会议。请先关闭演练的票箱。", code="rehearsal_open"
        )
    removed = db.session.execute(
        delete(Attendance)
        .where(Attendance.session_id == session.id, Attendance.state != AttendanceState.LEAVE)
        .execution_options(synchronize_session="fetch")
    ).rowcount  # type: ignore[attr-defined]
    if removed:
        audit.record("session.end_rehearsal", by=by, at=now, about=session, after={"removed": removed})


def lock_session(session: CongressSession, *, shared: bool = False) -> CongressSession:
    """Lock the session's row for this transaction and read it afresh, before any row of a round or deputy.

    ``shared``: for signing in, which many do at once. A shared lock waits only for acts that need the session alone:
    opening a round (which freezes who is present), naming tellers, starting and ending the session.
    """
    row = locked(
        select(CongressSession).where(CongressSession.id == session.id), read=shared, key_share=not shared
    )
    assert row is not None
    return row

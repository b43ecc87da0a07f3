"""签到, 请假, 早退: by the deputy with the hall's code, or at the service desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

from votes.db import db
from votes.models import (
    Attendance,
    Card,
    CongressSession,
    Delegation,
    Deputy,
    RollEntry,
    Round,
    Turnout,
    table_of,
)
from votes.rules.codes import hall_code_ok, plain
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.services import audit
from votes.services.meeting import cards, events, rounds, sessions
from votes.services.people import bodies


@dataclass
class DeskRow:
    """One deputy as the service desk sees them."""

    deputy: Deputy
    delegation: str
    attendance: Attendance | None
    card: Card | None
    late: str | None = None  # 补签: who signed them in while a round was open


@dataclass(frozen=True)
class OpenRound:
    """An open round as one deputy stands in it. Whether they have voted is not in it, but for a paper handed out."""

    round: Round
    entitled: bool
    late_by: str | None
    paper: bool  # holds, or has cast, a paper ballot


@dataclass(frozen=True)
class Panel:
    """Everything that the desk needs about one deputy."""

    deputy: Deputy
    attendance: Attendance | None
    cards: list[Card]  # all that were issued for the session, newest first
    rounds: list[OpenRound]

    @property
    def card(self) -> Card | None:
        """The valid one."""
        return next((card for card in self.cards if card.voided_at is None), None)


def mode(session: CongressSession) -> str:
    """How deputies may check in: by the rule of the round that governs, else the body's default."""
    round_ = rounds.governing(session)
    if round_ is not None:
        return str(round_.rule.get("checkin", "desk_or_hall_code"))
    return str(session.body.settings.get("rule", {}).get("checkin", "desk_or_hall_code"))


def is_present(session_id: int, deputy_id: int) -> bool:
    table = table_of(Attendance)
    state = db.session.scalar(
        select(table.c.state).where(table.c.session_id == session_id, table.c.deputy_id == deputy_id)
    )
    return state == AttendanceState.PRESENT


def under_way(session: CongressSession) -> bool:
    """The session is running, or is rehearsed before it begins (what is signed in then is removed at its start)."""
    if session.state == SessionState.PLANNED:
        return sessions.rehearsal_on(session)
    return session.state == SessionState.RUNNING


def takes_part(session_id: int, deputy_id: int) -> bool:
    """Whether the deputy is here, or went early (早退) and still has the vote of a round that is open."""
    return is_present(session_id, deputy_id) or _may_vote_now(session_id, deputy_id)


def _may_vote_now(session_id: int, deputy_id: int) -> bool:
    """Whether the deputy is entitled in a round of the session that is open."""
    entitled = db.session.scalar(
        select(RollEntry.round_id)
        .join(Round, Round.id == RollEntry.round_id)
        .where(
            Round.session_id == session_id,
            Round.state == RoundState.OPENED,
            RollEntry.deputy_id == deputy_id,
            RollEntry.present,
        )
        .limit(1)
    )
    return entitled is not None


def desk(
    session: CongressSession, *, q: str = "", delegation_id: int | None = None, state: str = ""
) -> list[DeskRow]:
    """The deputies in office with their attendance, found by name, pinyin, initials or number. Two statements.

    ``state``: absent | present | leave | left | late (补签); empty for all.
    """
    query = (
        select(Deputy, Delegation.name, Attendance, Card)
        .join(Delegation, Delegation.id == Deputy.delegation_id)
        .outerjoin(Attendance, and_(Attendance.deputy_id == Deputy.id, Attendance.session_id == session.id))
        .outerjoin(
            Card, and_(Card.deputy_id == Deputy.id, Card.session_id == session.id, Card.voided_at.is_(None))
        )
        .where(Deputy.state == DeputyState.ACTIVE)
        .order_by(Delegation.position, Delegation.id, Deputy.number)
    )
    if q := plain(q):
        query = query.where(
            or_(
                Deputy.name.contains(q, autoescape=True),
                Deputy.number == q,
                Deputy.initials.startswith(q.upper(), autoescape=True),
                func.replace(Deputy.pinyin, " ", "").startswith(q.lower().replace(" ", ""), autoescape=True),
            )
        )
    if delegation_id:
        query = query.where(Deputy.delegation_id == delegation_id)
    late = dict(_late(session))
    if state == "absent":
        query = query.where(Attendance.state.is_(None))
    elif state == "late":
        query = query.where(Deputy.id.in_(late))
    elif state:
        query = query.where(Attendance.state == AttendanceState(state))
    return [DeskRow(*row, late=late.get(row[0].id)) for row in db.session.execute(query).all()]


def _late(session: CongressSession) -> list[tuple[int, str]]:
    """(deputy, who signed them in) of those who came while a round of the session was open."""
    rows = db.session.execute(
        select(RollEntry.deputy_id, RollEntry.late_by)
        .join(Round, Round.id == RollEntry.round_id)
        .where(Round.session_id == session.id, RollEntry.late_by.is_not(None))
        .order_by(Round.id)
    ).all()
    return [(row.deputy_id, row.late_by) for row in rows if row.late_by]


def open_rounds(session: CongressSession) -> list[Round]:
    """The session's rounds that are being voted on, in the order in which they were set up."""
    return list(
        db.session.scalars(
            select(Round)
            .where(Round.session_id == session.id, Round.state == RoundState.OPENED)
            .order_by(Round.id)
        )
    )


def panel(session: CongressSession, deputy_id: int) -> Panel | None:
    """One deputy in office as the desk sees them, or None. Four statements."""
    deputy = db.session.scalar(
        select(Deputy).where(Deputy.id == deputy_id, Deputy.state == DeputyState.ACTIVE)
    )
    if deputy is None:
        return None
    attendance = db.session.scalar(
        select(Attendance).where(Attendance.session_id == session.id, Attendance.deputy_id == deputy_id)
    )
    turnout = table_of(Turnout)
    rounds = db.session.execute(
        select(Round, RollEntry.present, RollEntry.late_by, turnout.c.round_id.label("paper"))
        .outerjoin(RollEntry, and_(RollEntry.round_id == Round.id, RollEntry.deputy_id == deputy_id))
        .outerjoin(
            turnout,
            and_(
                turnout.c.round_id == Round.id,
                turnout.c.deputy_id == deputy_id,
                turnout.c.channel == "paper",
            ),
        )
        .where(Round.session_id == session.id, Round.state == RoundState.OPENED)
        .order_by(Round.id)
    ).all()
    return Panel(
        deputy,
        attendance,
        cards.of_deputy(session, deputy_id),
        [OpenRound(row[0], bool(row.present), row.late_by, row.paper is not None) for row in rounds],
    )


def delegations() -> list[Delegation]:
    return list(db.session.scalars(select(Delegation).order_by(Delegation.position, Delegation.id)))


def check_in_self(
    session: CongressSession, deputy_id: int, code: str, *, by: Actor, now: datetime
) -> Attendance:
    """The deputy signs in with their phone; the hall's six figures show that they are in the hall.

    Raises RuleBroken for a wrong or old code, or where the rule leaves checking in to the desk.
    """
    way = mode(session)
    if way == "desk":
        raise RuleBroken("本次会议在服务台签到。请到会场服务台办理。", code="desk_only")
    if way == "desk_or_hall_code" and not hall_code_ok(session.hall_secret, code, now):
        raise RuleBroken(
            "签到码不正确或已更换。请看会场屏幕上现在的六位数字，重新输入。", field="code", status=422
        )
    return check_in(session, deputy_id, how="self", by=by, now=now)


def check_in(
    session: CongressSession, deputy_id: int, *, how: str = "desk", by: Actor, now: datetime
) -> Attendance:
    """Sign a deputy in (``how`` "self" | "desk"); during an open round this is a late 补签 on its roll.

    Signing in twice changes nothing; two at the same moment wait for each other. Raises RuleBroken while the session is neither running nor rehearsed, for
    somebody not in office, and in a rehearsal for somebody on leave.
    """
    session = sessions.lock_session(session, shared=True)
    _check_running(session)
    deputy = _lock_deputy(deputy_id)
    if deputy is None or deputy.state != DeputyState.ACTIVE:
        raise _not_in_office()
    row = _attendance(session, deputy_id)
    if row is None or row.state != AttendanceState.PRESENT:
        row = _sign_in(session, deputy, row, how=how, by=by, now=now)
    # Whoever is here is on the roll of what is open: asked even of somebody who had signed in already.
    _add_to_open_rounds(session, deputy, by=by, now=now)
    db.session.flush()
    return row


def check_in_all(session: CongressSession, deputy_ids: Iterable[int], *, by: Actor, now: datetime) -> int:
    """Sign in several at once (a hand-over from a paper register); answers how many were new.

    Asks the database a handful of questions, whatever their number, unless a round is open. Raises RuleBroken as `check_in` does;
    then nobody of them is signed in.
    """
    session = sessions.lock_session(session, shared=True)
    _check_running(session)
    wanted = list(dict.fromkeys(deputy_ids))
    in_office = db.session.scalars(
        select(Deputy)
        .where(Deputy.id.in_(wanted), Deputy.state == DeputyState.ACTIVE)
        .order_by(Deputy.id)
        .with_for_update(key_share=True, of=Deputy)
    )
    deputies = {deputy.id: deputy for deputy in in_office}
    noted = db.session.scalars(
        select(Attendance)
        .where(Attendance.session_id == session.id)
        .execution_options(populate_existing=True)
    )
    rows = {row.deputy_id: row for row in noted}
    fresh = []
    for deputy_id in wanted:
        if deputy_id not in deputies:
            raise _not_in_office()
        row = rows.get(deputy_id)
        if row is None or row.state != AttendanceState.PRESENT:
            _sign_in(session, deputies[deputy_id], row, how="desk", by=by, now=now)
            fresh.append(deputies[deputy_id])
    db.session.flush()
    open_round = db.session.scalar(
        select(Round.id).where(Round.session_id == session.id, Round.state == RoundState.OPENED).limit(1)
    )
    if open_round is not None:
        for deputy in deputies.values():
            _add_to_open_rounds(session, deputy, by=by, now=now)
    return len(fresh)


def _lock_deputy(deputy_id: int) -> Deputy | None:
    """The deputy's row, locked: who signs the same person in or out at this moment waits, and then reads what was done."""
    return db.session.scalar(
        select(Deputy)
        .where(Deputy.id == deputy_id)
        .with_for_update(key_share=True, of=Deputy)
        .execution_options(populate_existing=True)
    )


def _attendance(session: CongressSession, deputy_id: int) -> Attendance | None:
    """What is noted of the deputy, read afresh; the deputy's row is locked before."""
    return db.session.scalar(
        select(Attendance)
        .where(Attendance.session_id == session.id, Attendance.deputy_id == deputy_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _check_running(session: CongressSession, what: str = "签到") -> None:
    if not under_way(session):
        raise RuleBroken(f"会议还没有开始或已经闭会，现在不能{what}。")


def _not_in_office() -> RuleBroken:
    return RuleBroken(bodies.speak("名册上没有这位在任代表，不能签到。"), status=404)


def _sign_in(
    session: CongressSession, deputy: Deputy, row: Attendance | None, *, how: str, by: Actor, now: datetime
) -> Attendance:
    rehearsal = {"rehearsal": True} if session.state == SessionState.PLANNED else {}
    if rehearsal and row is not None and row.state == AttendanceState.LEAVE:
        raise RuleBroken(f"{deputy.name}已登记请假，演练中不能签到，请假记录保留。")
    before = {"state": row.state, "reason": row.reason} if row else None
    if row is None:
        row = Attendance(session_id=session.id, deputy_id=deputy.id, reason="")
        db.session.add(row)
    row.state, row.at, row.how, row.recorded_by, row.reason = AttendanceState.PRESENT, now, how, by.name, ""
    audit.record(
        "checkin.present", by=by, at=now, about=deputy, before=before, after={"how": how, **rehearsal}
    )
    return row


def record_leave(
    session: CongressSession, deputy_id: int, reason: str, *, by: Actor, now: datetime
) -> Attendance:
    """请假 with its reason. Somebody who has signed in while a round is open keeps the vote they have."""
    if not reason.strip():
        raise RuleBroken("请填写请假事由。", field="reason", status=422)
    session = sessions.lock_session(session, shared=True)
    deputy = _lock_deputy(deputy_id)
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位代表。"), status=404)
    _refuse_while_open(session, deputy_id)
    row = _attendance(session, deputy_id)
    before = {"state": row.state, "reason": row.reason} if row else None
    if row is None:
        row = Attendance(session_id=session.id, deputy_id=deputy_id)
        db.session.add(row)
    row.state, row.at, row.how, row.recorded_by, row.reason = (
        AttendanceState.LEAVE,
        now,
        "desk",
        by.name,
        reason.strip(),
    )
    audit.record(
        "checkin.leave", by=by, at=now, about=deputy, before=before, after={"reason": reason.strip()}
    )
    db.session.flush()
    return row


def leave_early(
    session: CongressSession, deputy_id: int, reason: str = "", *, by: Actor, now: datetime
) -> Attendance:
    """早退: somebody who has signed in goes before the end.

    On the roll of a round that is open they stay, and keep the vote there; to those opened afterwards they do not
    belong (`sessions.headcount` and the freezing of the roll count who is present). Raises RuleBroken for somebody
    who has not signed in, and while the session is not running.
    """
    session = sessions.lock_session(session, shared=True)
    _check_running(session, "登记早退")
    deputy = _lock_deputy(deputy_id)
    row = _attendance(session, deputy_id)
    if row is not None and row.state == AttendanceState.LEFT:
        return row
    if row is None or row.state != AttendanceState.PRESENT:
        raise RuleBroken(bodies.speak("这位代表没有签到，不能登记早退。没有到会的，请登记请假。"))
    row.state, row.at, row.recorded_by, row.reason = AttendanceState.LEFT, now, by.name, reason.strip()
    audit.record(
        "checkin.left",
        by=by,
        at=now,
        about=deputy,
        before={"state": AttendanceState.PRESENT},
        after={"reason": row.reason} if row.reason else None,
    )
    db.session.flush()
    return row


def undo(session: CongressSession, deputy_id: int, *, by: Actor, now: datetime) -> None:
    """Take back a mistaken 签到, 请假 or 早退; after a 早退 the deputy is present again."""
    session = sessions.lock_session(session, shared=True)
    deputy = _lock_deputy(deputy_id)
    row = _attendance(session, deputy_id)
    if row is None:
        raise RuleBroken(bodies.speak("这位代表没有签到或请假记录。"))
    before = {"state": row.state, "reason": row.reason}
    if row.state == AttendanceState.LEFT:
        _check_running(session, "更改签到")
        row.state, row.at, row.recorded_by, row.reason = AttendanceState.PRESENT, now, by.name, ""
        assert deputy is not None
        _add_to_open_rounds(session, deputy, by=by, now=now)
    else:
        _refuse_while_open(session, deputy_id)
        db.session.delete(row)
    audit.record("checkin.undo", by=by, at=now, about=deputy, before=before)
    db.session.flush()


def _refuse_while_open(session: CongressSession, deputy_id: int) -> None:
    """During an open round the roll only grows: who was present and entitled stays so."""
    if _may_vote_now(session.id, deputy_id):
        raise RuleBroken(bodies.speak("投票正在进行，这位代表已列入本轮名册，关闭投票后才能更改签到。"))


def _add_to_open_rounds(session: CongressSession, deputy: Deputy, *, by: Actor, now: datetime) -> None:
    rounds = db.session.scalars(
        select(Round)
        .where(Round.session_id == session.id, Round.state == RoundState.OPENED)
        .order_by(Round.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for round_ in rounds:
        changed = db.session.execute(
            update(RollEntry)
            .where(RollEntry.round_id == round_.id, RollEntry.deputy_id == deputy.id, ~RollEntry.present)
            .values(present=True, late_by=by.name)
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount:  # type: ignore[attr-defined]
            round_.present = (round_.present or 0) + 1
            events.append(round_, "late_check_in", by=by, at=now, deputy=deputy.number)

"""The service desk (服务台): the deputies with their attendance, and everything about one of them."""

from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select

from votes.db import db, everything
from votes.models import (
    Attendance,
    Card,
    CongressSession,
    Delegation,
    Deputy,
    RollEntry,
    Round,
    Turnout,
    VoteReport,
)
from votes.rules.codes import plain
from votes.rules.meeting.attendance import DESK_ACTS
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.rules.voting.ballots import ON_PAPER
from votes.services.meeting import cards, rounds, sessions


@dataclass(frozen=True)
class DeskRow:
    """One deputy in the list of the desk."""

    deputy: Deputy
    delegation: str
    attendance: Attendance | None
    late: str | None = None  # 补签: who signed them in while a round was open

    @property
    def acts(self) -> tuple[str, ...]:
        """Return the acts that the desk offers."""
        return DESK_ACTS[self.attendance.state if self.attendance else None]


@dataclass(frozen=True)
class OpenRound:
    """An open round as it concerns one deputy. It does not tell whether they have voted by phone."""

    round: Round
    entitled: bool
    late_by: str | None
    paper: bool  # holds, or has cast, a paper ballot


@dataclass(frozen=True, kw_only=True)
class Panel(DeskRow):
    """Everything that the desk shows about one deputy."""

    cards: list[Card]  # all that were issued for the session, newest first
    rounds: list[OpenRound]
    reported: list[str]  # the rounds in which the deputy's report 「不是我投的」 stands, by their titles

    @property
    def card(self) -> Card | None:
        """Return the valid card."""
        return next((card for card in self.cards if card.voided_at is None), None)


def rows(
    session: CongressSession, *, q: str = "", delegation_id: int | None = None, state: str = ""
) -> list[DeskRow]:
    """Return the deputies in office with their attendance, in two statements.

    ``q``: a part of the name, the beginning of pinyin or initials, or the number. ``state``: absent | present |
    leave | left | late (补签); empty for all.
    """
    query = (
        select(Deputy, Delegation.name, Attendance)
        .join(Delegation, Delegation.id == Deputy.delegation_id)
        .outerjoin(Attendance, (Attendance.deputy_id == Deputy.id) & (Attendance.session_id == session.id))
        .where(Deputy.state == DeputyState.ACTIVE)
        .order_by(Delegation.position, Delegation.id, Deputy.number)
    )
    if q := plain(q):
        pinyin = func.replace(Deputy.pinyin, " ", "")
        fits = (
            Deputy.name.contains(q, autoescape=True),
            Deputy.number == q,
            Deputy.initials.startswith(q.upper(), autoescape=True),
            pinyin.startswith(q.lower().replace(" ", ""), autoescape=True),
        )
        query = query.where(or_(*fits))
    if delegation_id:
        query = query.where(Deputy.delegation_id == delegation_id)
    late = _late(session)
    if state == "absent":
        query = query.where(Attendance.state.is_(None))
    elif state == "late":
        query = query.where(Deputy.id.in_(late))
    elif state:
        query = query.where(Attendance.state == AttendanceState(state))
    return [DeskRow(*row, late=late.get(row[0].id)) for row in db.session.execute(query).all()]


def _late(session: CongressSession) -> dict[int, str]:
    """Return deputy id → who signed them in, for those who came while a round of the session was open."""
    entries = select(RollEntry.deputy_id, RollEntry.late_by).join(Round, Round.id == RollEntry.round_id)
    late = entries.where(Round.session_id == session.id, RollEntry.late_by.is_not(None)).order_by(Round.id)
    return {entry.deputy_id: entry.late_by for entry in db.session.execute(late) if entry.late_by}


def open_rounds(session: CongressSession) -> list[Round]:
    """Return the session's open rounds in the order of their setting up."""
    return everything(rounds.open_query(session))


def panel(session: CongressSession, deputy_id: int) -> Panel | None:
    """Return what the desk shows about one deputy in office, or None; in five statements."""
    deputy = sessions.in_office(deputy_id)
    if deputy is None:
        return None
    of_deputy = Attendance.session_id == session.id, Attendance.deputy_id == deputy_id
    in_turnout = (Turnout.round_id == Round.id) & (Turnout.deputy_id == deputy_id)
    open_rounds = (
        rounds.open_query(session)
        .add_columns(RollEntry.present, RollEntry.late_by, Turnout.round_id.label("paper"))
        .outerjoin(RollEntry, (RollEntry.round_id == Round.id) & (RollEntry.deputy_id == deputy_id))
        .outerjoin(Turnout, in_turnout & Turnout.channel.in_(ON_PAPER))
    )
    return Panel(
        deputy,
        deputy.delegation.name,
        db.session.scalar(select(Attendance).where(*of_deputy)),
        cards=cards.of_deputy(session, deputy_id),
        rounds=[
            OpenRound(row[0], bool(row.present), row.late_by, row.paper is not None)
            for row in db.session.execute(open_rounds)
        ],
        reported=everything(_reported(session, deputy_id)),
    )


def _reported(session: CongressSession, deputy_id: int) -> Select[str]:
    made = select(Round.title).join(VoteReport, VoteReport.round_id == Round.id).order_by(Round.id)
    standing = VoteReport.deputy_id == deputy_id, VoteReport.withdrawn_before_id.is_(None)
    return made.where(Round.session_id == session.id, *standing)

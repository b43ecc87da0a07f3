"""代表履职 in figures: what everybody, or one deputy, did in a year, and the rates of the body.

Attendance and taking part, never how anybody voted. Beside it: meetings and who was there (`duty_meetings`), what is
entered by hand (`duty_entries`), the record of one deputy and its paper (`duty_records`), the page that citizens see
(`deputy_pages`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from votes.clock import SHANGHAI
from votes.db import db
from votes.models import (
    Attendance,
    CongressSession,
    Deputy,
    DutyAttendance,
    DutyEntry,
    DutyMeeting,
    Inspection,
    InspectionMember,
    InspectionNote,
    RollEntry,
    Round,
    Suggestion,
    Turnout,
    table_of,
)
from votes.rules.duties import duties as rules
from votes.rules.duties.duties import CONGRESS, DutyAttendanceState, DutyState, Figures, Rates, Share, days_of
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState
from votes.rules.suggestions.suggestions import SuggestionState
from votes.services.people import roster

roll, turnout = table_of(RollEntry), table_of(Turnout)

#: What a signing-in at a session of the congress counts as; who went early was there.
_AT_CONGRESS = {
    AttendanceState.PRESENT: DutyAttendanceState.PRESENT,
    AttendanceState.LEFT: DutyAttendanceState.PRESENT,
    AttendanceState.LEAVE: DutyAttendanceState.LEAVE,
}


# --- which years -------------------------------------------------------------------------------------------


def years(today: date, *, coming: bool = False) -> list[int]:
    """The years of which there is anything, and the present one; newest first. With ``coming`` also the next one where
    a meeting is entered for it."""
    columns = (CongressSession.starts_on, DutyMeeting.held_on, DutyEntry.held_on, Inspection.held_on)
    firsts = [db.session.scalar(select(func.min(column))) for column in columns]
    first = min((day.year for day in firsts if day), default=today.year)
    last = db.session.scalar(select(func.max(DutyMeeting.held_on))) if coming else None
    return list(range(max(today.year, last.year if last else 0), min(first, today.year) - 1, -1))


def moments_of(year: int) -> tuple[datetime, datetime]:
    """The first moment of ``year`` and of the next, as the place's clocks show them."""
    return datetime(year, 1, 1, tzinfo=SHANGHAI), datetime(year + 1, 1, 1, tzinfo=SHANGHAI)


def of(query: Any, column: Any, deputy_ids: Collection[int] | None) -> Any:
    """``query`` narrowed to some deputies; to all with None."""
    return query if deputy_ids is None else query.where(column.in_(deputy_ids))


# --- sessions and votes --------------------------------------------------------------------------------------


def _sessions(year: int) -> list[CongressSession]:
    """Sessions of the year that have ended: before, nobody is absent yet."""
    return list(
        db.session.scalars(
            select(CongressSession)
            .where(
                CongressSession.state == SessionState.ENDED, CongressSession.starts_on.between(*days_of(year))
            )
            .order_by(CongressSession.starts_on, CongressSession.id)
        )
    )


@dataclass(frozen=True)
class AtCongress:
    """One session of the congress: who was called, and whether they were there."""

    session: CongressSession
    marks: dict[int, DutyAttendanceState]


def congress(year: int, deputy_ids: Collection[int] | None = None) -> list[AtCongress]:
    """Attendance at the year's sessions, of all deputies or of some. Called were those on the rolls that its votes
    froze; where a session held no vote, those who signed in or took leave and those in office now."""
    held = _sessions(year)
    if not held:
        return []
    ids = [session.id for session in held]
    query = select(Attendance.session_id, Attendance.deputy_id, Attendance.state).where(
        Attendance.session_id.in_(ids)
    )
    noted = {
        (session_id, id_): _AT_CONGRESS[state]
        for session_id, id_, state in db.session.execute(of(query, Attendance.deputy_id, deputy_ids))
    }
    formal = dict(
        db.session.execute(
            select(Round.id, Round.session_id).where(
                Round.session_id.in_(ids), Round.rehearsal.is_(False), Round.opened_at.isnot(None)
            )
        ).all()
    )
    called: dict[int, set[int]] = {}
    if formal:
        rows = select(roll.c.round_id, roll.c.deputy_id).where(roll.c.round_id.in_(list(formal)))
        for round_id, id_ in db.session.execute(of(rows, roll.c.deputy_id, deputy_ids)):
            called.setdefault(formal[round_id], set()).add(id_)
    without_roll = set(ids) - set(formal.values())
    if without_roll:
        now = select(Deputy.id).where(Deputy.state == DeputyState.ACTIVE)
        in_office = set(db.session.scalars(of(now, Deputy.id, deputy_ids)))
        for session_id in without_roll:
            called[session_id] = in_office | {id_ for held_in, id_ in noted if held_in == session_id}
    return [
        AtCongress(
            session,
            {
                id_: noted.get((session.id, id_), DutyAttendanceState.ABSENT)
                for id_ in sorted(called.get(session.id, ()))
            },
        )
        for session in held
    ]


class Held(NamedTuple):
    """A vote in which somebody's taking part may be told; nothing of its result is read."""

    id: int
    title: str
    closed_at: datetime
    rating: bool


def votes_held(year: int) -> list[Held]:
    """The votes of the year: closed, standing, no rehearsal."""
    first, after = moments_of(year)
    return [
        Held(id_, title, closed_at, rule.get("method") == "rating")
        for id_, title, closed_at, rule in db.session.execute(
            select(Round.id, Round.title, Round.closed_at, Round.rule)
            .where(
                Round.rehearsal.is_(False),
                Round.state.in_(
                    [RoundState.CLOSED, RoundState.COUNTED, RoundState.CERTIFIED, RoundState.ANNOUNCED]
                ),
                Round.closed_at >= first,
                Round.closed_at < after,
            )
            .order_by(Round.closed_at, Round.id)
        )
    ]


# --- the year's figures --------------------------------------------------------------------------------------


def figures(
    year: int,
    deputy_ids: Collection[int] | None = None,
    *,
    sessions: Iterable[AtCongress] | None = None,
    votes: Iterable[Held] | None = None,
) -> dict[int, Figures]:
    """Deputy id → what they did in ``year``; of everybody, or of some. Who did nothing is not in it.

    ``sessions`` and ``votes``: what `congress` and `votes_held` answer, where the caller has read it. The number of
    statements does not depend on how many deputies there are.
    """
    found: dict[int, Figures] = {}

    def at(id_: int) -> Figures:
        return found.setdefault(id_, Figures())

    for session in congress(year, deputy_ids) if sessions is None else sessions:
        for id_, state in session.marks.items():
            at(id_).add(CONGRESS, rules.attended(state))
    query = (
        select(
            DutyAttendance.deputy_id,
            DutyMeeting.kind,
            DutyAttendance.state,
            func.count(),
            func.count().filter(DutyAttendance.spoke),
        )
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyMeeting.held_on.between(*days_of(year)))
        .group_by(DutyAttendance.deputy_id, DutyMeeting.kind, DutyAttendance.state)
    )
    for id_, kind, state, times, spoke in db.session.execute(of(query, DutyAttendance.deputy_id, deputy_ids)):
        at(id_).add(kind, rules.attended(state, times, spoke))
    entered = (
        select(DutyEntry.deputy_id, DutyEntry.kind, func.count())
        .where(DutyEntry.state == DutyState.CONFIRMED, DutyEntry.held_on.between(*days_of(year)))
        .group_by(DutyEntry.deputy_id, DutyEntry.kind)
    )
    for id_, kind, times in db.session.execute(of(entered, DutyEntry.deputy_id, deputy_ids)):
        at(id_).entries[kind] = times
    for name, query, column in _counted(year):
        for id_, times in db.session.execute(of(query, column, deputy_ids)):
            setattr(at(id_), name, times)
    for name, share in _turnouts(votes_held(year) if votes is None else votes, deputy_ids):
        for id_, value in share.items():
            setattr(at(id_), name, value)
    return found


def gathered(year: int) -> tuple[Any, ...]:
    """What makes a suggestion one that came through a deputy in ``year``: those turned away (垃圾信息 …) are none."""
    first, after = moments_of(year)
    return (
        Suggestion.deputy_id.isnot(None),
        Suggestion.state != SuggestionState.REFUSED,
        Suggestion.received_at >= first,
        Suggestion.received_at < after,
    )


def _counted(year: int) -> list[tuple[str, Any, Any]]:
    """(figure, its query by deputy, the deputy's column)."""
    first, after = moments_of(year)
    suggested = (
        select(Suggestion.deputy_id, func.count()).where(*gathered(year)).group_by(Suggestion.deputy_id)
    )
    inspected = (
        select(InspectionMember.deputy_id, func.count())
        .join(Inspection, InspectionMember.inspection_id == Inspection.id)
        .where(InspectionMember.attended, Inspection.held_on.between(*days_of(year)))
        .group_by(InspectionMember.deputy_id)
    )
    noted = (
        select(InspectionNote.deputy_id, func.count())
        .where(InspectionNote.written_at >= first, InspectionNote.written_at < after)
        .group_by(InspectionNote.deputy_id)
    )
    return [
        ("suggestions", suggested, Suggestion.deputy_id),
        ("inspections", inspected, InspectionMember.deputy_id),
        ("notes", noted, InspectionNote.deputy_id),
    ]


def _turnouts(
    votes: Iterable[Held], deputy_ids: Collection[int] | None
) -> list[tuple[str, dict[int, Share]]]:
    """Of the votes, and of the ratings: deputy id → (took part, entitled)."""
    rating = {vote.id: vote.rating for vote in votes}
    if not rating:
        return []
    counts: list[dict[int, tuple[int, int]]] = []
    for table in (turnout, roll):
        at_rating = table.c.round_id.in_([id_ for id_, is_rating in rating.items() if is_rating])
        query = (
            select(table.c.deputy_id, func.count(), func.count().filter(at_rating))
            .where(table.c.round_id.in_(list(rating)))
            .group_by(table.c.deputy_id)
        )
        rows = db.session.execute(of(query, table.c.deputy_id, deputy_ids))
        counts.append({id_: (times - rated, rated) for id_, times, rated in rows})
    took, entitled = counts
    return [
        (name, {id_: Share(took.get(id_, (0, 0))[place], times[place]) for id_, times in entitled.items()})
        for place, name in enumerate(("votes", "ratings"))
    ]


def own_figures(deputy: Deputy, year: int) -> Figures:
    """What one deputy did in ``year``."""
    return figures(year, [deputy.id]).get(deputy.id) or Figures()


# --- everybody on one page -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One deputy and their year in numbers."""

    deputy: Deputy
    figures: Figures
    rates: Rates


def everybody(year: int, *, kind: BodyKind) -> list[Line]:
    """All deputies in office, and those who are not any more but did something in ``year``; by delegation. ``kind`` of
    body says what is counted in its rates."""
    found = figures(year)
    lines = []
    for deputy in roster.everyone():
        if deputy.state != DeputyState.ENDED or deputy.id in found:
            own = found.get(deputy.id) or Figures()
            lines.append(Line(deputy, own, own.rates(kind)))
    return lines


def rates(lines: Iterable[Line]) -> Rates:
    """The rates of the body."""
    return rules.rates_of_all(line.rates for line in lines)


SORTS: dict[str, Any] = {
    "delegation": None,
    "number": lambda line: (len(line.deputy.number), line.deputy.number),
    "name": lambda line: (line.deputy.pinyin, line.deputy.number),
    "congress": lambda line: _rank(line.rates.congress),
    "committee": lambda line: _rank(line.rates.committee),
    "special": lambda line: _rank(line.rates.special),
    "speaking": lambda line: _rank(line.rates.speaking),
    "votes": lambda line: _rank(line.figures.votes + line.figures.ratings),
    "suggestions": lambda line: -line.figures.suggestions,
    "inspections": lambda line: -(line.figures.inspections + line.figures.notes),
    "activities": lambda line: -sum(line.figures.entries.values()),
}


def _rank(share: Share) -> tuple[bool, float]:
    """Lowest first, those never called last: who is behind is what one looks for."""
    percent = share.percent
    return percent is None, float(percent or 0)


def narrow(
    lines: Iterable[Line], *, q: str = "", delegation_id: int | None = None, sort: str = "delegation"
) -> list[Line]:
    """Those of ``lines`` whose name, number or post has ``q``, sorted by a key of `SORTS`."""
    words = q.split()
    found = [
        line
        for line in lines
        if (delegation_id is None or line.deputy.delegation_id == delegation_id)
        and all(
            word in f"{line.deputy.name} {line.deputy.number} {line.deputy.post or ''}"
            or (word.isascii() and line.deputy.initials.startswith(word.upper()))
            for word in words
        )
    ]
    key = SORTS.get(sort)
    return sorted(found, key=key) if key else found

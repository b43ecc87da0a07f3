"""代表履职 in figures: what everybody, or one deputy, did in a year, and the rates of the body.

Attendance and taking part, never how anybody voted. Beside it stand `meetings` (who was called and came), `entries`
(what is entered by hand), `records` (one deputy's year and its document) and `public_pages` (what citizens see).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from votes.clock import SHANGHAI
from votes.db import RowSearch, db
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
from votes.rules.duties.duties import DutyAttendanceState, DutyFigures, DutyState, Rates, Share, days_of
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people import organs
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState
from votes.rules.suggestions.suggestions import SuggestionState
from votes.services.people import roster

roll, turnout = table_of(RollEntry), table_of(Turnout)

#: What a signing-in at a session of the congress counts as; whoever left early was present.
_AT_CONGRESS = {
    AttendanceState.PRESENT: DutyAttendanceState.PRESENT,
    AttendanceState.LEFT: DutyAttendanceState.PRESENT,
    AttendanceState.LEAVE: DutyAttendanceState.LEAVE,
}


# --- what belongs to a year ----------------------------------------------------------------------------------


def years(today: date, *, coming: bool = False) -> list[int]:
    """Return this year and all back to the first with any row, newest first.

    ``coming``: next year too, where a meeting is entered for it.
    """
    columns = (CongressSession.starts_on, DutyMeeting.held_on, DutyEntry.held_on, Inspection.held_on)
    firsts = [db.session.scalar(select(func.min(column))) for column in columns]
    first = min((day.year for day in firsts if day), default=today.year)
    last = db.session.scalar(select(func.max(DutyMeeting.held_on))) if coming else None
    return list(range(max(today.year, last.year if last else 0), min(first, today.year) - 1, -1))


def moments_of(year: int, column: Any) -> tuple[Any, ...]:
    """Return the conditions that a moment in ``column`` lies in ``year`` by the place's clocks."""
    first, after = (datetime(each, 1, 1, tzinfo=SHANGHAI) for each in (year, year + 1))
    return column >= first, column < after


def met(year: int) -> ColumnElement[bool]:
    """Return the condition for the meetings of ``year``."""
    return DutyMeeting.held_on.between(*days_of(year))


def confirmed(year: int) -> tuple[Any, ...]:
    """Return the conditions for the entries that count in ``year``."""
    return DutyEntry.state == DutyState.CONFIRMED, DutyEntry.held_on.between(*days_of(year))


def inspected(year: int) -> tuple[Any, ...]:
    """Return the conditions for the inspections of ``year`` that a deputy attended."""
    return InspectionMember.attended, Inspection.held_on.between(*days_of(year))


def gathered(year: int) -> tuple[Any, ...]:
    """Return the conditions for the suggestions that came through deputies in ``year``; refused ones do not count."""
    by_deputy = Suggestion.deputy_id.isnot(None), Suggestion.state != SuggestionState.REFUSED
    return *by_deputy, *moments_of(year, Suggestion.received_at)


def _of(query: Any, column: Any, deputy_ids: Collection[int] | None) -> Any:
    """Narrow ``query`` to some deputies; None leaves it as it is."""
    return query if deputy_ids is None else query.where(column.in_(deputy_ids))


# --- sessions and votes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CongressAttendance:
    """One session of the congress: who was called, and whether they came."""

    session: CongressSession
    marks: dict[int, DutyAttendanceState]


def congress(year: int, deputy_ids: Collection[int] | None = None) -> list[CongressAttendance]:
    """Return attendance at the year's sessions, of all deputies or of some.

    Only sessions that have ended count: before, nobody is absent yet. Called were those on the rolls that the votes
    froze; where a session held no vote, those who signed in or took leave, and those in office now.
    """
    ended = CongressSession.state == SessionState.ENDED, CongressSession.starts_on.between(*days_of(year))
    query = select(CongressSession).where(*ended)
    sessions = list(db.session.scalars(query.order_by(CongressSession.starts_on, CongressSession.id)))
    if not sessions:
        return []
    ids = [session.id for session in sessions]
    signed = select(Attendance.session_id, Attendance.deputy_id, Attendance.state)
    signed = _of(signed.where(Attendance.session_id.in_(ids)), Attendance.deputy_id, deputy_ids)
    states = {(session, id_): _AT_CONGRESS[state] for session, id_, state in db.session.execute(signed)}
    called = _on_rolls(ids, deputy_ids)
    without_roll = set(ids) - set(called)
    if without_roll:
        active = select(Deputy.id).where(Deputy.state == DeputyState.ACTIVE)
        in_office = set(db.session.scalars(_of(active, Deputy.id, deputy_ids)))
        for session_id in without_roll:
            called[session_id] = in_office | {id_ for at_session, id_ in states if at_session == session_id}
    absent = DutyAttendanceState.ABSENT
    return [
        CongressAttendance(each, {id_: states.get((each.id, id_), absent) for id_ in sorted(called[each.id])})
        for each in sessions
    ]


def _on_rolls(session_ids: Collection[int], deputy_ids: Collection[int] | None) -> dict[int, set[int]]:
    """Return the deputies on the rolls of each session's votes, by session id; no key for one without a vote."""
    formal = Round.rehearsal.is_(False), Round.opened_at.isnot(None)
    rounds = select(Round.id, Round.session_id).where(Round.session_id.in_(session_ids), *formal)
    session_of = dict(db.session.execute(rounds).all())
    called: dict[int, set[int]] = {session_id: set() for session_id in session_of.values()}
    if session_of:
        rows = select(roll.c.round_id, roll.c.deputy_id).where(roll.c.round_id.in_(list(session_of)))
        for round_id, id_ in db.session.execute(_of(rows, roll.c.deputy_id, deputy_ids)):
            called[session_of[round_id]].add(id_)
    return called


class ClosedVote(NamedTuple):
    """A vote of which it may be said who took part; nothing of its result is read."""

    id: int
    title: str
    closed_at: datetime
    rating: bool


#: The states of a round whose box is closed, and whose vote stands.
_CLOSED = RoundState.CLOSED, RoundState.COUNTED, RoundState.CERTIFIED, RoundState.ANNOUNCED


def votes_held(year: int) -> list[ClosedVote]:
    """Return the votes that closed in ``year`` and stand, without rehearsals."""
    query = (
        select(Round.id, Round.title, Round.closed_at, Round.rule)
        .where(Round.rehearsal.is_(False), Round.state.in_(_CLOSED), *moments_of(year, Round.closed_at))
        .order_by(Round.closed_at, Round.id)
    )
    rows = db.session.execute(query)
    return [ClosedVote(id_, title, at, rule.get("method") == "rating") for id_, title, at, rule in rows if at]


# --- the year's figures --------------------------------------------------------------------------------------


def figures(
    year: int,
    deputy_ids: Collection[int] | None = None,
    *,
    sessions: Iterable[CongressAttendance] | None = None,
    votes: Iterable[ClosedVote] | None = None,
) -> dict[int, DutyFigures]:
    """Return what deputies did in ``year``, by id: everybody, or some. Whoever did nothing is not in it.

    ``sessions`` and ``votes``: the answers of `congress` and `votes_held`, where the caller has read them. The number
    of statements does not depend on the number of deputies.
    """
    by_deputy: dict[int, DutyFigures] = defaultdict(DutyFigures)
    for session in congress(year, deputy_ids) if sessions is None else sessions:
        for id_, state in session.marks.items():
            by_deputy[id_].add(rules.CONGRESS, rules.attended(state))
    attendance = DutyAttendance.deputy_id, DutyMeeting.kind, DutyAttendance.state
    query = (
        select(*attendance, func.count(), func.count().filter(DutyAttendance.spoke))
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(met(year))
        .group_by(*attendance)
    )
    rows = db.session.execute(_of(query, DutyAttendance.deputy_id, deputy_ids))
    for id_, kind, state, times, spoke in rows:
        by_deputy[id_].add(kind, rules.attended(state, times, spoke))
    entered = select(DutyEntry.deputy_id, DutyEntry.kind, func.count()).where(*confirmed(year))
    entered = entered.group_by(DutyEntry.deputy_id, DutyEntry.kind)
    for id_, kind, times in db.session.execute(_of(entered, DutyEntry.deputy_id, deputy_ids)):
        by_deputy[id_].entries[kind] = times
    for name, column, counted in _counted(year):
        for id_, times in db.session.execute(_of(counted, column, deputy_ids)):
            setattr(by_deputy[id_], name, times)
    for name, shares in _turnouts(votes_held(year) if votes is None else votes, deputy_ids):
        for id_, share in shares.items():
            setattr(by_deputy[id_], name, share)
    return by_deputy


def _counted(year: int) -> list[tuple[str, Any, Select[Any]]]:
    """Return (figure, the deputy's column, the query that counts by it)."""

    def count(column: Any, *conditions: Any) -> Select[Any]:
        return select(column, func.count()).where(*conditions).group_by(column)

    member, noted = InspectionMember.deputy_id, InspectionNote.deputy_id
    visits = count(member, *inspected(year)).join(Inspection, InspectionMember.inspection_id == Inspection.id)
    return [
        ("suggestions", Suggestion.deputy_id, count(Suggestion.deputy_id, *gathered(year))),
        ("inspections", member, visits),
        ("notes", noted, count(noted, *moments_of(year, InspectionNote.written_at))),
    ]


def _turnouts(
    votes: Iterable[ClosedVote], deputy_ids: Collection[int] | None
) -> list[tuple[str, dict[int, Share]]]:
    """Return for the votes, and for the ratings, how often each deputy took part out of how often entitled."""
    ids = [vote.id for vote in votes]
    rated = [vote.id for vote in votes if vote.rating]
    if not ids:
        return []
    counts: list[dict[int, tuple[int, int]]] = []
    for table in (turnout, roll):
        query = select(table.c.deputy_id, func.count(), func.count().filter(table.c.round_id.in_(rated)))
        query = query.where(table.c.round_id.in_(ids)).group_by(table.c.deputy_id)
        rows = db.session.execute(_of(query, table.c.deputy_id, deputy_ids))
        counts.append({id_: (times - at_rating, at_rating) for id_, times, at_rating in rows})
    took, entitled = counts
    return [
        (name, {id_: Share(took.get(id_, (0, 0))[place], times[place]) for id_, times in entitled.items()})
        for place, name in enumerate(("votes", "ratings"))
    ]


def own_figures(deputy: Deputy, year: int) -> DutyFigures:
    """Return what one deputy did in ``year``."""
    return figures(year, [deputy.id]).get(deputy.id) or DutyFigures()


# --- everybody on one page -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeputyYear:
    """One deputy and their year in numbers."""

    deputy: Deputy
    figures: DutyFigures
    rates: Rates

    @property
    def votes(self) -> Share:
        """Return the votes and ratings in which the deputy took part."""
        return self.figures.votes + self.figures.ratings

    @property
    def in_office(self) -> bool:
        """Tell whether the deputy is in office now."""
        return self.deputy.state == DeputyState.ACTIVE


def everybody(year: int, *, kind: BodyKind) -> list[DeputyYear]:
    """Return all deputies in office, and others who did something in ``year``, by delegation.

    ``kind`` of body decides what counts in the rates.
    """
    by_deputy = figures(year)
    return [
        DeputyYear(deputy, own := by_deputy.get(deputy.id) or DutyFigures(), own.rates(kind))
        for deputy in roster.everyone()
        if deputy.state != DeputyState.ENDED or deputy.id in by_deputy
    ]


def _rank(share: Share) -> tuple[bool, float]:
    """Return the sort key that puts the lowest first (the page is read for who is behind), those never called last."""
    return share.percent is None, float(share.percent or 0)


def _has_words(line: DeputyYear, words: str) -> bool:
    """Tell whether name, number or post has every word; letters are taken as the initials of the name too."""
    deputy = line.deputy
    text = f"{deputy.name} {deputy.number} {deputy.post or ''}"
    return all(
        word in text or (word.isascii() and deputy.initials.startswith(word.upper()))
        for word in words.split()
    )


def _search(kind: BodyKind) -> RowSearch:
    """Return how the list of all deputies is narrowed and sorted in a body of ``kind``."""
    rates = {
        key: (f"{word}低的在前", lambda line, key=key: _rank(getattr(line.rates, key)))
        for key, word in rules.RATE_WORDS[kind].items()
    }
    group, number = organs.of(kind).group, organs.of(kind).number
    return RowSearch(
        filters={
            "year": lambda line, year: True,  # `everybody` has read the lines of one year
            "q": _has_words,
            "delegation_id": lambda line, id_: line.deputy.delegation_id == id_,
        },
        sorts={
            "delegation": (group, lambda line: 0),
            "number": (number, lambda line: (len(line.deputy.number), line.deputy.number)),
            "name": ("姓名拼音", lambda line: (line.deputy.pinyin, line.deputy.number)),
            **rates,
            "votes": ("参加票决少的在前", lambda line: _rank(line.votes)),
            "suggestions": ("建议多的在前", lambda line: -line.figures.suggestions),
            "inspections": ("视察多的在前", lambda line: -(line.figures.inspections + line.figures.notes)),
            "activities": ("活动多的在前", lambda line: -sum(line.figures.entries.values())),
        },
    )


SEARCHES = {kind: _search(kind) for kind in BodyKind}

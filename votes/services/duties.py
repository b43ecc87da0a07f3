"""履职档案: a deputy's year out of all that is known of it, meetings and their attendance, what is entered by hand,
and what of it the deputy's own page shows. Attendance and taking part, never how anybody voted.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from votes.clock import SHANGHAI, local
from votes.db import db, flush_or
from votes.db import page as page
from votes.exports import deputy_cards, duty_papers, papers, xlsx
from votes.exports.layout import Paper
from votes.models import (
    Attendance,
    Body,
    CongressSession,
    Delegation,
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
    Tracking,
    Turnout,
    table_of,
)
from votes.rules import duties as rules
from votes.rules.duties import (
    CONGRESS,
    DUTY,
    Attended,
    DutyAttendanceState,
    DutyKind,
    DutyMeetingKind,
    DutyState,
    Figures,
    Marks,
    Rates,
    Share,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people import AttendanceState, BodyKind, DeputyState
from votes.rules.permissions import Actor
from votes.rules.roster import normal_number
from votes.rules.rounds import RoundState, SessionState
from votes.services import audit, bodies, roster

_roll, _turnout = table_of(RollEntry), table_of(Turnout)

#: What a signing-in at a session of the congress counts as; who went early was there.
_AT_CONGRESS = {
    AttendanceState.PRESENT: DutyAttendanceState.PRESENT,
    AttendanceState.LEFT: DutyAttendanceState.PRESENT,
    AttendanceState.LEAVE: DutyAttendanceState.LEAVE,
}

get_deputy = roster.get
delegations = roster.delegations


# --- the year's figures of everybody -----------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One deputy and their year in numbers."""

    deputy: Deputy
    figures: Figures

    @property
    def rates(self) -> Rates:
        return self.figures.rates


def years(today: date) -> list[int]:
    """The years of which there is anything, and the present one; newest first."""
    columns = (CongressSession.starts_on, DutyMeeting.held_on, DutyEntry.held_on)
    firsts = [db.session.scalar(select(func.min(column))) for column in columns]
    first = min((day.year for day in firsts if day), default=today.year)
    return list(range(max(today.year, first), first - 1, -1))


def _moments(year: int) -> tuple[datetime, datetime]:
    return datetime(year, 1, 1, tzinfo=SHANGHAI), datetime(year + 1, 1, 1, tzinfo=SHANGHAI)


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _sessions(year: int) -> list[CongressSession]:
    """Sessions of the year that have ended: before, nobody is absent yet."""
    return list(
        db.session.scalars(
            select(CongressSession)
            .where(
                CongressSession.state == SessionState.ENDED, CongressSession.starts_on.between(*_days(year))
            )
            .order_by(CongressSession.starts_on, CongressSession.id)
        )
    )


class Held(NamedTuple):
    """A vote in which somebody's taking part may be told; nothing of its result is read."""

    id: int
    title: str
    closed_at: datetime
    rating: bool


def _rounds(year: int) -> list[Held]:
    """The votes of the year: closed, standing, no rehearsal."""
    first, after = _moments(year)
    return [
        Held(id, title, closed_at, rule.get("method") == "rating")
        for id, title, closed_at, rule in db.session.execute(
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


def _of(query: Any, column: Any, deputy_id: int | None) -> Any:
    return query if deputy_id is None else query.where(column == deputy_id)


def figures(year: int, deputy_id: int | None = None) -> dict[int, Figures]:
    """Deputy id → what they did in ``year``; of everybody, or of one. Who did nothing is not in it."""
    return _figures(year, deputy_id, congress(year, deputy_id), _rounds(year))


def _figures(
    year: int, deputy_id: int | None, sessions: "Iterable[AtCongress]", rounds: Iterable[Held]
) -> dict[int, Figures]:
    found: dict[int, Figures] = {}

    def at(id: int) -> Figures:
        return found.setdefault(id, Figures())

    for session in sessions:
        for id, state in session.marks.items():
            at(id).add(CONGRESS, rules.attended(state))
    query = (
        select(
            DutyAttendance.deputy_id,
            DutyMeeting.kind,
            DutyAttendance.state,
            func.count(),
            func.count().filter(DutyAttendance.spoke),
        )
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyMeeting.held_on.between(*_days(year)))
        .group_by(DutyAttendance.deputy_id, DutyMeeting.kind, DutyAttendance.state)
    )
    for id, kind, state, times, spoke in db.session.execute(_of(query, DutyAttendance.deputy_id, deputy_id)):
        at(id).add(kind, rules.attended(state, times, spoke))
    entered = (
        select(DutyEntry.deputy_id, DutyEntry.kind, func.count())
        .where(DutyEntry.state == DutyState.CONFIRMED, DutyEntry.held_on.between(*_days(year)))
        .group_by(DutyEntry.deputy_id, DutyEntry.kind)
    )
    for id, kind, times in db.session.execute(_of(entered, DutyEntry.deputy_id, deputy_id)):
        at(id).entries[kind] = times
    for name, query, column in _counted(year):
        for id, times in db.session.execute(_of(query, column, deputy_id)):
            setattr(at(id), name, times)
    for name, share in _turnouts(rounds, deputy_id):
        for id, value in share.items():
            setattr(at(id), name, value)
    return found


def _counted(year: int) -> list[tuple[str, Any, Any]]:
    """(figure, its query by deputy, the deputy's column)."""
    first, after = _moments(year)
    suggested = (
        select(Suggestion.deputy_id, func.count())
        .where(
            Suggestion.deputy_id.isnot(None), Suggestion.received_at >= first, Suggestion.received_at < after
        )
        .group_by(Suggestion.deputy_id)
    )
    inspected = (
        select(InspectionMember.deputy_id, func.count())
        .join(Inspection, InspectionMember.inspection_id == Inspection.id)
        .where(InspectionMember.attended, Inspection.held_on.between(*_days(year)))
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


def _turnouts(rounds: Iterable[Held], deputy_id: int | None) -> list[tuple[str, dict[int, Share]]]:
    """Of the votes, and of the ratings: deputy id → (took part, entitled)."""
    rating = {round.id: round.rating for round in rounds}
    if not rating:
        return []
    counts: list[dict[int, tuple[int, int]]] = []
    for table in (_turnout, _roll):
        at_rating = table.c.round_id.in_([id for id, is_rating in rating.items() if is_rating])
        query = (
            select(table.c.deputy_id, func.count(), func.count().filter(at_rating))
            .where(table.c.round_id.in_(list(rating)))
            .group_by(table.c.deputy_id)
        )
        rows = db.session.execute(_of(query, table.c.deputy_id, deputy_id))
        counts.append({id: (times - rated, rated) for id, times, rated in rows})
    took, entitled = counts
    return [
        (name, {id: Share(took.get(id, (0, 0))[place], times[place]) for id, times in entitled.items()})
        for place, name in enumerate(("votes", "ratings"))
    ]


@dataclass(frozen=True)
class AtCongress:
    """One session of the congress: who was called, and whether they were there."""

    session: CongressSession
    marks: dict[int, DutyAttendanceState]


def congress(year: int, deputy_id: int | None = None) -> list[AtCongress]:
    """Attendance at the year's sessions. Called were those on the rolls that its votes froze; where a session held no
    vote, those who signed in or took leave and those in office now."""
    held = _sessions(year)
    if not held:
        return []
    ids = [session.id for session in held]
    query = select(Attendance.session_id, Attendance.deputy_id, Attendance.state).where(
        Attendance.session_id.in_(ids)
    )
    noted = {
        (session_id, id): _AT_CONGRESS[state]
        for session_id, id, state in db.session.execute(_of(query, Attendance.deputy_id, deputy_id))
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
        rows = select(_roll.c.round_id, _roll.c.deputy_id).where(_roll.c.round_id.in_(list(formal)))
        for round_id, id in db.session.execute(_of(rows, _roll.c.deputy_id, deputy_id)):
            called.setdefault(formal[round_id], set()).add(id)
    with_roll = set(formal.values())
    if set(ids) - with_roll:
        now = select(Deputy.id).where(Deputy.state == DeputyState.ACTIVE)
        in_office = set(db.session.scalars(_of(now, Deputy.id, deputy_id)))
        for session_id in set(ids) - with_roll:
            called[session_id] = in_office | {id for held_in, id in noted if held_in == session_id}
    return [
        AtCongress(
            session,
            {
                id: noted.get((session.id, id), DutyAttendanceState.ABSENT)
                for id in sorted(called.get(session.id, ()))
            },
        )
        for session in held
    ]


def everybody(year: int) -> list[Line]:
    """All deputies in office, and those who are not any more but did something in ``year``; by delegation."""
    found = figures(year)
    deputies = roster.everyone(roster.search())
    return [
        Line(deputy, found.get(deputy.id) or Figures())
        for deputy in deputies
        if deputy.state != DeputyState.ENDED or deputy.id in found
    ]


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


def rates(lines: Iterable[Line]) -> Rates:
    """The four rates of the body."""
    return rules.rates_of_all(line.figures for line in lines)


# --- one deputy's record ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """One line of the record. ``heading`` is a key of `HEADINGS`; ``word`` what kind of thing, ``note`` how it was."""

    on: date
    heading: str
    word: str
    title: str
    note: str = ""
    text: str = ""


#: The headings of a record as 镇坪 keeps it, after 基本情况 (domain of 履职档案).
HEADINGS: dict[str, str] = {
    "meetings": "会议出席",
    "research": "视察调研",
    "training": "培训",
    "group": "小组活动",
    "suggestions": "建议",
    "report": "述职、接受监督",
    "award": "表彰",
}
_HEADING_OF = {
    DutyKind.TRAINING: "training",
    DutyKind.VISIT: "research",
    DutyKind.RESEARCH: "research",
    DutyKind.SPEECH: "meetings",
    DutyKind.GROUP: "group",
    DutyKind.REPORT: "report",
    DutyKind.AWARD: "award",
    DutyKind.OTHER: "group",
}
_STATE_WORDS = {
    DutyAttendanceState.PRESENT: "出席",
    DutyAttendanceState.LEAVE: "请假",
    DutyAttendanceState.ABSENT: "缺席",
}
KIND_WORDS = {
    DutyKind.TRAINING: "培训",
    DutyKind.VISIT: "走访接待群众",
    DutyKind.RESEARCH: "视察调研",
    DutyKind.SPEECH: "发言",
    DutyKind.GROUP: "代表小组活动",
    DutyKind.REPORT: "述职",
    DutyKind.AWARD: "表彰",
    DutyKind.OTHER: "其他",
}


@dataclass(frozen=True)
class Record:
    """One deputy's year: figures and what they are made of, in the order of time."""

    deputy: Deputy
    year: int
    figures: Figures
    events: list[Event]

    def under(self, heading: str) -> list[Event]:
        return [event for event in self.events if event.heading == heading]


def record(deputy: Deputy, year: int, *, kind: BodyKind) -> Record:
    """The record of one deputy; ``kind`` of body says what its meetings are called."""
    sessions, rounds = congress(year, deputy.id), _rounds(year)
    events = [
        Event(held.session.starts_on, "meetings", "人代会", held.session.title, _STATE_WORDS[state])
        for held in sessions
        for state in held.marks.values()
    ]
    events += _meetings_of(deputy, year, kind)
    events += _votes_of(deputy, rounds)
    events += [
        Event(entry.held_on, _HEADING_OF[entry.kind], KIND_WORDS[entry.kind], entry.title, text=entry.text)
        for entry in _entries_of(deputy.id, year, [DutyState.CONFIRMED])
    ]
    events += _supervised_by(deputy, year)
    first, after = _moments(year)
    query = select(Suggestion.title, Suggestion.received_at).where(
        Suggestion.deputy_id == deputy.id, Suggestion.received_at >= first, Suggestion.received_at < after
    )
    events += [
        Event(local(received).date(), "suggestions", "收集建议", title)
        for title, received in db.session.execute(query)
    ]
    mine = _figures(year, deputy.id, sessions, rounds).get(deputy.id) or Figures()
    return Record(deputy, year, mine, sorted(events, key=lambda event: event.on))


def _meetings_of(deputy: Deputy, year: int, kind: BodyKind) -> list[Event]:
    query = (
        select(DutyMeeting, DutyAttendance.state, DutyAttendance.spoke)
        .join(DutyAttendance, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyAttendance.deputy_id == deputy.id, DutyMeeting.held_on.between(*_days(year)))
    )
    return [
        Event(
            meeting.held_on,
            "meetings",
            rules.meeting_word(meeting.kind, kind),
            meeting.title,
            _STATE_WORDS[state] + ("，发言" if spoke else ""),
        )
        for meeting, state, spoke in db.session.execute(query)
    ]


def _votes_of(deputy: Deputy, rounds: list[Held]) -> list[Event]:
    """Votes and ratings of closed rounds: taken part in or not."""
    if not rounds:
        return []

    def among(table: Any) -> set[int]:
        query = select(table.c.round_id).where(
            table.c.round_id.in_([round.id for round in rounds]), table.c.deputy_id == deputy.id
        )
        return set(db.session.scalars(query))

    entitled, voted = among(_roll), among(_turnout)
    return [
        Event(
            local(round.closed_at).date(),
            "meetings",
            "满意度测评" if round.rating else "票决",
            round.title,
            "已参加" if round.id in voted else "未参加",
        )
        for round in rounds
        if round.id in entitled
    ]


def _supervised_by(deputy: Deputy, year: int) -> list[Event]:
    """Inspections attended, and notes written on the spot."""
    first, after = _moments(year)
    held = db.session.scalars(
        select(Inspection)
        .join(InspectionMember, InspectionMember.inspection_id == Inspection.id)
        .where(
            InspectionMember.deputy_id == deputy.id,
            InspectionMember.attended,
            Inspection.held_on.between(*_days(year)),
        )
        .options(joinedload(Inspection.tracking).joinedload(Tracking.project))
    )
    events = [
        Event(each.held_on, "research", "视察", each.theme, each.tracking.name)
        for each in held
        if each.held_on
    ]
    notes = db.session.scalars(
        select(InspectionNote)
        .where(
            InspectionNote.deputy_id == deputy.id,
            InspectionNote.written_at >= first,
            InspectionNote.written_at < after,
        )
        .options(joinedload(InspectionNote.tracking).joinedload(Tracking.project))
    )
    events += [
        Event(
            local(note.written_at).date(),
            "research",
            "监督记录",
            note.tracking.name,
            "发现问题" if note.finding else "",
            note.text,
        )
        for note in notes
    ]
    return events


def _entries_of(deputy_id: int, year: int, states: Collection[DutyState]) -> list[DutyEntry]:
    return list(
        db.session.scalars(
            select(DutyEntry)
            .where(
                DutyEntry.deputy_id == deputy_id,
                DutyEntry.state.in_(states),
                DutyEntry.held_on.between(*_days(year)),
            )
            .order_by(DutyEntry.held_on.desc(), DutyEntry.id.desc())
        )
    )


def entries_of(deputy_id: int, year: int) -> list[DutyEntry]:
    """All entries of a deputy in a year, whatever their state, the latest first."""
    return _entries_of(deputy_id, year, list(DutyState))


# --- meetings and their attendance ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Sat:
    """A meeting and how many were called, there, on leave, and spoke."""

    meeting: DutyMeeting
    attended: Attended


def get_meeting(meeting_id: int) -> DutyMeeting | None:
    return db.session.scalar(select(DutyMeeting).where(DutyMeeting.id == meeting_id))


def meetings(year: int, kind: DutyMeetingKind | None = None) -> list[Sat]:
    """The meetings of a year, the latest first."""
    query = select(DutyMeeting).where(DutyMeeting.held_on.between(*_days(year)))
    if kind:
        query = query.where(DutyMeeting.kind == kind)
    found = list(db.session.scalars(query.order_by(DutyMeeting.held_on.desc(), DutyMeeting.id.desc())))
    counts: dict[int, Attended] = {}
    rows = db.session.execute(
        select(
            DutyAttendance.meeting_id,
            DutyAttendance.state,
            func.count(),
            func.count().filter(DutyAttendance.spoke),
        )
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyMeeting.held_on.between(*_days(year)))
        .group_by(DutyAttendance.meeting_id, DutyAttendance.state)
    )
    for meeting_id, state, times, spoke in rows:
        counts[meeting_id] = counts.get(meeting_id, Attended()) + rules.attended(state, times, spoke)
    return [Sat(meeting, counts.get(meeting.id, Attended())) for meeting in found]


def marks_of(meeting: DutyMeeting) -> dict[int, tuple[DutyAttendanceState, bool]]:
    """Deputy id → (state, spoke) of those called."""
    rows = db.session.execute(
        select(DutyAttendance.deputy_id, DutyAttendance.state, DutyAttendance.spoke).where(
            DutyAttendance.meeting_id == meeting.id
        )
    )
    return {id: (state, spoke) for id, state, spoke in rows}


def proposed(meeting: DutyMeeting) -> dict[int, tuple[DutyAttendanceState, bool]]:
    """Where nothing is noted yet: those called to the last meeting of the kind, all of them present."""
    last = db.session.scalar(
        select(DutyMeeting.id)
        .join(DutyAttendance, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyMeeting.kind == meeting.kind, DutyMeeting.id != meeting.id)
        .order_by(DutyMeeting.held_on.desc(), DutyMeeting.id.desc())
        .limit(1)
    )
    if last is None:
        return {}
    ids = db.session.scalars(
        select(DutyAttendance.deputy_id)
        .join(Deputy, DutyAttendance.deputy_id == Deputy.id)
        .where(DutyAttendance.meeting_id == last, Deputy.state == DeputyState.ACTIVE)
    )
    return dict.fromkeys(ids, (DutyAttendanceState.PRESENT, False))


def seats(also: Collection[int] = ()) -> list[Deputy]:
    """Deputies in office, and those of ``also`` (who were called once), by delegation."""
    deputies = roster.everyone(roster.search())
    return [d for d in deputies if d.state == DeputyState.ACTIVE or d.id in also]


def save_meeting(
    meeting: DutyMeeting | None, *, kind: DutyMeetingKind, title: str, held_on: date, by: Actor, now: datetime
) -> DutyMeeting:
    """Enter (``meeting`` None) or change a meeting. Raises RuleBroken for an empty or taken title, or a day that cannot
    be: one whose attendance is noted has been held."""
    title = " ".join(title.split())
    if not title:
        raise RuleBroken("请填写会议名称。", field="title", status=422)
    if held_on < rules.EARLIEST:
        raise RuleBroken("日期不能早于2000年。", field="held_on", status=422)
    values = {"kind": kind, "title": title, "held_on": held_on}
    before: dict[str, Any] = {}
    new = meeting is None
    if meeting is None:
        meeting = DutyMeeting(**values)
        db.session.add(meeting)
    else:
        rules.check_marks(marks_of(meeting), {}, held_on=held_on, today=local(now).date())
        before = {key: getattr(meeting, key) for key in values}
        for key, value in values.items():
            setattr(meeting, key, value)
    flush_or(
        RuleBroken(f"已有名为“{title}”的会议。", field="title", status=422),
        constraint="uq_duty_meetings_title",
    )
    before, after = audit.changes(_in_the_log(before), _in_the_log(values))
    if after and new:
        audit.record("duty_meeting.create", by=by, at=now, about=meeting, after=after)
    elif after:
        audit.record("duty_meeting.edit", by=by, at=now, about=meeting, before=before, after=after)
    return meeting


def _in_the_log(values: dict[str, Any]) -> dict[str, Any]:
    return {"meeting_kind" if key == "kind" else key: value for key, value in values.items()}


def mark(meeting: DutyMeeting, marks: Marks, *, by: Actor, now: datetime) -> Attended:
    """Note who was called to ``meeting`` and how it was, in place of what was noted before; answers the sums.

    Raises RuleBroken for a meeting that is still to come, somebody who spoke without being there, and (422) for
    anybody who is no deputy here.
    """
    names = dict(db.session.execute(select(Deputy.id, Deputy.name)).all())
    if set(marks) - set(names):
        raise RuleBroken("名单中有不属于本级人大的代表，没有保存。请刷新页面后重试。", status=422)
    rules.check_marks(marks, names, held_on=meeting.held_on, today=local(now).date())
    rows = {
        row.deputy_id: row
        for row in db.session.scalars(select(DutyAttendance).where(DutyAttendance.meeting_id == meeting.id))
    }
    before = _sums((row.state, row.spoke) for row in rows.values())
    changed = {id for id in {*rows, *marks} if (_answer(rows.get(id)) != marks.get(id))}
    for id in changed:
        if id not in marks:
            db.session.delete(rows[id])
        elif id in rows:
            rows[id].state, rows[id].spoke = marks[id]
        else:
            state, spoke = marks[id]
            db.session.add(DutyAttendance(meeting_id=meeting.id, deputy_id=id, state=state, spoke=spoke))
    flush_or(
        RuleBroken("刚刚有人也在登记这次会议，没有保存。请刷新页面后再改。"), constraint="pk_duty_attendance"
    )
    after = _sums(marks.values())
    if changed:
        audit.record(
            "duty_meeting.mark",
            by=by,
            at=now,
            about=meeting,
            before=_said(before) if rows else {},
            after={**_said(after), "changed": len(changed)},
        )
    db.session.expire(meeting, ["attendance"])
    return after


def _answer(row: DutyAttendance | None) -> tuple[DutyAttendanceState, bool] | None:
    return (row.state, row.spoke) if row else None


def _sums(marks: Iterable[tuple[DutyAttendanceState, bool]]) -> Attended:
    return sum((rules.attended(state, 1, int(spoke)) for state, spoke in marks), Attended())


def _said(sums: Attended) -> dict[str, int]:
    return {"called": sums.called, "present": sums.present, "leave": sums.leave, "spoke": sums.spoke}


def remove_meeting(meeting: DutyMeeting, *, by: Actor, now: datetime) -> None:
    """Remove a meeting that was entered by mistake, with its attendance."""
    sums = _sums(marks_of(meeting).values())
    audit.record(
        "duty_meeting.remove",
        by=by,
        at=now,
        about=meeting,
        before={"meeting_kind": meeting.kind, "held_on": meeting.held_on, **_said(sums)},
    )
    db.session.delete(meeting)
    db.session.flush()


# --- attendance by spreadsheet -----------------------------------------------------------------------------

_NUMBER, _NAME, _GROUP, _STATE, _SPOKE = "代表证号", "姓名", "代表团", "出席情况", "发言"
_STATES = {word: state for state, word in _STATE_WORDS.items()}


def sheet(meeting: DutyMeeting) -> bytes:
    """The meeting's attendance as a workbook to be filled in: all deputies, those not called left empty."""
    marks = marks_of(meeting) or proposed(meeting)
    columns = [
        xlsx.Column(_NUMBER, 12),
        xlsx.Column(_NAME, 14),
        xlsx.Column(_GROUP, 22),
        xlsx.Column(_STATE, 12, choices=list(_STATES), note="出席、请假或缺席；不属应到的留空"),
        xlsx.Column(_SPOKE, 8, choices=["是"], note="会上发言的填“是”"),
    ]
    rows = [
        [
            deputy.number,
            deputy.name,
            deputy.delegation.name,
            _STATE_WORDS[marks[deputy.id][0]] if deputy.id in marks else "",
            "是" if deputy.id in marks and marks[deputy.id][1] else "",
        ]
        for deputy in seats(marks)
    ]
    notes = [
        "“出席情况”填出席、请假或缺席；不属于这次会议应到人员的留空。",
        "会上发言的在“发言”一列填“是”。",
        "按代表证号对应代表，其他列只供核对。上传后以这份文件为准，原来登记的会被替换。",
    ]
    return xlsx.write(f"{meeting.title}出席情况", columns, rows, notes=notes)


@dataclass(frozen=True)
class Sheet:
    """A workbook that was read: lines (row number, deputy's number, name, state, spoke) as text."""

    lines: list[tuple[int, str, str, str, str]]


def read_sheet(data: bytes) -> Sheet:
    """Read a filled workbook; needs no database. Raises RuleBroken for a file that cannot be read."""
    try:
        rows = xlsx.read(data, columns=[_NUMBER, _STATE], optional=[_NAME, _SPOKE])
    except xlsx.SheetError as error:
        raise RuleBroken(str(error), field="file", status=422) from None

    def text(row: xlsx.Row, name: str) -> str:
        return xlsx.close_up(xlsx.cell_text(row.values.get(name)))

    return Sheet(
        [
            (row.number, text(row, _NUMBER), text(row, _NAME), text(row, _STATE), text(row, _SPOKE))
            for row in rows
        ]
    )


@dataclass(frozen=True)
class Refused:
    """A line that cannot be taken over, and why."""

    row: int
    number: str
    name: str
    why: str


def marks_of_sheet(meeting: DutyMeeting, sheet: Sheet) -> tuple[Marks, list[Refused]]:
    """What the workbook says, and the lines that cannot be taken over (then nothing is to be)."""
    by_number = {normal_number(d.number): d for d in seats(marks_of(meeting))}
    marks: dict[int, tuple[DutyAttendanceState, bool]] = {}
    refused = []
    for row, number, name, state, spoke in sheet.lines:
        deputy = by_number.get(normal_number(number))
        why = ""
        if not state and not spoke:
            continue
        if deputy is None:
            why = "名册上没有这个代表证号的在任代表"
        elif name and name != xlsx.close_up(deputy.name):
            why = f"代表证号 {deputy.number} 是{deputy.name}，与姓名不符"
        elif state not in _STATES:
            why = f"出席情况“{state[:20]}”应为出席、请假或缺席" if state else "没有出席，不能记发言"
        elif spoke not in ("", "是", "否"):
            why = f"发言“{spoke[:20]}”应为“是”或留空"
        elif spoke == "是" and _STATES[state] != DutyAttendanceState.PRESENT:
            why = "没有出席，不能记发言"
        elif deputy.id in marks:
            why = "同一位代表出现了不止一次"
        if why or deputy is None:
            refused.append(Refused(row, number[:30], name[:60], why))
        else:
            marks[deputy.id] = (_STATES[state], spoke == "是")
    if not marks and not refused:
        raise RuleBroken("文件里没有填写任何人的出席情况，没有改动。", field="file", status=422)
    return marks, refused


# --- entries by hand -------------------------------------------------------------------------------------


def get_entry(entry_id: int) -> DutyEntry | None:
    return db.session.scalar(
        select(DutyEntry).where(DutyEntry.id == entry_id).options(joinedload(DutyEntry.deputy))
    )


def waiting() -> Select[DutyEntry]:
    """What deputies have entered and nobody has looked at yet, the oldest first."""
    return (
        select(DutyEntry)
        .where(DutyEntry.state == DutyState.ENTERED)
        .options(joinedload(DutyEntry.deputy))
        .order_by(DutyEntry.entered_at, DutyEntry.id)
    )


def count_waiting() -> int:
    return (
        db.session.scalar(select(func.count(DutyEntry.id)).where(DutyEntry.state == DutyState.ENTERED)) or 0
    )


def enter(
    deputy_ids: Collection[int],
    *,
    kind: DutyKind,
    held_on: date,
    title: str,
    text: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Staff enter the same for one deputy or many: confirmed at once. Answers for how many.

    Raises RuleBroken for nobody, for somebody who is no deputy here, and as `rules.check_entry` does.
    """
    wanted = set(deputy_ids)
    if not wanted:
        raise RuleBroken("请至少选择一位代表。", field="deputies", status=422)
    known = set(db.session.scalars(select(Deputy.id).where(Deputy.id.in_(wanted))))
    if wanted - known:
        raise RuleBroken("所选代表中有不属于本级人大的，没有保存。", field="deputies", status=422)
    for id in sorted(known):
        _add(id, kind, held_on, title, text, DutyState.CONFIRMED, by_deputy=False, by=by, now=now)
    audit.record(
        "duty_entry.create", by=by, at=now, after={"duty_kind": kind, "held_on": held_on, "count": len(known)}
    )
    return len(known)


def enter_own(
    *, kind: DutyKind, held_on: date, title: str, text: str = "", by: Actor, now: datetime
) -> DutyEntry:
    """A deputy enters what they did; it counts once staff have confirmed it."""
    assert by.deputy_id is not None
    entry = _add(by.deputy_id, kind, held_on, title, text, DutyState.ENTERED, by_deputy=True, by=by, now=now)
    # not what was typed: it may name people
    audit.record(
        "duty_entry.create", by=by, at=now, about=entry.deputy, after={"duty_kind": kind, "held_on": held_on}
    )
    return entry


def _add(
    deputy_id: int,
    kind: DutyKind,
    held_on: date,
    title: str,
    text: str,
    state: DutyState,
    *,
    by_deputy: bool,
    by: Actor,
    now: datetime,
) -> DutyEntry:
    rules.check_entry(title=title, held_on=held_on, today=local(now).date())
    entry = DutyEntry(
        deputy_id=deputy_id,
        kind=kind,
        held_on=held_on,
        title=" ".join(title.split()),
        text=text.strip(),
        state=state,
        by_deputy=by_deputy,
        entered_by=by.name,
        entered_at=now,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def withdraw(entry_id: int | None, *, by: Actor, now: datetime) -> None:
    """A deputy takes back an own entry that nobody has confirmed. Raises RuleBroken for any other."""
    entry = db.session.scalar(
        select(DutyEntry)
        .where(DutyEntry.id == entry_id, DutyEntry.deputy_id == by.deputy_id, DutyEntry.by_deputy.is_(True))
        .with_for_update()
    )
    if entry is None:
        raise RuleBroken("没有这条记录，可能已经撤回。", status=422)
    if entry.state == DutyState.CONFIRMED:
        raise RuleBroken("这条记录已经确认，不能撤回。如有误，请告知人大办。")
    audit.record(
        "duty_entry.withdraw",
        by=by,
        at=now,
        about=entry.deputy,
        before={"duty_kind": entry.kind, "held_on": entry.held_on},
    )
    db.session.delete(entry)
    db.session.flush()


def settle(entry: DutyEntry, action: str, *, reason: str = "", by: Actor, now: datetime) -> None:
    """Staff confirm or refuse an entry. Raises RuleBroken for a refusal without a reason, or a state that has no such
    step."""
    after = step(DUTY, entry.state, action)
    reason = " ".join(reason.replace("\x00", "").split())  # for a database such a text is empty
    if after == DutyState.REFUSED and not reason:
        raise RuleBroken("请说明不予确认的原因，代表会看到。没有改动。", field="reason", status=422)
    if len(reason) > 200:
        raise RuleBroken("原因不超过 200 个字。没有改动。", field="reason", status=422)
    before, entry.state = entry.state, after
    entry.refusal = reason if after == DutyState.REFUSED else ""
    db.session.flush()
    audit.record(
        "duty_entry.refuse" if after == DutyState.REFUSED else "duty_entry.confirm",
        by=by,
        at=now,
        about=entry.deputy,
        before={"duty_state": before},
        after={"duty_state": after, "duty_kind": entry.kind, "held_on": entry.held_on},
    )


def confirm_all(entry_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Confirm those of ``entry_ids`` that wait; answers how many. Raises RuleBroken where none is chosen or waits."""
    if not entry_ids:
        raise RuleBroken("没有选择记录。请先勾选要确认的记录。", status=422)
    entries = db.session.scalars(waiting().where(DutyEntry.id.in_(entry_ids))).all()
    if not entries:
        raise RuleBroken("所选记录都已办理过，没有改动。请刷新页面。")
    for entry in entries:
        settle(entry, "confirm", by=by, now=now)
    return len(entries)


# --- the deputy's own page -----------------------------------------------------------------------------------


def by_page_key(key: str) -> Deputy | None:
    """The deputy in office whose page stands under ``key``."""
    if not key:
        return None
    return db.session.scalar(select(Deputy).where(Deputy.page_key == key, Deputy.state == DeputyState.ACTIVE))


def published() -> list[Deputy]:
    """Deputies in office who have a page, by delegation."""
    return list(
        db.session.scalars(roster.search(state=DeputyState.ACTIVE).where(Deputy.page_key.isnot(None)))
    )


def paged() -> list[Deputy]:
    """All deputies in office, by delegation, with or without a page."""
    return roster.everyone(roster.search(state=DeputyState.ACTIVE))


def public_fields(body: Body) -> list[str]:
    """Which of `rules.PUBLIC_FIELDS` the pages of this place show."""
    return rules.public_fields(body.settings)


def choose_fields(body: Body, fields: Collection[str], *, by: Actor, now: datetime) -> None:
    """Decide what the deputies' pages show."""
    if set(fields) - set(rules.PUBLIC_FIELDS):
        raise RuleBroken("所选公开内容中有系统没有的项目，没有保存。", field="fields", status=422)
    chosen = [key for key in rules.PUBLIC_FIELDS if key in fields]
    bodies.change_settings(body, {"deputy_page": {"fields": chosen}}, by=by, now=now)


def open_pages(deputy_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Give each of these deputies a page; those who have one keep it. Answers how many are new."""
    if not deputy_ids:
        raise RuleBroken("没有选择代表。请先勾选要公开的代表。", status=422)
    deputies = [
        deputy
        for deputy in db.session.scalars(select(Deputy).where(Deputy.id.in_(deputy_ids)))
        if deputy.page_key is None and deputy.state == DeputyState.ACTIVE
    ]
    for deputy in deputies:
        _set_page(deputy, "deputy_page.open", by=by, now=now)
    return len(deputies)


def renew_page(deputy: Deputy, *, by: Actor, now: datetime) -> None:
    """A new address: what was printed leads nowhere any more."""
    if deputy.page_key is None:
        raise RuleBroken("这位代表没有公开页，请先开通。")
    _set_page(deputy, "deputy_page.renew", by=by, now=now)


def _set_page(deputy: Deputy, action: str, *, by: Actor, now: datetime) -> None:
    if deputy.state != DeputyState.ACTIVE:
        raise RuleBroken("只有在任代表可以有公开页。")
    deputy.page_key = secrets.token_urlsafe(9)
    db.session.flush()
    if action == "deputy_page.renew":
        audit.record("deputy_page.renew", by=by, at=now, about=deputy)
    else:
        audit.record("deputy_page.open", by=by, at=now, about=deputy)


def close_page(deputy: Deputy, *, by: Actor, now: datetime) -> None:
    """Take the page down; its address is gone for good."""
    if deputy.page_key is None:
        raise RuleBroken("这位代表的公开页已经关闭。")
    deputy.page_key = None
    db.session.flush()
    audit.record("deputy_page.close", by=by, at=now, about=deputy)


def own_figures(deputy: Deputy, year: int) -> Figures:
    """What the public page counts."""
    return figures(year, deputy.id).get(deputy.id) or Figures()


# --- the year on paper ---------------------------------------------------------------------------------------


def paper(found: Record, body: Body, *, today: date) -> Paper:
    """履职档案 of one deputy and year, under its eight headings."""
    deputy, organ = found.deputy, bodies.organ_of(body)
    basics = [
        (organ.number, deputy.number),
        ("姓名", deputy.name),
        ("性别", deputy.gender or ""),
        ("民族", deputy.ethnicity or ""),
        ("出生年月", deputy.born or ""),
        (organ.group, deputy.delegation.name),
        ("选区", deputy.constituency or ""),
        ("职务", deputy.post or ""),
    ]
    return duty_papers.record(
        duty_papers.RecordData(
            body=body.name,
            member=organ.member,
            year=found.year,
            name=deputy.name,
            basics=basics,
            rates=found.figures.rates.named(body.kind),
            votes=found.figures.votes + found.figures.ratings,
            parts=[
                (words, [(e.on, e.word, e.title, e.note) for e in found.under(heading)])
                for heading, words in HEADINGS.items()
            ],
            made_on=today,
        )
    )


def draw(deputy: Deputy, year: int, body: Body, kind: str, *, today: date) -> Callable[[], bytes]:
    """Read what the paper needs, and answer what draws it as ``kind`` (pdf or docx): that takes no database."""
    made = paper(record(deputy, year, kind=body.kind), body, today=today)
    return (lambda: papers.to_pdf(made)) if kind == "pdf" else (lambda: papers.to_docx(made))


def paper_name(deputy: Deputy, year: int, kind: str) -> str:
    return f"{deputy.number}-{deputy.name}-{year}年履职档案.{kind}"


#: Deputies whose papers are drawn by one request: some seconds.
BATCH = 10


@dataclass(frozen=True)
class Batch:
    """Some deputies of one delegation, whose papers are made together; ``key`` names it in a request."""

    key: str
    name: str
    delegation_id: int
    deputies: list[Deputy]


def batches(year: int) -> list[Batch]:
    """Everybody's papers of a year, by delegation, in portions."""
    groups: dict[int, list[Deputy]] = {}
    for line in everybody(year):
        groups.setdefault(line.deputy.delegation_id, []).append(line.deputy)
    found = []
    for delegation_id, deputies in groups.items():
        for place in range(0, len(deputies), BATCH):
            some = deputies[place : place + BATCH]
            name = some[0].delegation.name
            if len(deputies) > BATCH:
                name += f"（{place + 1}至{place + len(some)}）"
            found.append(Batch(f"{delegation_id}-{place // BATCH}", name, delegation_id, some))
    return found


def card(deputy: Deputy, body: Body, url: str) -> deputy_cards.Card:
    """The QR card of a deputy's page."""
    return deputy_cards.Card(
        body=body.name,
        member=bodies.organ_of(body).member,
        name=deputy.name,
        delegation=deputy.delegation.name,
        url=url,
    )


__all__ = ["Body", "Delegation", "Deputy", "DutyEntry", "DutyMeeting", "Line", "Record", "record"]

"""Meetings of the standing and special committees: who was called, who came, who spoke.

The sessions of the congress are not entered here: `figures.congress` reads who signed in.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from votes.clock import local
from votes.db import Search, by_id, db, flush_or
from votes.models import Deputy, DutyAttendance, DutyMeeting
from votes.rules.duties import duties as rules
from votes.rules.duties.duties import Attended, DutyAttendanceState, DutyMeetingKind, Mark, Marks
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.duties.figures import met
from votes.services.people import bodies, roster

# --- reads -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeetingAttendance:
    """A meeting, and how many were called, present, on leave, and spoke."""

    meeting: DutyMeeting
    attended: Attended


get = by_id(select(DutyMeeting))


_LATEST = DutyMeeting.held_on.desc(), DutyMeeting.id.desc()
SEARCH = Search(
    filters={"year": lambda year, day: met(year), "kind": DutyMeeting.kind},
    sorts={"day": ("按日期", _LATEST)},
)


def of_year(year: int, kind: DutyMeetingKind | None = None) -> list[MeetingAttendance]:
    """Return the meetings of a year, the latest first."""
    meetings = db.session.scalars(SEARCH.of(select(DutyMeeting), {"year": year, "kind": kind})).all()
    columns = DutyAttendance.meeting_id, DutyAttendance.state
    counts = (
        select(*columns, func.count(), func.count().filter(DutyAttendance.spoke))
        .join(DutyMeeting, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(met(year))
        .group_by(*columns)
    )
    sums: dict[int, Attended] = defaultdict(Attended)
    for meeting_id, state, times, spoke in db.session.execute(counts):
        sums[meeting_id] += rules.attended(state, times, spoke)
    return [MeetingAttendance(meeting, sums[meeting.id]) for meeting in meetings]


def _rows(meeting: DutyMeeting) -> dict[int, DutyAttendance]:
    """Return the attendance of ``meeting`` by deputy id, as it stands in the database."""
    query = select(DutyAttendance).where(DutyAttendance.meeting_id == meeting.id)
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return {row.deputy_id: row for row in rows}


def marks_of(meeting: DutyMeeting) -> dict[int, Mark]:
    """Return (state, spoke) of those called, by deputy id."""
    return {id_: (row.state, row.spoke) for id_, row in _rows(meeting).items()}


def proposed(meeting: DutyMeeting) -> dict[int, Mark]:
    """Return those called to the last meeting of the kind, all of them present: where nothing is noted yet."""
    last = (
        select(DutyMeeting.id)
        .join(DutyAttendance, DutyAttendance.meeting_id == DutyMeeting.id)
        .where(DutyMeeting.kind == meeting.kind, DutyMeeting.id != meeting.id)
        .order_by(*_LATEST)
        .limit(1)
    )
    ids = (
        select(DutyAttendance.deputy_id)
        .join(Deputy, DutyAttendance.deputy_id == Deputy.id)
        .where(DutyAttendance.meeting_id == db.session.scalar(last), Deputy.state == DeputyState.ACTIVE)
    )
    return dict.fromkeys(db.session.scalars(ids), (DutyAttendanceState.PRESENT, False))


def seats(also: Collection[int] = ()) -> list[Deputy]:
    """Return the deputies in office, and those of the ids ``also`` (who were called once), by delegation."""
    return [each for each in roster.everyone() if each.state == DeputyState.ACTIVE or each.id in also]


# --- acts ------------------------------------------------------------------------------------------------


def _facts(meeting: DutyMeeting) -> dict[str, Any]:
    return {"meeting_kind": meeting.kind, **audit.facts(meeting, "title", "held_on")}


def save(
    meeting: DutyMeeting | None, *, kind: DutyMeetingKind, title: str, held_on: date, by: Actor, now: datetime
) -> DutyMeeting:
    """Enter a meeting (``meeting`` None), or change it.

    Raises RuleBroken for a title that another meeting has, and as `rules.check_meeting` does.
    """
    title, noted = " ".join(title.split()), bool(meeting and marks_of(meeting))
    rules.check_meeting(title=title, held_on=held_on, today=local(now).date(), noted=noted)
    before, action = (_facts(meeting), "edit") if meeting else ({}, "create")
    row = meeting or DutyMeeting()
    row.kind, row.title, row.held_on = kind, title, held_on
    db.session.add(row)
    flush_or(invalid("title", f"已有名为“{title}”的会议。"), constraint="uq_duty_meetings_title")
    audit.record_change(f"duty_meeting.{action}", row, before, _facts(row), by=by, at=now)
    return row


def mark(
    meeting: DutyMeeting, marks: Marks, *, by: Actor, now: datetime, seen: str | None = None
) -> Attended:
    """Note who was called to ``meeting``, came and spoke, in place of what was noted before; return the sums.

    ``seen``: `rules.fingerprint` of the marks that the page showed. Raises RuleBroken where somebody has changed them
    since, for anybody who is no deputy here (422), and as `rules.check_marks` does.
    """
    names = dict(db.session.execute(select(Deputy.id, Deputy.name)).all())
    if set(marks) - set(names):
        words = bodies.speak("名单中有不属于本级人大的代表，没有保存。请刷新页面后重试。")
        raise RuleBroken(words, status=422)
    rules.check_marks(marks, names, held_on=meeting.held_on, today=local(now).date())
    db.session.refresh(meeting, ["held_on"], with_for_update=True)  # one clerk after the other
    rows = _rows(meeting)
    noted = {id_: (row.state, row.spoke) for id_, row in rows.items()}
    rules.check_seen(seen, noted)
    changed = [id_ for id_ in {*noted, *marks} if noted.get(id_) != marks.get(id_)]
    for id_ in changed:
        if id_ not in marks:
            db.session.delete(rows[id_])
            continue
        row = rows.get(id_) or DutyAttendance(meeting_id=meeting.id, deputy_id=id_)
        row.state, row.spoke = marks[id_]
        db.session.add(row)
    busy = RuleBroken("刚刚有人也在登记这次会议，没有保存。请刷新页面后再改。")
    flush_or(busy, constraint="pk_duty_attendance")
    sums = _sums(marks)
    if changed:
        before, after = asdict(_sums(noted)) if noted else {}, {**asdict(sums), "changed": len(changed)}
        audit.record("duty_meeting.mark", by=by, at=now, about=meeting, before=before, after=after)
    db.session.expire(meeting, ["attendance"])
    return sums


def _sums(marks: Marks) -> Attended:
    return sum((rules.attended(state, 1, int(spoke)) for state, spoke in marks.values()), Attended())


def remove(meeting: DutyMeeting, *, by: Actor, now: datetime) -> None:
    """Remove a meeting that was entered by mistake, with its attendance."""
    sums = asdict(_sums(marks_of(meeting)))
    before = {"meeting_kind": meeting.kind, "held_on": meeting.held_on, **sums}
    audit.record("duty_meeting.remove", by=by, at=now, about=meeting, before=before)
    db.session.delete(meeting)
    db.session.flush()

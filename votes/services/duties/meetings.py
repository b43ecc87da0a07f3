"""Meetings of the standing and special committees: who was called, who was there, who spoke.

The sessions of the congress are not entered here: `duties.congress` reads who signed in.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from votes.clock import local
from votes.db import db, flush_or
from votes.models import Deputy, DutyAttendance, DutyMeeting
from votes.rules.duties import duties as rules
from votes.rules.duties.duties import Attended, DutyAttendanceState, DutyMeetingKind, Mark, Marks, days_of
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.people import bodies, roster

# --- reads -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sat:
    """A meeting and how many were called, there, on leave, and spoke."""

    meeting: DutyMeeting
    attended: Attended


def get(meeting_id: int) -> DutyMeeting | None:
    return db.session.scalar(select(DutyMeeting).where(DutyMeeting.id == meeting_id))


def of_year(year: int, kind: DutyMeetingKind | None = None) -> list[Sat]:
    """The meetings of a year, the latest first."""
    query = select(DutyMeeting).where(DutyMeeting.held_on.between(*days_of(year)))
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
        .where(DutyMeeting.held_on.between(*days_of(year)))
        .group_by(DutyAttendance.meeting_id, DutyAttendance.state)
    )
    for meeting_id, state, times, spoke in rows:
        counts[meeting_id] = counts.get(meeting_id, Attended()) + rules.attended(state, times, spoke)
    return [Sat(meeting, counts.get(meeting.id, Attended())) for meeting in found]


def marks_of(meeting: DutyMeeting) -> dict[int, Mark]:
    """Deputy id → (state, spoke) of those called."""
    rows = db.session.execute(
        select(DutyAttendance.deputy_id, DutyAttendance.state, DutyAttendance.spoke).where(
            DutyAttendance.meeting_id == meeting.id
        )
    )
    return {id_: (state, spoke) for id_, state, spoke in rows}


def proposed(meeting: DutyMeeting) -> dict[int, Mark]:
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
    deputies = roster.everyone()
    return [d for d in deputies if d.state == DeputyState.ACTIVE or d.id in also]


# --- acts ------------------------------------------------------------------------------------------------


def save(
    meeting: DutyMeeting | None, *, kind: DutyMeetingKind, title: str, held_on: date, by: Actor, now: datetime
) -> DutyMeeting:
    """Enter (``meeting`` None) or change a meeting. Raises RuleBroken for an empty or taken title, or a day that cannot
    be: one whose attendance is noted has been held."""
    title, noted = " ".join(title.split()), bool(meeting and marks_of(meeting))
    rules.check_meeting(title=title, held_on=held_on, today=local(now).date(), noted=noted)
    values = {"kind": kind, "title": title, "held_on": held_on}
    before: dict[str, Any] = {}
    new = meeting is None
    if meeting is None:
        meeting = DutyMeeting(**values)
        db.session.add(meeting)
    else:
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


def mark(
    meeting: DutyMeeting, marks: Marks, *, by: Actor, now: datetime, seen: str | None = None
) -> Attended:
    """Note who was called to ``meeting`` and how it was, in place of what was noted before; answers the sums.

    ``seen``: `rules.duties.fingerprint` of the marks that the change was made from. Raises RuleBroken where somebody
    has changed them since, for a meeting that is still to come, somebody who spoke without being there, and (422) for
    anybody who is no deputy here.
    """
    names = dict(db.session.execute(select(Deputy.id, Deputy.name)).all())
    if set(marks) - set(names):
        raise RuleBroken(
            bodies.speak("名单中有不属于本级人大的代表，没有保存。请刷新页面后重试。"), status=422
        )
    rules.check_marks(marks, names, held_on=meeting.held_on, today=local(now).date())
    db.session.refresh(meeting, ["held_on"], with_for_update=True)  # one clerk after the other
    rows = {
        row.deputy_id: row
        for row in db.session.scalars(select(DutyAttendance).where(DutyAttendance.meeting_id == meeting.id))
    }
    rules.check_seen(seen, {id_: (row.state, row.spoke) for id_, row in rows.items()})
    before = _sums((row.state, row.spoke) for row in rows.values())
    changed = {id_ for id_ in {*rows, *marks} if (_answer(rows.get(id_)) != marks.get(id_))}
    for id_ in changed:
        if id_ not in marks:
            db.session.delete(rows[id_])
        elif id_ in rows:
            rows[id_].state, rows[id_].spoke = marks[id_]
        else:
            state, spoke = marks[id_]
            db.session.add(DutyAttendance(meeting_id=meeting.id, deputy_id=id_, state=state, spoke=spoke))
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


def _answer(row: DutyAttendance | None) -> Mark | None:
    return (row.state, row.spoke) if row else None


def _sums(marks: Iterable[Mark]) -> Attended:
    return sum((rules.attended(state, 1, int(spoke)) for state, spoke in marks), Attended())


def _said(sums: Attended) -> dict[str, int]:
    return {"called": sums.called, "present": sums.present, "leave": sums.leave, "spoke": sums.spoke}


def remove(meeting: DutyMeeting, *, by: Actor, now: datetime) -> None:
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

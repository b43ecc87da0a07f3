"""Meetings of the standing and special committees: who was called, who was there, who spoke; typed, or by spreadsheet.

The sessions of the congress are not entered here: `duties.congress` reads who signed in.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from votes.clock import local
from votes.db import db, flush_or
from votes.exports.formats import xlsx
from votes.models import Deputy, DutyAttendance, DutyMeeting
from votes.rules.duties import duties as rules
from votes.rules.duties.duties import (
    STATE_WORDS,
    Attended,
    DutyAttendanceState,
    DutyMeetingKind,
    Mark,
    Marks,
    days_of,
)
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import normal_number
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
    deputies = roster.everyone(roster.search())
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


# --- attendance by spreadsheet -----------------------------------------------------------------------------

_NUMBER, _NAME, _GROUP, _STATE, _SPOKE = "代表证号", "姓名", "代表团", "出席情况", "发言"
_STATES = {word: state for state, word in STATE_WORDS.items()}


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
            STATE_WORDS[marks[deputy.id][0]] if deputy.id in marks else "",
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
    marks: dict[int, Mark] = {}
    refused = []
    for row, number, name, state, spoke in sheet.lines:
        deputy = by_number.get(normal_number(number))
        why = ""
        if not state and not spoke:
            continue
        if deputy is None:
            why = bodies.speak("名册上没有这个代表证号的在任代表")
        elif name and name != xlsx.close_up(deputy.name):
            why = bodies.speak("代表证号 {} 是{}，与姓名不符").format(deputy.number, deputy.name)
        elif state not in _STATES:
            why = f"出席情况“{state[:20]}”应为出席、请假或缺席" if state else "没有出席，不能记发言"
        elif spoke not in ("", "是", "否"):
            why = f"发言“{spoke[:20]}”应为“是”或留空"
        elif spoke == "是" and _STATES[state] != DutyAttendanceState.PRESENT:
            why = "没有出席，不能记发言"
        elif deputy.id in marks:
            why = bodies.speak("同一位代表出现了不止一次")
        if why or deputy is None:
            refused.append(Refused(row, number[:30], name[:60], why))
        else:
            marks[deputy.id] = (_STATES[state], spoke == "是")
    if not marks and not refused:
        raise RuleBroken("文件里没有填写任何人的出席情况，没有改动。", field="file", status=422)
    return marks, refused

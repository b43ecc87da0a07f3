"""The attendance of one meeting by Excel: the sheet to fill in, and reading it back with a preview.

What the file says takes the place of what is noted: whoever it leaves out was not called.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from votes.exports.formats import xlsx
from votes.models import Deputy, DutyMeeting, ImportDraft
from votes.rules.duties.duties import STATE_WORDS, DutyAttendanceState, Mark, Marks
from votes.rules.people.actor import Actor
from votes.rules.people.roster import normal_number
from votes.services import imports
from votes.services.duties import meetings
from votes.services.imports import Book, Entry
from votes.services.people import bodies

_STATES = {word: state for state, word in STATE_WORDS.items()}
COLUMNS = (
    xlsx.SheetColumn("代表证号", 12, required=True),
    xlsx.SheetColumn("姓名", 14),
    xlsx.SheetColumn("代表团", 22),
    xlsx.SheetColumn(
        "出席情况", 12, choices=list(_STATES), note="出席、请假或缺席；不属应到的留空", required=True
    ),
    xlsx.SheetColumn("发言", 8, choices=["是"], note="会上发言的填“是”"),
)


def template(meeting: DutyMeeting) -> bytes:
    """Write the sheet of a meeting: all deputies with what is noted; those not called are left empty."""
    marks = meetings.marks_of(meeting) or meetings.proposed(meeting)
    rows = [
        [deputy.number, deputy.name, deputy.delegation.name, *_words(marks.get(deputy.id))]
        for deputy in meetings.seats(marks)
    ]
    return imports.template(SHEET, title=f"{meeting.title}出席情况", rows=rows)


def _words(mark: Mark | None) -> tuple[str, str]:
    """Return a mark as the columns 出席情况 and 发言 have it."""
    return (STATE_WORDS[mark[0]], "是" if mark[1] else "") if mark else ("", "")


def get_draft(meeting: DutyMeeting, draft_id: int) -> ImportDraft | None:
    """Return the upload, if it is one of this meeting."""
    draft = imports.get_draft(SHEET, draft_id)
    return draft if draft and draft.rows[0]["meeting_id"] == meeting.id else None


def marks_in(entries: Iterable[Entry]) -> Marks:
    """Return deputy id → (state, spoke) as the rows of a draft have it."""
    return {entry["values"]["deputy_id"]: _mark(entry) for entry in entries if entry["status"] != "gone"}


def _mark(entry: Entry) -> Mark:
    return _STATES[entry["values"]["state"]], entry["values"]["spoke"] == "是"


def _judge(book: Book, *, meeting_id: int, now: datetime) -> list[Entry]:
    """Judge the rows that have an answer; those without one are left out."""
    seats = meetings.seats(meetings.marks_of(_meeting(meeting_id)))
    by_number = {normal_number(each.number): each for each in seats}
    entries: list[Entry] = []
    earlier: set[int] = set()
    for row in book.rows:
        number, name, _, state, spoke = (
            xlsx.close_up(xlsx.cell_text(row.values.get(column.name))) for column in COLUMNS
        )
        if not (state or spoke or row.unread):
            continue
        deputy = by_number.get(normal_number(number))
        problems = [f"“{column}”{why}" for column, why in row.unread.items()]
        if not problems and (why := _fault(deputy, name, state, spoke, earlier)):
            problems.append(why)
        values = {
            "deputy_id": deputy.id if deputy else None,
            "number": number[:30],
            "name": name[:60] or (deputy.name if deputy else ""),
            "state": state,
            "spoke": "是" if spoke == "是" else "",
        }
        entries.append({"row": row.number, "meeting_id": meeting_id, "values": values, "problems": problems})
    return entries


def _fault(deputy: Deputy | None, name: str, state: str, spoke: str, earlier: set[int]) -> str:
    """Return why a row is refused, or ""; ``earlier`` are the deputies of the rows before it."""
    if deputy is None:
        return bodies.speak("名册上没有这个代表证号的在任代表")
    if name and name != xlsx.close_up(deputy.name):
        return bodies.speak("代表证号 {} 是{}，与姓名不符").format(deputy.number, deputy.name)
    if not state:
        return "没有出席，不能记发言"
    if state not in _STATES:
        return f"出席情况“{state[:20]}”应为出席、请假或缺席"
    if spoke not in ("", "是", "否"):
        return f"发言“{spoke[:20]}”应为“是”或留空"
    if spoke == "是" and _STATES[state] != DutyAttendanceState.PRESENT:
        return "没有出席，不能记发言"
    if deputy.id in earlier:
        return bodies.speak("同一位代表出现了不止一次")
    earlier.add(deputy.id)
    return ""


def _meeting(meeting_id: int) -> DutyMeeting:
    meeting = meetings.get(meeting_id)
    if meeting is None:
        raise imports.stale(SHEET.noun)
    return meeting


def _compare(entries: list[Entry]) -> list[Entry]:
    meeting_id = entries[0]["meeting_id"]
    noted = meetings.marks_of(_meeting(meeting_id))
    for entry in entries:
        old = noted.get(entry["values"]["deputy_id"])
        if entry["problems"]:
            entry["status"] = "refused"
        elif old is None:
            entry["status"] = "new"
        else:
            words = zip(("出席情况", "发言"), _words(old), _words(_mark(entry)), strict=True)
            entry["changes"] = [list(each) for each in words if each[1] != each[2]]
            entry["status"] = "changed" if entry["changes"] else "same"
    for entry in entries:
        noted.pop(entry["values"]["deputy_id"], None)
    gone: Entry = {"row": None, "meeting_id": meeting_id, "status": "gone", "changes": [], "problems": []}
    left_out = [deputy for deputy in meetings.seats(noted) if deputy.id in noted] if noted else []
    return [*entries, *(gone | {"values": _values(deputy, *_words(noted[deputy.id]))} for deputy in left_out)]


def _values(deputy: Deputy, state: str, spoke: str) -> dict[str, Any]:
    number, name = deputy.number, deputy.name
    return {"deputy_id": deputy.id, "number": number, "name": name, "state": state, "spoke": spoke}


def _enter(entries: list[Entry], *, by: Actor, now: datetime) -> dict[str, Any]:
    meetings.mark(_meeting(entries[0]["meeting_id"]), marks_in(entries), by=by, now=now)
    count = imports.counts(SHEET, entries)
    return {"added": count["new"], "changed": count["changed"], "removed": count["gone"]}


SHEET = imports.Sheet(
    kind="attendance",
    title="出席情况",
    sheet_title="",
    noun="出席情况",
    unit="人",
    columns=lambda: COLUMNS,
    notes=(
        "“出席情况”填出席、请假或缺席；不属于这次会议应到人员的留空。",
        "会上发言的在“发言”一列填“是”。",
        "按代表证号对应代表，其他列只供核对。上传后以这份文件为准，原来登记的会被替换。",
    ),
    judge=_judge,
    compare=_compare,
    enter=_enter,
    statuses=("new", "changed", "gone", "same", "refused"),
    gone="文件中没有（不列入应到）",
    most_rows=2000,
    personal=("number", "name"),
    actions={"discard": "duty_meeting.import_discard"},
)

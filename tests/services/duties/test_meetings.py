"""Meetings and their attendance: noted, changed, counted, refused, and by spreadsheet."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.duties import NOW, make_deputies, make_meeting, refusal
from tests.sheets import book
from votes.db import db
from votes.models import AuditEntry, DutyAttendance, DutyEntry
from votes.rules.duties.duties import DutyAttendanceState, DutyKind, DutyMeetingKind, DutyState, Share
from votes.rules.people.roles import BodyKind
from votes.services import imports
from votes.services.duties import attendance_sheets, figures, meetings
from votes.services.duties.attendance_sheets import SHEET

PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


def test_attendance_is_noted_changed_and_counted(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        meeting = make_meeting(office)
        sums = meetings.mark(meeting, {one: (PRESENT, True), two: (LEAVE, False)}, by=office, now=NOW)
        assert (sums.called, sums.present, sums.leave, sums.spoke) == (2, 1, 1, 1)
        meetings.mark(meeting, {one: (PRESENT, False), three: (ABSENT, False)}, by=office, now=NOW)
        assert meetings.marks_of(meeting) == {one: (PRESENT, False), three: (ABSENT, False)}
        assert meetings.of_year(2027)[0].attended.share == Share(1, 2)
        # the next meeting of the kind starts from those called to this one; another kind from nobody
        assert meetings.proposed(make_meeting(office, "第二次")) == {
            one: (PRESENT, False),
            three: (PRESENT, False),
        }
        assert meetings.proposed(make_meeting(office, "财经委", DutyMeetingKind.SPECIAL)) == {}
        assert figures.figures(2027)[three].rates(BodyKind.COUNTY).committee == Share(0, 1)
        lines = [e for e in db.session.scalars(select(AuditEntry)) if e.action == "duty_meeting.mark"]
        assert [e.after["changed"] for e in lines] == [2, 3]
        meetings.mark(meeting, meetings.marks_of(meeting), by=office, now=NOW)  # as it is: no line
        assert (
            len([e for e in db.session.scalars(select(AuditEntry)) if e.action == "duty_meeting.mark"]) == 2
        )
        meetings.remove(meeting, by=office, now=NOW)
        assert db.session.scalars(select(DutyAttendance)).all() == []


def test_what_attendance_is_refused(world, office):
    with world.work("other"):
        elsewhere = factories.make_deputy("500", "外县代表", world.delegations["other"]).id
    with world.work():
        one = make_deputies(world)[0]
        meeting = make_meeting(office)
        coming = make_meeting(office, "以后的会议", on=date(2027, 7, 1))
        assert "还没有开" in refusal(
            lambda: meetings.mark(coming, {one: (PRESENT, False)}, by=office, now=NOW), field="held_on"
        )
        assert "不能记发言" in refusal(
            lambda: meetings.mark(meeting, {one: (LEAVE, True)}, by=office, now=NOW), field="marks"
        )
        assert "不属于本级人大" in refusal(
            lambda: meetings.mark(meeting, {elsewhere: (PRESENT, False)}, by=office, now=NOW)
        )
        assert "请填写会议名称" in refusal(lambda: make_meeting(office, " "), field="title")
        assert "已有名为" in refusal(lambda: make_meeting(office), field="title")
        db.session.rollback()


@pytest.mark.parametrize(
    "bad",
    [
        lambda ids, meeting: DutyAttendance(
            meeting_id=meeting.id, deputy_id=ids[0], state=ABSENT, spoke=True
        ),
        lambda ids, meeting: DutyEntry(
            deputy_id=ids[0], kind=DutyKind.VISIT, held_on=date(2027, 1, 1), title="x", entered_by="x",
            entered_at=NOW, state=DutyState.REFUSED,
        ),
    ],
)  # fmt: skip
def test_what_the_database_refuses(world, office, bad):
    with pytest.raises(IntegrityError), world.work():
        ids = make_deputies(world)
        db.session.add(bad(ids, make_meeting(office)))
        db.session.flush()


def preview(office, meeting, data):
    book = imports.read(SHEET, "出席.xlsx", data)
    return imports.preview(SHEET, book, meeting_id=meeting.id, by=office, now=NOW)


def test_attendance_by_spreadsheet_there_and_back(world, office):
    with world.work():
        one, two, _three = make_deputies(world)
        meeting = make_meeting(office)
        marks = {one: (PRESENT, True), two: (LEAVE, False)}
        meetings.mark(meeting, marks, by=office, now=NOW)
        draft = preview(office, meeting, attendance_sheets.template(meeting))
        assert attendance_sheets.marks_in(draft.rows) == marks
        assert [row["status"] for row in draft.rows] == ["same", "same"]
        rows = list(
            openpyxl.load_workbook(BytesIO(attendance_sheets.template(meeting)))
            .worksheets[0]
            .iter_rows(values_only=True)
        )
        assert [row for row in rows if row[0] == "103"] == [("103", "示例代表103", "第一代表团", None, None)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["9999", "", "出席", ""], "没有这个代表证号"),
        (["101", "别人", "出席", ""], "与姓名不符"),
        (["101", "示例代表101", "到了", ""], "应为出席、请假或缺席"),
        (["101", "", "请假", "是"], "不能记发言"),
        (["101", "", "", "是"], "不能记发言"),
        (["101", "", "出席", "很多"], "应为“是”或留空"),
        (["102", "", "出席", ""], "不止一次"),
    ],
)
def test_lines_of_a_sheet_that_are_refused(world, office, line, why):
    with world.work():
        make_deputies(world)
        meeting = make_meeting(office)
        data = book([["102", "", "出席", "是"], line], head=["代表证号", "姓名", "出席情况", "发言"])
        rows = preview(office, meeting, data).rows
        refused = [row for row in rows if row["status"] == "refused"]
        assert [(row["row"], why in "".join(row["problems"])) for row in refused] == [(3, True)]

"""Attendance by Excel: the template read back, and rows that are refused."""

from io import BytesIO

import openpyxl
import pytest

from tests.duties import NOW, make_deputies, make_meeting
from tests.sheets import book
from votes.rules.duties.duties import DutyAttendanceState
from votes.services import imports
from votes.services.duties import attendance_sheets, meetings
from votes.services.duties.attendance_sheets import SHEET

PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


def preview(office, meeting, data):
    book = imports.read(SHEET, "出席.xlsx", data)
    return imports.preview(SHEET, book, meeting_id=meeting.id, by=office, now=NOW)


def test_template_read_back_changes_nothing(world, office):
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
def test_row_with_a_mistake_is_refused(world, office, line, why):
    with world.work():
        make_deputies(world)
        meeting = make_meeting(office)
        data = book([["102", "", "出席", "是"], line], head=["代表证号", "姓名", "出席情况", "发言"])
        rows = preview(office, meeting, data).rows
        refused = [row for row in rows if row["status"] == "refused"]
        assert [(row["row"], why in "".join(row["problems"])) for row in refused] == [(3, True)]

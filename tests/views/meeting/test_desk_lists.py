"""Lists of the desk: the register on paper, the attendance as a workbook, who has not voted."""

from functools import partial
from io import BytesIO

import openpyxl

from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.services.meeting import sessions

PREPARED = {"hall": partial(make_hall, present=10, paper="keyed")}


def test_register_signs_in_a_delegation_from_paper(as_, world, hall, base):
    desk = as_("office")
    page = desk.get(f"{base}/register")
    assert page.tree.xpath("//input[@name='deputy']/@value") == [str(d) for d in hall["deputies"][10:]]
    assert desk.post(f"{base}/register", {"delegation": "1"}).status == 422
    page = desk.follow(desk.post(f"{base}/register", {"deputy": [str(d) for d in hall["deputies"][8:]]}))
    assert "已为 2 位代表签到" in page.words
    with world.work():
        assert sessions.headcount(sessions.get(hall["session"])).present == 12
    page = desk.post(f"{base}/register", {"deputy": ["999999"]})
    assert (page.status, "没有这位在任代表" in page.words) == (422, True)


def test_export_has_the_attendance_as_listed(as_, world, hall, base):
    desk = as_("office")
    desk.post(f"{base}/{hall['deputies'][10]}/leave", {"reason": "=1+1"})
    sheet = openpyxl.load_workbook(BytesIO(desk.get(f"{base}/attendance.xlsx").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert rows[0] == ["代表团", "代表证号", "姓名", "状态", "时间", "方式", "事由", "经办人"]
    assert len(rows) == 13
    assert rows[11][:4] + rows[11][5:] == [
        "第一代表团", "011", "示例代表011", "请假", "服务台", "=1+1", "office.county（示例）",
    ]  # fmt: skip
    assert rows[12][3:] == ["未到", None, None, None, None]
    sheet = openpyxl.load_workbook(BytesIO(desk.get(f"{base}/attendance.xlsx?state=leave").data)).active
    assert [row[2].value for row in sheet.iter_rows(min_row=3)] == ["示例代表011"]


def test_not_voted_is_by_delegation_while_the_box_is_open(as_, world, hall, base):
    desk = as_("office")
    assert "投票没有在进行" in desk.get(f"{base}/not-voted").words
    assert "未投名单" not in desk.get(base).words
    open_(world, hall)
    for number in range(8):
        cast(world, hall, number, {1: "for"})
    page, names = desk.get(f"{base}/not-voted"), "//ul[@class='names']/li"
    assert [row.text_content() for row in page.tree.xpath(names)] == ["009 示例代表009", "010 示例代表010"]
    assert not desk.get(f"{base}/not-voted?delegation=第二代表团").tree.xpath(names)
    assert len(desk.get(f"{base}/not-voted?delegation=第一代表团").tree.xpath(names)) == 2
    desk.post(f"{base}/{hall['deputies'][8]}/paper/{hall['round']}/out")
    assert "示例代表009" not in desk.get(f"{base}/not-voted").words
    close(world, hall)
    assert "示例代表010" not in desk.get(f"{base}/not-voted").words

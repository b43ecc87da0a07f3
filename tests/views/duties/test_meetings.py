"""Meetings in the office: entered, changed, removed, with their attendance typed or uploaded."""

from io import BytesIO

import pytest

from tests.duties import BASE, make_rows
from tests.sheets import book
from votes.rules.duties.duties import DutyAttendanceState
from votes.services.duties import meetings

PREPARED = {"rows": make_rows}
PRESENT, LEAVE, ABSENT = DutyAttendanceState


def test_marks_typed_on_the_page_are_saved_or_refused(world, as_, rows):
    browser, url = as_("office"), f"{BASE}/meetings/{rows['meeting']}"
    one, two, three, four = rows["ids"]
    page = browser.get(url)
    assert page.value(f"state-{one}") == "present"
    data = {f"state-{one}": "present", f"spoke-{one}": "1", f"state-{four}": "leave", f"state-{three}": ""}
    assert browser.post(url, data).status == 303
    with world.work():
        marks = meetings.marks_of(meetings.get(rows["meeting"]))
    assert marks == {one: (PRESENT, True), four: (LEAVE, False)}
    page = browser.post(url, {f"state-{two}": "leave", f"spoke-{two}": "1", f"state-{one}": "present"})
    assert page.status == 422
    assert "没有出席，不能记发言" in page.words
    assert (page.value(f"state-{two}"), page.value(f"spoke-{two}")) == ("leave", "1")
    assert browser.post(url, {f"spoke-{two}": "1"}).status == 422
    assert "至少选择一位应到人员" in browser.post(url, {}).words
    with world.work():
        assert meetings.marks_of(meetings.get(rows["meeting"])) == marks


def test_marks_changed_meanwhile_are_refused_once(world, as_, rows):
    one, other, url = as_("office"), as_("office"), f"{BASE}/meetings/{rows['meeting']}"
    first, second, *_ = rows["ids"]
    seen = one.get(url).value("seen")
    assert other.get(url).value("seen") == seen
    assert one.post(url, {"seen": seen, f"state-{first}": "leave"}).status == 303
    late = {f"state-{second}": "present"}
    wrong = other.post(
        url, {"seen": seen, **late, f"spoke-{first}": "1"}
    )  # a slip of the pen tells nothing yet
    assert (wrong.status, wrong.value("seen")) == (422, seen)
    told = other.post(url, {"seen": seen, **late})
    assert told.status == 422
    assert "有人改过这次会议的出席情况，没有保存" in told.words
    assert told.value(f"state-{second}") == "present"
    with world.work():
        assert set(meetings.marks_of(meetings.get(rows["meeting"]))) == {first}
    assert other.post(url, {"seen": told.value("seen"), **late}).status == 303
    with world.work():
        assert set(meetings.marks_of(meetings.get(rows["meeting"]))) == {second}


def test_upload_with_a_refused_row_changes_nothing(world, as_, rows):
    browser, url = as_("office"), f"{BASE}/meetings/{rows['meeting']}"
    data = browser.get(f"{url}/sheet.xlsx").data

    def send(data):
        return browser.post(
            f"{url}/import", {"file": (BytesIO(data), "出席.xlsx")}, content_type="multipart/form-data"
        )

    assert browser.post(send(data).location).status == 303
    answer = send(book([["101", "出席"], ["9999", "出席"]], head=["代表证号", "出席情况"]))
    page = browser.get(answer.location)
    assert browser.post(answer.location).status == 422
    assert "有 1 行不能导入" in page.words
    assert "没有这个代表证号" in page.words
    with world.work():
        assert len(meetings.marks_of(meetings.get(rows["meeting"]))) == 3
    assert send(b"no sheet").status == 422
    assert browser.post(f"{url}/import", {}).status == 422


def test_meeting_is_entered_changed_and_removed(as_, rows):
    browser = as_("office")
    given = {"kind": "special", "title": "财经委第一次会议", "held_on": "2027-05-01"}
    page = browser.post(f"{BASE}/meetings/new", given)
    assert page.status == 303
    assert "财经委第一次会议" in browser.follow(page).words
    page = browser.post(f"{BASE}/meetings/new", given)
    assert page.status == 422
    assert page.value("title") == "财经委第一次会议"
    assert "已有名为" in page.words
    assert (
        browser.post(
            f"{BASE}/meetings/{rows['meeting']}/edit", {**given, "held_on": "2027-07-01", "title": "x"}
        ).status
        == 422
    )
    assert "财经委第一次会议" in browser.get(f"{BASE}/meetings?kind=special").words
    assert browser.post(f"{BASE}/meetings/{rows['meeting']}/remove").status == 303
    assert browser.get(f"{BASE}/meetings/{rows['meeting']}").status == 404
    assert browser.get(f"{BASE}/meetings/export.xlsx").data[:2] == b"PK"


@pytest.mark.sqlite
def test_meeting_of_next_year_is_listed_under_it(as_, rows):
    browser = as_("office")
    given = {"kind": "committee", "title": "明年第一次会议", "held_on": "2028-01-20"}
    page = browser.follow(browser.post(f"{BASE}/meetings/new", given))
    assert "明年第一次会议" in page.words
    assert page.tree.xpath("//nav[@class='crumbs']/a[last()]/@href") == [f"{BASE}/meetings?year=2028"]
    assert "明年第一次会议" in browser.get(f"{BASE}/meetings?year=2028").words
    assert "第一次常委会会议" in browser.get(f"{BASE}/meetings").words  # still begins with this year
    page = browser.post(f"{BASE}/meetings/new", {**given, "title": "x", "held_on": "2072-01-20"})
    assert (page.status, "日期不能晚于明年年底" in page.words) == (422, True)

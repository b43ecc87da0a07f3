"""督办件 on their pages, in the office and with the units."""

from io import BytesIO

import openpyxl
import pytest

from tests.supervision import supervise_for_pages
from tests.years import picture
from votes.services.supervision import rectifications

URL = "/office/supervision"
PREPARED = {"watched": supervise_for_pages}
pytestmark = pytest.mark.usefixtures("june")


def test_rectification_page_says_cancelled_only_once_it_is(as_, watched):
    office, url = as_("office"), f"{URL}/rectifications/{watched['order']}"
    assert "已撤销：" not in office.get(url).words
    office.post(f"{url}/cancel", {"reason": "已由群众反映渠道办结"})
    assert "已撤销：已由群众反映渠道办结" in office.get(url).words


def test_unit_answers_and_office_inspects_again_through_the_pages(as_, watched):
    office, unit, url = as_("office"), as_("department"), f"{URL}/rectifications/{watched['order']}"
    assert "逾期 5 天" in unit.get(f"{URL}/rectifications/").words
    assert office.get(f"{url}/answer").status == 403
    typed = {"measures": "清理材料。", "result": "已清理。"}
    refused = unit.post(f"{url}/answer", {**typed, "result": ""})
    assert (refused.status, refused.value("measures")) == (422, "清理材料。")
    bad = {**typed, "files": (BytesIO(b"no picture"), "a.jpg")}
    assert unit.post(f"{url}/answer", bad).status == 422
    page = unit.follow(unit.post(f"{url}/answer", {**typed, "files": (picture().stream, "a.jpg")}))
    assert "整改情况已反馈" in page.words
    assert len(page.tree.xpath("//ol[@class='answers']//img")) == 1
    assert unit.post(f"{url}/answer", typed).status in (409, 422), "nothing more is owed"
    failed = {"outcome_": "fail", "rechecked_on": "2027-06-15", "opinion": "还有一堆。"}
    refused = office.post(f"{url}/recheck", failed)
    assert "请填写整改期限" in " ".join(refused.errors)
    assert office.post(f"{url}/recheck", {**failed, "due_on": "2027-06-25"}).status == 303
    unit.post(f"{url}/answer", typed)
    passed = {"outcome_": "pass", "rechecked_on": "2027-06-15"}
    assert "已销号" in office.follow(office.post(f"{url}/recheck", passed)).words
    assert {office.get(f"{url}/{act}").status for act in ("edit", "recheck", "cancel")} == {302}
    assert unit.get(f"{url}/answer").status == 302, "no form for what cannot be done any more"
    assert office.post(f"{url}/reopen", {"reason": "问题反复。", "due_on": "2027-07-01"}).status == 303
    assert "问题反复。" in unit.get(url).words


def test_rectification_page_says_how_it_stands(as_, watched):
    url = f"{URL}/rectifications/{watched['order']}"
    issued = as_("office").get(url)
    assert "已撤销：" not in issued.words
    assert "责任单位还没有反馈。" in issued.words
    assert "预警" in [dt.text_content() for dt in issued.tree.xpath("//dl/dt")]
    as_("office").post(f"{url}/cancel", {"reason": "重复交办。"})
    cancelled = as_("office").get(url)
    assert "已撤销：重复交办。" in cancelled.words
    assert "预警" not in [dt.text_content() for dt in cancelled.tree.xpath("//dl/dt")]


def test_lists_are_narrowed_and_exported_as_shown(as_, watched):
    office = as_("office")
    for query, shown in (
        ("slip=yellow", True),
        ("slip=red", False),
        ("state=closed", False),
        ("q=限期清理", True),
        (f"q={'清+理+' * 600}", True),
    ):
        assert ("督办〔2027〕1号" in office.get(f"{URL}/rectifications/?{query}").words) is shown
    book = openpyxl.load_workbook(BytesIO(office.get(f"{URL}/lists.xlsx").data))
    assert book.sheetnames == ["问题清单", "责任清单", "整改清单"]
    assert [sheet["A3"].value for sheet in book] == ["督办〔2027〕1号"] * 3
    empty = openpyxl.load_workbook(BytesIO(office.get(f"{URL}/rectifications.xlsx?slip=red").data))
    assert empty.active["A3"].value is None
    for name in ("groups", "inspections", "notes"):
        assert office.get(f"{URL}/{name}.xlsx").data[:2] == b"PK"


def test_rectification_of_another_unit_is_hidden(as_, world, watched):
    with world.work():
        rectifications.get(watched["order"]).department_id = world.departments["county"] + 1
    unit = as_("department")
    assert unit.get(f"{URL}/rectifications/{watched['order']}").status == 403
    assert "督办〔2027〕1号" not in unit.get(f"{URL}/rectifications/").words
    assert "督办〔2027〕1号" not in unit.get(f"{URL}/lists").words

"""Inspections on their pages in the office."""

import pytest

from tests.supervision import supervise_for_pages

URL = "/office/supervision"
PREPARED = {"watched": supervise_for_pages}
pytestmark = pytest.mark.usefixtures("june")


def test_inspection_is_planned_and_recorded_through_its_pages(as_, watched):
    office = as_("office")
    assert "视察哪个项目" in office.get(f"{URL}/inspections/new").words
    typed = {
        "kind": "visit", "theme": "年中视察", "planned_on": "2027-06-14", "place": "示例工地",
        "members": [str(watched["own"])],
    }  # fmt: skip
    url = f"{URL}/inspections/new?tracking={watched['tracking']}"
    assert office.post(url, {**typed, "theme": ""}).status == 422
    page = office.follow(office.post(url, typed))
    assert "已列入视察计划" in page.words
    here = next(link for link in page.links() if link.endswith("/hold")).removesuffix("/hold")
    assert "2027年6月" in office.get(f"{URL}/inspections/").words
    assert office.get(f"{here}/notice.docx").data[:2] == b"PK"
    held = {"held_on": "2027-06-14", "members": [str(watched["own"])], "summary": "看了工地。"}
    assert "请勾选实际参加的代表" in office.post(f"{here}/hold", {**held, "members": []}).words
    assert "看了工地。" in office.follow(office.post(f"{here}/hold", held)).words
    assert office.post(f"{here}/cancel").status == 409, "what was held is not cancelled"
    assert office.get(f"{here}/edit").status == 302, "no form for what cannot be done any more"


def test_unannounced_inspection_is_hidden_from_units_and_government(as_, watched):
    seen = {}
    for role in ("office", "leader", "government", "department"):
        browser = as_(role)
        listed = "示例暗访" in browser.get(f"{URL}/inspections/").words
        on_page = "示例暗访" in browser.get(f"/office/progress/{watched['tracking']}").words
        seen[role] = (listed, on_page, browser.get(f"{URL}/inspections/{watched['visit']}").status)
    assert seen == {
        "office": (True, True, 200), "leader": (True, True, 200),
        "government": (False, False, 404), "department": (False, False, 404),
    }  # fmt: skip

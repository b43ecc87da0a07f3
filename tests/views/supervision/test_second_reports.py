"""Second reports on their pages: each side does its own, and what was typed is kept."""

import pytest

from tests.years import two_tracked

pytestmark = pytest.mark.usefixtures("august")
PREPARED = {"tracked": two_tracked}


def test_second_report_goes_through_its_pages(as_, tracked):
    office, unit = as_("office"), as_("department")
    url = f"/office/rereports/trackings/{tracked[0]}/new"
    assert office.get(url).value("due_on") == "2027-10-09"
    assert office.post(url, {"due_on": "2027-08-10", "reason": "请报告。"}).status == 422
    page = office.post(url, {"due_on": "2027-09-30", "reason": "请报告整改情况。"})
    show = page.location
    assert "待报告" in office.follow(page).words
    short = unit.post(f"{show}/submit", {"text": "已改。"})
    assert (short.status, short.value("text")) == (422, "已改。")
    text = "已逐条核实代表和群众的意见，补修破损路面两公里，增设护栏，建立每周巡查制度。"
    assert unit.post(f"{show}/submit", {"text": text}).status == 303
    assert as_("department2").get(show).status == 403
    back = {"accepted": "no", "opinion": "请补充。", "settled_on": "2027-08-10"}
    assert office.post(f"{show}/settle", back).status == 422
    assert office.post(f"{show}/settle", back | {"accepted": "yes"}).status == 303
    assert "审议通过" in unit.get(show).words
    assert "已逐条核实" in office.get(show).words

"""Deputies' notes on their pages in the office."""

import pytest

from tests.supervision import supervise_for_pages

URL = "/office/supervision"
PREPARED = {"watched": supervise_for_pages}
pytestmark = pytest.mark.usefixtures("june")


def order_form(**values):
    """Return what the form of a 督办件 sends."""
    return {
        "problem": "边沟没有盖板。", "demand": "限期加装。", "department_id": "1", "person": "", "due_on": "2027-06-30",
        **values,
    }  # fmt: skip


def test_note_is_settled_published_and_routed_through_its_pages(as_, watched):
    office, url = as_("office"), f"{URL}/notes/{watched['note']}"
    assert "边沟没有盖板。" in office.get(url).words
    assert "请填写处理情况" in office.post(f"{url}/settle", {"settled": " "}).words
    assert office.post(f"{url}/settle", {"settled": "当场整改。"}).status == 303
    assert office.post(f"{url}/publish", {"published": "y", "with_photos": "y"}).status == 303
    assert "文字和照片" in office.get(url).words
    refused = office.post(f"{url}/issue", order_form(demand="", due_on="2027-06-01"))
    assert refused.status == 422
    assert refused.value("problem") == "边沟没有盖板。"
    page = office.follow(office.post(f"{url}/issue", order_form()))
    assert "督办〔2027〕2号" in page.words
    assert office.get(f"{url}/issue").status == 302, "once only"


def test_note_before_it_is_routed_is_hidden_from_units(as_, watched):
    for role in ("government", "department"):
        browser = as_(role)
        assert browser.get(f"{URL}/notes/").status == 403
        assert browser.get(f"{URL}/photos/{watched['photo']}").status == 404
        assert browser.get(f"{URL}/photos/{watched['routed_photo']}").status == 200

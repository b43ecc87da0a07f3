"""The deputies' public pages in the office: opened, renewed, closed, printed."""

from tests.duties import BASE, make_rows
from votes.rules.duties.duties import DutyAttendanceState

PREPARED = {"rows": make_rows}
PRESENT, LEAVE, ABSENT = DutyAttendanceState


def test_pages_are_opened_renewed_closed_and_printed(world, as_, rows):
    office, public = as_("office"), as_()
    one, two, *_ = rows["ids"]
    assert office.post(f"{BASE}/pages/open", {"deputy": [one, two]}).status == 303
    assert office.get(f"{BASE}/cards.pdf").data[:5] == b"%PDF-"
    assert office.get(f"{BASE}/{two}/card.pdf").data[:5] == b"%PDF-"
    assert office.post(f"{BASE}/{one}/page", {"act": "renew"}).status == 303
    assert public.get(f"/p/shili/d/{rows['key']}").status == 404
    assert office.post(f"{BASE}/{one}/page", {"act": "close"}).status == 303
    assert office.get(f"{BASE}/{one}/card.pdf").status == 409
    assert office.post(f"{BASE}/{one}/page", {"act": "fold"}).status == 422
    assert office.post(f"{BASE}/pages/open", {}).status == 422

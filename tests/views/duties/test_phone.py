"""我的履职 on a deputy's phone."""

from tests.duties import make_rows, state_of

PREPARED = {"rows": make_rows}


def test_own_entry_is_entered_and_withdrawn(world, as_, rows):
    browser = as_("deputy")
    assert "我的履职" in browser.get("/hall/").words
    given = {"kind": "visit", "held_on": "2027-06-06", "title": "走访三户", "text": "示例"}
    assert browser.post("/my/duties/new", given).status == 303
    page = browser.get("/my/duties/")
    assert "待确认 走访三户" in page.words
    page = browser.post("/my/duties/new", {**given, "kind": "", "title": ""})
    assert page.status == 422
    assert page.value("text") == "示例"
    assert browser.post("/my/duties/withdraw", {"entry_id": rows["entry"]}).status == 303
    assert state_of(world, rows["entry"]) is None
    assert browser.post("/my/duties/withdraw", {"entry_id": rows["entry"]}).status == 422

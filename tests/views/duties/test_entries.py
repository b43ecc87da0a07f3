"""Entries in the office: for many deputies at once, and those that wait."""

import pytest

from tests.duties import BASE, make_rows, state_of
from votes.db import db
from votes.models import Deputy
from votes.rules.duties.duties import DutyKind, DutyState
from votes.rules.people.roles import DeputyState
from votes.services.duties import figures

PREPARED = {"rows": make_rows}


def test_enter_for_many_counts_for_each(world, as_, rows):
    browser = as_("office")
    given = {
        "kind": "research",
        "held_on": "2027-06-05",
        "title": "视察饮水工程",
        "deputies": rows["ids"][:3],
    }
    assert browser.post(f"{BASE}/entries/new", given).status == 303
    with world.work():
        assert figures.figures(2027)[rows["ids"][2]].count(DutyKind.RESEARCH) == 1
    page = browser.post(f"{BASE}/entries/new", {**given, "held_on": "2027-06-07"})
    assert page.status == 422
    assert "日期不能晚于今天" in page.words
    assert len(page.tree.xpath("//input[@name='deputies'][@checked]")) == 3
    assert browser.post(f"{BASE}/entries/new", {**given, "deputies": []}).status == 422


def test_inbox_entry_is_confirmed_or_refused(world, as_, rows):
    browser = as_("office")
    assert "走访敬老院" in browser.get(f"{BASE}/inbox").words
    page = browser.post(f"{BASE}/entries/{rows['entry']}/refuse", {})
    assert page.status == 422
    assert browser.post(f"{BASE}/entries/{rows['entry']}/refuse", {"reason": "请写明地点"}).status == 303
    assert state_of(world, rows["entry"]) == (DutyState.REFUSED, "请写明地点")
    assert "请写明地点" in as_("deputy").get("/my/duties/").words
    assert browser.post(f"{BASE}/entries/{rows['entry']}/confirm", {"from": "record"}).status == 303
    assert state_of(world, rows["entry"]) == (DutyState.CONFIRMED, "")
    assert browser.post(f"{BASE}/inbox", {"entry": rows["entry"]}).status == 422  # nothing waits any more


@pytest.mark.sqlite
def test_deputy_who_has_left_gets_entries_and_no_page(world, as_, rows):
    browser, (one, two, *_) = as_("office"), rows["ids"]
    with world.work():
        for id_, state in ((one, DeputyState.SUSPENDED), (two, DeputyState.ENDED)):
            db.session.get(Deputy, id_).state = state
    given = {"kind": "training", "held_on": "2027-05-05", "title": "离任前的培训", "deputies": [two]}
    assert browser.post(f"{BASE}/entries/new?deputy={two}", given).status == 303
    assert (
        browser.post(f"{BASE}/entries/new", given).status == 422
    )  # whom nobody has asked for is not in the list
    assert "离任前的培训" in browser.get(f"{BASE}/{two}").words
    assert browser.post(f"{BASE}/{two}/page", {"act": "open"}).status == 409
    page = browser.get(f"{BASE}/{one}")
    assert page.tree.xpath("//a[contains(@href, '/p/')][contains(@href, '/d/')]") == []

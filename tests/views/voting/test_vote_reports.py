"""The report 「不是我投的」 on the pages: with the card's PIN, on the tellers' phones, on the office's page and the sheet."""

from functools import partial

import pytest

from tests.pages import Browser
from tests.services.meeting.test_bindings import make_real_hall
from tests.services.voting.test_vote import cast, close, open_
from tests.signing import key_of
from tests.views.voting.test_voting import card, hall_key, phone
from votes.db import db
from votes.models import AuditEntry, Teller, VoteReport
from votes.rules.voting.vote_reports import withdrawal
from votes.services.meeting import rounds

PREPARED = {"hall": partial(make_real_hall, present=10)}


@pytest.fixture
def stolen(world, hall):
    """Return the hall with its box open, where another browser has cast the vote of the fifth deputy."""
    open_(world, hall)
    cast(world, hall, 4, {1: "for"}, browser="elsewhere")
    return hall


def url(world, hall):
    return f"/h/{hall_key(world, hall)}/not-mine?round={hall['round']}"


def reports(world):
    with world.work():
        return [(r.number, r.withdrawn_before) for r in db.session.query(VoteReport)]


def test_deputy_reports_with_the_pin_from_the_page_of_the_card(app, world, stolen):
    _, token, pin = card(app, world, stolen, 4)
    own = Browser(app)
    page = own.get(f"/c/{token}")
    (action,) = page.tree.xpath("//main//form/@action")
    assert (action, page.value("number")) == (url(world, stolen), "005")
    wrong = own.post(action, {"number": "005", "pin": "00000000"})
    assert (wrong.status, "口令不正确" in wrong.words, reports(world)) == (422, True, [])
    with world.work():
        lines = db.session.query(AuditEntry).count()
    done = own.follow(own.post(action, {"number": "005", "pin": pin}))
    assert "已报告，监票人的手机上已经显示" in done.words
    assert reports(world) == [("005", "")]
    again = own.post(action, {"number": "005", "pin": pin})
    assert (again.status, "您已经报告过" in again.words) == (422, True)
    with world.work():
        assert db.session.query(AuditEntry).count() == lines


def test_wrong_pins_of_a_report_make_the_number_wait(app, world, stolen):
    _, _, pin = card(app, world, stolen, 4)
    own = Browser(app)
    statuses = [own.post(url(world, stolen), {"number": "005", "pin": "1"}).status for _ in range(5)]
    assert statuses == [422] * 5
    assert own.post(url(world, stolen), {"number": "005", "pin": pin}).status == 429
    assert reports(world) == []


def test_report_page_opens_and_a_strange_round_is_not_found(app, world, stolen):
    own = Browser(app)
    assert "不是我投的" in own.get(url(world, stolen)).words
    strange = own.get(url(world, stolen).replace(f"={stolen['round']}", "=999"))
    assert (strange.status, strange.value("pin")) == (200, None)
    assert own.get(f"/h/nowhere/not-mine?round={stolen['round']}").status == 404


def test_signed_in_browser_reports_once_and_reads_so(app, world, hall):
    open_(world, hall)
    own = phone(app, world, hall, 4)
    cast(world, hall, 4, {1: "for"}, browser="an account elsewhere")
    page = own.get(f"/vote/{hall['round']}/received")
    _, _, pin = card(app, world, hall, 4)
    own.post(url(world, hall), {"number": page.value("number"), "pin": pin})
    page = own.get(f"/vote/{hall['round']}/received")
    assert "您已报告“不是我投的”" in page.words
    assert page.value("pin") is None


def test_tellers_read_the_report_and_the_chief_settles_it(app, as_, world, stolen):
    _, _, pin = card(app, world, stolen, 4)
    chief, teller = phone(app, world, stolen, 0), phone(app, world, stolen, 1)
    page, live = f"/teller/rounds/{stolen['round']}", f"/teller/rounds/{stolen['round']}/turnout.json"
    assert ("不是我投的" in teller.get(page).words, teller.get(live).json["reports"]) == (False, 0)
    Browser(app).post(url(world, stolen), {"number": "005", "pin": pin})
    assert teller.get(live).json["reports"] == 1
    words = teller.get(page).words
    assert "1 名代表报告 报告不影响投票" in words.replace("“不是我投的”：", "")
    assert "005 示例代表005" in words
    assert "1 名代表报告“不是我投的”" in teller.get("/teller/").words
    desk = as_("office").get(f"/office/sessions/{stolen['session']}/desk?deputy={stolen['deputies'][4]}")
    assert "已报告“不是我投的”：示例票决。要撤回的，由本人当着监票人" in desk.words
    assert "1 名代表报告“不是我投的”（005）" in as_("office").get(f"/office/rounds/{stolen['round']}").words
    assert teller.get(page).value("finding") is None, "the finding is the chief's"
    assert teller.post(f"{page}/finding", {"finding": "我来写"}).status == 422
    empty = chief.post(f"{page}/finding", {"finding": ""})
    assert (empty.status, "请写明核查结果" in empty.words) == (422, True)
    close(world, stolen)
    refused = chief.post(f"{page}/sign", {"signature": "00"})
    assert (refused.status, "还没有写明核查结果" in refused.words) == (422, True)
    done = chief.follow(chief.post(f"{page}/finding", {"finding": "经核实，本人没有投过这张票"}))
    assert "经核实，本人没有投过这张票" in done.words
    assert "经核实，本人没有投过这张票" in as_("office").get(f"/office/rounds/{stolen['round']}").words


def test_report_is_withdrawn_on_a_tellers_phone_with_pin_and_key(app, world, stolen):
    _, _, pin = card(app, world, stolen, 4)
    Browser(app).post(url(world, stolen), {"number": "005", "pin": pin})
    teller = phone(app, world, stolen, 1)
    act = f"/teller/rounds/{stolen['round']}/reports/{stolen['deputies'][4]}/withdraw"
    assert teller.get(f"/teller/rounds/{stolen['round']}").tree.xpath(f"//form[@action='{act}']/@data-sign")
    with world.work():
        row = db.session.query(Teller).filter_by(deputy_id=stolen["deputies"][1]).one()
        message = withdrawal(rounds.get_round(stolen["round"]).public_id, "005")
        signature = key_of(row).sign(message).signature
    for typed, words in (
        ({"pin": "00000000", "signature": signature}, "口令不正确"),
        ({"pin": pin, "signature": "00" * 64}, "签字密钥与登记的不符"),
        ({"pin": "", "signature": signature}, "请代表本人输入口令"),
    ):
        page = teller.post(act, typed)
        assert (page.status, words in page.words) == (422, True)
    assert reports(world) == [("005", "")]
    done = teller.follow(teller.post(act, {"pin": pin, "signature": signature}))
    assert "已当着示例代表002撤回" in done.words
    assert reports(world) == [("005", "示例代表002")]


@pytest.mark.parametrize("who", ["office", "leader", "government"])
def test_office_alone_reaches_no_act_about_reports(as_, stolen, who):
    base = f"/teller/rounds/{stolen['round']}"
    for act in ("finding", f"reports/{stolen['deputies'][4]}/withdraw"):
        assert as_(who).post(f"{base}/{act}", {"finding": "无", "pin": "1"}).status == 403

"""The voting cards of a session: the list, issuing, the sheets of ten minutes, reissuing and voiding."""

from base64 import b64decode
from datetime import timedelta

import pytest
from sqlalchemy import or_, select

from tests.factories import make_user
from tests.pages import Browser
from tests.services.voting.test_vote import make_hall
from tests.views.voting.test_voting import card
from votes import clock
from votes.db import db
from votes.exports.formats import qr
from votes.models import AuditEntry
from votes.rules.people.roles import Role
from votes.services.meeting import cards, events, sessions

PREPARED = {"hall": make_hall}


def reissue_all(browser, hall):
    """Reissue all unopened cards as the office; return the page with the sheets."""
    page = browser.post(f"/office/sessions/{hall['session']}/cards/reissue", {"reason": "卡纸", "all": "1"})
    assert page.status == 303
    return browser.follow(page)


def sheets_of(page):
    """Return where the sheets of the newest act are fetched from, as a PDF."""
    return page.tree.xpath("//form[contains(@action,'sheets.pdf')]/@action")[0]


def printed(page):
    """Read each card of the print page as a phone would: {number: token}."""
    found = {}
    for face in page.tree.xpath("//*[@class='vote-card']"):
        (code,) = face.xpath(".//img/@src")
        (url,) = qr.read(b64decode(code.partition(",")[2]))
        number = face.text_content().partition("证号")[2].split()[0]
        found[number] = url.rpartition("/c/")[2]
    return found


def test_index_lists_each_card_with_an_anchor(app, as_, world, hall):
    card_id, _, _ = card(app, world, hall, 0)
    page = as_("office").get(f"/office/sessions/{hall['session']}/cards")
    assert len(page.tree.xpath("//tbody/tr")) == 12
    (row,) = page.tree.xpath(f"//tr[.//*[@id='card-{card_id}']]")
    assert "示例代表001" in row.text_content()


def test_reissue_voids_the_card_and_leads_to_the_new_one(app, as_, world, hall):
    card_id, _, _ = card(app, world, hall, 4)
    office = as_("office")
    page = office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": ""})
    assert (page.status, "请填写原因" in page.words) == (422, True)
    page = office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": "遗失"})
    new_id, _, _ = card(app, world, hall, 4)
    assert page.location == f"/office/sessions/{hall['session']}/cards#card-{new_id}"
    assert new_id != card_id


def test_issuer_prints_the_sheets_and_the_cards_open(app, as_, world, hall):
    office = as_("office")
    page = reissue_all(office, hall)
    assert "已作废并补发 12 张凭证" in page.words
    sheets = sheets_of(page)
    shown = office.post(sheets.removesuffix(".pdf"))
    assert shown.tree.xpath("//link[contains(@href, 'css/print.css')]")
    tokens = printed(shown)
    assert len(tokens) == 12
    assert Browser(app).post(f"/c/{tokens['005']}").status == 303
    assert office.post(sheets, {"part": "9"}).status == 404
    with world.work():
        kinds = [event.kind for event in events.events(sessions.get(hall["session"]))]
    assert kinds == ["cards_issued", "cards_issued", "cards_fetched"]
    assert "已用手机打开" in office.get(f"/office/sessions/{hall['session']}/cards").words


def test_sheets_pdf_is_drawn_and_written_down(as_, hall, undrawn):
    office = as_("office")
    assert office.post(sheets_of(reissue_all(office, hall)), {"part": "1"}).data[:5] == b"%PDF-"


@pytest.mark.parametrize("page", ["cards/print", "cards.pdf", "cards/issue"])
def test_office_alone_cannot_show_the_cards_by_a_link(as_, hall, page):
    """The attack: one office login asked for /cards/print and got every card again, unseen."""
    assert as_("office").get(f"/office/sessions/{hall['session']}/{page}").status in (404, 405)


def test_office_alone_cannot_print_a_card_twice(app, as_, world, hall, monkeypatch):
    """After ten minutes the sheets are gone; what remains is reissuing, which voids the card in the deputy's hand."""
    office = as_("office")
    sheets = sheets_of(reissue_all(office, hall))
    tokens, later = printed(office.post(sheets.removesuffix(".pdf"))), clock.now() + timedelta(minutes=11)
    for place in ("votes.views.meeting.session_cards.now", "votes.web.card_sheets.now"):
        monkeypatch.setattr(place, lambda: later)
    page = office.post(sheets.removesuffix(".pdf"))
    assert (page.status, "内容已经销毁" in page.words) == (410, True)
    page = office.get(f"/office/sessions/{hall['session']}/cards")
    assert not page.tree.xpath("//form[contains(@action,'sheets')]")
    reissue_all(office, hall)
    assert Browser(app).get(f"/c/{tokens['005']}").status == 410, "the deputy sees that the card was replaced"
    with world.work():
        lines = select(AuditEntry.action, AuditEntry.outcome).where(
            or_(AuditEntry.action.like("card.%"), AuditEntry.outcome == "refused")
        )
        told = [tuple(row) for row in db.session.execute(lines.order_by(AuditEntry.id))]
        assert told[1:] == [
            ("card.reissue", "done"),
            ("card.fetch", "done"),
            ("sessions.sheets_page", "refused"),
            ("card.reissue", "done"),
        ]


def test_second_login_of_the_office_cannot_fetch_the_sheets(app, as_, world, hall):
    """Neither another account, nor the same account in another browser, nor another account in that browser."""
    office = as_("office")
    sheets = sheets_of(reissue_all(office, hall)).removesuffix(".pdf")
    same_account = as_("office").post(sheets)
    assert (same_account.status, "发放时所用的浏览器" in same_account.words) == (409, True)
    with world.work(None):
        colleague = make_user("office2.county", Role.OFFICE, body_id=world.county).id
    other = Browser(app)
    other.sign_in(f"u:{colleague}:0")
    assert (other.post(sheets).status, "只能由发放人打印" in other.post(sheets).words) == (409, True)
    office.sign_in(f"u:{colleague}:0")  # keeps the cookie with the key
    assert office.post(sheets).status == 409
    assert "打印全部" not in office.get(f"/office/sessions/{hall['session']}/cards").words


def test_key_of_the_sheets_stays_with_the_pages_of_sessions(as_, hall):
    page = as_("office").post(
        f"/office/sessions/{hall['session']}/cards/reissue", {"reason": "卡纸", "all": "1"}
    )
    (cookie,) = [line for line in page.response.headers.getlist("Set-Cookie") if line.startswith("sheets=")]
    for part in ("HttpOnly", "Path=/office/sessions/", "SameSite=Strict", "Max-Age=600"):
        assert part in cookie


def test_one_key_serves_the_acts_of_ten_minutes(app, as_, world, hall):
    office = as_("office")
    reissue_all(office, hall)
    card_id, _, _ = card(app, world, hall, 4)
    office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": "遗失"})
    page = office.get(f"/office/sessions/{hall['session']}/cards")
    batches = {
        action.split("/")[-2] for action in page.tree.xpath("//form[contains(@action,'sheets')]/@action")
    }
    counts = [len(printed(office.post(f"/office/sessions/card-batches/{each}/sheets"))) for each in batches]
    assert sorted(counts) == [1, 11]


def test_chosen_cards_are_reissued_in_one_act(app, as_, world, hall):
    chosen = [str(card(app, world, hall, number)[0]) for number in (2, 5)]
    office, url = as_("office"), f"/office/sessions/{hall['session']}/cards/reissue"
    assert (
        office.post(url, {"cards": chosen, "reason": ""}).status,
        office.post(url, {"reason": "卡纸"}).status,
    ) == (
        422,
        422,
    )
    page = office.follow(office.post(url, {"cards": chosen, "reason": "卡纸"}))
    assert sorted(printed(office.post(sheets_of(page).removesuffix(".pdf")))) == ["003", "006"]


def test_void_of_unused_cards_asks_for_a_reason(as_, world, hall):
    office, url = as_("office"), f"/office/sessions/{hall['session']}/cards/void"
    assert office.post(url, {"reason": ""}).status == 422
    assert "已作废 12 张没有使用过的凭证" in office.follow(office.post(url, {"reason": "改期"})).words
    with world.work():
        assert cards.active(sessions.get(hall["session"])) == []


def test_issue_with_nobody_waiting_says_so(as_, hall):
    office = as_("office")
    page = office.follow(office.post(f"/office/sessions/{hall['session']}/cards/issue"))
    assert "没有发放新的凭证" in page.words


def test_sheets_of_another_body_are_not_found(as_, hall):
    office = as_("office")
    sheets = sheets_of(reissue_all(office, hall))
    assert as_("office", "other").post(sheets).status == 404
    assert as_("leader").post(sheets).status == 403
    assert office.get(sheets).status == 405


def test_cards_of_another_body_are_not_found(as_, hall):
    assert as_("office", "other").get(f"/office/sessions/{hall['session']}/cards").status == 404

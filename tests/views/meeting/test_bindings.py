"""A card and a phone through the pages: bound, taken over with the PIN, out and told so."""

from functools import partial

import pytest

from tests.consents import agreed
from tests.factories import NOW
from tests.pages import Browser
from tests.services.meeting.test_bindings import make_real_hall
from tests.services.voting.test_vote import BY, close, open_
from tests.views.voting.test_voting import card, code_now, hall_key, pairing_code, phone
from votes import clock
from votes.db import db
from votes.models import AuditEntry, Card, Turnout
from votes.rules.codes import new_code
from votes.rules.meeting.consents import ConsentAct
from votes.rules.voting.ballots import NOT_CAST_HERE
from votes.services.meeting import checkin, sessions
from votes.services.voting import ballots

PREPARED = {"hall": partial(make_real_hall, present=10)}


def vote(browser, hall, **marks):
    page = browser.post(f"/vote/{hall['round']}/cast", {"code": new_code(), **(marks or {"m1": "for"})})
    return browser.follow(page)


def bound_to(world, card_id):
    with world.work():
        return db.session.get(Card, card_id).bound_to


def test_normal_way_from_the_card_to_received_has_no_tap_more(app, world, hall):
    """Scan, 进入, 去投票, 核对, 提交: three forms and one link, as before cards were bound."""
    open_(world, hall)
    _, token, _ = card(app, world, hall, 4)
    own = Browser(app)
    page = own.get(f"/c/{token}")
    assert page.tree.xpath("//main//input[not(@type='hidden')]") == []
    assert page.tree.xpath("//main//button/text()") == ["进入"]
    home = own.follow(own.post(f"/c/{token}"))
    ballot = own.get(next(link for link in home.links() if "/vote/" in link))
    review = own.post(f"/vote/{hall['round']}/review", {"m1": "for", "code": ballot.value("code")})
    page = own.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": review.value("code")})
    assert "已收到" in own.follow(page).words


def test_other_browser_takes_over_with_the_pin_and_the_first_is_told(app, world, hall):
    open_(world, hall)
    first = phone(app, world, hall, 4)
    _, token, pin = card(app, world, hall, 4)
    second = Browser(app)
    page = second.get(f"/c/{token}")
    assert "这张凭证已在另一部手机（或者另一个浏览器）上使用" in page.words
    assert "改用本机" in page.words
    assert second.post(f"/c/{token}").status == 200, "without the PIN nothing happens"
    assert first.get("/hall/").status == 200
    wrong = second.post(f"/c/{token}", {"pin": "00000000"})
    assert (wrong.status, "口令不正确" in wrong.words) == (422, True)
    assert second.post(f"/c/{token}", {"pin": pin}).location == "/hall/"
    assert second.get(f"/vote/{hall['round']}").status == 200
    page = first.get(f"/vote/{hall['round']}")
    assert (page.status, "本机已经退出" in page.words) == (401, True)
    page = first.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()})
    assert (page.status, "本机已经退出" in page.words) == (401, True)
    with world.work():
        assert db.session.query(Turnout).count() == 0
    teller = phone(app, world, hall, 1)
    assert "改用另一部手机的凭证：1 次" in teller.get(f"/teller/rounds/{hall['round']}").words


def test_browser_that_lost_its_cookies_reaches_the_ballot_with_the_pin(app, world, hall):
    open_(world, hall)
    own = phone(app, world, hall, 4)
    _, token, pin = card(app, world, hall, 4)
    own.client._cookies.clear()
    assert "请输入凭证上的口令" in own.get(f"/c/{token}").words
    own.post(f"/c/{token}", {"pin": pin})
    assert "已收到" in vote(own, hall).words


def test_same_browser_scans_again_and_after_signing_out(app, world, hall):
    own = phone(app, world, hall, 4)
    _, token, _ = card(app, world, hall, 4)
    assert own.post(f"/c/{token}").location == "/hall/"
    own.post("/sign-out")
    assert own.get("/hall/").status == 302
    assert own.post(f"/c/{token}").location == "/hall/"
    assert own.get("/hall/").status == 200


def test_number_and_pin_take_over_at_once(app, world, hall):
    first = phone(app, world, hall, 4)
    _, _, pin = card(app, world, hall, 4)
    second = Browser(app)
    assert second.post(f"/h/{hall_key(world, hall)}", {"number": "005", "pin": pin}).location == "/hall/"
    assert second.get("/hall/").status == 200
    assert first.get("/hall/").status == 401


def test_checking_oneself_in_binds_the_card(app, world, hall):
    own = phone(app, world, hall, 11)
    copy = phone(app, world, hall, 11)  # the same card, entered before the check-in
    card_id, token, _ = card(app, world, hall, 11)
    assert bound_to(world, card_id) is None
    page = own.post("/hall/check-in", {"code": code_now(world, hall)})
    assert "已签到" in own.follow(page).words
    assert bound_to(world, card_id) is not None
    assert (copy.get("/hall/").status, copy.get(f"/c/{token}").status) == (401, 200)
    assert "请输入凭证上的口令" in copy.get(f"/c/{token}").words


def test_desk_pairs_a_phone_for_a_deputy_who_has_voted(app, as_, world, hall):
    open_(world, hall)
    own = phone(app, world, hall, 4)
    vote(own, hall)
    paired, key = as_(), hall_key(world, hall)
    shown = paired.follow(paired.post(f"/h/{key}/pair"))
    figures = pairing_code(shown)
    desk = f"/office/sessions/{hall['session']}/desk/{hall['deputies'][4]}"
    with world.work():
        agreed(
            sessions.get(hall["session"]),
            ConsentAct.PAIR,
            hall["deputies"][4:5],
            code=figures,
            when=clock.now(),
        )
    as_("office").post(f"{desk}/pair", {"code": figures})
    assert paired.post(f"/h/{key}/pair/enter").status == 303
    assert NOT_CAST_HERE in paired.get("/hall/").words
    assert own.get("/hall/").status == 401


# --- a vote that was not cast here ---------------------------------------------------------------------


def test_office_alone_casting_with_a_copied_card_is_seen_by_the_deputy(app, world, hall):
    """The office entered with a copy before the check-in, and cast: the deputy reads it wherever they come in."""
    copy = phone(app, world, hall, 10)
    with world.work():
        checkin.check_in(sessions.get(hall["session"]), hall["deputies"][10], by=BY, now=NOW)
    open_(world, hall)
    assert "已收到" in vote(copy, hall).words
    _, token, pin = card(app, world, hall, 10)
    own = Browser(app)
    for page in (
        own.get(f"/c/{token}"),
        own.post(f"/c/{token}"),
        own.post(f"/c/{token}", {"pin": pin}),
        own.post(f"/h/{hall_key(world, hall)}", {"number": "011", "pin": pin}),
    ):
        assert (page.status, NOT_CAST_HERE in page.words, "已收到" in page.words) == (409, True, False)
    assert own.get("/hall/").status == 302, "and is not signed in"


@pytest.mark.parametrize("closed", [False, True])
def test_browser_that_has_not_voted_never_reads_received(app, world, hall, closed):
    """Its deputy's vote was cast with an account, say, while the card's browser was in."""
    open_(world, hall)
    own = phone(app, world, hall, 4)
    with world.work():
        ballots.cast(
            hall["round"], hall["deputies"][4], code=new_code(), marks={1: "for"}, now=NOW, browser="x"
        )
    if closed:
        close(world, hall)
    pages = [own.get(f"/vote/{hall['round']}/received")]
    if not closed:
        pages += [
            own.get("/hall/"),
            own.follow(own.get(f"/vote/{hall['round']}")),
            own.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": new_code()}),
        ]
    assert [NOT_CAST_HERE in page.words for page in pages] == [True] * len(pages)
    assert ["已收到" in page.words for page in pages] == [False] * len(pages)
    assert "您的选票已在票箱内" not in own.get("/hall/").words


def test_browser_that_voted_reads_received_before_and_after_the_close(app, world, hall):
    open_(world, hall)
    own = phone(app, world, hall, 4)
    vote(own, hall)
    assert "您的选票已在票箱内" in own.get("/hall/").words
    assert "已收到" in own.get(f"/vote/{hall['round']}/received").words
    close(world, hall)
    assert "已收到" in own.get(f"/vote/{hall['round']}/received").words
    assert "这张凭证已投票" in own.get("/hall/").words


def test_entering_and_taking_over_leave_no_line_of_the_log(app, world, hall):
    _, token, pin = card(app, world, hall, 4)
    open_(world, hall)
    with world.work():
        before = db.session.query(AuditEntry).count()
    phone(app, world, hall, 4)
    second = Browser(app)
    second.post(f"/c/{token}", {"pin": pin})
    vote(second, hall)
    Browser(app).post(f"/c/{token}", {"pin": pin})
    with world.work():
        assert db.session.query(AuditEntry).count() == before


def test_demo_visitors_with_one_card_reach_the_ballot_by_its_link(app, world, hall):
    """A visitor has the link alone, and no card with a PIN: whoever opens it last is in, and nobody stands outside."""
    world.be_demo(True)
    open_(world, hall)
    first, second = phone(app, world, hall, 4), phone(app, world, hall, 4)
    assert first.get("/hall/").status == 401
    _, token, _ = card(app, world, hall, 4)
    assert first.post(f"/c/{token}").location == "/hall/"
    assert "已收到" in vote(first, hall).words
    assert second.post(f"/c/{token}").location == "/hall/"
    assert NOT_CAST_HERE in second.get("/hall/").words

"""A phone without a card is paired at the desk, and signs in once."""

import re
from functools import partial

from tests.factories import make_user
from tests.pages import Browser
from tests.services.voting.test_vote import make_hall
from tests.views.meeting.test_desk import panel_words
from tests.views.voting.test_voting import hall_key
from votes import clock
from votes.db import db
from votes.models import AuditEntry, Pairing
from votes.rules.people.roles import Role
from votes.services.meeting import pairings

PREPARED = {"hall": partial(make_hall, present=10, paper="keyed")}


def ask(app, world, hall, browser=None):
    """Return a phone that shows a code, and the code."""
    browser = browser or Browser(app)
    page = browser.follow(browser.post(f"/h/{hall_key(world, hall)}/pair"))
    return browser, "".join(page.tree.xpath("//*[@class='code']/text()")).replace(" ", "")


def test_paired_phone_signs_in_once_by_a_button(app, as_, world, hall, base):
    url, who = f"/h/{hall_key(world, hall)}", hall["deputies"][11]
    asking = Browser(app)
    assert "到服务台配对" in asking.get(url).words
    answer = asking.post(f"{url}/pair")
    (cookie,) = [c for c in answer.response.headers.getlist("Set-Cookie") if c.startswith("pair=")]
    assert "HttpOnly" in cookie
    assert f"Path={url};" in cookie + ";"
    assert "SameSite=Lax" in cookie
    _, code = ask(app, world, hall, asking)
    assert re.fullmatch(r"\d{6}", code)
    assert asking.post(f"{url}/pair/enter").status == 409, "nobody has confirmed"
    assert asking.get(f"{url}/pair.json").json == {"state": "waiting"}
    desk = as_("office")
    page = desk.follow(desk.post(f"{base}/{who}/pair", {"code": f"{code[:3]} {code[3:]}", "deputy": who}))
    assert "请示例代表012代表在手机上点击“进入”" in page.words
    assert asking.get(f"{url}/pair.json").json == {"state": "confirmed"}
    for _ in range(3):
        shown = asking.get(f"{url}/pair")
    assert "示例代表012" in shown.words
    assert asking.get("/hall/").status == 302, "a look opens nothing"
    other = Browser(app)
    assert other.post(f"{url}/pair/enter").status == 404, "the code is no key, the cookie is"
    entered = asking.post(f"{url}/pair/enter")
    assert entered.location == "/hall/"
    assert "示例代表012" in asking.follow(entered).words
    assert asking.post(f"{url}/pair/enter").status in (404, 409)
    with world.work():
        lines = db.session.query(AuditEntry).filter(AuditEntry.action == "pairing.confirm").all()
        assert [(line.about, line.who) for line in lines] == [("示例代表012", "office.county（示例）")]


def test_pair_cookie_sent_again_does_not_sign_in(app, as_, world, hall, base):
    url = f"/h/{hall_key(world, hall)}"
    asking, code = ask(app, world, hall)
    secret = asking.client.get_cookie("pair", path=url).value
    as_("office").post(f"{base}/{hall['deputies'][11]}/pair", {"code": code})
    assert asking.post(f"{url}/pair/enter").status == 303
    thief = Browser(app)
    thief.client.set_cookie("pair", secret, path=url)
    page = thief.post(f"{url}/pair/enter")
    assert (page.status, "不能再次进入" in page.words) == (409, True)
    assert "已经用过" in thief.get(f"{url}/pair").words
    assert thief.get("/hall/").status == 302


def test_expired_code_says_so_on_phone_and_desk(app, as_, world, hall, base):
    url = f"/h/{hall_key(world, hall)}"
    asking, code = ask(app, world, hall)
    with world.work():
        db.session.query(Pairing).one().expires_at = clock.now()
    assert "配对码已过期" in asking.get(f"{url}/pair").words
    page = as_("office").post(
        f"{base}/{hall['deputies'][11]}/pair", {"code": code, "deputy": hall["deputies"][11]}
    )
    assert (page.status, "已过期" in panel_words(page), page.value("code")) == (409, True, code)
    assert ask(app, world, hall, asking)[1] != code


def test_guessing_codes_stops_only_that_account(app, as_, world, hall, base):
    _, code = ask(app, world, hall)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    who, desk = hall["deputies"][11], as_("office")
    for _ in range(5):
        page = desk.post(f"{base}/{who}/pair", {"code": wrong, "deputy": who})
        assert (page.status, page.value("code")) == (422, wrong)
        assert "没有这个配对码" in panel_words(page)
    page = desk.post(f"{base}/{who}/pair", {"code": code, "deputy": who})
    assert (page.status, "请稍候再办理" in panel_words(page)) == (429, True)
    assert desk.get("/office/").status == 200, "the account itself goes on"
    with world.work():
        colleague = make_user("office2", Role.OFFICE, body_id=world.county).id
    other = Browser(app)
    other.sign_in(f"u:{colleague}:0")
    assert other.post(f"{base}/{who}/pair", {"code": code}).status == 303


def test_too_many_waiting_phones_are_told_to_wait(app, world, hall, monkeypatch):
    monkeypatch.setattr(pairings, "MOST", 2)
    url = f"/h/{hall_key(world, hall)}/pair"
    one = Browser(app)
    assert [one.post(url).status, one.post(url).status, Browser(app).post(url).status] == [303, 303, 303]
    page = Browser(app).post(url)
    assert (page.status, "等候配对的手机较多" in page.words) == (429, True)


def test_pairing_page_without_script_reloads_itself(app, world, hall):
    asking, _ = ask(app, world, hall)
    page = asking.get(f"/h/{hall_key(world, hall)}/pair")
    assert page.tree.xpath("//head/noscript/meta[@http-equiv='refresh']")

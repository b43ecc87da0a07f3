"""The service desk: whatever is typed or scanned opens whom it means, every act comes back to the same search, and a
phone without a card goes in once, as the deputy whom the desk has seen."""

import re
from functools import partial
from io import BytesIO
from urllib.parse import parse_qsl

import openpyxl
import pytest

from tests.exports.formats.test_qr import shot
from tests.pages import Browser
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_
from tests.views.voting.test_voting import card, hall_key, phone
from tests.world import contents
from votes import clock
from votes.db import db
from votes.models import AuditEntry, Body, Pairing, Turnout
from votes.rules.people.roles import BodyKind
from votes.services.meeting import cards, pairings, sessions
from votes.views.meeting import desk_find

PREPARED = {"hall": partial(make_hall, present=10, paper="keyed")}


@pytest.fixture
def hall(prepared):
    """Twelve deputies of whom ten are signed in."""
    return prepared["hall"]


@pytest.fixture
def base(hall):
    return f"/office/sessions/{hall['session']}/desk"


def opened(page):
    """Whose panel is open."""
    return "".join(page.tree.xpath("//section[contains(@class,'deputy')]//h2/text()"))


def panel_words(page):
    (panel,) = page.tree.xpath("//section[contains(@class,'deputy')]")
    return " ".join(panel.text_content().split())


# --- finding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    ["http://hall.example/c/{0}", "{0}", "012http://hall.example/c/{0}", "http://192.168.1.9/c/{0}\r\n"],
)
def test_a_scanned_card_opens_its_holder_and_its_secret_stands_in_no_address(
    app, as_, world, hall, base, sent
):
    _, token, _ = card(app, world, hall, 11)
    desk = as_("office")
    page = desk.post(f"{base}/find", {"q": sent.format(token)})
    assert (page.status, page.location) == (303, f"{base}?deputy={hall['deputies'][11]}")
    page = desk.follow(page)
    assert opened(page) == "示例代表012"
    assert token not in page.text


def test_a_void_card_says_so_and_who_holds_it(app, as_, world, hall, base):
    card_id, token, _ = card(app, world, hall, 4)
    with world.work():
        cards.reissue(cards.get(card_id), reason="遗失", key=app.config["SECRET_KEY"], by=BY, now=clock.now())
    desk = as_("office")
    page = desk.follow(desk.post(f"{base}/find", {"q": f"http://x/c/{token}"}))
    assert "扫到的凭证已经作废（遗失），不能使用。持证人：示例代表005。" in page.words
    assert opened(page) == "示例代表005"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("http://hall.example/c/AAAAAAAAAAAAAAAAAAAAAA", "不是本级人大发出的票决凭证"),
        ("https://u.wechat.example/abc", "这个二维码不是票决凭证"),
        ("http://hall.example/h/AAAAAAAAAAAAAAAAAAAAAA", "这个二维码不是票决凭证"),
        ("{other session}", "不能在本次会议使用。持证人：示例代表005。"),
        ("{other body}", "不是本级人大发出的票决凭证"),
    ],
)
def test_what_is_no_card_of_this_session_is_refused_in_its_own_words(
    app, as_, world, hall, base, sent, words
):
    from datetime import date

    from tests import factories

    key, made = app.config["SECRET_KEY"], {}
    for place, body in (("{other session}", "county"), ("{other body}", "other")):
        with world.work(body):
            meeting = sessions.create_session(
                title="另一次会议", year=2028, starts_on=date(2028, 1, 1), ends_on=date(2028, 1, 1), place="",
                by=BY, now=clock.now(),
            )  # fmt: skip
            if body == "county":
                holder = hall["deputies"][4]
            else:
                holder = factories.make_deputies(1, world.delegations["other"])[0].id
            made[place] = (
                f"http://x/c/{cards.token(cards.issue(meeting, holder, key=key, by=BY, now=clock.now()), key)}"
            )
    page = as_("office").post(f"{base}/find", {"q": made.get(sent, sent)})
    assert (page.status, words in page.words) == (422, True), page.words


@pytest.mark.parametrize(
    ("q", "open_", "count"), [("012", "示例代表012", 1), ("代表01", "", 3), ("没有此人", "", 0), ("", "", 12)]
)
def test_words_list_who_fits_and_open_the_only_one(as_, hall, base, q, open_, count):
    desk = as_("office")
    page = desk.follow(desk.post(f"{base}/find", {"q": q}))
    assert (page.status, opened(page), len(page.tree.xpath("//tbody/tr"))) == (200, open_, count)
    assert page.value("q") == q
    assert page.tree.xpath("//input[@name='q' and @autofocus]")


# --- the camera ----------------------------------------------------------------------------------------


def picture(data, name="frame.jpg"):
    return {"picture": (BytesIO(data), name)}


def test_a_frame_is_answered_with_the_token_and_a_photo_with_the_deputy(app, as_, world, hall, base):
    _, token, _ = card(app, world, hall, 11)
    before = contents(app.extensions["votes.database"], but=())
    data, desk = shot(f"http://hall.example/c/{token}", turn=9), as_("office")
    frame = desk.post(f"{base}/scan", picture(data), headers={"Accept": "application/json"})
    assert (frame.status, frame.json) == (200, {"text": token})
    assert opened(desk.follow(desk.post(f"{base}/scan", picture(data)))) == "示例代表012"
    empty = desk.post(f"{base}/scan", picture(shot(noise=0.4)), headers={"Accept": "application/json"})
    assert empty.json == {"text": ""}
    assert contents(app.extensions["votes.database"], but=()) == before, "nothing is kept of a picture"


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (None, 422, "请先选择照片"),
        (b"", 422, "请先选择照片"),
        (b"abc", 422, "不是能读取的照片"),
        (shot(noise=0.4), 422, "照片上没有找到二维码"),
        (shot("https://u.wechat.example/abc"), 422, "这个二维码不是票决凭证"),
        (b"\xff\xd8" + bytes(1000), 413, "照片太大"),
    ],
)
def test_a_photo_that_is_none_is_refused_in_words(as_, hall, base, monkeypatch, data, status, words):
    if status == 413:
        monkeypatch.setattr(desk_find, "MOST_BYTES", 1000)
    page = as_("office").post(f"{base}/scan", {} if data is None else picture(data))
    assert (page.status, words in page.words) == (status, True), page.words


def test_only_the_desk_may_use_the_camera(as_, hall, base):
    office = as_("office")

    def camera(url):
        return re.findall(r"camera=\((.*?)\)", office.get(url).response.headers["Permissions-Policy"])

    assert camera(base) == ["self"]
    for url in (
        "/office/",
        f"/office/sessions/{hall['session']}",
        f"/office/rounds/{hall['round']}",
        "/sign-in",
    ):
        assert camera(url) == [""], url


# --- acts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [{}, {"q": "012"}, {"q": "代表", "state": "absent", "delegation": "1"}])
def test_every_act_comes_back_to_the_same_search(as_, hall, base, asked):
    who = hall["deputies"][11]
    desk = as_("office")
    for act in ("present", "left", "undo"):
        page = desk.post(f"{base}/{who}/{act}", {**asked, "deputy": who})
        address, _, query = page.location.partition("?")
        assert (address, dict(parse_qsl(query))) == (base, {**asked, "deputy": str(who)})
        assert opened(desk.follow(page)) == "示例代表012"


def test_what_is_refused_is_said_beside_what_was_typed(as_, world, hall, base):
    open_(world, hall)
    who, desk = hall["deputies"][4], as_("office")
    page = desk.post(f"{base}/{who}/leave", {"reason": "出差三天", "deputy": who, "q": "005"})
    (typed,) = page.tree.xpath("//form[contains(@action,'/leave')]//input[@name='reason']/@value")
    assert (page.status, typed, page.value("q")) == (409, "出差三天", "005")
    assert "关闭投票后才能更改签到" in panel_words(page)
    page = desk.post(f"{base}/{who}/card", {"reason": " ", "deputy": who})
    assert (page.status, "请填写作废原因" in panel_words(page)) == (422, True)
    with world.work():
        assert len(cards.of_deputy(sessions.get(hall["session"]), who)) == 1


def test_the_panel_follows_a_deputy_through_the_day(as_, world, hall, base):
    who, desk = hall["deputies"][11], as_("office")

    def told():
        return panel_words(desk.get(f"{base}?deputy={who}"))

    assert "○ 未到" in told()
    desk.post(f"{base}/{who}/leave", {"reason": "出差"})
    assert "请假" in told()
    assert "出差" in told()
    open_(world, hall)
    assert "没有列入本轮名册，补签后即可投票" in told()
    desk.post(f"{base}/{who}/present")
    assert "补签" in told()
    assert "有表决权（补签，经办：" in told()
    desk.post(f"{base}/{who}/left", {"reason": "有会"})
    assert "早退" in told()
    assert "有会" in told()
    assert "有表决权" in told()
    figures = desk.get(base).tree.xpath("//dl[@class='desk-figures']")[0]
    assert "".join(figures.text_content().split()) == "应到12人实到10人请假0人早退1人未到1人法定人数8人已达到"


def test_whether_somebody_has_voted_does_not_show(as_, world, hall, base):
    open_(world, hall)
    desk, who = as_("office"), hall["deputies"][4]

    def told():
        return [desk.get(f"{base}{query}").words for query in (f"?deputy={who}", "", "?q=005")]

    before = told()
    cast(world, hall, 4, {1: "for"})
    assert told() == before


def test_a_paper_is_handed_out_and_taken_back_and_the_phone_follows(app, as_, world, hall, base):
    open_(world, hall)
    who, desk = hall["deputies"][4], as_("office")
    ballot = phone(app, world, hall, 4)

    def held():
        with world.work():
            return (
                db.session.query(Turnout).filter(Turnout.deputy_id == who, Turnout.channel == "paper").count()
            )

    url = f"{base}/{who}/paper/{hall['round']}"
    assert "已发给纸质票" in desk.follow(desk.post(f"{url}/out", {"deputy": who})).words
    assert held() == 1
    assert "已领纸质票" in panel_words(desk.get(f"{base}?deputy={who}"))
    assert ballot.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": "ABCDEFGH23"}).status == 409
    page = desk.post(f"{url}/out", {"deputy": who})
    assert (page.status, "每人只发一张" in panel_words(page)) == (409, True)
    assert desk.post(f"{url}/back").status == 303
    assert held() == 0
    assert ballot.post(f"/vote/{hall['round']}/cast", {"m1": "for", "code": "ABCDEFGH23"}).status == 303
    page = desk.post(f"{url}/out", {"deputy": who})
    assert (page.status, "不能再发纸质票" in panel_words(page)) == (409, True)


def test_a_round_of_another_session_is_not_handed_out_here(as_, world, hall, base):
    page = as_("office").post(f"{base}/{hall['deputies'][4]}/paper/{hall['round'] + 1}/out")
    assert page.status == 404
    assert "没有找到这一轮票决" in page.words


def test_a_reissued_card_is_printed_at_once_and_the_old_one_is_worthless(app, as_, world, hall, base):
    who, desk = hall["deputies"][4], as_("office")
    _, token, _ = card(app, world, hall, 4)
    inside = phone(app, world, hall, 4)
    page = desk.follow(desk.post(f"{base}/{who}/card", {"reason": "遗失", "deputy": who}))
    assert "原凭证已作废，立即生效" in page.words
    (link,) = page.tree.xpath("//a[@data-print]/@href")
    assert desk.get(link).data[:5] == b"%PDF-"
    assert not desk.get(f"{base}?deputy={who}").tree.xpath("//a[@data-print]"), "once"
    assert inside.get("/hall/").status == 302
    assert Browser(app).get(f"/c/{token}").status == 410
    _, fresh, _ = card(app, world, hall, 4)
    assert Browser(app).post(f"/c/{fresh}").status == 303


# --- pairing -------------------------------------------------------------------------------------------


def ask(app, world, hall, browser=None):
    """(a phone that shows a code, the code)"""
    browser = browser or Browser(app)
    page = browser.follow(browser.post(f"/h/{hall_key(world, hall)}/pair"))
    return browser, "".join(page.tree.xpath("//*[@class='code']/text()")).replace(" ", "")


def test_a_phone_without_a_card_goes_in_once_by_a_button(app, as_, world, hall, base):
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


def test_the_cookie_sent_again_does_not_go_in_twice(app, as_, world, hall, base):
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


def test_a_code_that_ran_out_says_so_on_both_sides(app, as_, world, hall, base):
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


def test_guessing_codes_stops_the_account_and_only_that(app, as_, world, hall, base):
    _, code = ask(app, world, hall)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    who, desk = hall["deputies"][11], as_("office")
    for _ in range(5):
        page = desk.post(f"{base}/{who}/pair", {"code": wrong, "deputy": who})
        assert (page.status, page.value("code")) == (422, wrong)
        assert "没有这个配对码" in panel_words(page)
    page = desk.post(f"{base}/{who}/pair", {"code": code, "deputy": who})
    assert (page.status, "已暂停配对十分钟" in panel_words(page)) == (429, True)
    assert desk.get("/office/").status == 200, "the account itself goes on"
    from tests.factories import make_user
    from votes.rules.people.roles import Role

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


def test_without_script_the_page_asks_again_by_itself(app, world, hall):
    asking, _ = ask(app, world, hall)
    page = asking.get(f"/h/{hall_key(world, hall)}/pair")
    assert page.tree.xpath("//head/noscript/meta[@http-equiv='refresh']")


# --- lists ---------------------------------------------------------------------------------------------


def test_a_delegation_is_signed_in_from_its_paper_register(as_, world, hall, base):
    desk = as_("office")
    page = desk.get(f"{base}/register")
    assert page.tree.xpath("//input[@name='deputy']/@value") == [str(d) for d in hall["deputies"][10:]]
    assert desk.post(f"{base}/register", {"delegation": "1"}).status == 422
    page = desk.follow(desk.post(f"{base}/register", {"deputy": [str(d) for d in hall["deputies"][8:]]}))
    assert "已为 2 位代表签到" in page.words
    with world.work():
        assert sessions.headcount(sessions.get(hall["session"])).present == 12
    page = desk.post(f"{base}/register", {"deputy": ["999999"]})
    assert (page.status, "没有这位在任代表" in page.words) == (422, True)


def test_the_attendance_list_as_shown_is_exported(as_, world, hall, base):
    desk = as_("office")
    desk.post(f"{base}/{hall['deputies'][10]}/leave", {"reason": "=1+1"})
    sheet = openpyxl.load_workbook(BytesIO(desk.get(f"{base}/attendance.xlsx").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert rows[0] == ["代表团", "代表证号", "姓名", "状态", "时间", "方式", "事由", "经办人"]
    assert len(rows) == 13
    assert rows[11][:4] + rows[11][5:] == [
        "第一代表团", "011", "示例代表011", "请假", "服务台", "=1+1", "office.county（示例）",
    ]  # fmt: skip
    assert rows[12][3:] == ["未到", None, None, None, None]
    sheet = openpyxl.load_workbook(BytesIO(desk.get(f"{base}/attendance.xlsx?state=leave").data)).active
    assert [row[2].value for row in sheet.iter_rows(min_row=3)] == ["示例代表011"]


def test_who_has_not_voted_is_listed_by_delegation_and_only_while_the_box_is_open(as_, world, hall, base):
    desk = as_("office")
    assert "投票没有在进行" in desk.get(f"{base}/not-voted").words
    assert "未投名单" not in desk.get(base).words
    open_(world, hall)
    for number in range(8):
        cast(world, hall, number, {1: "for"})
    page, names = desk.get(f"{base}/not-voted"), "//ul[@class='names']/li"
    assert [row.text_content() for row in page.tree.xpath(names)] == ["009 示例代表009", "010 示例代表010"]
    assert not desk.get(f"{base}/not-voted?delegation=第二代表团").tree.xpath(names)
    assert len(desk.get(f"{base}/not-voted?delegation=第一代表团").tree.xpath(names)) == 2
    desk.post(f"{base}/{hall['deputies'][8]}/paper/{hall['round']}/out")
    assert "示例代表009" not in desk.get(f"{base}/not-voted").words
    close(world, hall)
    assert "示例代表010" not in desk.get(f"{base}/not-voted").words


def test_a_standing_committee_has_neither_delegations_nor_deputies_numbers(world, as_):
    hall = make_hall(world, paper="keyed")
    with world.work(None):
        db.session.get(Body, world.county).kind = BodyKind.COMMITTEE
    open_(world, hall)
    office = as_("office")
    for address in (f"/office/sessions/{hall['session']}/desk", f"/office/rounds/{hall['round']}/paper"):
        page = office.get(address)
        heads = [th.text for th in page.tree.xpath("//th")]
        assert "分组" in heads, address
        assert not {"代表团", "代表证号"} & set(heads), address
        assert "代表证号" not in page.words

"""The service desk: its page, the panel of one deputy, and the acts that lead back to the same search."""

from functools import partial
from urllib.parse import parse_qsl

import pytest

from tests.pages import Browser
from tests.services.voting.test_vote import cast, make_hall, open_
from tests.views.meeting.test_session_cards import printed
from tests.views.voting.test_voting import card, phone
from votes.db import db
from votes.models import Body, Turnout
from votes.rules.people.roles import BodyKind
from votes.services.meeting import cards, sessions

PREPARED = {"hall": partial(make_hall, present=10, paper="keyed")}


def opened(page):
    """Return the name of the deputy whose panel is open."""
    return "".join(page.tree.xpath("//section[contains(@class,'deputy')]//h2/text()"))


def panel_words(page):
    (panel,) = page.tree.xpath("//section[contains(@class,'deputy')]")
    return " ".join(panel.text_content().split())


@pytest.mark.parametrize("search", [{}, {"q": "012"}, {"q": "代表", "state": "absent", "delegation": "1"}])
def test_act_leads_back_to_the_same_search(as_, hall, base, search):
    who = hall["deputies"][11]
    desk = as_("office")
    for act in ("present", "left", "undo"):
        page = desk.post(f"{base}/{who}/{act}", {**search, "deputy": who})
        url, _, query = page.location.partition("?")
        assert (url, dict(parse_qsl(query))) == (base, {**search, "deputy": str(who)})
        assert opened(desk.follow(page)) == "示例代表012"


def test_refused_act_is_explained_beside_what_was_typed(as_, world, hall, base):
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


def test_panel_follows_a_deputy_through_the_day(as_, world, hall, base):
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


def test_panel_does_not_show_whether_a_deputy_voted(as_, world, hall, base):
    open_(world, hall)
    desk, who = as_("office"), hall["deputies"][4]

    def told():
        return [desk.get(f"{base}{query}").words for query in (f"?deputy={who}", "", "?q=005")]

    before = told()
    cast(world, hall, 4, {1: "for"})
    assert told() == before


def test_hand_out_and_take_back_of_paper_change_the_phone(app, as_, world, hall, base):
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


def test_hand_of_another_sessions_round_is_not_found(as_, world, hall, base):
    page = as_("office").post(f"{base}/{hall['deputies'][4]}/paper/{hall['round'] + 1}/out")
    assert page.status == 404
    assert "没有找到这一轮票决" in page.words


def test_reissued_card_is_printed_and_the_old_one_void(app, as_, world, hall, base):
    who, desk = hall["deputies"][4], as_("office")
    _, token, _ = card(app, world, hall, 4)
    inside = phone(app, world, hall, 4)
    page = desk.follow(desk.post(f"{base}/{who}/card", {"reason": "遗失", "deputy": who}))
    assert "原凭证已作废，立即生效" in page.words
    (form,) = page.tree.xpath("//form[@data-print]")
    fields = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
    assert desk.post(form.get("action"), fields).data[:5] == b"%PDF-"
    again = desk.get(f"{base}?deputy={who}")
    assert not again.tree.xpath("//form[@data-print]"), "once by itself"
    assert "打印凭证" in again.words, "for ten minutes by the button"
    assert "打印凭证" not in as_("office").get(f"{base}?deputy={who}").words
    assert inside.get("/hall/").status == 401
    assert Browser(app).get(f"/c/{token}").status == 410
    (fresh,) = printed(desk.post(form.get("action").removesuffix(".pdf"), fields)).values()
    assert Browser(app).post(f"/c/{fresh}").status == 303


def test_desk_of_a_committee_uses_its_own_words(world, as_):
    hall = make_hall(world, paper="keyed")
    with world.work(None):
        db.session.get(Body, world.county).kind = BodyKind.COMMITTEE
    open_(world, hall)
    office = as_("office")
    for url in (f"/office/sessions/{hall['session']}/desk", f"/office/rounds/{hall['round']}/paper"):
        page = office.get(url)
        heads = [th.text for th in page.tree.xpath("//th")]
        assert "分组" in heads, url
        assert not {"代表团", "代表证号"} & set(heads), url
        assert "代表证号" not in page.words

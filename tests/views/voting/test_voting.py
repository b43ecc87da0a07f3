"""The pages of a vote: card, hall, ballot, tellers, office, screen — what works and each refusal with its own words."""

import json
import re
from datetime import timedelta
from functools import partial

import pytest

from tests.factories import NOW
from tests.pages import Browser
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from tests.signing import posted
from votes import clock
from votes.db import db
from votes.models import CongressSession, Project, Round, Tracking
from votes.rules.codes import hall_code
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import cards, rounds, sessions
from votes.services.voting import closing

PREPARED = {"hall": partial(make_hall, present=10)}
LONG_AGO = NOW - timedelta(days=3000)


def card(app, world, hall, number):
    """(card id, token, PIN) of the deputy at ``number``; the secrets are those of the first card."""
    with world.work():
        meeting = sessions.get(hall["session"])
        found = next(c for c in cards.active(meeting) if c.deputy_id == hall["deputies"][number])
        return found.id, *hall["secrets"][found.deputy_id]


def pairing_code(page):
    """Return the six figures that a phone shows which asks to be paired."""
    return "".join(re.findall(r"\d", page.tree.xpath("string(//p[@class='code'])")))


def phone(app, world, hall, number):
    browser = Browser(app)
    _, token, _ = card(app, world, hall, number)
    assert browser.post(f"/c/{token}").location == "/hall/"
    return browser


# --- the card ------------------------------------------------------------------------------------------


def test_a_scan_shows_who_and_a_button_and_changes_nothing(app, world, hall):
    browser = Browser(app)
    _, token, _ = card(app, world, hall, 4)
    page = browser.get(f"/c/{token}")
    assert "示例代表005" in page.words
    assert browser.get("/hall/").status == 302, "a scan alone opens nothing"
    assert browser.follow(browser.post(f"/c/{token}")).status == 200


def test_forged_void_and_expired_cards_each_have_their_words(app, world, hall):
    browser = Browser(app)
    forged = browser.get("/c/AAAAAAAAAAAAAAAAAAAAAA")
    assert (forged.status, "不是本系统发出的凭证" in forged.words) == (404, True)
    card_id, token, _ = card(app, world, hall, 4)
    entered = phone(app, world, hall, 4)
    with world.work():
        cards.void(cards.get(card_id), reason="遗失", by=BY, now=clock.now())
    void = browser.get(f"/c/{token}")
    assert (void.status, "已经作废" in void.words) == (410, True)
    assert entered.get("/hall/").status == 401, "a browser that the card had opened is out"
    _, other, _ = card(app, world, hall, 5)
    with world.work():
        sessions.move(sessions.get(hall["session"]), "end", by=BY, now=clock.now())
    ended = browser.get(f"/c/{other}")
    assert (ended.status, "会议已经闭会" in ended.words) == (410, True)


# --- number and PIN ------------------------------------------------------------------------------------


def hall_key(world, hall):
    with world.work():
        return sessions.get(hall["session"]).hall_key


def test_number_and_pin_open_the_door(app, world, hall):
    _, _, pin = card(app, world, hall, 4)
    browser = Browser(app)
    page = browser.post(f"/h/{hall_key(world, hall)}", {"number": "005", "pin": pin})
    assert "示例代表005" in browser.follow(page).words


def test_a_wrong_pin_keeps_the_number_and_locks_after_five(app, world, hall):
    _, _, pin = card(app, world, hall, 4)
    key = hall_key(world, hall)
    browser = Browser(app)
    for _ in range(5):
        page = browser.post(f"/h/{key}", {"number": "005", "pin": "000000" if pin != "000000" else "111111"})
        assert page.status == 422
        assert page.value("number") == "005"
    page = browser.post(f"/h/{key}", {"number": "005", "pin": pin})
    assert (page.status, "秒后再试" in page.words) == (429, True)
    _, _, other = card(app, world, hall, 5)
    assert browser.post(f"/h/{key}", {"number": "006", "pin": other}).status == 303, (
        "only that number is locked"
    )


def test_an_unknown_hall_is_not_found(app, world, hall):
    assert Browser(app).get("/h/nowhere").status == 404


# --- checking in ---------------------------------------------------------------------------------------


def code_now(world, hall, ago=timedelta(0)):
    with world.work():
        return hall_code(sessions.get(hall["session"]).hall_secret, clock.now() - ago)


def test_checks_in_with_the_halls_code(app, world, hall):
    browser = phone(app, world, hall, 11)
    page = browser.post("/hall/check-in", {"code": code_now(world, hall)})
    assert "已签到" in browser.follow(page).words


@pytest.mark.parametrize("old", [timedelta(minutes=5), timedelta(hours=1)])
def test_an_old_code_is_refused_and_kept(app, world, hall, old):
    browser = phone(app, world, hall, 11)
    code = code_now(world, hall, old)
    page = browser.post("/hall/check-in", {"code": code})
    assert page.status == 422
    assert "签到码不正确或已更换" in " ".join(page.errors)
    assert page.value("code") == code


def test_where_the_rule_says_desk_the_phone_cannot_check_in(app, world, monkeypatch):
    hall = make_hall(world, present=10, checkin="desk")
    page = phone(app, world, hall, 11).post("/hall/check-in", {"code": code_now(world, hall)})
    assert "本次会议在服务台签到" in page.words


def test_the_desk_checks_in_records_leave_and_takes_back(as_, world, hall):
    desk = as_("office")
    base = f"/office/sessions/{hall['session']}/desk"
    who = hall["deputies"][11]
    assert "示例代表012" in desk.get(f"{base}?q=012").words
    page = desk.post(f"{base}/{who}/leave", {"reason": "住院", "q": "012"})
    assert page.location.endswith("q=012")
    assert "住院" in desk.follow(page).words
    assert desk.post(f"{base}/{who}/leave", {"reason": " "}).status == 422
    desk.post(f"{base}/{who}/undo")
    desk.post(f"{base}/{who}/present")
    assert "已签到" in desk.get(f"{base}?q=012").words


# --- the ballot ----------------------------------------------------------------------------------------


# --- tellers, office, screen: no figure before the signatures --------------------------------------------


def vote_all(world, hall):

    open_(world, hall)
    for number in range(10):
        cast(world, hall, number, {1: "for", 2: "for", 3: "for"} if number < 8 else {4: "for"})


def test_figures_appear_with_the_second_signature_and_not_before(app, as_, world, hall):
    vote_all(world, hall)
    office, teller = as_("office"), phone(app, world, hall, 0)
    with world.work():
        screen = sessions.get(hall["session"]).screen_key
    base = f"/office/rounds/{hall['round']}"
    office.post(f"{base}/close")
    sheet = [
        f"{base}/sheet.pdf",
        f"{base}/sheet.docx",
        f"{base}/announcement.pdf",
        f"{base}/results.xlsx",
        f"{base}/record.json",
    ]

    def told():
        state = Browser(app).get(f"/screen/{screen}/state.json").json
        pages = [office.get(base).words, teller.get(f"/teller/rounds/{hall['round']}").words]
        return "result" in state, ["入选" in words for words in pages], [office.get(u).status for u in sheet]

    assert told() == (False, [False, False], [403] * 5)
    url = f"/teller/rounds/{hall['round']}/sign"
    teller.post(url, posted(world, hall["round"], hall["deputies"][0]))
    assert told() == (False, [False, False], [403] * 5)
    phone(app, world, hall, 1).post(url, posted(world, hall["round"], hall["deputies"][1]))
    assert told() == (True, [True, True], [200] * 5)


def test_a_deputy_who_is_no_teller_cannot_look_or_sign(app, world, hall):
    vote_all(world, hall)
    close(world, hall)
    browser = phone(app, world, hall, 5)
    assert browser.get(f"/teller/rounds/{hall['round']}").status == 403
    assert browser.post(f"/teller/rounds/{hall['round']}/sign").status == 403


def test_office_opens_only_when_all_is_ready_and_says_what_is_missing(as_, world, hall):
    office = as_("office")
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.zero_checked_at = None
    page = office.get(f"/office/rounds/{hall['round']}")
    assert "监票人还没有确认票箱为空" in page.words
    page = office.post(f"/office/rounds/{hall['round']}/open")
    assert page.status == 409
    with world.work():
        assert db.session.query(Round).one().state == RoundState.DRAFT
        rounds.get_round(hall["round"]).closes_at = LONG_AGO
    page = office.get(f"/office/rounds/{hall['round']}")
    assert "设定的自动截止时间已过，开启后不能投票" in page.words
    assert "开启投票" not in [b.text for b in page.tree.xpath("//button")]
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.zero_checked_at, round_.closes_at = NOW, None
    open_(world, hall)
    with world.work():
        rounds.get_round(hall["round"]).closes_at = LONG_AGO
    assert "停止收票。请关闭票箱。" in office.get(f"/office/rounds/{hall['round']}").words


def test_announcing_moves_the_projects_and_a_taken_number_is_refused(as_, world, hall):
    vote_all(world, hall)
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    office = as_("office")
    bad = office.post(
        f"/office/rounds/{hall['round']}/announce", {"number": "x", "announced_on": "2027-02-30"}
    )
    assert bad.status == 422
    assert bad.value("number") == "x"
    page = office.post(
        f"/office/rounds/{hall['round']}/announce", {"number": "8", "announced_on": "2027-01-16"}
    )
    assert "公告已发布" in office.follow(page).words
    with world.work():
        states = [p.state.value for p in db.session.query(Project).order_by(Project.number)]
        assert states == ["selected", "selected", "selected", "not_selected", "not_selected"]
    public = as_().get("/p/shili/")
    assert "示例项目01" in public.words
    assert "示例项目04" not in public.words, "the list of losers is never published"


def test_a_rehearsal_is_marked_everywhere_and_moves_nothing(app, as_, world, hall):
    with world.work():
        db.session.query(Round).one().rehearsal = True
    vote_all(world, hall)
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    office = as_("office")
    office.post(f"/office/rounds/{hall['round']}/announce", {"number": "8", "announced_on": "2027-01-16"})
    assert "演练" in office.get(f"/office/rounds/{hall['round']}").words
    assert "演练" in phone(app, world, hall, 4).get(f"/vote/{hall['round']}/received").words
    with world.work():
        assert {p.state.value for p in db.session.query(Project)} == {"listed"}
        assert db.session.query(Tracking).count() == 0
        public_id = db.session.query(Round).one().public_id
    assert "示例项目01" not in as_().get("/p/shili/").words
    assert as_().get(f"/p/shili/rounds/{public_id}/record.json").status == 404


def test_the_screen_needs_its_key_and_names_nobody(app, world, hall):
    vote_all(world, hall)
    with world.work():
        meeting = db.session.query(CongressSession).one()
        key = meeting.screen_key
    page = Browser(app).get(f"/screen/{key}")
    assert "已投" in page.words
    assert "示例代表" not in page.text
    state = Browser(app).get(f"/screen/{key}/state.json").json
    assert (state["view"], state["issued"], state["returned"]) == ("voting", 10, 10)
    assert Browser(app).get("/screen/nowhere").status == 404


def test_reissuing_wants_a_reason_and_makes_the_old_card_worthless(app, as_, world, hall):
    card_id, token, _ = card(app, world, hall, 4)
    office = as_("office")
    assert office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": ""}).status == 422
    assert office.post(f"/office/sessions/cards/{card_id}/reissue", {"reason": "遗失"}).status == 303
    assert Browser(app).get(f"/c/{token}").status == 410


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seats": "12"}, "差额票决要求候选项目多于应选名额"),
        ({"seats": "0"}, "应选名额为 1 至 200 项"),
        ({"seats": "ten"}, "不是有效的整数"),
        ({"disclosure": "ballots", "publish": "names"}, "相矛盾"),
        ({"overvote": "allow"}, "只有“逐项表决”"),
        ({"mark_for": "×"}, "互不相同"),
        ({"quorum_part": "4"}, "不大于 1"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_kept(as_, world, hall, change, words):
    with world.work():
        ids = [str(p.id) for p in rounds.listed_projects(2027)]
    form = {
        "title": "第二轮",
        "method": "choose",
        "seats": "3",
        "quorum_part": "2",
        "quorum_whole": "3",
        "majority": "roster",
        "overvote": "void_ballot",
        "tie": "rerun",
        "shortfall": "vacant",
        "disclosure": "codes",
        "publish": "names",
        "checkin": "desk",
        "small_body": "20",
        "mark_for": "○",
        "mark_against": "×",
        "mark_abstain": "空白",
        "projects": ids,
    }
    office = as_("office")
    assert office.post(f"/office/sessions/{hall['session']}/rounds/new", form).status == 303
    page = office.post(f"/office/sessions/{hall['session']}/rounds/new", form | change)
    assert page.status == 422
    assert words in page.words
    name, value = next(iter(change.items()))
    assert page.value(name) == value
    assert json.dumps(page.value("title"), ensure_ascii=False) == '"第二轮"'


def test_a_round_left_closed_by_a_stopped_server_is_counted_by_the_button(as_, world, hall, monkeypatch):

    vote_all(world, hall)
    finish = closing.finish_close
    monkeypatch.setattr(closing, "finish_close", lambda *args: None)  # the server stopped here
    close(world, hall)
    with world.work():
        assert db.session.query(Round).one().state == RoundState.CLOSED
    monkeypatch.setattr(closing, "finish_close", finish)
    assert as_("office").post(f"/office/rounds/{hall['round']}/count").status == 303
    with world.work():
        assert db.session.query(Round).one().state == RoundState.COUNTED

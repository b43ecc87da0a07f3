"""The public form on a phone, and following a suggestion by code."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from tests.factories import NOW
from tests.services.voting.test_vote import make_hall, open_
from tests.world import filled, standing_at
from votes.clock import local
from votes.db import db, everything
from votes.models import AuditEntry, Author, Deputy, Suggestion, Throttle
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.suggestions.matters import Outcome
from votes.rules.suggestions.suggestions import A_DAY_FROM_PHONE, Channel, SeasonText
from votes.services import uploads
from votes.services.people import stations, villages
from votes.services.suggestions import decisions, intake, matters, merging, seasons, suggestions

pytestmark = pytest.mark.sqlite
BY = Actor(name="经办人")
TEXT = "城东老街东头的路灯坏了三盏，希望尽快修好。"
URL = "/p/shili/suggest"


@pytest.fixture
def place(world):
    """Set up an open season, a station, a village and a deputy's page in the county; it is NOW."""
    with world.work():
        today = local(NOW).date()
        text = SeasonText(year=2027, opens_on=today, closes_on=today + timedelta(days=30))
        seasons.save_season(None, text, by=BY, now=NOW)
        stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
        villages.add_villages([("河镇", "示例村")], by=BY, now=NOW)
        db.session.scalars(select(Deputy)).first().page_key = "k" * 22
    with standing_at(NOW):
        yield world


def opened(browser, url=URL):
    """Return the values of the form as the browser would send them back."""
    page = browser.get(url)
    assert page.status == 200
    given = filled(page)
    given.pop("files", None)
    return given


def sent(browser, url=URL, *, after=10, given=None, **more):
    given = (given or opened(browser, url)) | {"content": TEXT} | more
    with standing_at(NOW + timedelta(seconds=after)):
        return browser.post(url, given)


def received(world):
    with world.work():
        return [(s.number, s.channel, s.content) for s in everything(suggestions.search({"sort": "number"}))]


def made(world, **more):
    with world.work():
        suggestion = intake.receive(channel=Channel.WEB, content=TEXT, by=PUBLIC, now=NOW, **more)
        return suggestion.id, suggestion.code


def test_form_sent_twice_is_received_once_with_receipt(place, as_):
    browser = as_()
    given = opened(browser)
    out = BytesIO()
    Image.new("RGB", (30, 20), "navy").save(out, "JPEG")
    page = sent(
        browser, given=given, name="示例某", phone="138 0000 1234", village_id="1", place="老街", category="便民服务",
        files=(BytesIO(out.getvalue()), "示例某.jpg"),
    )  # fmt: skip
    assert (page.status, page.location) == (303, f"{URL}/received")
    receipt = browser.follow(page)
    with place.work():
        made = db.session.scalars(select(Suggestion)).one()
        assert (made.village.name, made.category, made.place, len(made.photos)) == (
            "示例村",
            "便民服务",
            "老街",
            1,
        )
        assert db.session.get(Author, made.id).phone == "13800001234"
        code = made.code
    assert code in receipt.words.replace(" ", "")
    assert "示例某" not in receipt.text
    assert browser.get(receipt.response.request.path).status == 200, "opened again it sends nothing"
    again = sent(
        browser, given=given, name="示例某", phone="138 0000 1234", village_id="1", place="老街", category="便民服务",
        files=(BytesIO(out.getvalue()), "示例某.jpg"),
    )  # fmt: skip
    assert again.status == 303
    assert len(received(place)) == 1
    sent(browser, given=given | {"content": ""}, content="另外一件事：想建一座桥。")
    assert [number for number, _, _ in received(place)] == [1, 2]
    assert as_().get(f"{URL}/received").location == URL, "nobody else's browser has the receipt"
    with standing_at(NOW + timedelta(minutes=31)):
        assert browser.get(f"{URL}/received").status == 302


def test_photo_is_drawn_before_the_write_lock_is_taken(place, as_, monkeypatch):
    writing, draw = [], uploads._draw

    def watched(*given):
        writing.append(db.session.info["write"])
        return draw(*given)

    monkeypatch.setattr(uploads, "_draw", watched)
    out = BytesIO()
    Image.new("RGB", (30, 20), "navy").save(out, "JPEG")
    assert sent(as_(), files=(BytesIO(out.getvalue()), "路灯.jpg")).status == 303
    assert writing == [False]
    assert len(received(place)) == 1


def test_photo_sent_while_a_hall_votes_waits_and_the_text_stays(place, as_):
    hall = make_hall(place)
    open_(place, hall)
    out = BytesIO()
    Image.new("RGB", (30, 20), "navy").save(out, "JPEG")
    browser = as_()
    page = sent(browser, place="老街", files=(BytesIO(out.getvalue()), "路灯.jpg"))
    assert (page.status, received(place)) == (422, [])
    assert "正在投票，投票结束后才能收图片" in page.words
    assert page.tree.xpath("//input[@name='place']/@value") == ["老街"]
    assert page.tree.xpath("//textarea")[0].text.strip() == TEXT
    assert sent(browser, given=opened(browser)).status == 303  # without the photo


def test_form_of_station_or_deputy_records_the_channel(place, as_):
    with place.work():
        station = stations.all_stations()[0]
        key = station.key
        name = suggestions.deputy_by_key("k" * 22).name
    assert as_().get(f"{URL}?d={'k' * 22}").location == f"{URL}/d/{'k' * 22}"
    assert name in as_().get(f"{URL}/d/{'k' * 22}").words
    assert "示例联络站" in as_().get(f"{URL}/s/{key}").words
    assert sent(as_(), f"{URL}/s/{key}").status == 303
    assert sent(as_(), f"{URL}/d/{'k' * 22}").status == 303
    assert [channel for _, channel, _ in received(place)] == [Channel.STATION, Channel.DEPUTY]
    with place.work():
        stations.renew_key(stations.all_stations()[0], by=BY, now=NOW)
    for url in (f"{URL}/s/{key}", f"{URL}/d/nobody", f"/p/linxian/suggest/d/{'k' * 22}"):
        assert as_().get(url).status == 404
        assert as_().post(url, {}).status == 404


@pytest.mark.parametrize(
    ("given", "after", "status", "words"),
    [
        ({}, 1, 429, "太快"),
        ({"website": "http://spam.example"}, 10, 422, "自动填写"),
        ({"key": "forged"}, 10, 422, "页面打开得太久"),
        ({}, 25 * 3600, 422, "页面打开得太久"),
        ({"content": "短"}, 10, 422, "太短"),
        ({"phone": "12"}, 10, 422, "11 位手机号"),
        ({"village_id": "99"}, 10, 422, ""),
        ({"files": (BytesIO(b"%PDF-1.4"), "a.pdf")}, 10, 422, "不是照片"),
    ],
)
def test_refused_form_keeps_what_was_typed(place, as_, given, after, status, words):
    page = sent(as_(), after=after, **{"place": "老街东头"} | given)
    assert page.status == status
    assert words in page.words
    assert page.tree.xpath("//input[@name='place']/@value") == ["老街东头"]
    assert (given.get("content") or TEXT) in page.tree.xpath("//textarea")[0].text
    assert received(place) == []
    with place.work():
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused")).all() == []


def test_form_beyond_limit_of_the_day_is_refused(place, as_):
    browser = as_()
    sent(browser)
    with place.work():
        rows = db.session.scalars(select(Throttle)).all()
        assert [row.key.split(":")[3] for row in rows] == ["p"], "an address on this machine says nothing"
        rows[0].failures = A_DAY_FROM_PHONE
    page = sent(browser)
    assert page.status == 429
    assert "每日上限" in page.words
    assert sent(as_()).status == 303, "another phone may"
    answer = sent(as_(), after=11)
    assert answer.status == 303
    other = as_()
    other.client.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    sent(other)
    with place.work():
        assert not any("10.9.8.7" in row.key for row in db.session.scalars(select(Throttle)))


def test_form_without_valid_token_gives_the_text_back(place, as_, app, monkeypatch):
    """As where the browser keeps no cookies."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    browser = as_()
    given = opened(browser) | {"content": TEXT, "csrf_token": "x"}
    page = browser.post(URL, given)
    assert page.status == 400
    assert TEXT in page.words
    assert "Cookie" in page.words
    assert URL in page.links()
    assert "服务台" not in page.words


@pytest.mark.parametrize(("days", "words"), [(-3, "开始征集"), (40, "结束")])
def test_form_outside_season_names_the_days(place, as_, days, words):
    with standing_at(NOW + timedelta(days=days)):
        page = as_().get(URL)
        assert (page.status, words in page.words) == (200, True)
        assert as_().post(URL, {"content": TEXT}).status == 409
    assert "还没有开始征集" in as_().get("/p/linxian/suggest").words


def test_track_by_code_shows_progress_until_the_answer(place, as_):
    suggestion_id, code = made(place)
    browser = as_()
    assert "已收到，待整理" in browser.post(f"{URL}/track", {"code": code.lower()}).words
    with place.work():
        matter = merging.open_matter([suggestions.get(suggestion_id)], title="修复老街路灯", by=BY, now=NOW)
        matter_id = matter.id
    page = browser.post(f"{URL}/track", {"code": code})
    assert "正在整理" in page.words
    assert "满意" not in page.words
    with place.work():
        decisions.decide(matters.get(matter_id), Outcome.DECLINED, reason="已列入日常维修。", by=BY, now=NOW)
    page = browser.post(f"{URL}/track", {"code": code})
    assert ("已列入日常维修" in page.words, "满意" in page.words) == (True, False)  # no answer to judge yet
    with place.work():
        decisions.reply(matters.get(matter_id), "路灯已经修好。", by=BY, now=NOW)
    page = browser.post(f"{URL}/track", {"code": code})
    assert "不予采纳" in page.words
    assert "路灯已经修好" in page.words
    page = browser.post(f"{URL}/satisfied", {"code": code, "satisfaction": "basically"})
    assert (page.status, "已记录您的评价" in page.words) == (200, True)
    assert browser.post(f"{URL}/satisfied", {"code": code}).status == 422
    assert browser.post(f"{URL}/satisfied", {"code": "ZZZZZZZZZZ", "satisfaction": "basically"}).status == 404
    with place.work():
        assert suggestions.get(suggestion_id).satisfaction == "basically"


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [("12345", 422, "10 位字母和数字"), ("ZZZZZZZZZZ", 404, "没有这个查询码"), ("", 422, "10 位字母和数字")],
)
def test_track_with_unknown_code_is_refused(place, as_, typed, status, words):
    page = as_().post(f"{URL}/track", {"code": typed})
    assert (page.status, words in page.words) == (status, True)
    assert page.tree.xpath("//input[@id='code']/@value") == [typed]


def test_track_code_of_another_body_shows_only_the_way_there(place, as_):
    _, code = made(place)
    page = as_().post("/p/linxian/suggest/track", {"code": code})
    assert "提给示例县" in page.words
    assert TEXT not in page.words
    assert page.tree.xpath("//form[@action='/p/shili/suggest/track']")
    assert (
        as_().post("/p/linxian/suggest/satisfied", {"code": code, "satisfaction": "satisfied"}).status == 404
    )

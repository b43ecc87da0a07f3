"""Finding at the desk: words, a scanned card, a frame of the camera, a photo."""

import re
from datetime import date
from functools import partial
from io import BytesIO

import pytest

from tests import factories
from tests.exports.formats.test_qr import shot
from tests.services.voting.test_vote import BY, make_hall
from tests.views.meeting.test_desk import opened
from tests.views.voting.test_voting import card
from tests.world import contents
from votes import clock
from votes.services.meeting import cards, sessions
from votes.views.meeting import desk_find

PREPARED = {"hall": partial(make_hall, present=10, paper="keyed")}


@pytest.mark.parametrize(
    "sent",
    ["http://hall.example/c/{0}", "{0}", "012http://hall.example/c/{0}", "http://192.168.1.9/c/{0}\r\n"],
)
def test_scanned_card_opens_its_holder_without_secret_in_url(app, as_, world, hall, base, sent):
    _, token, _ = card(app, world, hall, 11)
    desk = as_("office")
    page = desk.post(f"{base}/find", {"q": sent.format(token)})
    assert (page.status, page.location) == (303, f"{base}?deputy={hall['deputies'][11]}")
    page = desk.follow(page)
    assert opened(page) == "示例代表012"
    assert token not in page.text


def test_scanned_void_card_says_so_and_names_its_holder(app, as_, world, hall, base):
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
def test_scanned_code_of_another_kind_is_refused_by_name(app, as_, world, hall, base, sent, words):
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
            made[place] = f"http://x/c/{cards.issue(meeting, holder, key=key, by=BY, now=clock.now()).token}"
    page = as_("office").post(f"{base}/find", {"q": made.get(sent, sent)})
    assert (page.status, words in page.words) == (422, True), page.words


@pytest.mark.parametrize(
    ("q", "open_", "count"), [("012", "示例代表012", 1), ("代表01", "", 3), ("没有此人", "", 0), ("", "", 12)]
)
def test_words_list_matches_and_open_the_only_one(as_, hall, base, q, open_, count):
    desk = as_("office")
    page = desk.follow(desk.post(f"{base}/find", {"q": q}))
    assert (page.status, opened(page), len(page.tree.xpath("//tbody/tr"))) == (200, open_, count)
    assert page.value("q") == q
    assert page.tree.xpath("//input[@name='q' and @autofocus]")


def picture(data, name="frame.jpg"):
    return {"picture": (BytesIO(data), name)}


def test_scan_answers_a_frame_with_text_a_photo_with_the_panel(app, as_, world, hall, base):
    _, token, _ = card(app, world, hall, 11)
    data, desk = shot(f"http://hall.example/c/{token}", turn=9), as_("office")
    before = contents(app.extensions["votes.database"], but=())
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
def test_scan_of_a_file_that_is_no_photo_is_refused(as_, hall, base, monkeypatch, data, status, words):
    if status == 413:
        monkeypatch.setattr(desk_find, "MOST_BYTES", 1000)
    page = as_("office").post(f"{base}/scan", {} if data is None else picture(data))
    assert (page.status, words in page.words) == (status, True), page.words


def test_camera_is_allowed_on_the_desk_only(as_, hall, base):
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

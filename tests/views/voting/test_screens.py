"""The office page that drives the hall's screens, the screens themselves, and the buttons of a rehearsal."""

import pytest

from tests.factories import NOW
from tests.pages import Browser
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from votes.db import db
from votes.models import Screen
from votes.services.meeting import sessions
from votes.services.voting import screens

PREPARED = {"hall": make_hall}


def base(hall):
    return f"/office/sessions/{hall['session']}/screens"


def keys(world, hall):
    with world.work():
        return {s.name: (s.id, s.key) for s in screens.of(sessions.get(hall["session"]))}


def state(app, key):
    return Browser(app).get(f"/screen/{key}/state.json").json


def test_the_office_hangs_screens_and_says_what_each_shows(app, as_, world, hall):
    office = as_("office")
    page = office.follow(office.post(base(hall), {"name": "主席台屏"}))
    assert "主席台屏" in page.words
    found = keys(world, hall)
    (main, main_key), (side, side_key) = found["主屏"], found["主席台屏"]
    open_(world, hall)
    page = office.follow(office.post(f"{base(hall)}/{side}/put", {"show": "sign_in"}))
    assert "“主席台屏”已切换" in page.words
    assert page.tree.xpath(f"//select[@id='show-{side}']")[0].value == "sign_in"
    assert (state(app, main_key)["view"], state(app, side_key)["view"]) == ("voting", "waiting")
    assert "签到码" in Browser(app).get(f"/screen/{side_key}").words
    office.post(f"{base(hall)}/{main}/put", {"show": f"result:{hall['round']}"})
    assert state(app, main_key)["view"] == "voting", "there is no result yet"
    page = office.follow(office.post(f"{base(hall)}/{side}/rename", {"name": "侧屏"}))
    assert "侧屏" in page.words
    office.post(f"{base(hall)}/{side}/remove")
    assert Browser(app).get(f"/screen/{side_key}").status == 404
    assert Browser(app).get(f"/screen/{main_key}").status == 200


@pytest.mark.parametrize(
    ("what", "given", "status", "words"),
    [
        ("", {"name": ""}, 422, "起个名称"),
        ("", {"name": "长" * 61}, 422, "不超过 60"),
        ("", {"name": "主屏"}, 422, "已有名为"),
        ("/{}/put", {"show": "everything"}, 422, "没有这种画面"),
        ("/{}/put", {"show": "voting:x"}, 422, "不在本次会议中"),
        ("/{}/put", {"show": "voting:" + "9" * 40}, 422, "不在本次会议中"),
        ("/{}/put", {}, 422, "没有这种画面"),
        ("/{}/rename", {"name": " "}, 422, "起个名称"),
        ("/{}/remove", {}, 409, "不能移除"),
        ("/9999999/put", {"show": "blank"}, 404, ""),
    ],
)
def test_what_is_refused_changes_nothing(as_, world, hall, what, given, status, words):
    screen_id = keys(world, hall)["主屏"][0]
    page = as_("office").post(base(hall) + what.format(screen_id), given)
    assert page.status == status
    assert words in page.words
    if not what:
        (typed,) = page.tree.xpath("//form[not(@action)]//input[@name='name']/@value")
        assert typed == given["name"]
    with world.work():
        assert [(s.name, s.view) for s in db.session.query(Screen)] == [("主屏", "auto")]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("leader", 403),
        ("government", 403),
        ("deputy", 302),
        (None, 302),
    ],  # a deputy who has left office is signed out
)
def test_only_the_office_drives_them(as_, hall, who, status):
    assert as_(who).get(base(hall)).status == status


def test_another_bodys_screens_are_not_there(as_, world, hall):
    screen_id = keys(world, hall)["主屏"][0]
    other = as_("office", "other")
    assert other.get(base(hall)).status == 404
    assert other.post(f"{base(hall)}/{screen_id}/put", {"show": "blank"}).status == 404


def test_the_screen_holds_the_result_back_until_it_is_signed(app, as_, world, hall):
    screen_id, key = keys(world, hall)["主屏"]
    as_("office").post(f"{base(hall)}/{screen_id}/put", {"show": f"result:{hall['round']}"})
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for"})
    close(world, hall)
    sign(world, hall, 0)
    page = Browser(app).get(f"/screen/{key}")
    assert "等待签字确认" in page.words
    assert "示例项目01" not in page.text
    sign(world, hall, 1)
    assert "示例项目01" in Browser(app).get(f"/screen/{key}").words


# --- the buttons of a rehearsal --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("majority", "words"),
    [("none", "按票决办法再次票决"), ("roster", "按票决办法另行票决")],
    ids=["tie", "shortfall"],
)
def test_a_tie_is_voted_on_again_and_missing_seats_separately(app, world, majority, words):
    hall = make_hall(world, majority=majority, shortfall="further")
    open_(world, hall)
    for place in range(12):
        cast(world, hall, place, {1: "for", 2: "for", 3 if place < 6 else 4: "for"})
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    (main, key) = keys(world, hall)["主屏"]
    with world.work():
        meeting = sessions.get(hall["session"])
        screens.put(meeting, main, "result", hall["round"], by=BY, now=NOW)
    page = Browser(app).get(f"/screen/{key}")
    assert f"尚有 1 个名额待定，{words}" in page.words

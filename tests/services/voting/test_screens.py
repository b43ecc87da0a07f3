"""The hall's screens: hung, named, driven; and what stands on them."""

import json
from datetime import timedelta

import pytest

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_further import decide
from tests.services.voting.test_paper_ballots import CLERK, OTHER, add_box, hand_out, key, resume
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign, teller_actor
from votes.db import db
from votes.models import AuditEntry, Round, Screen
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import TellerRole
from votes.services.meeting import openings, rounds, sessions
from votes.services.voting import counting, screens

PREPARED = {"hall": make_hall}


def first(world, hall):
    with world.work():
        return screens.of(sessions.get(hall["session"]))[0].id


def shown(world, hall, screen_id=None, now=NOW):
    with world.work():
        meeting = sessions.get(hall["session"])
        screen = next((s for s in screens.of(meeting) if s.id == screen_id), None)
        return screens.state(meeting, screen, public_url="http://hall.example", now=now)


def put(world, hall, screen_id, view, round_id=None):
    with world.work():
        screens.put(sessions.get(hall["session"]), screen_id, view, round_id, by=BY, now=NOW)


def another(world, hall, title="满意度测评", colour="yellow", **rule):
    """Make a second question of the session, its box seen empty."""
    with world.work():
        meeting = sessions.get(hall["session"])
        round_ = rounds.create_round(
            meeting, title=title, rule=Rule(**{"seats": 2, "small_body": 0, **rule}), colour=colour,
            project_ids=[p.id for p in factories.make_listed(5, first=20 + len(rounds.listed_projects(2027)))], by=BY, now=NOW,
        )  # fmt: skip
        openings.zero_check(round_, by=teller_actor(hall["deputies"][0]), now=NOW)
        return {**hall, "round": round_.id}


# --- hanging ---------------------------------------------------------------------------------------------


def test_every_session_has_a_first_screen_under_its_old_address(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        (screen,) = screens.of(meeting)
        assert (screen.name, screen.key, screen.view) == ("主屏", meeting.screen_key, "auto")
        found = screens.by_key(meeting.screen_key)
        assert (found.session.id, found.id) == (meeting.id, screen.id)
        assert screens.by_key("nowhere") is None


def test_more_screens_each_with_an_address_of_its_own(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        made = screens.hang(meeting, " 主席台屏 ", by=BY, now=NOW)
        screens.rename(meeting, made.id, "主席台 小屏", by=BY, now=NOW)
        key = made.key
    with world.work():
        assert screens.by_key(key).name == "主席台 小屏"
        assert screens.take_down(sessions.get(hall["session"]), screens.by_key(key).id, by=BY, now=NOW)
    with world.work() as session:
        assert screens.by_key(key) is None
        lines = [
            e.action
            for e in session.query(AuditEntry).order_by(AuditEntry.id)
            if e.action.startswith("screen.")
        ]
        assert lines == ["screen.create", "screen.rename", "screen.remove"]


def test_what_may_not_be_done_with_screens(world, hall):
    screen_id = first(world, hall)
    for act, words in (
        (lambda s: screens.hang(s, "主屏", by=BY, now=NOW), "已有名为"),
        (lambda s: screens.hang(s, " ", by=BY, now=NOW), "起个名称"),
        (lambda s: screens.hang(s, "长" * 61, by=BY, now=NOW), "不超过 60"),
        (lambda s: screens.take_down(s, screen_id, by=BY, now=NOW), "不能移除"),
        (lambda s: screens.take_down(s, 10**6, by=BY, now=NOW), "没有这块屏幕"),
        (lambda s: screens.rename(s, 10**6, "甲", by=BY, now=NOW), "没有这块屏幕"),
        (lambda s: screens.put(s, screen_id, "all", None, by=BY, now=NOW), "没有这种画面"),
        (lambda s: screens.put(s, screen_id, "result", 10**6, by=BY, now=NOW), "不在本次会议中"),
    ):
        with pytest.raises(RuleBroken, match=words), world.work():
            act(sessions.get(hall["session"]))
    with world.work():
        assert [(s.name, s.view) for s in db.session.query(Screen)] == [("主屏", "auto")]


def test_a_screen_of_one_session_is_not_put_about_by_another(world, hall):
    screen_id = first(world, hall)
    with world.work():
        other = sessions.create_session(
            title="别的会议", year=2028, starts_on=NOW.date(), ends_on=NOW.date(), place="", by=BY, now=NOW
        )
        with pytest.raises(RuleBroken, match="没有这块屏幕"):
            screens.put(other, screen_id, "blank", None, by=BY, now=NOW)
        mine = screens.of(other)[0]
        with pytest.raises(RuleBroken, match="不在本次会议中"):
            screens.put(other, mine.id, "voting", hall["round"], by=BY, now=NOW)


# --- what stands on them ---------------------------------------------------------------------------------


def test_two_screens_show_different_things(world, hall):
    with world.work():
        second = screens.hang(sessions.get(hall["session"]), "二屏", by=BY, now=NOW).id
    open_(world, hall)
    cast(world, hall, 2, {1: "for"})
    put(world, hall, second, "sign_in")
    main, side = shown(world, hall, first(world, hall)), shown(world, hall, second)
    assert (main["view"], main["returned"], side["view"]) == ("voting", 1, "waiting")
    assert "ballots" not in side
    put(world, hall, second, "blank")
    assert shown(world, hall, second)["view"] == "blank"


@pytest.mark.parametrize("view", ["auto", "result", "voting"])
def test_a_result_waits_for_the_signatures_whatever_is_chosen(world, hall, view):
    screen_id = first(world, hall)
    put(world, hall, screen_id, view, hall["round"] if view != "auto" else None)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for"})
    assert "result" not in shown(world, hall, screen_id)
    close(world, hall)
    sign(world, hall, 0)
    found = shown(world, hall, screen_id)
    assert (found["view"], "result" in found) == ("counted", False)
    assert "12, 0" not in json.dumps(found["ballots"]), "no figure of votes anywhere"
    sign(world, hall, 1)
    found = shown(world, hall, screen_id)
    assert (found["view"], "result" in found) == (("closed", False) if view == "voting" else ("result", True))


def test_several_open_together_each_with_its_colour_and_progress(world, hall):
    second = another(world, hall)
    open_(world, hall)
    open_(world, second)
    cast(world, hall, 2, {1: "for"})
    cast(world, second, 2, {1: "for"})
    cast(world, second, 3, {1: "for"})
    found = shown(world, hall)
    assert [(b["title"], b["colour"], b["issued"], b["returned"]) for b in found["ballots"]] == [
        ("示例票决", "white", 12, 1),
        ("满意度测评", "yellow", 12, 2),
    ]
    assert (found["view"], found["title"]) == ("voting", "第一次会议")
    put(world, hall, first(world, hall), "voting", second["round"])
    assert [b["title"] for b in shown(world, hall, first(world, hall))["ballots"]] == ["满意度测评"]


def test_a_chosen_round_in_preparation_is_announced_and_a_cancelled_one_lets_go(world, hall):
    second = another(world, hall)
    put(world, hall, first(world, hall), "voting", second["round"])
    found = shown(world, hall, first(world, hall))
    assert (found["view"], found["title"]) == ("ready", "满意度测评")
    with world.work():
        rounds.cancel_round(rounds.get_round(second["round"]), by=BY, now=NOW)
    assert shown(world, hall, first(world, hall))["view"] == "waiting"


def test_the_stamp_changes_with_the_picture_and_not_with_the_figures(world, hall):
    before = shown(world, hall)
    assert shown(world, hall, now=NOW + timedelta(minutes=3))["stamp"] == before["stamp"]
    open_(world, hall)
    opened = shown(world, hall)
    assert opened["stamp"] != before["stamp"]
    cast(world, hall, 2, {1: "for"})
    assert shown(world, hall)["stamp"] == opened["stamp"]
    another(world, hall)
    assert shown(world, hall)["stamp"] == opened["stamp"], "what is only in preparation changes nothing"
    close(world, hall)
    assert shown(world, hall)["stamp"] != opened["stamp"]


def test_ties_are_shown_as_ties(world):
    hall = make_hall(world, majority="none", publish="names+votes")
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for", 3 if number < 6 else 4: "for"})
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    found = shown(world, hall)["result"]
    assert [(r["no"], r["rank"], r["outcome"]) for r in found["rows"]] == [
        (1, 1, "selected"),
        (2, 1, "selected"),
        (3, 3, "undecided"),
        (4, 3, "undecided"),
        (5, 5, "no_majority"),
    ]
    assert (found["next"], found["seats_left"]) == ("tie_rerun", 1)


@pytest.mark.parametrize("publish", ["names", "names+votes"])
def test_a_tie_that_the_presidium_has_decided_waits_no_more(world, publish):
    hall = make_hall(world, majority="none", tie="presidium", publish=publish)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for", 3 if number < 6 else 4: "for"})
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    before = shown(world, hall)
    assert (before["result"]["next"], before["result"]["seats_left"]) == ("tie_presidium", 1)
    decide(world, hall["round"], 4)
    found = shown(world, hall)
    assert found["stamp"] != before["stamp"]
    result = found["result"]
    assert (result["next"], result["seats_left"], result["decided"]) == ("none", 0, [4])
    assert [(r["no"], r["outcome"]) for r in result["rows"]] == [
        *((1, "selected"), (2, "selected"), (3, "not_selected"), (4, "selected"), (5, "no_majority"))
    ]


@pytest.mark.parametrize("method", ["threeway", "rating"])
def test_where_names_are_announced_the_screen_has_no_figure(world, monkeypatch, method):
    monkeypatch.setattr(rounds, "rateable_projects", rounds.listed_projects)
    hall = make_hall(world, method=method, publish="names", **({"seats": 0} if method == "rating" else {}))
    word = {"threeway": "for", "rating": "satisfied"}[method]
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {2: word} if number < 7 else {2: word, 3: word})
    close(world, hall)
    sign(world, hall, 0)
    sign(world, hall, 1)
    found = shown(world, hall)["result"]
    assert (found["figures"], set(found)) == (False, {"figures", "next", "seats_left", "rows"})
    assert [set(row) for row in found["rows"]] == [{"no", "name", "outcome"}] * 5
    assert [row["no"] for row in found["rows"]] == [1, 2, 3, 4, 5], "the order tells no rank"
    assert found["rows"][1]["outcome"] == {"threeway": "selected", "rating": "satisfied"}[method]


def test_a_rating_shows_three_grades_a_project(world, hall, monkeypatch):
    monkeypatch.setattr(rounds, "rateable_projects", rounds.listed_projects)
    rated = another(world, hall, method="rating", seats=0, publish="names+votes")
    open_(world, rated)
    for number in range(12):
        cast(world, rated, number, {1: "satisfied", 2: "basically" if number < 5 else "dissatisfied"})
    close(world, rated)
    sign(world, rated, 0)
    sign(world, rated, 1)
    rows = {r["no"]: r for r in shown(world, hall)["result"]["rows"]}
    keys = ("satisfied", "basically", "dissatisfied", "void", "outcome")
    assert [rows[1][k] for k in keys] == [12, 0, 0, 0, "satisfied"]
    assert [rows[2][k] for k in keys] == [0, 5, 7, 0, "dissatisfied"]
    assert [rows[3][k] for k in keys] == [0, 0, 0, 12, "dissatisfied"]


def test_a_rehearsal_is_marked_on_every_view(world, hall):
    with world.work():
        db.session.query(Round).one().rehearsal = True
    screen_id = first(world, hall)
    open_(world, hall)
    for view in ("auto", "blank", "sign_in", "voting", "result"):
        put(world, hall, screen_id, view)
        assert shown(world, hall, screen_id)["rehearsal"] is True, view
    close(world, hall)
    put(world, hall, screen_id, "auto")
    assert shown(world, hall, screen_id)["rehearsal"] is True
    with world.work():
        counting.void_round(rounds.get_round(hall["round"]), "演练完毕", by=BY, now=NOW)
    assert shown(world, hall, screen_id)["rehearsal"] is False, "what is past is off the screen"


def test_nothing_names_who_voted(world, hall):
    open_(world, hall)
    cast(world, hall, 2, {1: "for"})
    said = json.dumps(shown(world, hall), ensure_ascii=False)
    assert "示例代表" not in said
    assert TellerRole.CHIEF.value not in said


def test_papers_are_told_apart_and_nothing_is_said_of_validity_before_they_are_in(world):
    hall = make_hall(world, paper="keyed")
    open_(world, hall)
    for number in range(3):
        cast(world, hall, number, {1: "for"})
    for number in (3, 4):
        hand_out(world, hall, number)
    (ballot,) = shown(world, hall)["ballots"]
    assert {k: ballot[k] for k in ("issued", "returned", "papers", "crossed")} == {
        "issued": 12,
        "returned": 3,
        "papers": 2,
        "crossed": 5,
    }
    close(world, hall)
    found = shown(world, hall)
    assert (found["view"], found["awaited"], found["returned"], found["papers"]) == ("closed", True, 3, 2)
    box = add_box(world, hall, 2)
    key(world, box, CLERK, "1", "1")
    key(world, box, OTHER, "1", "1")
    resume(world, hall)
    found = shown(world, hall)
    assert (found["view"], found["awaited"], found["returned"]) == ("counted", False, 5)

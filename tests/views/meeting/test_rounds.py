"""The page of a round: what prevents its opening, its turnout, its acts."""

import os

import pytest

from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.db import workers
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds

PREPARED = {"hall": make_hall}


def test_show_says_the_rule_and_offers_the_opening(as_, hall):
    page = as_("office").get(f"/office/rounds/{hall['round']}")
    assert "候选项目 5 项，应选 3 项" in page.words
    assert page.tree.xpath("//form[contains(@action, '/open')]")


def test_turnout_counts_ballots_and_tells_no_votes(as_, world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    page = as_("office").get(f"/office/rounds/{hall['round']}/turnout.json")
    assert page.json == {"state": "opened", "issued": 12, "returned": 1, "papers": None}


def test_not_voted_lists_names_only_while_the_box_is_open(as_, world, hall):
    url = f"/office/rounds/{hall['round']}/not-voted"
    assert "投票没有在进行" in as_("office").get(url).words
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    assert "已签到而未投票 11 人" in as_("office").get(url).words


def test_cancel_leads_back_to_the_session(as_, world, hall):
    page = as_("office").post(f"/office/rounds/{hall['round']}/cancel")
    assert page.location == f"/office/sessions/{hall['session']}"
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.CANCELLED


@pytest.mark.parametrize("act", ["open", "close", "count", "void", "cancel", "further", "presidium"])
def test_acts_of_a_leader_are_forbidden(as_, hall, act):
    assert as_("leader").post(f"/office/rounds/{hall['round']}/{act}").status == 403


def test_close_says_that_the_count_waits_for_new_processes(as_, world, hall, monkeypatch):
    open_(world, hall)
    server = workers.new_server()
    workers.enter(world.database, server)  # a running server has one process
    monkeypatch.setattr(workers._Me, "server", None)
    monkeypatch.setattr(workers, "PATIENCE", 0)
    close(world, hall)
    url = f"/office/rounds/{hall['round']}"
    page = as_("office").get(url)
    assert "正在清除投票痕迹" in page.words
    assert page.tree.xpath("//meta[@http-equiv='refresh']")
    assert not page.tree.xpath("//form[contains(@action, '/count')]")
    assert "还没有换完" in as_("office").post(f"{url}/count").words
    workers.forget(world.database, server, {os.getpid()})
    assert as_("office").get(url).tree.xpath("//form[contains(@action, '/count')]")

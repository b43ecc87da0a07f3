"""The opening of a round: what prevents it, and what it freezes."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.services.voting.test_vote import BY, make_hall, open_
from votes.db import db
from votes.models import RollEntry
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import openings, rounds

PREPARED = {"hall": make_hall}


def obstacle(hall, present):
    return openings.obstacle(rounds.get_round(hall["round"]), roster=12, present=present, now=NOW)


def test_obstacle_is_what_the_opening_would_refuse(world, hall):
    with world.work():
        assert obstacle(hall, present=12) == ""
        assert obstacle(hall, present=7).startswith("实到 7 人，不足法定人数")


def test_obstacle_of_an_open_round_is_empty(world, hall):
    open_(world, hall)
    with world.work():
        assert obstacle(hall, present=7) == ""


def test_open_round_freezes_the_roll_and_the_rule(world, hall):
    open_(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        entries = db.session.scalars(select(RollEntry).where(RollEntry.round_id == round_.id)).all()
        assert sorted(entry.deputy_id for entry in entries if entry.present) == sorted(hall["deputies"])
        assert (round_.state, round_.roster, round_.present) == (RoundState.OPENED, 12, 12)
        assert round_.rule_digest


def test_open_together_without_a_choice_is_refused(world):
    with pytest.raises(RuleBroken) as refusal, world.work():
        openings.open_together([], by=BY, now=NOW)
    assert refusal.value.field == "rounds"


def test_zero_check_of_an_open_round_is_refused(world, hall):
    open_(world, hall)
    with pytest.raises(RuleBroken, match="只在开启投票前检查"), world.work():
        openings.zero_check(rounds.get_round(hall["round"]), by=BY, now=NOW)


@pytest.mark.usefixtures("no_demo")
def test_office_alone_cannot_open_a_formal_round_without_a_second_factor(world, hall):
    office = world.actor("office")
    with pytest.raises(RuleBroken, match="先为自己的账号开通两步验证") as refusal, world.work():
        openings.open_round(rounds.get_round(hall["round"]), by=office, now=NOW)
    assert (refusal.value.code, refusal.value.status) == ("second_factor", 403)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.state == RoundState.DRAFT
        openings.open_round(round_, by=replace(office, second_factor=True), now=NOW)


def test_office_of_a_demo_opens_a_round_without_a_second_factor(world, hall):
    with world.work():
        openings.open_round(rounds.get_round(hall["round"]), by=world.actor("office"), now=NOW)

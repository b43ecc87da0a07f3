"""Casting a ballot: once, with its own code, with marks that are allowed, while the box is open."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.db import db
from votes.models import Ballot, Turnout
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.services.meeting import rounds
from votes.services.voting import ballots

PREPARED = {"hall": make_hall}


def test_the_same_code_again_is_received_another_is_a_second_vote(world, hall):
    open_(world, hall)
    code = new_code()
    assert cast(world, hall, 3, {1: "for"}, code, "phone") is True
    assert cast(world, hall, 3, {1: "for"}, code, "phone") is False
    with pytest.raises(RuleBroken, match="您已投过票"):
        cast(world, hall, 3, {2: "for"}, browser="phone")
    with pytest.raises(RuleBroken, match="如果不是您本人投的，请立即告诉监票人"):
        cast(world, hall, 3, {2: "for"}, browser="another phone")
    with world.work():
        assert db.session.query(Ballot).count() == 1


def test_somebody_elses_code_is_refused_and_the_deputy_may_still_vote(world, hall):
    open_(world, hall)
    code = new_code()
    cast(world, hall, 3, {1: "for"}, code, "phone")
    with pytest.raises(RuleBroken, match="回执码与他人重复"):
        cast(world, hall, 4, {1: "for"}, code)
    assert cast(world, hall, 4, {1: "for"}) is True


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({1: "for", 2: "for", 3: "for", 4: "for"}, "您已选 4 项，最多可选 3 项"),
        ({9: "for"}, "票上没有第 9 项"),
        ({1: "against"}, "第 1 项的选择无法识别"),
    ],
)
def test_refuses_marks_that_may_not_be(world, hall, marks, words):
    open_(world, hall)
    with pytest.raises(RuleBroken, match=words):
        cast(world, hall, 3, marks)
    with world.work():
        assert db.session.query(Turnout).count() == 0


def test_nobody_votes_before_the_opening_or_after_the_close(world, hall):
    with pytest.raises(RuleBroken, match="投票尚未开始"):
        cast(world, hall, 3, {1: "for"})
    open_(world, hall)
    close(world, hall)
    with pytest.raises(RuleBroken, match="投票已经结束"):
        cast(world, hall, 3, {1: "for"})


def test_a_set_end_closes_the_box_by_itself(world, hall):
    with world.work():
        rounds.get_round(hall["round"]).closes_at = NOW
    with pytest.raises(RuleBroken, match="自动截止时间已过"):
        open_(world, hall)
    with world.work():
        rounds.get_round(hall["round"]).closes_at = NOW + timedelta(minutes=5)
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    with pytest.raises(RuleBroken, match="投票时间已到"), world.work():
        ballots.cast(
            hall["round"], hall["deputies"][4], code=new_code(), marks={}, now=NOW + timedelta(minutes=5)
        )

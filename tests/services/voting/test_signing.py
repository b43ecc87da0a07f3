"""Signatures under the count: named tellers only, each once."""

import pytest

from tests.services.voting.test_vote import cast, close, make_hall, open_, sign
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds

PREPARED = {"hall": make_hall}


def test_only_named_tellers_sign_and_each_once(world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    close(world, hall)
    with pytest.raises(RuleBroken, match="只有本次会议的监票人"):
        sign(world, hall, 5)
    sign(world, hall, 0)
    with pytest.raises(RuleBroken, match="您已经签过字"):
        sign(world, hall, 0)
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.COUNTED

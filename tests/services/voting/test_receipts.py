"""Receipts: whether a code is in the box, once it is closed and the rule publishes codes."""

import pytest

from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.rules.errors import RuleBroken
from votes.services.meeting import rounds
from votes.services.voting import receipts

PREPARED = {"hall": make_hall}
CODE, OTHER = "K7Q29MXD4T", "K7Q29MXD4V"


def test_code_in_closed_box_is_found_and_other_not(world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"}, CODE)
    with world.work(), pytest.raises(RuleBroken, match="投票正在进行"):
        receipts.in_box(rounds.get_round(hall["round"]), CODE)
    close(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert receipts.in_box(round_, CODE.lower())
        assert not receipts.in_box(round_, OTHER)
        with pytest.raises(RuleBroken, match="回执码是 10 位"):
            receipts.in_box(round_, "12")


def test_rule_without_codes_refuses(world):
    hall = make_hall(world, disclosure="none")
    open_(world, hall)
    close(world, hall)
    with world.work(), pytest.raises(RuleBroken, match="不公布回执码"):
        receipts.in_box(rounds.get_round(hall["round"]), CODE)


def test_round_in_preparation_has_no_receipts(world, hall):
    with world.work():
        public_id = rounds.get_round(hall["round"]).public_id
        assert receipts.receipt_round(public_id) is None
    open_(world, hall)
    with world.work():
        assert receipts.receipt_round(public_id).id == hall["round"]

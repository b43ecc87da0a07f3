"""Villages: their order, names in use."""

import pytest

from tests.factories import NOW
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.suggestions.suggestions import Channel
from votes.services.people import villages as people_villages
from votes.services.suggestions import intake

BY = Actor(name="经办人")


@pytest.fixture
def place(world):
    """Set up three villages, two of one name, in the county."""
    with world.work():
        people_villages.add_villages(
            [("河镇", "示例村"), ("山乡", "示例村"), ("山乡", "石桥村")], by=BY, now=NOW
        )
    return world


def test_all_villages_are_grouped_by_township_in_order(place):
    with place.work():
        people_villages.save_village(None, township="河镇", name="新村", by=BY, now=NOW)
        assert [
            (t, [v.name for v in vs]) for t, vs in people_villages.grouped(people_villages.all_villages())
        ] == [
            ("河镇", ["示例村", "新村"]),
            ("山乡", ["示例村", "石桥村"]),
        ]
        village = people_villages.all_villages()[0]
        people_villages.save_village(village, township="河镇", name="示例村", active=False, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="不在名单中"):
            intake.receive(
                channel=Channel.LETTER, content="请修村口的路。", village_id=village.id, by=BY, now=NOW
            )
        assert len(people_villages.all_villages()) == 3
        with pytest.raises(RuleBroken, match="已在名单中"):
            people_villages.save_village(None, township="山乡", name="石桥村", by=BY, now=NOW)
        db.session.rollback()

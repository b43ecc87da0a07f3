"""Villages: entered, listed by township, put out of use."""

import pytest

from tests.factories import NOW
from tests.services.people.tools import BY, actions
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.suggestions import Channel
from votes.services.people import villages
from votes.services.suggestions import intake


def test_all_villages_keep_the_order_of_the_place(place):
    villages.add_villages([("山乡", "石桥村"), ("河镇", "东村"), ("山乡", "新村")], by=BY, now=NOW)
    groups = villages.grouped(villages.all_villages())
    assert [(township, [each.name for each in group]) for township, group in groups] == [
        ("山乡", ["石桥村", "新村"]),
        ("河镇", ["东村"]),
    ]
    assert [each.name for each in db.session.scalars(villages.search({"township": "河镇"}))] == ["东村"]


def test_save_village_out_of_use_leaves_the_list(place):
    village = villages.save_village(None, township="河 镇", name=" 东村", by=BY, now=NOW)
    assert village.full_name == "河镇东村"
    villages.save_village(village, township="河镇", name="东村", active=False, by=BY, now=NOW)
    assert (villages.all_villages(), villages.all_villages(active_only=False)) == ([], [village])
    assert actions()[-2:] == [("village.create", "东村"), ("village.edit", "东村")]


@pytest.mark.parametrize(("name", "message"), [("", "请填写村"), ("东村", "“河镇东村”已在名单中。")])
def test_save_village_refuses_a_missing_or_taken_name(place, name, message):
    villages.add_villages([("河镇", "东村")], by=BY, now=NOW)
    with pytest.raises(RuleBroken, match=message):
        villages.save_village(None, township="河镇", name=name, by=BY, now=NOW)
    db.session.rollback()


def test_all_villages_are_grouped_by_township_in_order(three_villages):
    with three_villages.work():
        villages.save_village(None, township="河镇", name="新村", by=BY, now=NOW)
        assert [(t, [v.name for v in vs]) for t, vs in villages.grouped(villages.all_villages())] == [
            ("河镇", ["示例村", "新村"]),
            ("山乡", ["示例村", "石桥村"]),
        ]
        village = villages.all_villages()[0]
        villages.save_village(village, township="河镇", name="示例村", active=False, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="不在名单中"):
            intake.receive(
                channel=Channel.LETTER, content="请修村口的路。", village_id=village.id, by=BY, now=NOW
            )
        assert len(villages.all_villages()) == 3
        with pytest.raises(RuleBroken, match="已在名单中"):
            villages.save_village(None, township="山乡", name="石桥村", by=BY, now=NOW)
        db.session.rollback()

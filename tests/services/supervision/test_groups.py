"""Groups: formed, changed, and with whom."""

import pytest

from tests.supervision import NOW, OFFICE, lines, plan, supervise
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.services.delivery import trackings
from votes.services.people import roster
from votes.services.supervision import groups

PREPARED = {"watched": supervise}


def test_set_group_again_changes_lead_and_members(world, watched):
    with world.work():
        tracking, ids = trackings.get(watched["tracking"]), watched["deputies"]
        group = groups.group_of(tracking.id)
        assert [d.id for d in groups.members_of(group)] == ids[:3], "who leads belongs to it"
        assert groups.lead_of(group) == "示例代表001"
        groups.set_group(
            tracking, lead="常委会主任（示例）", lead_deputy_id=None, committee="示例工委", note="",
            deputy_ids=ids[2:4], by=OFFICE, now=NOW,
        )  # fmt: skip
        group = groups.group_of(tracking.id)
        assert ([d.id for d in groups.members_of(group)], groups.lead_of(group)) == (
            ids[2:4],
            "常委会主任（示例）",
        )
        changed = lines("group.set")[-1]
        assert changed.before["members"] == ["示例代表001", "示例代表002", "示例代表003"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"deputy_ids": [10**6]}, "members"), ({"deputy_ids": [], "lead_deputy_id": None}, "lead")],
)
def test_set_group_of_nobody_or_strangers_is_refused(world, watched, change, field):
    values = {"lead": "", "lead_deputy_id": None, "committee": "", "note": "", "deputy_ids": [], **change}
    with world.work(), pytest.raises(RuleBroken) as caught:
        groups.set_group(trackings.get(watched["tracking"]), **values, by=OFFICE, now=NOW)
    assert caught.value.field == field


def test_deputy_who_left_office_stays_member_and_joins_nothing_new(world, watched):
    with world.work():
        tracking, ids = trackings.get(watched["tracking"]), watched["deputies"]
        roster.get(ids[1]).state = DeputyState.ENDED
        with pytest.raises(RuleBroken, match="暂停或终止"):
            plan(tracking, [ids[1]])
        groups.set_group(
            tracking,
            lead="",
            lead_deputy_id=ids[0],
            committee="",
            note="",
            deputy_ids=ids[:2],
            by=OFFICE,
            now=NOW,
        )
        assert len(groups.group_of(tracking.id).members) == 2

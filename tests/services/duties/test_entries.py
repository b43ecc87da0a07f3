"""What staff and deputies enter by hand: counted, confirmed, refused, taken back."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.duties import NOW, make_deputies, refusal
from votes.db import db
from votes.models import AuditEntry, DutyEntry
from votes.rules.duties.duties import Activity, DutyKind, DutyState
from votes.services.duties import entries, figures


@pytest.fixture
def office(world):
    return world.actor("office")


def enter(who, office, **values):
    given = {"kind": DutyKind.TRAINING, "held_on": date(2027, 5, 1), "title": "履职培训", **values}
    return entries.enter(who, Activity(**given), by=office, now=NOW)


def test_enter_by_staff_for_many_counts_at_once(world, office):
    with world.work():
        ids = make_deputies(world)
        assert enter(ids, office) == 3
        assert figures.figures(2027)[ids[0]].entries == {DutyKind.TRAINING: 1}
        assert "至少选择一位" in refusal(lambda: enter([], office), field="deputies")
        assert "不属于本级" in refusal(lambda: enter([99999], office), field="deputies")
        assert "不能晚于今天" in refusal(
            lambda: enter(ids, office, held_on=date(2027, 6, 2)), field="held_on"
        )


def test_entry_of_deputy_counts_once_confirmed(world, office):
    deputy = world.actor("deputy")
    with world.work():
        entry = entries.enter_own(
            Activity(DutyKind.VISIT, date(2027, 5, 1), "走访张三家", "电话 13800000000"), by=deputy, now=NOW
        )  # fmt: skip
        assert figures.figures(2027) == {}
        assert entries.count_waiting() == 1
        assert "请说明" in refusal(
            lambda: entries.settle(entry, "refuse", by=office, now=NOW), field="reason"
        )
        assert "请说明" in refusal(
            lambda: entries.settle(entry, "refuse", reason="\x00", by=office, now=NOW), field="reason"
        )
        entries.settle(entry, "refuse", reason="请补充地点", by=office, now=NOW)
        assert (entry.state, entry.refusal, entries.count_waiting()) == (
            DutyState.REFUSED,
            "请补充地点",
            0,
        )
        entries.settle(entry, "confirm", by=office, now=NOW)
        assert (entry.refusal, figures.figures(2027)[deputy.deputy_id].count(DutyKind.VISIT)) == ("", 1)
        assert "已经确认" in refusal(lambda: entries.withdraw(entry.id, by=deputy, now=NOW))
        # people named in what was typed are not in the log
        log = " ".join(
            f"{e.about} {e.before} {e.after} {e.message}" for e in db.session.scalars(select(AuditEntry))
        )
        assert "duty" in " ".join(e.action for e in db.session.scalars(select(AuditEntry)))
        assert "张三" not in log
        assert "13800000000" not in log


def test_withdraw_takes_back_the_own_entry_only(world, office):
    deputy = world.actor("deputy")
    with world.work():
        (one,) = make_deputies(world, 1)
        enter([one], office)
        enter([deputy.deputy_id], office)
        own = entries.enter_own(Activity(DutyKind.VISIT, date(2027, 5, 1), "走访"), by=deputy, now=NOW)
        others = db.session.scalars(select(DutyEntry.id).where(DutyEntry.id != own.id)).all()
        for id_ in [*others, None, 0]:
            assert "没有这条记录" in refusal(lambda id_=id_: entries.withdraw(id_, by=deputy, now=NOW))
        assert entries.withdraw(own.id, by=deputy, now=NOW) == date(2027, 5, 1)
        assert "刚刚撤回" in refusal(lambda: entries.settle(own, "confirm", by=office, now=NOW))
        assert db.session.scalars(select(DutyEntry.id)).all() == others


def test_confirm_all_confirms_many_in_one_act(world, office):
    deputy = world.actor("deputy")
    with world.work():
        ids = [
            entries.enter_own(Activity(DutyKind.VISIT, date(2027, 5, day), "走访"), by=deputy, now=NOW).id
            for day in (1, 2, 3)
        ]
        assert entries.confirm_all(ids[:2], by=office, now=NOW) == 2
        assert "没有选择" in refusal(lambda: entries.confirm_all([], by=office, now=NOW))
        assert "都已办理过" in refusal(lambda: entries.confirm_all(ids[:2], by=office, now=NOW))

"""Inspections: planned, held, cancelled, and hidden from those who must not know of them."""

from datetime import date, timedelta

import pytest

from tests.supervision import DAY, NOW, OFFICE, issue, lines, plan, supervise, write_note
from votes.db import everything
from votes.rules.errors import RuleBroken
from votes.rules.supervision.supervision import InspectionKind, InspectionState
from votes.services.delivery import trackings
from votes.services.supervision import inspections, overview, rectifications

PREPARED = {"watched": supervise}


def test_hold_again_corrects_attendance_and_keeps_members(world, watched):
    first, second, third, fourth = watched["deputies"][:4]
    with world.work():
        visit = inspections.get(watched["visit"])
        assert [len(inspections.attended(each, 2027)) for each in (first, second, third, fourth)] == [
            1,
            1,
            0,
            0,
        ]
        assert inspections.attended(first, 2026) == []
        inspections.hold(
            visit, held_on=date(2027, 6, 14), deputy_ids=[first, fourth], summary="更正。", by=OFFICE, now=NOW
        )
        assert [len(inspections.attended(each, 2027)) for each in (first, second, third, fourth)] == [
            1,
            0,
            0,
            1,
        ]
        assert len(inspections.names(visit)) == 4, "who was named stays named"
        assert lines("inspection.correct")[0].before == {
            "held_on": "2027-06-15", "members": ["示例代表001", "示例代表002"], "summary": "看了工地。",
        }  # fmt: skip


def test_mine_lists_next_and_latest_inspections(world, watched, monkeypatch):
    monkeypatch.setattr(inspections, "MINE", 2)
    with world.work():
        tracking, ids = trackings.get(watched["tracking"]), watched["deputies"]
        for days in (-2, -1, 3, 2, 1):
            plan(tracking, ids, on=DAY + timedelta(days=days))
        days = [[(i.day - DAY).days for i in part] for part in inspections.mine(ids[0], DAY)]
        assert days == [[1, 2], [0, -1]]
        row = overview.overview({"year": 2027}, DAY)[0]
        assert (row.planned, row.next_on) == (5, DAY + timedelta(days=1)), "what has passed comes no more"


def test_move_restores_cancelled_and_refuses_held_inspection(world, watched):
    with world.work():
        visit = plan(trackings.get(watched["tracking"]), watched["deputies"])
        inspections.move(visit, "cancel", by=OFFICE, now=NOW)
        for act in (
            lambda: inspections.hold(visit, held_on=DAY, deputy_ids=[1], summary="看", by=OFFICE, now=NOW),
            lambda: inspections.move(visit, "cancel", by=OFFICE, now=NOW),
            lambda: inspections.move(inspections.get(watched["visit"]), "cancel", by=OFFICE, now=NOW),
        ):
            with pytest.raises(RuleBroken):
                act()
        inspections.move(visit, "restore", by=OFFICE, now=NOW)
        assert visit.state == InspectionState.PLANNED


def test_unannounced_inspection_is_hidden_until_it_is_held(world, watched):
    with world.work():
        tracking = trackings.get(watched["tracking"])
        visit = plan(tracking, watched["deputies"], kind=InspectionKind.UNANNOUNCED, theme="暗访")

        def seen(secret):
            query = inspections.search({"year": 2027}, secret=secret)
            visits = overview.of_tracking(tracking.id, secret=secret).inspections
            assert {i.theme for i in visits} == {i.theme for i in everything(query)}
            return "暗访" in {i.theme for i in visits}

        assert (seen(True), seen(False)) == (True, False)
        assert [len(overview.due(DAY, secret=secret)) for secret in (True, False)] == [1, 0]
        assert overview.counts(DAY).planned == 0
        assert [
            overview.overview({"year": 2027}, DAY, secret=secret)[0].next_on for secret in (True, False)
        ] == [
            DAY,
            None,
        ]
        routed = issue(watched, write_note(watched, about=f"i{visit.id}"))
        assert rectifications.source(routed) == "代表监督记录", (
            "the unit reads it before the visit is recorded"
        )
        inspections.hold(visit, held_on=DAY, deputy_ids=watched["deputies"], summary="看", by=OFFICE, now=NOW)
        assert seen(False)
        assert rectifications.source(routed) == "2027年6月15日暗访"

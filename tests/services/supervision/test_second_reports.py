"""Second reports: demanded, submitted, sent back, accepted, proposed by a rating."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.services.publication.test_regional_overview import make_rating
from tests.years import at, make_tracked
from votes.db import db
from votes.models import AuditEntry
from votes.rules.delivery.acceptances import RereportState
from votes.rules.errors import RuleBroken
from votes.services.delivery import trackings as progress
from votes.services.supervision import second_reports

AUGUST = at(2027, 8, 10)
SEPTEMBER = at(2027, 9, 15)
REASON = "持续强降雨，基础施工推迟两个月。"


TEXT = "已逐条核实代表和群众的意见，补修破损路面两公里，增设护栏，建立每周巡查制度。"


def test_second_report_is_demanded_returned_and_accepted(world, tracked, actors):
    unit = world.departments["county"]
    with world.work():
        row = second_reports.demand(
            progress.get(tracked["county"]), due_on=date(2027, 10, 1), reason="测评为不满意。", by=actors["office"], now=AUGUST
        )  # fmt: skip
        (due,) = second_reports.due(AUGUST.date(), own=unit)
        assert (due.kind, due.about_id, due.due_on, due.department_id) == (
            "rereport",
            row.id,
            date(2027, 10, 1),
            unit,
        )
        assert second_reports.due(AUGUST.date(), own=unit + 1) == []
        with pytest.raises(RuleBroken, match="尚未办结"):
            second_reports.demand(
                row.tracking, due_on=date(2027, 10, 1), reason="再次。", by=actors["office"], now=AUGUST
            )
        second_reports.submit(row, TEXT, by=actors["department"], now=AUGUST)
        assert second_reports.due(AUGUST.date()) == []
        back = {"accepted": False, "settled_on": SEPTEMBER.date(), "by": actors["office"], "now": SEPTEMBER}
        with pytest.raises(RuleBroken, match="新的报告期限"):
            second_reports.settle(row, opinion="请补充资金情况。", **back)
        second_reports.settle(row, opinion="请补充资金情况。", due_on=date(2027, 11, 1), **back)
        assert (row.state, row.due_on) == (RereportState.DEMANDED, date(2027, 11, 1))
        second_reports.submit(row, TEXT + "资金情况附后。", by=actors["government"], now=SEPTEMBER)
        second_reports.settle(row, opinion="通过。", **(back | {"accepted": True}))
        assert row.state == RereportState.ACCEPTED
        assert [each.state for each in second_reports.of(row.tracking_id)] == [RereportState.ACCEPTED]
        assert second_reports.proposals() == []
    with world.work():
        actions = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("rereport.")).order_by(AuditEntry.id)
        ).all()
        assert actions == [f"rereport.{act}" for act in ("demand", "submit", "return", "submit", "accept")]


@pytest.mark.parametrize("publish", ["names", "names+votes"])
def test_proposals_list_projects_rated_poor_until_demanded(world, actors, publish):
    """A project is left out while its second report is open, and no round proposes it twice."""
    grades = ("dissatisfied", "satisfied", "dissatisfied", "dissatisfied")
    with world.work():
        trackings = make_tracked(4, department_id=world.departments["county"])
        make_rating(
            2027, [t.project for t in trackings], [(1, 1, 8, grade) for grade in grades], publish=publish
        )
        values = {
            "due_on": date(2028, 3, 1),
            "reason": "测评为不满意。",
            "by": actors["office"],
            "now": at(2028, 1, 17),
        }
        second_reports.demand(trackings[0], **values)
        (proposal,) = second_reports.proposals()
        assert [t.id for t in proposal.trackings] == [trackings[2].id, trackings[3].id]
        rows = second_reports.demand_all(proposal.round, **values)
        assert [(each.tracking_id, each.round_id) for each in rows] == [
            (t.id, proposal.round.id) for t in proposal.trackings
        ]
        assert second_reports.proposals() == []
        with pytest.raises(RuleBroken, match=r"没有（或不再有）"):
            second_reports.demand_all(proposal.round, **values)
        assert len(second_reports.due(date(2028, 2, 1))) == 3

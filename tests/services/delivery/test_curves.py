"""Curves: planned and reported progress, planned and paid money."""

from datetime import date
from decimal import Decimal

from tests.years import make_tracked, report
from votes.services.delivery import curves, trackings


def test_curve_stops_before_a_month_still_open(world):
    with world.work():
        a, b = make_tracked(2)
        report(a.id, 1, 10)
        report(b.id, 1, 20)
        report(a.id, 2, 30)
    with world.work():
        early = curves.curve(trackings.search(day=date(2027, 3, 4)), date(2027, 3, 4))
        assert [p.actual for p in early[:3]] == [15, None, None]
        late = curves.curve(trackings.search(day=date(2027, 3, 6)), date(2027, 3, 6))
        assert [p.actual for p in late[:3]] == [15, 25, None]
        assert (late[-1].on, late[-1].planned, len(late)) == (date(2027, 12, 31), 100, 12)
        assert curves.curve([], date(2027, 3, 6)) == []


def test_money_curve_follows_the_planned_work(world, tracking_id):
    with world.work():
        report(tracking_id, 1, 10, money_paid=Decimal("40.00"))
        report(tracking_id, 2, 20, money_paid=Decimal("90.00"))
    with world.work():
        lines = trackings.search(day=date(2027, 3, 6))
        points = curves.money_curve(lines, date(2027, 3, 6))
        assert [p.paid for p in points[:3]] == [Decimal("40.00"), Decimal("90.00"), None]
        assert (points[-1].on, points[-1].planned) == (date(2027, 12, 31), Decimal("860.00"))
        assert [p.planned for p in points] == sorted(p.planned for p in points)
        points = curves.money_points(lines[0])
        assert [(p.on, p.paid_percent) for p in points] == [
            (date(2027, 1, 31), Decimal("4.7")),
            (date(2027, 2, 28), Decimal("10.5")),
        ]

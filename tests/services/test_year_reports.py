"""The year's report: as things stood at the end of June and of the year, whenever it is drawn up."""

from datetime import date
from decimal import Decimal

import pytest

from tests.years import BY, at, make_tracked, report
from votes.exports.year_reports import MIDYEAR, YEAREND
from votes.services import bodies, progress, trackings, year_reports


@pytest.fixture
def year(world):
    """Two projects: one on time and done in October, one far behind; reports to November."""
    with world.work():
        good, bad = make_tracked(2, department_id=world.departments["county"])
        for month in range(1, 11):
            report(good.id, month, month * 10, money_paid=Decimal(month * 80))
            report(bad.id, month, month * 2, problems="用地手续滞后。")
        report(bad.id, 11, 22)
        trackings.finish(progress.get(good.id), "complete", on=date(2027, 11, 3), by=BY, now=at(2027, 11, 4))


def gather(world, kind, day):
    with world.work():
        county = bodies.get_body(world.county)
        return year_reports.gather(county, kind, 2027, day=day, word=lambda each: each.value)


@pytest.mark.parametrize("day", [date(2027, 7, 8), date(2027, 12, 1), date(2028, 1, 16)])
def test_at_the_end_of_june_it_says_the_same_whenever_it_is_asked(world, year, day):
    found = gather(world, MIDYEAR, day)
    assert (found.as_of, found.counts) == (date(2027, 6, 30), [("green", 1), ("red", 1)])
    assert [(r.actual, r.paid, r.standing, r.late) for r in found.rows] == [
        (60, Decimal("480.00"), "green", False),
        (12, Decimal("300.00"), "red", True),
    ]
    assert found.rows[0].planned == found.rows[1].planned == Decimal("49.0")


def test_at_the_years_end(world, year):
    found = gather(world, YEAREND, date(2028, 1, 16))
    assert (found.as_of, found.counts) == (date(2027, 12, 31), [("done", 1), ("red", 1)])
    assert [(r.actual, r.planned) for r in found.rows] == [(100, 100), (22, 100)]
    assert found.rows[1].problems == ""  # of November's report
    assert [r.told for r in found.rows] == ["", "2027年11月"]


def test_before_the_end_it_tells_until_the_last_whole_month(world, year):
    assert gather(world, YEAREND, date(2027, 11, 20)).as_of == date(2027, 10, 31)
    assert gather(world, MIDYEAR, date(2027, 6, 30)).as_of == date(2027, 5, 31)

"""Curves as SVG: two widths each, nothing where there is nothing to draw."""

from datetime import date
from decimal import Decimal

import pytest

from votes.services.delivery.curves import MoneyPoint, MonthPoint
from votes.web.delivery import curves

JANUARY, FEBRUARY = date(2027, 1, 31), date(2027, 2, 28)


@pytest.fixture(autouse=True)
def a_day_in_march(monkeypatch):
    """Stop the clock on 6 March 2027."""
    monkeypatch.setattr(curves, "today", lambda: date(2027, 3, 6))


def test_mean_charts_are_drawn_narrow_and_wide():
    charts = curves.mean_charts([MonthPoint(JANUARY, 8.0, 5.0), MonthPoint(FEBRUARY, 16.0, None)])
    assert [f'viewBox="0 0 {width} ' in svg for svg, width in zip(charts, (350, 700), strict=True)] == [
        True,
        True,
    ]
    assert all("全部项目平均进度：计划与实际" in svg for svg in charts)


def test_mean_charts_without_points_are_none():
    assert curves.mean_charts([]) == []


def test_money_charts_without_money_are_none():
    points = [MoneyPoint(JANUARY, Decimal(0), None)]
    assert curves.money_charts(points, 0) == []
    assert len(curves.money_charts([MoneyPoint(JANUARY, Decimal(80), Decimal(40))], 860.0)) == 2

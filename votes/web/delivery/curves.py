"""Curves of progress and money, drawn narrow and wide.

The type in a chart must not shrink with the screen.
"""

from collections.abc import Sequence

from votes.clock import today
from votes.exports.formats.charts import line_chart
from votes.models import Tracking
from votes.services.delivery import curves, trackings

NARROW, WIDE = 350, 700


def mean_charts(points: Sequence[curves.MonthPoint]) -> list[str]:
    """Draw the year's mean curve, narrow and wide; nothing where there are no points."""
    planned = [(p.on, p.planned) for p in points]
    actual = [(p.on, p.actual) for p in points if p.actual is not None]
    return _drawn(planned, actual, "全部项目平均进度：计划与实际")


def money_charts(points: Sequence[curves.MoneyPoint], whole: float) -> list[str]:
    """Draw the due and the paid part of the year's investment (``whole``, 万元), in per cent."""
    if not whole:
        return []
    planned = [(p.on, float(p.planned) * 100 / whole) for p in points]
    paid = [(p.on, float(p.paid) * 100 / whole) for p in points if p.paid is not None]
    return _drawn(planned, paid, "资金拨付率：按计划与实际")


def project_charts(tracking: Tracking) -> list[str]:
    """Draw one project's curve, narrow and wide."""
    return _drawn(*curves.chart_points(tracking), f"{tracking.name}：计划进度与实际进度")


def project_money_charts(line: trackings.TrackedProject) -> list[str]:
    """Draw one project's money in per cent of the year's investment.

    There is nothing before the first report.
    """
    return _drawn(*curves.money_chart_points(line), f"{line.project.name}：资金拨付率，按计划与实际")


def _drawn(planned: Sequence[curves.Point], actual: Sequence[curves.Point], title: str) -> list[str]:
    if not planned:
        return []
    return [line_chart(planned, actual, today=today(), title=title, width=w) for w in (NARROW, WIDE)]

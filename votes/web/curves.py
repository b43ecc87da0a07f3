"""Progress curves, drawn for a narrow page and for a wide one: type in a chart must not shrink with the screen."""

from collections.abc import Sequence

from votes.clock import today
from votes.exports.charts import line_chart
from votes.services import progress

NARROW, WIDE = 350, 700


def mean_charts(points: Sequence[progress.MonthPoint]) -> list[str]:
    """The year's mean curve, narrow and wide; nothing where there is nothing to draw."""
    if not points:
        return []
    planned = [(p.on, p.planned) for p in points]
    actual = [(p.on, p.actual) for p in points if p.actual is not None]
    title = "全部项目平均进度：计划与实际"
    return [line_chart(planned, actual, today=today(), title=title, width=w) for w in (NARROW, WIDE)]


def project_charts(tracking: progress.Tracking) -> list[str]:
    """One project's curve, narrow and wide."""
    planned, actual = progress.chart_points(tracking)
    title = f"{tracking.name}：计划进度与实际进度"
    return [line_chart(planned, actual, today=today(), title=title, width=w) for w in (NARROW, WIDE)]

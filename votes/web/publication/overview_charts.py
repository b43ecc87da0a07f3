"""Draw the charts of the overview, narrow and wide, with the tones of lights as colours."""

from collections.abc import Callable, Sequence
from typing import Any

from votes.exports.formats.charts import Bar, Part, against_plan, bars, columns, stacked
from votes.rules.delivery.lights import Light
from votes.services.publication.regional_overview import Overview, YearRow
from votes.services.suggestions.stories import Funnel
from votes.web.delivery.curves import NARROW, WIDE
from votes.web.words.filters import points
from votes.web.words.labels import label

GREY = "#6f6a65"
FILLS = {
    Light.GREEN: "#2c8456",
    Light.YELLOW: "#e0a63a",
    Light.ORANGE: "#c9701b",
    Light.RED: "#b93434",
    Light.BLUE: "#3b6fb3",
    Light.GREY: "#6b655f",
}


def fill(light: Light) -> str:
    """Return the light's colour as a ground for white words."""
    return "#9a6a00" if light == Light.YELLOW else FILLS.get(light, GREY)


def _light(light: Light) -> Part:
    words = label(light)
    ink = "#1f1f1f" if light == Light.YELLOW else "#ffffff"
    return Part(f"{words.shape} {words.word}", FILLS.get(light, GREY), ink)


def _twice(draw: Callable[..., str], *content: Any, title: str) -> list[str]:
    """Draw a chart for phones and for wide screens."""
    return [draw(*content, title=title, width=width) for width in (NARROW, WIDE)]


def lights(overview: Overview) -> list[str]:
    """Draw how many projects of each place stand at which light."""
    rows = [p for p in overview.places if p.summary.total]
    if not rows:
        return []
    shown = overview.whole.lights
    numbers = [(p.body.place, [p.summary.lights.get(light, 0) for light in shown]) for p in rows]
    return _twice(
        stacked, [_light(light) for light in shown], numbers, title=f"{overview.year}年各地项目状态"
    )


def progress(overview: Overview) -> list[str]:
    """Draw the mean progress of each place against its plan."""
    rows = [
        (p.body.place, float(points(p.summary.actual_percent)), float(points(p.summary.planned_percent)))
        for p in overview.places
        if p.summary.total
    ]
    return _twice(against_plan, rows, title=f"{overview.year}年各地平均进度：实际与计划") if rows else []


def years(rows: Sequence[YearRow], name: str) -> list[str]:
    """Draw the candidates, selected and completed projects of each year."""
    parts = [Part("候选", "#c9c2ba"), Part("票决选定", "#a61b1b"), Part("完成和基本完成", "#3b6fb3")]
    voted = [(row.year, row.count) for row in rows if row.count.candidates]
    numbers = [(f"{year}年", [count.candidates, count.selected, count.done]) for year, count in voted]
    title = f"{name}历年项目：候选、票决选定、完成"
    return _twice(columns, parts, numbers, title=title) if len(numbers) > 1 else []


def funnel(year: Funnel) -> list[str]:
    """Draw 征集 → 合并 → 论证 → 候选 → 当选 of a year."""
    steps = [
        Bar("征集到的建议", year.suggestions, note="件"),
        Bar("合并为事项", year.matters, note="项"),
        Bar("交单位论证", year.transferred, note="项"),
        Bar("列为候选项目", year.candidates, note="项"),
        Bar("票决选定", year.selected, chosen=True, note="项"),
    ]
    return [bars(steps, unit="", title="从群众建议到民生实事项目", width=NARROW)]

"""Charts as SVG: no script, no style attribute, readable on a phone, on paper and under a strict CSP.

Every chart says in words what it shows (<title>, <desc>); the page has the table of figures after it. Text is 12 px
or more at the chart's own size: pass the ``width`` in which the page shows it, so that the browser does not shrink it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise

from votes.rules.dates import chinese_date

INK, MUTED, GRID, RED, GOLD = "#1f1f1f", "#595959", "#d9d9d9", "#a61b1b", "#c8963e"
_PALE = "#c9c2ba"
_SMALL, _BODY = 12, 14
_PITCH = 32.0  # from one bar to the next

Point = tuple[date, float]


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, and whether it is one of the chosen (入选), drawn in red."""

    label: str
    value: int
    chosen: bool = False
    note: str = ""


def _n(number: float) -> str:
    """Write a coordinate; one decimal is a tenth of a pixel."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _tag(name: str, words: str | None = None, *, title: str = "", **attributes: float | str) -> str:
    """Write an element with its ``words``, or with a ``title`` in it; empty attributes are left out."""
    written = [
        f' {key.replace("_", "-")}="{value if isinstance(value, str) else _n(value)}"'
        for key, value in attributes.items()
        if value != ""
    ]
    inner = f"<title>{escape(title)}</title>" if title else escape(words or "")
    return f"<{name}{''.join(written)}" + (f">{inner}</{name}>" if inner or words is not None else "/>")


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = _SMALL,
    fill: str = MUTED,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    weight = "bold" if bold else ""
    return _tag("text", words, x=x, y=y, font_size=size, fill=fill, text_anchor=anchor, font_weight=weight)


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, dash: str = "") -> str:
    return _tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def _rect(x: float, y: float, width: float, height: float, fill: str, title: str = "") -> str:
    return _tag("rect", title=title, x=x, y=y, width=width, height=height, fill=fill)


def _svg(width: float, height: float, title: str, desc: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escape(title)}"'
        f' viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{''.join(parts)}</svg>"
    )


def _advance(words: str, size: float = _SMALL) -> float:
    """Estimate how wide ``words`` are: full-width characters one em, others a little over half."""
    return sum(size if ord(letter) > 0x2E7F else size * 0.6 for letter in words)


def _fit(words: str, room: float) -> str:
    """Cut ``words`` to ``room`` pixels, with an ellipsis."""
    if _advance(words, _BODY) <= room:
        return words
    while words and _advance(words + "…", _BODY) > room:
        words = words[:-1]
    return words + "…"


def _percent(value: float) -> str:
    return _n(value) + "%"


def _value_on(points: Sequence[Point], day: date) -> float | None:
    """Return the value of a curve on ``day``, straight between its points; None outside them."""
    for (d1, v1), (d2, v2) in pairwise(points):
        if d1 <= day <= d2:
            return v1 if d1 == d2 else v1 + (v2 - v1) * (day - d1).days / (d2 - d1).days
    return points[0][1] if points and points[0][0] == day else None


# --- Planned against actual -------------------------------------------------------------------------------


def line_chart(
    planned: Sequence[Point], actual: Sequence[Point], *, today: date, title: str, width: int
) -> str:
    """Draw planned (dashed) and actual (solid) progress in per cent over time, with a mark at today.

    Points are (day, 0-100), in any order; one of the lists may be empty. A ``today`` outside the days shown has no
    mark.
    """
    planned, actual = sorted(planned), sorted(actual)
    days = [day for day, _ in (*planned, *actual)]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)
    height, left, right, top, bottom = 300, 44.0, 20.0, 52.0, 34.0
    inner_width, inner_height = width - left - right, height - top - bottom

    def x(day: date) -> float:
        return left + inner_width * (day - first).days / span

    def y(value: float) -> float:
        return top + inner_height * (1 - min(max(value, 0.0), 100.0) / 100)

    parts = []
    for level in (0, 25, 50, 75, 100):
        parts.append(_line(left, y(level), left + inner_width, y(level), GRID))
        parts.append(_text(left - 6, y(level) + 4, f"{level}%", anchor="end"))
    for day in _month_ticks(first, last, room=int(inner_width // 44)):
        parts.append(_line(x(day), y(0), x(day), y(0) + 4, MUTED))
        words = f"{day.month}月" if day.month > 1 or day == first else f"{day.year}年"
        parts.append(_text(x(day), y(0) + 20, words, anchor="middle"))

    if first <= today <= last:
        parts.append(_line(x(today), top - 6, x(today), y(0), INK, dash="2 3"))
        anchor = "end" if x(today) > width - 60 else "start" if x(today) < 80 else "middle"
        parts.append(_text(x(today), top - 10, f"今天 {today.month}月{today.day}日", fill=INK, anchor=anchor))
    for points, stroke, dash in ((planned, MUTED, "6 4"), (actual, RED, "")):
        if points:
            path = " ".join(f"{_n(x(day))},{_n(y(value))}" for day, value in points)
            ends = {"stroke_linejoin": "round", "stroke_dasharray": dash}
            parts.append(_tag("polyline", points=path, fill="none", stroke=stroke, stroke_width=2.5, **ends))
    for day, value in actual:
        words = f"{chinese_date(day)}：{_percent(value)}"
        parts.append(_tag("circle", title=words, cx=x(day), cy=y(value), r=3.5, fill=RED))
    parts += [
        _line(left, 16, left + 26, 16, MUTED, 2.5, "6 4"),
        _text(left + 32, 20, "计划", fill=INK),
        _line(left + 76, 16, left + 102, 16, RED, 2.5),
        _text(left + 108, 20, "实际", fill=INK),
    ]
    return _svg(width, height, title, _line_words(planned, actual, today), parts)


def _month_ticks(first: date, last: date, *, room: int) -> list[date]:
    """Return the first days of months between the two, at most ``room``; ``first`` where there is none."""
    months = []
    year, month = first.year, first.month
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            months.append(day)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    step = next((step for step in (1, 2, 3, 6, 12) if len(months) <= room * step), 12)
    # Counted from January, so that the labels are the same in all charts of a year.
    return [day for day in months if (day.month - 1) % step == 0] or months[:1] or [first]


def _line_words(planned: Sequence[Point], actual: Sequence[Point], today: date) -> str:
    words = []
    if actual:
        day, value = actual[-1]
        words.append(f"截至{chinese_date(day)}实际完成{_percent(value)}")
        if (plan := _value_on(planned, day)) is not None:
            words.append(f"同日计划{_percent(plan)}")
    else:
        words.append("尚无实际进度")
    if planned:
        words.append(f"计划{chinese_date(planned[-1][0])}达到{_percent(planned[-1][1])}")
    if (plan := _value_on(planned, today)) is not None:
        words.append(f"今天应达到{_percent(plan)}")
    return "，".join(words) + "。"


# --- Bars -------------------------------------------------------------------------------------------------


def bars(
    rows: Sequence[Bar],
    *,
    width: int,
    title: str = "各项目得票",
    unit: str = "票",
    threshold: int | None = None,
) -> str:
    """Draw bars in the order given, the best first, with a line under the last chosen one where others follow.

    ``threshold`` (the votes needed) is an upright dashed mark across each bar. A narrow chart has the labels above the
    bars. Long labels are cut; the bar's <title> has the whole one.
    """
    narrow = width < 480
    pitch, drop, thick = (46.0, 20, 20) if narrow else (34.0, 5, 24)
    top = 30.0 if threshold is not None else 10.0
    label_width = 0.0 if narrow else min(max(_advance(row.label, _BODY) for row in rows) + 12, width * 0.45)
    end = max(_advance(f"{row.value}{unit} {row.note}", _BODY) for row in rows) + 16
    room = width - label_width - end
    largest = max([row.value for row in rows] + [threshold or 0, 1])
    needed = label_width + room * (threshold or 0) / largest

    parts = []
    for place, row in enumerate(rows):
        y = top + pitch * place + drop
        length = room * row.value / largest
        label = _fit(row.label, (width if narrow else label_width) - 12)
        x, base, anchor = (0.0, y - 5, "start") if narrow else (label_width - 8, y + 17, "end")
        parts.append(_text(x, base, label, size=_BODY, fill=INK, anchor=anchor, bold=row.chosen))
        colour = RED if row.chosen else _PALE
        parts.append(_rect(label_width, y, length, thick, colour, f"{row.label}：{row.value}{unit}"))
        after = label_width + length
        if threshold is not None:
            # Only across the bar: the line must not run through any words.
            parts.append(_line(needed, y, needed, y + thick, INK, 1.5, "3 3"))
            if after - 4 < needed < after + 30:
                after = needed
        words = f"{row.value}{unit} {row.note}".strip()
        parts.append(_text(after + 6, y + thick / 2 + 5, words, size=_BODY, fill=INK, bold=row.chosen))
    if threshold is not None:
        words = f"过半数 {threshold}{unit}"
        half = _advance(words) / 2
        parts.append(_text(min(max(needed, half), width - half), 14, words, fill=INK, anchor="middle"))
    cut = max((place for place, row in enumerate(rows, start=1) if row.chosen), default=0)
    if 0 < cut < len(rows):
        parts.append(_line(0, top + pitch * cut, width, top + pitch * cut, GOLD, 2))
    desc = "；".join(f"{row.label}{row.value}{unit}{'（入选）' if row.chosen else ''}" for row in rows)
    return _svg(width, top + pitch * len(rows) + 14, title, desc + "。", parts)


def _label_width(labels: Sequence[str], width: float) -> float:
    """Return the room for the labels of bars, at their left."""
    return min(max(_advance(label, _BODY) for label in labels) + 14, width * 0.4)


def _row_label(label: str, width: float, y: float) -> str:
    return _text(width - 8, y + 16, _fit(label, width - 12), size=_BODY, fill=INK, anchor="end")


# --- Parts of a whole ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One kind of part: its word, its colour, and the colour of the figure on it."""

    word: str
    fill: str
    ink: str = "#ffffff"


def _legend(parts: Sequence[Part], width: float) -> tuple[list[str], float]:
    """Draw squares with their words, in as many lines as they need; return them and their height."""
    drawn, x, y = [], 0.0, 8.0
    for part in parts:
        taken = 19 + _advance(part.word) + 14
        if x and x + taken > width:
            x, y = 0.0, y + 22
        drawn.append(_rect(x, y, 14, 14, part.fill))
        drawn.append(_text(x + 19, y + 12, part.word, fill=INK))
        x += taken
    return drawn, y + 32


def stacked(
    parts: Sequence[Part], rows: Sequence[tuple[str, Sequence[int]]], *, title: str, width: int
) -> str:
    """Draw one bar a row, as long as its sum, divided into ``parts``; each part has its number on it.

    Rows are (label, one number for each part). The words of the parts stand above in the order of the parts, so that
    colour is not the only sign.
    """
    label_width = _label_width([label for label, _ in rows], width)
    largest = max([sum(values) for _, values in rows] + [1])
    room = width - label_width - _advance(f"{largest}项", _BODY) - 16
    drawn, top = _legend(parts, width)
    words = []
    for place, (label, values) in enumerate(rows):
        y, left = top + _PITCH * place, label_width
        drawn.append(_row_label(label, label_width, y))
        own = [(part, value) for part, value in zip(parts, values, strict=True) if value]
        for part, value in own:
            length = room * value / largest
            drawn.append(_rect(left, y, length, 22, part.fill, f"{label}：{part.word}{value}项"))
            if length > _advance(str(value)) + 4:
                drawn.append(_text(left + length / 2, y + 16, str(value), fill=part.ink, anchor="middle"))
            left += length
        drawn.append(_text(left + 6, y + 16, f"{sum(values)}项", size=_BODY, fill=INK))
        kinds = "、".join(f"{part.word}{value}" for part, value in own)
        words.append(f"{label}共{sum(values)}项{f'，其中{kinds}' if kinds else ''}")
    return _svg(width, top + _PITCH * len(rows) + 4, title, "；".join(words) + "。", drawn)


def against_plan(rows: Sequence[tuple[str, float, float]], *, title: str, width: int) -> str:
    """Draw one bar a row from 0 to 100 %: filled to the actual percentage, with a mark at the planned one.

    Rows are (label, actual, planned).
    """
    label_width = _label_width([label for label, _, _ in rows], width)
    room, top = width - label_width - _advance("100% / 100%", _BODY) - 12, 40.0
    drawn = [
        _rect(label_width, 10, 26, 10, RED),
        _text(label_width + 32, 20, "实际", fill=INK),
        _line(label_width + 80, 6, label_width + 80, 24, INK, 2.5),
        _text(label_width + 88, 20, "计划", fill=INK),
    ]
    words = []
    for place, (label, actual, planned) in enumerate(rows):
        y = top + _PITCH * place
        mark = label_width + room * min(planned, 100) / 100
        figures = f"{_percent(actual)} / {_percent(planned)}"
        drawn += [
            _row_label(label, label_width, y),
            _rect(label_width, y, room, 22, "#eee9e3"),
            _rect(label_width, y, room * min(actual, 100) / 100, 22, RED),
            _line(mark, y - 3, mark, y + 25, INK, 2.5),
            _text(label_width + room + 8, y + 16, figures, size=_BODY, fill=INK),
        ]
        words.append(f"{label}实际{_percent(actual)}，计划{_percent(planned)}")
    return _svg(width, top + _PITCH * len(rows) + 4, title, "；".join(words) + "。", drawn)


def columns(
    parts: Sequence[Part], rows: Sequence[tuple[str, Sequence[int]]], *, title: str, width: int
) -> str:
    """Draw columns side by side, a group for each row (label, one number for each part), numbers on top."""
    drawn, top = _legend(parts, width)
    height, top, bottom = 260, top + 14, 30.0
    inner, largest = height - top - bottom, max([max(values) for _, values in rows] + [1])
    group = (width - 20) / len(rows)
    thick = min(group * 0.8 / len(parts), 44.0)
    drawn.append(_line(10, height - bottom, width - 10, height - bottom, MUTED))
    words = []
    for place, (label, values) in enumerate(rows):
        middle = 10 + group * (place + 0.5)
        for order, (part, value) in enumerate(zip(parts, values, strict=True)):
            tall = inner * value / largest
            left, y = middle + (order - len(parts) / 2) * thick, height - bottom - tall
            drawn.append(_rect(left + 1, y, thick - 2, tall, part.fill, f"{label}{part.word}：{value}"))
            drawn.append(_text(left + thick / 2, y - 5, str(value), fill=INK, anchor="middle"))
        drawn.append(_text(middle, height - 10, label, fill=INK, anchor="middle"))
        words.append(label + "，".join(f"{part.word}{v}" for part, v in zip(parts, values, strict=True)))
    return _svg(width, height, title, "；".join(words) + "。", drawn)

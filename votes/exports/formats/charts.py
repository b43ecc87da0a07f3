"""Charts as SVG, drawn here: no script, no style attribute, right on a phone, on paper and under a strict CSP.

Every chart says in words what it shows (<title>, <desc>); the page puts the table of figures behind it. Text is
12 px or more at the chart's own size: draw it as wide as it will be shown (`width`) instead of letting the
browser shrink it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from math import tau

from votes.rules.dates import chinese_date

INK, MUTED, GRID, RED, GOLD, BLUE = "#1f1f1f", "#595959", "#d9d9d9", "#a61b1b", "#c8963e", "#2f5d8a"
_PALE = "#c9c2ba"
_SMALL, _BODY = 12, 14

Point = tuple[date, float]


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, and whether it stands above the cut (入选)."""

    label: str
    value: int
    chosen: bool = False
    note: str = ""


def _n(number: float) -> str:
    """A coordinate: one decimal is a tenth of a pixel."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


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
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, *, width: float = 1, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{stroke}"'
        f' stroke-width="{_n(width)}"{dashed}/>'
    )


def _svg(width: float, height: float, title: str, desc: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escape(title)}"'
        f' viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{''.join(parts)}</svg>"
    )


def _advance(words: str, size: float = _SMALL) -> float:
    """About how wide `words` are: full-width characters one em, others a little over half."""
    return sum(size if ord(letter) > 0x2E7F else size * 0.6 for letter in words)


def _percent(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") + "%"


def _at(points: Sequence[Point], day: date) -> float | None:
    """The value of a curve on `day`, straight between its points; None outside them."""
    for (d1, v1), (d2, v2) in pairwise(points):
        if d1 <= day <= d2:
            return v1 if d1 == d2 else v1 + (v2 - v1) * (day - d1).days / (d2 - d1).days
    return points[0][1] if points and points[0][0] == day else None


# --- Planned against actual -------------------------------------------------------------------------------


def line_chart(
    planned: Sequence[Point],
    actual: Sequence[Point],
    *,
    today: date | None = None,
    title: str = "计划进度与实际进度",
    width: int = 640,
    height: int = 300,
) -> str:
    """Planned (dashed) and actual (solid) progress in per cent over time, with today's place between them.

    Points are (day, 0-100), in any order; either list may be empty. `today` outside the days shown is left out.
    """
    planned, actual = sorted(planned), sorted(actual)
    days = [day for day, _ in (*planned, *actual)]
    if not days:
        return _svg(
            width,
            80,
            title,
            "暂无进度数据。",
            [_text(width / 2, 45, "暂无进度数据", size=_BODY, anchor="middle")],
        )
    first, last = min(days), max(days)
    span = max((last - first).days, 1)
    left, right, top, bottom = 44.0, 20.0, 52.0, 34.0
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

    if today is not None and first <= today <= last:
        parts.append(_line(x(today), top - 6, x(today), y(0), INK, dash="2 3"))
        anchor = "end" if x(today) > width - 60 else "start" if x(today) < 80 else "middle"
        parts.append(_text(x(today), top - 10, f"今天 {today.month}月{today.day}日", fill=INK, anchor=anchor))
    for points, stroke, dash in ((planned, MUTED, "6 4"), (actual, RED, "")):
        if points:
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            path = " ".join(f"{_n(x(day))},{_n(y(value))}" for day, value in points)
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2.5"'
                f' stroke-linejoin="round"{dashed}/>'
            )
    for day, value in actual:
        parts.append(
            f'<circle cx="{_n(x(day))}" cy="{_n(y(value))}" r="3.5" fill="{RED}">'
            f"<title>{chinese_date(day)}：{_percent(value)}</title></circle>"
        )
    parts += [
        _line(left, 16, left + 26, 16, MUTED, width=2.5, dash="6 4"),
        _text(left + 32, 20, "计划", fill=INK),
        _line(left + 76, 16, left + 102, 16, RED, width=2.5),
        _text(left + 108, 20, "实际", fill=INK),
    ]
    return _svg(width, height, title, _line_words(planned, actual, today), parts)


def _month_ticks(first: date, last: date, *, room: int) -> list[date]:
    """First days of months between the two ends, thinned out to `room` labels; the first day if there is none."""
    months = []
    year, month = first.year, first.month
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            months.append(day)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    step = next((step for step in (1, 2, 3, 6, 12) if len(months) <= room * step), 12)
    # Counted from January, so that the labels are the same in all charts of a year.
    return [day for day in months if (day.month - 1) % step == 0] or months[:1] or [first]


def _line_words(planned: Sequence[Point], actual: Sequence[Point], today: date | None) -> str:
    words = []
    if actual:
        day, value = actual[-1]
        words.append(f"截至{chinese_date(day)}实际完成{_percent(value)}")
        if (plan := _at(planned, day)) is not None:
            words.append(f"同日计划{_percent(plan)}")
    else:
        words.append("尚无实际进度")
    if planned:
        words.append(f"计划{chinese_date(planned[-1][0])}达到{_percent(planned[-1][1])}")
    if today is not None and (plan := _at(planned, today)) is not None:
        words.append(f"今天应达到{_percent(plan)}")
    return "，".join(words) + "。"


# --- Ranked bars ------------------------------------------------------------------------------------------


def bars(
    rows: Sequence[Bar],
    *,
    unit: str = "票",
    threshold: int | None = None,
    threshold_label: str = "",
    title: str = "各项目得票",
    width: int = 640,
) -> str:
    """Bars in the order given, the best first; a line is drawn under the last chosen one, across to its word.

    `threshold` (the votes needed) is an upright dashed mark across each bar. Long labels are cut with an ellipsis and whole in
    the bar's <title>.
    """
    if not rows:
        return _svg(
            width, 80, title, "暂无数据。", [_text(width / 2, 45, "暂无数据", size=_BODY, anchor="middle")]
        )
    narrow = width < 480
    pitch = 46.0 if narrow else 34.0
    top = 30.0 if threshold is not None else 10.0
    label_width = 0.0 if narrow else min(max(_advance(row.label, _BODY) for row in rows) + 12, width * 0.45)
    end = max(_advance(f"{row.value}{unit} {row.note}", _BODY) for row in rows) + 16
    room = width - label_width - end
    largest = max([row.value for row in rows] + [threshold or 0, 1])
    needed = label_width + room * (threshold or 0) / largest
    height = top + pitch * len(rows) + 14
    cut = max((place for place, row in enumerate(rows, start=1) if row.chosen), default=0)

    parts = []
    for place, row in enumerate(rows):
        y = top + pitch * place + (20 if narrow else 5)
        length = room * row.value / largest
        thick = 20 if narrow else 24
        label = _fit(row.label, (width if narrow else label_width) - 12)
        if narrow:
            parts.append(_text(0, y - 5, label, size=_BODY, fill=INK, bold=row.chosen))
        else:
            parts.append(
                _text(label_width - 8, y + 17, label, size=_BODY, fill=INK, anchor="end", bold=row.chosen)
            )
        parts.append(
            f'<rect x="{_n(label_width)}" y="{_n(y)}" width="{_n(length)}" height="{thick}"'
            f' fill="{RED if row.chosen else _PALE}"><title>{escape(row.label)}：{row.value}{escape(unit)}</title></rect>'
        )
        words = f"{row.value}{unit} {row.note}".strip()
        after = label_width + length
        if threshold is not None:
            # Only across the bar: the line must not run through any words.
            parts.append(_line(needed, y, needed, y + thick, INK, width=1.5, dash="3 3"))
            if after - 4 < needed < after + 30:
                after = needed
        parts.append(_text(after + 6, y + thick / 2 + 5, words, size=_BODY, fill=INK, bold=row.chosen))
    if threshold is not None:
        words = threshold_label or f"过半数 {threshold}{unit}"
        half = _advance(words) / 2
        parts.append(_text(min(max(needed, half), width - half), 14, words, fill=INK, anchor="middle"))
    if 0 < cut < len(rows):
        y = top + pitch * cut
        parts.append(_line(0, y, width, y, GOLD, width=2))
    described = "；".join(f"{row.label}{row.value}{unit}{'（入选）' if row.chosen else ''}" for row in rows)
    return _svg(width, height, title, described + "。", parts)


def _fit(words: str, room: float) -> str:
    if _advance(words, _BODY) <= room:
        return words
    while words and _advance(words + "…", _BODY) > room:
        words = words[:-1]
    return words + "…"


# --- Turnout ----------------------------------------------------------------------------------------------


def ring(value: int, total: int, *, label: str = "已投", unit: str = "人", size: int = 200) -> str:
    """A ring filled to `value` of `total` from the top, with both figures inside."""
    share = min(max(value / total, 0.0), 1.0) if total > 0 else 0.0
    centre, thick = size / 2, size * 0.11
    radius = centre - thick / 2 - 2
    around = tau * radius
    parts = [
        f'<circle cx="{_n(centre)}" cy="{_n(centre)}" r="{_n(radius)}" fill="none" stroke="{GRID}" stroke-width="{_n(thick)}"/>',
    ]
    if share > 0:
        parts.append(
            f'<circle cx="{_n(centre)}" cy="{_n(centre)}" r="{_n(radius)}" fill="none" stroke="{RED}"'
            f' stroke-width="{_n(thick)}" stroke-dasharray="{_n(around * share)} {_n(around)}"'
            f' transform="rotate(-90 {_n(centre)} {_n(centre)})"/>'
        )
    large, small = max(int(size * 0.2), 20), max(int(size * 0.075), _SMALL)
    parts += [
        _text(centre, centre + large * 0.2, str(value), size=large, fill=INK, anchor="middle", bold=True),
        _text(
            centre,
            centre + large * 0.2 + small * 1.6,
            f"{label} / 共{total}{unit}",
            size=small,
            anchor="middle",
        ),
    ]
    title = f"{label}{value}{unit}，共{total}{unit}"
    # Whole per cent, rounded down: 99.7 % must not read as everybody.
    return _svg(size, size, title, f"占{int(share * 100)}%。", parts)


# --- Parts of a whole ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One kind of part: its word, its colour, and the colour of the figure on it."""

    word: str
    fill: str
    ink: str = "#ffffff"


def _legend(parts: Sequence[Part], width: float) -> tuple[list[str], float]:
    """Squares with their words, in as many lines as they need; and how tall that is."""
    drawn, x, y = [], 0.0, 8.0
    for part in parts:
        taken = 19 + _advance(part.word) + 14
        if x and x + taken > width:
            x, y = 0.0, y + 22
        drawn.append(f'<rect x="{_n(x)}" y="{_n(y)}" width="14" height="14" fill="{part.fill}"/>')
        drawn.append(_text(x + 19, y + 12, part.word, fill=INK))
        x += taken
    return drawn, y + 32


def stacked(
    parts: Sequence[Part],
    rows: Sequence[tuple[str, Sequence[int]]],
    *,
    title: str,
    unit: str = "项",
    width: int = 640,
) -> str:
    """One bar a row, as long as its sum, divided into ``parts``; each part has its number on it.

    Rows are (label, one number for each part). The words of the parts stand above, so that colour is not the only sign:
    parts lie in that order.
    """
    if not rows:
        return _svg(
            width, 80, title, "暂无数据。", [_text(width / 2, 45, "暂无数据", size=_BODY, anchor="middle")]
        )
    label_width = min(max(_advance(label, _BODY) for label, _ in rows) + 14, width * 0.4)
    largest = max([sum(values) for _, values in rows] + [1])
    room = width - label_width - _advance(f"{largest}{unit}", _BODY) - 16
    drawn, top = _legend(parts, width)
    pitch = 32.0
    told = []
    for place, (label, values) in enumerate(rows):
        y, left = top + pitch * place, label_width
        drawn.append(
            _text(label_width - 8, y + 16, _fit(label, label_width - 12), size=_BODY, fill=INK, anchor="end")
        )
        for part, value in zip(parts, values, strict=True):
            if value:
                length = room * value / largest
                drawn.append(
                    f'<rect x="{_n(left)}" y="{_n(y)}" width="{_n(length)}" height="22" fill="{part.fill}">'
                    f"<title>{escape(label)}：{escape(part.word)}{value}{unit}</title></rect>"
                )
                if length > _advance(str(value)) + 4:
                    drawn.append(_text(left + length / 2, y + 16, str(value), fill=part.ink, anchor="middle"))
                left += length
        drawn.append(_text(left + 6, y + 16, f"{sum(values)}{unit}", size=_BODY, fill=INK))
        kinds = "、".join(f"{part.word}{v}" for part, v in zip(parts, values, strict=True) if v)
        told.append(f"{label}共{sum(values)}{unit}{f'，其中{kinds}' if kinds else ''}")
    return _svg(width, top + pitch * len(rows) + 4, title, "；".join(told) + "。", drawn)


def against_plan(
    rows: Sequence[tuple[str, float, float]], *, title: str = "平均进度：实际与计划", width: int = 640
) -> str:
    """One bar a row from 0 to 100 %: filled to the actual percentage, an upright mark at the planned one.

    Rows are (label, actual, planned).
    """
    if not rows:
        return _svg(
            width, 80, title, "暂无数据。", [_text(width / 2, 45, "暂无数据", size=_BODY, anchor="middle")]
        )
    label_width = min(max(_advance(label, _BODY) for label, _, _ in rows) + 14, width * 0.4)
    end = _advance("100% / 100%", _BODY) + 12
    room, top, pitch = width - label_width - end, 40.0, 32.0
    drawn = [
        f'<rect x="{_n(label_width)}" y="10" width="26" height="10" fill="{RED}"/>',
        _text(label_width + 32, 20, "实际", fill=INK),
        _line(label_width + 80, 6, label_width + 80, 24, INK, width=2.5),
        _text(label_width + 88, 20, "计划", fill=INK),
    ]
    told = []
    for place, (label, actual, planned) in enumerate(rows):
        y = top + pitch * place
        drawn += [
            _text(label_width - 8, y + 16, _fit(label, label_width - 12), size=_BODY, fill=INK, anchor="end"),
            f'<rect x="{_n(label_width)}" y="{_n(y)}" width="{_n(room)}" height="22" fill="#eee9e3"/>',
            f'<rect x="{_n(label_width)}" y="{_n(y)}" width="{_n(room * min(actual, 100) / 100)}" height="22"'
            f' fill="{RED}"/>',
            _line(at := label_width + room * min(planned, 100) / 100, y - 3, at, y + 25, INK, width=2.5),
            _text(
                label_width + room + 8,
                y + 16,
                f"{_percent(actual)} / {_percent(planned)}",
                size=_BODY,
                fill=INK,
            ),
        ]
        told.append(f"{label}实际{_percent(actual)}，计划{_percent(planned)}")
    return _svg(width, top + pitch * len(rows) + 4, title, "；".join(told) + "。", drawn)


def columns(
    parts: Sequence[Part],
    rows: Sequence[tuple[str, Sequence[int]]],
    *,
    title: str,
    width: int = 640,
    height: int = 260,
) -> str:
    """Columns side by side, a group for each row (label, one number for each part), each with its number on top."""
    if not rows:
        return _svg(
            width, 80, title, "暂无数据。", [_text(width / 2, 45, "暂无数据", size=_BODY, anchor="middle")]
        )
    drawn, top = _legend(parts, width)
    top, bottom = top + 14, 30.0
    inner, largest = height - top - bottom, max([max(values) for _, values in rows] + [1])
    group = (width - 20) / len(rows)
    thick = min(group * 0.8 / len(parts), 44.0)
    drawn.append(_line(10, height - bottom, width - 10, height - bottom, MUTED))
    told = []
    for place, (label, values) in enumerate(rows):
        middle = 10 + group * (place + 0.5)
        for order, (part, value) in enumerate(zip(parts, values, strict=True)):
            tall = inner * value / largest
            left = middle + (order - len(parts) / 2) * thick
            drawn.append(
                f'<rect x="{_n(left + 1)}" y="{_n(height - bottom - tall)}" width="{_n(thick - 2)}"'
                f' height="{_n(tall)}" fill="{part.fill}"><title>{escape(label)}{escape(part.word)}：{value}</title></rect>'
            )
            drawn.append(
                _text(left + thick / 2, height - bottom - tall - 5, str(value), fill=INK, anchor="middle")
            )
        drawn.append(_text(middle, height - 10, label, fill=INK, anchor="middle"))
        told.append(label + "，".join(f"{part.word}{v}" for part, v in zip(parts, values, strict=True)))
    return _svg(width, height, title, "；".join(told) + "。", drawn)

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given, strategies as st

from votes.exports.formats.charts import Bar, Part, against_plan, bars, columns, line_chart, stacked

SVG = "{http://www.w3.org/2000/svg}"
PLANNED = [(date(2027, 1, 1), 0.0), (date(2027, 12, 31), 100.0)]
ACTUAL = [(date(2027, 2, 28), 10.0), (date(2027, 4, 30), 30.0)]
ROWS = [Bar("农村饮水", 160, True), Bar("危桥改造", 120, True), Bar("<停车位>", 80, False, "未过半数")]

YEAR = {"today": date(2027, 5, 10), "title": "计划进度与实际进度", "width": 640}

CHARTS = {
    "line": line_chart(PLANNED, ACTUAL, **YEAR),
    "line, narrow": line_chart(PLANNED, ACTUAL, **YEAR | {"today": date(2027, 12, 30), "width": 340}),
    "line, plan only": line_chart(PLANNED, [], **YEAR | {"today": date(2028, 1, 1)}),
    "bars": bars(ROWS, threshold=91, width=640),
    "bars, narrow": bars(ROWS, threshold=91, width=340),
    "stacked": stacked(
        [Part("正常", "#2c8456"), Part("<滞后>", "#e0a63a")],
        [("示例镇", (3, 0)), ("<乡>", (0, 0))],
        title="状态",
        width=640,
    ),
    "against the plan": against_plan(
        [("示例镇", 120.0, 40.1), ("<乡>", 0.0, 0.0)], title="平均进度", width=640
    ),
    "columns": columns(
        [Part("候选", "#c9c2ba"), Part("选定", "#a61b1b")],
        [("2026年", (12, 10)), ("2027年", (0, 0))],
        title="历年",
        width=640,
    ),
}


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parse(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("svg", CHARTS.values(), ids=CHARTS.keys())
def test_every_chart_speaks_and_keeps_to_the_csp(svg):
    root = parse(svg)
    assert root.get("role") == "img"
    title, desc = root[0], root[1]
    assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text == root.get("aria-label")
    assert desc.text
    for element in root.iter():
        assert element.tag.removeprefix(SVG) not in ("script", "style", "foreignObject", "image")
        assert "style" not in element.attrib
        assert [name for name in element.attrib if name.startswith("on") or "href" in name] == []


@pytest.mark.parametrize("svg", CHARTS.values(), ids=CHARTS.keys())
def test_text_is_never_smaller_than_12_and_stays_inside(svg):
    root = parse(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    for element in root.iter(f"{SVG}text"):
        assert float(element.get("font-size")) >= 12
        assert 0 <= float(element.get("x")) <= width
        assert 0 <= float(element.get("y")) <= height


def test_line_chart_in_words():
    desc = parse(CHARTS["line"])[1].text
    # 2027-04-30 is day 119 of 364, 2027-05-10 day 129
    assert desc == (
        "截至2027年4月30日实际完成30%，同日计划32.7%，计划2027年12月31日达到100%，今天应达到35.4%。"
    )
    assert parse(CHARTS["line, plan only"])[1].text == "尚无实际进度，计划2027年12月31日达到100%。"


@pytest.mark.parametrize(
    ("today", "shown"),
    [
        (date(2027, 5, 10), ["今天 5月10日"]),
        (date(2027, 1, 1), ["今天 1月1日"]),
        (date(2028, 1, 1), []),
        (date(2026, 12, 31), []),
    ],
)
def test_today_is_marked_only_within_the_year_shown(today, shown):
    assert [
        words for words in texts(line_chart(PLANNED, ACTUAL, **YEAR | {"today": today})) if "今天" in words
    ] == shown


def test_points_in_any_order_give_the_same_chart():
    assert line_chart(PLANNED[::-1], ACTUAL[::-1], **YEAR) == line_chart(PLANNED, ACTUAL, **YEAR)


@pytest.mark.parametrize(
    ("first", "days", "labels"),
    [
        (date(2027, 1, 1), 364, [f"{month}月" for month in range(1, 13)]),
        (date(2027, 3, 10), 5, []),
        (date(2026, 11, 1), 90, ["11月", "12月", "2027年"]),
    ],
)
def test_months_along_the_axis(first, days, labels):
    svg = line_chart([(first, 0), (first + timedelta(days), 100)], [], **YEAR)
    found = [words for words in texts(svg) if re.fullmatch(r"\d+月|\d{4}年", words)]
    assert found == (labels or [f"{first.month}月"])


day = st.dates(date(2020, 1, 1), date(2035, 12, 31))
points = st.lists(st.tuples(day, st.floats(-50, 200)), max_size=12)


@given(points, points, st.sampled_from([340, 640, 1200]))
def test_no_curve_leaves_its_frame(planned, actual, width):
    assume(planned or actual)
    root = parse(line_chart(planned, actual, **YEAR | {"width": width}))
    for line in root.iter(f"{SVG}polyline"):
        for pair in line.get("points").split():
            x, y = map(float, pair.split(","))
            assert 43.9 <= x <= width - 19.9
            assert 51.9 <= y <= 266.1


def lengths(svg: str) -> list[float]:
    return [float(bar.get("width")) for bar in parse(svg).iter(f"{SVG}rect")]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.sampled_from([340, 640]))
def test_bars_are_as_long_as_their_votes(votes, width):
    drawn = lengths(
        bars([Bar(f"项目{place}", number) for place, number in enumerate(votes)], title="各步", width=width)
    )
    longest, most = max(drawn), max([*votes, 1])
    assert drawn == pytest.approx([longest * number / most if max(votes) else 0 for number in votes], abs=0.2)


@pytest.mark.parametrize(("chosen", "lines"), [(0, 0), (1, 1), (2, 1), (3, 0)])
def test_the_cut_is_drawn_between_chosen_and_others(chosen, lines):
    svg = bars([Bar(f"项目{place}", 9 - place, place < chosen) for place in range(3)], width=640)
    drawn = list(parse(svg).iter(f"{SVG}line"))
    assert len(drawn) == lines
    if lines:
        assert float(drawn[0].get("y1")) == 10 + 34 * chosen


def test_bars_in_words_and_escaped():
    svg = CHARTS["bars"]
    assert parse(svg)[1].text == "农村饮水160票（入选）；危桥改造120票（入选）；<停车位>80票。"
    assert "80票 未过半数" in texts(svg)
    assert "过半数 91票" in texts(svg)


def test_long_labels_are_cut_but_whole_in_the_title():
    label = "示例" * 40
    svg = bars([Bar(label, 3)], width=640)
    assert texts(svg)[0].endswith("…")
    assert next(parse(svg).iter(f"{SVG}rect"))[0].text == f"{label}：3票"

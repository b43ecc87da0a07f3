"""The charts of the overview."""

from votes.rules.delivery.lights import Light
from votes.services.publication.regional_counts import YearCount
from votes.services.publication.regional_overview import YearRow
from votes.web.publication import overview_charts


def test_fill_of_every_light_is_a_dark_ground_for_white_words():
    assert overview_charts.fill(Light.RED) == "#b93434"
    assert overview_charts.fill(Light.YELLOW) == "#9a6a00", "its tone in charts is too light for white words"


def test_years_with_one_year_only_draw_no_chart():
    assert overview_charts.years([YearRow(2027, YearCount(candidates=3))], "示例县") == []


def test_years_are_drawn_narrow_and_wide():
    rows = [YearRow(year, YearCount(candidates=12, selected=10)) for year in (2026, 2027)]
    drawn = overview_charts.years(rows, "示例县")
    assert len(drawn) == 2
    assert all("示例县历年项目" in chart for chart in drawn)

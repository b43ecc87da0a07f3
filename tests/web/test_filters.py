"""Filters of lists: what the query string says, and what the page offers."""

from types import SimpleNamespace

import pytest

from votes.db import RowSearch
from votes.rules.delivery.adjustments import AdjustmentState
from votes.web import filters


def test_filter_by_year_begins_with_the_newest(app):
    years = filters.year(lambda: [2027, 2026])
    for query, value in (("", 2027), ("year=2026", 2026), ("year=1", 2027), ("year=x", 2027)):
        with app.test_request_context(f"/?{query}"):
            assert filters.read([years]).chosen == {"year": value}


def test_filters_by_rows_and_by_words_offer_what_they_name(app):
    rows = [SimpleNamespace(id=7, name="示例村", full_name="河镇示例村")]
    by_rows = filters.of_rows("village", "村", lambda: rows, word="full_name")
    by_words = filters.of_words("category", "类别", lambda: ["教育"], "全部类别", hidden=filters.no_choice)
    with app.test_request_context("/?village=7&category=教育"):
        chosen = filters.read([by_rows, by_words])
        assert chosen.chosen == {"village": 7, "category": "教育"}
        assert chosen.fields["village"].choices == [("", "全部"), (7, "河镇示例村")]
        assert chosen.fields["category"].hidden


@pytest.mark.parametrize(
    ("query", "chosen", "narrowed", "wrong"),
    [
        ("", {"state": None, "sort": None}, False, []),
        ("state=applied&sort=name", {"state": AdjustmentState.APPLIED, "sort": "name"}, True, []),
        ("sort=name", {"state": None, "sort": "name"}, False, []),
        ("state=x&sort=y", {"state": None, "sort": None}, False, ["状态", "排序"]),
    ],
)
def test_read_filters_keep_what_makes_sense(app, query, chosen, narrowed, wrong):
    search = RowSearch(filters={}, sorts={"name": ("按名称", None), "day": ("按日期", None)})
    declared = [filters.of_enum("state", "状态", AdjustmentState), filters.order(search)]
    with app.test_request_context(f"/?{query}"):
        read = filters.read(declared)
        assert (read.chosen, read.narrowed) == (chosen, narrowed)
        assert [each.filter.label for each in read.wrong] == wrong
        assert filters.read(filters.quietly(declared)).wrong == []


def test_offer_sets_choices_after_the_rows_are_read(app):
    unit = filters.Filter("unit", "单位", filters.LATER, "全部", filters.an_id)
    with app.test_request_context("/?unit=7"):
        read = filters.read([unit])
        read.offer(unit=[(7, "交通局")])
        assert read.chosen == {"unit": 7}
        assert read.fields["unit"].choices == [("", "全部"), (7, "交通局")]
        read.offer(unit=[(8, "教育局")])
        assert read.chosen == {"unit": None}

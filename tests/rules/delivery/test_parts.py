"""The whole out of its parts: percentages by weight, money by source."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from votes.rules.delivery.parts import Money, check_sources, check_whole, whole_percent
from votes.rules.errors import RuleBroken


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(1, 40)], 40),
        ([(1, 0), (1, 1)], 1),  # exactly half goes up
        ([(1, 0), (3, 1)], 1),
        ([(3, 0), (1, 1)], 0),
        ([(66, 60), (16, 80), (18, 30)], 58),  # 3960 + 1280 + 540 = 5780
        ([(2, 100), (1, 100)], 100),
        ([(2, 0), (1, 0)], 0),
        ([(1, 33), (1, 33), (1, 34)], 33),
    ],
)
def test_whole_percent_is_the_weighted_mean_half_up(parts, expected):
    assert whole_percent(parts) == expected


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100)), min_size=1, max_size=8))
def test_whole_percent_lies_among_its_parts(parts):
    percents = [percent for _, percent in parts]
    assert min(percents) <= whole_percent(parts) <= max(percents)


def test_whole_percent_without_parts_is_an_error():
    with pytest.raises(ValueError, match="no weights"):
        whole_percent([])


@pytest.mark.parametrize(
    ("percent", "computed", "reason", "may_depart", "expected"),
    [
        (58, None, "", False, ""),  # no parts: what is reported stands
        (58, 58, "随手写的理由，不会保留", False, ""),
        (55, 58, "  主体工程检测未通过，暂按已验收部分计。 ", True, "主体工程检测未通过，暂按已验收部分计。"),
    ],
)
def test_check_whole_returns_the_reason_of_a_departure(percent, computed, reason, may_depart, expected):
    result = check_whole(percent=percent, computed=computed, reason=reason, may_depart=may_depart)
    assert result == expected


@pytest.mark.parametrize(
    ("may_depart", "reason", "field"),
    [(False, "主体工程检测未通过，暂按已验收部分计。", "percent"), (True, "据实核减", "percent_reason")],
)
def test_check_whole_departure_needs_government_and_reason(may_depart, reason, field):
    with pytest.raises(RuleBroken) as refusal:
        check_whole(percent=55, computed=58, reason=reason, may_depart=may_depart)
    assert (refusal.value.field, refusal.value.status) == (field, 422)


def money(source, planned, in_place, paid):
    return Money(source, *(Decimal(each) for each in (planned, in_place, paid)))


TOTALS = {
    "money_planned": Decimal("860.00"),
    "money_in_place": Decimal("600.00"),
    "money_paid": Decimal("420.50"),
}
ROWS = [money("县财政", "500", "400", "300.5"), money("上级专项", "360", "200", "120")]


def test_check_sources_that_add_up_pass():
    check_sources(ROWS, TOTALS)
    check_sources([], TOTALS)


@pytest.mark.parametrize(
    ("rows", "totals", "field"),
    [
        (ROWS, {"money_planned": "860.01"}, "money_planned"),
        (ROWS, {"money_in_place": "599.99"}, "money_in_place"),
        (ROWS, {"money_paid": "0"}, "money_paid"),
        ([*ROWS, money(" 县财政 ", 0, 0, 0)], {}, "sources"),
        ([*ROWS, money(" ", 0, 0, 0)], {}, "sources"),
    ],
)
def test_check_sources_that_do_not_add_up_are_refused(rows, totals, field):
    with pytest.raises(RuleBroken) as refusal:
        check_sources(rows, {**TOTALS, **{key: Decimal(value) for key, value in totals.items()}})
    assert refusal.value.field == field

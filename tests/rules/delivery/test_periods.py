"""Of which periods a project reports, and by when: months and quarters."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from votes.rules.delivery.periods import (
    MONTH,
    QUARTER,
    begins,
    deadline,
    missing_months,
    month_end,
    months,
    open_months,
    periods,
    span,
)


@pytest.mark.parametrize(
    ("month", "due_day", "expected"),
    [
        (date(2027, 1, 1), 5, date(2027, 2, 5)),
        (date(2027, 12, 1), 5, date(2028, 1, 5)),
        (date(2027, 1, 1), 31, date(2027, 2, 28)),
        (date(2028, 1, 1), 31, date(2028, 2, 29)),
    ],
)
def test_deadline_is_a_day_of_the_next_month(month, due_day, expected):
    assert deadline(month, due_day) == expected


@pytest.mark.parametrize(
    ("month", "end"),
    [
        (date(2027, 2, 1), date(2027, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 29)),
        (date(2027, 12, 1), date(2027, 12, 31)),
    ],
)
def test_month_end_is_its_last_day(month, end):
    assert month_end(month) == end


def test_months_cross_the_year():
    assert months(date(2027, 11, 20), date(2028, 1, 31)) == [
        date(2027, 11, 1),
        date(2027, 12, 1),
        date(2028, 1, 1),
    ]
    assert months(date(2027, 5, 2), date(2027, 4, 30)) == []


JAN, FEB, MAR, APR = (date(2027, n, 1) for n in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("last", "day", "missing"),
    [
        (None, date(2027, 1, 31), []),
        (None, date(2027, 2, 5), []),  # the last day itself is in time
        (None, date(2027, 2, 6), [JAN]),
        (JAN, date(2027, 2, 6), []),
        (JAN, date(2027, 4, 6), [FEB, MAR]),
        (MAR, date(2027, 4, 6), []),  # February was passed over: no longer owed
        (None, date(2026, 12, 1), []),
    ],
)
def test_missing_months_are_those_after_their_deadline(last, day, missing):
    assert missing_months(date(2027, 1, 15), last, day, 5) == missing


@pytest.mark.parametrize(
    ("last", "day", "expected"),
    [
        (None, date(2026, 12, 31), []),
        (None, date(2027, 1, 1), [JAN]),  # the month in which it begins, from its first day
        (JAN, date(2027, 1, 20), []),
        (JAN, date(2027, 3, 1), [FEB, MAR]),
        (date(2027, 12, 1), date(2028, 1, 2), [date(2028, 1, 1)]),
    ],
)
def test_open_months_follow_the_last_report(last, day, expected):
    assert open_months(date(2027, 1, 15), last, day) == expected


def test_span_writes_months():
    assert span([JAN], JAN) == "1月"
    assert span([JAN, FEB, MAR], JAN) == "1月至3月"
    assert span([date(2026, 12, 1), JAN], JAN) == "2026年12月至2027年1月"


# --- quarters ------------------------------------------------------------------------------------------

JUN, SEP, DEC = (date(2027, n, 1) for n in (6, 9, 12))


@pytest.mark.parametrize(
    ("last", "day", "expected"),
    [
        (None, date(2027, 1, 14), [MAR]),  # the running quarter may be reported before it closes
        (None, date(2027, 4, 1), [MAR, JUN]),
        (MAR, date(2027, 6, 30), [JUN]),
        (MAR, date(2027, 3, 31), []),
        (APR, date(2027, 7, 1), [JUN, SEP]),  # reported monthly until April
        (SEP, date(2028, 1, 2), [DEC, date(2028, 3, 1)]),
    ],
)
def test_open_months_of_quarters_follow_the_last_report(last, day, expected):
    assert open_months(date(2027, 1, 15), last, day, QUARTER) == expected


@pytest.mark.parametrize(
    ("last", "day", "missing"),
    [
        (None, date(2027, 4, 5), []),  # the last day itself is in time
        (None, date(2027, 4, 6), [MAR]),
        (MAR, date(2027, 7, 5), []),
        (MAR, date(2027, 10, 6), [JUN, SEP]),
        (DEC, date(2028, 4, 5), []),
    ],
)
def test_missing_months_of_quarters_are_after_their_deadline(last, day, missing):
    assert missing_months(date(2027, 1, 15), last, day, 5, QUARTER) == missing


def test_span_writes_quarters():
    assert span([MAR], MAR, QUARTER) == "第一季度"
    assert span([MAR, JUN], MAR, QUARTER) == "第一季度至第二季度"
    assert span([date(2026, 12, 1), MAR], MAR, QUARTER) == "2026年第四季度至2027年第一季度"


days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(days, days, st.sampled_from([MONTH, QUARTER]))
def test_periods_cover_every_day_once(one, two, period):
    first, last = sorted((one, two))
    result = periods(first, last, period)
    assert begins(result[0], period) <= first
    assert last <= month_end(result[-1])
    assert all((begins(after, period) - month_end(before)).days == 1 for before, after in pairwise(result))

"""Dates in Chinese words."""

from datetime import date, datetime

import pytest

from votes.rules.dates import chinese_date


@pytest.mark.parametrize(
    ("day", "shown"), [(date(2027, 1, 5), "2027年1月5日"), (datetime(2027, 12, 31, 8), "2027年12月31日")]
)
def test_chinese_date_has_no_leading_zeros(day, shown):
    assert chinese_date(day) == shown

"""How dates, amounts and shares are written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from votes.web.words import filters


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (filters.day(date(2027, 1, 5)), "2027年1月5日"),
        (filters.day(datetime(2027, 1, 5, 16, 0, tzinfo=UTC)), "2027年1月6日"),  # midnight in China
        (filters.day(None), ""),
        (filters.month(date(2027, 1, 5)), "2027年1月"),
        (filters.moment(datetime(2027, 1, 5, 15, 59, tzinfo=UTC)), "2027年1月5日 23:59"),
        (filters.clock_seconds(datetime(2027, 1, 5, 1, 2, 3, tzinfo=UTC)), "09:02:03"),
        (filters.money(Decimal("1234.5")), "1,234.50"),
        (filters.money(0), "0.00"),
        (filters.money(None), ""),
        (filters.share(1, 3), "33.33%"),
        (filters.share(1, 8, 1), "12.5%"),
        (filters.share(0, 5), "0.00%"),
        (filters.share(1, 0), "—"),
        (filters.share(None, 5), "—"),
        (filters.points(Decimal("69.45")), "69.5"),
        (filters.points(52), "52"),
        (filters.points(None), ""),
    ],
)
def test_values_are_written_for_the_page(written, text):
    assert written == text

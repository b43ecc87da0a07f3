"""Working days: counting, and days as they are typed."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from votes.rules.suggestions.working_days import Calendar, add_working_days, read_days

#: 国庆 2026: the first week of October off, the Saturday after worked.
OCTOBER = Calendar(frozenset(date(2026, 10, day) for day in range(1, 8)), frozenset({date(2026, 10, 10)}))

days = st.dates(date(2026, 9, 1), date(2026, 11, 30))
calendars = st.builds(Calendar, st.frozensets(days, max_size=5), st.frozensets(days, max_size=5))


@pytest.mark.parametrize(
    ("day", "count", "calendar", "last"),
    [
        (date(2026, 11, 2), 0, OCTOBER, date(2026, 11, 2)),
        (date(2026, 11, 2), 1, OCTOBER, date(2026, 11, 3)),  # a Monday
        (date(2026, 11, 2), 7, OCTOBER, date(2026, 11, 11)),
        (date(2026, 11, 7), 1, OCTOBER, date(2026, 11, 9)),  # a Saturday
        (date(2026, 9, 30), 1, OCTOBER, date(2026, 10, 8)),
        (date(2026, 9, 30), 7, OCTOBER, date(2026, 10, 15)),  # the worked Saturday counts
        (date(2026, 9, 30), 7, Calendar(), date(2026, 10, 9)),
        (date(2026, 10, 1), 5, Calendar(frozenset(date(2026, 1, 1) + timedelta(days=i) for i in range(999))),
         date(2027, 10, 2)),  # nobody ever works: a year on, and no endless loop
    ],
)  # fmt: skip
def test_add_working_days_skips_weekends_and_holidays(day, count, calendar, last):
    assert add_working_days(day, count, calendar) == last


@given(days, st.integers(1, 40), calendars)
def test_add_working_days_counts_exactly_the_working_days(day, count, calendar):
    last = add_working_days(day, count, calendar)
    between = [day + timedelta(days=i) for i in range(1, (last - day).days + 1)]
    assert sum(calendar.works(each) for each in between) == count
    assert calendar.works(last)


@pytest.mark.parametrize(
    ("text", "days", "unread"),
    [
        ("", [], []),
        ("2026-10-01", [date(2026, 10, 1)], []),
        ("2026年10月1日、2026/10/3\n2026-10-01", [date(2026, 10, 1), date(2026, 10, 3)], []),
        ("2026-12-30至2027-1-2", [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)], []),
        ("2026-10-01 国庆", [date(2026, 10, 1)], ["国庆"]),
        ("2026-02-30", [], ["2026-02-30"]),
        ("2026-10-07至2026-10-01", [], ["2026-10-07至2026-10-01"]),
        ("2026-01-01至2026-12-31", [], ["2026-01-01至2026-12-31"]),
    ],
)  # fmt: skip
def test_read_days_returns_days_and_unread_pieces(text, days, unread):
    assert read_days(text) == (days, unread)

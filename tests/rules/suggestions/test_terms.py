"""Terms of transfers: settings of a place, due days, the days for returning one, how one stands."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.suggestions import terms
from votes.rules.suggestions.terms import Calendar, MatterSettings, Term, add_working_days, read_days

#: 国庆 2026: the first week of October off, the Saturday after worked.
OCTOBER = Calendar(frozenset(date(2026, 10, day) for day in range(1, 8)), frozenset({date(2026, 10, 10)}))
PLACE = MatterSettings(calendar=OCTOBER)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, MatterSettings()),
        ({"matters": {"months": 2, "likeness": 55}}, MatterSettings(months=2, likeness=55)),
        ({"matters": {"months": 0, "return_days": "7", "soon_days": 999, "x": 1}}, MatterSettings()),
        ({"matters": "nonsense", "holidays": "2026-10-01"}, MatterSettings()),
        (
            {"holidays": ["2026-10-01", "国庆"], "workdays": ["2026-10-10"]},
            MatterSettings(
                calendar=Calendar(frozenset({date(2026, 10, 1)}), frozenset({date(2026, 10, 10)}))
            ),
        ),
    ],
)
def test_settings_with_invalid_values_use_defaults(settings, expected):
    assert MatterSettings.of(settings) == expected


@pytest.mark.parametrize(
    ("sent_on", "is_complex", "last"),
    [
        (date(2026, 11, 2), False, date(2027, 2, 2)),
        (date(2026, 11, 2), True, date(2027, 5, 2)),
        (date(2026, 11, 30), False, date(2027, 2, 28)),
        (date(2027, 11, 30), False, date(2028, 2, 29)),
        (date(2026, 8, 31), True, date(2027, 2, 28)),
        (date(2026, 12, 31), False, date(2027, 3, 31)),
    ],
)
def test_latest_due_is_the_statutory_term(sent_on, is_complex, last):
    assert terms.latest_due(sent_on, is_complex=is_complex, settings=PLACE) == last


@pytest.mark.parametrize(
    ("due_on", "is_complex", "refused"),
    [
        (date(2026, 11, 1), False, "不能早于交办日期"),
        (date(2026, 11, 2), False, None),
        (date(2027, 2, 2), False, None),
        (date(2027, 2, 3), False, "确属复杂的"),
        (date(2027, 2, 3), True, None),
        (date(2027, 5, 3), True, "6 个月内答复，办理期限最迟为2027年5月2日。"),
    ],
)
def test_check_due_outside_the_term_is_refused(due_on, is_complex, refused):
    def check():
        terms.check_due(due_on, date(2026, 11, 2), is_complex=is_complex, settings=PLACE)

    if refused is None:
        return check()
    with pytest.raises(RuleBroken, match=refused) as broken:
        check()
    assert (broken.value.field, broken.value.status) == ("due_on", 422)


@pytest.mark.parametrize(("day", "refused"), [(date(2026, 10, 15), False), (date(2026, 10, 16), True)])
def test_check_return_after_the_last_working_day_is_refused(day, refused):
    if not refused:
        return terms.check_return(date(2026, 9, 30), day, PLACE)
    with pytest.raises(RuleBroken, match="本件最迟为2026年10月15日") as broken:
        terms.check_return(date(2026, 9, 30), day, PLACE)
    assert broken.value.code == "too_late"


@pytest.mark.parametrize(
    ("left", "expected", "words"),
    [
        (-3, Term.OVER, "已逾期 3 天"),
        (0, Term.SOON, "今天到期"),
        (7, Term.SOON, "剩 7 天"),
        (8, Term.IN_TIME, "剩 8 天"),
    ],
)
def test_term_of_open_transfer_depends_on_days_left(left, expected, words):
    day = date(2026, 11, 20)
    due_on = day + timedelta(days=left)
    assert (terms.term(due_on, day, PLACE), terms.term_words(due_on, day)) == (expected, words)


# --- working days ---------------------------------------------------------------------------------------

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

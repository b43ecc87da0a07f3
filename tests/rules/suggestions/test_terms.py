"""Terms of transfers: settings of a place, due days, the days for returning one, how one stands."""

from datetime import date, timedelta

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.suggestions import terms
from votes.rules.suggestions.terms import MatterSettings, Term
from votes.rules.suggestions.working_days import Calendar

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

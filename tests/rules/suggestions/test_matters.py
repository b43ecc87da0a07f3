"""From suggestions to candidates: terms in months and working days, what may be merged, outcomes."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.suggestions import matters, personal
from votes.rules.suggestions.matters import Calendar, MatterState, Outcome, Settings, Term

#: 国庆 2026 as a place would enter it: the first week of October off, the Saturday after worked.
OCTOBER = Calendar(frozenset(date(2026, 10, day) for day in range(1, 8)), frozenset({date(2026, 10, 10)}))
PLACE = Settings(calendar=OCTOBER)


# --- working days --------------------------------------------------------------------------------------


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
def test_working_days(day, count, calendar, last):
    assert matters.add_working_days(day, count, calendar) == last


days = st.dates(date(2026, 9, 1), date(2026, 11, 30))
calendars = st.builds(Calendar, st.frozensets(days, max_size=5), st.frozensets(days, max_size=5))


@given(days, st.integers(1, 40), calendars)
def test_working_days_are_counted_one_by_one(day, count, calendar):
    last = matters.add_working_days(day, count, calendar)
    between = [day + timedelta(days=i) for i in range(1, (last - day).days + 1)]
    assert sum(calendar.works(each) for each in between) == count
    assert calendar.works(last)


@pytest.mark.parametrize(
    ("text", "days", "wrong"),
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
def test_days_as_they_are_typed(text, days, wrong):
    assert matters.read_days(text) == (days, wrong)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Settings()),
        ({"matters": {"months": 2, "likeness": 55}}, Settings(months=2, likeness=55)),
        ({"matters": {"months": 0, "return_days": "7", "soon_days": 999, "x": 1}}, Settings()),
        ({"matters": "nonsense", "holidays": "2026-10-01"}, Settings()),
        (
            {"holidays": ["2026-10-01", "国庆"], "workdays": ["2026-10-10"]},
            Settings(calendar=Calendar(frozenset({date(2026, 10, 1)}), frozenset({date(2026, 10, 10)}))),
        ),
    ],
)
def test_settings_of_a_place(settings, expected):
    assert Settings.of(settings) == expected


# --- terms ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_on", "complex", "last"),
    [
        (date(2026, 11, 2), False, date(2027, 2, 2)),
        (date(2026, 11, 2), True, date(2027, 5, 2)),
        (date(2026, 11, 30), False, date(2027, 2, 28)),
        (date(2027, 11, 30), False, date(2028, 2, 29)),
        (date(2026, 8, 31), True, date(2027, 2, 28)),
        (date(2026, 12, 31), False, date(2027, 3, 31)),
    ],
)
def test_the_statutory_term(sent_on, complex, last):
    assert matters.latest_due(sent_on, complex=complex, settings=PLACE) == last


@pytest.mark.parametrize(
    ("due_on", "complex", "refused"),
    [
        (date(2026, 11, 1), False, "不能早于交办日期"),
        (date(2026, 11, 2), False, None),
        (date(2027, 2, 2), False, None),
        (date(2027, 2, 3), False, "确属复杂的"),
        (date(2027, 2, 3), True, None),
        (date(2027, 5, 3), True, "6 个月内答复，办理期限最迟为2027年5月2日。"),
    ],
)
def test_a_due_day_lies_within_the_term(due_on, complex, refused):
    def check():
        matters.check_due(due_on, date(2026, 11, 2), complex=complex, settings=PLACE)

    if refused is None:
        return check()
    with pytest.raises(RuleBroken, match=refused) as broken:
        check()
    assert (broken.value.field, broken.value.status) == ("due_on", 422)


@pytest.mark.parametrize(("day", "refused"), [(date(2026, 10, 15), False), (date(2026, 10, 16), True)])
def test_sending_back_ends_with_the_last_working_day(day, refused):
    if not refused:
        return matters.check_return(date(2026, 9, 30), day, PLACE)
    with pytest.raises(RuleBroken, match="本件最迟为2026年10月15日") as broken:
        matters.check_return(date(2026, 9, 30), day, PLACE)
    assert broken.value.code == "too_late"


@pytest.mark.parametrize(
    ("left", "found", "words"),
    [
        (-3, Term.OVER, "已逾期 3 天"),
        (0, Term.SOON, "今天到期"),
        (7, Term.SOON, "剩 7 天"),
        (8, Term.IN_TIME, "剩 8 天"),
    ],
)
def test_the_light_of_a_term(left, found, words):
    day = date(2026, 11, 20)
    due_on = day + timedelta(days=left)
    assert (matters.term(due_on, day, PLACE), matters.term_words(due_on, day)) == (found, words)


# --- merging and deciding ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (MatterState.OPEN, None),
        (MatterState.REPORTED, None),
        (MatterState.TRANSFERRED, "请先撤回交办"),
        (MatterState.DECIDED, "请先重新办理"),
    ],
)
def test_what_may_be_merged(state, refused):
    if refused is None:
        return matters.check_mergeable(state)
    with pytest.raises(RuleBroken, match=refused):
        matters.check_mergeable(state, "示例路灯")


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("reason", ["", "  ", "属上级事权。"])
def test_an_outcome_says_what_it_has_to(outcome, reason):
    if reason.strip() or outcome not in (Outcome.DECLINED, Outcome.OUT_OF_SCOPE):
        return matters.check_outcome(outcome, reason=reason, answer="")
    with pytest.raises(RuleBroken, match="写明理由") as broken:
        matters.check_outcome(outcome, reason=reason, answer="")
    assert broken.value.field == "reason"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("联系人13800000000，谢谢", "联系人（号码略），谢谢"),
        ("138 0000 0000、+86-13900000001", "（号码略）、（号码略）"),
        ("电话0971-8200000", "电话（号码略）"),
        ("身份证63010119900101123X", "身份证（号码略）"),
        ("修路 12 公里，投资 860.00 万元，2027 年完成", "修路 12 公里，投资 860.00 万元，2027 年完成"),
        ("水表编号 202613800000000123456", "水表编号 202613800000000123456"),
    ],
)
def test_numbers_of_people_are_left_out(text, left):
    assert personal.without_numbers(text) == left


@given(st.text(max_size=60))
def test_nothing_but_numbers_is_left_out(text):
    if not any(sign.isdigit() for sign in text):
        assert personal.without_numbers(text) == text

"""监督: how urgent a 督办件 is, its lifecycle, and what may be entered."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.supervision import supervision as rules
from votes.rules.supervision.supervision import RECTIFICATION, RectificationState, Settings, Slip

DAY = date(2027, 7, 8)
ISSUED = RectificationState.ISSUED


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        (-30, Slip.CLEAR),
        (-4, Slip.CLEAR),
        (-3, Slip.BLUE),
        (0, Slip.BLUE),  # the day itself is still in time
        (1, Slip.YELLOW),
        (6, Slip.YELLOW),
        (7, Slip.ORANGE),
        (14, Slip.ORANGE),
        (15, Slip.RED),
        (400, Slip.RED),
    ],
)
def test_slip_climbs_with_days_past_the_deadline(over, expected):
    """三明: 蓝提醒 → 橙警告 → 红, by the defaults of the place."""
    assert rules.slip(ISSUED, DAY - timedelta(days=over), DAY) == expected


def test_slip_by_settings_of_a_place_uses_its_days():
    place = Settings.of({"supervision": {"soon": 0, "orange": 2, "red": 4}})
    slips = [rules.slip(ISSUED, DAY - timedelta(days=over), DAY, place) for over in range(-1, 5)]
    assert slips == [Slip.CLEAR, Slip.BLUE, Slip.YELLOW, Slip.ORANGE, Slip.ORANGE, Slip.RED]
    assert Settings.of({}) == (15, 3, 7, 15)


@pytest.mark.parametrize("state", [s for s in RectificationState if s != ISSUED])
def test_slip_of_rectification_without_owed_answer_is_clear(state):
    assert rules.slip(state, DAY - timedelta(days=90), DAY) == Slip.CLEAR


@given(
    st.integers(-60, 60),
    st.integers(0, 10),
    st.integers(1, 20).flatmap(lambda orange: st.tuples(st.just(orange), st.integers(orange + 1, 40))),
)
def test_spans_of_slips_part_all_deadlines(over, soon, limits):
    """The spans of the five slips divide all deadlines among them, as `slip` does."""
    place = Settings(15, soon, *limits)
    due = DAY - timedelta(days=over)
    within = [
        each
        for each in Slip
        for first, last in [rules.span(each, DAY, place)]
        if (first is None or first <= due) and (last is None or due <= last)
    ]
    assert within == [rules.slip(ISSUED, due, DAY, place)]


@pytest.mark.parametrize("limits", [(7, 7), (8, 7), (0, 5)])
def test_settings_that_do_not_climb_are_refused(limits):
    with pytest.raises(RuleBroken, match="红色督办的天数应大于橙色警告的天数"):
        rules.check_settings(Settings(15, 3, *limits))


def test_rectification_closes_only_by_second_inspection():
    """From issued no way leads to closed but through an answer and a pass; only what is closed comes back."""
    state = ISSUED
    for action in ("answer", "fail", "answer", "pass", "reopen", "answer", "pass"):
        state = step(RECTIFICATION, state, action)
    assert state == RectificationState.CLOSED
    for state, action in (
        (ISSUED, "pass"),
        (RectificationState.ANSWERED, "cancel"),
        (RectificationState.CANCELLED, "reopen"),
    ):
        with pytest.raises(RuleBroken):
            step(RECTIFICATION, state, action)


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (lambda: rules.check_planned(" ", DAY, DAY), "theme"),
        (lambda: rules.check_planned("视察", DAY - timedelta(days=1), DAY), "planned_on"),
        (
            lambda: rules.check_held(DAY + timedelta(days=1), 3, "看了工地", starts_on=DAY, today=DAY),
            "held_on",
        ),
        (lambda: rules.check_held(DAY, 0, "看了工地", starts_on=DAY, today=DAY), "members"),
        (lambda: rules.check_held(DAY, 3, "  ", starts_on=DAY, today=DAY), "summary"),
        (lambda: rules.check_note("\n", 0), "text"),
        (lambda: rules.check_note("看了工地", 10), "files"),
        (lambda: rules.check_due(None, since=DAY, today=DAY), "due_on"),
        (
            lambda: rules.check_due(DAY - timedelta(days=1), since=DAY - timedelta(days=9), today=DAY),
            "due_on",
        ),
        (lambda: rules.check_recheck(DAY - timedelta(days=1), answered_on=DAY, today=DAY), "rechecked_on"),
        (lambda: rules.check_recheck(DAY + timedelta(days=1), answered_on=DAY, today=DAY), "rechecked_on"),
        (lambda: rules.check_words(" ", "reason", "请填写原因"), "reason"),
    ],
)
def test_check_of_impossible_value_names_its_field(check, field):
    with pytest.raises(RuleBroken) as caught:
        check()
    assert (caught.value.field, caught.value.status) == (field, 422)


def test_checks_accept_possible_values():
    rules.check_planned("视察", DAY, DAY)
    rules.check_held(DAY, 1, "看了工地", starts_on=DAY, today=DAY)
    rules.check_note("看了工地", 9)
    assert rules.check_due(DAY, since=DAY, today=DAY) == DAY
    rules.check_recheck(DAY, answered_on=DAY, today=DAY)
    assert rules.check_words(" 原因 ", "reason", "") == "原因"

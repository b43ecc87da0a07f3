"""When something owed is pointed out, and that each time is one."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from votes.rules.publication.reminders import key, step, when
from votes.rules.publication.tasks import Task

DUE = Task("report", 7, "示例公路：6月月报", date(2027, 7, 5), 1)


@pytest.mark.parametrize(
    ("days_over", "expected"),
    [(-4, None), (-3, -3), (-1, -3), (0, 0), (6, 0), (7, 7), (13, 7), (14, 14), (400, 399)],
)
def test_step_is_three_days_before_then_on_the_day_then_weekly(days_over, expected):
    assert step(days_over) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 7, 1), None),
        (date(2027, 7, 2), "report:7:2027-07-05:-3"),
        (date(2027, 7, 5), "report:7:2027-07-05:0"),
        (date(2027, 7, 12), "report:7:2027-07-05:7"),
    ],
)
def test_key_names_the_task_its_day_and_the_step(day, expected):
    assert key(DUE, day) == expected


@given(st.integers(-10, 400), st.integers(0, 30))
def test_key_changes_exactly_when_the_step_does(first, gap):
    one, two = (key(DUE, DUE.due_on + timedelta(days=d)) for d in (first, first + gap))
    assert (one == two) == (step(first) == step(first + gap))


@pytest.mark.parametrize(("days", "words"), [(-2, "还有 2 天"), (0, "今天到期"), (3, "已逾期 3 天")])
def test_when_says_the_term_in_words(days, words):
    assert when(DUE, DUE.due_on + timedelta(days=days)) == words

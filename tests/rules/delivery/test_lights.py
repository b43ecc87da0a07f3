from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from votes.rules.delivery.lights import (
    SCHEMES,
    THRESHOLDS,
    Light,
    LightSettings,
    funds_short,
    part_of_plan,
    plain,
)
from votes.rules.delivery.trackings import TrackingState, light

DONE, BASICALLY, UNFINISHED, SUSPENDED, TERMINATED = list(TrackingState)[1:]
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = Light


@pytest.mark.parametrize(
    ("planned", "actual", "expected"),
    [
        (70, 80, GREEN),
        (70, 70, GREEN),
        (70, 61, GREEN),  # 0–10 behind: within the margin of an estimate
        (Decimal("69.9"), 60, GREEN),
        (70, 60, YELLOW),  # exactly 10: 银川, both ends included
        (Decimal("70.1"), 60, YELLOW),
        (70, 41, YELLOW),
        (70, 40, YELLOW),  # exactly 30
        (Decimal("70.1"), 40, RED),
        (70, 39, RED),
        (0, 0, GREEN),
        (100, 100, GREEN),  # at 100 % but not yet accepted
        (100, 0, RED),
    ],
)
def test_light_follows_from_the_points_behind(planned, actual, expected):
    assert light(planned, actual) == expected


@pytest.mark.parametrize(
    ("planned", "actual", "expected"), [(50, 46, GREEN), (50, 45, YELLOW), (50, 30, YELLOW), (50, 29, RED)]
)
def test_light_follows_the_thresholds_of_the_body(planned, actual, expected):
    assert light(planned, actual, settings=LightSettings(behind=5, severe=20)) == expected


@pytest.mark.parametrize(("idle", "expected"), [(0, GREEN), (1, YELLOW), (2, YELLOW), (3, RED), (9, RED)])
def test_light_not_begun_is_yellow_and_red_after_three_months(idle, expected):
    assert light(2, 0, idle=idle) == expected


@pytest.mark.parametrize("settings", [LightSettings(), LightSettings(scheme="five")])
@pytest.mark.parametrize(("actual", "expected"), [(100, GREEN), (99, YELLOW), (91, YELLOW), (10, RED)])
def test_light_after_the_limit_is_not_green_below_100(actual, expected, settings):
    assert light(100, actual, over=True, settings=settings) == expected


@pytest.mark.parametrize(
    ("state", "actual", "expected"),
    [
        (DONE, 100, BLUE),
        (BASICALLY, 98, YELLOW),
        (UNFINISHED, 95, RED),
        (UNFINISHED, 10, RED),
        (SUSPENDED, 5, GREY),
        (TERMINATED, 0, GREY),
    ],
)
def test_light_at_the_end_follows_from_the_state(state, actual, expected):
    assert light(100, actual, state=state, idle=5) == expected


def test_settings_are_those_of_the_body_or_defaults():
    assert LightSettings.of({}) == LightSettings(
        behind=10, severe=30, due_day=5, scheme="three", red=30, funds_month=0
    )
    given = {"lights": {"behind": 5, "severe": 20}, "report_due_day": 8}
    assert LightSettings.of(given) == LightSettings(behind=5, severe=20, due_day=8)
    five = {"lights": {"scheme": "five", "orange": 50, "funds_month": 6}}
    assert LightSettings.of(five) == LightSettings(scheme="five", orange=50, funds_month=6)
    assert LightSettings.of({"lights": {"scheme": "seven"}}).scheme == "three"


FIVE = LightSettings(scheme="five")


@pytest.mark.parametrize(
    ("planned", "actual", "expected"),
    [
        (100, 30, ORANGE),  # exactly 30 per cent of the plan is no longer red (大足: 不到 30%)
        (100, 29, RED),
        (50, 14, RED),
        (50, 30, YELLOW),  # exactly 60 per cent
        (100, 59, ORANGE),
        (100, 79, YELLOW),
        (100, 80, GREEN),
        (50, 60, GREEN),  # ahead
        (Decimal("33.3"), 10, ORANGE),  # 30.03, shown and compared as 30.0
        (9, 0, GREEN),  # too early for parts to say anything
        (10, 2, RED),
        (0, 0, GREEN),
    ],
)
def test_five_colours_follow_from_the_part_of_the_plan(planned, actual, expected):
    assert light(planned, actual, settings=FIVE) == expected


@pytest.mark.parametrize(("idle", "expected"), [(1, YELLOW), (3, RED)])
def test_five_colours_not_begun_is_yellow_then_red(idle, expected):
    assert light(5, 0, idle=idle, settings=FIVE) == expected


@given(st.integers(10, 100), st.integers(0, 99))
def test_light_never_worsens_with_more_progress(planned, actual):
    order = [RED, ORANGE, YELLOW, GREEN]
    for settings in (FIVE, LightSettings()):
        less, more = (order.index(light(planned, each, settings=settings)) for each in (actual, actual + 1))
        assert less <= more


def test_part_of_plan_is_rounded_as_it_is_shown():
    assert [part_of_plan(3, 1), part_of_plan(Decimal("66.7"), 40)] == [Decimal("33.3"), Decimal("60.0")]


FUNDS = LightSettings(funds_month=6, funds=70)


@pytest.mark.parametrize(
    ("paid", "as_of", "settings", "short"),
    [
        ("69.9", date(2027, 6, 30), FUNDS, True),
        ("70.0", date(2027, 6, 30), FUNDS, False),
        ("80.8", date(2027, 6, 30), FUNDS, False),  # 黄山
        ("10.0", date(2027, 6, 29), FUNDS, False),  # not yet looked at
        ("10.0", date(2027, 12, 31), FUNDS, True),
        ("10.0", date(2027, 12, 31), LightSettings(), False),  # the rule is off
        (None, date(2027, 12, 31), FUNDS, False),  # nothing was to be paid
    ],
)
def test_funds_short_compares_from_the_month_on(paid, as_of, settings, short):
    assert funds_short(paid and Decimal(paid), as_of, settings) == short


@pytest.mark.parametrize(("value", "words"), [("70.0", "70"), ("69.5", "69.5"), ("0", "0"), ("100", "100")])
def test_plain_drops_a_zero_decimal(value, words):
    assert plain(Decimal(value)) == words


# --- the table of schemes --------------------------------------------------------------------------------


def test_thresholds_of_all_schemes_are_settings_with_a_default_in_bounds():
    assert len({each.name for each in THRESHOLDS}) == len(THRESHOLDS)
    defaults = LightSettings()._asdict()
    for each in THRESHOLDS:
        assert each.least <= defaults[each.name] <= each.most, each.name


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_scheme_explained_names_every_threshold_and_each_light_it_gives(scheme):
    numbers = {each.name: 37 + place for place, each in enumerate(scheme.thresholds)}
    explained = scheme.explained(LightSettings(**numbers))
    for number in numbers.values():
        assert any(str(number) in words for _, words in explained), number
    given = {
        scheme.light(Decimal(planned), actual, LightSettings())
        for planned in range(101)
        for actual in range(101)
    }
    assert {shown for shown, _ in explained} == given


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_scheme_thresholds_that_do_not_increase_are_refused_at_the_last(scheme):
    numbers = LightSettings()._asdict()
    assert scheme.fault(numbers) is None
    for before, last in pairwise(scheme.rising[-2:]):
        for value in (numbers[before], numbers[before] - 1):
            assert scheme.fault({**numbers, last: value}) == (last, scheme.refusal)

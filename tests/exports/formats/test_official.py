"""Percentages and names as official documents write them."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, strategies as st

from tests.exports.voting.test_documents import SESSION
from votes.exports.formats.official import full_session, percent


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        # 沾益 2019, of 28
        *((25, 28, "89.29%"), (26, 28, "92.86%"), (20, 28, "71.43%"), (8, 28, "28.57%"), (7, 28, "25.00%")),
        *((1, 28, "3.57%"), (23, 28, "82.14%"), (5, 28, "17.86%")),
        (281, 282, "99.65%"),
        (1, 800, "0.13%"),  # 0.125: half up, where float formatting says 0.12
        (0, 5, "0.00%"),
        (5, 5, "100.00%"),
        (0, 0, "—"),
    ],
)
def test_rates(part, whole, shown):
    assert percent(part, whole) == shown


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_rates_are_rounded_half_up(part, whole):
    exact = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert percent(part, whole) == f"{exact}%"


@pytest.mark.parametrize(
    ("body", "session", "full"),
    [
        ("示例县人民代表大会", "第十八届人民代表大会第五次会议", SESSION),
        ("示例县人民代表大会", SESSION, SESSION),
        ("示例县人民代表大会常务委员会", "第三十次会议", "示例县第三十次会议"),
    ],
)
def test_sessions_are_named_after_the_place(body, session, full):
    assert full_session(body, session) == full

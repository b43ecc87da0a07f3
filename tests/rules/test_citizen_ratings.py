"""What is conspicuous about citizens' ratings."""

from datetime import date

import pytest

from votes.rules.citizen_ratings import PEAK, TIMES, Crowd, crowds

A, B, C = date(2027, 8, 2), date(2027, 8, 3), date(2027, 8, 4)


@pytest.mark.parametrize(
    ("by_day", "networks", "found"),
    [
        ({}, {}, []),
        ({A: PEAK - 1}, {}, []),
        ({A: PEAK}, {}, [Crowd(A, PEAK, 0)]),  # all of them in one day
        ({A: PEAK, B: PEAK // TIMES}, {}, [Crowd(A, PEAK, 0)]),  # exactly so many times the others'
        ({A: PEAK, B: PEAK // TIMES + 1}, {}, []),
        ({A: PEAK, B: PEAK, C: PEAK}, {}, []),  # a lively project
        ({A: 11, B: 12}, {A: 11, B: 12}, [Crowd(B, 12, 12), Crowd(A, 11, 11)]),
    ],
)
def test_conspicuous_days(by_day, networks, found):
    assert crowds(by_day, networks) == found

"""The satisfaction with a year's projects together."""

from types import SimpleNamespace

import pytest

from votes.rules.supervision.ratings import Overall, overall


@pytest.mark.parametrize(
    ("marks", "returned", "expected", "favourable"),
    [
        ([], 10, Overall(0, 0, 0), 0),
        ([(0, 0)], 0, Overall(0, 0, 0), 0),
        ([(5, 3), (4, 0)], 12, Overall(9, 3, 24), 12),  # every item of every ballot returned counts
    ],
)
def test_overall_divides_by_ballots_returned_times_projects(marks, returned, expected, favourable):
    rows = [SimpleNamespace(satisfied=satisfied, basically=basically) for satisfied, basically in marks]
    result = overall(rows, returned)
    assert (result, result.favourable) == (expected, favourable)

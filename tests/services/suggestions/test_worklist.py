"""The work list: which suggestions are on it, in which order, how many by category."""

import pytest

from tests.services.suggestions.samples import NOW, OFFICE, fill, opened, rows, suggest
from votes.db import everything
from votes.services.suggestions import suggestions, worklist

PREPARED = {"ids_only": fill}
pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({}, [2, 4, 5]),
        ({"year": 2026}, []),
        ({"category": "便民服务"}, [2]),
        ({"category": worklist.NO_CATEGORY}, [5]),
        ({"q": "路灯"}, [2]),
    ],
)
def test_search_lists_received_suggestions_by_category(ids, chosen, numbers):
    opened(ids[:1])
    suggestions.refuse(rows(ids)[2], "广告", by=OFFICE, now=NOW)
    suggest("学校操场", category="教育")
    suggest("其他", category="")
    assert sorted(row.number for row in everything(worklist.search(chosen))) == numbers


def test_counts_by_category_leave_the_category_aside(ids):
    suggest("其他", category="")
    assert worklist.counts({"year": 2027, "category": "教育"}) == {"便民服务": 3, "": 1}

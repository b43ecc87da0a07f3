"""Matters: lists, and what waits for the office."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.services.suggestions.samples import DAY, NOW, OFFICE, UNIT, fill, opened, sent, suggest
from votes.db import db, everything, page
from votes.models import Project
from votes.rules.suggestions.matters import MatterState, Outcome
from votes.services.suggestions import decisions, matters, transfers

PREPARED = {"ids_only": fill}
LATER = date(2026, 12, 1)


def test_to_do_counts_in_one_statement(world, ids_only):
    with world.work():
        assert matters.to_do() == (2027, 3, None, 0)
        matter = opened(ids_only[:1])
        transfers.answer(sent(matter, world), opinion="可。", proposal=Outcome.RESERVE, by=UNIT, now=NOW)
        suggest("去年的", year=2026)
    with world.work(), statements(world.database) as queries:
        assert matters.to_do() == (2027, 2, 2027, 1)
        assert len(queries) == 1
    with world.work("other"):
        assert matters.to_do() == (None, 0, None, 0)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("values", "day", "expected"),
    [
        ({}, LATER, [1, 2]),
        ({"state": MatterState.TRANSFERRED}, LATER, [1]),
        ({"outcome": Outcome.RESERVE}, LATER, [2]),
        ({"category": "便民服务", "q": "电梯"}, LATER, [2]),
        ({"q": "路灯 安全"}, LATER, [1]),
        ({"overdue": "1"}, LATER, [1]),
        ({"overdue": "1"}, DAY, []),
        ({"sort": "many"}, LATER, [1, 2]),
        ({"sort": "newest"}, LATER, [2, 1]),
        ({"year": 2026}, LATER, []),
        ({"department_id": 0 - 1}, LATER, []),
    ],
)
def test_search_narrows_and_sorts_matters(world, ids, values, day, expected):
    matter, other = opened(ids[:2]), opened(ids[2:])
    sent(matter, world, due_on=DAY + timedelta(days=5))
    decisions.decide(other, Outcome.RESERVE, by=OFFICE, now=NOW)
    query = matters.search({"year": 2027, **values}, day)
    assert [matter.number for matter in everything(query)] == expected
    assert page(query, 1)[1] == len(expected)
    assert db.session.scalar(select(Project.id)) is None

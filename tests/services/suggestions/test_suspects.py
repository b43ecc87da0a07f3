"""Suspects: possible duplicates among suggestions, matters and the 储备库."""

import pytest

from tests.counting import statements
from tests.services.suggestions.samples import NOW, OFFICE, TEXTS, fill, opened, rows, suggest
from votes.db import db
from votes.rules.suggestions.matters import Outcome
from votes.services.suggestions import decisions, suggestions, suspects

PREPARED = {"ids_only": fill}


@pytest.mark.sqlite
def test_suspects_are_only_similar_suggestions(ids):
    first, second, third = rows(ids)
    result = suspects.suspects([first, second, third], least=30)
    assert [[each.suggestion_id for each in result[row.id]] for row in (first, second, third)] == [
        [second.id],
        [first.id],
        [],
    ]
    assert result[first.id][0].percent == result[second.id][0].percent >= 60


@pytest.mark.sqlite
def test_suspects_include_matters_and_reserve_but_no_refused_ones(world, ids):
    first, second, third = rows(ids)
    matter = opened([second.id])
    suggestions.refuse(third, "广告", by=OFFICE, now=NOW)
    reserve = opened([suggest("山东头安装路灯", "安装太阳能路灯", year=2026).id])
    decisions.decide(reserve, Outcome.RESERVE, by=OFFICE, now=NOW)
    reserve.title, reserve.summary = TEXTS[0][0], TEXTS[0][1]
    db.session.flush()
    result = suspects.suspects_of(first, least=30)
    assert [(each.matter_id, each.reserve) for each in result] == [(reserve.id, True), (matter.id, False)]
    assert result[0].key == f"m{reserve.id}"


@pytest.mark.sqlite
def test_suspects_of_taken_up_matter_are_no_reserve(ids):
    old = opened([suggest(*TEXTS[1], year=2026).id])
    decisions.decide(old, Outcome.RESERVE, by=OFFICE, now=NOW)
    decisions.take_up(old, 2027, by=OFFICE, now=NOW)
    first = rows(ids)[0]
    result = suspects.suspects_of(first, least=30)
    assert {(each.key, each.reserve) for each in result} == {(f"m{old.id}", False), (f"s{ids[1]}", False)}


@pytest.mark.sqlite
def test_suspects_of_a_page_take_two_statements(world, ids_only):
    with world.work() as session:
        page = rows(ids_only)
        session.flush()
        with statements(world.database) as queries:
            suspects.suspects(page, least=30)
        assert len(queries) == 2

"""Suspects: possible duplicates among suggestions, matters and the 储备库."""

import pytest

from tests.counting import statements
from tests.services.suggestions.samples import NOW, OFFICE, TEXTS, fill, opened, rows, suggest
from votes.db import db
from votes.rules.suggestions.matters import Outcome
from votes.services.suggestions import decisions, suggestions, suspects

PREPARED = {"made": fill}


@pytest.mark.sqlite
def test_suspects_are_only_similar_suggestions(here):
    first, second, third = rows(here)
    found = suspects.suspects([first, second, third], least=30)
    assert [[each.suggestion_id for each in found[row.id]] for row in (first, second, third)] == [
        [second.id],
        [first.id],
        [],
    ]
    assert found[first.id][0].percent == found[second.id][0].percent >= 60


@pytest.mark.sqlite
def test_suspects_include_matters_and_reserve_but_no_refused_ones(world, here):
    first, second, third = rows(here)
    matter = opened([second.id])
    suggestions.refuse(third, "广告", by=OFFICE, now=NOW)
    kept = opened([suggest("山东头安装路灯", "安装太阳能路灯", year=2026).id])
    decisions.decide(kept, Outcome.RESERVE, by=OFFICE, now=NOW)
    kept.title, kept.summary = TEXTS[0][0], TEXTS[0][1]
    db.session.flush()
    found = suspects.suspects_of(first, least=30)
    assert [(each.matter_id, each.reserve) for each in found] == [(kept.id, True), (matter.id, False)]
    assert found[0].key == f"m{kept.id}"


@pytest.mark.sqlite
def test_suspects_of_taken_up_matter_are_no_reserve(here):
    old = opened([suggest(*TEXTS[1], year=2026).id])
    decisions.decide(old, Outcome.RESERVE, by=OFFICE, now=NOW)
    decisions.take_up(old, 2027, by=OFFICE, now=NOW)
    first = rows(here)[0]
    found = suspects.suspects_of(first, least=30)
    assert {(each.key, each.reserve) for each in found} == {(f"m{old.id}", False), (f"s{here[1]}", False)}


@pytest.mark.sqlite
def test_suspects_of_a_page_take_two_statements(world, made):
    with world.work() as session:
        page = rows(made)
        session.flush()
        with statements(world.database) as said:
            suspects.suspects(page, least=30)
        assert len(said) == 2

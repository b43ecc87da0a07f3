"""Likeness of suggestions in the words that citizens use. All places and texts are made up (示例)."""

import csv
from pathlib import Path

import pytest

from votes.rules.suggestions.terms import MatterSettings
from votes.services.suggestions.likeness import closest

PAIRS = Path(__file__).parents[2] / "data" / "suggestion_pairs.csv"


def likeness(one: str, other: str) -> int:
    """Return the likeness of two texts in per cent, as `closest` measures it."""
    return dict(closest(one, [other], least=0)).get(0, 0)


def judged() -> list[tuple[bool, bool, str, str]]:
    """Return for each pair of the table: duplicate or not, flagged or not, and both texts."""
    with PAIRS.open(encoding="utf-8") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    return [(same == "是", likeness(a, b) >= MatterSettings.likeness, a, b) for same, a, b in rows]


def test_likeness_of_judged_pairs_finds_duplicates_in_other_words():
    rows = judged()
    hits = sum(same and flagged for same, flagged, _, _ in rows)
    duplicates, flags = sum(same for same, *_ in rows), sum(flagged for _, flagged, _, _ in rows)
    missed = [(a, b) for same, flagged, a, b in rows if same and not flagged]
    assert (len(rows), duplicates) == (66, 36)
    assert hits / duplicates >= 0.95, missed
    assert hits / flags >= 0.8, [(a, b) for same, flagged, a, b in rows if flagged and not same]


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("东山村没有路灯", "东山村没有路灯", 100, 100),
        ("东山村没有路灯", "夜里黑漆漆的，请亮化", 50, 99),  # no pair in common
        ("东山村没有路灯", "西河村没有路灯", 1, 40),  # another village says so itself
        ("学校门口没有红绿灯", "学校门口没有停车位", 1, 29),  # the same place, quite another thing
        ("东山村没有路灯", "", 0, 0),
        ("建议", "希望", 0, 0),  # nothing but empty words
    ],
)
def test_likeness_depends_on_subjects_settings_and_places(one, other, low, high):
    assert low <= likeness(one, other) <= high
    assert likeness(one, other) == likeness(other, one)


def test_closest_returns_the_most_alike_first():
    texts = ["请装路灯", "请修公厕", "黑灯瞎火，出门摸黑", "东山村没有路灯，请装路灯", ""]
    result = closest("东山村没有路灯，请装路灯。", texts, least=30, limit=3)
    assert [position for position, _ in result] == [3, 0, 2]
    assert [percent for _, percent in result] == [
        likeness("东山村没有路灯，请装路灯。", texts[i]) for i in (3, 0, 2)
    ]
    assert closest("", texts, least=1) == []

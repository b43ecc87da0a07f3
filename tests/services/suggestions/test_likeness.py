"""Which suggestions may be the same, in the words that citizens use. All places and texts are made up (示例)."""

import csv
from pathlib import Path

import pytest

from votes.rules.suggestions.matters import Settings
from votes.services.suggestions.likeness import Pool, closest, likeness

PAIRS = Path(__file__).parents[2] / "data" / "suggestion_pairs.csv"


def judged() -> list[tuple[bool, bool, str, str]]:
    """(the same, pointed out, one, other) of each pair of the table."""
    with PAIRS.open(encoding="utf-8") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    return [(same == "是", likeness(a, b) >= Settings.likeness, a, b) for same, a, b in rows]


def test_the_same_is_pointed_out_in_other_words_and_most_of_what_is_pointed_out_is_the_same():
    rows = judged()
    found = sum(same and said for same, said, _, _ in rows)
    wanted, said = sum(same for same, *_ in rows), sum(said for _, said, _, _ in rows)
    missed = [(a, b) for same, said, a, b in rows if same and not said]
    assert (len(rows), wanted) == (66, 36)
    assert found / wanted >= 0.95, missed
    assert found / said >= 0.8, [(a, b) for same, said, a, b in rows if said and not same]


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("东山村没有路灯", "东山村没有路灯", 100, 100),
        ("东山村没有路灯", "夜里黑漆漆的，请亮化", 50, 99),  # no pair in common
        ("东山村没有路灯", "西河村没有路灯", 1, 40),  # another village says so itself
        ("学校门口没有红绿灯", "学校门口没有停车位", 1, 29),  # the same place, quite another thing
        ("东山村没有路灯", "", 0, 0),
        ("建议", "希望", 0, 0),  # nothing said
    ],
)
def test_likeness_knows_subjects_and_places(one, other, low, high):
    assert low <= likeness(one, other) <= high
    assert likeness(one, other) == likeness(other, one)


def test_the_likest_come_first_and_as_the_single_comparison_says():
    texts = ["请装路灯", "请修公厕", "黑灯瞎火，出门摸黑", "东山村没有路灯，请装路灯", ""]
    found = closest("东山村没有路灯，请装路灯。", texts, least=30, limit=3)
    assert [each.place for each in found] == [3, 0, 2]
    assert [each.percent for each in found] == [
        likeness("东山村没有路灯，请装路灯。", texts[i]) for i in (3, 0, 2)
    ]
    assert Pool(texts).closest("", least=1) == []

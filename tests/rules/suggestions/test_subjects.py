"""Subjects: what texts ask for, where, and which places they name."""

import pytest

from votes.rules.suggestions import subjects


@pytest.mark.parametrize(
    ("text", "names", "settings"),
    [
        ("村口没有路灯", {"路灯"}, set()),
        ("夜里黑漆漆的", {"路灯"}, set()),
        ("学校门口要画斑马线", {"红绿灯"}, {"学校"}),
        ("小区要装电梯，还要停车位", {"电梯", "停车"}, {"小区"}),
        ("祝大家身体好", set(), set()),
        ("", set(), set()),
    ],
)
def test_of_text_returns_subjects_and_settings(text, names, settings):
    assert subjects.of(text) == (names, settings)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("东山村和南岭社区之间的人民路", {"东山村", "南岭社区", "人民路"}),
        ("我们村的路", set()),
        ("", set()),
    ],
)
def test_places_are_those_with_a_name(text, places):
    assert subjects.places(text) == places


@pytest.mark.parametrize(
    ("one", "other", "elsewhere"),
    [
        ({"东山村"}, {"西河村"}, True),
        ({"东山村"}, {"东山村", "西河村"}, False),
        ({"东山村"}, {"人民路"}, False),
        (set(), {"东山村"}, False),
    ],
)
def test_elsewhere_needs_two_places_of_one_kind(one, other, elsewhere):
    assert subjects.elsewhere(frozenset(one), frozenset(other)) is elsewhere


@pytest.mark.parametrize("table", [subjects.SUBJECTS, subjects.SETTINGS])
def test_alternatives_together_are_the_pattern(table):
    for words in table.values():
        assert "|".join(subjects.ALTERNATIVE.findall(words)) == words

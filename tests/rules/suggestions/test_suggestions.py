"""Suggestions: titles, telephone numbers, faults, masks, the days of a season."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions
from votes.rules.suggestions.suggestions import (
    LONGEST,
    SUGGESTION,
    SuggestionState,
    check_season,
    faults,
    masked_name,
    masked_phone,
    tidy_phone,
    title_of,
)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("请修路。", "请修路"),
        ("请修路！快点！", "请修路"),
        ("　\n请修\n路", "请修"),
        ("村口 到  学校的路坏了。", "村口 到 学校的路坏了"),
        ("一" * 30, "一" * 30),
        ("一" * 31, "一" * 29 + "…"),
        (
            "村口的路坏了三年没有人来修过，下雨天孩子上学要绕行十几里地非常不方便",
            "村口的路坏了三年没有人来修过",
        ),
        ("好，" + "一" * 40, "好，" + "一" * 27 + "…"),
        ("。。。", "。。。"),
    ],
)
def test_title_of_returns_the_first_sentence_or_clauses(content, title):
    assert title_of(content) == title


@given(st.text(min_size=1, max_size=300))
def test_title_of_any_text_fits_its_column(content):
    assert len(title_of(content)) <= 30


@pytest.mark.parametrize(
    ("typed", "plain", "valid"),
    [
        ("138 0000 1234", "13800001234", True),
        ("+86 138-0000-1234", "13800001234", True),
        ("１３８００００１２３４", "13800001234", True),
        ("(0971) 824-1234", "09718241234", True),
        ("8241234", "8241234", True),
        ("", "", True),
        ("1380000123", "1380000123", False),
        ("张三", "张三", False),
        ("110", "110", False),
    ],
)
def test_tidy_phone_makes_valid_numbers_plain(typed, plain, valid):
    assert tidy_phone(typed) == plain
    assert ("phone" not in faults({"content": "请修村口的路", "phone": plain})) is valid


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"content": "请修村口的路"}, set()),
        ({"content": ""}, {"content"}),
        ({"content": "修路吧。"}, {"content"}),
        ({"content": "修" * LONGEST}, set()),
        ({"content": "修" * (LONGEST + 1)}, {"content"}),
        ({"content": "请修村口的路", "category": "教育"}, set()),
        ({"content": "请修村口的路", "category": "军事"}, {"category"}),
        ({"content": "请修村口的路", "title": "长" * 61, "place": "长" * 101, "name": "长" * 31},
         {"title", "place", "name"}),
    ],
)  # fmt: skip
def test_faults_name_each_faulty_field(values, fields):
    assert set(faults(values)) == fields


@pytest.mark.parametrize(
    ("name", "phone", "masked"),
    [
        ("示例某", "13800001234", ("示**", "138****1234")),
        ("示", "8241234", ("*", "*****34")),
        ("", "", ("", "")),
    ],
)
def test_masks_hide_names_and_numbers(name, phone, masked):
    assert (masked_name(name), masked_phone(phone)) == masked


@pytest.mark.parametrize(
    ("year", "opens", "closes", "field"),
    [
        (2027, date(2026, 9, 15), date(2026, 10, 31), None),
        (2027, date(2026, 9, 15), date(2026, 9, 15), None),
        (2027, date(2026, 9, 15), date(2026, 9, 14), "closes_on"),
        (2027, date(2025, 9, 15), date(2026, 9, 14), "opens_on"),
        (2027, date(2026, 1, 1), date(2027, 12, 31), "closes_on"),
        (1999, date(1999, 1, 1), date(1999, 2, 1), "year"),
    ],
)
def test_check_season_with_invalid_days_is_refused(year, opens, closes, field):
    if field is None:
        check_season(year, opens, closes)
    else:
        with pytest.raises(RuleBroken) as broken:
            check_season(year, opens, closes)
        assert broken.value.field == field


def test_filed_suggestion_can_only_be_unfiled():
    assert {state: actions(SUGGESTION, state) for state in SuggestionState} == {
        SuggestionState.RECEIVED: ["file", "refuse"],
        SuggestionState.FILED: ["unfile"],
        SuggestionState.REFUSED: ["restore"],
    }

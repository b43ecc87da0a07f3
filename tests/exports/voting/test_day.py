"""What the documents of the day share."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from tests.exports.voting.test_meeting_documents import BLANK, DAY, GROUPS
from votes.exports.voting import before_vote, lists
from votes.exports.voting.day import chinese_number
from votes.exports.voting.script import script
from votes.rules.people.organs import COUNTY


@given(st.integers(1, 99))
def test_chinese_numbers(number):
    figures = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
    tens, ten, ones = chinese_number(number).rpartition("十")
    read = (figures[tens] if tens else 1) * 10 if ten else 0
    assert read + (figures[ones] if ones else 0) == number


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("script", ["票决办法（SHA-256）"]),
        ("sample", ["票决办法（SHA-256）"]),
        ("signing_in", ["票决办法（SHA-256）", "名册（SHA-256）"]),
    ],
)
def test_once_opened_the_papers_of_the_hall_bear_the_digest_of_the_rule(name, labels):
    make = {
        "script": script,
        "signing_in": lambda day: lists.signing_in(day, GROUPS),
        "sample": lambda day: before_vote.sample(day, BLANK),
    }[name]
    assert make(DAY).foot == [], "before the opening the rule may still change"
    paper = make(replace(DAY, opened=True))
    assert [label for label, _ in paper.foot] == [*labels, "软件版本"]
    assert paper.foot[0][1] == "a" * 64


def test_the_organ_is_a_county_by_default():
    assert DAY.organ is COUNTY

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.voting.ballots import agree, check_marks, is_valid, normalise_marks

NUMBERS = range(1, 13)
CHOOSE = Rule(seats=10)
THREEWAY = Rule(seats=10, method="threeway")
FREE = Rule(seats=10, method="threeway", overvote="allow")
CONFIRM = Rule(seats=12, method="confirm")
RATING = Rule(seats=0, method="rating")


def approve(*numbers):
    return dict.fromkeys(numbers, "for")


@pytest.mark.parametrize(
    ("rule", "marks"),
    [
        (CHOOSE, {}),
        (CHOOSE, approve(3)),
        (CHOOSE, approve(*range(1, 11))),
        (CHOOSE, approve(1) | {2: "abstain"}),
        (THREEWAY, {1: "for", 2: "against", 3: "abstain"}),
        (THREEWAY, dict.fromkeys(NUMBERS, "against")),
        (FREE, approve(*NUMBERS)),
        (CONFIRM, approve(*NUMBERS)),
        (RATING, {1: "satisfied", 2: "basically", 12: "dissatisfied"}),
        (RATING, dict.fromkeys(NUMBERS, "satisfied")),
    ],
)
def test_what_a_phone_may_submit(rule, marks):
    check_marks(rule, NUMBERS, marks)
    assert is_valid(rule, marks)


@pytest.mark.parametrize(
    ("rule", "marks", "code", "message"),
    [
        (
            CHOOSE,
            approve(*range(1, 12)),
            "too_many",
            "您已选 11 项，最多可选 10 项。请取消 1 项后再提交，您的选择仍在。",
        ),
        (
            CHOOSE,
            approve(*NUMBERS),
            "too_many",
            "您已选 12 项，最多可选 10 项。请取消 2 项后再提交，您的选择仍在。",
        ),
        (
            THREEWAY,
            approve(*range(1, 12)),
            "too_many",
            "您已赞成 11 项，最多可赞成 10 项。请改选 1 项后再提交，您的选择仍在。",
        ),
        (
            CHOOSE,
            approve(13),
            "unknown_number",
            "票上没有第 13 项，没有提交任何内容。请刷新页面后重新选择。",
        ),
        (
            CHOOSE,
            approve(0, 1, 99),
            "unknown_number",
            "票上没有第 0、99 项，没有提交任何内容。请刷新页面后重新选择。",
        ),
        (
            CHOOSE,
            {4: "against"},
            "unknown_mark",
            "第 4 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。",
        ),
        (
            THREEWAY,
            {4: "yes"},
            "unknown_mark",
            "第 4 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。",
        ),
        (
            THREEWAY,
            {4: ""},
            "unknown_mark",
            "第 4 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。",
        ),
        (
            RATING,
            {4: "for"},
            "unknown_mark",
            "第 4 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。",
        ),
        (
            CONFIRM,
            {4: "satisfied"},
            "unknown_mark",
            "第 4 项的选择无法识别，没有提交任何内容。请刷新页面后重新选择。",
        ),
    ],
)
def test_what_a_phone_may_not_submit_each_in_its_own_words(rule, marks, code, message):
    with pytest.raises(RuleBroken) as refusal:
        check_marks(rule, NUMBERS, marks)
    assert (refusal.value.code, refusal.value.message) == (code, message)
    assert (refusal.value.field, refusal.value.status) == ("marks", 422)


words = st.sampled_from(["for", "against", "abstain", "satisfied", "basically", "dissatisfied", "", "maybe"])


@given(
    st.sampled_from(
        [CHOOSE, THREEWAY, FREE, CONFIRM, RATING, Rule(seats=1), Rule(seats=2, method="threeway")]
    ),
    st.dictionaries(st.integers(0, 14), words) | st.dictionaries(st.integers(1, 12), st.just("for")),
)
def test_whatever_a_phone_may_submit_is_valid_and_stays_so_when_written_down(rule, marks):
    try:
        check_marks(rule, NUMBERS, marks)
    except RuleBroken:
        return
    written = normalise_marks(rule, NUMBERS, marks)
    assert is_valid(rule, marks)
    assert is_valid(rule, written)
    assert agree(marks, written) == []
    assert list(written) == sorted(written)
    assert "abstain" not in written.values()
    assert normalise_marks(rule, NUMBERS, written) == written


@pytest.mark.parametrize(
    ("rule", "marks", "written"),
    [
        (CHOOSE, {3: "for", 1: "for", 2: "abstain"}, {1: "for", 3: "for"}),
        (THREEWAY, {2: "against", 1: "abstain"}, {2: "against"}),
        (RATING, {2: "dissatisfied", 1: "satisfied"}, {1: "satisfied", 2: "dissatisfied"}),
        (CHOOSE, approve(*NUMBERS), approve(*NUMBERS)),
        (CHOOSE, {}, {}),
    ],
)
def test_marks_are_written_down_one_way(rule, marks, written):
    assert list(normalise_marks(rule, NUMBERS, marks).items()) == list(written.items())


@pytest.mark.parametrize("marks", [{13: "for"}, {1: "maybe"}])
def test_what_is_no_mark_is_not_written_down(marks):
    with pytest.raises(RuleBroken):
        normalise_marks(CHOOSE, NUMBERS, marks)


@pytest.mark.parametrize(
    ("rule", "marks", "spoilt", "valid"),
    [
        (CHOOSE, approve(*range(1, 11)), False, True),
        (CHOOSE, approve(*range(1, 12)), False, False),
        (CHOOSE, {}, False, True),
        (CHOOSE, {}, True, False),
        (CHOOSE, approve(1), True, False),
        (THREEWAY, approve(*range(1, 11)) | {11: "against", 12: "against"}, False, True),
        (THREEWAY, approve(*range(1, 12)), False, False),
        (FREE, approve(*NUMBERS), False, True),
        (FREE, {}, True, False),
        (RATING, dict.fromkeys(NUMBERS, "satisfied"), False, True),
        (RATING, {}, False, True),
        (RATING, {}, True, False),
        (Rule(seats=1), approve(1), False, True),
        (Rule(seats=1), approve(1, 2), False, False),
    ],
)
def test_valid_and_invalid_ballots(rule, marks, spoilt, valid):
    assert is_valid(rule, marks, spoilt) is valid


@pytest.mark.parametrize(
    ("first", "second", "spoilt", "differing"),
    [
        ({}, {}, (False, False), []),
        (approve(1, 2), approve(2, 1), (False, False), []),
        (approve(1, 2), approve(1), (False, False), [2]),
        (approve(9, 1), approve(10, 1), (False, False), [9, 10]),
        ({1: "for"}, {1: "against"}, (False, False), [1]),
        ({1: "abstain"}, {}, (False, False), []),
        ({1: "abstain"}, {1: "against"}, (False, False), [1]),
        ({}, {}, (True, False), [0]),
        (approve(1), {}, (False, True), [0]),
        ({}, {}, (True, True), []),
    ],
)
def test_two_entries_of_the_same_paper(first, second, spoilt, differing):
    assert agree(first, second, spoilt_a=spoilt[0], spoilt_b=spoilt[1]) == differing
    assert agree(second, first, spoilt_a=spoilt[1], spoilt_b=spoilt[0]) == differing

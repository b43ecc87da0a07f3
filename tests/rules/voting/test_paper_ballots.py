"""What is keyed for one paper, and the arithmetic of boxes and stacks."""

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.rule import Rule
from votes.rules.voting.paper_ballots import (
    SPOILT,
    Pair,
    Reading,
    Reconciliation,
    in_words,
    pile_too_small,
    read_line,
    unsettled,
)
from votes.rules.voting.reconciliation import box_complaints
from votes.rules.voting.result import BoxTotal, CastBallot, TurnoutFigures
from votes.rules.voting.tally import count

CHOOSE, THREEWAY = Rule(seats=3), Rule(seats=3, method="threeway")
RATING = Rule(seats=0, method="rating")
NUMBERS = [1, 2, 3, 4, 12]
S, B, D = "satisfied", "basically", "dissatisfied"


def marks(words, *numbers):
    return dict.fromkeys(numbers, words)


@pytest.mark.parametrize(
    ("rule", "typed", "read"),
    [
        (CHOOSE, "1 3 12", marks("for", 1, 3, 12)),
        (CHOOSE, "12 1", marks("for", 1, 12)),
        (CHOOSE, "　１、３，４ ", marks("for", 1, 3, 4)),
        (CHOOSE, "1 2 3 4", marks("for", 1, 2, 3, 4)),  # too many: written down as marked
        (CHOOSE, "0", {}),
        (THREEWAY, "1 -3 4", {1: "for", 3: "against", 4: "for"}),
        (THREEWAY, "-3", {3: "against"}),
        (THREEWAY, "*", marks("for", *NUMBERS)),
        (THREEWAY, "* -3", {**marks("for", *NUMBERS), 3: "against"}),
        (THREEWAY, "0", {}),
        *[(CHOOSE, sign.join(("1", "3", "12")), marks("for", 1, 3, 12)) for sign in ".+,，、*/＋．"],
        *[(THREEWAY, sign.join(("1", "-3", "4")), {1: "for", 3: "against", 4: "for"}) for sign in ".+,*/"],
        (THREEWAY, "*-3.-12", {**marks("for", *NUMBERS), 3: "against", 12: "against"}),
        (RATING, "1+2+3+0+1", {1: S, 2: B, 3: D, 12: S}),
        (RATING, "*3.2+12.0", {1: S, 2: S, 3: B, 4: S}),
        (RATING, "1 2 3 0 1", {1: S, 2: B, 3: D, 12: S}),
        (RATING, "12301", {1: S, 2: B, 3: D, 12: S}),
        (RATING, "*", marks(S, *NUMBERS)),
        (RATING, "* 3.2 12.0", {1: S, 2: S, 3: B, 4: S}),
        (RATING, "3.2 4.3", {3: B, 4: D}),
        (RATING, "0", {}),
    ],
)
def test_a_line_is_read(rule, typed, read):
    assert read_line(rule, NUMBERS, typed) == Reading(read)


@pytest.mark.parametrize(("figure", "reason"), SPOILT.items())
def test_a_spoilt_paper_has_a_reason(figure, reason):
    assert read_line(CHOOSE, NUMBERS, f"/{figure}") == Reading({}, True, reason)


@pytest.mark.parametrize(
    ("rule", "typed", "words"),
    [
        (CHOOSE, "", "空白票请输入 0"),
        (CHOOSE, "1 5", "票上没有第 5 项"),
        (CHOOSE, "1 1", "第 1 项输入了两次"),
        (CHOOSE, "-1", "没有反对一栏"),
        (CHOOSE, "*", "全部赞成"),
        (CHOOSE, "1 0", "空白票只输入 0"),
        (CHOOSE, "1 x", "“x”无法识别"),
        (CHOOSE, "1.", "无法识别"),
        (CHOOSE, "1++3", "无法识别"),
        (CHOOSE, "1+-3", "没有反对一栏"),
        (CHOOSE, "1.3.1", "第 1 项输入了两次"),
        (RATING, "1.1.2.3.1", "无法识别"),
        (RATING, "3*2", "无法识别"),
        (CHOOSE, "99999", "无法识别"),
        (CHOOSE, "11111", "票上没有第 11111 项"),
        (CHOOSE, "/", "废票请注明原因：/1 无法辨认"),
        (CHOOSE, "/9", "废票请注明原因"),
        (CHOOSE, "1 /1", "无法识别"),
        (THREEWAY, "3 -3", "第 3 项输入了两次"),
        (THREEWAY, "-0", "无法识别"),
        (THREEWAY, "1 *", "最前面"),
        (RATING, "1 2 3", "票上有 5 项，输入了 3 个等次"),
        (RATING, "1 2 3 4 1", "等次“4”无法识别"),
        (RATING, "* 7.1", "票上没有第 7 项"),
        (RATING, "* 3", "序号.等次"),
        (RATING, "* 3.1 3.2", "输入了两次"),
    ],
)
def test_a_line_that_says_nothing_is_refused(rule, typed, words):
    with pytest.raises(RuleBroken, match=words) as refusal:
        read_line(rule, NUMBERS, typed)
    assert (refusal.value.field, refusal.value.status) == ("typed", 422)


def typed_again(rule: Rule, reading: Reading) -> str:
    """Return the shortest line that says what was read."""
    if reading.spoilt:
        return f"/{next(figure for figure, word in SPOILT.items() if word == reading.reason)}"
    if not reading.marks:
        return "0"
    if rule.method == "rating":
        return " ".join(str(["", S, B, D].index(reading.marks.get(no, ""))) for no in NUMBERS)
    return " ".join(f"{'-' if mark == 'against' else ''}{no}" for no, mark in sorted(reading.marks.items()))


@given(st.text(alphabet="0123456789 -+*./x、１", max_size=30), st.sampled_from([CHOOSE, THREEWAY, RATING]))
def test_whatever_is_typed_is_read_or_refused_in_words(typed, rule):
    try:
        read = read_line(rule, NUMBERS, typed)
    except RuleBroken:
        pass  # anything else would fail
    else:
        assert set(read.marks) <= set(NUMBERS)
        assert read_line(rule, NUMBERS, typed_again(rule, read)) == read


@pytest.mark.parametrize(
    ("rule", "reading", "words"),
    [
        (CHOOSE, Reading(marks("for", 1, 3)), "选 1、3（2 项）"),
        (CHOOSE, Reading({}), "空白票"),
        (CHOOSE, Reading({}, True, "无法辨认"), "废票：无法辨认"),
        (THREEWAY, Reading({1: "for", 2: "against"}), "赞成 1（1 项）；反对 2（1 项）"),
        (RATING, Reading(marks(S, *NUMBERS)), "满意 全部（5 项）"),
    ],
)
def test_a_reading_in_words(rule, reading, words):
    assert in_words(rule, NUMBERS, reading) == words


def pair(first, second, decided=None):
    return Pair(1, first, second, decided)


ONE, TWO, BAD = Reading({1: "for"}), Reading({2: "for"}), Reading({}, True, "无法辨认")
OTHER_BAD = Reading({}, True, "其他")


@pytest.mark.parametrize(
    ("paper", "differs", "settled"),
    [
        (pair(ONE, ONE), [], ONE),
        (pair(ONE, TWO), [1, 2], None),
        (pair(ONE, BAD), [0], None),
        (pair(BAD, OTHER_BAD), [], BAD),  # both call it spoilt: the reason is not what is counted
        (pair(ONE, TWO, TWO), [1, 2], TWO),
        (pair(BAD, BAD, ONE), [], ONE),
        (pair(Reading({}), Reading({1: "abstain"})), [], Reading({})),
    ],
)
def test_what_two_readings_settle(paper, differs, settled):
    assert (paper.differs, paper.settled) == (differs, settled)


def test_what_is_not_read_twice_is_unsettled():
    assert unsettled(5, [pair(ONE, ONE), pair(ONE, TWO), pair(ONE, TWO, ONE)]) == 3


@pytest.mark.parametrize(
    ("sums", "replaced", "complaints"),
    [
        (Reconciliation(20, 12, 7, 12), 1, 0),
        (Reconciliation(20, 12, None, None), None, 0),
        (Reconciliation(20, 12, 9, 12), -1, 1),
        (Reconciliation(20, 12, 8, 13), 0, 1),
        (Reconciliation(20, 12, 9, 13), -1, 2),
    ],
)
def test_papers_are_reconciled(sums, replaced, complaints):
    assert (sums.replaced, len(sums.complaints)) == (replaced, complaints)


@pytest.mark.parametrize(
    ("rule", "box", "complaints"),
    [
        (CHOOSE, BoxTotal(1, 4, 1, {1: {"for": 4}, 2: {"for": 4}, 3: {"for": 4}}), 0),
        (CHOOSE, BoxTotal(1, 4, 1, {1: {"for": 4}, 2: {"for": 4}, 3: {"for": 4}, 4: {"for": 1}}), 1),
        (CHOOSE, BoxTotal(1, 4, 1, {1: {"for": 5}}), 1),
        (CHOOSE, BoxTotal(1, 4, 1, {7: {"for": 1}}), 1),
        (CHOOSE, BoxTotal(1, 4, 1, {1: {"against": 1}}), 1),
        (CHOOSE, BoxTotal(1, -4, 1, {}), 1),
        (THREEWAY, BoxTotal(1, 4, 0, {1: {"for": 1, "against": 1, "abstain": 2}}), 0),
        (THREEWAY, BoxTotal(1, 4, 0, {1: {"for": 1, "against": 1, "abstain": 1}}), 1),
        (RATING, BoxTotal(1, 4, 0, {1: {S: 2, B: 1, D: 0, "void": 1}}), 0),
        (RATING, BoxTotal(1, 4, 0, {1: {S: 2, B: 1, D: 0, "void": 0}}), 1),
        (
            Rule(seats=1, method="threeway", overvote="allow"),
            BoxTotal(1, 1, 0, {1: {"for": 1}, 2: {"for": 1}}),
            0,
        ),
    ],
)
def test_sums_of_a_box(rule, box, complaints):
    assert len(box_complaints(rule, NUMBERS, box)) == complaints


@pytest.mark.parametrize(("issued", "void"), [(None, None), (2, None), (1, "returned_exceeds_issued")])
def test_a_paper_too_many_voids_the_round_whatever_the_phones(issued, void):
    """Three phones of ten and two papers are not more than were issued in all."""
    ballots = [CastBallot(f"C{n}", "phone" if n < 3 else "paper", {1: "for"}) for n in range(4)]
    boxes = [BoxTotal(1, 1, 0, {1: {"for": 1}})]
    turnout = TurnoutFigures(10, 10, 10, 5, issued)
    assert count(CHOOSE, turnout, NUMBERS, ballots, boxes).void == void


@pytest.mark.parametrize(
    ("paper", "said"),
    [
        ("none", []),
        ("keyed", ["两人分别录入", "由总监票人核定", "手机票、纸质票不足 20 张的，只公开回执码"]),
        ("totals", ["人工计票", "另一人核对", "手机票、纸质票或者一个票箱不足 20 张的，只公开回执码"]),
    ],
)
def test_the_printed_rule_says_how_paper_is_used(paper, said):
    words = "".join(key_points(Rule(seats=3, disclosure="ballots", publish="names+votes", paper=paper), 5))
    assert ("纸质票" in words) is bool(said)
    assert [each for each in said if each not in words] == []


@pytest.mark.parametrize(
    ("piles", "small", "refused"),
    [([2], 20, False), ([2, 0], 20, False), ([20, 20], 20, False), ([20, 19], 20, True), ([1, 1], 0, False), ([], 20, False)],
)  # fmt: skip
def test_few_papers_do_not_lie_by_themselves(piles, small, refused):
    assert pile_too_small(piles, small) == refused

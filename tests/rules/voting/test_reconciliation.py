"""What does not add up on counting sheets, published ones included."""

import pytest

from tests.rules.voting.boxes import full_house
from tests.rules.voting.test_tally import ratings
from votes.rules.meeting.rule import Rule
from votes.rules.voting.reconciliation import PublishedRating, reconcile, reconcile_rating
from votes.rules.voting.result import RatingCount, Result, TurnoutFigures, VoteCount

SHEET = Result(
    10, 0, (1,), (), 0, counts=(VoteCount(1, 9, 0, 1, "selected"), VoteCount(2, 1, 0, 9, "no_majority"))
)


@pytest.mark.parametrize(
    ("turnout", "result", "complaints"),
    [
        (TurnoutFigures(12, 11, 10, 10), SHEET, []),
        (TurnoutFigures(10, 11, 10, 10), SHEET, ["实到 11 人多于应到 10 人。"]),
        (TurnoutFigures(12, 9, 10, 10), SHEET, ["发出 10 张多于实到 9 人。"]),
        (
            TurnoutFigures(12, 11, 9, 10),
            SHEET,
            ["收回 10 张多于发出 9 张。"],
        ),
        (TurnoutFigures(12, 11, 11, 11), SHEET, ["收回 11 张，不等于有效 10 张与无效 0 张之和。"]),
        (
            full_house(10),
            Result(
                10,
                0,
                (1,),
                (),
                0,
                counts=(VoteCount(1, 8, 0, 1, "selected"), VoteCount(2, 0, 0, 10, "no_majority")),
            ),
            ["第 1 项赞成 8、反对 0、弃权 1，合计 9，与有效票 10 张不符。"],
        ),
        (
            full_house(10),
            Result(10, 0, (1,), (), 0, counts=(VoteCount(1, 11, 0, -1, "selected"),)),
            [
                "第 1 项赞成 11、反对 0、弃权 -1，合计 10，与有效票 10 张不符。",
                "赞成票共 11 票，超过有效票 10 张乘以应选 1 项的 10 票。",
            ],
        ),
        (
            full_house(10),
            Result(10, 0, (1, 2), (), -1, counts=SHEET.counts),
            ["确定 2 项，多于应选 1 项。"],
        ),
    ],
)
def test_a_sheet_that_does_not_add_up(turnout, result, complaints):
    assert reconcile(turnout, result, Rule(seats=1)) == complaints


def test_a_rating_sheet_is_reconciled_too():
    rule = Rule(seats=0, method="rating")
    good = Result(10, 0, (), (), 0, ratings=(RatingCount(1, 8, 1, 0, 1, "satisfied"),))
    bad = Result(10, 0, (), (), 0, ratings=(RatingCount(1, 8, 1, 0, 0, "satisfied"),))
    assert reconcile(full_house(10), good, rule) == []
    assert reconcile(full_house(10), bad, rule) == [
        "“第 1 项”满意 8、基本满意 1、不满意 0、无效 0，合计 9，与有效票 10 不符，相差 1。"
    ]


def test_the_misprinted_row_of_ninghai_is_refused_and_only_that():
    rows = ratings("ninghai_2020_ratings.csv")
    assert reconcile_rating(rows, 222) == [
        "“美丽乡村建设”满意 95、基本满意 27、不满意 0、无效 0，合计 122，与有效票 222 不符，相差 100。"
    ]
    assert reconcile_rating(rows[1:], 222) == []
    assert reconcile_rating([rows[0]._replace(satisfied=195), *rows[1:]], 222) == []


def test_a_negative_figure_is_refused():
    assert reconcile_rating([PublishedRating("示例项目", 11, -1, 0)], 10) == ["“示例项目”有负数，请核对。"]

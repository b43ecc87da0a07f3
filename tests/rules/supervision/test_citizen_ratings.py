"""Citizens' ratings: weeks, how long, conspicuous days, what a comment must not have."""

from datetime import date

import pytest

from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.suggestions import personal
from votes.rules.supervision import citizen_ratings
from votes.rules.supervision.citizen_ratings import PEAK, TIMES, Crowd, check_public, crowds

A, B, C = date(2027, 8, 2), date(2027, 8, 3), date(2027, 8, 4)


@pytest.mark.parametrize(
    ("by_day", "networks", "days"),
    [
        ({}, {}, []),
        ({A: PEAK - 1}, {}, []),
        ({A: PEAK}, {}, [Crowd(A, PEAK, 0)]),  # all of them in one day
        ({A: PEAK, B: PEAK // TIMES}, {}, [Crowd(A, PEAK, 0)]),  # exactly `TIMES` the other day
        ({A: PEAK, B: PEAK // TIMES + 1}, {}, []),
        ({A: PEAK, B: PEAK, C: PEAK}, {}, []),  # a busy project
        ({A: 11, B: 12}, {A: 11, B: 12}, [Crowd(B, 12, 12), Crowd(A, 11, 11)]),
    ],
)
def test_crowds_are_the_conspicuous_days_latest_first(by_day, networks, days):
    assert crowds(by_day, networks) == days


def test_check_public_of_possible_name_asks_to_check_the_words():
    check_public("路灯亮了。", "谢谢。", checked=False)
    check_public("李医生态度好。", "", checked=True)
    for comment, reply in (("李医生态度好。", ""), ("好。", "已转告张书记。")):
        with pytest.raises(RuleBroken, match="可能指明具体的人") as broken:
            check_public(comment, reply, checked=False)
        assert broken.value.field == "checked"
    with pytest.raises(RuleBroken, match="不能公开"):
        check_public("请回电 13800000000", "", checked=True)


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2027, 8, 9), date(2027, 8, 9)),
        (date(2027, 8, 15), date(2027, 8, 9)),
        (date(2027, 8, 16), date(2027, 8, 16)),
        (date(2028, 1, 1), date(2027, 12, 27)),
    ],
)
def test_week_over_the_new_year_begins_on_monday(day, monday):
    assert citizen_ratings.week_of(day) == monday


@pytest.mark.parametrize(
    ("state", "day", "is_open"),
    [
        (TrackingState.RUNNING, date(2027, 3, 1), True),
        (TrackingState.DONE, date(2028, 12, 31), True),
        (TrackingState.DONE, date(2029, 1, 1), False),
        (TrackingState.SUSPENDED, date(2027, 9, 1), True),
        (TrackingState.TERMINATED, date(2027, 9, 1), False),
    ],
)
def test_project_is_rated_until_the_end_of_the_next_year(state, day, is_open):
    assert citizen_ratings.is_open(state, 2027, day) is is_open


@pytest.mark.parametrize(("total", "few"), [(0, True), (9, True), (10, False)])
def test_rating_counts_below_ten_are_few(total, few):
    assert citizen_ratings.RatingCounts(total, 0, 0).few is few


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("请打 13800001234 联系", True),
        ("138-0000-1234", True),
        ("座机0971-1234567", True),
        ("身份证 11010119900101001X", True),
        ("2027年完成62公里，投资3260.00万元", False),
        ("编号 20270115001", False),
        ("", False),
    ],
)
def test_text_with_telephone_or_identity_number_has_numbers(text, names):
    assert personal.has_numbers(text) is names


def test_check_of_unknown_grade_or_long_comment_is_refused():
    citizen_ratings.check("basically", "字" * 500)
    for grade, comment, field in (
        ("", "", "grade"),
        ("great", "", "grade"),
        ("satisfied", "字" * 501, "comment"),
    ):
        with pytest.raises(RuleBroken) as caught:
            citizen_ratings.check(grade, comment)
        assert caught.value.field == field

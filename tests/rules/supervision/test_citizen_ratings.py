"""What is conspicuous about citizens' ratings."""

from datetime import date

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.supervision.citizen_ratings import PEAK, TIMES, Crowd, check_public, crowds

A, B, C = date(2027, 8, 2), date(2027, 8, 3), date(2027, 8, 4)


@pytest.mark.parametrize(
    ("by_day", "networks", "found"),
    [
        ({}, {}, []),
        ({A: PEAK - 1}, {}, []),
        ({A: PEAK}, {}, [Crowd(A, PEAK, 0)]),  # all of them in one day
        ({A: PEAK, B: PEAK // TIMES}, {}, [Crowd(A, PEAK, 0)]),  # exactly so many times the others'
        ({A: PEAK, B: PEAK // TIMES + 1}, {}, []),
        ({A: PEAK, B: PEAK, C: PEAK}, {}, []),  # a lively project
        ({A: 11, B: 12}, {A: 11, B: 12}, [Crowd(B, 12, 12), Crowd(A, 11, 11)]),
    ],
)
def test_conspicuous_days(by_day, networks, found):
    assert crowds(by_day, networks) == found


def test_what_may_name_somebody_is_published_once_somebody_has_checked():
    check_public("路灯亮了。", "谢谢。", checked=False)
    check_public("李医生态度好。", "", checked=True)
    for comment, reply in (("李医生态度好。", ""), ("好。", "已转告张书记。")):
        with pytest.raises(RuleBroken, match="可能指明具体的人") as broken:
            check_public(comment, reply, checked=False)
        assert broken.value.field == "checked"
    with pytest.raises(RuleBroken, match="不能公开"):
        check_public("请回电 13800000000", "", checked=True)

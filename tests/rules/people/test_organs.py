"""Kinds of organ: their words, and the quorum that each needs."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.meeting.key_points import key_points
from votes.rules.meeting.quorum import quorum_needed
from votes.rules.meeting.rounds import RoundState, check_open, quorum_met
from votes.rules.meeting.rule import Rule, check, quorum_of
from votes.rules.people.organs import COMMITTEE, COUNTY, ORGANS, STREET, TOWNSHIP, of
from votes.rules.people.roles import BodyKind
from votes.rules.voting.result import TurnoutFigures
from votes.rules.voting.tally import count


def rule_of(organ, **values):
    return Rule.from_dict({"seats": 8, **organ.defaults, **values})


def test_every_kind_of_body_is_an_organ():
    assert set(ORGANS) == set(BodyKind)
    assert of("committee") is of(BodyKind.COMMITTEE) is COMMITTEE


@pytest.mark.parametrize(
    ("organ", "roster", "needed"),
    [
        (COUNTY, 180, 120),
        (COUNTY, 181, 121),
        (TOWNSHIP, 45, 30),
        (TOWNSHIP, 1, 1),
        (STREET, 63, 42),
        (STREET, 64, 43),
        # more than half: exactly half is not enough
        (COMMITTEE, 34, 18),
        (COMMITTEE, 35, 18),
        (COMMITTEE, 29, 15),
        (COMMITTEE, 2, 2),
        (COMMITTEE, 1, 1),
        (COMMITTEE, 0, 1),
    ],
)
def test_how_many_must_be_there(organ, roster, needed):
    rule = rule_of(organ)
    assert quorum_of(rule, roster) == needed
    assert quorum_met(needed, roster, rule.quorum, rule.quorum_more)
    assert not quorum_met(needed - 1, roster, rule.quorum, rule.quorum_more)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 60), st.integers(0, 60), st.booleans())
def test_needed_is_the_least_number_that_meets_the_quorum(present, roster, n, rest, more):
    share = Fraction(n, n + rest)
    least = quorum_needed(roster, (n, n + rest), more)
    assert (least > roster * share) if more else (least >= roster * share)
    assert (least - 1 <= roster * share) if more else (least - 1 < roster * share)
    assert quorum_met(present, roster, (n, n + rest), more) == (present >= least)


READY = {
    "state": RoundState.DRAFT,
    "candidates": 10,
    "roster": 34,
    "zero_checked": True,
    "tellers": [(1, "chief"), (2, "teller")],
}


def test_a_committee_opens_with_more_than_half_and_not_with_half():
    rule = rule_of(COMMITTEE)
    with pytest.raises(RuleBroken, match="须实到 18 人以上，还差 1 人") as refusal:
        check_open(**READY, rule=rule, present=17, organ=COMMITTEE)
    assert refusal.value.code == "no_quorum"
    assert check_open(**READY, rule=rule, present=18, organ=COMMITTEE) == []


def test_the_count_of_a_meeting_of_exactly_half_is_void():
    rule = rule_of(COMMITTEE, seats=1)
    assert count(rule, TurnoutFigures(34, 17, 17, 0), [1, 2], []).void == "no_quorum"
    assert count(rule, TurnoutFigures(34, 18, 18, 0), [1, 2], []).void is None
    reached = Rule(seats=1, quorum=(1, 2))
    assert count(reached, TurnoutFigures(34, 17, 17, 0), [1, 2], []).void is None


@pytest.mark.parametrize(
    ("organ", "values", "warned"),
    [
        (COUNTY, {}, ""),
        (COUNTY, {"quorum": [3, 4]}, ""),
        (COUNTY, {"quorum": [1, 2]}, "法定人数低于全体代表的三分之二（地方组织法第十四条），请确认。"),
        (TOWNSHIP, {"quorum": [3, 5]}, "法定人数低于全体代表的三分之二（地方组织法第十四条），请确认。"),
        (COMMITTEE, {}, ""),
        (COMMITTEE, {"quorum": [2, 3], "quorum_more": False}, ""),
        (
            COMMITTEE,
            {"quorum_more": False},
            "法定人数没有达到常务委员会全体组成人员的过半数（地方组织法第五十一条），请确认。",
        ),
        (
            COMMITTEE,
            {"quorum": [1, 3]},
            "法定人数没有达到常务委员会全体组成人员的过半数（地方组织法第五十一条），请确认。",
        ),
        (STREET, {"quorum": [1, 2]}, ""),  # no statute, no warning
        (
            COMMITTEE,
            {"majority": "present"},
            "通过标准不是常务委员会全体组成人员的过半数（地方组织法第五十一条），请确认票决办法草案确实如此规定。",
        ),
        (
            STREET,
            {"majority": "present"},
            "通过标准不是全体议事代表的过半数，请确认票决办法草案确实如此规定。",
        ),
    ],
)
def test_what_falls_short_of_the_organs_own_law_is_warned_of(organ, values, warned):
    assert check(rule_of(organ, **values), 10, organ) == ([warned] if warned else [])


@pytest.mark.parametrize(
    ("organ", "values", "roster", "sentence"),
    [
        (
            COMMITTEE,
            {},
            34,
            "常务委员会全体组成人员的过半数出席，方可开始投票：应到 34 人，须实到 18 人以上（含本数）。",
        ),
        (COMMITTEE, {}, None, "常务委员会全体组成人员的过半数出席，方可开始投票。"),
        (
            COMMITTEE,
            {"quorum": [2, 3]},
            33,
            "超过常务委员会全体组成人员的三分之二出席，方可开始投票：应到 33 人，须实到 23 人以上（含本数）。",
        ),
        (
            STREET,
            {},
            63,
            "全体议事代表的三分之二以上出席，方可开始投票：应到 63 人，须实到 42 人以上（含本数）。",
        ),
        (
            COUNTY,
            {"quorum": [1, 2], "quorum_more": True},
            180,
            "全体代表的过半数出席，方可开始投票：应到 180 人，须实到 91 人以上（含本数）。",
        ),
        (COMMITTEE, {"tie": "presidium"}, 34, "应选名额边缘的项目赞成票相等、不能确定的，由主任会议决定。"),
        (STREET, {"tie": "presidium"}, 63, "应选名额边缘的项目赞成票相等、不能确定的，由人大街道工委决定。"),
        (STREET, {"checkin": "desk"}, 63, "议事代表在签到处签到；签到后方可领票、投票。"),
    ],
)
def test_the_key_points_speak_the_organs_words(organ, values, roster, sentence):
    assert sentence in key_points(rule_of(organ, **values), 10, roster, organ)


@pytest.mark.parametrize("organ", [COMMITTEE, STREET])
@pytest.mark.parametrize("method", ["choose", "threeway", "rating"])
def test_no_organ_speaks_of_a_presidium_or_members_that_it_has_not(organ, method):
    words = "".join(key_points(rule_of(organ, method=method, tie="presidium"), 10, 34, organ))
    assert "主席团" not in words
    assert "代表" not in words.replace("议事代表", "")
    assert organ.member in words


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("county", "各代表团的代表按代表证号签到，每位代表一票。"),
        ("committee", "各分组的组成人员按证号签到，每位组成人员一票。"),
        ("street", "各代表团的议事代表按代表证号签到，每位议事代表一票。"),
    ],
)
def test_an_organ_says_a_sentence_in_its_own_words(kind, said):
    assert of(kind).speak("各代表团的代表按代表证号签到，每位代表一票。") == said

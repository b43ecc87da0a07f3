import dataclasses
import json

import pytest
from hypothesis import given, strategies as st

from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import CHOICES, Rule, check


def test_rule_defaults_are_those_of_the_statutes():
    assert Rule(seats=10).to_dict() == {
        "method": "choose",
        "seats": 10,
        "quorum": [2, 3],
        "majority": "roster",
        "overvote": "void_ballot",
        "tie": "rerun",
        "shortfall": "vacant",
        "secret": True,
        "disclosure": "codes",
        "publish": "names",
        "checkin": "desk_or_hall_code",
        "small_body": 20,
        "marks": {"for": "○", "against": "×", "abstain": "空白"},
        "half": "satisfied",
    }


rules = st.builds(
    Rule,
    seats=st.integers(0, 40),
    quorum=st.tuples(st.integers(1, 9), st.integers(0, 9)).map(lambda pair: (pair[0], sum(pair))),
    small_body=st.integers(0, 50),
    marks=st.permutations(["○", "×", "√"]).map(
        lambda s: dict(zip(("for", "against", "abstain"), s, strict=True))
    ),
    **{name: st.sampled_from(allowed) for name, allowed in CHOICES.items()},
)


@given(rules)
def test_rule_read_back_from_json_is_the_same(rule):
    assert Rule.from_dict(json.loads(json.dumps(rule.to_dict()))) == rule


def test_rule_with_missing_keys_takes_the_defaults():
    assert Rule.from_dict({"seats": 10}) == Rule(seats=10)
    assert Rule.from_dict({"method": "rating"}) == Rule(seats=0, method="rating")


def test_rule_cannot_be_changed_once_made():
    signs = {"for": "√", "against": "×", "abstain": "○"}
    rule = Rule(seats=10, marks=signs)
    signs["for"] = "×"
    assert rule.marks["for"] == "√"
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.seats = 11


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ([], "rule", "bad_rule"),
        (None, "rule", "bad_rule"),
        ("choose", "rule", "bad_rule"),
        ({"seats": 10, "proxy": True}, "rule", "unknown_key"),
        ({}, "seats", "bad_rule"),
        ({"seats": "10"}, "seats", "bad_rule"),
        ({"seats": 10.0}, "seats", "bad_rule"),
        ({"seats": True}, "seats", "bad_rule"),
        ({"seats": None}, "seats", "bad_rule"),
        ({"seats": -1}, "seats", "bad_rule"),
        ({"seats": 10, "method": "rank"}, "method", "bad_rule"),
        ({"seats": 10, "method": ["choose"]}, "method", "bad_rule"),
        ({"seats": 10, "majority": "two thirds"}, "majority", "bad_rule"),
        ({"seats": 10, "overvote": "first"}, "overvote", "bad_rule"),
        ({"seats": 10, "tie": "number"}, "tie", "bad_rule"),
        ({"seats": 10, "shortfall": None}, "shortfall", "bad_rule"),
        ({"seats": 10, "disclosure": "names"}, "disclosure", "bad_rule"),
        ({"seats": 10, "publish": "votes"}, "publish", "bad_rule"),
        ({"seats": 10, "checkin": {}}, "checkin", "bad_rule"),
        ({"seats": 10, "half": "basically"}, "half", "bad_rule"),
        ({"seats": 10, "secret": False}, "secret", "bad_rule"),
        ({"seats": 10, "secret": 1}, "secret", "bad_rule"),
        ({"seats": 10, "small_body": "20"}, "small_body", "bad_rule"),
        ({"seats": 10, "quorum": "2/3"}, "quorum", "bad_rule"),
        ({"seats": 10, "quorum": [2]}, "quorum", "bad_rule"),
        ({"seats": 10, "quorum": [3, 2]}, "quorum", "bad_rule"),
        ({"seats": 10, "quorum": [0, 3]}, "quorum", "bad_rule"),
        ({"seats": 10, "quorum": [2, 3, 4]}, "quorum", "bad_rule"),
        ({"seats": 10, "quorum": [2.0, 3]}, "quorum", "bad_rule"),
        ({"seats": 10, "quorum": [0.67, 1]}, "quorum", "bad_rule"),
        ({"seats": 10, "marks": "○×"}, "marks", "bad_rule"),
        ({"seats": 10, "marks": {"for": "○"}}, "marks", "bad_rule"),
        ({"seats": 10, "marks": {"for": "○", "against": "○", "abstain": "空白"}}, "marks", "bad_rule"),
        ({"seats": 10, "marks": {"for": "○", "against": " ", "abstain": "空白"}}, "marks", "bad_rule"),
        ({"seats": 10, "marks": {"for": "○", "against": 1, "abstain": []}}, "marks", "bad_rule"),
    ],
)
def test_rule_with_a_wrong_value_is_refused_at_its_field(data, field, code):
    with pytest.raises(RuleBroken) as refusal:
        Rule.from_dict(data)
    assert (refusal.value.field, refusal.value.code, refusal.value.status) == (field, code, 422)


def test_rule_for_a_named_vote_is_refused_with_the_reason():
    with pytest.raises(RuleBroken) as refusal:
        Rule(seats=10, secret=False)
    assert (
        refusal.value.message
        == "票决办法的“无记名”须为“是”：本系统只办理无记名投票，票与代表之间不留任何联系，无法改为记名。"
    )


# --- check ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "candidates", "code"),
    [
        (Rule(seats=10), 0, "no_candidates"),
        (Rule(seats=0), 12, "bad_rule"),
        (Rule(seats=10), 10, "no_surplus"),
        (Rule(seats=10), 9, "no_surplus"),
        (Rule(seats=10, method="threeway"), 10, "no_surplus"),
        (Rule(seats=10, method="confirm"), 12, "not_equal"),
        (Rule(seats=10, method="confirm"), 9, "not_equal"),
        (Rule(seats=0, method="confirm"), 1, "bad_rule"),
        (Rule(seats=10, overvote="allow"), 12, "bad_rule"),
        (Rule(seats=10, method="confirm", overvote="allow"), 10, "bad_rule"),
        (Rule(seats=10, disclosure="ballots"), 12, "contradiction"),
        (Rule(seats=0, method="rating", disclosure="ballots"), 12, "contradiction"),
        (Rule(seats=0, method="rating"), 0, "no_candidates"),
    ],
)
def test_check_refuses_what_a_congress_cannot_decide(rule, candidates, code):
    with pytest.raises(RuleBroken) as refusal:
        check(rule, candidates)
    assert refusal.value.code == code


LOW, HIGH = "低于 10%，请确认是否合适。", "高于 50%，请确认是否合适。"


@pytest.mark.parametrize(
    ("seats", "candidates", "warnings"),
    [
        (10, 12, []),
        (10, 11, []),
        (10, 15, []),
        (2, 3, []),
        (11, 12, [f"差额比例为 9.09%，{LOW}"]),
        (24, 25, [f"差额比例为 4.17%，{LOW}"]),
        (10, 16, [f"差额比例为 60.00%，{HIGH}"]),
        (1, 2, [f"差额比例为 100.00%，{HIGH}"]),
        (3, 5, [f"差额比例为 66.67%，{HIGH}"]),
    ],
)
@pytest.mark.parametrize("method", ["choose", "threeway"])
def test_check_warns_of_an_unusual_surplus(method, seats, candidates, warnings):
    assert check(Rule(seats=seats, method=method), candidates) == warnings


@pytest.mark.parametrize(
    ("rule", "candidates"),
    [
        (Rule(seats=2, method="confirm"), 2),
        (Rule(seats=10, method="threeway", overvote="allow"), 12),
        (Rule(seats=10, disclosure="ballots", publish="names+votes"), 12),
        (Rule(seats=0, method="rating"), 10),
        (Rule(seats=0, method="rating", majority="none"), 1),
        (Rule(seats=10, quorum=(3, 4)), 12),
    ],
)
def test_check_of_the_usual_rules_has_no_warning(rule, candidates):
    assert check(rule, candidates) == []


def test_check_warns_of_departures_from_the_statute():
    assert check(Rule(seats=10, quorum=(1, 2), majority="present"), 12) == [
        "法定人数低于全体代表的三分之二（地方组织法第十四条），请确认。",
        "通过标准不是全体代表的过半数（地方组织法第二十五条），请确认票决办法草案确实如此规定。",
    ]

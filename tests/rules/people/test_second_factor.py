"""两步验证: who needs it, and which codes are good."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.people.second_factor import asked, check_opening, matching_step, needed_always


@pytest.mark.parametrize(
    ("role", "always", "is_asked"),
    [
        (Role.SYSADMIN, True, True),
        (Role.OFFICE, False, True),
        (Role.GOVERNMENT, False, False),
        (Role.DEPUTY, False, False),
    ],
)
def test_who_needs_a_second_factor(role, always, is_asked):
    assert (needed_always({role}), asked({role})) == (always, is_asked)


@pytest.mark.parametrize(
    ("by", "rehearsal", "demo", "opens"),
    [
        (Actor(user_id=1), False, False, False),
        (Actor(user_id=1, second_factor=True), False, False, True),
        (Actor(user_id=1), True, False, True),
        (Actor(user_id=1), False, True, True),
        (Actor(name="系统"), False, False, True),
    ],
)
def test_check_opening_formal_round_needs_a_second_factor(by, rehearsal, demo, opens):
    if opens:
        check_opening(by, rehearsal=rehearsal, demo=demo)
    else:
        with pytest.raises(RuleBroken, match="两步验证"):
            check_opening(by, rehearsal=rehearsal, demo=demo)


@pytest.mark.parametrize(
    ("typed", "last", "step"),
    [("100", 0, 100), ("99", 0, 99), ("101", 0, 101), ("98", 0, None), ("102", 0, None), ("100", 100, None),
     ("99", 100, None), ("101", 100, 101), ("", 0, None)],
)  # fmt: skip
def test_matching_step_accepts_neighbours_and_each_code_once(typed, last, step):
    assert matching_step(typed, code_at=str, step=100, last=last) == step

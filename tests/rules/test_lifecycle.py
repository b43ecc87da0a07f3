from enum import StrEnum

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import actions, declare, open_actions, step

DOOR = {"shut": {"open": "ajar", "lock": "locked"}, "ajar": {"shut": "shut"}, "locked": {}}


def test_a_row_of_the_table_leads_to_the_next_state():
    assert step(DOOR, "shut", "lock") == "locked"


@pytest.mark.parametrize(
    ("state", "action"), [("locked", "open"), ("ajar", "lock"), ("shut", "paint"), ("no state", "open")]
)
def test_what_is_not_in_the_table_is_refused_in_chinese(state, action):
    with pytest.raises(RuleBroken) as refusal:
        step(DOOR, state, action)
    assert refusal.value.code == "wrong_state"
    assert refusal.value.status == 409
    assert (
        refusal.value.message
        == "当前状态下不能进行这项操作，页面可能已经过时。没有作任何改动，请刷新页面，按最新状态办理。"
    )


@pytest.mark.parametrize(
    ("state", "expected"), [("shut", ["open", "lock"]), ("locked", []), ("no state", [])]
)
def test_the_actions_open_in_a_state(state, expected):
    assert actions(DOOR, state) == expected


class Lamp(StrEnum):
    OFF = "off"
    ON = "on"
    BROKEN = "broken"


declare({Lamp.OFF: {"switch": Lamp.ON}, Lamp.ON: {"switch": Lamp.OFF, "drop": Lamp.BROKEN}, Lamp.BROKEN: {}})


@pytest.mark.parametrize(
    ("state", "expected"), [("off", ["switch"]), ("on", ["switch", "drop"]), ("broken", [])]
)
def test_open_actions_follow_the_table_declared_for_the_enum(state, expected):
    assert open_actions(Lamp(state)) == expected

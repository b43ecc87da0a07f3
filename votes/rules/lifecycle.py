"""A lifecycle is a table: state → action → next state.

The same table draws the diagram in the docs and the buttons on the page.
"""

from collections.abc import Mapping
from typing import TypeVar

from votes.rules.errors import RuleBroken

State = TypeVar("State")


def step(table: Mapping[State, Mapping[str, State]], state: State, action: str) -> State:
    """Return the state that `action` leads to from `state`.

    Raises RuleBroken (code "wrong_state") when the table has no such row.
    """
    try:
        return table[state][action]
    except KeyError:
        raise RuleBroken(
            "当前状态下不能进行这项操作，页面可能已经过时。没有作任何改动，请刷新页面，按最新状态办理。",
            code="wrong_state",
        ) from None


def actions(table: Mapping[State, Mapping[str, State]], state: State) -> list[str]:
    """The actions open in `state`, in the order of the table; empty at the end of the life."""
    return list(table.get(state, {}))

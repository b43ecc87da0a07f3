"""A lifecycle is a table: state → action → next state.

The same table draws the diagram in the docs and the buttons on the page.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from votes.rules.errors import RuleBroken

State = TypeVar("State")

_TABLES: dict[type[Enum], Mapping[Any, Mapping[str, Any]]] = {}


def declare(table: Mapping[Any, Mapping[str, Any]]) -> None:
    """Make ``table`` the lifecycle of the enum that its states belong to; `open_actions` finds it by that enum."""
    _TABLES[type(next(iter(table)))] = table


def step(table: Mapping[State, Mapping[str, State]], state: State, action: str) -> State:
    """Return the state that ``action`` leads to from ``state``.

    Raises:
        RuleBroken: the table has no such row (code "wrong_state").
    """
    try:
        return table[state][action]
    except KeyError:
        raise RuleBroken(
            "当前状态下不能进行这项操作，页面可能已经过时。没有作任何改动，请刷新页面，按最新状态办理。",
            code="wrong_state",
        ) from None


def actions(table: Mapping[State, Mapping[str, State]], state: State) -> list[str]:
    """Return the actions open in ``state``, in the order of the table; none at the end of the life."""
    return list(table.get(state, {}))


def open_actions(state: Enum) -> list[str]:
    """Return the actions open in ``state``, by the lifecycle that is declared for its enum."""
    return actions(_TABLES[type(state)], state)

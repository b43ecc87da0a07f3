"""Whose rows a list shows; who may open which page is tried in tests/test_doors.py."""

import pytest

from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.people.roles import Role
from votes.rules.permissions import visible_unit


@pytest.mark.parametrize(
    ("roles", "department_id", "unit"),
    [
        ({Role.OFFICE}, None, None),
        ({Role.GOVERNMENT}, None, None),
        ({Role.LEADER}, None, None),
        ({Role.GOVERNMENT, Role.DEPARTMENT}, 5, None),
        ({Role.DEPARTMENT}, 5, 5),
        ({Role.DEPARTMENT}, None, 0),
        ({Role.SYSADMIN}, None, 0),
        ({Role.DEPUTY}, None, 0),
    ],
)
def test_visible_unit_by_role(roles, department_id, unit):
    assert visible_unit(Actor(roles=frozenset(roles), department_id=department_id)) == unit


def test_visible_unit_of_the_public_is_no_unit():
    assert visible_unit(PUBLIC) == 0

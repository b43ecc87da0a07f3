"""Roles, kinds and states: the words that the database and the settings of places have of them."""

import pytest

from votes.rules.people.organs import ORGANS
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState, Role, TellerRole
from votes.rules.people.roster import STATES
from votes.rules.projects.projects import GATES


def test_role_of_an_account_is_never_teller():
    assert not {role.value for role in Role} & {role.value for role in TellerRole}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (DeputyState, ["active", "suspended", "ended"]),
        (AttendanceState, ["present", "leave", "left"]),
        (TellerRole, ["chief", "teller"]),
    ],
)
def test_state_is_stored_as_its_word(members, words):
    assert [member.value for member in members] == words


def test_deputy_state_each_has_a_word_in_the_workbook():
    assert list(STATES.values()) == list(DeputyState)


def test_body_kind_each_has_an_organ_and_gates_of_known_roles():
    assert set(ORGANS) == set(BodyKind)
    assert set(GATES) == {kind.value for kind in BodyKind}
    assert {Role(gate.role) for gates in GATES.values() for gate in gates} == {Role.GOVERNMENT, Role.OFFICE}

"""Roles of an account: each combination that is refused, and the field it is refused at."""

import pytest

from votes.rules.errors import RuleBroken
from votes.rules.people.accounts import AccountValues, check_roles
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role

ADMINISTRATOR = Actor(roles=frozenset({Role.SYSADMIN}))
OFFICE = Actor(roles=frozenset({Role.OFFICE}), body_id=1, home_body_id=1)


def check(*roles, body_id=1, by=OFFICE, **belongs):
    check_roles(AccountValues(name="示例账号", roles=roles, body_id=body_id, **belongs), by=by)


@pytest.mark.parametrize(
    ("roles", "given", "field", "status"),
    [
        ((), {}, "roles", 422),
        ((Role.SYSADMIN, Role.OFFICE), {"by": ADMINISTRATOR}, "roles", 422),
        ((Role.SYSADMIN,), {"by": ADMINISTRATOR}, "roles", 422),
        ((Role.SYSADMIN,), {"body_id": None}, "roles", 403),
        ((Role.LEADER,), {"body_id": 2}, "body_id", 403),
        ((Role.LEADER,), {"body_id": None, "by": ADMINISTRATOR}, "body_id", 422),
        ((Role.OFFICE, Role.GOVERNMENT), {}, "roles", 422),
        ((Role.OFFICE, Role.DEPARTMENT), {"department_id": 5}, "roles", 422),
        ((Role.DEPARTMENT,), {}, "department_id", 422),
        ((Role.DEPUTY,), {}, "roles", 422),
    ],
)
def test_check_roles_refuses_at_the_field(roles, given, field, status):
    with pytest.raises(RuleBroken) as broken:
        check(*roles, **given)
    assert (broken.value.field, broken.value.status) == (field, status)


def test_check_roles_accepts_what_an_account_may_be():
    check(Role.OFFICE, Role.LEADER)
    check(Role.DEPARTMENT, Role.GOVERNMENT, department_id=5)
    check(Role.DEPUTY, Role.OFFICE, deputy_id=7)
    check(Role.SYSADMIN, body_id=None, by=ADMINISTRATOR)

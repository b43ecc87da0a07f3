"""The form of an account: what may be chosen, and what it makes of what is typed."""

import pytest

from votes.forms.people.accounts import UserForm
from votes.models import Body, User, UserRole
from votes.rules.people.accounts import AccountValues
from votes.rules.people.roles import Role

UNITS = [("", "（不属于责任单位）"), (5, "示例县教育局")]


def form(**options):
    return UserForm(**{"by_sysadmin": False, "bodies": [], "departments": UNITS, **options})


def test_user_form_offers_roles_by_who_opens_and_what_is_there(one_app):
    deputy = User(name="王示例", roles=[UserRole(role=Role.DEPUTY)])
    with one_app.test_request_context():
        given = [value for value, _ in form().roles.choices]
        assert given == ["office", "government", "department", "leader"]
        assert [value for value, _ in form(by_sysadmin=True).roles.choices] == ["sysadmin", *given]
        assert [value for value, _ in form(user=deputy).roles.choices] == [*given, "deputy"]


def test_user_form_asks_body_and_username_of_new_accounts_only(one_app):
    with one_app.test_request_context():
        new = form(bodies=[Body(id=1, name="示例县人民代表大会")])
        assert new.body_id.choices == [("", "系统（不属于任何一级人大）"), (1, "示例县人民代表大会")]
        known = form(user=User(name="王示例", phone="13800000000", roles=[]))
        assert (known.username, known.body_id) == (None, None)
        assert (known.name.data, known.phone.data) == ("王示例", "13800000000")


@pytest.mark.parametrize(("role", "unit"), [("department", 5), ("leader", None)])
def test_user_form_values_have_a_unit_only_with_its_role(one_app, role, unit):
    typed = {"username": "new", "name": "示例", "phone": "138 0000 1234", "roles": role, "department_id": "5"}
    with one_app.test_request_context(method="POST", data=typed):
        typed_form = form()
        assert typed_form.validate()
        assert typed_form.values(1) == AccountValues(
            name="示例", roles={Role(role)}, body_id=1, department_id=unit, phone="13800001234"
        )


def test_user_form_without_role_or_with_bad_phone_is_refused(one_app):
    with one_app.test_request_context(method="POST", data={"username": "new", "name": "示例", "phone": "12"}):
        typed = form()
        assert not typed.validate()
        assert set(typed.errors) == {"roles", "phone"}

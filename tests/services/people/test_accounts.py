"""Accounts: opened, changed, stopped, and what is refused."""

import pytest

from tests.factories import NOW
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.people.accounts import AccountValues
from votes.rules.people.roles import Role
from votes.services.people import accounts, passwords


@pytest.fixture
def office(scope, world):
    return world.actor("office")


def create(office, username="new", **values):
    given = {"name": "新账号", "roles": {Role.GOVERNMENT}, "body_id": office.body_id, **values}
    return accounts.create_user(username, AccountValues(**given), by=office, now=NOW)


def refusal(act, *args, **kwargs):
    with pytest.raises(RuleBroken) as broken:
        act(*args, **kwargs)
    return broken.value.field


def test_create_user_returns_a_password_that_matches(office):
    user, password = create(office, " New ")
    assert (user.username, user.must_change, len(password)) == ("new", True, 10)
    assert passwords.matches(user.password_hash, password)
    assert accounts.find_by_username("NEW ") is user


@pytest.mark.parametrize("username", ["", "two words", "x" * 61, "office.county"])
def test_create_user_refuses_a_username(office, username):
    assert refusal(create, office, username) == "username"


def test_create_user_refuses_a_unit_of_another_body(office, world):
    given = {"roles": {Role.DEPARTMENT}, "department_id": world.departments["other"]}
    assert refusal(create, office, **given) == "department_id"


def test_search_narrows_by_words_role_and_state(office):
    user, _ = create(office)
    assert list(db.session.scalars(accounts.search({"q": "新 账号", "role": Role.GOVERNMENT}))) == [user]
    accounts.set_active(user, False, by=office, now=NOW)
    assert list(db.session.scalars(accounts.search({"q": "new", "active": "yes"}))) == []


def test_change_password_signs_out_and_refuses_the_wrong_old_one(office):
    user, password = create(office)
    change = accounts.change_password
    assert refusal(change, user, old="wrong", new="shili2027", by=office, now=NOW) == "old"
    assert refusal(change, user, old=password, new=password, by=office, now=NOW) == "new"
    change(user, old=password, new="zwei Teiche 41", by=office, now=NOW)
    assert (user.must_change, user.login_serial) == (False, 1)


def test_set_active_refuses_ones_own_account(office):
    own = accounts.get_user(office.user_id)
    assert refusal(accounts.set_active, own, False, by=office, now=NOW) is None

"""Signing in: works, wrong password, locked after five, initial password changed, signed out everywhere."""

import pytest

from tests.factories import PASSWORD
from votes.db import db
from votes.models import User


def test_sign_in_leads_to_the_office_page(as_):
    browser = as_()
    page = browser.post("/sign-in", {"username": "office.county", "password": PASSWORD})
    assert page.status == 303
    assert browser.follow(page).title.startswith("工作台")


def test_sign_in_goes_on_to_the_page_that_was_requested(as_):
    page = as_().post("/sign-in?next=/office/", {"username": "office.county", "password": PASSWORD})
    assert page.location == "/office/"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "office"])
def test_sign_in_never_redirects_to_another_site(as_, target):
    page = as_().post("/sign-in", {"username": "office.county", "password": PASSWORD, "next": target})
    assert page.location == "/home"


@pytest.mark.parametrize("username", ["office.county", "nobody"])
def test_sign_in_with_a_wrong_password_keeps_the_name_only(as_, username):
    page = as_().post("/sign-in", {"username": username, "password": "wrong"})
    assert page.status == 422
    assert page.errors == ["用户名或密码不正确。"]
    assert page.value("username") == username


def test_sign_in_after_five_failures_refuses_the_right_password(as_):
    browser = as_()
    for _ in range(5):
        browser.post("/sign-in", {"username": "office.county", "password": "wrong"})
    page = browser.post("/sign-in", {"username": "office.county", "password": PASSWORD})
    assert page.status == 429
    assert "秒后再试" in page.words
    assert as_().post("/sign-in", {"username": "government.county", "password": PASSWORD}).status == 303


def test_sign_in_as_another_account_while_signed_in_works(as_):
    page = as_("office").post("/sign-in", {"username": "leader.county", "password": PASSWORD})
    assert page.status == 303


def test_initial_password_must_be_changed_first(as_, world):
    with world.work(None):
        db.session.get(User, world.user("office")).must_change = True
    browser = as_("office")
    assert browser.get("/office/").location == "/password"
    page = browser.post("/password", {"old": PASSWORD, "new": "Neues-wort-jq94", "again": "Neues-wort-jq94"})
    assert browser.follow(page).title.startswith("工作台")
    # elsewhere the account is signed out: its key carries the old serial
    assert as_("office").get("/office/").status == 302


@pytest.mark.parametrize(
    ("new", "again", "message"),
    [
        ("Neues-wort9", "Neues-wort9", "密码至少 12 位，现在是 11 位。"),
        ("zhangwei20270115", "zhangwei20270115", "这个密码容易被猜到"),
        ("x-office.county-1", "x-office.county-1", "密码中不能包含用户名。"),
        (PASSWORD, PASSWORD, "新密码不能与原密码相同。"),
        ("Neues-wort-jq94", "Neues-wort-jq95", "两次输入的新密码不一致"),
    ],
)
def test_password_form_refuses_weak_passwords(as_, new, again, message):
    page = as_("office").post("/password", {"old": PASSWORD, "new": new, "again": again})
    assert page.status == 422
    assert message in " ".join(page.errors)

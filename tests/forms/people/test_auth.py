"""The forms to sign in and to change the password."""

import pytest

from votes.forms.people.auth import PasswordForm, SignInForm


@pytest.mark.parametrize(
    ("refusal", "locked"),
    [
        (None, False),
        ("用户名或密码不正确。", False),
        ("连续多次输入有误，已暂停登录。请 10 分钟后再试。", True),
    ],
)
def test_sign_in_form_refused_by_the_throttle_is_locked(one_app, refusal, locked):
    with one_app.test_request_context():
        form = SignInForm()
        form.refusal = refusal
        assert form.locked == locked


@pytest.mark.parametrize(
    ("again", "errors"), [("shili2027", {}), ("shili2028", {"again": ["两次输入的新密码不一致"]})]
)
def test_password_form_compares_the_two_new_passwords(one_app, again, errors):
    typed = {"old": "示例", "new": "shili2027", "again": again}
    with one_app.test_request_context(method="POST", data=typed):
        form = PasswordForm()
        form.validate()
        assert form.errors == errors

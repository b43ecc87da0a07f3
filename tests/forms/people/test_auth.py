"""The forms to sign in and to change the password."""

import pytest

from votes.forms.people.auth import PasswordForm, SignInForm
from votes.rules.errors import RuleBroken


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (None, 200),
        (RuleBroken("用户名或密码不正确。", code="wrong_password", status=422), 422),
        (RuleBroken("请 3 分钟后再试。", code="locked", status=429), 429),
    ],
)
def test_sign_in_form_has_the_status_of_the_throttle(one_app, broken, status):
    with one_app.test_request_context():
        form = SignInForm()
        form.broken, form.refusal = broken, broken and broken.message
        assert form.status == status


@pytest.mark.parametrize(
    ("again", "errors"), [("shili2027", {}), ("shili2028", {"again": ["两次输入的新密码不一致"]})]
)
def test_password_form_compares_the_two_new_passwords(one_app, again, errors):
    typed = {"old": "示例", "new": "shili2027", "again": again}
    with one_app.test_request_context(method="POST", data=typed):
        form = PasswordForm()
        form.validate()
        assert form.errors == errors

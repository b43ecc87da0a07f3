"""The forms to sign in and to change the password."""

from typing import Any

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from votes.forms.base import Form


def _password(label: str, autocomplete: str, *checks: Any, hint: str = "") -> PasswordField:
    """Return a box for a password; ``autocomplete`` tells password managers which one belongs there."""
    return PasswordField(label, checks, description=hint, render_kw={"autocomplete": autocomplete})


class SignInForm(Form):
    username = StringField(
        "用户名",
        [InputRequired("请输入用户名"), Length(max=60)],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = _password("密码", "current-password", InputRequired("请输入密码"), Length(max=200))


class CodeForm(Form):
    """A code of the authenticator, or a recovery code."""

    code = StringField(
        "验证码",
        [InputRequired("请输入验证码"), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )


class EnrolForm(CodeForm):
    """The first code of an authenticator that has just read the QR code."""

    sealed = HiddenField()


class SwitchOffForm(CodeForm):
    password = _password("密码", "current-password", InputRequired("请输入密码"), Length(max=200))


class PasswordForm(Form):
    old = _password("原密码", "current-password", InputRequired("请输入原密码"))
    new = _password(
        "新密码",
        "new-password",
        InputRequired("请输入新密码"),
        Length(max=200),
        hint="越长越好：用几个互不相干的词，比夹杂符号更难猜",
    )
    again = _password("再输一次", "new-password", EqualTo("new", "两次输入的新密码不一致"))

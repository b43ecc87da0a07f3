"""Signing in."""

from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from votes.forms.base import Form


class SignInForm(Form):
    username = StringField(
        "用户名",
        [InputRequired("请输入用户名"), Length(max=60)],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        "密码", [InputRequired("请输入密码"), Length(max=200)], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField("登录")

    @property
    def locked(self) -> bool:
        return bool(self.refusal and "暂停登录" in self.refusal)


class PasswordForm(Form):
    old = PasswordField(
        "原密码", [InputRequired("请输入原密码")], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        "新密码",
        [InputRequired("请输入新密码"), Length(max=200)],
        description="至少 8 位，含字母和数字",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "再输一次", [EqualTo("new", "两次输入的新密码不一致")], render_kw={"autocomplete": "new-password"}
    )
    submit = SubmitField("修改密码")

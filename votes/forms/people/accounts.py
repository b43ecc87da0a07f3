"""One account."""

from typing import Any

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from votes.forms.base import Form, chosen
from votes.forms.boxes import required_text
from votes.rules.people import roster as rules
from votes.rules.people.accounts import AccountValues
from votes.rules.people.roles import Role
from votes.web.words.labels import label

#: What an account can be given by hand; deputies' accounts are opened from the roster.
GIVEN = [role for role in Role if role not in (Role.SYSADMIN, Role.DEPUTY)]
NO_BODY = [("", "系统（不属于任何一级人大）")]


class UserForm(Form):
    _phone: str | None = None
    username = required_text(
        "用户名",
        60,
        "登录时使用，不含空格，不区分大小写",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    name = required_text("姓名", 60)
    phone = StringField("手机号", render_kw={"inputmode": "tel"})
    body_id = SelectField("所属人大", coerce=chosen)
    roles = SelectMultipleField(
        "角色", coerce=Role, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    department_id = SelectField("所属责任单位", coerce=chosen, description="角色为“责任单位”时必选")

    def __init__(self, *, by_sysadmin: bool, bodies: list[Any], departments: Any, user: Any = None) -> None:
        """Offer what an account can be given.

        ``bodies`` are those to choose from, for a new account that the system administrator opens. ``departments`` are
        choices, or groups of them. ``user`` is the account that is changed.
        """
        own_roles = [each.role for each in user.roles] if user else []
        own = {name: getattr(user, name, None) for name in ("name", "phone", "department_id")}
        super().__init__(data=own, roles=own_roles)
        if user is not None:
            del self.username
        if bodies:
            self.body_id.choices = [*NO_BODY, *((body.id, body.name) for body in bodies)]
        else:
            del self.body_id
        first = [Role.SYSADMIN] if by_sysadmin else []
        last = [Role.DEPUTY] if Role.DEPUTY in own_roles else []
        self.roles.choices = [(role.value, label(role).word) for role in (*first, *GIVEN, *last)]
        self.department_id.choices = departments

    def validate(self, extra_validators: Any = None) -> bool:
        passed = super().validate(extra_validators)
        try:
            self._phone = rules.read_phone(self.phone.data) if (self.phone.data or "").strip() else None
        except ValueError as error:
            self.phone.errors = [str(error)]
        if not self.roles.data and not self.roles.errors:
            self.roles.errors = ["请至少选择一个角色。"]
        return passed and not self.errors

    def values(self, body_id: int | None = None) -> AccountValues:
        """Return what is typed, for a new account of ``body_id`` too; a unit only where a role asks for one."""
        roles, name = set(self.roles.data or ()), self.name.data or ""
        unit = self.department_id.data if Role.DEPARTMENT in roles else None
        return AccountValues(name=name, roles=roles, body_id=body_id, department_id=unit, phone=self._phone)

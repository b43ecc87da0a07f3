"""One account."""

from typing import Any

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from votes.forms.base import Form, chosen
from votes.rules.people import roster as rules
from votes.rules.people.roles import Role
from votes.web.words.labels import label

#: What an account can be given by hand; deputies' accounts are opened from the roster.
GIVEN = (Role.OFFICE, Role.GOVERNMENT, Role.DEPARTMENT, Role.LEADER)
NO_BODY = [("", "系统（不属于任何一级人大）")]


class UserForm(Form):
    _phone: str | None = None
    username = StringField(
        "用户名",
        [InputRequired("请输入用户名"), Length(max=60, message="用户名不超过 60 个字")],
        description="登录时使用，不含空格，不区分大小写",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    name = StringField("姓名", [InputRequired("请输入姓名"), Length(max=60, message="姓名不超过 60 个字")])
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
        now = {}
        if user is not None:
            now = {name: getattr(user, name) for name in ("name", "phone", "department_id")}
            now["roles"] = [r.role for r in user.roles]
        super().__init__(data=now)
        if user is not None:
            del self.username
        if not bodies:
            del self.body_id
        else:
            self.body_id.choices = [*NO_BODY, *((b.id, b.name) for b in bodies)]
        given = list(GIVEN)
        if by_sysadmin:
            given.insert(0, Role.SYSADMIN)
        if user is not None and any(r.role == Role.DEPUTY for r in user.roles):
            given.append(Role.DEPUTY)
        self.roles.choices = [(role.value, label(role).word) for role in given]
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

    @property
    def values(self) -> dict[str, Any]:
        """Return the arguments of the services; a unit only where the role asks for one."""
        roles = set(self.roles.data or ())
        return {
            "name": self.name.data or "",
            "phone": self._phone,
            "roles": roles,
            "department_id": self.department_id.data if Role.DEPARTMENT in roles else None,
        }

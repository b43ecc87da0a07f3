"""The roles that an account may have: who runs the vote carries out no project; what others may do to an account."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role


class AccountChangeKind(StrEnum):
    """What somebody else did to an account, and what might let that person, or a third one, act under its name."""

    OPENED = "opened"
    PASSWORD_RESET = "password_reset"
    FACTOR_RESET = "factor_reset"
    ENABLED = "enabled"
    ROLES = "roles"


@dataclass(frozen=True, kw_only=True)
class AccountValues:
    """What an account is given: the name and telephone of its owner, its roles, and to whom it belongs."""

    name: str
    roles: Collection[Role]
    body_id: int | None
    department_id: int | None = None
    deputy_id: int | None = None
    phone: str | None = None


def check_roles(account: AccountValues, *, by: Actor) -> None:
    """Refuse roles that may not go together, that lack what they need, or that ``by`` may not give.

    The system administrator belongs to no body, and whoever runs the vote is neither the government nor a unit that
    carries projects out. Raises RuleBroken at the field of the form.
    """
    roles, body_id = account.roles, account.body_id
    if not roles:
        raise RuleBroken("请至少选择一个角色。", field="roles", status=422)
    if Role.SYSADMIN in roles and (len(roles) > 1 or body_id is not None):
        raise RuleBroken("系统管理员不属于任何一级人大，也不能兼任其他角色。", field="roles", status=422)
    if Role.SYSADMIN in roles and by.home_body_id is not None:
        raise RuleBroken("只有系统管理员可以设立系统管理员。", field="roles", status=403)
    if by.home_body_id is not None and body_id != by.home_body_id:
        raise RuleBroken("只能为本级人大设立账号。", field="body_id", status=403)
    if Role.SYSADMIN not in roles and body_id is None:
        raise RuleBroken("请选择所属的人民代表大会。", field="body_id", status=422)
    if Role.OFFICE in roles and {Role.GOVERNMENT, Role.DEPARTMENT} & set(roles):
        raise RuleBroken("组织票决的人大办不能兼任政府办或责任单位。", field="roles", status=422)
    if Role.DEPARTMENT in roles and account.department_id is None:
        raise RuleBroken("责任单位的账号须指明所属单位。", field="department_id", status=422)
    if Role.DEPUTY in roles and account.deputy_id is None:
        raise RuleBroken("代表账号须从代表名册开通。", field="roles", status=422)

"""Which roles an account may have: duties are kept apart."""

from collections.abc import Collection

from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role


def check_roles(
    roles: Collection[Role],
    *,
    body_id: int | None,
    department_id: int | None,
    deputy_id: int | None,
    by: Actor,
) -> None:
    """Refuse roles that may not go together, that lack what they need, or that ``by`` may not give.

    The system administrator belongs to no body, and whoever runs the vote is neither the government nor a unit that
    carries projects out. Raises RuleBroken at the field of the form.
    """
    given = set(roles)
    refusals = (
        (not given, "roles", 422, "请至少选择一个角色。"),
        (
            Role.SYSADMIN in given and (len(given) > 1 or body_id is not None),
            "roles",
            422,
            "系统管理员不属于任何一级人大，也不能兼任其他角色。",
        ),
        (
            Role.SYSADMIN in given and by.home_body_id is not None,
            "roles",
            403,
            "只有系统管理员可以设立系统管理员。",
        ),
        (by.home_body_id not in (None, body_id), "body_id", 403, "只能为本级人大设立账号。"),
        (Role.SYSADMIN not in given and body_id is None, "body_id", 422, "请选择所属的人民代表大会。"),
        (
            Role.OFFICE in given and bool({Role.GOVERNMENT, Role.DEPARTMENT} & given),
            "roles",
            422,
            "组织票决的人大办不能兼任政府办或责任单位。",
        ),
        (
            Role.DEPARTMENT in given and department_id is None,
            "department_id",
            422,
            "责任单位的账号须指明所属单位。",
        ),
        (Role.DEPUTY in given and deputy_id is None, "roles", 422, "代表账号须从代表名册开通。"),
    )
    for applies, field, status, message in refusals:
        if applies:
            raise RuleBroken(message, field=field, status=status)

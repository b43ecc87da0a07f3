"""两步验证: who needs it and when, and codes of six figures that change every half minute (RFC 6238)."""

from collections.abc import Callable, Collection
from datetime import timedelta
from hmac import compare_digest

from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role

#: Accounts made or reset less than this ago key no papers.
FRESH = timedelta(hours=24)
#: Passwords that an account was given, and did not choose, are good for so long.
INITIAL = timedelta(days=7)
RECOVERY_CODES = 10
STEP = 30  # seconds for which one code is shown


def needed_always(roles: Collection[Role]) -> bool:
    """Tell whether an account of these roles does nothing before it has a second factor."""
    return Role.SYSADMIN in roles


def asked(roles: Collection[Role]) -> bool:
    """Tell whether an account of these roles is asked at each sign-in to set up a second factor."""
    return Role.OFFICE in roles or needed_always(roles)


def check_opening(by: Actor, *, rehearsal: bool, demo: bool) -> None:
    """Refuse to open a formal round to an account without a second factor. What no account does (a command) passes."""
    if by.user_id is None or rehearsal or demo or by.second_factor:
        return
    words = "开启正式票决前，请先为自己的账号开通两步验证（右上角姓名 → 两步验证），再来开启。票决没有开启，其他准备都还在。"
    raise RuleBroken(words, code="second_factor", status=403)


def matching_step(typed: str, *, code_at: Callable[[int], str], step: int, last: int) -> int | None:
    """Return the time step whose code was typed: the present one or a neighbour, later than ``last``; else None.

    ``code_at`` gives the code of a step. A code that has been used, and each older one, is not good again.
    """
    near = (step, step - 1, step + 1)
    return next((s for s in near if s > last and compare_digest(code_at(s), typed)), None)

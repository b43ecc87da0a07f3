"""Accounts for a whole roster: usernames and initial passwords, prepared first, opened at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from votes.db import body_in_scope, db, flush_or
from votes.models import Deputy, User, UserRole
from votes.rules.errors import RuleBroken
from votes.rules.people.accounts import AccountChangeKind
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, Role
from votes.rules.people.second_factor import INITIAL
from votes.services import audit
from votes.services.people import accounts, passwords


@dataclass(frozen=True)
class NewAccount:
    """An account about to be opened for a deputy, its password already hashed."""

    deputy_id: int
    number: str
    name: str
    delegation: str
    username: str
    password: str
    password_hash: str


def deputies_without_account() -> list[Deputy]:
    """Return the deputies in office of the body in scope who cannot sign in by password yet."""
    account = select(User).where(User.deputy_id == Deputy.id)
    query = select(Deputy).where(Deputy.state == DeputyState.ACTIVE, ~account.exists())
    return list(db.session.scalars(query.order_by(func.length(Deputy.number), Deputy.number)))


def prepare(deputies: Iterable[Deputy], *, code: str) -> list[NewAccount]:
    """Choose usernames (``code``-number) and passwords, and hash them: some 50 ms each, without the database."""
    return [_prepared(deputy, code, accounts.initial_password()) for deputy in deputies]


def _prepared(deputy: Deputy, code: str, password: str) -> NewAccount:
    return NewAccount(
        deputy_id=deputy.id,
        number=deputy.number,
        name=deputy.name,
        delegation=deputy.delegation.name,
        username=f"{code}-{deputy.number}".lower(),
        password=password,
        password_hash=passwords.hash_password(password),
    )


def open_all(prepared: Collection[NewAccount], *, by: Actor, now: datetime) -> list[NewAccount]:
    """Open the prepared accounts; those whose deputy or username has got one meanwhile are left out.

    Returns the ones that were opened: only their passwords are good.
    """
    body_id = body_in_scope()
    deputies = _taken(User.deputy_id, [each.deputy_id for each in prepared])
    names = _taken(User.username, [each.username for each in prepared])
    fresh = [each for each in prepared if each.deputy_id not in deputies and each.username not in names]
    opened = [
        User(
            username=each.username,
            name=each.name,
            password_hash=each.password_hash,
            body_id=body_id,
            deputy_id=each.deputy_id,
            initial_until=now + INITIAL,
            created_at=now,
            roles=[UserRole(role=Role.DEPUTY)],
        )
        for each in fresh
    ]
    db.session.add_all(opened)
    busy = RuleBroken("刚刚有人也在开通代表账号，这一批没有开通。请再试一次。")
    flush_or(busy, constraint="uq_users_username")
    if fresh:
        after = {"count": len(fresh), "usernames": [each.username for each in fresh]}
        audit.record("user.open_deputies", by=by, at=now, after=after)
        accounts.note_change(opened, AccountChangeKind.OPENED, by=by, now=now)
    return fresh


def _taken(column: Any, values: list[Any]) -> set[Any]:
    """Return those of ``values`` that an account has in ``column``."""
    return set(db.session.scalars(select(column).where(column.in_(values))))

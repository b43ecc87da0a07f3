"""Accounts: search, open, change and stop them; their passwords; what a sign-in records."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, or_, select
from sqlalchemy.orm import joinedload

from votes.db import EVERY_BODY, db, flush_or, scoped
from votes.db.queries import count_by
from votes.db.search import Search
from votes.models import AccountChange, RecoveryCode, SignIn, User, UserRole
from votes.rules.errors import RuleBroken
from votes.rules.people.accounts import AccountChangeKind as Kind, AccountValues, check_roles
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.people.second_factor import FRESH, INITIAL
from votes.services import audit
from votes.services.people import departments, passwords, pinyin, roster

#: An initial password is read from paper, so no two characters look alike.
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"


def initial_password() -> str:
    """Return ten random characters (48 bits), to be changed at the first sign-in."""
    return "".join(secrets.choice(_PLAIN) for _ in range(10))


def get_user(user_id: int) -> User | None:
    """Return the account, if it is of the body in scope; any account in the scope of all bodies."""
    user, scope = db.session.get(User, user_id), db.session.scope
    return user if user and scope in (EVERY_BODY, user.body_id) else None


def own(actor: Actor) -> User | None:
    """Return the actor's own account, whichever body is in view; None for a card."""
    return db.session.get(User, actor.user_id) if actor.user_id is not None else None


#: The accounts of no body first; in a body the deputies last.
_BY_BODY = (User.body_id.is_not(None), User.body_id, User.deputy_id.is_not(None), User.username)
SEARCH = Search(
    filters={
        "q": lambda words, day: _named("".join(words.split())),
        "role": lambda role, day: User.roles.any(UserRole.role == role),
        "active": lambda word, day: User.active == (word == "yes"),
        "body_id": User.body_id,
    },
    sorts={"body": ("所属人大", _BY_BODY)},
)


def _named(word: str) -> ColumnElement[bool]:
    return or_(
        User.name.contains(word, autoescape=True), User.username.contains(word.lower(), autoescape=True)
    )


def search(chosen: Mapping[str, Any]) -> Select[User]:
    """Select the accounts of the body in scope, those of every body and of none in the scope of all bodies."""
    query = select(User).options(joinedload(User.department), joinedload(User.body), joinedload(User.deputy))
    scope = db.session.scope
    if scope is not EVERY_BODY:
        query = query.where(User.body_id == scope)
    return SEARCH.of(query, chosen)


def accounts_by_department() -> dict[int, int]:
    """Return department id → how many accounts in use it has, for the body in scope."""
    return count_by(User.department_id, User.body_id == db.session.scope, User.active)


def accounts_by_body() -> dict[int, int]:
    """Return body id → how many accounts in use it has."""
    return count_by(User.body_id, User.active)


def throttle_key(username: str) -> str:
    """Return the key under which wrong passwords of a typed username are counted."""
    return f"user:{username.strip().lower()}"


def code_throttle_key(username: str) -> str:
    """Return the key under which wrong codes of an account's second step are counted."""
    return f"code:{username}"


def find_by_username(username: str) -> User | None:
    """Return the account of a typed username."""
    return db.session.scalar(select(User).where(User.username == username.strip().lower()))


def create_user(
    username: str,
    values: AccountValues,
    *,
    by: Actor,
    now: datetime,
    password: str | None = None,
    must_change: bool = True,
    release: Callable[[], None] = lambda: None,
) -> tuple[User, str]:
    """Open an account; return it and its initial password, which is made unless ``password`` is given.

    ``release`` gives the write lock back before the password is hashed, some 50 ms; see `release_lock`.

    Raises RuleBroken for a username that is taken or cannot be one, and where `rules.people.accounts` refuses the roles.
    """
    username = username.strip().lower()
    if not username or any(c.isspace() for c in username) or len(username) > 60:
        raise RuleBroken("用户名不能为空，不能含有空格，不超过 60 个字。", field="username", status=422)
    _check_roles(values, by)
    initial = password or initial_password()
    release()
    hashed = passwords.hash_password(initial)
    user = User(
        username=username,
        name=values.name.strip(),
        password_hash=hashed,
        must_change=must_change,
        initial_until=now + INITIAL if must_change else None,
        created_at=now,
        roles=[UserRole(role=role) for role in sorted(values.roles)],
        **audit.facts(values, "phone", "body_id", "department_id", "deputy_id"),
    )
    db.session.add(user)
    taken = RuleBroken(f"用户名“{username}”已被使用，请换一个。", field="username")
    flush_or(taken, constraint="uq_users_username")
    facts = {"username": username, "name": values.name, "roles": sorted(values.roles)}
    audit.record("user.create", by=by, at=now, about=user, after=facts)
    note_change([user], Kind.OPENED, by=by, now=now)
    return user, initial


def _check_roles(values: AccountValues, by: Actor) -> None:
    """Refuse roles that the rule forbids, and a unit or a deputy of another body."""
    check_roles(values, by=by)
    with scoped(values.body_id or EVERY_BODY):
        if values.department_id and not departments.get(values.department_id):
            raise RuleBroken("所选责任单位不属于这一级人大。", field="department_id", status=422)
        if values.deputy_id and not roster.get(values.deputy_id):
            raise RuleBroken("所选代表不属于这一级人大。", field="deputy_id", status=422)


def edit_user(user: User, values: AccountValues, *, by: Actor, now: datetime) -> None:
    """Change the name, telephone, roles and unit of an account; its body, username and deputy stay.

    Raises RuleBroken where `rules.people.accounts` refuses the roles, and for taking a role from oneself.
    """
    roles, old_roles = set(values.roles), {each.role for each in user.roles}
    if user.id == by.user_id and old_roles - roles:
        raise RuleBroken("不能取消自己的角色，请由其他管理人员办理。", field="roles", status=422)
    if user.deputy_id is not None and Role.DEPUTY not in roles:
        raise RuleBroken("这是从名册开通的代表账号，须保留“代表”角色。", field="roles", status=422)
    _check_roles(replace(values, body_id=user.body_id, deputy_id=user.deputy_id), by)
    before = _for_the_log(user)
    user.name, user.phone, user.department_id = values.name.strip(), values.phone, values.department_id
    given = [UserRole(role=role) for role in sorted(roles - old_roles)]
    user.roles = [each for each in user.roles if each.role in roles] + given
    before, after = audit.changes(before, _for_the_log(user))
    if after:
        audit.record("user.edit", by=by, at=now, about=user, before=before, after=after)
    if given:
        note_change([user], Kind.ROLES, by=by, now=now)
    db.session.flush()


def _for_the_log(user: User) -> dict[str, Any]:
    unit = departments.get(user.department_id) if user.department_id else None
    roles = sorted(each.role for each in user.roles)
    return {**audit.facts(user, "name", "phone"), "roles": roles, "department": unit.name if unit else None}


def change_password(
    user: User, *, old: str, new: str, by: Actor, now: datetime, release: Callable[[], None] = lambda: None
) -> None:
    """Set the password that the owner of the account chose, and sign the account out everywhere else.

    ``release`` gives the write lock back before the two hashes, some 50 ms each; see `release_lock`.

    Raises RuleBroken at the field for a wrong old password and for a new one that is too weak.
    """
    guesses, stored, username = f"old:{user.id}", user.password_hash, user.username
    staff, own_words = is_staff(user), _own_words(user)
    release()
    passwords.check_throttle(guesses, now)
    wrong = RuleBroken("原密码不正确，密码没有更改。", field="old", status=422)
    if not passwords.matches(stored, old):
        passwords.count_failure(guesses, now)
        raise wrong
    if old == new:
        raise RuleBroken("新密码不能与原密码相同。", field="new", status=422)
    passwords.check_new(new, username, staff=staff, own=own_words, field="new")
    hashed = passwords.hash_password(new)
    if user.password_hash != stored:  # somebody reset it meanwhile
        raise wrong
    _set_password(user, hashed, initial_until=None)
    audit.record("user.password", by=by, at=now, about=user)


def is_staff(user: User) -> bool:
    """Tell whether the account does more than a deputy's."""
    return any(each.role != Role.DEPUTY for each in user.roles)


def _own_words(user: User) -> list[str]:
    """Return what a guesser would try first of this account: its names, its telephone, its place."""
    syllables = pinyin.spell(user.name)[0].split()
    names = ["".join(syllables), *user.username.replace("-", ".").split("."), user.phone or ""]
    return [
        *names,
        *([user.body.code, "".join(pinyin.spell(user.body.place)[0].split())] if user.body else []),
    ]


def _set_password(user: User, password_hash: str, *, initial_until: datetime | None) -> None:
    user.password_hash, user.must_change = password_hash, initial_until is not None
    user.initial_until = initial_until
    _end_sign_ins(user)


def _end_sign_ins(user: User) -> None:
    """Sign the account out everywhere: by its serial, and by the rows, which the list of sign-ins shows."""
    user.login_serial += 1
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def reset_password(
    user: User, *, by: Actor, now: datetime, release: Callable[[], None] = lambda: None
) -> str:
    """Return a new initial password for an account whose owner lost theirs. Only its hash is stored.

    ``release`` gives the write lock back before the password is hashed, some 50 ms; see `release_lock`.
    """
    initial = initial_password()
    release()
    hashed = passwords.hash_password(initial)
    _set_password(user, hashed, initial_until=now + INITIAL)
    passwords.clear_failures(throttle_key(user.username))
    audit.record("user.reset_password", by=by, at=now, about=user)
    note_change([user], Kind.PASSWORD_RESET, by=by, now=now)
    return initial


def reset_second_factor(user: User, *, by: Actor, now: datetime) -> None:
    """Remove the second factor of an account whose owner lost phone and recovery codes; sign the account out.

    Raises RuleBroken for one's own account, and where there is none.
    """
    if user.id == by.user_id:
        raise RuleBroken("不能重置自己的两步验证，请由另一位管理人员办理。", code="own_account")
    if user.second_factor is None:
        raise RuleBroken("这个账号没有开通两步验证，无需重置。")
    remove_second_factor(user)
    passwords.clear_failures(code_throttle_key(user.username))
    audit.record("user.reset_second_factor", by=by, at=now, about=user)
    note_change([user], Kind.FACTOR_RESET, by=by, now=now)


def remove_second_factor(user: User) -> None:
    """Delete the second factor of an account with its recovery codes, and sign the account out everywhere."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.delete(user.second_factor)
    user.second_factor = None
    _end_sign_ins(user)
    db.session.flush()


def set_active(user: User, active: bool, *, by: Actor, now: datetime) -> None:
    """Stop an account, which signs it out everywhere, or put it back into use."""
    if user.id == by.user_id:
        raise RuleBroken("不能停用自己的账号。")
    _end_sign_ins(user)
    audit.assign(user, "user.active", active=active, by=by, at=now)
    if active:
        note_change([user], Kind.ENABLED, by=by, now=now)


def waits(user: User, now: datetime) -> timedelta:
    """Return how long a browser that has never signed in as ``user`` has to wait after failures."""
    return max(passwords.waits(key(user.username), now) for key in (throttle_key, code_throttle_key))


def unlock(user: User, *, by: Actor, now: datetime) -> None:
    """Forget the failures of an account, so that its owner need not wait. Nobody does it for the own account."""
    if user.id == by.user_id:
        raise RuleBroken("不能为自己的账号解除等待，请由其他管理人员办理。", status=403)
    passwords.clear_failures(throttle_key(user.username), code_throttle_key(user.username))
    audit.record("user.unlock", by=by, at=now, about=user)


def check_initial(user: User, at: datetime) -> None:
    """Refuse an initial password that was not changed in time; to be asked only of whoever has typed it."""
    if user.must_change and user.initial_until is not None and user.initial_until <= at:
        words = (
            f"初始密码只在 {INITIAL.days} 天内有效，现已过期。请联系本级人大常委会办公室或系统管理员重置。"
        )
        raise RuleBroken(words, code="initial_expired", status=422)


def signed_in(user: User, *, at: datetime, how: str | None = None) -> list[AccountChange]:
    """Record a successful sign-in; return what others did to the account since the last.

    ``how`` says with which second factor, for the audit log.
    """
    news = changes_of(user, since=user.last_login_at)
    user.last_login_at = at
    by = actor_of(user)
    audit.record("user.sign_in", by=by, at=at, about=user, message=how)
    return news


def actor_of(user: User) -> Actor:
    """Return the actor for lines of the audit log about an account that is not signed in yet."""
    roles = frozenset(each.role for each in user.roles)
    return Actor(name=user.name, user_id=user.id, body_id=user.body_id, roles=roles)


# --- what others did to accounts ---------------------------------------------------------------------------


class ChangeLine(NamedTuple):
    """Accounts to which one person did the same at the same moment."""

    at: datetime
    by_name: str
    kind: Kind
    users: list[User]


def note_change(users: Iterable[User], kind: Kind, *, by: Actor, now: datetime) -> None:
    """Keep what ``by`` does to accounts, for their owners and the tellers."""
    db.session.flush()
    db.session.add_all(
        AccountChange(user_id=user.id, kind=kind, at=now, by_name=by.name[:60]) for user in users
    )
    db.session.flush()


def changes_of(user: User, *, since: datetime | None = None) -> list[AccountChange]:
    """Return what others did to the account after ``since`` (None: ever), the newest first."""
    query = select(AccountChange).where(AccountChange.user_id == user.id)
    if since is not None:
        query = query.where(AccountChange.at > since)
    return list(db.session.scalars(query.order_by(AccountChange.id.desc())))


def changes_during(body_id: int, since: datetime | None) -> list[ChangeLine]:
    """Return what was done after ``since`` to accounts of the body and of the system, the newest first.

    For the tellers of a session of congress: ``since`` is when it began; none before it has.
    """
    if since is None:
        return []
    of_body = or_(User.body_id == body_id, User.body_id.is_(None))
    query = select(AccountChange).join(User, User.id == AccountChange.user_id).where(of_body)
    lines: dict[tuple[datetime, str, Kind], ChangeLine] = {}
    for row in db.session.scalars(query.where(AccountChange.at >= since).order_by(AccountChange.id.desc())):
        key = (row.at, row.by_name, row.kind)
        lines.setdefault(key, ChangeLine(*key, [])).users.append(row.user)
    return list(lines.values())


def is_fresh(user_id: int, now: datetime) -> bool:
    """Tell whether the account was opened, reset, put back into use or given a role within the last 24 hours."""
    fresh = AccountChange.user_id == user_id, AccountChange.at > now - FRESH
    return db.session.scalar(select(AccountChange.id).where(*fresh).limit(1)) is not None

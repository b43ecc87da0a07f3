"""Checking a password takes tens of milliseconds: it is done before the write lock is asked for."""

from votes.clock import now
from votes.db import EVERY_BODY, db
from votes.rules.errors import RuleBroken
from votes.services import passwords, people
from votes.web.identity import sign_in_user
from votes.web.transaction import database


def with_password(username: str, password: str) -> None:
    """Sign the account in; raise RuleBroken (counted per account, never per address) otherwise."""
    key = f"user:{username.strip().lower()}"
    at = now()
    db.session.rollback()  # whoever was signed in was looked up with this session: give the write lock back
    with database().work(write=False):
        passwords.check_throttle(key, at)
        user = people.find_by_username(username)
        stored = user.password_hash if user and user.active else None
    if not passwords.matches(stored, password):
        with database().work():
            passwords.count_failure(key, at)
        raise RuleBroken("用户名或密码不正确。", code="wrong_password", status=422)
    db.session.scope = EVERY_BODY
    user = people.find_by_username(username)
    assert user is not None
    people.signed_in(user, at=at)
    sign_in_user(user.id, user.login_serial)

"""Signing in. Checking a password takes tens of milliseconds, so it is done before the write lock is taken.

An account with two-step sign-in is signed in by the second step. Between the two the browser holds a signed note of
the account in its cookie (`_PENDING`), which opens no page but that of the second step.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import current_app, flash, session as cookie

from votes.clock import now
from votes.db import EVERY_BODY, db, scoped
from votes.models import AccountChange, CongressSession, User
from votes.rules.errors import RuleBroken
from votes.rules.people.roster import normal_number
from votes.services.meeting import cards, pairings
from votes.services.people import accounts, passwords, second_factors
from votes.web.identity import me, sign_in_card, sign_in_user
from votes.web.transaction import database
from votes.web.words.filters import moment
from votes.web.words.labels import label

_PENDING = "second_step"  # [account, its serial, when the password was right]
_PATIENCE = timedelta(minutes=10)

Answer = TypeVar("Answer")


def with_password(username: str, password: str) -> None:
    """Sign the account in, or where it has a second factor note that its code is to be typed now (`pending_user`).

    Raises:
        RuleBroken: wrong password (failures are counted per account, never per IP address), too many failures, or
            an initial password that has expired.
    """
    key = f"user:{username.strip().lower()}"
    at = now()
    db.session.rollback()  # reading the present actor has taken the write lock
    with database().work(write=False):
        passwords.check_throttle(key, at)
        user = accounts.find_by_username(username)
        stored = user.password_hash if user and user.active else None
    if not passwords.matches(stored, password):
        with database().work():
            passwords.count_failure(key, at)
        raise RuleBroken("用户名或密码不正确。", code="wrong_password", status=422)
    with scoped(EVERY_BODY):
        user = accounts.find_by_username(username)
        assert user is not None
        accounts.check_initial(user, at)
        if user.second_factor is None:
            _finish(user, at)
        else:
            cookie[_PENDING] = [user.id, user.login_serial, int(at.timestamp())]


def _finish(user: User, at: datetime, how: str | None = None) -> None:
    news = accounts.signed_in(user, at=at, how=how)
    shared = second_factors.is_demo(user)  # the accounts of a demo are everybody's: nobody has to be told
    sign_in_user(user.id, user.login_serial)
    for change in [] if shared else news:
        flash(words_of(change), "warning")


def words_of(change: AccountChange) -> str:
    """Return what the owner of an account reads of a change that somebody else made."""
    kind = label(change.kind).word
    return f"{moment(change.at)}，{change.by_name}对您的账号：{kind}。如不是您要求或知道的，请立即告知人大办和监票人。"


def pending_user() -> User | None:
    """Return the account whose password this browser has given, while its code is awaited; else None."""
    user_id, serial, at = cookie.get(_PENDING) or (0, 0, 0)
    if now() - datetime.fromtimestamp(at, UTC) > _PATIENCE:
        return None
    with scoped(EVERY_BODY):
        user = accounts.get_user(user_id)
    return user if user and user.active and user.login_serial == serial and user.second_factor else None


def with_code(code: str) -> None:
    """Sign in the account whose password was right, with the code of its authenticator or a recovery code.

    Raises:
        RuleBroken: no password was given, wrong or used code (failures are counted per account), too many failures.
    """
    user = pending_user()
    if user is None:
        raise RuleBroken("请先输入用户名和密码；超过 10 分钟的须重新输入。", code="no_password", status=422)
    at, key = now(), str(current_app.config["SECRET_KEY"])
    with scoped(EVERY_BODY):
        how = counted(user, lambda: second_factors.use_code(user, code, key=key, now=at))
        _finish(user, at, how)


def counted(user: User, act: Callable[[], Answer]) -> Answer:
    """Run ``act``, which checks a code (and password) of the account; count it where they are wrong.

    Raises RuleBroken as ``act`` does, and after too many failures.
    """
    throttle, at = f"code:{user.username}", now()
    passwords.check_throttle(throttle, at)
    try:
        answer = act()
    except RuleBroken as broken:
        if broken.code in ("wrong_code", "wrong_password"):
            db.session.rollback()
            with database().work():
                passwords.count_failure(throttle, at)
        raise
    passwords.clear_failures(throttle)
    return answer


def with_pin(session: CongressSession, number: str, pin: str, key: str) -> None:
    """Sign a deputy in with the number and PIN of a card of ``session``.

    Raises:
        RuleBroken: wrong PIN (failures are counted per number), too many failures, or a void card.
    """
    session_id, scope = session.id, session.body_id  # read before the rollback expires them
    number = normal_number(number)
    throttle = cards.throttle_key(session_id, number)
    at = now()
    db.session.rollback()
    with database().work(write=False, scope=scope):
        passwords.check_throttle(throttle, at)
        card = cards.by_number_and_pin(session_id, number, pin, key=key)
    if card is None:
        with database().work(scope=scope):
            passwords.count_failure(throttle, at)
        raise RuleBroken(
            "代表证号或口令不正确。口令是凭证上的六位数字；如遗失请到服务台。", code="wrong_pin", status=422
        )
    cards.check_usable(card)
    passwords.clear_failures(throttle)
    sign_in_card(card.id)


def pair(session: CongressSession, deputy_id: int, code: str, key: str) -> str:
    """Confirm the six figures that a deputy's phone shows; return the deputy's name.

    Raises:
        RuleBroken: unknown figures (failures are counted for the account at the desk), or too many failures.
    """
    by, scope, at = me(), session.body_id, now()
    throttle = pairings.throttle_key(by)
    try:
        passwords.check_throttle(throttle, at)
    except RuleBroken as broken:
        raise RuleBroken(
            "配对码连续多次输入有误，已暂停配对十分钟。请改用补发凭证，或请另一位工作人员办理。",
            field="code",
            code="locked",
            status=broken.status,
        ) from broken
    try:
        deputy = pairings.confirm(session, deputy_id, code, key=key, by=by, now=at)
    except RuleBroken as broken:
        if broken.code == "unknown_pairing":
            db.session.rollback()
            with database().work(scope=scope):
                passwords.count_failure(throttle, at)
        raise
    passwords.clear_failures(throttle)
    return deputy.name

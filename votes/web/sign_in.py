"""Signing in. Checking a password takes tens of milliseconds, so it is done before the write lock is taken.

An account with two-step sign-in is signed in by the second step. Between the two the browser holds a signed note of
the account in its cookie (`_PENDING`), which opens no page but that of the second step.

Guesses are counted by account, or by the number of a card. A network, which a whole hall shares, is slowed a little and
for the passwords of accounts only. Browsers that have signed in before are counted by themselves (`web.known`).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import current_app, flash, session as cookie

from votes.clock import now
from votes.db import EVERY_BODY, db, scoped
from votes.models import AccountChange, Card, CongressSession, Consent, TellerSecret, User
from votes.rules.errors import RuleBroken
from votes.rules.meeting.bindings import Entry, Way
from votes.rules.people.roster import normal_number
from votes.rules.people.throttle import NETWORK
from votes.services.meeting import bindings, cards, pairings, signing_secrets
from votes.services.meeting.bindings import CardEntry
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.people import accounts, identity, passwords, second_factors
from votes.web import known, phones
from votes.web.identity import me, renew_card, sign_in_card, sign_in_user
from votes.web.transaction import begin_writing, database
from votes.web.words.filters import moment
from votes.web.words.labels import label

_PENDING = "second_step"  # [account, its serial, when the password was right]
_PATIENCE = timedelta(minutes=10)

Answer = TypeVar("Answer")


def with_password(username: str, password: str) -> None:
    """Sign the account in, or where it has a second factor note that its code is to be typed now (`pending_user`).

    Raises:
        RuleBroken: wrong password, too early after failures (`passwords.Waiting`), an initial password that has
            expired, or the account of a deputy out of office.
    """
    name = accounts.throttle_key(username)
    key, at = known.throttle_key(name), now()
    network = "" if known.knows(name) else phones.network("sign_in")
    db.session.rollback()  # reading the present actor has taken the write lock
    with database().work(write=False):
        passwords.check_throttle(key, at)
        if network:
            passwords.check_throttle(f"net:{network}", at, NETWORK)
        user = accounts.find_by_username(username)
        stored = user.password_hash if user and user.active else None
    if not passwords.matches(stored, password):
        passwords.count_failure(key, at)
        if network:
            passwords.count_failure(f"net:{network}", at, NETWORK)
        raise RuleBroken("用户名或密码不正确。", code="wrong_password", status=422)
    with scoped(EVERY_BODY):
        user = accounts.find_by_username(username)
        assert user is not None
        _check_in_office(user)
        accounts.check_initial(user, at)
        if user.second_factor is None:
            _finish(user, at)
        else:
            cookie[_PENDING] = [user.id, user.login_serial, int(at.timestamp())]


def _check_in_office(user: User) -> None:
    if identity.by_user(user.id, user.login_serial) is None:
        words = "您目前不在在任代表名册上，账号不能使用。如有疑问，请与人大常委会办公室联系。"
        raise RuleBroken(words, code="not_active", status=403)


def _finish(user: User, at: datetime, how: str | None = None) -> None:
    """Make the sign-in, and tell what failed and what others did to the account since the last one."""
    name = accounts.throttle_key(user.username)
    failures = passwords.failures(name)
    passwords.clear_failures(known.throttle_key(name))
    news = accounts.signed_in(user, at=at, how=how)
    shared = second_factors.is_demo(user)  # the accounts of a demo are everybody's: nobody has to be told
    sign_in_user(user)
    known.remember(name)
    if failures:
        words = f"上次登录以来，这个账号有 {failures} 次密码输入有误。不是您本人的，请告知管理人员。"
        flash(words, "warning")
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


def _awaited() -> User:
    user = pending_user()
    if user is None:
        raise RuleBroken("请先输入用户名和密码；超过 10 分钟的须重新输入。", code="no_password", status=422)
    return user


def with_code(code: str) -> None:
    """Sign in the account whose password was right, with the code of its authenticator or a recovery code.

    Raises:
        RuleBroken: no password was given, wrong or used code, too early after failures (`passwords.Waiting`), or the
            account of a deputy out of office.
    """
    at, key = now(), str(current_app.config["SECRET_KEY"])
    db.session.rollback()  # reading the present actor has taken the write lock
    with database().work(write=False):
        passwords.check_throttle(_code_key(_awaited()), at)
    with scoped(EVERY_BODY):
        user = _awaited()
        _check_in_office(user)
        how = counted(user, lambda: second_factors.use_code(user, code, key=key, now=at))
        _finish(user, at, how)


def _code_key(user: User) -> str:
    """Return the key of wrong codes: a browser that has signed in to the account is counted by itself."""
    own = accounts.throttle_key(user.username)
    return accounts.code_throttle_key(known.throttle_key(own).removeprefix("user:"))


def counted(user: User, act: Callable[[], Answer]) -> Answer:
    """Run ``act``, which checks a code (and password) of the account; count it where they are wrong.

    Raises RuleBroken as ``act`` does, and `passwords.Waiting` too early after failures.
    """
    throttle, at = _code_key(user), now()
    passwords.check_throttle(throttle, at)
    try:
        answer = act()
    except RuleBroken as broken:
        if broken.code in ("wrong_code", "wrong_password"):
            passwords.count_failure(throttle, at)
        raise
    passwords.clear_failures(throttle)
    return answer


def with_pin(session: CongressSession, number: str, pin: str, key: str) -> CardEntry:
    """Sign a deputy in with the number and PIN of a card of ``session``; called while the page only reads.

    Raises RuleBroken as `holder` does.
    """
    return with_card(holder(session, number, pin, key), Way.PIN)


def holder(session: CongressSession, number: str, pin: str, key: str) -> Card:
    """Return the card of ``session`` with this number and PIN; called while the page only reads.

    Raises:
        RuleBroken: wrong PIN, too early after failures (`passwords.Waiting`), or a void card.
    """
    number = normal_number(number)
    throttle, at = known.throttle_key(cards.throttle_key(session.id, number)), now()
    passwords.check_throttle(throttle, at)
    card = cards.by_number_and_pin(session.id, number, pin, key=key)
    if card is None:
        passwords.count_failure(throttle, at)
        raise RuleBroken(
            "代表证号或口令不正确。口令是凭证上的八位数字；如遗失请到服务台。", code="wrong_pin", status=422
        )
    passwords.clear_failures(throttle)
    return cards.check_usable(card)


def with_card(card: Card, way: Way) -> CardEntry:
    """Sign a deputy in with a usable card where the card's binding lets this browser in; return what has happened.

    The card is opened from now on, and the browser known.
    """
    browser, found = phones.of_deputy(card.deputy_id), None
    if card.opened:
        found = bindings.look(card.id, browser, way)
    if found is None or found.entry in (Entry.BIND, Entry.TAKE_OVER):
        begin_writing()
        found = bindings.enter(card.id, browser, way)
    if found.signs_in:
        sign_in_card(card.id)
        known.remember(cards.throttle_key(card.session_id, card.deputy.number))
    return found


def bind_card() -> None:
    """Bind the card with which this browser is signed in, now that the deputy has checked in; others are out."""
    card_id, browser = me().card_id, phones.of_deputy(me().deputy_id or 0)
    if card_id is not None and bindings.enter(card_id, browser, Way.SCAN).signs_in:
        renew_card(card_id)


def with_passphrase(secret: TellerSecret, passphrase: str) -> SecretProof:
    """Return the proof of a teller's passphrase, checked before the write lock is taken.

    Raises:
        RuleBroken: wrong passphrase (failures are counted per secret), or too many failures.
    """
    stored = secret.passphrase_hash  # read before the rollback expires it
    key, at = signing_secrets.throttle_key(secret), now()
    db.session.rollback()
    passwords.check_throttle(key, at)
    proof = signing_secrets.unlock(stored, passphrase)
    if proof is None:
        passwords.count_failure(key, at)
        raise RuleBroken("签字口令不正确，没有签字。", field="passphrase", code="wrong_secret", status=422)
    passwords.clear_failures(key)
    return proof


def pair(session: CongressSession, deputy_id: int, code: str, key: str) -> str | Consent:
    """Confirm the six figures that a deputy's phone shows, and return the deputy's name.

    Return the request instead where the tellers have to agree first: a round is open.

    Raises:
        RuleBroken: unknown figures (failures are counted for the account at the desk), or too early after failures.
    """
    by, at = me(), now()
    throttle = pairings.throttle_key(by)
    left = passwords.waits(throttle, at)
    if left:
        words = "配对码连续多次输入有误，请稍候再办理。也可以改用补发凭证，或请另一位工作人员办理。"
        waiting = passwords.Waiting(left, words)
        waiting.field = "code"
        raise waiting
    try:
        asked = pairings.ask(session, deputy_id, code, by=by, now=at)
        done = asked or pairings.confirm(session, deputy_id, code, key=key, by=by, now=at).name
    except RuleBroken as broken:
        if broken.code == "unknown_pairing":
            passwords.count_failure(throttle, at)
        raise
    passwords.clear_failures(throttle)
    return done

"""Signing in. Checking a password takes tens of milliseconds, so it is done before the write lock is taken."""

from votes.clock import now
from votes.db import EVERY_BODY, db, scoped
from votes.models import Card, CongressSession, TellerSecret
from votes.rules.errors import RuleBroken
from votes.rules.people.roster import normal_number
from votes.services.meeting import cards, pairings, signing_secrets
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.people import accounts, passwords
from votes.web.identity import me, sign_in_card, sign_in_user
from votes.web.transaction import database


def with_password(username: str, password: str) -> None:
    """Sign the account in.

    Raises:
        RuleBroken: wrong password (failures are counted per account, never per IP address), or too many failures.
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
        accounts.signed_in(user, at=at)
    sign_in_user(user.id, user.login_serial)


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
            "代表证号或口令不正确。口令是凭证上的八位数字；如遗失请到服务台。", code="wrong_pin", status=422
        )
    cards.check_usable(card)
    passwords.clear_failures(throttle)
    with_card(card)


def with_card(card: Card) -> None:
    """Sign a deputy in with a card that may be used, and note that it has been opened."""
    cards.mark_opened(card)
    sign_in_card(card.id)


def with_passphrase(secret: TellerSecret, passphrase: str) -> SecretProof:
    """Return the proof of a teller's passphrase, checked before the write lock is taken.

    Raises:
        RuleBroken: wrong passphrase (failures are counted per secret), or too many failures.
    """
    stored, scope = secret.passphrase_hash, secret.body_id  # read before the rollback expires them
    key, at = signing_secrets.throttle_key(secret), now()
    db.session.rollback()
    with database().work(write=False, scope=scope):
        passwords.check_throttle(key, at)
    proof = signing_secrets.unlock(stored, passphrase)
    if proof is None:
        with database().work(scope=scope):
            passwords.count_failure(key, at)
        raise RuleBroken("签字口令不正确，没有签字。", field="passphrase", code="wrong_secret", status=422)
    passwords.clear_failures(key)
    return proof


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

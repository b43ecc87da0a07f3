"""Signing in. Checking a password takes tens of milliseconds, so it is done before the write lock is taken.

Guesses are counted by account, or by the number of a card. A network, which a whole hall shares, is slowed a little and
for the passwords of accounts only. Browsers that have signed in before are counted by themselves (`web.known`).
"""

from votes.clock import now
from votes.db import EVERY_BODY, db, scoped
from votes.models import Card, CongressSession, TellerSecret
from votes.rules.errors import RuleBroken
from votes.rules.people.roster import normal_number
from votes.rules.people.throttle import NETWORK
from votes.services.meeting import cards, pairings, signing_secrets
from votes.services.meeting.signing_secrets import SecretProof
from votes.services.people import accounts, identity, passwords
from votes.web import known, phones
from votes.web.identity import me, sign_in_card, sign_in_user
from votes.web.transaction import begin_writing, database


def with_password(username: str, password: str) -> int:
    """Sign the account in; return how many failures came before.

    Raises:
        RuleBroken: wrong password, or too early after failures (`passwords.Waiting`).
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
        if identity.by_user(user.id, user.login_serial) is None:
            words = "您目前不在在任代表名册上，账号不能使用。如有疑问，请与人大常委会办公室联系。"
            raise RuleBroken(words, code="not_active", status=403)
        failures = passwords.failures(name)
        passwords.clear_failures(key)
        accounts.signed_in(user, at=at)
    sign_in_user(user)
    known.remember(name)
    return failures


def with_pin(session: CongressSession, number: str, pin: str, key: str) -> None:
    """Sign a deputy in with the number and PIN of a card of ``session``; called while the page only reads.

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
    with_card(cards.check_usable(card))


def with_card(card: Card) -> None:
    """Sign a deputy in with a usable card, and note that it has been opened; the browser is known from now on."""
    if not card.opened:
        begin_writing()
        cards.mark_opened(card)
    sign_in_card(card.id)
    known.remember(cards.throttle_key(card.session_id, card.deputy.number))


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


def pair(session: CongressSession, deputy_id: int, code: str, key: str) -> str:
    """Confirm the six figures that a deputy's phone shows; return the deputy's name.

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
        deputy = pairings.confirm(session, deputy_id, code, key=key, by=by, now=at)
    except RuleBroken as broken:
        if broken.code == "unknown_pairing":
            passwords.count_failure(throttle, at)
        raise
    passwords.clear_failures(throttle)
    return deputy.name

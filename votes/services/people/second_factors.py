"""两步验证: set it up, check a code, replace or remove it. The pages count the failures (`web.sign_in`)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, func, select, update

from votes.db import db, flush_or
from votes.models import Body, RecoveryCode, SecondFactor, User
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.second_factor import RECOVERY_CODES, STEP, asked, matching_step
from votes.services import audit
from votes.services.people import accounts, passwords

#: What authenticators show beside the username.
ISSUER = "民生票决"
#: How long a QR code that was shown may be confirmed.
OFFER = timedelta(hours=1)
#: A recovery code is read from paper, so no two characters look alike: 16 of them are 79 bits.
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Offer:
    """A secret offered to an account: as a URI for the QR code, as text to type, and sealed for the form."""

    uri: str
    secret: str
    sealed: str


def is_demo(user: User) -> bool:
    """Tell whether the account belongs to a demo, which goes without: its accounts are everybody's.

    An account of no body does where there is a demo body: such an installation has no others (`bodies.create_body`).
    """
    if user.body is not None:
        return user.body.is_demo
    return db.session.scalar(select(Body.id).where(Body.is_demo).limit(1)) is not None


def is_asked(user: User) -> bool:
    """Tell whether the account is asked at the sign-in to set up a second factor."""
    return asked({each.role for each in user.roles}) and user.second_factor is None and not is_demo(user)


def codes_left(user: User) -> int:
    """Return how many recovery codes of the account have not been used."""
    unused = RecoveryCode.user_id == user.id, RecoveryCode.used.is_(False)
    return db.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


# --- set it up -----------------------------------------------------------------------------------------


def offer(user: User, *, key: str, sealed: str = "") -> Offer:
    """Return a fresh secret for the account, or that of ``sealed`` once more; ``key`` is the server's SECRET_KEY."""
    try:
        secret = _unseal_offer(user, sealed, key)
    except RuleBroken:
        secret = pyotp.random_base32()
        sealed = _box(key).encrypt(json.dumps([user.id, secret]).encode()).decode()
    return Offer(pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER), secret, sealed)


def _box(key: str) -> Fernet:
    """Return the cipher of what only this server may read."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factor").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _unseal_offer(user: User, sealed: str, key: str) -> str:
    try:
        user_id, secret = json.loads(_box(key).decrypt(sealed, ttl=int(OFFER.total_seconds())))
    except (InvalidToken, ValueError, TypeError) as error:
        raise RuleBroken(
            "二维码已过期，请用新的二维码重新扫描。", code="offer_expired", status=422
        ) from error
    if user_id != user.id:
        raise RuleBroken("二维码不是为这个账号生成的，请重新扫描。", code="offer_expired", status=422)
    return str(secret)


def enrol(user: User, sealed: str, code: str, *, key: str, by: Actor, now: datetime) -> list[str]:
    """Turn two-step sign-in on with the first code that the phone shows; return ten recovery codes, to be printed.

    Raises RuleBroken in a demo, where it is on, for an old QR code and for a wrong code.
    """
    if is_demo(user):
        raise RuleBroken("演示账号由多人共用，不开通两步验证。正式使用时再开通。", code="demo")
    on = RuleBroken("两步验证已经开通。更换手机的，请先关闭再重新开通。", code="already_on")
    if user.second_factor is not None:
        raise on
    secret = _unseal_offer(user, sealed, key)
    step = _step_of(secret, code, now=now, last=0)
    if step is None:
        words = "验证码不正确。请核对手机时间是否准确，再输入验证器现在显示的六位数字。"
        raise RuleBroken(words, field="code", code="wrong_code", status=422)
    stored = _box(key).encrypt(secret.encode()).decode()
    user.second_factor = SecondFactor(user_id=user.id, sealed=stored, last_step=step, since=now)
    flush_or(on, constraint="pk_second_factors")
    audit.record("user.second_factor_on", by=by, at=now, about=user)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(_PLAIN) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(code)) for code in codes)
    db.session.flush()
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


# --- check a code --------------------------------------------------------------------------------------


def _step_of(secret: str, typed: str, *, now: datetime, last: int) -> int | None:
    totp = pyotp.TOTP(secret)
    figures = "".join(typed.split())
    return matching_step(figures, code_at=totp.generate_otp, step=int(now.timestamp()) // STEP, last=last)


def use_code(user: User, typed: str, *, key: str, now: datetime) -> str:
    """Accept the code of the authenticator or a recovery code, each once; return which it was, in words.

    Raises RuleBroken at ``code`` for a wrong or used one. Of two requests with the same code one is refused.
    """
    plain = "".join(c for c in typed.lower() if c.isalnum())
    if not (_used_totp if plain.isdigit() and len(plain) == 6 else _used_recovery)(user, plain, key, now):
        words = "验证码不正确，或者已经用过。请等验证器显示下一个六位数字再输入；没有手机的，输入一个恢复码。"
        raise RuleBroken(words, field="code", code="wrong_code", status=422)
    return "验证器" if len(plain) == 6 else "恢复码"


def _used_totp(user: User, plain: str, key: str, now: datetime) -> bool:
    factor = user.second_factor
    if factor is None:
        return False
    try:
        secret = _box(key).decrypt(factor.sealed).decode()
    except InvalidToken as error:
        words = "服务器的密钥已经更换，验证器不能再用。请用恢复码登录后重新开通，或请其他管理人员重置。"
        raise RuleBroken(words, field="code", code="key_changed", status=422) from error
    step = _step_of(secret, plain, now=now, last=factor.last_step)
    if step is None:
        return False
    later = update(SecondFactor).where(SecondFactor.user_id == user.id, SecondFactor.last_step < step)
    return _changed_one(later.values(last_step=step))


def _used_recovery(user: User, plain: str, key: str, now: datetime) -> bool:
    own = RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hash(plain)
    return _changed_one(update(RecoveryCode).where(*own, RecoveryCode.used.is_(False)).values(used=True))


def _changed_one(statement: object) -> bool:
    return bool(db.session.execute(statement).rowcount)  # type: ignore[call-overload]


# --- replace or remove it ------------------------------------------------------------------------------


def renew_codes(user: User, code: str, *, key: str, by: Actor, now: datetime) -> list[str]:
    """Return ten new recovery codes; the old ones are void. Raises RuleBroken for a wrong code."""
    use_code(user, code, key=key, now=now)
    audit.record("user.recovery_codes", by=by, at=now, about=user)
    return _new_codes(user)


def switch_off(
    user: User,
    *,
    password: str,
    code: str,
    key: str,
    by: Actor,
    now: datetime,
    release: Callable[[], None] = lambda: None,
) -> None:
    """Turn two-step sign-in off, with password and code. Raises RuleBroken for either wrong.

    ``release`` gives the write lock back before the password is checked; see `release_lock`.
    """
    off = RuleBroken("两步验证没有开通，无需关闭。")
    if user.second_factor is None:
        raise off
    stored = user.password_hash
    release()
    if not passwords.matches(stored, password):
        raise RuleBroken("密码不正确，没有关闭。", field="password", code="wrong_password", status=422)
    if user.second_factor is None:  # switched off or reset meanwhile
        raise off
    use_code(user, code, key=key, now=now)
    accounts.remove_second_factor(user)
    audit.record("user.second_factor_off", by=by, at=now, about=user)

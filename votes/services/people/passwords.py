"""Password hashes, and the throttle on guessing."""

from datetime import datetime, timedelta
from functools import lru_cache
from threading import RLock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, select

from votes.db import db
from votes.models import Throttle
from votes.rules.errors import RuleBroken

# OWASP's second choice for argon2id: 19 MiB, two passes. The lock lets one hash run at a time: many sign-ins at once
# must not take the memory and both cores from a running vote.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_ONE_AT_A_TIME = RLock()

MINIMUM = 8
FREE_FAILURES = 5
LOCK = timedelta(minutes=10)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; takes some 50 ms."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(password)


@lru_cache
def _nobody() -> str:
    return hash_password("an account that does not exist takes as long")


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether a password belongs to a hash; a check against None (no account) takes as long as any other."""
    try:
        with _ONE_AT_A_TIME:
            return _HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


def check_new(password: str, username: str, *, field: str = "password") -> None:
    """Refuse a password that is too short, too plain, or contains the username."""
    if len(password) < MINIMUM:
        raise RuleBroken(f"密码至少 {MINIMUM} 位。", field=field, status=422)
    if password.isdigit() or password.isalpha() or len(set(password)) < 4:
        raise RuleBroken("密码须同时含有字母和数字（或符号），且不能只是重复。", field=field, status=422)
    if username.lower() in password.lower():
        raise RuleBroken("密码中不能包含用户名。", field=field, status=422)


def check_throttle(key: str, at: datetime) -> None:
    """Refuse (429) while ``key`` ("user:…", "card:…", "pin:…") is locked."""
    row = db.session.get(Throttle, key)
    if row and row.locked_until and row.locked_until > at:
        minutes = int((row.locked_until - at).total_seconds() // 60) + 1
        words = f"连续多次输入有误，已暂停登录。请 {minutes} 分钟后再试，或请工作人员协助。"
        raise RuleBroken(words, code="locked", status=429)


def count_failure(key: str, at: datetime) -> None:
    """Count one more failure of ``key``; the fifth within ten minutes locks it, and so does each after that."""
    row = db.session.scalar(select(Throttle).where(Throttle.key == key).with_for_update())
    if row is None:
        row = Throttle(key=key, failures=0, last_at=at)
        db.session.add(row)
    if at - row.last_at > LOCK:
        row.failures = 0
    row.failures += 1
    row.last_at = at
    row.locked_until = at + LOCK if row.failures >= FREE_FAILURES else None
    db.session.flush()


def clear_failures(key: str) -> None:
    """Forget the failures of ``key``."""
    db.session.execute(delete(Throttle).where(Throttle.key == key))

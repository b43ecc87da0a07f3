"""Password hashes, and the throttle on guessing."""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from threading import RLock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.people import throttle

# OWASP's second choice for argon2id: 19 MiB, two passes. The lock lets one hash run at a time: many sign-ins at once
# must not take the memory and both cores from a running vote.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_ONE_AT_A_TIME = RLock()

MINIMUM = 8


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


class Waiting(RuleBroken):
    """An attempt that comes too early (429): ``left`` is how long it has to wait."""

    def __init__(self, left: timedelta, message: str = "") -> None:
        words = f"输入有误的次数较多，请 {throttle.words(left)}后再试，或请工作人员协助。"
        super().__init__(message or words, code="locked", status=429)
        self.left = left


def waits(key: str, at: datetime, scheme: throttle.Scheme = throttle.OWN) -> timedelta:
    """Return how long the next attempt under ``key`` ("user:…", "pin:…") has to wait."""
    count = db.session.counters.read(_stored(key))
    return throttle.wait(scheme, count.number, count.last_at, at)


def failures(key: str) -> int:
    """Return how many failures are counted under ``key``."""
    return db.session.counters.read(_stored(key)).number


def check_throttle(key: str, at: datetime, scheme: throttle.Scheme = throttle.OWN) -> None:
    """Raise `Waiting` where the next attempt under ``key`` has to wait."""
    left = waits(key, at, scheme)
    if left:
        raise Waiting(left)


def count_failure(key: str, at: datetime, scheme: throttle.Scheme = throttle.OWN) -> None:
    """Count one more failure of ``key``; it stays counted when the work that is open here is rolled back."""
    db.session.counters.add(_stored(key), at, forgotten=scheme.forgotten)


def clear_failures(*keys: str) -> None:
    """Forget the failures of these keys."""
    db.session.counters.clear(*(_stored(key) for key in keys))


def _stored(key: str) -> str:
    """Return the key as it is stored: strangers type any text for a name, and names need not stand there."""
    return "guess:" + hashlib.sha256(key.encode(errors="replace")).hexdigest()[:40]

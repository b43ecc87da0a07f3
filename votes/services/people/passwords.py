"""Password hashes, the list of the commonest passwords, and the throttle on guessing."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from threading import RLock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.people import passwords as rules, throttle

# OWASP's second choice for argon2id: 19 MiB, two passes. The lock lets one hash run at a time: many sign-ins at once
# must not take the memory and both cores from a running vote.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_ONE_AT_A_TIME = RLock()


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


@lru_cache
def common_words() -> Mapping[str, int]:
    """Return the commonest passwords and English words with their rank, read when the first password is set.

    The lists are those of zxcvbn; what is frequent in China stands in `rules.people.passwords`.
    """
    lists = import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS
    ranks: dict[str, int] = {}
    for name in ("passwords", "english_wikipedia"):
        for rank, word in enumerate(lists[name], start=1):
            ranks[word] = min(rank, ranks.get(word, rank))
    return ranks


def check_new(
    password: str, username: str, *, staff: bool = True, own: Collection[str] = (), field: str = "password"
) -> None:
    """Refuse a password that is too short, contains the username, or is easily guessed."""
    rules.check(password, staff=staff, username=username, common=common_words(), own=own, field=field)


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

"""Password hashes, the list of the commonest passwords, and the throttle on guessing."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from threading import RLock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, select

from votes.db import db
from votes.models import Throttle
from votes.rules.errors import RuleBroken
from votes.rules.people import passwords as rules

# OWASP's second choice for argon2id: 19 MiB, two passes. The lock lets one hash run at a time: many sign-ins at once
# must not take the memory and both cores from a running vote.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_ONE_AT_A_TIME = RLock()

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

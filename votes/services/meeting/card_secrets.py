"""What a card carries and nothing stores: a random token in its QR code, and a random PIN of eight figures.

The database has the SHA-256 of the token (128 random bits cannot be guessed), and a slow hash of the PIN under the
server's key: with the database alone nobody can try a PIN, with the key too each guess at a card costs some 7 ms.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, repeat
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from votes.rules.codes import new_pin, new_token, tidy

#: Cheaper than for passwords: a roll of 1,000 is hashed in one act, and nobody chose the PIN.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)


class CardSecret(NamedTuple):
    """The token and PIN of a card to be issued, with their hashes."""

    token: str  # 22 characters, in the URL of the QR code
    pin: str
    token_hash: str
    pin_hash: str


def draw(key: str) -> CardSecret:
    """Return the secret of one card; ``key`` is the server's SECRET_KEY. Takes some 7 ms."""
    token, pin = new_token(), new_pin()
    return CardSecret(token, pin, hash_token(token), _HASHER.hash(_keyed(pin, key)))


def draw_many(count: int, key: str) -> list[CardSecret]:
    """Return the secrets of ``count`` cards; call it before the write lock is taken."""
    return [draw(key) for _ in range(count)]


def supply(drawn: Iterable[CardSecret], key: str) -> Iterator[CardSecret]:
    """Return the secrets at hand, then new ones without end: a deputy may have been added meanwhile."""
    return chain(drawn, map(draw, repeat(key)))


def hash_token(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def pin_matches(pin_hash: str | None, pin: str, *, key: str) -> bool:
    """Tell whether a PIN belongs to a hash; a check against None (no card) takes as long as any other."""
    try:
        matches = _HASHER.verify(pin_hash or _nobody(), _keyed(tidy(pin), key))
    except (Argon2Error, InvalidHashError):
        return False
    return matches and bool(pin_hash)


@lru_cache
def _nobody() -> str:
    return _HASHER.hash("a number that does not exist takes as long")


def _keyed(pin: str, key: str) -> str:
    return hmac.new(key.encode(), b"card-pin:" + pin.encode(), hashlib.sha256).hexdigest()

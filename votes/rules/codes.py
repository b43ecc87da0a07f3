"""Codes that people read, type and scan: ballot codes (回执码), card tokens, the hall's six figures.

`new_code` and `new_token` are the only randomness in the rules; everything else is a function of its arguments.
"""

import hashlib
import hmac
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta

# 32 signs: no I, O, 0, 1, which look alike on a hall screen and in handwriting
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 10  # 5 bits a sign: 50 random bits

_SIGNS = frozenset(ALPHABET)
_EPOCH = datetime(1970, 1, 1)
_MINUTE = timedelta(minutes=1)


def new_code() -> str:
    """A fresh ballot code: ten random signs, 50 bits. The caller keeps it unique in its round."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def is_code(text: str) -> bool:
    """True for exactly ten signs of the alphabet (tidy typed text first)."""
    return len(text) == LENGTH and _SIGNS.issuperset(text)


def tidy(text: str) -> str:
    """What somebody typed, as the machine writes it: half-width, upper case, without blanks and dashes."""
    plain = unicodedata.normalize("NFKC", text)
    kept = (sign for sign in plain if not sign.isspace() and unicodedata.category(sign) not in ("Pd", "Cf"))
    return "".join(kept).upper()


def grouped(code: str) -> str:
    """The code in groups of four for reading aloud: "K7Q2 9MXD 4T"."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def new_token() -> str:
    """A fresh card token: 128 random bits, 22 characters safe in an address. Store only its hash."""
    return secrets.token_urlsafe(16)


def hall_code(key: bytes, at: datetime) -> str:
    """The six figures shown on the hall's screen in the minute of `at`.

    `key` is a secret of the session of congress. An aware `at` is read as UTC; a naive one as it stands, so
    callers must keep to one convention.
    """
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    minute = (at - _EPOCH) // _MINUTE
    mac = hmac.new(key, minute.to_bytes(8, "big"), hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:8], 'big') % 1_000_000:06d}"


def hall_code_ok(key: bytes, code: str, at: datetime) -> bool:
    """True for the code of the running minute and of the one before it.

    The minute before is accepted because somebody may type what the screen showed a moment ago.
    """
    typed = tidy(code).encode()
    # both are always compared, so the time taken says nothing
    running = hmac.compare_digest(typed, hall_code(key, at).encode())
    previous = hmac.compare_digest(typed, hall_code(key, at - _MINUTE).encode())
    return running or previous

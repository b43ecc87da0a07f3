"""Codes that people read, type and scan: ballot codes (回执码), card tokens, the hall's six figures.

`new_code`, `new_token` and `new_figures` are the only randomness in the rules; everything else is a function of its arguments.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta

# 32 signs: no I, O, 0, 1, which look alike on a hall screen and in handwriting
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 10  # 5 bits a sign: 50 random bits

_SIGNS = frozenset(ALPHABET)
_LOOK_ALIKE = {"1": "L", "I": "L", "0": "DQ", "O": "DQ"}
_EPOCH = datetime(1970, 1, 1)
_MINUTE = timedelta(minutes=1)


def new_code() -> str:
    """A fresh ballot code: ten random signs, 50 bits. The caller keeps it unique in its round."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_of(key: bytes, text: str) -> str:
    """The code that belongs to ``text`` under a secret ``key``: as long and as hard to guess as `new_code`'s, and the
    same each time, so that what is sent twice is known again."""
    figure = int.from_bytes(hmac.digest(key, text.encode(), "sha256")[:8], "big")
    return "".join(ALPHABET[figure >> 5 * place & 31] for place in range(LENGTH))


def is_code(text: str) -> bool:
    """True for exactly ten signs of the alphabet (tidy typed text first)."""
    return len(text) == LENGTH and _SIGNS.issuperset(text)


def tidy(text: str) -> str:
    """What somebody typed, as the machine writes it: half-width, upper case, without blanks and dashes."""
    plain = unicodedata.normalize("NFKC", text)
    kept = (sign for sign in plain if not sign.isspace() and unicodedata.category(sign) not in ("Pd", "Cf"))
    return "".join(kept).upper()


def plain(text: str) -> str:
    """What somebody typed or a scanner sent, half-width and without what cannot be seen; inner blanks stay."""
    kept = (
        sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) not in ("Cc", "Cf")
    )
    return " ".join("".join(kept).split())


def scanned_token(text: str) -> str | None:
    """The card's token in what a scanner sent: the address printed on the card (".../c/<token>"), wherever it
    stands in the text, or the token alone. None when there is none."""
    text = plain(text)
    found = re.search(r"/c/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])", text) or re.fullmatch(
        r"([A-Za-z0-9_-]{22})", text
    )
    return found[1] if found else None


def new_figures() -> str:
    """Six random figures, such as a phone shows to be paired at the desk. The caller keeps them unique."""
    return f"{secrets.randbelow(1_000_000):06d}"


def readings(text: str) -> list[str]:
    """The ballot codes that typed text may stand for; empty when it can be none.

    Blanks, dashes and lower case do not matter. Signs that no code has are taken for those that look like them:
    1 and I for L, 0 and O for D or Q.
    """
    signs = tidy(text)
    if len(signs) != LENGTH or sum(sign in "0O" for sign in signs) > 4:  # sixteen readings at most
        return []
    found = [""]
    for sign in signs:
        found = [begun + each for begun in found for each in _LOOK_ALIKE.get(sign, sign)]
    return [code for code in found if is_code(code)]


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

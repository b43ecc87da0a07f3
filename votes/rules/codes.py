"""Codes that people read, type and scan: ballot codes (回执码), card tokens, the six figures of the hall.

Only `new_code`, `new_token`, `new_pin` and `new_figures` are random; everything else in the rules is a function of its arguments.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta

# 32 characters: without I, O, 0 and 1, which look alike on a screen and in handwriting
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PIN_FIGURES = 8  # of the PIN on a voting card
LENGTH = 10  # 5 bits per character: 50 random bits

_CHARACTERS = frozenset(ALPHABET)
_LOOK_ALIKE = {"1": "L", "I": "L", "0": "DQ", "O": "DQ"}
_EPOCH = datetime(1970, 1, 1)
_MINUTE = timedelta(minutes=1)


def new_code() -> str:
    """Return a random ballot code: ten characters, 50 bits. The caller keeps it unique in its round."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_of(key: bytes, text: str) -> str:
    """Return the code of ``text`` under a secret ``key``, as long and as hard to guess as one of `new_code`.

    It is the same each time, so a duplicate is recognised.
    """
    figure = int.from_bytes(hmac.digest(key, text.encode(), "sha256")[:8], "big")
    return "".join(ALPHABET[figure >> 5 * place & 31] for place in range(LENGTH))


def is_code(text: str) -> bool:
    """Return whether ``text`` is ten characters of the alphabet (call `tidy` on typed text first)."""
    return len(text) == LENGTH and _CHARACTERS.issuperset(text)


def tidy(text: str) -> str:
    """Return typed text in half-width upper case, without blanks, dashes and invisible characters."""
    characters = unicodedata.normalize("NFKC", text)
    return "".join(
        c for c in characters if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf")
    ).upper()


def plain(text: str) -> str:
    """Return typed or scanned text in half-width, without invisible characters; single inner blanks stay."""
    characters = unicodedata.normalize("NFKC", text)
    visible = (c for c in characters if unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join("".join(visible).split())


def one_line(text: str) -> str:
    """Return typed text on one line, without needless blanks and null characters: those alone are no text to a database."""
    return " ".join(text.replace("\x00", "").split())


def scanned_token(text: str) -> str | None:
    """Return the card token in scanned text, None when it has none.

    The text is the token alone, or contains the URL printed on the card (".../c/<token>").
    """
    text = plain(text)
    match = re.search(r"/c/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])", text) or re.fullmatch(
        r"([A-Za-z0-9_-]{22})", text
    )
    return match[1] if match else None


def new_pin() -> str:
    """Return the random PIN of a voting card."""
    return f"{secrets.randbelow(10**PIN_FIGURES):0{PIN_FIGURES}d}"


def new_figures() -> str:
    """Return six random figures, which a phone shows to be paired at the desk. The caller keeps them unique."""
    return f"{secrets.randbelow(1_000_000):06d}"


def readings(text: str) -> list[str]:
    """Return the ballot codes that typed text may stand for, sixteen at most; none when it cannot be a code.

    Blanks, dashes and case do not matter. A character that no code has is read as those that look like it: 1 and I as
    L, 0 and O as D or Q.
    """
    typed = tidy(text)
    if len(typed) != LENGTH or sum(character in "0O" for character in typed) > 4:
        return []
    codes = [""]
    for character in typed:
        codes = [begin + each for begin in codes for each in _LOOK_ALIKE.get(character, character)]
    return [code for code in codes if is_code(code)]


def grouped(code: str) -> str:
    """Return the code in groups of four for reading aloud: "K7Q2 9MXD 4T"."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def new_token() -> str:
    """Return a random card token: 128 bits, 22 characters that a URL may contain. Store only its hash."""
    return secrets.token_urlsafe(16)


def hall_code(key: bytes, at: datetime) -> str:
    """Return the six figures that the screen of the hall shows in the minute of ``at``.

    ``key`` is a secret of the session of congress. An aware ``at`` is converted to UTC, a naive one is taken as UTC.
    """
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    minute = (at - _EPOCH) // _MINUTE
    mac = hmac.new(key, minute.to_bytes(8, "big"), hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:8], 'big') % 1_000_000:06d}"


def hall_code_ok(key: bytes, code: str, at: datetime) -> bool:
    """Return whether ``code`` is that of the minute of ``at`` or of the minute before.

    The earlier one is accepted because somebody may type what the screen showed a moment ago.
    """
    typed = tidy(code).encode()
    # both are always compared, so the duration reveals nothing
    running = hmac.compare_digest(typed, hall_code(key, at).encode())
    previous = hmac.compare_digest(typed, hall_code(key, at - _MINUTE).encode())
    return running or previous

"""A file that any two of several people open together: encrypted for a key that is split among them (SLIP-39).

The secret of 128 bits is drawn and split once (`split_key`); what stays is the public key (X25519) made of it, for
which anybody can encrypt (`seal`). `open_sealed` needs the words of two shares. The format of the file:

    minsheng-sealed-archive/1 LF
    one line of JSON: "key" the public key, "once" the public key of this file alone (both hex), and facts  LF
    the content in pieces of 1 MiB, each AES-256-GCM with its tag

The key of a file is HKDF-SHA256 (salt `once` + `key`) of the X25519 agreement; the nonce of a piece its number in eleven
bytes and a byte that is 1 for the last one, so that a file cut short does not open; all bytes before the pieces are
authenticated with each.
"""

import json
import re
import secrets
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share
from shamir_mnemonic.wordlist import WORDLIST

from votes.rules.errors import RuleBroken

MAGIC = b"minsheng-sealed-archive/1\n"
NEEDED = 2  # shares that open a file
WORDS = 20  # of a share of 128 bits
_SEED = 16  # bytes
_PIECE, _TAG = 1 << 20, 16
#: The first four letters tell the words of the list apart.
_BY_START = {word[:4]: word for word in WORDLIST}


class SplitKey(NamedTuple):
    """A public key (hex), and the words of each share of its secret."""

    public: str
    shares: list[str]


def split_key(holders: int) -> SplitKey:
    """Draw a secret and split it so that two of the ``holders`` (2 to 16) have it together, and one has nothing."""
    seed = secrets.token_bytes(_SEED)
    # no passphrase that could be guessed stands behind it, so the least number of iterations does
    (shares,) = generate_mnemonics(1, [(NEEDED, holders)], seed, iteration_exponent=0)
    return SplitKey(_private(seed).public_key().public_bytes_raw().hex(), shares)


def _private(seed: bytes) -> X25519PrivateKey:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=MAGIC).derive(seed)
    return X25519PrivateKey.from_private_bytes(derived)


def _cipher(agreed: bytes, once: bytes, public: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=once + public, info=MAGIC).derive(agreed))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def seal(content: bytes, public: str, **facts: str) -> bytes:
    """Return ``content`` as a file that two shares of the key open; ``facts`` stand readable in its head."""
    key, own = bytes.fromhex(public), X25519PrivateKey.generate()
    once = own.public_key().public_bytes_raw()
    head = {"key": public, "once": once.hex(), **facts}
    before = MAGIC + json.dumps(head, ensure_ascii=False).encode() + b"\n"
    cipher = _cipher(own.exchange(X25519PublicKey.from_public_bytes(key)), once, key)
    starts = range(0, max(len(content), 1), _PIECE)
    pieces = [
        cipher.encrypt(_nonce(number, last=start == starts[-1]), content[start : start + _PIECE], before)
        for number, start in enumerate(starts)
    ]
    return before + b"".join(pieces)


def head_of(sealed: bytes) -> dict[str, str]:
    """Return the readable head of a sealed file. Raises RuleBroken for any other file."""
    try:
        if not sealed.startswith(MAGIC):
            raise ValueError
        head = json.loads(sealed[len(MAGIC) : sealed.index(b"\n", len(MAGIC))])
        return {name: str(head[name]) for name in {"key", "once", *head}}
    except (ValueError, KeyError, TypeError) as error:
        raise RuleBroken("这不是加密的封存档案，或者文件开头已经损坏。", code="no_archive") from error


def read_share(text: str) -> str:
    """Return the words of a share as they were typed: numbers and signs between them and their case do not matter.

    The first four letters of a word do. Raises RuleBroken in words for a wrong word, a wrong number of words, and
    words that do not belong together.
    """
    typed = re.findall(r"[a-z]+", text.lower())
    words = [_word(word, place) for place, word in enumerate(typed, start=1)]
    if len(words) != WORDS:
        raise RuleBroken(
            f"一份密钥有 {WORDS} 个词，现在读到 {len(words)} 个。请核对后重新输入。", code="words"
        )
    share = " ".join(words)
    try:
        Share.from_mnemonic(share)
    except MnemonicError as error:
        raise RuleBroken(
            "这些词的校验不符：有词抄错，或者次序不对。请逐个核对后重新输入。", code="words"
        ) from error
    return share


def _word(typed: str, place: int) -> str:
    word = _BY_START.get(typed[:4])
    if word is not None and word.startswith(typed):
        return word
    near = get_close_matches(typed, WORDLIST, n=1)
    hint = f"是不是“{near[0]}”？" if near else ""
    raise RuleBroken(f"第 {place} 个词“{typed}”不在词表中。{hint}请核对后重新输入。", code="words")


def open_sealed(sealed: bytes, shares: Sequence[str]) -> bytes:
    """Return the content of a sealed file, opened with the words of two shares.

    Raises RuleBroken, in words, for fewer than two different shares, for those of another file, and for a file that
    was changed or cut short.
    """
    head = head_of(sealed)
    private = _private(_secret([read_share(share) for share in shares]))
    if private.public_key().public_bytes_raw().hex() != head["key"]:
        raise RuleBroken("这两份密钥打不开这份档案：它们属于另一份档案。", code="other_archive")
    begin = sealed.index(b"\n", len(MAGIC)) + 1
    before, body = sealed[:begin], sealed[begin:]
    starts = range(0, len(body), _PIECE + _TAG)
    try:
        once, key = bytes.fromhex(head["once"]), bytes.fromhex(head["key"])
        cipher = _cipher(private.exchange(X25519PublicKey.from_public_bytes(once)), once, key)
        if not starts:
            raise InvalidTag
        return b"".join(
            cipher.decrypt(
                _nonce(number, last=start == starts[-1]), body[start : start + _PIECE + _TAG], before
            )
            for number, start in enumerate(starts)
        )
    except (InvalidTag, ValueError) as error:
        raise RuleBroken(
            "密钥是对的，但档案文件已被改动或者不完整。请换一份完整的文件。", code="changed"
        ) from error


def _secret(shares: Sequence[str]) -> bytes:
    parsed = [Share.from_mnemonic(share) for share in shares]
    if len({share.index for share in parsed}) < NEEDED:
        raise RuleBroken(
            "打开档案需要两名监票人各自的一份密钥，一份（或者同一份输入两次）打不开。", code="one_share"
        )
    try:
        secret: bytes = combine_mnemonics(shares[:NEEDED])
    except MnemonicError as error:
        raise RuleBroken(
            "这两份密钥不属于同一份档案。请核对每份密钥上写的轮次。", code="other_archive"
        ) from error
    return secret

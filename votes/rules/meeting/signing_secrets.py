"""Signing secrets (签字密钥) of tellers: a key that the phone keeps, or a passphrase, and the short code (短码) of each.

Other tellers compare the short code on the teller's phone, on the list signed by hand, on the sheet and on the screen.
"""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from votes.rules.codes import ALPHABET, LENGTH
from votes.rules.errors import RuleBroken
from votes.rules.voting.digests import canonical_json, json_digest

LEAST_PASSPHRASE, MOST_PASSPHRASE = 10, 100  # characters
PUBLIC_KEY_LENGTH = 130  # hex digits of an uncompressed P-256 point: 04, x, y
SIGNATURE_LENGTH = 128  # hex digits of r and s
#: Stands before the key in what is hashed, so that no other hash of the key is a short code.
_CODE_PREFIX = b"minsheng-teller-key/1\n"


class SecretKind(StrEnum):
    """What a teller signs with."""

    KEY = "key"
    PASSPHRASE = "passphrase"


class SignatureKind(StrEnum):
    """How a signature was given. `login`: with the sign-in alone, in a rehearsal or by an earlier version."""

    KEY = "key"
    PASSPHRASE = "passphrase"
    LOGIN = "login"


def code_of_key(public_key: str) -> str:
    """Return the short code of a public key (hex): ten characters, 50 bits of its SHA-256."""
    hashed = hashlib.sha256(_CODE_PREFIX + bytes.fromhex(public_key)).digest()
    return "".join(ALPHABET[byte & 31] for byte in hashed[:LENGTH])


def tidy_public_key(text: str) -> str:
    """Return a public key in lower case. Raises RuleBroken for what is no uncompressed point in hex."""
    key = text.strip().lower()
    hexadecimal = len(key) == PUBLIC_KEY_LENGTH and set(key) <= set("0123456789abcdef")
    if not hexadecimal or not key.startswith("04"):
        raise RuleBroken("手机生成的密钥格式不对，没有登记。请刷新页面后重试。", code="bad_key", status=422)
    return key


def check_new_passphrase(passphrase: str, again: str) -> None:
    """Refuse a passphrase that is too short or too plain, or was not typed twice alike."""
    if not LEAST_PASSPHRASE <= len(passphrase) <= MOST_PASSPHRASE:
        words = f"签字口令须有 {LEAST_PASSPHRASE} 至 {MOST_PASSPHRASE} 个字符，可以用一句自己记得住的话。"
        raise RuleBroken(words, field="passphrase", status=422)
    if len(set(passphrase)) < 5 or passphrase.isdigit():
        raise RuleBroken(
            "签字口令太简单：不能全是数字，也不能只是重复几个字符。", field="passphrase", status=422
        )
    if passphrase != again:
        raise RuleBroken("两次输入的签字口令不一致。", field="again", status=422)


def confirmation(session_id: int, teller_id: int, code: str) -> bytes:
    """Return what a teller signs to confirm the ``code`` on another teller's phone."""
    return canonical_json({"code": code, "confirms": "teller", "session": session_id, "teller": teller_id})


def list_digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of the tellers' list as printed with the short codes; ``lines`` have number, name, role, code."""
    return json_digest("sha256", sorted(lines, key=lambda line: str(line["number"])))


def check_opening(tellers: Iterable[tuple[str, str, bool]], *, listed: bool) -> None:
    """Refuse to open a formal round before its tellers can sign.

    ``tellers`` are (name, role, confirmed); ``listed``: the scan of the present list, signed by hand, is kept. Without
    the chief and another teller nobody could certify, and no secret set later may count.
    """
    tellers = list(tellers)
    able = {role for _, role, confirmed in tellers if confirmed}
    if len(able) < 2:
        waiting = "、".join(name for name, role, confirmed in tellers if not confirmed and role not in able)
        raise RuleBroken(
            "监票人的签字密钥还没有备齐：总监票人和至少一名监票人须在自己的手机上设定，并由另一名监票人核对短码。"
            f"尚缺：{waiting}。",
            field="tellers",
            code="no_secrets",
        )
    if not listed:
        raise RuleBroken(
            "监票人手签的名单（印有现在的短码）还没有留存扫描件，不能开启票决。请在“监票人”页面打印、签名、上传。",
            field="tellers",
            code="no_signed_list",
        )

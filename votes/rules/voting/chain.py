"""Canonical JSON, digests, and the chain of events in which each line hashes the one before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from votes.rules.errors import RuleBroken

ALGORITHMS = ("sha256", "sm3")
START = ""  # what the first event of a chain names as its predecessor


def canonical_json(value: Any) -> bytes:
    """The one byte string for a JSON value: sorted keys, no spaces, UTF-8, no ASCII escaping.

    Raises ValueError or TypeError for what JSON cannot hold (NaN, bytes, dates …).
    """
    # The first pass turns tuples into lists and whole-number keys into strings, so that a value hashes alike
    # before it was stored and after it was read back: {2:…, 10:…} sorts differently from {"2":…, "10":…}.
    plain = json.loads(json.dumps(value, allow_nan=False))
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(algorithm: str, data: bytes) -> str:
    """Hex digest of `data` by "sha256" or "sm3" (GB/T 32905).

    Raises RuleBroken for another name, or where this machine's library lacks SM3.
    """
    if algorithm not in ALGORITHMS:
        raise RuleBroken(
            f"不认识的摘要算法“{algorithm}”，只能用 sha256 或 sm3。",
            field="hash",
            code="unknown_hash",
            status=422,
        )
    try:
        return hashlib.new(algorithm, data).hexdigest()
    except ValueError:
        raise RuleBroken(
            "本机的密码库不支持 SM3 摘要算法。没有作任何改动；请改用 sha256，或者安装带 SM3 的 OpenSSL。",
            field="hash",
            code="hash_missing",
        ) from None


@dataclass(frozen=True)
class Event:
    """One line of the chain as stored: what happened, the hash of the line before, its own hash.

    Only `payload` is protected: time, kind and author belong inside it.
    """

    payload: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True)
class Break:
    """Where a chain first fails: `position` counts from 1; `message` says in Chinese how."""

    position: int
    message: str


def link(algorithm: str, previous: str, payload: Mapping[str, Any]) -> str:
    """The hash of an event that follows `previous` (START for the first) and says `payload`."""
    return digest(algorithm, canonical_json({"previous": previous, "payload": payload}))


def verify(algorithm: str, events: Iterable[Event], *, head: str | None = None) -> Break | None:
    """Walk the chain from its start; None when it is whole, else the first break.

    `head` is the last hash as known from elsewhere (a printed certificate): without it a chain cut off at its
    end still looks whole.
    """
    previous, position = START, 0
    for position, event in enumerate(events, start=1):
        if event.previous != previous:
            return Break(position, f"第 {position} 条记录与前一条不相接：中间有记录被删除、插入或调换。")
        if link(algorithm, previous, event.payload) != event.hash:
            return Break(position, f"第 {position} 条记录的内容与其摘要不符：内容被改动。")
        previous = event.hash
    if head is not None and previous != head:
        return Break(
            position + 1, f"链条在第 {position} 条之后中断：末尾的摘要与已知的不符，末尾有记录缺失或多出。"
        )
    return None

"""The chain of events, in which each line hashes the one before it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from votes.rules.voting.digests import json_digest

START = ""  # what the first event of a chain names as its predecessor


@dataclass(frozen=True)
class Link:
    """Hold one stored line of the chain: what happened, the hash of the line before, its own hash.

    Only `payload` is protected: time, kind and author belong inside it. `algorithm` is that of the line where the
    lines of a chain may differ.
    """

    payload: Mapping[str, Any]
    previous: str
    hash: str
    algorithm: str = ""


@dataclass(frozen=True)
class ChainBreak:
    """Name the first place where a chain fails: `position` counts from 1, `message` says in Chinese how."""

    position: int
    message: str


@dataclass(frozen=True, kw_only=True)
class ChainProof:
    """Hold what was found of one chain: its last hash, and what is wrong, in Chinese."""

    head: str
    flaw: str

    @property
    def whole(self) -> bool:
        """Return True when nothing is wrong."""
        return not self.flaw

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as JSON values."""
        return {**asdict(self), "whole": self.whole}


def link(algorithm: str, previous: str, payload: Mapping[str, Any]) -> str:
    """Return the hash of an event with `payload` that follows `previous` (START for the first)."""
    return json_digest(algorithm, {"previous": previous, "payload": payload})


def verify(algorithm: str, events: Iterable[Link], *, head: str | None = None) -> ChainBreak | None:
    """Walk the chain from its start; return the first break, None when the chain is whole.

    `head` is the last hash as known from elsewhere (a printed certificate). Without it, a chain that lost its
    last lines still looks whole.
    """
    previous, position = START, 0
    for position, event in enumerate(events, start=1):
        if event.previous != previous:
            return ChainBreak(position, f"第 {position} 条记录与前一条不相接：中间有记录被删除、插入或调换。")
        if link(event.algorithm or algorithm, previous, event.payload) != event.hash:
            return ChainBreak(position, f"第 {position} 条记录的内容与其摘要不符：内容被改动。")
        previous = event.hash
    if head is not None and previous != head:
        return ChainBreak(
            position + 1, f"链条在第 {position} 条之后中断：末尾的摘要与已知的不符，末尾有记录缺失或多出。"
        )
    return None

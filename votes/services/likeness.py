"""How alike two Chinese texts are: the share of pairs of neighbouring characters (bigrams) that they have in common.

No dictionary of words is needed, which a place's own names would not be in. Pairs are written as one character each,
in order, so that rapidfuzz counts what two texts share in about a microsecond.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Indel

#: What stands in every suggestion says nothing about its subject.
_EMPTY = re.compile(
    r"[^0-9a-z\u3400-\u9fff]+|建议|希望|恳请|请求|能否|可否|是否|尽快|尽早|我们|村里|群众|居民|村民|有关|关于|问题|部门|政府|增加|解决"
)
#: Characters of a text that are read: the subject is told at the beginning.
READ = 100


class Likeness(NamedTuple):
    place: int  # in the list that was searched
    percent: int


@lru_cache(maxsize=20_000)
def fingerprint(text: str) -> str:
    """The pairs of ``text``, each once, each as one character, in order; '' where it says nothing."""
    found = set()
    for piece in _EMPTY.sub(" ", text[:READ].lower()).split():
        found |= {(ord(a) * 7919 + ord(b)) % 0xF0000 for a, b in pairwise(piece)}
    return "".join(chr(0x10000 + pair) for pair in sorted(found))


def likeness(one: str, other: str) -> int:
    """Per cent of the pairs of both texts that they share (Dice): 100 for the same, 0 for nothing in common."""
    a, b = fingerprint(one), fingerprint(other)
    return round(100 * Indel.normalized_similarity(a, b)) if a and b else 0


def closest(text: str, others: Sequence[str], *, least: int, limit: int = 3) -> list[Likeness]:
    """Those of ``others`` that are at least ``least`` per cent like ``text``, the likest first."""
    mine = fingerprint(text)
    if not mine:
        return []
    found = process.extract(
        mine,
        [fingerprint(other) for other in others],
        scorer=Indel.normalized_similarity,
        score_cutoff=least / 100,
        limit=limit,
    )
    return [Likeness(place, round(100 * score)) for _, score, place in found]

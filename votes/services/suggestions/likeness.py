"""Likeness (相似度) of two suggestions: the pairs of neighbouring characters (bigrams) that they share, and their subjects.

Bigrams need no dictionary, in which a place's own names would be missing. Each bigram is written as one character, in order, so
that rapidfuzz compares two texts in about a microsecond. `rules.suggestions.subjects` knows what is asked for in other words
(路灯, 黑漆漆的). tests/data/suggestion_pairs.csv measures the result; docs/decisions/0014-what-is-the-same.md gives the reasons.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Indel

from votes.rules.suggestions import subjects

#: Words that stand in every suggestion, and all that is no letter, digit or Chinese character: they say nothing about the subject.
_EMPTY = re.compile(
    r"[^0-9a-z\u3400-\u9fff]+|建议|希望|恳请|请求|能否|可否|是否|尽快|尽早|我们|村里|群众|居民|村民|有关|关于|问题|部门|政府|增加|解决"
)
#: The first characters of a text that are compared: people name the subject at the beginning.
READ = 100
#: How far a shared subject raises the likeness towards 1, and the factors for different subjects, settings and places.
SUBJECT, OTHER_SUBJECT, OTHER_SETTING, ELSEWHERE = 0.6, 0.4, 0.7, 0.4


class _Compared(NamedTuple):
    """A text prepared for comparison."""

    pairs: str  # each bigram as one character
    subjects: frozenset[str]
    settings: frozenset[str]
    places: frozenset[str]


@lru_cache(maxsize=20_000)
def _prepare(text: str) -> _Compared:
    plain = text[:READ].lower()
    pairs: set[int] = set()
    for piece in _EMPTY.sub(" ", plain).split():
        pairs |= {(ord(a) * 7919 + ord(b)) % 0xF0000 for a, b in pairwise(piece)}
    return _Compared(
        "".join(chr(0x10000 + pair) for pair in sorted(pairs)), *subjects.of(plain), subjects.places(plain)
    )


def _percent(one: _Compared, other: _Compared) -> int:
    """Return the likeness of two texts in per cent: 100 for the same words, 0 for nothing in common."""
    if not (one.pairs and other.pairs):
        return 0
    shared = Indel.normalized_similarity(one.pairs, other.pairs)  # the share of common bigrams (Dice)
    both = one.subjects & other.subjects
    if both:
        part = 2 * len(both) / (len(one.subjects) + len(other.subjects))
        shared += (1 - shared) * SUBJECT * part
    elif one.subjects and other.subjects:
        shared *= OTHER_SUBJECT
    if one.settings and other.settings and not one.settings & other.settings:
        shared *= OTHER_SETTING
    if subjects.elsewhere(one.places, other.places):
        shared *= ELSEWHERE
    return round(100 * shared)


def closest(text: str, others: Sequence[str], *, least: int, limit: int = 3) -> list[tuple[int, int]]:
    """Return the positions of the at most ``limit`` closest of ``others``, with their likeness in per cent.

    The closest stands first; each is at least ``least`` per cent like ``text``.
    """
    mine = _prepare(text)
    if not mine.pairs:
        return []
    prepared = [_prepare(other) for other in others]
    # A text whose bigrams are not close enough can still be close by a common subject.
    near = process.extract(
        mine.pairs,
        [each.pairs or None for each in prepared],
        scorer=Indel.normalized_similarity,
        score_cutoff=least / 100,
        limit=None,
    )
    positions = {position for _, _, position in near}
    positions |= {position for position, each in enumerate(prepared) if each.subjects & mine.subjects}
    scores = ((position, _percent(mine, prepared[position])) for position in positions)
    close = (each for each in scores if each[1] >= least)
    return sorted(close, key=lambda each: (-each[1], each[0]))[:limit]

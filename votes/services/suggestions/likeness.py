"""How alike two suggestions are: the pairs of neighbouring characters (bigrams) that they share, and what both ask for.

No dictionary of words is needed for the pairs, which a place's own names would not be in: they are written as one
character each, in order, so that rapidfuzz counts what two texts share in about a microsecond. What is asked for in
quite other words (路灯, 黑漆漆的) is known from `rules.subjects`. Measured on tests/data/suggestion_pairs.csv; why so:
docs/decisions/0014-what-is-the-same.md.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Indel

from votes.rules.suggestions import subjects

#: What stands in every suggestion says nothing about its subject.
_EMPTY = re.compile(
    r"[^0-9a-z\u3400-\u9fff]+|建议|希望|恳请|请求|能否|可否|是否|尽快|尽早|我们|村里|群众|居民|村民|有关|关于|问题|部门|政府|增加|解决"
)
#: Characters of a text that are read: the subject is told at the beginning.
READ = 100
#: How far a shared subject brings two texts towards 100, and what is left where they speak of other things or places.
SUBJECT, OTHER_SUBJECT, OTHER_SETTING, ELSEWHERE = 0.6, 0.4, 0.7, 0.4


class Likeness(NamedTuple):
    place: int  # in the list that was searched
    percent: int


class _Read(NamedTuple):
    """A text as it is compared."""

    pairs: str
    subjects: frozenset[str]
    settings: frozenset[str]
    places: frozenset[str]


@lru_cache(maxsize=20_000)
def _read(text: str) -> _Read:
    plain = text[:READ].lower()
    found: set[int] = set()
    for piece in _EMPTY.sub(" ", plain).split():
        found |= {(ord(a) * 7919 + ord(b)) % 0xF0000 for a, b in pairwise(piece)}
    return _Read(
        "".join(chr(0x10000 + pair) for pair in sorted(found)), *subjects.of(plain), subjects.places(plain)
    )


def _weigh(shared: float, one: _Read, other: _Read) -> float:
    """Between 0 and 1, from the share of pairs (Dice) and what both are about."""
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
    return shared


def likeness(one: str, other: str) -> int:
    """Per cent: 100 for the same words, 0 for nothing in common."""
    a, b = _read(one), _read(other)
    if not (a.pairs and b.pairs):
        return 0
    return round(100 * _weigh(Indel.normalized_similarity(a.pairs, b.pairs), a, b))


class Pool:
    """Texts to be searched, several times: what each is about is looked up once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [_read(text) for text in texts]
        self._pairs = [each.pairs or None for each in self._texts]
        self._about: dict[str, set[int]] = {}
        for place, each in enumerate(self._texts):
            for subject in each.subjects:
                self._about.setdefault(subject, set()).add(place)

    def closest(self, text: str, *, least: int, limit: int = 3) -> list[Likeness]:
        """Those that are at least ``least`` per cent like ``text``, the likest first."""
        mine = _read(text)
        if not mine.pairs:
            return []
        near = process.extract(
            mine.pairs,
            self._pairs,
            scorer=Indel.normalized_similarity,
            score_cutoff=least / 100,
            limit=None,
        )
        places = {place for _, _, place in near}.union(*(self._about.get(s, ()) for s in mine.subjects))
        found = []
        for place in places:
            other = self._texts[place]
            if other.pairs:
                score = _weigh(Indel.normalized_similarity(mine.pairs, other.pairs), mine, other)
                if round(100 * score) >= least:
                    found.append(Likeness(place, round(100 * score)))
        return sorted(found, key=lambda each: (-each.percent, each.place))[:limit]


def closest(text: str, others: Sequence[str], *, least: int, limit: int = 3) -> list[Likeness]:
    """Those of ``others`` that are at least ``least`` per cent like ``text``, the likest first."""
    return Pool(others).closest(text, least=least, limit=limit)

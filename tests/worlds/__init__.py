"""Chapters of the world (tests/world.py), one a part of the year.

Each module has ``fill(world, body, size, ids)``, which makes rows of its kind (``size`` times as many in the county) and
answers the ids for the addresses of its pages, and ``WHICH``, which of several is meant by a page.
"""

from types import ModuleType

from tests.worlds import duties, matters, outcomes, overview, solicitation, supervision

CHAPTERS: tuple[ModuleType, ...] = (duties, solicitation, matters, outcomes, supervision, overview)

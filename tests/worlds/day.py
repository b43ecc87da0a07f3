"""The day on which the world (tests/world.py) stands."""

from datetime import UTC, datetime

#: Half of the year is over.
TODAY = datetime(2027, 6, 8, 2, 0, tzinfo=UTC)

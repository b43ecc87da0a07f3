"""Fixtures of the tests of this chapter's services."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.services.suggestions.samples import BY, TODAY
from votes.rules.suggestions.suggestions import SeasonText
from votes.services.people import stations, villages
from votes.services.suggestions import seasons


@pytest.fixture
def ids_only(world, prepared):
    """Return what `fill` made before the test; the module names it in PREPARED."""
    return prepared["ids_only"]


@pytest.fixture
def ids(world, ids_only):
    """Open a unit of work in the county; return the ids of the three suggestions."""
    with world.work():
        yield ids_only


@pytest.fixture
def place(world):
    """Set up an open season, a station and three villages, two of one name, in the county."""
    with world.work():
        text = SeasonText(year=2027, opens_on=TODAY, closes_on=TODAY + timedelta(days=30))
        seasons.save_season(None, text, by=BY, now=NOW)
        stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
        villages.add_villages([("河镇", "示例村"), ("山乡", "示例村"), ("山乡", "石桥村")], by=BY, now=NOW)
    return world

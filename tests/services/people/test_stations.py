"""Stations: keys of posters, names."""

import pytest

from tests.factories import NOW
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services.people import stations

BY = Actor(name="经办人")


@pytest.fixture
def place(world):
    """Set up a station in the county."""
    with world.work():
        stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
    return world


def test_renew_key_invalidates_old_posters(place):
    with place.work():
        station = stations.all_stations()[0]
        old = station.key
        assert stations.by_key(old) is station
        stations.renew_key(station, by=BY, now=NOW)
        assert (stations.by_key(old), stations.by_key(station.key)) == (None, station)
        stations.save_station(station, name="示例联络站", place="", active=False, by=BY, now=NOW)
        assert (stations.by_key(station.key), stations.all_stations()) == (None, [])
        with pytest.raises(RuleBroken, match="已经有名为"):
            stations.save_station(None, name=" 示例联络站 ", place="", by=BY, now=NOW)
        db.session.rollback()

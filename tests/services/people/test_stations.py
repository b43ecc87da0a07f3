"""Stations: set up, changed, and the keys of their posters."""

import pytest

from tests.factories import NOW
from tests.services.people.tools import BY, actions
from votes.db import db
from votes.rules.errors import RuleBroken
from votes.services.people import stations


def test_save_station_keeps_its_key_when_the_name_changes(place):
    station = stations.save_station(None, name=" 示例 联络站 ", place="", by=BY, now=NOW)
    key = station.key
    assert stations.save_station(station, name="第一联络站", place="村部", by=BY, now=NOW).key == key
    assert stations.by_key(key) is station
    assert actions()[-2:] == [("station.create", "示例 联络站"), ("station.edit", "第一联络站")]


def test_renew_key_makes_the_old_poster_invalid(place):
    station = stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
    key = station.key
    stations.renew_key(station, by=BY, now=NOW)
    assert (stations.by_key(key), stations.by_key(station.key)) == (None, station)


@pytest.mark.parametrize(("name", "message"), [(" ", "请填写名称。"), ("示例联络站", "已经有名为")])
def test_save_station_refuses_a_missing_or_taken_name(place, name, message):
    stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
    with pytest.raises(RuleBroken, match=message):
        stations.save_station(None, name=name, place="", by=BY, now=NOW)
    db.session.rollback()


@pytest.fixture
def with_station(world):
    """Set up a station in the county."""
    with world.work():
        stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
    return world


def test_renew_key_invalidates_old_posters(with_station):
    with with_station.work():
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

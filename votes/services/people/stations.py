"""Stations where suggestions are collected (联络站)."""

from datetime import datetime

from sqlalchemy import select

from votes.db import by_id, db
from votes.models import Station
from votes.rules import codes
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services import audit


def all_stations(active_only: bool = True) -> list[Station]:
    """Return the stations in the order in which they were set up, those in use first."""
    query = select(Station).order_by(Station.active.desc(), Station.id)
    return list(db.session.scalars(query.where(Station.active) if active_only else query))


get_station = by_id(select(Station))


def by_key(key: str) -> Station | None:
    """Return the station of a poster's key; None for a replaced key and for a station out of use."""
    return db.session.scalar(select(Station).where(Station.key == key, Station.active))


def save_station(
    station: Station | None, *, name: str, place: str, active: bool = True, by: Actor, now: datetime
) -> Station:
    """Set up (``station`` None) or change a station; a new one gets a key of its own for its poster.

    Raises RuleBroken for a name that is missing or taken.
    """
    name, place = " ".join(name.split()), " ".join(place.split())
    if not name:
        raise RuleBroken("请填写名称。", field="name", status=422)
    station = station or Station(key=codes.new_token())
    values = {"name": name, "place": place, "active": active}
    taken = RuleBroken(f"已经有名为“{name}”的联络站。", field="name")
    audit.save(station, "station", values, by=by, at=now, taken=taken, constraint="uq_stations_name")
    return station


def renew_key(station: Station, *, by: Actor, now: datetime) -> None:
    """Give a station a new key: posters printed so far lead nowhere from now on."""
    station.key = codes.new_token()
    audit.record("station.renew", by=by, at=now, about=station)
    db.session.flush()

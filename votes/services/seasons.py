"""征集 as it is prepared: seasons, the stations that collect, and the villages of the place."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from votes.db import db, flush_or
from votes.models import Season, Station, Suggestion, Village
from votes.rules import codes
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Actor
from votes.rules.places import Places
from votes.rules.suggestions import check_season
from votes.services import audit

# --- reading -----------------------------------------------------------------------------------------------


def current(day: date) -> Season | None:
    """The season that is open on ``day`` (the latest to open, should there be two)."""
    return db.session.scalar(
        select(Season)
        .where(Season.opens_on <= day, Season.closes_on >= day)
        .order_by(Season.opens_on.desc(), Season.id.desc())
        .limit(1)
    )


def nearest(day: date) -> Season | None:
    """The open season, else the next to open, else the last that was; None before the first is set up."""
    if found := current(day):
        return found
    coming = select(Season).where(Season.opens_on > day).order_by(Season.opens_on, Season.id)
    over = select(Season).where(Season.closes_on < day).order_by(Season.closes_on.desc(), Season.id.desc())
    return db.session.scalar(coming.limit(1)) or db.session.scalar(over.limit(1))


def of_year(year: int) -> Season | None:
    return db.session.scalar(select(Season).where(Season.year == year))


def every_season() -> list[Season]:
    """All seasons, the latest year first."""
    return list(db.session.scalars(select(Season).order_by(Season.year.desc())))


def received() -> dict[int, int]:
    """Season id → how many suggestions came in it."""
    rows = db.session.execute(
        select(Suggestion.season_id, func.count())
        .where(Suggestion.season_id.is_not(None))
        .group_by(Suggestion.season_id)
    )
    return {season_id: count for season_id, count in rows if season_id}


def get_season(season_id: int) -> Season | None:
    return db.session.scalar(select(Season).where(Season.id == season_id))


def stations(active_only: bool = True) -> list[Station]:
    """The stations in the order in which they were set up."""
    query = select(Station).order_by(Station.active.desc(), Station.id)
    return list(db.session.scalars(query.where(Station.active) if active_only else query))


def get_station(station_id: int) -> Station | None:
    return db.session.scalar(select(Station).where(Station.id == station_id))


def by_key(key: str) -> Station | None:
    """The station behind a poster; None for a key that has been replaced and for a station out of use."""
    return db.session.scalar(select(Station).where(Station.key == key, Station.active))


def villages(active_only: bool = True, township: str = "") -> list[Village]:
    """The villages by township, both in the order in which the place lists them."""
    first = (
        select(Village.township, func.min(Village.position).label("place"))
        .group_by(Village.township)
        .subquery()
    )
    query = (
        select(Village)
        .join(first, first.c.township == Village.township)
        .order_by(first.c.place, Village.township, Village.position, Village.id)
    )
    if active_only:
        query = query.where(Village.active)
    if township:
        query = query.where(Village.township == township)
    return list(db.session.scalars(query))


def grouped(found: Sequence[Village]) -> list[tuple[str, list[Village]]]:
    """(township, its villages) of villages in the order of `villages`."""
    return [(township, list(group)) for township, group in groupby(found, key=lambda v: v.township)]


def places(active_only: bool = True) -> Places:
    """The villages (those in use), to be found by what people type."""
    return Places([(village.id, village.township, village.name) for village in villages(active_only)])


def get_village(village_id: int) -> Village | None:
    return db.session.scalar(select(Village).where(Village.id == village_id))


# --- acts ----------------------------------------------------------------------------------------------------


def save_season(
    season: Season | None,
    *,
    year: int,
    title: str,
    opens_on: date,
    closes_on: date,
    notice: str,
    by: Actor,
    now: datetime,
) -> Season:
    """Set up the season of ``year``, or change one; from ``opens_on`` to ``closes_on``, both included, everybody may
    suggest. Raises RuleBroken for days that make no sense, a second season of one year, and a change of year once
    something has come in."""
    check_season(year, opens_on, closes_on)
    title = title.strip() or f"{year}年民生实事项目建议征集"
    if season and season.year != year and received().get(season.id):
        raise RuleBroken("本征集期已经收到建议，实施年度不能再改。", field="year")
    given = {
        "year": year,
        "title": title,
        "starts_on": opens_on,
        "ends_on": closes_on,
        "notice": notice.strip(),
    }
    before = _facts_of_season(season) if season else {}
    new = season is None
    if season is None:
        season = Season(year=year)
        db.session.add(season)
    season.year, season.title, season.notice = year, title, notice.strip()
    season.opens_on, season.closes_on = opens_on, closes_on
    flush_or(
        RuleBroken(f"{year} 年的征集期已经设立，请直接修改。", field="year"), constraint="uq_seasons_year"
    )
    before, after = audit.changes(before, given)
    if after:
        audit.record(
            "season.create" if new else "season.edit",
            by=by,
            at=now,
            about=season,
            before=before if not new else None,
            after=after,
        )
    return season


def _facts_of_season(season: Season) -> dict[str, Any]:
    return {
        "year": season.year,
        "title": season.title,
        "starts_on": season.opens_on,
        "ends_on": season.closes_on,
        "notice": season.notice,
    }


def save_station(
    station: Station | None, *, name: str, place: str, active: bool = True, by: Actor, now: datetime
) -> Station:
    """Set up a station (联络站、活动室) with a key of its own for its poster, or change one.

    Raises RuleBroken for a name that is missing or taken.
    """
    name, place = " ".join(name.split()), " ".join(place.split())
    if not name:
        raise RuleBroken("请填写名称。", field="name", status=422)
    new = station is None
    before = (
        {} if station is None else {"name": station.name, "place": station.place, "active": station.active}
    )
    if station is None:
        station = Station(key=codes.new_token())
        db.session.add(station)
    station.name, station.place, station.active = name, place, active
    flush_or(RuleBroken(f"已经有名为“{name}”的联络站。", field="name"), constraint="uq_stations_name")
    before, after = audit.changes(before, {"name": name, "place": place, "active": active})
    if after:
        audit.record(
            "station.create" if new else "station.edit",
            by=by,
            at=now,
            about=station,
            before=None if new else before,
            after=after,
        )
    return station


def renew_key(station: Station, *, by: Actor, now: datetime) -> None:
    """A new key: posters printed so far lead nowhere from now on."""
    station.key = codes.new_token()
    audit.record("station.renew", by=by, at=now, about=station)
    db.session.flush()


def save_village(
    village: Village | None, *, township: str, name: str, active: bool = True, by: Actor, now: datetime
) -> Village:
    """Enter a village (村、社区) under its township or street, or change one; what has been said about it stays.

    Raises RuleBroken for a name that is missing or stands there already.
    """
    township, name = "".join(township.split()), "".join(name.split())
    if not name:
        raise RuleBroken("请填写村（社区）名称。", field="name", status=422)
    new = village is None
    before = (
        {}
        if village is None
        else {"township": village.township, "name": village.name, "active": village.active}
    )
    if village is None:
        village = Village(position=_next_position())
        db.session.add(village)
    village.township, village.name, village.active = township, name, active
    flush_or(RuleBroken(f"“{township}{name}”已在名单中。", field="name"), constraint="uq_villages_name")
    before, after = audit.changes(before, {"township": township, "name": name, "active": active})
    if after:
        audit.record(
            "village.create" if new else "village.edit",
            by=by,
            at=now,
            about=village,
            before=None if new else before,
            after=after,
        )
    return village


def add_villages(pairs: Sequence[tuple[str, str]], *, by: Actor, now: datetime) -> int:
    """Enter many (township, name) at once, behind those that are there. Returns how many."""
    start = _next_position()
    db.session.add_all(
        Village(township=township, name=name, position=start + place)
        for place, (township, name) in enumerate(pairs)
    )
    flush_or(
        RuleBroken("名单在此期间有了变动，没有导入任何内容。请重新上传。", code="stale"),
        constraint="uq_villages_name",
    )
    audit.record("village.import", by=by, at=now, after={"added": len(pairs)})
    return len(pairs)


def _next_position() -> int:
    return (db.session.scalar(select(func.max(Village.position))) or 0) + 1

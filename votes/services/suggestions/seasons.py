"""征集 as it is prepared: seasons, the stations that collect, and the villages of the place."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from votes.db import db, flush_or
from votes.models import Season, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.suggestions.suggestions import check_season
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

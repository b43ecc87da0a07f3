"""Seasons (征集期): which one is open, how many suggestions came in each, setting one up."""

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
    """Return the season that is open on ``day``; of two, the one that opened later."""
    return db.session.scalar(
        select(Season)
        .where(Season.opens_on <= day, Season.closes_on >= day)
        .order_by(Season.opens_on.desc(), Season.id.desc())
        .limit(1)
    )


def nearest(day: date) -> Season | None:
    """Return the open season, else the next to open, else the last that closed; None where there is none."""
    if season := current(day):
        return season
    coming = select(Season).where(Season.opens_on > day).order_by(Season.opens_on, Season.id)
    over = select(Season).where(Season.closes_on < day).order_by(Season.closes_on.desc(), Season.id.desc())
    return db.session.scalar(coming.limit(1)) or db.session.scalar(over.limit(1))


def of_year(year: int) -> Season | None:
    """Return the season of a year."""
    return db.session.scalar(select(Season).where(Season.year == year))


def every_season() -> list[Season]:
    """Return all seasons, the latest year first."""
    return list(db.session.scalars(select(Season).order_by(Season.year.desc())))


def received() -> dict[int, int]:
    """Return how many suggestions came in each season, by its id."""
    rows = db.session.execute(
        select(Suggestion.season_id, func.count())
        .where(Suggestion.season_id.is_not(None))
        .group_by(Suggestion.season_id)
    )
    return {season_id: count for season_id, count in rows if season_id}


def get_season(season_id: int) -> Season | None:
    """Return one season."""
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
    """Set up the season of ``year``, or change one; everybody may suggest from ``opens_on`` to ``closes_on``, both included.

    Raises:
        RuleBroken: for days that are not valid, a second season of one year, and another year for a season in which
            suggestions came.
    """
    check_season(year, opens_on, closes_on)
    if season and season.year != year and received().get(season.id):
        raise RuleBroken("本征集期已经收到建议，实施年度不能再改。", field="year")
    before = _logged(season) if season else {}
    action = "season.edit" if season else "season.create"
    if season is None:
        season = Season(year=year)
        db.session.add(season)
    season.year, season.title = year, title.strip() or f"{year}年民生实事项目建议征集"
    season.opens_on, season.closes_on, season.notice = opens_on, closes_on, notice.strip()
    flush_or(
        RuleBroken(f"{year} 年的征集期已经设立，请直接修改。", field="year"), constraint="uq_seasons_year"
    )
    old, new = audit.changes(before, _logged(season))
    if new:
        audit.record(action, by=by, at=now, about=season, before=old if before else None, after=new)
    return season


#: The name of a fact in the audit log → the column.
_LOGGED = {
    "year": "year",
    "title": "title",
    "starts_on": "opens_on",
    "ends_on": "closes_on",
    "notice": "notice",
}


def _logged(season: Season) -> dict[str, Any]:
    return {name: getattr(season, column) for name, column in _LOGGED.items()}

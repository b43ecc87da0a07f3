"""Seasons (征集期): which one is open, how many suggestions came in each, setting one up."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, select

from votes.db import by_id, db
from votes.models import Season, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.suggestions.suggestions import SeasonText, check_season
from votes.services import audit

# --- reading -----------------------------------------------------------------------------------------------


def current(day: date) -> Season | None:
    """Return the season that is open on ``day``; of two, the one that opened later."""
    query = select(Season).where(Season.opens_on <= day, Season.closes_on >= day)
    return db.session.scalar(query.order_by(Season.opens_on.desc(), Season.id.desc()).limit(1))


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
    rows = db.session.execute(select(Suggestion.season_id, func.count()).group_by(Suggestion.season_id))
    return {season_id: count for season_id, count in rows if season_id}


get_season = by_id(select(Season))


# --- acts ----------------------------------------------------------------------------------------------------


def save_season(season: Season | None, text: SeasonText, *, by: Actor, now: datetime) -> Season:
    """Set up a season (``season`` None), or change one.

    Raises:
        RuleBroken: for days that are not valid, a second season of one year, and another year for a season in which
            suggestions came.
    """
    check_season(text.year, text.opens_on, text.closes_on)
    if season and season.year != text.year and received().get(season.id):
        raise RuleBroken("本征集期已经收到建议，实施年度不能再改。", field="year")
    title = text.title.strip() or f"{text.year}年民生实事项目建议征集"
    taken = RuleBroken(f"{text.year} 年的征集期已经设立，请直接修改。", field="year")
    values = asdict(text) | {"title": title, "notice": text.notice.replace("\r\n", "\n").strip()}
    season = season or Season()
    audit.save(season, "season", values, by=by, at=now, taken=taken, constraint="uq_seasons_year")
    return season

"""Read a county over its townships, and a place over its years: counts and sums, never a name.

The session narrows every statement to one body. Here several bodies are read at once, so each statement narrows to
them by itself: `_within` alone widens the scope, its ids come from `ids_of` alone, and the number of statements does
not grow with the number of places.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import EVERY_BODY, db, scoped
from votes.models import Body, Project, Report, Season, Tracking
from votes.rules.delivery.lights import Light, LightSettings
from votes.rules.people.actor import Actor
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.services.people.identity import body_ids_below
from votes.services.publication.regional_counts import CountsByYear, YearCount, counts
from votes.services.publication.regional_votes import Vote, votes

#: How many years are compared.
YEARS = 6


@dataclass(frozen=True)
class Place:
    """One body in one year, as it stands on the day of the overview."""

    body: Body
    season: Season | None
    collecting: bool  # 征集 is open
    vote: Vote | None
    count: YearCount
    summary: trackings.YearSummary


@dataclass(frozen=True)
class YearRow:
    """One year in the comparison of years."""

    year: int
    count: YearCount


@dataclass(frozen=True)
class Overview:
    """What one reader's page shows."""

    year: int
    years: list[int]  # newest first
    places: list[Place]
    whole: trackings.YearSummary
    total: YearCount
    counts: CountsByYear

    def over_the_years(self, body_id: int | None) -> list[YearRow]:
        """Return up to six years of one place, the oldest first; None: of all places together.

        Years before the first one with anything to count are left out.
        """
        ids = [place.body.id for place in self.places if body_id in (None, place.body.id)]
        rows = [
            YearRow(year, sum((self.counts.get((id_, year), YearCount()) for id_ in ids), YearCount()))
            for year in sorted(self.years)
        ]
        first = next((i for i, row in enumerate(rows) if row.count != YearCount()), len(rows))
        return rows[first:]


def ids_of(by: Actor) -> list[int]:
    """Return the bodies whose figures ``by`` may compare: the one in view and those below it."""
    return body_ids_below(by.body_id) if by.body_id is not None else []


@contextmanager
def _within(ids: Sequence[int]) -> Iterator[None]:
    """Read the rows of several bodies. Each statement inside narrows to ``ids`` by itself."""
    assert ids, "no body is in view"
    with scoped(EVERY_BODY):
        yield


def read(by: Actor, *, day: date, year: int | None = None, sort: str = "place") -> Overview | None:
    """Return the overview for ``by`` on ``day``; None where no body is in view.

    ``year``: one that has figures; otherwise the latest in which projects are carried out is taken.
    """
    ids = ids_of(by)
    if not ids:
        return None
    with _within(ids):
        by_year = counts(ids, day)
        years = sorted({y for (_, y), count in by_year.items() if count != YearCount()}, reverse=True)[:YEARS]
        if year not in years:
            year = _latest(by_year, years) or day.year
        all_bodies = {body.id: body for body in bodies.all_bodies()}
        lines = _lines(ids, year, day, all_bodies)
        of_year = select(Season).where(Season.body_id.in_(ids), Season.year == year)
        seasons = {season.body_id: season for season in db.session.scalars(of_year)}
        sessions = votes(ids, year, all_bodies)
    collecting = {id_ for id_, season in seasons.items() if season.opens_on <= day <= season.closes_on}
    places = [
        Place(
            body=all_bodies[id_],
            season=seasons.get(id_),
            collecting=id_ in collecting,
            vote=sessions.get(id_),
            count=by_year.get((id_, year), YearCount()),
            summary=trackings.summary(lines.get(id_, [])),
        )
        for id_ in ids
    ]
    return Overview(
        year=year,
        years=years or [year],
        places=sorted(places, key=SORTS.get(sort, SORTS["place"])),
        whole=trackings.summary([line for each in lines.values() for line in each]),
        total=sum((place.count for place in places), YearCount()),
        counts=dict(by_year),
    )


def _latest(by_year: CountsByYear, years: Sequence[int]) -> int | None:
    """Return the latest of ``years`` in which projects are carried out, else the latest; None where there is none."""
    running = {year for (_, year), count in by_year.items() if count.tracked}
    return next((year for year in years if year in running), next(iter(years), None))


# --- sorting -------------------------------------------------------------------------------------------


#: A red light outweighs any number of yellow ones.
_WEIGHTS: dict[Light, int] = {Light.RED: 10_000, Light.ORANGE: 100, Light.YELLOW: 1}


def _alarm(lights: Mapping[Light, int]) -> int:
    return sum(lights.get(light, 0) * weight for light, weight in _WEIGHTS.items())


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    return Decimal(part) / Decimal(whole) if whole else Decimal(2)  # those without a figure come last


#: The sort keys of the table of places. What needs attention comes first, ties keep the order of the tree.
SORTS: dict[str, Callable[[Place], Any]] = {
    "place": lambda p: 0,
    "suggestions": lambda p: -p.count.suggestions,
    "projects": lambda p: -p.summary.total,
    "red": lambda p: (-_alarm(p.summary.lights), p.summary.actual_percent),
    "percent": lambda p: (p.summary.total == 0, p.summary.actual_percent),
    "paid": lambda p: _share(p.summary.paid, p.summary.planned),
    "missing": lambda p: -p.summary.missing,
    "open": lambda p: (-p.count.overdue, -p.count.open),
    "deputies": lambda p: _share(p.count.satisfied + p.count.basically, p.count.base),
    "citizens": lambda p: _share(p.count.citizens_favourable, p.count.rated_by_citizens),
}


# --- one year ------------------------------------------------------------------------------------------


def _lines(
    ids: Sequence[int], year: int, day: date, all_bodies: Mapping[int, Body]
) -> dict[int, list[trackings.TrackedProject]]:
    """Return where each project of the year stands, by body id, as on the pages of progress."""
    of_project = Project.body_id, Project.year, Project.year_investment, Project.due_on
    money = Report.money_planned, Report.money_in_place, Report.money_paid
    of_report = Report.tracking_id, Report.month, Report.percent, *money, Report.reported_at
    query = (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Tracking.body_id.in_(ids), Project.state == ProjectState.SELECTED, Project.year == year)
        .options(
            joinedload(Tracking.project).load_only(*of_project),
            selectinload(Tracking.milestones),
            selectinload(Tracking.adjustments),
            selectinload(Tracking.reports).load_only(*of_report),
        )
    )
    settings = {id_: LightSettings.of(all_bodies[id_].settings) for id_ in ids}
    lines: dict[int, list[trackings.TrackedProject]] = defaultdict(list)
    for tracking in db.session.scalars(query):
        lines[tracking.body_id].append(trackings.line(tracking, day, settings[tracking.body_id]))
    return lines

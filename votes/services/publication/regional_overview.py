"""A county over its townships, and a place over its years: counts and sums, never a name of anybody.

The net of the session keeps to one body. Here several are read at once, so each statement says itself which: `_within`
is the only way out of the net, its ids come from `ids_of` alone, and whatever the number of places the statements are the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from votes.db import EVERY_BODY, db, scoped
from votes.models import (
    Attendance,
    Body,
    Candidate,
    CitizenRating,
    CongressSession,
    Deputy,
    Matter,
    Project,
    Rectification,
    Report,
    Round,
    Season,
    Suggestion,
    Tracking,
    Transfer,
)
from votes.rules.delivery.lights import Light, LightSettings
from votes.rules.delivery.trackings import TrackingState
from votes.rules.meeting.quorum import quorum_met
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.rule import Rule, quorum_of
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.rules.projects.projects import ProjectState
from votes.rules.supervision.ratings import Overall, overall
from votes.rules.supervision.supervision import RectificationState
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.services.people.identity import body_ids_below
from votes.services.voting import tally

#: How many years are held against each other.
YEARS = 6
#: States in which a project has stood on the list that was voted on.
CANDIDATES = (ProjectState.LISTED, ProjectState.SELECTED, ProjectState.NOT_SELECTED)
OPEN = (RectificationState.ISSUED, RectificationState.ANSWERED)


@dataclass
class Count:
    """What one place did for the projects of one year, or several places or years together (they can be added)."""

    suggestions: int = 0  # 征集
    matters: int = 0  # 合并
    studied: int = 0  # 论证: a unit has been asked
    candidates: int = 0
    selected: int = 0
    states: dict[TrackingState, int] = field(default_factory=dict)
    percent: int = 0  # sum of the last reported percentages
    planned: Decimal = Decimal(0)  # 万元, as last reported, else as decided
    in_place: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    rectifications: int = 0
    open: int = 0  # 督办件 not yet closed
    overdue: int = 0  # of which unanswered after their day
    satisfied: int = 0  # the deputies' marks, where the rule publishes them
    basically: int = 0
    base: int = 0
    graded: dict[str, int] = field(default_factory=dict)  # projects by the deputies' grade
    citizens: dict[str, int] = field(default_factory=dict)  # citizens' ratings by grade

    def __add__(self, other: "Count") -> "Count":
        return Count(**{f.name: _plus(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)})

    @property
    def tracked(self) -> int:
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """完成 and 基本完成."""
        return self.states.get(TrackingState.DONE, 0) + self.states.get(TrackingState.BASICALLY, 0)

    @property
    def mean_percent(self) -> Decimal | None:
        """The plain mean of the last reported percentages; None where nothing is carried out."""
        return Decimal(self.percent) / self.tracked if self.tracked else None

    @property
    def rating(self) -> Overall | None:
        """总体满意率 of the deputies' ratings; None where there is none, or no figures are published."""
        return Overall(self.satisfied, self.basically, self.base) if self.base else None

    @property
    def rated_by_citizens(self) -> int:
        return sum(self.citizens.values())

    @property
    def citizens_favourable(self) -> int:
        """满意 and 基本满意."""
        return self.citizens.get("satisfied", 0) + self.citizens.get("basically", 0)


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
    return one + other


@dataclass(frozen=True)
class Vote:
    """The session that decides on the year's projects: 应到, 实到, 法定人数, and how far its vote has come."""

    title: str
    starts_on: date
    state: SessionState
    roster: int
    present: int
    needed: int
    quorate: bool
    opened: bool  # a box has been opened
    announced: bool


@dataclass(frozen=True)
class Place:
    """One body in one year, as it stands today."""

    body: Body
    season: Season | None
    collecting: bool  # 征集 is open today
    vote: Vote | None
    count: Count
    summary: trackings.YearSummary


@dataclass(frozen=True)
class YearRow:
    year: int
    count: Count


@dataclass(frozen=True)
class Overview:
    """Everything for one reader's page."""

    year: int
    years: list[int]  # newest first
    places: list[Place]
    whole: trackings.YearSummary
    total: Count
    counts: dict[tuple[int, int], Count]  # by (body id, year)

    def over_the_years(self, body_id: int | None) -> list[YearRow]:
        """Six years of one place (None: of all together), the oldest first; years before its first are left out."""
        ids = [place.body.id for place in self.places if body_id in (None, place.body.id)]
        rows = [
            YearRow(year, sum((self.counts[id_, year] for id_ in ids if (id_, year) in self.counts), Count()))
            for year in sorted(self.years)
        ]
        first = next((i for i, row in enumerate(rows) if row.count != Count()), len(rows))
        return rows[first:]


def ids_of(by: Actor) -> list[int]:
    """The bodies whose figures ``by`` may hold against each other: the one in view and those below it."""
    return body_ids_below(by.body_id) if by.body_id is not None else []


@contextmanager
def _within(ids: Sequence[int]) -> Iterator[None]:
    """Read the rows of several bodies. Each statement inside narrows to ``ids`` by itself."""
    assert ids, "no body is in view"
    with scoped(EVERY_BODY):
        yield


def read(by: Actor, *, day: date, year: int | None = None, sort: str = "place") -> Overview | None:
    """The overview for ``by`` on ``day``: of ``year``, else of the latest with projects. None where no body is in view."""
    ids = ids_of(by)
    if not ids:
        return None
    with _within(ids):
        counts = _counts(ids, day)
        shown = sorted({y for (_, y), count in counts.items() if count != Count()}, reverse=True)[:YEARS]
        running = [y for y in shown if any(counts[id_, y].tracked for id_ in ids if (id_, y) in counts)]
        chosen = year if year in shown else next(iter(running), next(iter(shown), day.year))
        all_bodies = {body.id: body for body in bodies.all_bodies()}
        lines = _lines(ids, chosen, day, all_bodies)
        seasons = _seasons(ids, chosen)
        votes = _votes(ids, chosen, all_bodies)
    places = [
        Place(
            body=all_bodies[id_],
            season=seasons.get(id_),
            collecting=(season := seasons.get(id_)) is not None
            and season.opens_on <= day <= season.closes_on,
            vote=votes.get(id_),
            count=counts.get((id_, chosen), Count()),
            summary=trackings.summary(lines.get(id_, [])),
        )
        for id_ in ids
    ]
    return Overview(
        year=chosen,
        years=shown or [chosen],
        places=arrange(places, sort),
        whole=trackings.summary([line for each in lines.values() for line in each]),
        total=sum((place.count for place in places), Count()),
        counts=dict(counts),
    )


# --- sorting -------------------------------------------------------------------------------------------


#: A red light outweighs any number of yellow ones.
_WORRY: dict[Light, int] = {Light.RED: 10_000, Light.ORANGE: 100, Light.YELLOW: 1}


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    return Decimal(part) / Decimal(whole) if whole else Decimal(2)  # those without a figure come last


#: What the table of places can be sorted by. Where there is something to worry about it comes first.
SORTS: dict[str, Any] = {
    "place": lambda p: 0,
    "suggestions": lambda p: -p.count.suggestions,
    "projects": lambda p: -p.summary.total,
    "red": lambda p: (
        -sum(p.summary.lights.get(light, 0) * weight for light, weight in _WORRY.items()),
        p.summary.actual_percent,
    ),
    "percent": lambda p: (p.summary.total == 0, p.summary.actual_percent),
    "paid": lambda p: _share(p.summary.paid, p.summary.planned),
    "missing": lambda p: -p.summary.missing,
    "open": lambda p: (-p.count.overdue, -p.count.open),
    "deputies": lambda p: _share(p.count.satisfied + p.count.basically, p.count.base),
    "citizens": lambda p: _share(p.count.citizens_favourable, p.count.rated_by_citizens),
}


def arrange(places: Iterable[Place], sort: str) -> list[Place]:
    """``places`` by a key of `SORTS`, else as they stand in the tree; equal ones stay in that order."""
    return sorted(places, key=SORTS.get(sort, SORTS["place"]))


# --- counting ------------------------------------------------------------------------------------------


def _counts(ids: Sequence[int], day: date) -> dict[tuple[int, int], Count]:
    """What each place did for each year."""
    found: dict[tuple[int, int], Count] = defaultdict(Count)

    def grouped(model: Any, *columns: Any) -> Any:
        """Select the body, then ``columns``, of ``model``'s rows within ``ids``."""
        return select(model.body_id, *columns).where(model.body_id.in_(ids))

    for body_id, year, number in db.session.execute(
        grouped(Suggestion, Suggestion.year, func.count()).group_by(Suggestion.body_id, Suggestion.year)
    ):
        found[body_id, year].suggestions = number
    asked = select(Transfer.matter_id).where(Transfer.body_id.in_(ids))
    for body_id, year, number, studied in db.session.execute(
        grouped(Matter, Matter.year, func.count(), _number(Matter.id.in_(asked))).group_by(
            Matter.body_id, Matter.year
        )
    ):
        found[body_id, year].matters, found[body_id, year].studied = number, studied
    for body_id, year, state, number in db.session.execute(
        grouped(Project, Project.year, Project.state, func.count())
        .where(Project.state.in_(CANDIDATES))
        .group_by(Project.body_id, Project.year, Project.state)
    ):
        found[body_id, year].candidates += number
        found[body_id, year].selected += number if state == ProjectState.SELECTED else 0
    _count_progress(ids, found)
    for body_id, year, number, opened, overdue in db.session.execute(
        grouped(
            Rectification,
            Project.year,
            func.count(),
            _number(Rectification.state.in_(OPEN)),
            _number(and_(Rectification.state == RectificationState.ISSUED, Rectification.due_on < day)),
        )
        .join(Tracking, Tracking.id == Rectification.tracking_id)
        .join(Project, Project.id == Tracking.project_id)
        .where(Rectification.state != RectificationState.CANCELLED)
        .group_by(Rectification.body_id, Project.year)
    ):
        count = found[body_id, year]
        count.rectifications, count.open, count.overdue = number, opened, overdue
    for body_id, year, grade, number in db.session.execute(
        grouped(CitizenRating, Project.year, CitizenRating.grade, func.count())
        .join(Tracking, Tracking.id == CitizenRating.tracking_id)
        .join(Project, Project.id == Tracking.project_id)
        .group_by(CitizenRating.body_id, Project.year, CitizenRating.grade)
    ):
        found[body_id, year].citizens[grade] = number
    _count_ratings(ids, found)
    return found


def _number(condition: ColumnElement[bool]) -> Any:
    return func.count().filter(condition)


def _count_progress(ids: Sequence[int], found: dict[tuple[int, int], Count]) -> None:
    """Carried-out projects by state, and the sums of their last reports."""
    last = (
        select(Report.tracking_id, func.max(Report.month).label("month"))
        .where(Report.body_id.in_(ids))
        .group_by(Report.tracking_id)
        .subquery()
    )
    query = (
        select(
            Project.body_id,
            Project.year,
            Tracking.state,
            func.count(),
            func.sum(func.coalesce(Report.percent, 0)),
            func.sum(func.coalesce(Report.money_planned, Project.year_investment, 0)),
            func.sum(func.coalesce(Report.money_in_place, 0)),
            func.sum(func.coalesce(Report.money_paid, 0)),
        )
        .join(Tracking, Tracking.project_id == Project.id)
        .outerjoin(last, last.c.tracking_id == Tracking.id)
        .outerjoin(Report, and_(Report.tracking_id == Tracking.id, Report.month == last.c.month))
        .where(Project.body_id.in_(ids), Project.state == ProjectState.SELECTED)
        .group_by(Project.body_id, Project.year, Tracking.state)
    )
    for body_id, year, state, number, percent, planned, in_place, paid in db.session.execute(query):
        count = found[body_id, year]
        count.states[state] = number
        count.percent += int(percent)
        count.planned += _money(planned)
        count.in_place += _money(in_place)
        count.paid += _money(paid)


def _money(value: Any) -> Decimal:
    """万元 of a sum (SQLite sums as floating point)."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _count_ratings(ids: Sequence[int], found: dict[tuple[int, int], Count]) -> None:
    """The deputies' announced ratings (满意度测评), counted for the year of the projects that were rated."""
    query = (
        select(Round)
        .where(
            Round.body_id.in_(ids),
            Round.state == RoundState.ANNOUNCED,
            Round.rehearsal.is_(False),
            Round.rule["method"].as_string() == "rating",
        )
        .options(load_only(Round.body_id, Round.state, Round.rule, Round.result, Round.returned))
    )
    rounds = list(db.session.scalars(query))
    if not rounds:
        return
    rated = {
        (round_id, number): year
        for round_id, number, year in db.session.execute(
            select(Candidate.round_id, Candidate.number, Project.year)
            .join(Project, Project.id == Candidate.project_id)
            .where(Candidate.body_id.in_(ids), Candidate.round_id.in_([round_.id for round_ in rounds]))
        )
    }
    for round_ in rounds:
        result = tally.result_of(round_)
        rows: dict[int, list[Any]] = defaultdict(list)
        for row in result.ratings if result else ():
            rows[rated[round_.id, row.no]].append(row)
        for year, of_year in rows.items():
            count = found[round_.body_id, year]
            for row in of_year:
                if row.grade:
                    count.graded[row.grade] = count.graded.get(row.grade, 0) + 1
            if Rule.from_dict(round_.rule).publish == "names+votes":
                whole = overall(of_year, round_.returned or 0)
                count.satisfied += whole.satisfied
                count.basically += whole.basically
                count.base += whole.base


# --- one year ------------------------------------------------------------------------------------------


def _lines(
    ids: Sequence[int], year: int, day: date, known: dict[int, Body]
) -> dict[int, list[trackings.TrackedProject]]:
    """Where each project of the year stands, by body: the same reckoning as on the pages of progress."""
    query = (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Tracking.body_id.in_(ids), Project.state == ProjectState.SELECTED, Project.year == year)
        .options(
            joinedload(Tracking.project).load_only(
                Project.body_id, Project.year, Project.year_investment, Project.due_on
            ),
            selectinload(Tracking.milestones),
            selectinload(Tracking.adjustments),
            selectinload(Tracking.reports).load_only(
                Report.tracking_id,
                Report.month,
                Report.percent,
                Report.money_planned,
                Report.money_in_place,
                Report.money_paid,
                Report.reported_at,
            ),
        )
    )
    found: dict[int, list[trackings.TrackedProject]] = defaultdict(list)
    for tracking in db.session.scalars(query):
        place = LightSettings.of(known[tracking.body_id].settings)
        found[tracking.body_id].append(trackings.line(tracking, day, place))
    return found


def _seasons(ids: Sequence[int], year: int) -> dict[int, Season]:
    rows = db.session.scalars(select(Season).where(Season.body_id.in_(ids), Season.year == year))
    return {season.body_id: season for season in rows}


def _votes(ids: Sequence[int], year: int, known: dict[int, Body]) -> dict[int, Vote]:
    """The latest session of each place that decides on the year's projects."""
    meetings: dict[int, CongressSession] = {}
    for meeting in db.session.scalars(
        select(CongressSession)
        .where(CongressSession.body_id.in_(ids), CongressSession.year == year)
        .order_by(CongressSession.starts_on, CongressSession.id)
    ):
        meetings[meeting.body_id] = meeting
    if not meetings:
        return {}
    session_ids = [meeting.id for meeting in meetings.values()]
    rosters = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Deputy.body_id, func.count())
            .where(Deputy.body_id.in_(ids), Deputy.state == DeputyState.ACTIVE)
            .group_by(Deputy.body_id)
        )
    }
    heads = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Attendance.session_id, func.count())
            .join(Deputy, Deputy.id == Attendance.deputy_id)
            .where(
                Attendance.session_id.in_(session_ids),
                Attendance.state == AttendanceState.PRESENT,
                Deputy.state == DeputyState.ACTIVE,
            )
            .group_by(Attendance.session_id)
        )
    }
    rounds: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(Round.session_id, Round.state, Round.rule, Round.roster, Round.present)
        .where(
            Round.session_id.in_(session_ids),
            Round.rehearsal.is_(False),
            Round.state.not_in([RoundState.CANCELLED, RoundState.VOID]),
            Round.rule["method"].as_string() != "rating",
        )
        .order_by(Round.id)
    ):
        rounds[row.session_id].append(row)
    return {
        body_id: _vote(
            meeting,
            known[body_id],
            rounds[meeting.id],
            rosters.get(body_id, 0),
            heads.get(meeting.id, 0),
        )
        for body_id, meeting in meetings.items()
    }


def _vote(meeting: CongressSession, body: Body, rounds: Sequence[Any], roster: int, present: int) -> Vote:
    """Figures of the first box that was opened, as frozen then; before, those of the door."""
    opened = [round_ for round_ in rounds if round_.roster is not None]
    rule = Rule.from_dict(rounds[-1].rule) if rounds else bodies.default_rule(body, 1)
    if opened:
        rule, roster, present = Rule.from_dict(opened[0].rule), opened[0].roster, opened[0].present or 0
    return Vote(
        title=meeting.title,
        starts_on=meeting.starts_on,
        state=meeting.state,
        roster=roster,
        present=present,
        needed=quorum_of(rule, roster),
        quorate=quorum_met(present, roster, rule.quorum, rule.quorum_more),
        opened=bool(opened),
        announced=any(round_.state == RoundState.ANNOUNCED for round_ in rounds),
    )

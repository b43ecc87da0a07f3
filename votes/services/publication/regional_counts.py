"""Count what places did for the projects of each year: sums and counts over several bodies, never a name.

Each statement narrows to the bodies by itself: it runs in the scope of every body (see `regional_overview`).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import load_only

from votes.db import db
from votes.models import (
    Candidate,
    CitizenRating,
    Matter,
    Project,
    Rectification,
    Report,
    Round,
    Suggestion,
    Tracking,
    Transfer,
)
from votes.rules.delivery.trackings import TrackingState
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.rules.projects.projects import ProjectState
from votes.rules.supervision.ratings import Overall, overall
from votes.rules.supervision.supervision import RectificationState
from votes.rules.voting.tally import RatingCount
from votes.services.voting import tally

#: States in which a project has stood on the list that was voted on.
CANDIDATES = (ProjectState.LISTED, ProjectState.SELECTED, ProjectState.NOT_SELECTED)
OPEN = (RectificationState.ISSUED, RectificationState.ANSWERED)


@dataclass
class YearCount:
    """What places did for the projects of one or several years. Two of them can be added."""

    suggestions: int = 0  # 征集
    matters: int = 0  # 合并
    studied: int = 0  # 论证: a unit has been asked
    candidates: int = 0
    selected: int = 0
    states: Counter[TrackingState] = field(default_factory=Counter)
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
    graded: Counter[str] = field(default_factory=Counter)  # projects by the deputies' grade
    citizens: Counter[str] = field(default_factory=Counter)  # citizens' ratings by grade

    def __add__(self, other: "YearCount") -> "YearCount":
        return YearCount(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def tracked(self) -> int:
        """Return the number of projects that are carried out."""
        return self.states.total()

    @property
    def done(self) -> int:
        """Return the number of projects that are 完成 or 基本完成."""
        return self.states[TrackingState.DONE] + self.states[TrackingState.BASICALLY]

    @property
    def mean_percent(self) -> Decimal | None:
        """Return the plain mean of the last reported percentages; None where nothing is carried out."""
        return Decimal(self.percent) / self.tracked if self.tracked else None

    @property
    def rating(self) -> Overall | None:
        """Return 总体满意率 of the deputies' ratings; None where no figures are published."""
        return Overall(self.satisfied, self.basically, self.base) if self.base else None

    @property
    def rated_by_citizens(self) -> int:
        """Return the number of citizens' ratings."""
        return self.citizens.total()

    @property
    def citizens_favourable(self) -> int:
        """Return the number of citizens' ratings 满意 or 基本满意."""
        return self.citizens["satisfied"] + self.citizens["basically"]


CountsByYear = dict[tuple[int, int], YearCount]


def counts(ids: Sequence[int], day: date) -> CountsByYear:
    """Return what each of the bodies ``ids`` did for each year, by (body id, year)."""
    by_year: CountsByYear = defaultdict(YearCount)
    _count_origins(ids, by_year)
    _count_progress(ids, by_year)
    _count_rectifications(ids, by_year, day)
    _count_citizens(ids, by_year)
    _count_ratings(ids, by_year)
    return by_year


def _rows(ids: Sequence[int], model: Any, year: Any, *figures: Any, by: Sequence[Any] = ()) -> Any:
    """Select (body, year, *by, *figures) of the rows of ``model``, grouped by the first ones."""
    groups = (model.body_id, year, *by)
    return select(*groups, *figures).where(model.body_id.in_(ids)).group_by(*groups)


def _of_projects(ids: Sequence[int], model: Any, *figures: Any, by: Sequence[Any] = ()) -> Any:
    """Select as `_rows` does, of rows that belong to a project that is carried out, by the project's year."""
    return (
        _rows(ids, model, Project.year, *figures, by=by)
        .join(Tracking, Tracking.id == model.tracking_id)
        .join(Project, Project.id == Tracking.project_id)
    )


def _number(condition: ColumnElement[bool]) -> Any:
    return func.count().filter(condition)


def _set(by_year: CountsByYear, query: Any, *names: str) -> None:
    """Set the counts ``names`` to the figures that ``query`` selects after body and year."""
    for body_id, year, *figures in db.session.execute(query):
        for name, figure in zip(names, figures, strict=True):
            setattr(by_year[body_id, year], name, figure)


def _count_origins(ids: Sequence[int], by_year: CountsByYear) -> None:
    """Count suggestions, matters and candidate projects."""
    _set(by_year, _rows(ids, Suggestion, Suggestion.year, func.count()), "suggestions")
    studied = _number(Matter.id.in_(select(Transfer.matter_id).where(Transfer.body_id.in_(ids))))
    _set(by_year, _rows(ids, Matter, Matter.year, func.count(), studied), "matters", "studied")
    selected = _number(Project.state == ProjectState.SELECTED)
    candidates = _rows(ids, Project, Project.year, func.count(), selected)
    _set(by_year, candidates.where(Project.state.in_(CANDIDATES)), "candidates", "selected")


def _count_progress(ids: Sequence[int], by_year: CountsByYear) -> None:
    """Count the projects that are carried out by state, and sum up their last reports."""
    months = select(Report.tracking_id, func.max(Report.month).label("month"))
    last = months.where(Report.body_id.in_(ids)).group_by(Report.tracking_id).subquery()
    planned = Report.money_planned, Project.year_investment
    reported = (Report.percent,), planned, (Report.money_in_place,), (Report.money_paid,)
    sums = [func.sum(func.coalesce(*values, 0)) for values in reported]
    query = (
        _rows(ids, Project, Project.year, func.count(), *sums, by=[Tracking.state])
        .join(Tracking, Tracking.project_id == Project.id)
        .outerjoin(last, last.c.tracking_id == Tracking.id)
        .outerjoin(Report, and_(Report.tracking_id == Tracking.id, Report.month == last.c.month))
        .where(Project.state == ProjectState.SELECTED)
    )
    for body_id, year, state, number, percent, *money in db.session.execute(query):
        count = YearCount(states=Counter({state: number}), percent=int(percent))
        count.planned, count.in_place, count.paid = map(_money, money)
        by_year[body_id, year] += count


def _money(value: Any) -> Decimal:
    """Return a sum in 万元 (SQLite sums as floating point)."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _count_rectifications(ids: Sequence[int], by_year: CountsByYear, day: date) -> None:
    unanswered = and_(Rectification.state == RectificationState.ISSUED, Rectification.due_on < day)
    figures = func.count(), _number(Rectification.state.in_(OPEN)), _number(unanswered)
    query = _of_projects(ids, Rectification, *figures)
    query = query.where(Rectification.state != RectificationState.CANCELLED)
    _set(by_year, query, "rectifications", "open", "overdue")


def _count_citizens(ids: Sequence[int], by_year: CountsByYear) -> None:
    query = _of_projects(ids, CitizenRating, func.count(), by=[CitizenRating.grade])
    for body_id, year, grade, number in db.session.execute(query):
        by_year[body_id, year].citizens[grade] = number


def _count_ratings(ids: Sequence[int], by_year: CountsByYear) -> None:
    """Count the deputies' announced ratings (满意度测评) for the year of the projects that were rated."""
    rated = Round.rule["method"].as_string() == "rating", Round.rehearsal.is_(False)
    query = select(Round).where(Round.body_id.in_(ids), Round.state == RoundState.ANNOUNCED, *rated)
    columns = Round.body_id, Round.state, Round.rule, Round.result, Round.returned
    rounds = list(db.session.scalars(query.options(load_only(*columns))))
    if not rounds:
        return
    candidates = (
        select(Candidate.round_id, Candidate.number, Project.year)
        .join(Project, Project.id == Candidate.project_id)
        .where(Candidate.body_id.in_(ids), Candidate.round_id.in_([round_.id for round_ in rounds]))
    )
    years = {(round_id, number): year for round_id, number, year in db.session.execute(candidates)}
    for round_ in rounds:
        result = tally.result_of(round_)
        ratings: dict[int, list[RatingCount]] = defaultdict(list)
        for rating in result.ratings if result else ():
            ratings[years[round_.id, rating.no]].append(rating)
        for year, of_year in ratings.items():
            by_year[round_.body_id, year] += _count_of(round_, of_year)


def _count_of(round_: Round, ratings: Sequence[RatingCount]) -> YearCount:
    """Return the grades of the projects rated in a round, and the marks where its rule publishes them."""
    count = YearCount(graded=Counter(rating.grade for rating in ratings if rating.grade))
    if Rule.from_dict(round_.rule).publish == "names+votes":
        marks = overall(ratings, round_.returned or 0)
        count.satisfied, count.basically, count.base = marks.satisfied, marks.basically, marks.base
    return count

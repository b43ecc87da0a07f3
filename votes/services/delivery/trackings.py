"""Tracking: where selected projects stand, by plan, reports and lights.

Changes are in `plans` and `reports`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import RowSearch, by_id, db
from votes.models import Attachment, Department, Milestone, Project, Report, Tracking
from votes.rules.delivery import adjustments, trackings as rules
from votes.rules.delivery.adjustments import AdjustmentState, Decided
from votes.rules.delivery.lights import Light, LightSettings
from votes.rules.delivery.periods import NOUNS, Pause, deadline, month_end, open_months, paused, span, word
from votes.rules.projects.projects import ProjectState
from votes.rules.publication.tasks import Task
from votes.services import audit
from votes.services.people import bodies


@dataclass(frozen=True)
class TrackedProject:
    """Hold one tracked project and where it stands on a day.

    The thresholds are those of its body (``place``).
    """

    tracking: Tracking
    standing: rules.ProjectStanding
    place: LightSettings

    @property
    def project(self) -> Project:
        """Return the project."""
        return self.tracking.project

    @property
    def light(self) -> Light:
        """Return the light on the day."""
        return self.standing.light

    @property
    def last(self) -> Report | None:
        """Return the latest report."""
        return self.tracking.reports[-1] if self.tracking.reports else None

    @property
    def last_period(self) -> str:
        """Return the period of the latest report in words; "" before the first."""
        return word(self.last.month, None, self.tracking.period) if self.last else ""

    @property
    def money_planned(self) -> Decimal:
        """Return this year's planned investment, 万元: as last reported, else as decided."""
        return self.last.money_planned if self.last else self.project.year_investment or Decimal(0)

    @property
    def money_in_place(self) -> Decimal:
        """Return the money in place, 万元, as last reported."""
        return self.last.money_in_place if self.last else Decimal(0)

    @property
    def money_paid(self) -> Decimal:
        """Return the money paid, 万元, as last reported."""
        return self.last.money_paid if self.last else Decimal(0)


def selected() -> Select[Tracking]:
    """Select the trackings of selected projects, with project and unit."""
    return (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(joinedload(Tracking.project), joinedload(Tracking.department))
    )


def _of_selected(*, whole: bool = False) -> Select[Tracking]:
    """Select the trackings of selected projects with what a list shows, in five statements.

    ``whole``: also with what the page of one project shows: its photos, parts and money by source.
    """
    reports = selectinload(Tracking.reports)
    query = selected().options(selectinload(Tracking.milestones), selectinload(Tracking.adjustments), reports)
    if not whole:
        return query
    return query.options(
        reports.selectinload(Report.photos),
        reports.selectinload(Report.parts),
        reports.selectinload(Report.money),
        joinedload(Tracking.project).selectinload(Project.subprojects),
        joinedload(Tracking.project).selectinload(Project.funding),
    )


#: Returns the tracking of a selected project, with what its page shows.
get = by_id(_of_selected(whole=True))


def of_project(project_id: int) -> Tracking | None:
    """Return the tracking of the project, with what its page shows."""
    return db.session.scalar(_of_selected(whole=True).where(Tracking.project_id == project_id))


def years() -> list[int]:
    """Return the years in which projects are tracked, newest first."""
    query = select(Project.year).join(Tracking, Tracking.project_id == Project.id)
    return list(db.session.scalars(query.distinct().order_by(Project.year.desc())))


def line(tracking: Tracking, day: date, place: LightSettings | None = None) -> TrackedProject:
    """Return where a tracking stands on ``day``, by the thresholds of its body.

    They are in ``place``, where the caller knows them.
    """
    place = place or settings(tracking.body_id)
    standing = rules.standing(
        milestones=milestone_points(tracking),
        reports=[reported(r) for r in tracking.reports],
        day=day,
        settings=place,
        pauses=pauses(tracking),
        carried=carried(tracking),
        **audit.facts(tracking, "starts_on", "due_on", "state", "finished_on", "period"),
    )
    return TrackedProject(tracking, standing, place)


def voted_due(project: Project) -> date:
    """Return the time limit as voted: the end of the year where none was named."""
    return project.due_on or date(project.year, 12, 31)


def carried(tracking: Tracking) -> rules.CarryOver | None:
    """Return why the project goes on beyond the year that it was voted for, if it does."""
    return rules.carried_over(tracking.project.year, tracking.due_on, voted_due(tracking.project))


def decided(tracking: Tracking) -> list[Decided]:
    """Return the adjustments that took effect, in the order of their decisions."""
    rows = [
        (each.decided_on, each.id, each)
        for each in tracking.adjustments
        if each.state == AdjustmentState.APPROVED and each.decided_on
    ]
    return [Decided(each.kind, day, each.before) for day, _, each in sorted(rows, key=lambda row: row[:2])]


def pauses(tracking: Tracking) -> list[Pause]:
    """Return the times for which the project was suspended by decision."""
    return adjustments.pauses(decided(tracking))


def reported(report: Report) -> rules.Reported:
    """Return a report as the rules take it."""
    planned = report.money_planned
    paid = (report.money_paid * 100 / planned).quantize(Decimal("0.1"), ROUND_HALF_UP) if planned else None
    return rules.Reported(report.month, report.percent, local(report.reported_at).date(), paid)


def settings(body_id: int) -> LightSettings:
    """Return the thresholds and the report day of a body."""
    body = bodies.get_body(body_id)
    return LightSettings.of(body.settings if body else {})


def milestone_points(tracking: Tracking) -> list[tuple[date, int]]:
    """Return the milestones as the rules take them: day and per cent."""
    return [(m.planned_on, m.planned_percent) for m in tracking.milestones]


def plan_of(tracking: Tracking) -> tuple[list[tuple[date, int]], date, date]:
    """Return the first three arguments of `planned_percent`.

    Milestones, first day and time limit.
    """
    return milestone_points(tracking), tracking.starts_on, tracking.due_on


def _text_of(line: TrackedProject) -> str:
    project = line.project
    parts = (project.name, project.content, project.target, project.location, line.tracking.leader)
    return " ".join([*parts, line.tracking.unit_name]).lower()


def _by_number(line: TrackedProject) -> tuple[int, int, int]:
    return -line.project.year, line.project.number or 0, line.tracking.id


SEARCH = RowSearch(
    filters={
        "year": lambda line, year: line.project.year == year,
        "light": lambda line, light: line.light == light,
        "unit": lambda line, unit: line.tracking.department_id == unit,
        "category": lambda line, category: line.project.category == category,
        "q": lambda line, words: all(word in _text_of(line) for word in words.lower().split()),
    },
    sorts={
        "number": ("按编号", _by_number),
        "behind": (
            "落后多的在前",
            lambda line: (line.tracking.state != rules.TrackingState.RUNNING, -line.standing.behind),
        ),
        "percent": ("进度低的在前", lambda line: line.standing.actual),
        "due": ("时限近的在前", lambda line: line.tracking.due_on),
    },
)


def search(
    *,
    day: date,
    year: int | None = None,
    own: int | None = None,
    running: bool = False,
    but: Sequence[TrackedProject] = (),
    whole: bool = False,
) -> list[TrackedProject]:
    """Return the tracked projects as they stand on ``day``, in list order.

    ``year``: of one year. ``own``: of one unit (see `visible_unit`). ``running``: those that run. ``but``: without
    these. ``whole``: with parts, sources and photos of all reports.
    """
    query = _of_selected(whole=whole)
    if running:
        query = query.where(Tracking.state == rules.TrackingState.RUNNING)
    if year is not None:
        query = query.where(Project.year == year)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    if but:
        query = query.where(Tracking.id.not_in([each.tracking.id for each in but]))
    return _lines(query, day)


def of_projects(project_ids: Iterable[int], *, day: date) -> list[TrackedProject]:
    """Return where these projects stand on ``day``, in list order.

    Those without tracking are left out.
    """
    return _lines(_of_selected().where(Project.id.in_(list(project_ids))), day)


def _lines(query: Select[Tracking], day: date) -> list[TrackedProject]:
    trackings = db.session.scalars(query).all()
    places = {body_id: settings(body_id) for body_id in {t.body_id for t in trackings}}
    return sorted((line(t, day, places[t.body_id]) for t in trackings), key=_by_number)


def overdue(
    day: date, *, own: int | None = None, known: Sequence[TrackedProject] = ()
) -> list[TrackedProject]:
    """Return the projects whose report is overdue on ``day``.

    Those with most missing reports come first.

    ``own``: of one unit. ``known``: lines of that day and reader that need not be read again.
    """
    lines = [*known, *search(day=day, own=own, running=True, but=known)]
    late = [each for each in lines if each.standing.missing]
    return sorted(late, key=lambda each: (-len(each.standing.missing), each.tracking.id))


#: So many days before its day a report is pointed out.
AHEAD = 5


def due(day: date, *, own: int | None = None) -> list[Task]:
    """Return the first report that each project owes on ``day``.

    It is overdue, or due in the next days.
    """
    tasks = []
    for each in search(day=day, own=own, running=True):
        tracking, due_day = each.tracking, each.place.due_day
        owed = each.standing.missing or _near(each, day)
        if owed:
            words = f"{each.project.name}：{span(owed, day, tracking.period)}{NOUNS[tracking.period]}"
            tasks.append(
                Task("report", tracking.id, words, deadline(owed[0], due_day), tracking.department_id)
            )
    return sorted(tasks, key=lambda task: task.order)


def _near(line: TrackedProject, day: date) -> list[date]:
    """Return the periods that have closed and whose deadline is at most `AHEAD` days away."""
    tracking, due_day = line.tracking, line.place.due_day
    return [
        month
        for month in open_months(tracking.starts_on, last_month(tracking), day, tracking.period)
        if month_end(month) < day
        and (deadline(month, due_day) - day).days <= AHEAD
        and not paused(month, pauses(tracking))
    ]


def units(lines: Sequence[TrackedProject]) -> list[Department]:
    """Return the units that answer for ``lines``, each once."""
    units_by_id = {each.tracking.department_id: each.tracking.department for each in lines}
    return [unit for _, unit in sorted(units_by_id.items(), key=lambda item: item[0] or 0) if unit]


@dataclass(frozen=True)
class YearSummary:
    """A year at a glance; money in 万元, percentages are plain means over the projects."""

    total: int
    lights: dict[Light, int]
    missing: int  # projects with a report overdue
    planned: Decimal
    in_place: Decimal
    paid: Decimal
    planned_percent: Decimal
    actual_percent: Decimal


#: Lights that a summary names only if a project has them: of the scheme of five colours, and of suspended projects.
_SHOWN_IF_ANY = (Light.ORANGE, Light.GREY)


def summary(lines: Sequence[TrackedProject]) -> YearSummary:
    """Return the numbers, sums and means of ``lines``."""
    count, lights = len(lines) or 1, Counter(each.light for each in lines)
    return YearSummary(
        total=len(lines),
        lights={light: lights[light] for light in Light if lights[light] or light not in _SHOWN_IF_ANY},
        missing=sum(bool(each.standing.missing) for each in lines),
        planned=sum((each.money_planned for each in lines), Decimal(0)),
        in_place=sum((each.money_in_place for each in lines), Decimal(0)),
        paid=sum((each.money_paid for each in lines), Decimal(0)),
        planned_percent=sum((each.standing.planned for each in lines), Decimal(0)) / count,
        actual_percent=Decimal(sum(each.standing.actual for each in lines)) / count,
    )


class StoryMoment(NamedTuple):
    """One point of a project's story: kind is start | milestone | report | end."""

    on: date
    kind: str
    title: str
    milestone: Milestone | None = None
    report: Report | None = None


def story(tracking: Tracking) -> list[StoryMoment]:
    """Return what has happened, the latest first."""
    moments = [StoryMoment(tracking.starts_on, "start", "开始实施")] if tracking.reports else []
    moments += [
        StoryMoment(m.actual_on, "milestone", m.name, milestone=m) for m in tracking.milestones if m.actual_on
    ]
    moments += [
        StoryMoment(month_end(r.month), "report", f"{word(r.month, None, tracking.period)}进展", report=r)
        for r in tracking.reports
    ]
    if tracking.finished_on:
        moments.append(StoryMoment(tracking.finished_on, "end", rules.ENDS[tracking.state].title))
    order = ("start", "milestone", "report", "end")
    return sorted(moments, key=lambda m: (m.on, order.index(m.kind)), reverse=True)


def ahead(tracking: Tracking) -> list[Milestone]:
    """Return the milestones not yet reached, the next first."""
    if tracking.state != rules.TrackingState.RUNNING:
        return []
    return [m for m in tracking.milestones if m.actual_on is None]


def last_month(tracking: Tracking) -> date | None:
    """Return the latest reported period."""
    return tracking.reports[-1].month if tracking.reports else None


def covers(trackings: Sequence[Tracking]) -> dict[int, Attachment]:
    """Return one picture for each tracking that has any.

    It is of the latest report, else of the project.
    """
    by_project = {t.project_id: t.id for t in trackings}
    own = db.session.scalars(
        select(Attachment)
        .where(Attachment.project_id.in_(by_project), Attachment.is_picture)
        .order_by(Attachment.id.desc())
    )
    reported = db.session.execute(
        select(Report.tracking_id, Attachment)
        .join(Attachment, Attachment.report_id == Report.id)
        .where(Report.tracking_id.in_([t.id for t in trackings]), Attachment.is_picture)
        .order_by(Report.month, Attachment.id.desc())
    )
    pictures = {by_project[picture.project_id or 0]: picture for picture in own}
    return pictures | {row.tracking_id: row.Attachment for row in reported}

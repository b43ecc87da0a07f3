"""Tracking: from a selected project to its end, by plan, monthly reports and lights."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import db, flush_or
from votes.models import (
    Attachment,
    Department,
    Milestone,
    PartReport,
    Project,
    Report,
    ReportMoney,
    SubProject,
    Tracking,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.parts import Money, check_sources, check_whole, whole_percent
from votes.rules.people import Role
from votes.rules.periods import NOUNS, PERIODS, deadline, month_end, open_months, periods, span, word
from votes.rules.permissions import Actor
from votes.rules.progress import (
    TRACKING,
    Light,
    Reported,
    Settings,
    Standing,
    TrackingState,
    check_plan,
    check_report,
    money_warnings,
    standing,
)
from votes.rules.projects import ProjectState
from votes.rules.reminders import Due
from votes.services import audit, bodies, projects, uploads

# --- reading -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One tracked project and where it stands on the day asked for."""

    tracking: Tracking
    standing: Standing

    @property
    def project(self) -> Project:
        found: Project = self.tracking.project
        return found

    @property
    def light(self) -> Light:
        return self.standing.light

    @property
    def last(self) -> Report | None:
        """The latest report."""
        return self.tracking.reports[-1] if self.tracking.reports else None

    @property
    def money_planned(self) -> Decimal:
        """This year's planned investment, 万元: as last reported, else as decided."""
        return self.last.money_planned if self.last else self.project.year_investment or Decimal(0)

    @property
    def money_in_place(self) -> Decimal:
        return self.last.money_in_place if self.last else Decimal(0)

    @property
    def money_paid(self) -> Decimal:
        return self.last.money_paid if self.last else Decimal(0)


def _of_selected(*, whole: bool = False) -> Any:
    """Trackings of selected projects with all that a line needs, in four statements whatever their number; ``whole``: with
    what the page of one project shows, its photos, parts and money by source."""
    reports = selectinload(Tracking.reports)
    query = (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(
            joinedload(Tracking.project),
            joinedload(Tracking.department),
            selectinload(Tracking.milestones),
            reports,
        )
    )
    if not whole:
        return query
    return query.options(
        reports.selectinload(Report.photos),
        reports.selectinload(Report.parts),
        reports.selectinload(Report.money),
        joinedload(Tracking.project).selectinload(Project.subprojects),
        joinedload(Tracking.project).selectinload(Project.funding),
    )


def get(tracking_id: int) -> Tracking | None:
    found: Tracking | None = db.session.scalar(_of_selected(whole=True).where(Tracking.id == tracking_id))
    return found


def of_project(project_id: int) -> Tracking | None:
    found: Tracking | None = db.session.scalar(
        _of_selected(whole=True).where(Tracking.project_id == project_id)
    )
    return found


def get_report(report_id: int) -> Report | None:
    return db.session.scalar(
        select(Report)
        .where(Report.id == report_id)
        .options(
            joinedload(Report.tracking).joinedload(Tracking.project).selectinload(Project.subprojects),
            joinedload(Report.tracking).joinedload(Tracking.project).selectinload(Project.funding),
            joinedload(Report.tracking).selectinload(Tracking.reports).selectinload(Report.money),
            selectinload(Report.photos),
            selectinload(Report.parts),
            selectinload(Report.money),
        )
    )


def years() -> list[int]:
    """The years in which projects are tracked, newest first."""
    query = select(Project.year).join(Tracking, Tracking.project_id == Project.id)
    return list(db.session.scalars(query.distinct().order_by(Project.year.desc())))


def own_unit(by: Actor) -> int | None:
    """The unit to whose projects ``by`` is confined; None for those who see all of the body's."""
    if by.roles & {Role.OFFICE, Role.GOVERNMENT, Role.LEADER}:
        return None
    return by.department_id


def line(tracking: Tracking, day: date, place: Settings | None = None) -> Line:
    """Where a tracking stands on ``day``, by the thresholds of its body (``place``, where they are known)."""
    return Line(
        tracking,
        standing(
            milestones=knots(tracking),
            starts_on=tracking.starts_on,
            due_on=tracking.due_on,
            reports=[_reported(r) for r in tracking.reports],
            day=day,
            state=tracking.state,
            finished_on=tracking.finished_on,
            settings=place or settings(tracking.body_id),
            period=tracking.period,
        ),
    )


def _reported(report: Report) -> Reported:
    planned = report.money_planned
    paid = (report.money_paid * 100 / planned).quantize(Decimal("0.1"), ROUND_HALF_UP) if planned else None
    return Reported(report.month, report.percent, local(report.reported_at).date(), paid)


def settings(body_id: int) -> Settings:
    """Thresholds and report day of a body."""
    body = bodies.get_body(body_id)
    return Settings.of(body.settings if body else {})


def knots(tracking: Tracking) -> list[tuple[date, int]]:
    """The milestones as the rules take them: day and per cent."""
    return [(m.planned_on, m.planned_percent) for m in tracking.milestones]


SORTS: dict[str, Callable[[Line], Any]] = {
    "number": lambda line: (-line.project.year, line.project.number or 0, line.tracking.id),
    "behind": lambda line: (line.tracking.state != TrackingState.RUNNING, -line.standing.behind),
    "percent": lambda line: line.standing.actual,
    "due": lambda line: line.tracking.due_on,
}


def search(
    *, day: date, year: int | None = None, own: int | None = None, running: bool = False
) -> list[Line]:
    """The tracked projects (of one year, of one unit's: see `own_unit`; those that still run) as they stand on ``day``, in
    list order."""
    query = _of_selected()
    if running:
        query = query.where(Tracking.state == TrackingState.RUNNING)
    if year is not None:
        query = query.where(Project.year == year)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    trackings = db.session.scalars(query).all()
    places = {body_id: settings(body_id) for body_id in {t.body_id for t in trackings}}
    return sorted((line(t, day, places[t.body_id]) for t in trackings), key=SORTS["number"])


def of_projects(project_ids: Iterable[int], *, day: date) -> list[Line]:
    """Where these projects stand on ``day``, in list order; those that are not carried out are left out."""
    trackings = db.session.scalars(_of_selected().where(Project.id.in_(list(project_ids)))).all()
    places = {body_id: settings(body_id) for body_id in {t.body_id for t in trackings}}
    return sorted((line(t, day, places[t.body_id]) for t in trackings), key=SORTS["number"])


def narrow(
    lines: Sequence[Line],
    *,
    unit: int | None = None,
    category: str = "",
    light: Light | None = None,
    q: str = "",
    sort: str = "number",
) -> list[Line]:
    """Those of ``lines`` that the reader asked for, sorted by a key of `SORTS`; ``q``: words that all must occur."""
    words = q.lower().split()
    found = [
        each
        for each in lines
        if (unit is None or each.tracking.department_id == unit)
        and (not category or each.project.category == category)
        and (light is None or each.light == light)
        and all(word in _text_of(each) for word in words)
    ]
    return sorted(found, key=SORTS.get(sort, SORTS["number"]))


def _text_of(line: Line) -> str:
    project, unit = line.project, line.tracking.department
    parts = (project.name, project.content, project.target, project.location, line.tracking.leader)
    return " ".join([*parts, unit.name if unit else ""]).lower()


def overdue(day: date, *, own: int | None = None) -> list[Line]:
    """Projects whose monthly report is overdue on ``day``, the longest silence first; for who owes them (``own``)."""
    lines = [each for each in search(day=day, own=own, running=True) if each.standing.missing]
    return sorted(lines, key=lambda each: (-len(each.standing.missing), each.tracking.id))


#: So many days before its day a report is pointed out.
AHEAD = 5


def due(day: date, *, own: int | None = None) -> list[Due]:
    """The reports owed on ``day``: overdue ones, and those whose day is near. The first of each project's."""
    return due_of(search(day=day, own=own, running=True), day)


def due_of(lines: Iterable[Line], day: date) -> list[Due]:
    """As `due`, of lines that are at hand."""
    found = []
    places: dict[int, Settings] = {}
    for each in lines:
        tracking, missing = each.tracking, each.standing.missing
        if tracking.state != TrackingState.RUNNING:
            continue
        if tracking.body_id not in places:
            places[tracking.body_id] = settings(tracking.body_id)
        due_day = places[tracking.body_id].due_day
        owed = list(missing)
        if not owed:  # what closes next, once it has closed
            coming = open_months(tracking.starts_on, _last_month(tracking), day, tracking.period)
            owed = [m for m in coming if (deadline(m, due_day) - day).days <= AHEAD and month_end(m) < day]
        if owed:
            words = f"{each.project.name}：{span(owed, day, tracking.period)}{NOUNS[tracking.period]}"
            found.append(
                Due("report", tracking.id, words, deadline(owed[0], due_day), tracking.department_id)
            )
    return sorted(found, key=lambda each: (each.due_on, each.about_id))


def units(lines: Sequence[Line]) -> list[Department]:
    """The units that answer for ``lines``, each once."""
    found = {each.tracking.department_id: each.tracking.department for each in lines}
    return [unit for _, unit in sorted(found.items(), key=lambda item: item[0] or 0) if unit]


@dataclass(frozen=True)
class Summary:
    """A year at a glance; money in 万元, percentages are plain means over the projects."""

    total: int
    lights: dict[Light, int]
    missing: int  # projects with a report overdue
    planned: Decimal
    in_place: Decimal
    paid: Decimal
    planned_percent: Decimal
    actual_percent: Decimal


#: Lights that a year at a glance names only where there are any: of five colours, and of what was suspended.
_ONLY_WHERE_FOUND = (Light.ORANGE, Light.GREY)


def summary(lines: Sequence[Line]) -> Summary:
    """What ``lines`` add up to."""
    count = len(lines) or 1
    return Summary(
        total=len(lines),
        lights={
            light: found
            for light in Light
            if (found := sum(each.light == light for each in lines)) or light not in _ONLY_WHERE_FOUND
        },
        missing=sum(bool(each.standing.missing) for each in lines),
        planned=sum((each.money_planned for each in lines), Decimal(0)),
        in_place=sum((each.money_in_place for each in lines), Decimal(0)),
        paid=sum((each.money_paid for each in lines), Decimal(0)),
        planned_percent=sum((each.standing.planned for each in lines), Decimal(0)) / count,
        actual_percent=Decimal(sum(each.standing.actual for each in lines)) / count,
    )


class Moment(NamedTuple):
    """One point of a project's story: kind is start | milestone | report | end."""

    on: date
    kind: str
    title: str
    milestone: Milestone | None = None
    report: Report | None = None


def story(tracking: Tracking) -> list[Moment]:
    """What has happened, the latest first."""
    moments = [Moment(tracking.starts_on, "start", "开始实施")] if tracking.reports else []
    moments += [
        Moment(m.actual_on, "milestone", m.name, milestone=m) for m in tracking.milestones if m.actual_on
    ]
    moments += [
        Moment(month_end(r.month), "report", f"{word(r.month, None, tracking.period)}进展", report=r)
        for r in tracking.reports
    ]
    if tracking.finished_on:
        words = {
            TrackingState.DONE: "完成并通过验收",
            TrackingState.BASICALLY: "认定为基本完成",
            TrackingState.UNFINISHED: "认定为未完成",
            TrackingState.SUSPENDED: "暂缓实施",
            TrackingState.TERMINATED: "终止实施",
        }
        moments.append(Moment(tracking.finished_on, "end", words[tracking.state]))
    order = ("start", "milestone", "report", "end")
    return sorted(moments, key=lambda m: (m.on, order.index(m.kind)), reverse=True)


def ahead(tracking: Tracking) -> list[Milestone]:
    """Milestones not yet reached, the next first."""
    if tracking.state != TrackingState.RUNNING:
        return []
    return [m for m in tracking.milestones if m.actual_on is None]


def report_choices(tracking: Tracking, day: date) -> list[date]:
    """The periods that may be reported now, by their closing months."""
    if tracking.state != TrackingState.RUNNING:
        return []
    return open_months(tracking.starts_on, _last_month(tracking), day, tracking.period)


def _last_month(tracking: Tracking) -> date | None:
    return tracking.reports[-1].month if tracking.reports else None


def passed_over(tracking: Tracking) -> list[date]:
    """Periods before the last report that were never reported."""
    last = _last_month(tracking)
    told = {report.month for report in tracking.reports}
    return [m for m in periods(tracking.starts_on, last, tracking.period) if m not in told] if last else []


def photographed(tracking: Tracking) -> list[tuple[Report, list[Attachment]]]:
    """The reports that have pictures, the latest first, with them."""
    found = [(r, [p for p in r.photos if p.is_picture]) for r in reversed(tracking.reports)]
    return [(report, pictures) for report, pictures in found if pictures]


@dataclass(frozen=True)
class PartLine:
    """A 子项目 as last reported: per cent and note, None and "" where nothing was reported of it yet."""

    part: SubProject
    percent: int | None
    note: str


def parts_of(tracking: Tracking, report: Report | None = None) -> list[PartLine]:
    """The parts of a project in their order, as told in ``report`` (None: the latest that told of them)."""
    told: dict[int, PartReport] = {}
    source = [report] if report else [r for r in tracking.reports if r.parts][-1:]
    for each in source:
        told = {p.subproject_id: p for p in each.parts}
    return [
        PartLine(
            part,
            told[part.id].percent if part.id in told else None,
            told[part.id].note if part.id in told else "",
        )
        for part in tracking.project.subprojects
    ]


def money_of(report: Report) -> list[Money]:
    """The money of a report by source."""
    return [Money(row.source, row.planned, row.in_place, row.paid) for row in report.money]


def correctable(report: Report) -> bool:
    """A report may be corrected by its unit until the next one exists or the project has ended."""
    tracking = report.tracking
    return tracking.state == TrackingState.RUNNING and _newest(tracking) == report.month


def _newest(tracking: Tracking) -> date | None:
    return db.session.scalar(select(func.max(Report.month)).where(Report.tracking_id == tracking.id))


def covers(trackings: Sequence[Tracking]) -> dict[int, Attachment]:
    """One picture for each tracking that has any: of the latest report, else of the project itself."""
    found: dict[int, Attachment] = {}
    by_project = {t.project_id: t.id for t in trackings}
    own = db.session.scalars(
        select(Attachment)
        .where(Attachment.project_id.in_(by_project), Attachment.is_picture)
        .order_by(Attachment.id.desc())
    )
    for picture in own:
        found[by_project[picture.project_id or 0]] = picture
    reported = db.session.execute(
        select(Report.tracking_id, Attachment)
        .join(Attachment, Attachment.report_id == Report.id)
        .where(Report.tracking_id.in_([t.id for t in trackings]), Attachment.is_picture)
        .order_by(Report.month, Attachment.id.desc())
    )
    for tracking_id, picture in reported:
        found[tracking_id] = picture
    return found


# --- acts ----------------------------------------------------------------------------------------------


def start(
    project: Project,
    *,
    round_id: int | None,
    by: Actor,
    now: datetime,
    starts_on: date | None = None,
) -> Tracking:
    """Track a selected project: unit, leader and due date are taken over, nothing is typed again.

    It begins on ``starts_on`` (default: the day of ``now``) and is due as decided, else at the end of its year.
    Raises RuleBroken for a project that was not selected or is tracked already.
    """
    if project.state != ProjectState.SELECTED:
        raise RuleBroken(f"“{project.name}”尚未经票决选定，不能进入进度跟踪。")
    due = _voted_due(project)
    tracking = Tracking(
        body_id=project.body_id,
        project_id=project.id,
        round_id=round_id,
        department_id=project.department_id,
        leader=project.leader,
        starts_on=min(starts_on or local(now).date(), due),
        due_on=due,
        state=TrackingState.RUNNING,
    )
    db.session.add(tracking)
    flush_or(RuleBroken(f"“{project.name}”已在进度跟踪中。"), constraint="uq_trackings_project_id")
    audit.record(
        "tracking.start",
        by=by,
        at=now,
        about=tracking,
        after={"starts_on": tracking.starts_on, "due_on": due, "department_id": project.department_id},
    )
    return tracking


class Step(NamedTuple):
    """One row of the plan as typed; ``id`` of the milestone that it changes, None for a new one."""

    id: int | None
    name: str
    planned_on: date
    planned_percent: int
    actual_on: date | None = None
    note: str = ""


def plan(
    tracking: Tracking,
    *,
    starts_on: date,
    steps: Sequence[Step],
    by: Actor,
    now: datetime,
    due_on: date | None = None,
    department_id: int | None = None,
    leader: str | None = None,
    period: str | None = None,
    weights: Mapping[int, int] | None = None,
) -> None:
    """Set the plan: dates and milestones (those not among ``steps`` are taken out), how often it reports (``period``: month |
    quarter), and the weights of its parts (id of the 子项目 → 1 to 100).

    Due date, unit, leader, period and weights (None: as they are) are the government office's to change; a later due date than the one in
    force wants a decision (`apply_adjustment`; 陕西 2025 规定 art. 18). Raises RuleBroken for a plan that cannot be, a date reached in the future, another unit's person changing what is not theirs.
    """
    _check_running(tracking)
    due = due_on or tracking.due_on
    unit = department_id or tracking.department_id
    lead = tracking.leader if leader is None else leader.strip()
    every = period or tracking.period
    weighed = _weights(tracking, weights or {})
    if Role.GOVERNMENT not in by.roles and (
        (due, unit, lead, every)
        != (tracking.due_on, tracking.department_id, tracking.leader, tracking.period)
        or any(part.weight != weight for part, weight in weighed)
    ):
        raise RuleBroken(
            "完成时限、责任单位、分管领导、报送周期和子项目权重由政府办调整，没有作任何改动。请联系政府办。",
            status=403,
        )
    if every not in PERIODS:
        raise RuleBroken("请选择每月或每季报送。", field="period", status=422)
    if due > max(tracking.due_on, _voted_due(tracking.project)):
        raise RuleBroken(
            "完成时限只能提前。确需延后的，请按调整程序办理，经有权机关决定后自动改动。没有保存。",
            field="due_on",
            code="later_due",
            status=422,
        )
    if unit != tracking.department_id and bodies.get_department(unit or 0) is None:
        raise RuleBroken("所选责任单位不属于这一级人大。", field="department_id", status=422)
    check_plan([(s.name, s.planned_on, s.planned_percent) for s in steps], starts_on, due)
    today = local(now).date()
    for each in steps:
        if each.actual_on and each.actual_on > today:
            raise RuleBroken(
                f"节点“{each.name}”的实际完成日期还没有到，请核对。", field="milestones", status=422
            )
    before = _plan_text(tracking)
    known = {m.id: m for m in tracking.milestones}
    if unknown := {s.id for s in steps if s.id} - set(known):
        raise RuleBroken(
            "页面上的节点已被别人删除，没有作任何改动。请刷新页面后重新填写。",
            field="milestones",
            code="stale",
        ) from LookupError(unknown)
    tracking.starts_on, tracking.due_on, tracking.department_id, tracking.leader = starts_on, due, unit, lead
    tracking.period = every
    for part, weight in weighed:
        part.weight = weight
    for gone in set(known) - {s.id for s in steps}:
        db.session.delete(known[gone])
    for each in steps:
        values = each._asdict()
        milestone = known.get(values.pop("id") or 0)
        if milestone is None:
            db.session.add(Milestone(body_id=tracking.body_id, tracking_id=tracking.id, **values))
        else:
            for key, value in values.items():
                setattr(milestone, key, value)
    db.session.flush()
    db.session.expire(tracking, ["milestones", "department"])
    old, new = audit.changes(before, _plan_text(tracking))
    if new:
        audit.record("tracking.plan", by=by, at=now, about=tracking, before=old, after=new)


def _voted_due(project: Project) -> date:
    return project.due_on or date(project.year, 12, 31)


def _weights(tracking: Tracking, wanted: Mapping[int, int]) -> list[tuple[SubProject, int]]:
    parts = {part.id: part for part in tracking.project.subprojects}
    if set(wanted) - set(parts):
        raise RuleBroken("子项目已有变动，没有作任何改动。请刷新页面后重新填写。", code="stale")
    for weight in wanted.values():
        if not 1 <= weight <= 100:
            raise RuleBroken("子项目权重应为 1 至 100 的整数。", field="weights", status=422)
    return [(parts[id], weight) for id, weight in wanted.items()]


def _plan_text(tracking: Tracking) -> dict[str, Any]:
    return {
        "period": tracking.period,
        "weights": [f"{part.name} {part.weight}" for part in tracking.project.subprojects],
        "starts_on": tracking.starts_on,
        "due_on": tracking.due_on,
        "department_id": tracking.department_id,
        "leader": tracking.leader,
        "milestones": [
            {
                "name": m.name,
                "planned_on": m.planned_on,
                "planned_percent": m.planned_percent,
                "actual_on": m.actual_on,
                "note": m.note,
            }
            for m in tracking.milestones
        ],
    }


class Figures(NamedTuple):
    """What a report says; money is cumulative for the year, in 万元. ``percent_reason``: why the percentage is not what the
    parts say."""

    percent: int
    money_planned: Decimal
    money_in_place: Decimal
    money_paid: Decimal
    narrative: str = ""
    problems: str = ""
    next_step: str = ""
    percent_reason: str = ""


class Part(NamedTuple):
    """What a report says of a 子项目."""

    subproject_id: int
    percent: int
    note: str = ""


def carried(tracking: Tracking) -> Figures:
    """The figures that the next report starts from: the last one's, else what was decided."""
    if tracking.reports:
        last = tracking.reports[-1]
        return Figures(last.percent, last.money_planned, last.money_in_place, last.money_paid)
    return Figures(0, tracking.project.year_investment or Decimal(0), Decimal(0), Decimal(0))


def carried_money(tracking: Tracking) -> list[Money]:
    """The money by source that the next report starts from: the last one's, and sources of the decision not among them.

    What a source gives is of the whole investment; it is this year's plan only where the two are the same.
    """
    told = [r for r in tracking.reports if r.money][-1:]
    rows = money_of(told[0]) if told else []
    project, known = tracking.project, {row.source for row in rows}
    same = project.year_investment == project.total_investment
    for source in project.funding:
        if source.source not in known:
            planned = source.amount if same and not told and source.amount else Decimal(0)
            rows.append(Money(source.source, planned, Decimal(0), Decimal(0)))
    return rows


def computed_percent(tracking: Tracking, parts: Sequence[Part]) -> int | None:
    """What the parts say of the whole; None where there are none.

    Raises RuleBroken unless every part of the project is told of, once.
    """
    weights = {part.id: part.weight for part in tracking.project.subprojects}
    if not parts:
        return None
    if sorted(p.subproject_id for p in parts) != sorted(weights):
        raise RuleBroken("子项目已有变动，没有保存。请刷新页面后重新填写。", field="parts", code="stale")
    return whole_percent([(weights[p.subproject_id], p.percent) for p in parts])


def figures_of(report: Report) -> Figures:
    """What a report says."""
    return Figures(**{key: getattr(report, key) for key in Figures._fields})


def report(
    tracking: Tracking,
    month: date,
    figures: Figures,
    *,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
    parts: Sequence[Part] = (),
    money: Sequence[Money] = (),
) -> Report:
    """Hand in the report of the period that ``month`` (its first day) closes, with photos (see `prepare_photos`).

    With ``parts`` the percentage has to be what `computed_percent` says, or the government office gives a reason.
    Raises RuleBroken for a period that is reported already, lies before the last report or ahead, or before the
    start; for a percentage that fell without a reason; for sources that do not add up; for a picture that cannot be taken.
    """
    _check_running(tracking)
    _check_month(tracking, month, local(now).date())
    before = tracking.reports[-1] if tracking.reports else None
    figures = _checked(tracking, figures, parts, money, before.percent if before else None, by)
    made = Report(
        body_id=tracking.body_id,
        tracking=tracking,
        month=month,
        reported_by=by.name,
        reported_at=now,
        **figures._asdict(),
    )
    _fill(made, parts, money)
    db.session.add(made)
    flush_or(_already(tracking, month), constraint="uq_reports_month")
    audit.record("report.create", by=by, at=now, about=made, after={"month": month, **_told(made)})
    if photos:
        uploads.add(photos, owner=made, by=by, now=now, caption=caption)
    return made


def correct(
    report: Report,
    figures: Figures,
    *,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
    parts: Sequence[Part] = (),
    money: Sequence[Money] = (),
) -> None:
    """Correct the latest report of a running project; the audit log keeps both wordings.

    Raises RuleBroken once a later report exists, and as `report` does.
    """
    tracking = report.tracking
    _check_running(tracking)
    if not correctable(report):
        noun = NOUNS[tracking.period]
        raise RuleBroken(
            f"此后的{noun}已经报送，这一期不能再改。请在下一期{noun}中说明更正。", code="superseded"
        )
    earlier = [r.percent for r in tracking.reports if r.month < report.month]
    figures = _checked(tracking, figures, parts, money, earlier[-1] if earlier else None, by)
    before = _told(report)
    for key, value in figures._asdict().items():
        setattr(report, key, value)
    _fill(report, parts, money)
    db.session.flush()
    old, new = audit.changes(before, _told(report))
    if new:
        audit.record("report.correct", by=by, at=now, about=report, before=old, after=new)
    if photos:
        uploads.add(photos, owner=report, by=by, now=now, caption=caption)


def _checked(
    tracking: Tracking,
    figures: Figures,
    parts: Sequence[Part],
    money: Sequence[Money],
    before: int | None,
    by: Actor,
) -> Figures:
    """The figures as they are kept, once all is well with them."""
    reason = check_whole(
        percent=figures.percent,
        computed=computed_percent(tracking, parts),
        reason=figures.percent_reason,
        may_depart=Role.GOVERNMENT in by.roles,
    )
    narrative, noun = figures.narrative, NOUNS[tracking.period]
    check_report(percent=figures.percent, narrative=narrative, before=before, noun=noun)
    totals = {key: getattr(figures, key) for key in ("money_planned", "money_in_place", "money_paid")}
    check_sources(money, totals)
    return figures._replace(percent_reason=reason)


def _fill(report: Report, parts: Sequence[Part], money: Sequence[Money]) -> None:
    report.parts = [PartReport(**part._asdict()) for part in parts]
    report.money = [
        ReportMoney(position=place, **row._replace(source=row.source.strip())._asdict())
        for place, row in enumerate(money, start=1)
    ]


def _told(report: Report) -> dict[str, Any]:
    """All that a report says, as the log keeps it."""
    names = {part.id: part.name for part in report.tracking.project.subprojects}
    return {
        **figures_of(report)._asdict(),
        "parts": [
            f"{names[p.subproject_id]} {p.percent}%{f'（{p.note}）' if p.note else ''}"
            for p in sorted(report.parts, key=lambda each: each.subproject_id)
        ],
        "money": [
            f"{row.source}：计划 {row.planned:.2f}，到位 {row.in_place:.2f}，拨付 {row.paid:.2f}"
            for row in report.money
        ],
    }


def prepare_photos(files: Iterable[uploads.Upload]) -> list[uploads.Prepared]:
    """Look at photos and draw them anew, as `uploads.prepare` does; needs no database.

    Raises RuleBroken for a file that is no picture or cannot be kept.
    """
    prepared = uploads.prepare(files)
    for file in prepared:
        if file.small is None:
            raise RuleBroken(
                f"“{file.filename}”不是图片。这里只附现场照片（JPG、PNG、WebP），没有保存任何文件。",
                field="files",
                status=422,
            )
    return prepared


def take_down(report: Report, attachment_id: int | None, *, by: Actor, now: datetime) -> None:
    """Remove a photo of a report, of whatever month: one that shows what must not be public cannot wait.

    Raises RuleBroken when it is none of the report's (any more).
    """
    photo = next((photo for photo in report.photos if photo.id == attachment_id), None)
    if photo is None:
        raise RuleBroken("这张照片已经不在，没有作任何改动。请刷新页面。", code="stale")
    uploads.remove(photo, by=by, now=now)


def warnings(report: Report) -> list[str]:
    """What about the report's money should be looked at again."""
    earlier = [r for r in report.tracking.reports if r.month < report.month]
    return money_warnings(
        in_place=report.money_in_place,
        paid=report.money_paid,
        before=(earlier[-1].money_in_place, earlier[-1].money_paid) if earlier else None,
    )


def finish(tracking: Tracking, action: str, *, by: Actor, now: datetime, on: date | None = None) -> None:
    """Say how the project ended: "complete" | "basically" | "fail", on which day; or "resume" it.

    Raises RuleBroken for a day that cannot be, and for a completion that the last report does not bear out.
    """
    if action in ("suspend", "terminate") or tracking.state == TrackingState.SUSPENDED:
        raise RuleBroken("暂缓、终止和恢复须按调整程序办理，请从“调整”提出申请。没有作任何改动。")
    to = step(TRACKING, tracking.state, action)
    before = {"state": tracking.state, "finished_on": tracking.finished_on}
    if to == TrackingState.RUNNING:
        on = None
    else:
        if on is None or not tracking.starts_on <= on <= local(now).date():
            raise RuleBroken("日期应在开始实施之后，且不晚于今天。", field="finished_on", status=422)
        percent = tracking.reports[-1].percent if tracking.reports else 0
        if to == TrackingState.DONE and percent < 100:
            raise RuleBroken(
                f"最近一次报送的形象进度是 {percent}%，与“完成”不符。请责任单位先报送 100% 的{NOUNS[tracking.period]}，"
                "或认定为基本完成。",
                code="not_at_100",
            )
    tracking.state, tracking.finished_on = to, on
    audit.record(
        "tracking.finish" if on else "tracking.reopen",
        by=by,
        at=now,
        about=tracking,
        before=before,
        after={"state": to, "finished_on": on},
    )
    db.session.flush()


#: What a decided adjustment (调整) may change: `due_on` of the tracking, the rest of the project's text.
ADJUSTABLE = ("target", "content", "total_investment", "year_investment", "due_on")


def apply_adjustment(
    tracking: Tracking,
    action: str | None,
    changes: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    note: str = "按决定调整",
) -> None:
    """Carry out a decided adjustment: "suspend" | "terminate" | "resume" the project (None: its state stays), and change
    what is in ``changes`` (keys of `ADJUSTABLE`). The version of the text before it stays readable.

    Raises RuleBroken for a state in which that cannot be, for a text that cannot be saved, and for a time limit before
    the start or before a milestone of the plan.
    """
    if unknown := set(changes) - set(ADJUSTABLE):
        raise ValueError(f"not adjustable: {sorted(unknown)}")
    tracking = _lock(tracking)
    if action is None:
        _check_running(tracking)
        to = tracking.state
    else:
        if action == "resume" and tracking.state != TrackingState.SUSPENDED:
            raise RuleBroken("只有暂缓实施的项目可以恢复，没有作任何改动。", code="not_suspended")
        to = step(TRACKING, tracking.state, action)
    due = changes.get("due_on") or tracking.due_on
    if due != tracking.due_on:
        try:
            check_plan(
                [(m.name, m.planned_on, m.planned_percent) for m in tracking.milestones],
                tracking.starts_on,
                due,
            )
        except RuleBroken as broken:
            raise RuleBroken(
                f"{broken.message}请先由责任单位调整节点计划。", field="due_on", status=422
            ) from broken
    before = {"state": tracking.state, "due_on": tracking.due_on}
    text = {key: value for key, value in changes.items() if key != "due_on"}
    changed = projects.adjust(
        tracking.project, text, due_on=(tracking.due_on, due), by=by, now=now, note=note
    )
    tracking.due_on, tracking.state = due, to
    if action is not None:
        tracking.finished_on = None if to == TrackingState.RUNNING else local(now).date()
    db.session.flush()
    old, new = audit.changes(before, {"state": to, "due_on": due})
    words = [each for each in changed if each.label != "完成时限"]  # told by its date
    audit.record(
        "tracking.adjust",
        by=by,
        at=now,
        about=tracking,
        before={**old, **{each.label: each.before for each in words}},
        after={**new, **{each.label: each.after for each in words}},
    )


def _lock(tracking: Tracking) -> Tracking:
    """Its row, read afresh and held: two who act at once see each other."""
    db.session.refresh(tracking, ["state", "due_on", "finished_on"], with_for_update=True)
    return tracking


def _check_running(tracking: Tracking) -> None:
    if tracking.state == TrackingState.SUSPENDED:
        raise RuleBroken("这个项目已经暂缓实施，恢复之前不改动计划，也不报送进度。")
    if tracking.state == TrackingState.TERMINATED:
        raise RuleBroken("这个项目已经终止实施，不再改动计划和进度。")
    if tracking.state != TrackingState.RUNNING:
        raise RuleBroken("这个项目已经办结，不再改动计划和月报。如需更正，请政府办先恢复为实施中。")


def _check_month(tracking: Tracking, month: date, day: date) -> None:
    if month in [r.month for r in tracking.reports]:
        raise _already(tracking, month)
    if month not in open_months(tracking.starts_on, _last_month(tracking), day, tracking.period):
        raise RuleBroken(
            "只能报送最近一次报送之后、到本期为止的各期。请重新选择。", field="month", status=422
        )


def _already(tracking: Tracking, month: date) -> RuleBroken:
    told = f"{word(month, None, tracking.period)}的{NOUNS[tracking.period]}"
    return RuleBroken(f"{told}已经报送。如需更正，请打开那一期修改。", field="month")

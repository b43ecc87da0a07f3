"""Tracking: from a selected project to its end, by plan, monthly reports and lights."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import db, flush_or
from votes.models import Attachment, Department, Milestone, Project, Report, Tracking
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people import Role
from votes.rules.periods import deadline, month_end, month_of, months, open_months
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
    planned_percent,
    standing,
)
from votes.rules.projects import ProjectState
from votes.services import audit, bodies, projects, uploads

Point = tuple[date, float]


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


def _of_selected(*, photos: bool = False) -> Any:
    """Trackings of selected projects with all that a line needs, in four statements whatever their number."""
    reports = selectinload(Tracking.reports)
    return (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(
            joinedload(Tracking.project),
            joinedload(Tracking.department),
            selectinload(Tracking.milestones),
            reports.selectinload(Report.photos) if photos else reports,
        )
    )


def get(tracking_id: int) -> Tracking | None:
    found: Tracking | None = db.session.scalar(_of_selected(photos=True).where(Tracking.id == tracking_id))
    return found


def of_project(project_id: int) -> Tracking | None:
    found: Tracking | None = db.session.scalar(
        _of_selected(photos=True).where(Tracking.project_id == project_id)
    )
    return found


def get_report(report_id: int) -> Report | None:
    return db.session.scalar(
        select(Report)
        .where(Report.id == report_id)
        .options(joinedload(Report.tracking).joinedload(Tracking.project), selectinload(Report.photos))
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
            milestones=_knots(tracking),
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


def _knots(tracking: Tracking) -> list[tuple[date, int]]:
    return [(m.planned_on, m.planned_percent) for m in tracking.milestones]


SORTS: dict[str, Callable[[Line], Any]] = {
    "number": lambda line: (-line.project.year, line.project.number or 0, line.tracking.id),
    "behind": lambda line: (line.tracking.state != TrackingState.RUNNING, -line.standing.behind),
    "percent": lambda line: line.standing.actual,
    "due": lambda line: line.tracking.due_on,
}


def search(*, day: date, year: int | None = None, own: int | None = None) -> list[Line]:
    """The tracked projects (of one year, of one unit's: see `own_unit`) as they stand on ``day``, in list order."""
    query = _of_selected()
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
    lines = [each for each in search(day=day, own=own) if each.standing.missing]
    return sorted(lines, key=lambda each: (-len(each.standing.missing), each.tracking.id))


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


class MonthPoint(NamedTuple):
    """Planned and actual percentage at the end of a month; ``actual`` None where it is not known yet."""

    on: date
    planned: float
    actual: float | None


def curve(lines: Sequence[Line], day: date) -> list[MonthPoint]:
    """Month by month to the end of the year: the mean of the plans, and of what had been reported by then.

    It goes on to the last report where that is later. The actual side stops before a month for which reports may
    still come in.
    """
    if not lines:
        return []
    first = min(each.tracking.starts_on for each in lines)
    last = min(
        max(each.tracking.due_on for each in lines),
        date(max(each.project.year for each in lines), 12, 31),  # a longer project has a page of its own
    )
    told = max((each.last.month for each in lines if each.last), default=None)
    due_day = settings(lines[0].tracking.body_id).due_day
    points = []
    for month in months(first, max(last, told or last)):
        end = month_end(month)
        planned = [
            planned_percent(_knots(t), t.starts_on, t.due_on, end) for t in (each.tracking for each in lines)
        ]
        known = told is not None and month <= told and _complete(lines, month, day, due_day)
        actual = [_reported_by(each.tracking, month) for each in lines] if known else []
        points.append(
            MonthPoint(end, float(sum(planned)) / len(lines), sum(actual) / len(lines) if known else None)
        )
    return points


def _complete(lines: Sequence[Line], month: date, day: date, due_day: int) -> bool:
    """Whether nobody's report of ``month`` may still come in time."""
    if deadline(month, due_day) < day:
        return True
    return all(
        each.tracking.state != TrackingState.RUNNING or (each.last and each.last.month >= month)
        for each in lines
    )


def _reported_by(tracking: Tracking, month: date) -> int:
    """The percentage known at the end of ``month``."""
    told = [report.percent for report in tracking.reports if report.month <= month]
    return told[-1] if told else 0


def chart_points(tracking: Tracking) -> tuple[list[Point], list[Point]]:
    """The planned and the actual curve of one project, each from its start."""
    begin: Point = (tracking.starts_on, 0.0)
    plan = [begin, *((on, float(percent)) for on, percent in _knots(tracking) if on < tracking.due_on)]
    plan.append((tracking.due_on, 100.0))
    actual = [
        (max(min(month_end(r.month), local(r.reported_at).date()), tracking.starts_on), float(r.percent))
        for r in tracking.reports
    ]
    return plan, [begin, *actual] if actual else []


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
        Moment(month_end(r.month), "report", f"{r.month.year}年{r.month.month}月进展", report=r)
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
    """The months that may be reported now."""
    if tracking.state != TrackingState.RUNNING:
        return []
    return open_months(tracking.starts_on, _last_month(tracking), day)


def _last_month(tracking: Tracking) -> date | None:
    return tracking.reports[-1].month if tracking.reports else None


def passed_over(tracking: Tracking) -> list[date]:
    """Months before the last report that were never reported."""
    last = _last_month(tracking)
    told = {report.month for report in tracking.reports}
    return [m for m in months(tracking.starts_on, last) if m not in told] if last else []


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
    due = project.due_on or date(project.year, 12, 31)
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
) -> None:
    """Set the plan: dates and milestones (those not among ``steps`` are taken out).

    Due date, unit and leader (None: as they are) are the government office's to change; a later due date than the one in
    force wants a decision (`apply_adjustment`; 陕西 2025 规定 art. 18). Raises RuleBroken for a plan that cannot be, a date reached in the future, another unit's person changing what is not theirs.
    """
    _check_running(tracking)
    due = due_on or tracking.due_on
    unit = department_id or tracking.department_id
    lead = tracking.leader if leader is None else leader.strip()
    if Role.GOVERNMENT not in by.roles and (due, unit, lead) != (
        tracking.due_on,
        tracking.department_id,
        tracking.leader,
    ):
        raise RuleBroken(
            "完成时限、责任单位和分管领导由政府办调整，没有作任何改动。请联系政府办。", status=403
        )
    if due > tracking.due_on:
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


def _plan_text(tracking: Tracking) -> dict[str, Any]:
    return {
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
    """What a monthly report says; money is cumulative for the year, in 万元."""

    percent: int
    money_planned: Decimal
    money_in_place: Decimal
    money_paid: Decimal
    narrative: str = ""
    problems: str = ""
    next_step: str = ""


def carried(tracking: Tracking) -> Figures:
    """The figures that the next report starts from: the last one's, else what was decided."""
    if tracking.reports:
        last = tracking.reports[-1]
        return Figures(last.percent, last.money_planned, last.money_in_place, last.money_paid)
    return Figures(0, tracking.project.year_investment or Decimal(0), Decimal(0), Decimal(0))


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
) -> Report:
    """Hand in the report of ``month`` (its first day), with photos (see `prepare_photos`).

    Raises RuleBroken for a month that is reported already, lies before the last report or ahead, or before the
    start; for a percentage that fell without a reason; for a picture that cannot be taken.
    """
    _check_running(tracking)
    _check_month(tracking, month, local(now).date())
    before = tracking.reports[-1] if tracking.reports else None
    check_report(
        percent=figures.percent, narrative=figures.narrative, before=before.percent if before else None
    )
    made = Report(
        body_id=tracking.body_id,
        tracking=tracking,
        month=month,
        reported_by=by.name,
        reported_at=now,
        **figures._asdict(),
    )
    db.session.add(made)
    flush_or(_already(month), constraint="uq_reports_month")
    audit.record("report.create", by=by, at=now, about=made, after={"month": month, **figures._asdict()})
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
) -> None:
    """Correct the latest report of a running project; the audit log keeps both wordings.

    Raises RuleBroken once a later report exists, and as `report` does.
    """
    tracking = report.tracking
    _check_running(tracking)
    if not correctable(report):
        raise RuleBroken("此后的月报已经报送，这一期不能再改。请在下一期月报中说明更正。", code="superseded")
    earlier = [r.percent for r in tracking.reports if r.month < report.month]
    check_report(
        percent=figures.percent, narrative=figures.narrative, before=earlier[-1] if earlier else None
    )
    before = figures_of(report)._asdict()
    for key, value in figures._asdict().items():
        setattr(report, key, value)
    db.session.flush()
    old, new = audit.changes(before, figures._asdict())
    if new:
        audit.record("report.correct", by=by, at=now, about=report, before=old, after=new)
    if photos:
        uploads.add(photos, owner=report, by=by, now=now, caption=caption)


def prepare_photos(files: Iterable[uploads.Upload]) -> list[uploads.Prepared]:
    """Look at photos and draw them anew, as `uploads.prepare` does; needs no database.

    Raises RuleBroken for a file that is no picture or cannot be kept.
    """
    prepared = uploads.prepare(files)
    for file in prepared:
        if file.small is None:
            raise RuleBroken(
                f"“{file.filename}”不是图片。月报只附现场照片（JPG、PNG、WebP），没有保存任何文件。",
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
                f"最近一次月报的形象进度是 {percent}%，与“完成”不符。请责任单位先报送 100% 的月报，"
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
        raise _already(month)
    if month not in open_months(tracking.starts_on, _last_month(tracking), day):
        raise RuleBroken(
            "只能报送最近一次月报之后、到本月为止的月份。请重新选择月份。", field="month", status=422
        )
    assert month == month_of(month)


def _already(month: date) -> RuleBroken:
    return RuleBroken(
        f"{month.year}年{month.month}月的月报已经报送。如需更正，请打开那一期修改。", field="month"
    )

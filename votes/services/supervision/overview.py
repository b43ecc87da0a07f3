"""监督 as a whole: the overview of a year, the supervision of one project, what is owed by a day, counts for others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import RowSearch, Search, db, everything, words_in
from votes.models import (
    Attachment,
    Inspection,
    InspectionNote,
    Project,
    Rectification,
    RectificationAnswer,
    SupervisionGroup,
    Tracking,
)
from votes.rules.delivery.trackings import TrackingState
from votes.rules.publication.tasks import Task
from votes.rules.supervision.supervision import InspectionState, RectificationState
from votes.services.supervision import groups, inspection_notes, inspections, rectifications

_ISSUED = Rectification.state == RectificationState.ISSUED
_CANCELLED = Rectification.state == RectificationState.CANCELLED


def _count(condition: ColumnElement[bool]) -> Any:
    """Return the number of rows that meet ``condition``, as a column."""
    return func.sum(case((condition, 1), else_=0))


# --- every project of a year -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Supervised:
    """A project, its group, and the numbers of its inspections, problems and 督办件."""

    tracking: Tracking
    group: SupervisionGroup | None
    planned: int  # inspections
    held: int
    next_on: date | None  # the day of the next planned inspection
    findings: int  # problems that the office still has to settle or to route
    open: int  # 督办件
    overdue: int

    @property
    def project(self) -> Project:
        """Return the project."""
        return self.tracking.project


_PROJECTS = Search(
    filters={"year": Project.year, "q": words_in(Project.name)},
    sorts={"number": ("按编号", (Project.year.desc(), Project.number, Tracking.id))},
)
SEARCH = RowSearch(
    filters={"group": lambda row, value: row.group is None},
    sorts={
        "number": ("按编号", lambda row: 0),  # as the query has them
        "open": ("问题多的在前", lambda row: (-row.overdue, -row.open, -row.findings)),
        "held": ("视察少的在前", lambda row: row.held),
    },
    query=_PROJECTS,
)


def overview(
    chosen: Mapping[str, Any], day: date, *, own: int | None = None, secret: bool = False
) -> list[Supervised]:
    """Return the selected projects that fit ``chosen``, as of ``day``; ``secret`` as in `inspections.seen`.

    ``own``: the projects of one unit, with the 督办件 of this unit only.
    """
    query = groups.trackings().where(groups.of_unit(own))
    trackings = list(db.session.scalars(_PROJECTS.of(query, chosen)))
    ids = [t.id for t in trackings]
    of_these = groups.load().where(SupervisionGroup.tracking_id.in_(ids))
    formed = {group.tracking_id: group for group in db.session.scalars(of_these)}
    planned = Inspection.state == InspectionState.PLANNED
    visits = _by_tracking(
        select(
            Inspection.tracking_id,
            _count(planned),
            _count(Inspection.state == InspectionState.HELD),
            func.min(case((and_(planned, Inspection.planned_on >= day), Inspection.planned_on))),
        ).where(Inspection.tracking_id.in_(ids), inspections.seen(secret))
    )
    findings = _by_tracking(
        select(InspectionNote.tracking_id, func.count())
        .outerjoin(InspectionNote.rectification)
        .where(InspectionNote.tracking_id.in_(ids), inspection_notes.UNSETTLED)
    )
    owed = _by_tracking(
        select(Rectification.tracking_id, func.count(), _count(_ISSUED & (Rectification.due_on < day))).where(
            Rectification.tracking_id.in_(ids),
            Rectification.state.in_(rectifications.OPEN),
            rectifications.of_unit(own),
        )
    )
    rows = [
        Supervised(
            tracking,
            formed.get(tracking.id),
            *visits.get(tracking.id, (0, 0, None)),
            *findings.get(tracking.id, (0,)),
            *owed.get(tracking.id, (0, 0)),
        )
        for tracking in trackings
    ]
    return SEARCH.rows(rows, chosen)


def to_visit(day: date) -> list[Supervised]:
    """Return the projects for which an inspection may be planned: the latest year's, and those carried out still."""
    rows = overview({}, day)
    latest = rows[0].project.year if rows else None
    return [w for w in rows if w.project.year == latest or w.tracking.state == TrackingState.RUNNING]


def _by_tracking(query: Any) -> dict[int, tuple[Any, ...]]:
    """Group by the first column, and return the other ones by it."""
    grouped = query.group_by(query.selected_columns[0])
    return {row[0]: tuple(row[1:]) for row in db.session.execute(grouped)}


# --- one project -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watch:
    """The supervision of one project, for the project's own page."""

    group: SupervisionGroup | None
    inspections: list[Inspection]
    rectifications: list[Rectification]

    @property
    def open(self) -> list[Rectification]:
        """Return the 督办件 that are not settled."""
        return [each for each in self.rectifications if each.state in rectifications.OPEN]

    @property
    def closed(self) -> int:
        """Return the number of 督办件 that are closed."""
        return sum(each.state == RectificationState.CLOSED for each in self.rectifications)


def of_tracking(tracking_id: int, *, own: int | None = None, secret: bool = False) -> Watch:
    """Return the supervision of one project; ``own``: with the 督办件 of one unit only.

    ``secret`` as in `inspections.seen`.
    """
    cancelled = Inspection.state == InspectionState.CANCELLED
    visits = inspections.load().where(
        Inspection.tracking_id == tracking_id, ~cancelled, inspections.seen(secret)
    )
    owed = rectifications.load().where(Rectification.tracking_id == tracking_id, rectifications.of_unit(own))
    return Watch(
        groups.group_of(tracking_id),
        everything(visits.order_by(inspections.WHEN, Inspection.id)),
        everything(owed.order_by(Rectification.due_on, Rectification.id)),
    )


class Moment(NamedTuple):
    """One published event of a project; ``kind``: "inspection", "note" or "rectification"."""

    on: date
    kind: str
    inspection: Inspection | None = None
    note: InspectionNote | None = None
    rectification: Rectification | None = None


def story(tracking: Tracking) -> list[Moment]:
    """Return what is published: inspections held, notes, 督办件 with their answers, the latest first."""
    visits = db.session.scalars(
        select(Inspection)
        .where(Inspection.tracking_id == tracking.id, Inspection.state == InspectionState.HELD)
        .options(selectinload(Inspection.members))
    )
    written = db.session.scalars(
        select(InspectionNote)
        .where(InspectionNote.tracking_id == tracking.id, InspectionNote.published)
        .options(joinedload(InspectionNote.deputy), selectinload(InspectionNote.photos))
    )
    owed = db.session.scalars(
        rectifications.load(photos=True)
        .where(Rectification.tracking_id == tracking.id, Rectification.published, ~_CANCELLED)
        .order_by(Rectification.id)
    )
    moments = [Moment(i.day, "inspection", inspection=i) for i in visits]
    moments += [Moment(local(n.written_at).date(), "note", note=n) for n in written]
    moments += [Moment(r.issued_on, "rectification", rectification=r) for r in owed]
    order = ("inspection", "note", "rectification")
    return sorted(moments, key=lambda m: (m.on, order.index(m.kind)), reverse=True)


def public_photo(attachment_id: int) -> Attachment | None:
    """Return a photo of a note that is published with its photos, or of an answer to a published 督办件."""
    return db.session.scalar(
        select(Attachment)
        .outerjoin(InspectionNote, InspectionNote.id == Attachment.note_id)
        .outerjoin(RectificationAnswer, RectificationAnswer.id == Attachment.answer_id)
        .outerjoin(Rectification, Rectification.id == RectificationAnswer.rectification_id)
        .where(
            Attachment.id == attachment_id,
            Attachment.is_picture,
            or_(
                and_(InspectionNote.published, InspectionNote.photos_published),
                and_(Rectification.published, ~_CANCELLED),
            ),
        )
    )


# --- what is owed, and the numbers -----------------------------------------------------------------------


def due(day: date, own: int | None = None, *, secret: bool = False) -> list[Task]:
    """Return the answers that units owe and the planned inspections, the most overdue first.

    They are due on ``day`` or within the days that the body has set. ``own``: the answers of one unit, without
    inspections. ``secret`` as in `inspections.seen`.
    """
    horizon = day + timedelta(days=rectifications.limits().soon)
    owed = (
        rectifications.load()
        .where(_ISSUED, Rectification.due_on <= horizon, rectifications.of_unit(own))
        .order_by(Rectification.due_on, Rectification.id)
    )
    tasks = [
        Task("rectification", r.id, f"{r.tracking.name}：{r.mark}", r.due_on, r.department_id)
        for r in db.session.scalars(owed)
    ]
    if own is None:
        planned = (
            select(Inspection)
            .where(
                Inspection.state == InspectionState.PLANNED,
                Inspection.planned_on <= horizon,
                inspections.seen(secret),
            )
            .options(joinedload(Inspection.tracking).joinedload(Tracking.project))
        )
        tasks += [
            Task("inspection", i.id, f"{i.tracking.name}：{i.theme}", i.planned_on)
            for i in db.session.scalars(planned)
        ]
    return sorted(tasks, key=lambda task: task.order)


class SupervisionCounts(NamedTuple):
    """The numbers of a body's supervision; 暗访 to come are left out, as the numbers are public."""

    planned: int = 0  # inspections
    held: int = 0
    notes: int = 0
    findings: int = 0  # problems that the office still has to settle or to route
    issued: int = 0  # 督办件 that wait for the unit
    answered: int = 0  # 督办件 that wait for a second inspection
    closed: int = 0
    overdue: int = 0

    @property
    def open(self) -> int:
        """Return the number of 督办件 that are not settled."""
        return self.issued + self.answered


def counts(day: date, year: int | None = None) -> SupervisionCounts:
    """Count for the body in scope as of ``day``; ``year``: only what concerns that year's projects."""

    def of_year(query: Any, model: Any) -> Any:
        query = query.join(Tracking, Tracking.id == model.tracking_id)
        query = query.join(Project, Project.id == Tracking.project_id)
        return query.where(Project.year == year) if year is not None else query

    visits = of_year(select(Inspection.state, func.count()), Inspection).where(
        Inspection.state != InspectionState.CANCELLED, ~inspections.SECRET
    )
    written = of_year(
        select(func.count(), _count(inspection_notes.UNSETTLED))
        .select_from(InspectionNote)
        .outerjoin(InspectionNote.rectification),
        InspectionNote,
    )
    late = _count(_ISSUED & (Rectification.due_on < day))
    owed = of_year(select(Rectification.state, func.count(), late), Rectification).where(~_CANCELLED)
    held = db.session.execute(visits.group_by(Inspection.state)).all()
    notes, findings = db.session.execute(written).one()
    routed = db.session.execute(owed.group_by(Rectification.state)).all()
    return SupervisionCounts(
        notes=notes,
        findings=findings or 0,
        overdue=sum(overdue for _, _, overdue in routed),
        **{state.value: number for state, number in held},
        **{state.value: number for state, number, _ in routed},
    )

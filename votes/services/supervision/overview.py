"""监督 as a whole, out of groups, inspections, notes and 督办件: the overview of a year, the story of one project, what is
owed by a day, counts for others.

What each of them can do stands in `supervision_groups`, `inspections`, `inspection_notes` and `rectifications`.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import containing, db, everything
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
from votes.services.supervision import (
    groups as supervision_groups,
    inspection_notes,
    inspections,
    rectifications,
)

# --- every project of a year -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Watched:
    """A project, who watches over it, and what has come of it so far."""

    tracking: Tracking
    group: SupervisionGroup | None
    planned: int = 0  # inspections
    held: int = 0
    next_on: date | None = None  # what is planned and still to come
    findings: int = 0  # not yet settled
    open: int = 0  # 督办件 not yet closed
    overdue: int = 0

    @property
    def project(self) -> Project:
        found: Project = self.tracking.project
        return found


def overview(
    year: int | None,
    day: date,
    *,
    own: int | None = None,
    q: str = "",
    bare: bool = False,
    sort: str = "number",
    secret: bool = False,
) -> list[Watched]:
    """The selected projects of a year (of one unit: ``own``) with their groups, as of ``day``; ``bare``: without one;
    ``secret`` as in `inspections.search`. A unit's 督办件 are its own, whoever else has one of the same project.
    """
    query = supervision_groups.trackings().order_by(Project.year.desc(), Project.number, Tracking.id)
    if year is not None:
        query = query.where(Project.year == year)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    trackings = list(db.session.scalars(query.where(*containing(q, Project.name))))
    ids = [t.id for t in trackings]
    groups = {
        g.tracking_id: g
        for g in db.session.scalars(supervision_groups.load().where(SupervisionGroup.tracking_id.in_(ids)))
    }
    to_come = and_(Inspection.state == InspectionState.PLANNED, Inspection.planned_on >= day)
    visits = _by_tracking(
        select(
            Inspection.tracking_id,
            func.sum(case((Inspection.state == InspectionState.PLANNED, 1), else_=0)),
            func.sum(case((Inspection.state == InspectionState.HELD, 1), else_=0)),
            func.min(case((to_come, Inspection.planned_on))),
        ).group_by(Inspection.tracking_id),
        Inspection.tracking_id.in_(ids) & (true() if secret else ~inspections.SECRET),
    )
    findings = _by_tracking(
        select(InspectionNote.tracking_id, func.count())
        .outerjoin(InspectionNote.rectification)
        .group_by(InspectionNote.tracking_id),
        InspectionNote.tracking_id.in_(ids) & inspection_notes.UNSETTLED,
    )
    owed = _by_tracking(
        select(
            Rectification.tracking_id,
            func.count(),
            func.sum(
                case(
                    (and_(Rectification.state == RectificationState.ISSUED, Rectification.due_on < day), 1),
                    else_=0,
                )
            ),
        ).group_by(Rectification.tracking_id),
        Rectification.tracking_id.in_(ids)
        & Rectification.state.in_(rectifications.OPEN)
        & (true() if own is None else Rectification.department_id == own),
    )
    found = []
    for tracking in trackings:
        planned, held, next_on = visits.get(tracking.id, (0, 0, None))
        open_, overdue = owed.get(tracking.id, (0, 0))
        group = groups.get(tracking.id)
        if not (bare and group):
            found.append(
                Watched(
                    tracking,
                    group,
                    planned,
                    held,
                    next_on,
                    findings.get(tracking.id, (0,))[0],
                    open_,
                    overdue,
                )
            )
    if sort == "open":
        found.sort(key=lambda each: (-each.overdue, -each.open, -each.findings))
    elif sort == "held":
        found.sort(key=lambda each: each.held)
    return found


def to_visit(day: date) -> list[Watched]:
    """The projects that an inspection may be planned for: the latest year's, and earlier ones still being carried out."""
    found = overview(None, day)
    latest = found[0].project.year if found else None
    return [w for w in found if w.project.year == latest or w.tracking.state == TrackingState.RUNNING]


def _by_tracking(query: Any, where: Any) -> dict[int, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in db.session.execute(query.where(where))}


# --- one project -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watch:
    """What stands on a project's own page: group, inspections, 督办件 that are open, how many are closed."""

    group: SupervisionGroup | None
    inspections: list[Inspection] = field(default_factory=list)
    rectifications: list[Rectification] = field(default_factory=list)

    @property
    def open(self) -> list[Rectification]:
        return [each for each in self.rectifications if each.state in rectifications.OPEN]

    @property
    def closed(self) -> int:
        return sum(each.state == RectificationState.CLOSED for each in self.rectifications)


def of_tracking(tracking_id: int, *, own: int | None = None, secret: bool = False) -> Watch:
    """Who watches over a project and what they have done; ``secret`` as in `inspections.search`, ``own``: the unit that
    asks, which reads its own 督办件 only.
    """
    visits = inspections.load().where(
        Inspection.tracking_id == tracking_id, Inspection.state != InspectionState.CANCELLED
    )
    if not secret:
        visits = visits.where(~inspections.SECRET)
    owed = rectifications.load().where(Rectification.tracking_id == tracking_id)
    if own is not None:
        owed = owed.where(Rectification.department_id == own)
    return Watch(
        supervision_groups.group_of(tracking_id),
        everything(visits.order_by(inspections.WHEN, Inspection.id)),
        everything(owed.order_by(Rectification.due_on, Rectification.id)),
    )


class Moment(NamedTuple):
    """One published point of a project's story: kind is inspection | note | rectification."""

    on: date
    kind: str
    title: str
    inspection: Inspection | None = None
    note: InspectionNote | None = None
    rectification: Rectification | None = None


def story(tracking: Tracking) -> list[Moment]:
    """What of the supervision is published, the latest first: inspections held, notes, 督办件 with their answers."""
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
        select(Rectification)
        .where(
            Rectification.tracking_id == tracking.id,
            Rectification.published,
            Rectification.state != RectificationState.CANCELLED,
        )
        .options(
            joinedload(Rectification.department),
            selectinload(Rectification.answers).selectinload(RectificationAnswer.photos),
        )
    )
    moments = [Moment(inspections.day_of(i), "inspection", i.theme, inspection=i) for i in visits]
    moments += [Moment(local(n.written_at).date(), "note", "代表监督记录", note=n) for n in written]
    moments += [Moment(r.issued_on, "rectification", r.mark, rectification=r) for r in owed]
    order = ("inspection", "note", "rectification")
    return sorted(moments, key=lambda m: (m.on, order.index(m.kind)), reverse=True)


def photo(attachment_id: int) -> Attachment | None:
    """A photo of a note or of an answer, whoever may see it."""
    return db.session.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id,
            Attachment.note_id.isnot(None) | Attachment.answer_id.isnot(None),
        )
    )


def public_photo(attachment_id: int) -> Attachment | None:
    """A photo that is published: of a published note with its photos, or of an answer to a published 督办件."""
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
                and_(Rectification.published, Rectification.state != RectificationState.CANCELLED),
            ),
        )
    )


# --- what is owed, and how much there is -----------------------------------------------------------------


def due(day: date, own: int | None = None, *, secret: bool = False) -> list[Task]:
    """What is owed on ``day`` or within the days before a deadline that the place has set, the most overdue first:
    答复 of units, and inspections that are planned (not for a unit: ``own``; ``secret`` as in `inspections.search`: a list that
    goes out to a group or stands before the government names no 暗访).
    """
    horizon = day + timedelta(days=rectifications.limits().soon)
    owed = (
        rectifications.load()
        .where(Rectification.state == RectificationState.ISSUED, Rectification.due_on <= horizon)
        .order_by(Rectification.due_on, Rectification.id)
    )
    if own is not None:
        owed = owed.where(Rectification.department_id == own)
    found = [
        Task("rectification", r.id, f"{r.tracking.name}：{r.mark}", r.due_on, r.department_id)
        for r in db.session.scalars(owed)
    ]
    if own is None:
        planned = (
            select(Inspection)
            .where(Inspection.state == InspectionState.PLANNED, Inspection.planned_on <= horizon)
            .options(joinedload(Inspection.tracking).joinedload(Tracking.project))
        )
        if not secret:
            planned = planned.where(~inspections.SECRET)
        found += [
            Task("inspection", i.id, f"{i.tracking.name}：{i.theme}", i.planned_on)
            for i in db.session.scalars(planned)
        ]
    return sorted(found, key=lambda task: task.order)


class SupervisionCounts(NamedTuple):
    """What supervision comes to: inspections planned (but no 暗访: the figure is public) and held, notes, findings not
    settled, 督办件 by state.
    """

    planned: int = 0
    held: int = 0
    notes: int = 0
    findings: int = 0
    issued: int = 0  # waiting for the unit
    answered: int = 0  # waiting for a second look
    closed: int = 0
    overdue: int = 0

    @property
    def open(self) -> int:
        return self.issued + self.answered


def counts(day: date, year: int | None = None) -> SupervisionCounts:
    """The counts of the body in scope (of one year's projects), as of ``day``."""

    def of_year(query: Any, kind: Any) -> Any:
        query = query.join(Tracking, Tracking.id == kind.tracking_id).join(
            Project, Project.id == Tracking.project_id
        )
        return query.where(Project.year == year) if year is not None else query

    visits = of_year(select(Inspection.state, func.count()), Inspection).where(
        Inspection.state != InspectionState.CANCELLED, ~inspections.SECRET
    )
    unsettled = func.sum(case((inspection_notes.UNSETTLED, 1), else_=0))
    written = of_year(
        select(func.count(), unsettled).select_from(InspectionNote).outerjoin(InspectionNote.rectification),
        InspectionNote,
    )
    late = and_(Rectification.state == RectificationState.ISSUED, Rectification.due_on < day)
    owed = of_year(
        select(Rectification.state, func.count(), func.sum(case((late, 1), else_=0))), Rectification
    ).where(Rectification.state != RectificationState.CANCELLED)
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

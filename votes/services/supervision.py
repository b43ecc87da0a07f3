"""监督: the group of each project, inspections planned and held, what deputies saw, and what has to be put right.

A deputy writes down what was seen; the office reads it and, where something is wrong, routes it to the unit as a 督办件
(代表法 2025 art. 31: a deputy does not deal with the matter directly). The unit answers, somebody looks again.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, extract, func, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.clock import local
from votes.db import EVERY_BODY, db, flush_or, scoped, violates
from votes.db import page as page
from votes.exports import supervision as sheets
from votes.exports.papers import Paper
from votes.models import (
    Attachment,
    Department,
    Deputy,
    GroupMember,
    Inspection,
    InspectionMember,
    InspectionNote,
    Project,
    Rectification,
    RectificationAnswer,
    SupervisionGroup,
    Tracking,
)
from votes.rules import supervision as rules
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people import BodyKind, DeputyState
from votes.rules.permissions import Actor
from votes.rules.progress import TrackingState
from votes.rules.projects import ProjectState
from votes.rules.reminders import Due
from votes.rules.supervision import (
    INSPECTION,
    RECTIFICATION,
    InspectionKind,
    InspectionState,
    RectificationState,
    Settings,
    Slip,
)
from votes.services import audit, bodies, roster, uploads

#: How many deputies the search in a form shows at once.
FOUND = 40
#: How long after an inspection its notes may still be written under it.
AFTERWARDS = timedelta(days=30)


# --- the place's own -------------------------------------------------------------------------------------


def settings(body_id: int) -> Settings:
    """Days given to a unit, and when a slip changes its colour, in a body."""
    body = bodies.get_body(body_id)
    return Settings.of(body.settings if body else {})


def _here() -> Settings:
    scope = db.session.scope
    return settings(scope) if isinstance(scope, int) else Settings()


def limits() -> Settings:
    """The settings of the body in scope."""
    return _here()


def slips(day: date) -> Callable[[Rectification], Slip]:
    """The slip of each 督办件 of the body in scope on ``day``: its limits are asked once for a whole list."""
    place = _here()
    return lambda rectification: slip(rectification, day, place)


def slip(rectification: Rectification, day: date, place: Settings | None = None) -> Slip:
    """How pressing a 督办件 is on ``day``, by the limits of its body (``place``, where they are known)."""
    return rules.slip(
        rectification.state, rectification.due_on, day, place or settings(rectification.body_id)
    )


_SECRET = and_(Inspection.kind == InspectionKind.UNANNOUNCED, Inspection.state != InspectionState.HELD)


# --- groups: reading -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watched:
    """A project, who watches over it, and what has come of it so far."""

    tracking: Tracking
    group: SupervisionGroup | None
    planned: int = 0  # inspections
    held: int = 0
    next_on: date | None = None
    findings: int = 0  # not yet settled
    open: int = 0  # 督办件 not yet closed
    overdue: int = 0

    @property
    def project(self) -> Project:
        found: Project = self.tracking.project
        return found


def _with_project(query: Any) -> Any:
    """Joined with its project (selected ones only), which is loaded along, and the unit."""
    return (
        query.join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(contains_eager(Tracking.project), joinedload(Tracking.department))
    )


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
    ``secret`` as in `inspections`."""
    query = _with_project(select(Tracking)).order_by(Project.year.desc(), Project.number, Tracking.id)
    if year is not None:
        query = query.where(Project.year == year)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    for word in q.split():
        query = query.where(Project.name.contains(word, autoescape=True))
    trackings = list(db.session.scalars(query))
    ids = [t.id for t in trackings]
    groups = {
        g.tracking_id: g for g in db.session.scalars(_groups().where(SupervisionGroup.tracking_id.in_(ids)))
    }
    visits = _by_tracking(
        select(
            Inspection.tracking_id,
            func.sum(case((Inspection.state == InspectionState.PLANNED, 1), else_=0)),
            func.sum(case((Inspection.state == InspectionState.HELD, 1), else_=0)),
            func.min(case((Inspection.state == InspectionState.PLANNED, Inspection.planned_on))),
        ).group_by(Inspection.tracking_id),
        Inspection.tracking_id.in_(ids) & (true() if secret else ~_SECRET),
    )
    findings = _by_tracking(
        select(InspectionNote.tracking_id, func.count())
        .outerjoin(InspectionNote.rectification)
        .group_by(InspectionNote.tracking_id),
        InspectionNote.tracking_id.in_(ids) & _UNSETTLED,
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
        Rectification.tracking_id.in_(ids) & Rectification.state.in_(_OPEN),
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


def _by_tracking(query: Any, where: Any) -> dict[int, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in db.session.execute(query.where(where))}


def _groups() -> Select[SupervisionGroup]:
    return select(SupervisionGroup).options(
        joinedload(SupervisionGroup.lead_deputy),
        selectinload(SupervisionGroup.members).joinedload(GroupMember.deputy),
    )


def group_of(tracking_id: int) -> SupervisionGroup | None:
    """The group of a project, its members with it."""
    return db.session.scalar(_groups().where(SupervisionGroup.tracking_id == tracking_id))


def members_of(group: SupervisionGroup | None) -> list[Deputy]:
    """The deputies of a group, in the order of the roster."""
    return _in_order(m.deputy for m in group.members) if group else []


def _in_order(deputies: Iterable[Deputy]) -> list[Deputy]:
    return sorted(deputies, key=lambda d: (d.delegation.position, d.delegation_id, len(d.number), d.number))


def deputies(ids: Collection[int]) -> list[Deputy]:
    """These deputies, in the order of the roster; ids of nobody here are passed over."""
    return _in_order(db.session.scalars(select(Deputy).where(Deputy.id.in_(ids)))) if ids else []


def find_deputies(q: str = "", delegation_id: int | None = None) -> list[Deputy]:
    """The first `FOUND` deputies in office whose name, initials or number go with ``q``; [] where nothing is asked."""
    if not (q.strip() or delegation_id):
        return []
    query = roster.search(q=q, delegation_id=delegation_id, state=DeputyState.ACTIVE)
    return list(db.session.scalars(query.limit(FOUND)))


# --- inspections: reading --------------------------------------------------------------------------------


def _inspections() -> Any:
    return (
        select(Inspection)
        .join(Inspection.tracking)
        .join(Tracking.project)
        .options(
            contains_eager(Inspection.tracking).contains_eager(Tracking.project),
            contains_eager(Inspection.tracking).joinedload(Tracking.department),
            selectinload(Inspection.members).joinedload(InspectionMember.deputy),
        )
    )


def get_inspection(inspection_id: int) -> Inspection | None:
    found: Inspection | None = db.session.scalar(
        _inspections()
        .where(Inspection.id == inspection_id)
        .options(selectinload(Inspection.notes).joinedload(InspectionNote.deputy))
    )
    return found


def is_secret(inspection: Inspection) -> bool:
    """暗访 that has yet to be made: the units and the government are not told beforehand."""
    return inspection.kind == InspectionKind.UNANNOUNCED and inspection.state != InspectionState.HELD


_WHEN = func.coalesce(Inspection.held_on, Inspection.planned_on)


def inspections(
    year: int | None,
    *,
    secret: bool,
    own: int | None = None,
    state: InspectionState | None = None,
    kind: InspectionKind | None = None,
    q: str = "",
) -> Any:
    """The inspections of a year's projects by day; ``secret``: with the 暗访 that nobody is to know of beforehand."""
    query = _inspections().order_by(_WHEN, Inspection.id)
    if year is not None:
        query = query.where(Project.year == year)
    if not secret:
        query = query.where(~_SECRET)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    if state:
        query = query.where(Inspection.state == state)
    if kind:
        query = query.where(Inspection.kind == kind)
    for word in q.split():
        query = query.where(
            or_(
                Project.name.contains(word, autoescape=True),
                Inspection.theme.contains(word, autoescape=True),
                Inspection.place.contains(word, autoescape=True),
            )
        )
    return query


def day_of(inspection: Inspection) -> date:
    """The day on which it was held, or is to be."""
    return inspection.held_on or inspection.planned_on


def names(inspection: Inspection, *, attended: bool = False) -> list[str]:
    """Who is to take part; with ``attended`` who did."""
    found = _in_order(m.deputy for m in inspection.members if m.attended or not attended)
    return [deputy.name for deputy in found]


def everything(query: Any) -> list[Any]:
    """All rows of ``query``, for an export."""
    return list(db.session.scalars(query))


# --- notes: reading --------------------------------------------------------------------------------------

#: A finding of which nobody has said yet what becomes of it (beside an outer join with its 督办件).
_UNSETTLED = and_(InspectionNote.finding, InspectionNote.settled == "", Rectification.id.is_(None))

NOTE_STATES = {
    "open": "待处理",
    "routed": "已转督办件",
    "settled": "已处理",
    "plain": "未发现问题",
}


def note_state(note: InspectionNote) -> str:
    """What has become of a note: a key of `NOTE_STATES`."""
    if note.rectification:
        return "routed"
    if not note.finding:
        return "plain"
    return "settled" if note.settled else "open"


def _notes() -> Any:
    return (
        select(InspectionNote)
        .join(InspectionNote.tracking)
        .join(Tracking.project)
        .outerjoin(InspectionNote.rectification)
        .options(
            contains_eager(InspectionNote.tracking).contains_eager(Tracking.project),
            contains_eager(InspectionNote.rectification),
            joinedload(InspectionNote.deputy),
            joinedload(InspectionNote.inspection),
            selectinload(InspectionNote.photos),
        )
    )


def get_note(note_id: int) -> InspectionNote | None:
    found: InspectionNote | None = db.session.scalar(_notes().where(InspectionNote.id == note_id))
    return found


def notes(
    year: int | None, *, state: str = "", published: bool | None = None, q: str = "", sort: str = "open"
) -> Any:
    """Deputies' notes on a year's projects: findings not yet settled first (sort "open"), else the latest first."""
    query = _notes()
    if sort == "open":
        query = query.order_by(case((_UNSETTLED, 0), else_=1))
    query = query.order_by(InspectionNote.written_at.desc(), InspectionNote.id.desc())
    if year is not None:
        query = query.where(Project.year == year)
    routed = Rectification.id.isnot(None)
    wanted = {
        "open": _UNSETTLED,
        "routed": routed,
        "settled": and_(InspectionNote.finding, ~routed, InspectionNote.settled != ""),
        "plain": and_(~InspectionNote.finding, ~routed),
    }
    if state in wanted:
        query = query.where(wanted[state])
    if published is not None:
        query = query.where(InspectionNote.published.is_(published))
    for word in q.split():
        query = query.where(
            or_(
                Project.name.contains(word, autoescape=True),
                InspectionNote.text.contains(word, autoescape=True),
                InspectionNote.place.contains(word, autoescape=True),
            )
        )
    return query


def photo(attachment_id: int) -> Attachment | None:
    """A photo of a note or of an answer, whoever may see it."""
    return db.session.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id,
            Attachment.note_id.isnot(None) | Attachment.answer_id.isnot(None),
        )
    )


def answers_to(note: InspectionNote) -> list[RectificationAnswer]:
    """What the unit answered to the 督办件 that came of a note."""
    return list(note.rectification.answers) if note.rectification else []


def photo_of(note: InspectionNote, attachment_id: int) -> Attachment | None:
    """One of a note's photos."""
    return next((each for each in note.photos if each.id == attachment_id), None)


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


# --- 督办件: reading -------------------------------------------------------------------------------------

_OPEN = (RectificationState.ISSUED, RectificationState.ANSWERED)

SORTS = {
    "due": "期限近的在前",
    "number": "按文号",
    "unit": "按责任单位",
    "project": "按项目",
}


def _rectifications(*, photos: bool = False) -> Any:
    answers = selectinload(Rectification.answers)
    return (
        select(Rectification)
        .join(Rectification.tracking)
        .join(Tracking.project)
        .join(Rectification.department)
        .options(
            contains_eager(Rectification.tracking).contains_eager(Tracking.project),
            contains_eager(Rectification.department),
            joinedload(Rectification.note).options(
                joinedload(InspectionNote.inspection), joinedload(InspectionNote.deputy)
            ),
            answers.selectinload(RectificationAnswer.photos) if photos else answers,
        )
    )


def get(rectification_id: int) -> Rectification | None:
    found: Rectification | None = db.session.scalar(
        _rectifications(photos=True).where(Rectification.id == rectification_id)
    )
    return found


def search(
    year: int | None,
    day: date,
    *,
    own: int | None = None,
    state: RectificationState | None = None,
    open_only: bool = False,
    slip: Slip | None = None,
    unit: int | None = None,
    tracking_id: int | None = None,
    q: str = "",
    sort: str = "due",
) -> Any:
    """督办件 of a year's projects (of one unit: ``own``); ``slip`` as on ``day``."""
    query = _rectifications()
    if year is not None:
        query = query.where(Project.year == year)
    if own is not None:
        query = query.where(Rectification.department_id == own)
    if state:
        query = query.where(Rectification.state == state)
    if open_only:
        query = query.where(Rectification.state.in_(_OPEN))
    if slip:
        first, last = rules.span(slip, day, _here())
        query = query.where(Rectification.state == RectificationState.ISSUED)
        if first:
            query = query.where(Rectification.due_on >= first)
        if last:
            query = query.where(Rectification.due_on <= last)
    if unit:
        query = query.where(Rectification.department_id == unit)
    if tracking_id:
        query = query.where(Rectification.tracking_id == tracking_id)
    for word in q.split():
        query = query.where(
            or_(
                Project.name.contains(word, autoescape=True),
                Rectification.problem.contains(word, autoescape=True),
                Rectification.demand.contains(word, autoescape=True),
                Rectification.person.contains(word, autoescape=True),
            )
        )
    number = (Rectification.year, Rectification.number)
    by = {
        "due": (
            case((Rectification.state.in_(_OPEN), 0), else_=1),
            Rectification.due_on,
            *number,
        ),
        "number": number,
        "unit": (Department.id, *number),
        "project": (Project.year.desc(), Project.number, *number),
    }
    return query.order_by(*by.get(sort, by["due"]))


def units(year: int | None) -> list[Department]:
    """The units that have a 督办件 of a year's projects."""
    owing = select(Rectification.department_id).join(Rectification.tracking).join(Tracking.project)
    if year is not None:
        owing = owing.where(Project.year == year)
    return list(
        db.session.scalars(select(Department).where(Department.id.in_(owing)).order_by(Department.id))
    )


def projects(year: int | None, *, own: int | None = None) -> list[Tracking]:
    """The projects of a year that have a 督办件 (of one unit: ``own``)."""
    owing = select(Rectification.tracking_id)
    if own is not None:
        owing = owing.where(Rectification.department_id == own)
    query = _with_project(select(Tracking)).where(Tracking.id.in_(owing))
    if year is not None:
        query = query.where(Project.year == year)
    return list(db.session.scalars(query.order_by(Project.number, Tracking.id)))


def photos_of_note(rectification: Rectification) -> list[Attachment]:
    """The photos of the note that a 督办件 came from."""
    return list(rectification.note.photos) if rectification.note else []


def last(rectification: Rectification) -> RectificationAnswer | None:
    """The latest answer, as last asked of the database."""
    return rectification.answers[-1] if rectification.answers else None


def source(rectification: Rectification) -> str:
    """Where a problem came from, in words."""
    note = rectification.note
    if note is None:
        return "日常监督"
    if note.inspection:
        on = day_of(note.inspection)
        return f"{on.year}年{on.month}月{on.day}日{note.inspection.theme}"
    return "代表监督记录"


# --- what others ask -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watch:
    """What stands on a project's own page: group, inspections, 督办件 that are open, how many are closed."""

    group: SupervisionGroup | None
    inspections: list[Inspection] = field(default_factory=list)
    rectifications: list[Rectification] = field(default_factory=list)

    @property
    def open(self) -> list[Rectification]:
        return [each for each in self.rectifications if each.state in _OPEN]

    @property
    def closed(self) -> int:
        return sum(each.state == RectificationState.CLOSED for each in self.rectifications)


def of_tracking(tracking_id: int, *, secret: bool = False) -> Watch:
    """Who watches over a project and what they have done; ``secret`` as in `inspections`."""
    visits = _inspections().where(Inspection.tracking_id == tracking_id).order_by(_WHEN, Inspection.id)
    visits = visits.where(Inspection.state != InspectionState.CANCELLED)
    return Watch(
        group_of(tracking_id),
        list(db.session.scalars(visits if secret else visits.where(~_SECRET))),
        list(
            db.session.scalars(
                _rectifications()
                .where(Rectification.tracking_id == tracking_id)
                .order_by(Rectification.due_on, Rectification.id)
            )
        ),
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
    moments = [Moment(day_of(i), "inspection", i.theme, inspection=i) for i in visits]
    moments += [Moment(local(n.written_at).date(), "note", "代表监督记录", note=n) for n in written]
    moments += [Moment(r.issued_on, "rectification", r.mark, rectification=r) for r in owed]
    order = ("inspection", "note", "rectification")
    return sorted(moments, key=lambda m: (m.on, order.index(m.kind)), reverse=True)


def due(day: date, own: int | None = None, *, secret: bool = False) -> list[Due]:
    """What is owed on ``day`` or within the days before a deadline that the place has set, the most overdue first:
    答复 of units, and inspections that are planned (not for a unit: ``own``; ``secret`` as in `inspections`: a list that
    goes out to a group or stands before the government names no 暗访)."""
    horizon = day + timedelta(days=_here().soon)
    owed = (
        _rectifications()
        .where(Rectification.state == RectificationState.ISSUED, Rectification.due_on <= horizon)
        .order_by(Rectification.due_on, Rectification.id)
    )
    if own is not None:
        owed = owed.where(Rectification.department_id == own)
    found = [
        Due("rectification", r.id, f"{r.tracking.name}：{r.mark}", r.due_on, r.department_id)
        for r in db.session.scalars(owed)
    ]
    if own is None:
        planned = (
            select(Inspection)
            .where(Inspection.state == InspectionState.PLANNED, Inspection.planned_on <= horizon)
            .options(joinedload(Inspection.tracking).joinedload(Tracking.project))
        )
        if not secret:
            planned = planned.where(~_SECRET)
        found += [
            Due("inspection", i.id, f"{i.tracking.name}：{i.theme}", i.planned_on)
            for i in db.session.scalars(planned)
        ]
    return sorted(found, key=lambda each: (each.due_on, each.kind, each.about_id))


def attended(deputy_id: int, year: int) -> list[Inspection]:
    """The inspections of a calendar year in which a deputy took part, by day."""
    return list(
        db.session.scalars(
            _inspections()
            .join(InspectionMember, InspectionMember.inspection_id == Inspection.id)
            .where(
                InspectionMember.deputy_id == deputy_id,
                InspectionMember.attended,
                extract("year", Inspection.held_on) == year,
            )
            .order_by(Inspection.held_on, Inspection.id)
        )
    )


class Counts(NamedTuple):
    """What supervision comes to: inspections planned (but no 暗访: the figure is public) and held, notes, findings not
    settled, 督办件 by state."""

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


def counts(day: date, year: int | None = None) -> Counts:
    """The counts of the body in scope (of one year's projects)."""
    found = _counts(day, year)
    scope = db.session.scope
    return found.get(scope, Counts()) if isinstance(scope, int) else _sum(found.values())


def counts_by_body(day: date, year: int | None = None) -> dict[int, Counts]:
    """The counts of every body that has any, in three statements."""
    with scoped(EVERY_BODY):
        return _counts(day, year)


def _sum(found: Iterable[Counts]) -> Counts:
    return Counts(*(sum(column) for column in zip(*found, strict=True)))


def _counts(day: date, year: int | None) -> dict[int, Counts]:
    def of_year(query: Any, kind: Any) -> Any:
        query = query.join(Tracking, Tracking.id == kind.tracking_id).join(
            Project, Project.id == Tracking.project_id
        )
        return query.where(Project.year == year) if year is not None else query

    found: dict[int, dict[str, int]] = {}
    visits = select(Inspection.body_id, Inspection.state, func.count())
    for body_id, state, number in db.session.execute(
        of_year(visits, Inspection)
        .where(Inspection.state != InspectionState.CANCELLED, ~_SECRET)
        .group_by(Inspection.body_id, Inspection.state)
    ):
        found.setdefault(body_id, {})[state.value] = number
    written = select(
        InspectionNote.body_id, func.count(), func.sum(case((_UNSETTLED, 1), else_=0))
    ).outerjoin(InspectionNote.rectification)
    for body_id, number, findings in db.session.execute(
        of_year(written, InspectionNote).group_by(InspectionNote.body_id)
    ):
        found.setdefault(body_id, {}).update(notes=number, findings=findings)
    late = and_(Rectification.state == RectificationState.ISSUED, Rectification.due_on < day)
    owed = select(
        Rectification.body_id, Rectification.state, func.count(), func.sum(case((late, 1), else_=0))
    )
    for body_id, state, number, overdue in db.session.execute(
        of_year(owed, Rectification)
        .where(Rectification.state != RectificationState.CANCELLED)
        .group_by(Rectification.body_id, Rectification.state)
    ):
        mine = found.setdefault(body_id, {})
        mine[state.value] = number
        mine["overdue"] = mine.get("overdue", 0) + overdue
    return {body_id: Counts(**numbers) for body_id, numbers in found.items()}


# --- a deputy's own --------------------------------------------------------------------------------------


def my_projects(deputy_id: int) -> list[Tracking]:
    """The projects whose group a deputy leads or belongs to, the newest first."""
    query = _with_project(select(Tracking)).where(
        Tracking.id.in_(
            select(SupervisionGroup.tracking_id)
            .outerjoin(GroupMember, GroupMember.group_id == SupervisionGroup.id)
            .where(or_(GroupMember.deputy_id == deputy_id, SupervisionGroup.lead_deputy_id == deputy_id))
        )
    )
    return list(db.session.scalars(query.order_by(Project.year.desc(), Project.number).limit(20)))


def my_inspections(deputy_id: int, day: date) -> tuple[list[Inspection], list[Inspection]]:
    """(to come, the next first; held or past, the latest first) of those a deputy is named for."""
    query = (
        _inspections()
        .where(
            Inspection.id.in_(
                select(InspectionMember.inspection_id).where(InspectionMember.deputy_id == deputy_id)
            ),
            Inspection.state != InspectionState.CANCELLED,
        )
        .order_by(_WHEN.desc(), Inspection.id.desc())
        .limit(20)
    )
    found = list(db.session.scalars(query))
    ahead = [i for i in found if i.state == InspectionState.PLANNED and i.planned_on >= day]
    return ahead[::-1], [i for i in found if i not in ahead]


def my_notes(deputy_id: int) -> Any:
    """A deputy's notes, the latest first."""
    return (
        _notes()
        .where(InspectionNote.deputy_id == deputy_id)
        .order_by(InspectionNote.written_at.desc(), InspectionNote.id.desc())
    )


class About(NamedTuple):
    """Something that a note may be about: ``key`` "i12" an inspection, "t5" a project."""

    key: str
    word: str
    group: str


def to_note(deputy_id: int, day: date) -> list[About]:
    """What a deputy may write a note about: own inspections, own projects, the other projects being carried out."""
    ahead, past = my_inspections(deputy_id, day)
    found = [
        About(f"i{i.id}", f"{day_of(i).month}月{day_of(i).day}日{i.theme}", "我参加的视察")
        for i in (*ahead, *past)
        if day - AFTERWARDS <= day_of(i) <= day + timedelta(days=1)
    ]
    own = my_projects(deputy_id)
    found += [About(f"t{t.id}", t.name, "我监督的项目") for t in own if t.state == TrackingState.RUNNING]
    others = db.session.scalars(
        _with_project(select(Tracking))
        .where(Tracking.state == TrackingState.RUNNING, Tracking.id.not_in([t.id for t in own]))
        .order_by(Project.year.desc(), Project.number)
        .limit(100)
    )
    return found + [About(f"t{t.id}", t.name, "其他项目") for t in others]


def prepare_photos(files: Iterable[uploads.Upload]) -> list[uploads.Prepared]:
    """Look at photos and draw them anew; needs no database. Raises RuleBroken for what is no picture."""
    prepared = uploads.prepare(files)
    for file in prepared:
        if file.small is None:
            raise RuleBroken(
                f"“{file.filename}”不是图片。这里只能上传照片（JPG、PNG、WebP），没有保存任何文件。",
                field="files",
                status=422,
            )
    return prepared


def write_note(
    about: str,
    *,
    text: str,
    place: str,
    finding: bool,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Prepared] = (),
) -> InspectionNote:
    """A deputy's note about a project or an inspection (``about``: a key of `to_note`), with photos.

    Raises RuleBroken for what cannot be written about, an empty text, more than nine photos, a deputy not in office.
    What was written stands in no log: it may name people.
    """
    deputy = db.session.get_one(Deputy, by.deputy_id)
    if deputy.state != DeputyState.ACTIVE:
        raise RuleBroken("您的代表资格已暂停或终止，不能填写监督记录。如有疑问，请联系人大办。", status=403)
    rules.check_note(text, len(photos))
    known = {each.key for each in to_note(deputy.id, local(now).date())}
    if about not in known:
        raise RuleBroken("请选择您要记录的项目或视察。", field="about", status=422)
    inspection = get_inspection(int(about[1:])) if about[0] == "i" else None
    made = InspectionNote(
        body_id=deputy.body_id,
        tracking_id=inspection.tracking_id if inspection else int(about[1:]),
        inspection_id=inspection.id if inspection else None,
        deputy_id=deputy.id,
        written_at=now,
        place=place.strip(),
        text=text.strip(),
        finding=finding,
    )
    db.session.add(made)
    audit.record("note.create", by=by, at=now, about=made, after={"finding": finding, "photos": len(photos)})
    if photos:
        uploads.add(photos, owner=made, by=by, now=now)
    return made


# --- the office's acts: group and inspections ------------------------------------------------------------


def _check_deputies(ids: Collection[int], *, already: Collection[int] = ()) -> list[Deputy]:
    found = deputies(set(ids))
    if len(found) != len(set(ids)):
        raise RuleBroken("所选代表中有人不在本级名册中。请重新查找。", field="members", status=422)
    for deputy in found:
        if deputy.state != DeputyState.ACTIVE and deputy.id not in already:
            raise RuleBroken(f"{deputy.name}代表资格已暂停或终止，请改选他人。", field="members", status=422)
    return found


def set_group(
    tracking: Tracking,
    *,
    lead: str,
    lead_deputy_id: int | None,
    committee: str,
    note: str,
    deputy_ids: Collection[int],
    by: Actor,
    now: datetime,
) -> SupervisionGroup:
    """Say who watches over a project: 领衔 (a name, or a deputy out of the group), committee, deputies (宁国: one group
    an item, led by a leader of the standing committee). Raises RuleBroken for nobody, or somebody not on the roster."""
    group = group_of(tracking.id)
    before = _group_text(group)
    already = {m.deputy_id for m in group.members} if group else set()
    wanted = set(deputy_ids) | ({lead_deputy_id} if lead_deputy_id else set())
    chosen = _check_deputies(wanted, already=already)
    if not chosen and not lead.strip():
        raise RuleBroken("请填写领衔人，或者选择至少一名代表。", field="lead", status=422)
    if group is None:
        group = SupervisionGroup(body_id=tracking.body_id, tracking_id=tracking.id)
        db.session.add(group)
        flush_or(
            RuleBroken("监督小组刚刚已由他人设立，请刷新页面。", code="stale"),
            constraint="uq_supervision_groups_tracking_id",
        )
    group.lead, group.committee, group.note = lead.strip(), committee.strip(), note.strip()
    group.lead_deputy_id = lead_deputy_id
    group.members = [m for m in group.members if m.deputy_id in wanted] + [
        GroupMember(body_id=tracking.body_id, deputy_id=deputy.id)
        for deputy in chosen
        if deputy.id not in already
    ]
    db.session.flush()
    db.session.expire(group)
    made = group_of(tracking.id)
    assert made is not None
    old, new = audit.changes(before, _group_text(made))
    if new:
        audit.record("group.set", by=by, at=now, about=made, before=old if before else None, after=new)
    return made


def _group_text(group: SupervisionGroup | None) -> dict[str, Any]:
    if group is None:
        return {}
    return {
        "lead": group.lead or (group.lead_deputy.name if group.lead_deputy else ""),
        "committee": group.committee,
        "note": group.note,
        "members": [deputy.name for deputy in members_of(group)],
    }


def plan_inspection(
    tracking: Tracking,
    *,
    kind: InspectionKind,
    theme: str,
    planned_on: date,
    place: str,
    deputy_ids: Collection[int],
    by: Actor,
    now: datetime,
) -> Inspection:
    """Put an inspection into the plan. Raises RuleBroken for a day before the project began, or no theme."""
    rules.check_planned(theme, planned_on, tracking.starts_on)
    chosen = _check_deputies(deputy_ids)
    made = Inspection(
        body_id=tracking.body_id,
        tracking_id=tracking.id,
        kind=kind,
        theme=theme.strip(),
        planned_on=planned_on,
        place=place.strip(),
        state=InspectionState.PLANNED,
        members=[InspectionMember(body_id=tracking.body_id, deputy_id=deputy.id) for deputy in chosen],
    )
    db.session.add(made)
    db.session.flush()
    audit.record("inspection.create", by=by, at=now, about=made, after=_inspection_text(made, chosen))
    return made


def edit_inspection(
    inspection: Inspection,
    *,
    kind: InspectionKind,
    theme: str,
    planned_on: date,
    place: str,
    deputy_ids: Collection[int],
    by: Actor,
    now: datetime,
) -> None:
    """Change what is planned. Raises RuleBroken once it was held or cancelled, and as `plan_inspection` does."""
    if inspection.state != InspectionState.PLANNED:
        raise RuleBroken("这次视察已经开展或取消，不能再改计划。没有作任何改动。", code="wrong_state")
    rules.check_planned(theme, planned_on, inspection.tracking.starts_on)
    before = _inspection_text(inspection, [m.deputy for m in inspection.members])
    chosen = _check_deputies(deputy_ids, already={m.deputy_id for m in inspection.members})
    inspection.kind, inspection.theme = kind, theme.strip()
    inspection.planned_on, inspection.place = planned_on, place.strip()
    _name(inspection, {deputy.id: False for deputy in chosen})
    old, new = audit.changes(before, _inspection_text(inspection, chosen))
    if new:
        audit.record("inspection.edit", by=by, at=now, about=inspection, before=old, after=new)


def _name(inspection: Inspection, wanted: dict[int, bool]) -> None:
    """Set who belongs to it: deputy id → whether they were there."""
    known = {m.deputy_id: m for m in inspection.members}
    for deputy_id, member in known.items():
        if deputy_id not in wanted:
            inspection.members.remove(member)
        else:
            member.attended = wanted[deputy_id]
    for deputy_id, there in wanted.items():
        if deputy_id not in known:
            inspection.members.append(
                InspectionMember(body_id=inspection.body_id, deputy_id=deputy_id, attended=there)
            )
    db.session.flush()


def _inspection_text(inspection: Inspection, chosen: Iterable[Deputy]) -> dict[str, Any]:
    return {
        "kind": inspection.kind,
        "theme": inspection.theme,
        "planned_on": inspection.planned_on,
        "place": inspection.place,
        "members": [deputy.name for deputy in _in_order(chosen)],
    }


def hold(
    inspection: Inspection,
    *,
    held_on: date,
    deputy_ids: Collection[int],
    summary: str,
    by: Actor,
    now: datetime,
) -> None:
    """Record that it was held, by whom, and what came of it; the same puts such a record right later.

    Who was named and did not come stays named, not attended. Raises RuleBroken for a day to come, nobody, no summary.
    """
    if inspection.state != InspectionState.HELD:
        step(INSPECTION, inspection.state, "hold")
    chosen = _check_deputies(deputy_ids, already={m.deputy_id for m in inspection.members})
    rules.check_held(
        held_on,
        len(chosen),
        summary,
        starts_on=inspection.tracking.starts_on,
        today=local(now).date(),
    )
    was = inspection.state
    before = {"held_on": inspection.held_on, "members": names(inspection, attended=True)}
    inspection.state, inspection.held_on, inspection.summary = InspectionState.HELD, held_on, summary.strip()
    _name(
        inspection,
        {m.deputy_id: False for m in inspection.members} | {deputy.id: True for deputy in chosen},
    )
    after = {"held_on": held_on, "members": [deputy.name for deputy in chosen]}
    if was == InspectionState.PLANNED:
        audit.record("inspection.hold", by=by, at=now, about=inspection, after=after)
    else:
        audit.record("inspection.correct", by=by, at=now, about=inspection, before=before, after=after)


def move_inspection(inspection: Inspection, action: str, *, by: Actor, now: datetime) -> None:
    """ "cancel" what is planned, "restore" what was cancelled. Raises RuleBroken in any other state."""
    if action not in ("cancel", "restore"):
        raise RuleBroken("没有这项操作。", status=422)
    inspection.state = step(INSPECTION, inspection.state, action)
    audit.record(f"inspection.{action}", by=by, at=now, about=inspection)
    db.session.flush()


def notice(inspection: Inspection, issued_on: date) -> Paper:
    """The notice to hand out before an inspection (视察通知), dated ``issued_on``."""
    group = group_of(inspection.tracking_id)
    body = bodies.get_body(inspection.body_id)
    assert body is not None
    tracking = inspection.tracking
    return sheets.notice(
        sheets.Visit(
            signer=signer(body),
            project=tracking.name,
            target=tracking.project.target,
            unit=tracking.department.name if tracking.department else "",
            theme=inspection.theme,
            on=day_of(inspection),
            place=inspection.place or tracking.project.location,
            lead=lead_of(group),
            committee=group.committee if group else "",
            issued_on=issued_on,
            people=[(m.name, m.delegation.name) for m in _in_order(m.deputy for m in inspection.members)],
            secret=inspection.kind == InspectionKind.UNANNOUNCED,
            member=bodies.organ_of(body).member,
        )
    )


def signer(body: bodies.Body) -> str:
    """Who signs letters and notices of supervision: the committee's office in a county, the presidium in a township."""
    return body.name + {
        BodyKind.COUNTY: "常务委员会办公室",
        BodyKind.TOWNSHIP: "主席团",
        BodyKind.COMMITTEE: "办公室",
    }.get(body.kind, "")


def lead_of(group: SupervisionGroup | None) -> str:
    """Who leads a group; "" where nobody is named."""
    if group is None:
        return ""
    return group.lead or (group.lead_deputy.name if group.lead_deputy else "")


# --- the office's acts: notes ----------------------------------------------------------------------------


def publish_note(note: InspectionNote, *, published: bool, photos: bool, by: Actor, now: datetime) -> None:
    """Show a note on the project's public page or not, its photos with it or not."""
    before = {"published": note.published, "photos_published": note.photos_published}
    after = {"published": published, "photos_published": published and photos and bool(note.photos)}
    old, new = audit.changes(before, after)
    note.published, note.photos_published = after["published"], after["photos_published"]
    if new:
        audit.record("note.publish", by=by, at=now, about=note, before=old, after=new)
    db.session.flush()


def settle(note: InspectionNote, words: str, *, by: Actor, now: datetime) -> None:
    """Say what was done about a finding that needs no 督办件; the deputy reads it. Raises RuleBroken where one exists."""
    words = rules.check_words(words, "settled", "请填写处理情况，代表会看到。")
    if note.rectification:
        raise RuleBroken("这条记录已转为督办件，处理情况以督办件为准。没有作任何改动。", code="wrong_state")
    if not note.finding:
        raise RuleBroken("这条记录没有反映问题，不必处理。", code="wrong_state")
    before, note.settled = note.settled, words
    audit.record(
        "note.settle", by=by, at=now, about=note, before={"settled": before}, after={"settled": words}
    )
    db.session.flush()


# --- the office's acts: 督办件 ---------------------------------------------------------------------------


class Order(NamedTuple):
    """What a 督办件 says."""

    problem: str
    demand: str
    department_id: int
    person: str
    due_on: date | None
    published: bool = False


def order_for(note: InspectionNote | None, tracking: Tracking, day: date) -> Order:
    """What a new 督办件 starts from: the note's words, the project's unit, the place's usual number of days."""
    days = settings(tracking.body_id).days
    return Order(note.text if note else "", "", tracking.department_id or 0, "", day + timedelta(days=days))


def order_of(rectification: Rectification) -> Order:
    return Order(**{name: getattr(rectification, name) for name in Order._fields})


def issue(
    tracking: Tracking,
    order: Order,
    *,
    by: Actor,
    now: datetime,
    note: InspectionNote | None = None,
) -> Rectification:
    """Route a problem to a unit, with a day by which it has to be put right; numbered through the year.

    ``note``: the deputy's finding that it comes from. Raises RuleBroken for missing words, a day past, a unit of
    elsewhere, a note that has one already.
    """
    today = local(now).date()
    values = _checked(order, since=today, today=today)
    if note is not None:
        if note.rectification is not None:
            raise _doubled()
        note.settled, note.finding = "", True
    made = Rectification(
        body_id=tracking.body_id,
        tracking_id=tracking.id,
        note=note,
        year=today.year,
        number=_next_number(today.year),
        issued_on=today,
        state=RectificationState.ISSUED,
        **values,
    )
    db.session.add(made)
    _flush_new()
    audit.record("rectification.issue", by=by, at=now, about=made, after={"number": made.mark, **values})
    return made


def _doubled() -> RuleBroken:
    return RuleBroken("这条监督记录已经转为督办件，没有再作改动。请刷新页面。", code="stale")


def _flush_new() -> None:
    """Flush a new 督办件: its number and its note are each there once."""
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_rectifications_note_id"):
            raise _doubled() from error
        if violates(error, "uq_rectifications_number"):
            raise RuleBroken(
                "刚刚有人交办了另一件，文号重复。请再提交一次，您填写的内容都在。", code="stale"
            ) from error
        raise


def _next_number(year: int) -> int:
    return (
        db.session.scalar(select(func.max(Rectification.number)).where(Rectification.year == year)) or 0
    ) + 1


def _checked(order: Order, *, since: date, today: date) -> dict[str, Any]:
    if bodies.get_department(order.department_id) is None:
        raise RuleBroken("请选择责任单位。", field="department_id", status=422)
    return {
        "problem": rules.check_words(order.problem, "problem", "请写明存在的问题。"),
        "demand": rules.check_words(order.demand, "demand", "请写明整改要求。"),
        "department_id": order.department_id,
        "person": order.person.strip(),
        "due_on": rules.check_due(order.due_on, since=since, today=today),
        "published": order.published,
    }


def correct(rectification: Rectification, order: Order, *, by: Actor, now: datetime) -> None:
    """Change what a 督办件 says while the unit has not answered. Raises RuleBroken afterwards, and as `issue` does."""
    if rectification.state != RectificationState.ISSUED:
        raise RuleBroken("责任单位已经反馈或督办件已经办结，不能再改。没有作任何改动。", code="wrong_state")
    today = local(now).date()
    kept = order.due_on == rectification.due_on  # an overdue day may stand as it is
    values = _checked(order, since=rectification.issued_on, today=rectification.issued_on if kept else today)
    old, new = audit.changes(order_of(rectification)._asdict(), values)
    for key, value in values.items():
        setattr(rectification, key, value)
    db.session.flush()
    db.session.expire(rectification, ["department"])
    if new:
        audit.record("rectification.edit", by=by, at=now, about=rectification, before=old, after=new)


def publish(rectification: Rectification, published: bool, *, by: Actor, now: datetime) -> None:
    """Show a 督办件 and its answers on the project's public page, or no longer."""
    if rectification.published != published:
        audit.record(
            "rectification.publish",
            by=by,
            at=now,
            about=rectification,
            before={"published": rectification.published},
            after={"published": published},
        )
        rectification.published = published
        db.session.flush()


def answer(
    rectification: Rectification,
    *,
    measures: str,
    result: str,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Prepared] = (),
) -> RectificationAnswer:
    """What the unit did about it, with photos as evidence. Raises RuleBroken when no answer is owed."""
    measures = rules.check_words(measures, "measures", "请填写整改措施。")
    result = rules.check_words(result, "result", "请填写整改结果。")
    state = step(RECTIFICATION, rectification.state, "answer")
    made = RectificationAnswer(
        body_id=rectification.body_id,
        rectification=rectification,
        ordinal=len(rectification.answers) + 1,
        due_on=rectification.due_on,
        answered_on=local(now).date(),
        answered_by=by.name,
        measures=measures,
        result=result,
    )
    rectification.state = state
    db.session.add(made)
    flush_or(
        RuleBroken("本单位刚刚已有人反馈，没有重复保存。请刷新页面。", code="stale"),
        constraint="uq_rectification_answers_ordinal",
    )
    audit.record(
        "rectification.answer",
        by=by,
        at=now,
        about=rectification,
        after={"measures": measures, "result": result},
    )
    if photos:
        uploads.add(photos, owner=made, by=by, now=now)
    return made


def recheck(
    rectification: Rectification,
    *,
    passed: bool,
    rechecked_on: date,
    rechecked_by: str,
    opinion: str,
    due_on: date | None,
    by: Actor,
    now: datetime,
) -> None:
    """A second look at what the unit says is put right: passed closes it, failed asks again by ``due_on``.

    Raises RuleBroken when nothing was answered, for a day that cannot be, a failure without its reason or new day.
    """
    state = step(RECTIFICATION, rectification.state, "pass" if passed else "fail")
    told, today = rectification.answers[-1], local(now).date()
    rules.check_recheck(rechecked_on, answered_on=told.answered_on, today=today)
    if not passed:
        opinion = rules.check_words(opinion, "opinion", "请写明哪些没有整改到位，责任单位会看到。")
        rectification.due_on = rules.check_due(due_on, since=rectification.issued_on, today=today)
    told.passed, told.rechecked_on = passed, rechecked_on
    told.rechecked_by, told.opinion = rechecked_by.strip(), opinion.strip()
    rectification.state = state
    rectification.closed_on = rechecked_on if passed else None
    audit.record(
        "rectification.pass" if passed else "rectification.fail",
        by=by,
        at=now,
        about=rectification,
        after={"opinion": told.opinion, "due_on": rectification.due_on},
    )
    db.session.flush()


def reopen(
    rectification: Rectification, *, reason: str, due_on: date | None, by: Actor, now: datetime
) -> None:
    """Ask again for what was closed and has come back. Raises RuleBroken without a reason or a new day."""
    state = step(RECTIFICATION, rectification.state, "reopen")
    rectification.reason = rules.check_words(reason, "reason", "请填写重新交办的原因。")
    rectification.due_on = rules.check_due(due_on, since=rectification.issued_on, today=local(now).date())
    rectification.state, rectification.closed_on = state, None
    audit.record(
        "rectification.reopen",
        by=by,
        at=now,
        about=rectification,
        after={"reason": rectification.reason, "due_on": rectification.due_on},
    )
    db.session.flush()


def cancel(rectification: Rectification, *, reason: str, by: Actor, now: datetime) -> None:
    """Take back what need not be put right after all. Raises RuleBroken without a reason, or once it is answered."""
    state = step(RECTIFICATION, rectification.state, "cancel")
    rectification.reason = rules.check_words(reason, "reason", "请填写撤销的原因。")
    rectification.state = state
    audit.record(
        "rectification.cancel", by=by, at=now, about=rectification, after={"reason": rectification.reason}
    )
    db.session.flush()


def letter(rectification: Rectification) -> Paper:
    """督办函 of one 督办件, to the unit that has to put it right."""
    body = bodies.get_body(rectification.body_id)
    assert body is not None
    return sheets.letter(
        sheets.Letter(
            signer=signer(body),
            number=rectification.mark,
            unit=rectification.department.name,
            project=rectification.tracking.name,
            source=source(rectification),
            problem=rectification.problem,
            demand=rectification.demand,
            person=rectification.person,
            issued_on=rectification.issued_on,
            due_on=rectification.due_on,
            failed=[
                (each.rechecked_on, each.opinion)
                for each in rectification.answers
                if each.passed is False and each.rechecked_on
            ],
        )
    )

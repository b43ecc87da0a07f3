"""视察 (调研, 暗访, 复查): planned, held, attended. Nobody outside the organ learns of a 暗访 before it is held."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, extract, func, select, true
from sqlalchemy.orm import selectinload

from votes.clock import local
from votes.db import Search, by_id, db, words_in
from votes.exports import supervision as sheets
from votes.exports.formats.layout import Paper
from votes.models import Inspection, InspectionMember, InspectionNote, Project, Tracking
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.supervision import supervision as rules
from votes.rules.supervision.supervision import INSPECTION, InspectionKind, InspectionState
from votes.services import audit
from votes.services.people import bodies
from votes.services.supervision import groups

#: How many inspections a deputy is shown at once, to come and past.
MINE = 20
#: The condition of `is_secret`.
SECRET = and_(Inspection.kind == InspectionKind.UNANNOUNCED, Inspection.state != InspectionState.HELD)
#: `Inspection.day` as a column, for the order of lists.
WHEN = func.coalesce(Inspection.held_on, Inspection.planned_on)


# --- reading ---------------------------------------------------------------------------------------------


def load() -> Select[Inspection]:
    """Select all inspections, each with its project, the project's unit and its members."""
    members = selectinload(Inspection.members).joinedload(InspectionMember.deputy)
    return groups.of_projects(Inspection).options(members)


#: Returns one inspection, also with its notes.
get = by_id(load().options(selectinload(Inspection.notes).joinedload(InspectionNote.deputy)))


def is_secret(inspection: Inspection) -> bool:
    """Tell whether it is a 暗访 still to be held, of which units and government must not know."""
    return inspection.kind == InspectionKind.UNANNOUNCED and inspection.state != InspectionState.HELD


def seen(secret: bool) -> ColumnElement[bool]:
    """Return the condition of the inspections that a reader may know of; ``secret``: also of a 暗访 to come."""
    return true() if secret else ~SECRET


SEARCH = Search(
    filters={
        "year": Project.year,
        "state": Inspection.state,
        "kind": Inspection.kind,
        "q": words_in(Project.name, Inspection.theme, Inspection.place),
    },
    sorts={"day": ("按日期", (WHEN, Inspection.id))},
)


def search(chosen: Mapping[str, Any], *, secret: bool, own: int | None = None) -> Select[Any]:
    """Return the inspections that fit ``chosen``, by day; ``secret`` as in `seen`, ``own``: of one unit's projects."""
    return SEARCH.of(load().where(seen(secret), groups.of_unit(own)), chosen)


def names(inspection: Inspection, *, attended: bool = False) -> list[str]:
    """Return the names of the members; ``attended``: of those who took part."""
    members = groups.in_order(m.deputy for m in inspection.members if m.attended or not attended)
    return [deputy.name for deputy in members]


def attended(deputy_id: int, year: int) -> list[Inspection]:
    """Return the inspections of a calendar year in which a deputy took part, by day."""
    query = load().join(InspectionMember, InspectionMember.inspection_id == Inspection.id)
    query = query.where(
        InspectionMember.deputy_id == deputy_id,
        InspectionMember.attended,
        extract("year", Inspection.held_on) == year,
    )
    return list(db.session.scalars(query.order_by(Inspection.held_on, Inspection.id)))


def mine(deputy_id: int, day: date) -> tuple[list[Inspection], list[Inspection]]:
    """Return a deputy's inspections: those to come, the next first, and those held or past, the latest first."""
    named = select(InspectionMember.inspection_id).where(InspectionMember.deputy_id == deputy_id)
    own = load().where(Inspection.id.in_(named), Inspection.state != InspectionState.CANCELLED).limit(MINE)
    to_come = and_(Inspection.state == InspectionState.PLANNED, Inspection.planned_on >= day)
    ahead = own.where(to_come).order_by(Inspection.planned_on, Inspection.id)
    past = own.where(~to_come).order_by(WHEN.desc(), Inspection.id.desc())
    return list(db.session.scalars(ahead)), list(db.session.scalars(past))


# --- the office's acts -----------------------------------------------------------------------------------


class InspectionPlan(NamedTuple):
    """What is planned of an inspection; ``deputy_ids``: who is to take part."""

    kind: InspectionKind
    theme: str
    planned_on: date
    place: str
    deputy_ids: Collection[int]


def plan(tracking: Tracking, values: InspectionPlan, *, by: Actor, now: datetime) -> Inspection:
    """Plan an inspection of a project.

    Raises:
        RuleBroken: it has no theme, its day is before the project began, or a deputy is not in office here.
    """
    inspection = Inspection(
        body_id=tracking.body_id, tracking_id=tracking.id, tracking=tracking, state=InspectionState.PLANNED
    )
    _enter(inspection, values, "inspection.create", by=by, now=now)
    return inspection


def edit(inspection: Inspection, values: InspectionPlan, *, by: Actor, now: datetime) -> None:
    """Change what is planned.

    Raises:
        RuleBroken: it was held or cancelled; and as `plan` does.
    """
    _lock(inspection)
    if inspection.state != InspectionState.PLANNED:
        raise RuleBroken("这次视察已经开展或取消，不能再改计划。没有作任何改动。", code="wrong_state")
    _enter(inspection, values, "inspection.edit", by=by, now=now)


def _enter(inspection: Inspection, values: InspectionPlan, action: str, *, by: Actor, now: datetime) -> None:
    """Set what is planned of an inspection, new or not, and record what changed."""
    rules.check_planned(values.theme, values.planned_on, inspection.tracking.starts_on)
    before = _planned(inspection) if inspection.id else {}
    members = {m.deputy_id for m in inspection.members}
    deputies = groups.check_deputies(values.deputy_ids, already=members)
    inspection.kind, inspection.theme = values.kind, values.theme.strip()
    inspection.planned_on, inspection.place = values.planned_on, values.place.strip()
    db.session.add(inspection)
    _set_members(inspection, {deputy.id: False for deputy in deputies})
    audit.record_change(action, inspection, before, _planned(inspection), by=by, at=now)


def _planned(inspection: Inspection) -> dict[str, Any]:
    """Return what is planned, as the audit log has it."""
    values = audit.facts(inspection, "kind", "theme", "planned_on", "place")
    return {**values, "members": names(inspection)}


def _set_members(inspection: Inspection, attendance: Mapping[int, bool]) -> None:
    """Make these deputies the members; ``attendance``: id → whether the deputy took part."""
    members = {m.deputy_id: m for m in inspection.members}
    inspection.members = [
        members.get(each) or InspectionMember(body_id=inspection.body_id, deputy_id=each)
        for each in attendance
    ]
    for member in inspection.members:
        member.attended = attendance[member.deputy_id]
    db.session.flush()
    db.session.expire(inspection, ["members"])


def hold(
    inspection: Inspection,
    *,
    held_on: date,
    deputy_ids: Collection[int],
    summary: str,
    by: Actor,
    now: datetime,
) -> None:
    """Record that it was held, by whom and with what outcome; a second record corrects the first.

    A member who did not come stays a member and counts as absent.

    Raises:
        RuleBroken: it was cancelled, its day is to come, nobody took part, or the summary is missing.
    """
    _lock(inspection)
    first = inspection.state != InspectionState.HELD
    if first:
        step(INSPECTION, inspection.state, "hold")
    absent = {m.deputy_id: False for m in inspection.members}
    present = groups.check_deputies(deputy_ids, already=absent)
    rules.check_held(
        held_on, len(present), summary, starts_on=inspection.tracking.starts_on, today=local(now).date()
    )
    before = {} if first else _recorded(inspection)
    inspection.state, inspection.held_on, inspection.summary = InspectionState.HELD, held_on, summary.strip()
    _set_members(inspection, absent | {deputy.id: True for deputy in present})
    action = "inspection.hold" if first else "inspection.correct"
    audit.record_change(action, inspection, before, _recorded(inspection), by=by, at=now)


def _recorded(inspection: Inspection) -> dict[str, Any]:
    """Return the record of how it was held, as the audit log has it."""
    present = {"members": names(inspection, attended=True)}
    return audit.facts(inspection, "held_on") | present | audit.facts(inspection, "summary")


def move(inspection: Inspection, action: str, *, by: Actor, now: datetime) -> None:
    """Take the ``action`` "cancel" or "restore".

    Raises:
        RuleBroken: the state does not allow it.
    """
    _lock(inspection)
    inspection.state = step(INSPECTION, inspection.state, action)
    audit.record(f"inspection.{action}", by=by, at=now, about=inspection)
    db.session.flush()


def _lock(inspection: Inspection) -> None:
    """Read the state again and lock the row, so that two requests that act at once see each other's act."""
    db.session.refresh(inspection, ["state", "held_on"], with_for_update=True)


# --- the document ----------------------------------------------------------------------------------------


def notice(inspection: Inspection, issued_on: date) -> Paper:
    """Return the notice (视察通知) that those who take part get beforehand, dated ``issued_on``."""
    group, tracking = groups.group_of(inspection.tracking_id), inspection.tracking
    body = bodies.of(inspection)
    return sheets.notice(
        signer=groups.signer(body),
        project=tracking.name,
        target=tracking.project.target,
        unit=tracking.unit_name,
        theme=inspection.theme,
        on=inspection.day,
        place=inspection.place or tracking.project.location,
        lead=groups.lead_of(group),
        committee=group.committee if group else "",
        issued_on=issued_on,
        people=[(each.name, each.delegation.name) for each in groups.members_of(inspection)],
        secret=inspection.kind == InspectionKind.UNANNOUNCED,
        organ=bodies.organ_of(body),
    )

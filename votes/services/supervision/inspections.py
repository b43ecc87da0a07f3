"""视察 (调研, 暗访, 复查): planned, held, attended; and what nobody outside is to know of beforehand."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, extract, func, select
from sqlalchemy.orm import contains_eager, selectinload

from votes.clock import local
from votes.db import containing, db, everything as everything, page as page
from votes.exports import supervision as sheets
from votes.exports.formats.layout import Paper
from votes.models import Deputy, Inspection, InspectionMember, InspectionNote, Project, Tracking
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
#: 暗访 that has yet to be made: the condition of `is_secret`.
SECRET = and_(Inspection.kind == InspectionKind.UNANNOUNCED, Inspection.state != InspectionState.HELD)
#: `day_of`, as a list is ordered by it.
WHEN = func.coalesce(Inspection.held_on, Inspection.planned_on)


# --- reading ---------------------------------------------------------------------------------------------


def load() -> Any:
    """All inspections, each with its project, its unit and who is named for it."""
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


def get(inspection_id: int) -> Inspection | None:
    """One inspection with the notes written on it, if it is of the body in scope."""
    found: Inspection | None = db.session.scalar(
        load()
        .where(Inspection.id == inspection_id)
        .options(selectinload(Inspection.notes).joinedload(InspectionNote.deputy))
    )
    return found


def is_secret(inspection: Inspection) -> bool:
    """暗访 that has yet to be made: the units and the government are not told beforehand."""
    return inspection.kind == InspectionKind.UNANNOUNCED and inspection.state != InspectionState.HELD


def search(
    year: int | None,
    *,
    secret: bool,
    own: int | None = None,
    state: InspectionState | None = None,
    kind: InspectionKind | None = None,
    q: str = "",
) -> Any:
    """The inspections of a year's projects by day; ``secret``: with the 暗访 that nobody is to know of beforehand."""
    query = load().order_by(WHEN, Inspection.id)
    if year is not None:
        query = query.where(Project.year == year)
    if not secret:
        query = query.where(~SECRET)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    if state:
        query = query.where(Inspection.state == state)
    if kind:
        query = query.where(Inspection.kind == kind)
    return query.where(*containing(q, Project.name, Inspection.theme, Inspection.place))


def day_of(inspection: Inspection) -> date:
    """The day on which it was held, or is to be."""
    return inspection.held_on or inspection.planned_on


def names(inspection: Inspection, *, attended: bool = False) -> list[str]:
    """Who is to take part; with ``attended`` who did."""
    found = groups.in_order(m.deputy for m in inspection.members if m.attended or not attended)
    return [deputy.name for deputy in found]


def attended(deputy_id: int, year: int) -> list[Inspection]:
    """The inspections of a calendar year in which a deputy took part, by day."""
    return list(
        db.session.scalars(
            load()
            .join(InspectionMember, InspectionMember.inspection_id == Inspection.id)
            .where(
                InspectionMember.deputy_id == deputy_id,
                InspectionMember.attended,
                extract("year", Inspection.held_on) == year,
            )
            .order_by(Inspection.held_on, Inspection.id)
        )
    )


def mine(deputy_id: int, day: date) -> tuple[list[Inspection], list[Inspection]]:
    """(to come, the next first; held or past, the latest first) of those a deputy is named for."""
    named = select(InspectionMember.inspection_id).where(InspectionMember.deputy_id == deputy_id)
    own = load().where(Inspection.id.in_(named), Inspection.state != InspectionState.CANCELLED).limit(MINE)
    to_come = and_(Inspection.state == InspectionState.PLANNED, Inspection.planned_on >= day)
    ahead = own.where(to_come).order_by(Inspection.planned_on, Inspection.id)
    past = own.where(~to_come).order_by(WHEN.desc(), Inspection.id.desc())
    return list(db.session.scalars(ahead)), list(db.session.scalars(past))


# --- the office's acts -----------------------------------------------------------------------------------


def plan(
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
    chosen = groups.check_deputies(deputy_ids)
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
    audit.record("inspection.create", by=by, at=now, about=made, after=_text(made, chosen))
    return made


def edit(
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
    """Change what is planned. Raises RuleBroken once it was held or cancelled, and as `plan` does."""
    _lock(inspection)
    if inspection.state != InspectionState.PLANNED:
        raise RuleBroken("这次视察已经开展或取消，不能再改计划。没有作任何改动。", code="wrong_state")
    rules.check_planned(theme, planned_on, inspection.tracking.starts_on)
    before = _text(inspection, [m.deputy for m in inspection.members])
    chosen = groups.check_deputies(deputy_ids, already={m.deputy_id for m in inspection.members})
    inspection.kind, inspection.theme = kind, theme.strip()
    inspection.planned_on, inspection.place = planned_on, place.strip()
    _name(inspection, {deputy.id: False for deputy in chosen})
    old, new = audit.changes(before, _text(inspection, chosen))
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


def _text(inspection: Inspection, chosen: Iterable[Deputy]) -> dict[str, Any]:
    return {
        "kind": inspection.kind,
        "theme": inspection.theme,
        "planned_on": inspection.planned_on,
        "place": inspection.place,
        "members": [deputy.name for deputy in groups.in_order(chosen)],
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
    _lock(inspection)
    if inspection.state != InspectionState.HELD:
        step(INSPECTION, inspection.state, "hold")
    chosen = groups.check_deputies(deputy_ids, already={m.deputy_id for m in inspection.members})
    rules.check_held(
        held_on,
        len(chosen),
        summary,
        starts_on=inspection.tracking.starts_on,
        today=local(now).date(),
    )
    was = inspection.state
    before = _record(inspection)
    inspection.state, inspection.held_on, inspection.summary = InspectionState.HELD, held_on, summary.strip()
    _name(
        inspection,
        {m.deputy_id: False for m in inspection.members} | {deputy.id: True for deputy in chosen},
    )
    db.session.expire(inspection, ["members"])
    old, new = audit.changes(before, _record(inspection))
    if was == InspectionState.PLANNED:
        audit.record("inspection.hold", by=by, at=now, about=inspection, after=new)
    elif new:
        audit.record("inspection.correct", by=by, at=now, about=inspection, before=old, after=new)


def _record(inspection: Inspection) -> dict[str, Any]:
    """What the record says of how it was held: the log keeps what was put right."""
    return {
        "held_on": inspection.held_on,
        "members": names(inspection, attended=True),
        "summary": inspection.summary,
    }


def move(inspection: Inspection, action: str, *, by: Actor, now: datetime) -> None:
    """ "cancel" what is planned, "restore" what was cancelled. Raises RuleBroken in any other state."""
    if action not in ("cancel", "restore"):
        raise RuleBroken("没有这项操作。", status=422)
    _lock(inspection)
    inspection.state = step(INSPECTION, inspection.state, action)
    audit.record(f"inspection.{action}", by=by, at=now, about=inspection)
    db.session.flush()


def _lock(inspection: Inspection) -> None:
    """Read its standing anew and hold it: two who act at once see each other."""
    db.session.refresh(inspection, ["state", "held_on"], with_for_update=True)


# --- paper -----------------------------------------------------------------------------------------------


def notice(inspection: Inspection, issued_on: date) -> Paper:
    """The notice to hand out before an inspection (视察通知), dated ``issued_on``."""
    group = groups.group_of(inspection.tracking_id)
    body = bodies.get_body(inspection.body_id)
    assert body is not None
    organ, tracking = bodies.organ_of(body), inspection.tracking
    return sheets.notice(
        sheets.Visit(
            signer=groups.signer(body),
            project=tracking.name,
            target=tracking.project.target,
            unit=tracking.department.name if tracking.department else "",
            theme=inspection.theme,
            on=day_of(inspection),
            place=inspection.place or tracking.project.location,
            lead=groups.lead_of(group),
            committee=group.committee if group else "",
            issued_on=issued_on,
            people=[
                (m.name, m.delegation.name) for m in groups.in_order(m.deputy for m in inspection.members)
            ],
            secret=inspection.kind == InspectionKind.UNANNOUNCED,
            member=organ.member,
            group=organ.group,
        )
    )

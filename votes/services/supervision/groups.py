"""监督小组: the deputies who supervise a project; the choice of deputies for a group or an inspection."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.db import db, flush_or
from votes.models import Body, Deputy, GroupMember, Inspection, Project, SupervisionGroup, Tracking
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.people.roles import BodyKind, DeputyState
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.people import bodies, roster

#: The most deputies that the search in a form shows.
MATCHES = 40


# --- reading ---------------------------------------------------------------------------------------------


def load() -> Select[SupervisionGroup]:
    """Select all groups, each with its members."""
    return select(SupervisionGroup).options(
        joinedload(SupervisionGroup.lead_deputy),
        selectinload(SupervisionGroup.members).joinedload(GroupMember.deputy),
    )


def group_of(tracking_id: int) -> SupervisionGroup | None:
    """Return the group of a project with its members."""
    return db.session.scalar(load().where(SupervisionGroup.tracking_id == tracking_id))


def members_of(group: SupervisionGroup | Inspection | None) -> list[Deputy]:
    """Return the deputies of a group or an inspection, in the order of the roster."""
    return in_order(m.deputy for m in group.members) if group else []


def lead_of(group: SupervisionGroup | None) -> str:
    """Return the name of the one who leads a group; "" where nobody is named."""
    if group is None:
        return ""
    return group.lead or (group.lead_deputy.name if group.lead_deputy else "")


def my_projects(deputy_id: int) -> list[Tracking]:
    """Return the projects whose group a deputy leads or belongs to, the newest first."""
    own = (
        select(SupervisionGroup.tracking_id)
        .outerjoin(GroupMember, GroupMember.group_id == SupervisionGroup.id)
        .where(or_(GroupMember.deputy_id == deputy_id, SupervisionGroup.lead_deputy_id == deputy_id))
    )
    query = trackings().where(Tracking.id.in_(own))
    return list(db.session.scalars(query.order_by(Project.year.desc(), Project.number).limit(20)))


def trackings() -> Select[Any]:
    """Select the trackings of selected projects, each with its project and its unit."""
    return (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(contains_eager(Tracking.project), joinedload(Tracking.department))
    )


def of_projects(model: Any) -> Select[Any]:
    """Select the rows of a model that are about projects, each with its project and the project's unit."""
    return (
        select(model)
        .join(model.tracking)
        .join(Tracking.project)
        .options(
            contains_eager(model.tracking).contains_eager(Tracking.project),
            contains_eager(model.tracking).joinedload(Tracking.department),
        )
    )


def of_unit(own: int | None) -> ColumnElement[bool]:
    """Return the condition of the trackings of one unit; of all where ``own`` is None (see `visible_unit`)."""
    return true() if own is None else Tracking.department_id == own


# --- deputies --------------------------------------------------------------------------------------------


def in_order(deputies: Iterable[Deputy]) -> list[Deputy]:
    """Return the deputies in the order of the roster: by delegation, then by number."""
    return sorted(deputies, key=lambda d: (d.delegation.position, d.delegation_id, len(d.number), d.number))


def deputies(ids: Collection[int]) -> list[Deputy]:
    """Return the deputies of this body that have these ids, in the order of the roster."""
    return in_order(db.session.scalars(select(Deputy).where(Deputy.id.in_(ids)))) if ids else []


def find_deputies(q: str = "", delegation_id: int | None = None) -> list[Deputy]:
    """Return the first `MATCHES` deputies in office that match ``q`` and the delegation; [] without either."""
    if not (q.strip() or delegation_id):
        return []
    query = roster.search({"q": q, "delegation_id": delegation_id, "state": DeputyState.ACTIVE})
    return list(db.session.scalars(query.limit(MATCHES)))


def check_deputies(ids: Collection[int], *, already: Collection[int] = ()) -> list[Deputy]:
    """Return the deputies that a form names as members; ``already``: ids of members, who may have left office since.

    Raises:
        RuleBroken: a deputy is not on the roster or no longer in office (field "members").
    """
    members = deputies(set(ids))
    if len(members) != len(set(ids)):
        raise invalid("members", bodies.speak("所选代表中有人不在本级名册中。请重新查找。"))
    for deputy in members:
        if deputy.state != DeputyState.ACTIVE and deputy.id not in already:
            words = bodies.speak("代表资格已暂停或终止，请改选他人。")
            raise invalid("members", f"{deputy.name}{words}")
    return members


def signer(body: Body) -> str:
    """Return who signs letters and notices: the committee's office in a county, the presidium in a township."""
    return body.name + {
        BodyKind.COUNTY: "常务委员会办公室",
        BodyKind.TOWNSHIP: "主席团",
        BodyKind.COMMITTEE: "办公室",
    }.get(body.kind, "")


# --- the office's act ------------------------------------------------------------------------------------


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
    """Form the group of a project, or change it (宁国: one group an item, led by a leader of the standing committee).

    ``lead``: the leader's name, unless a deputy of the group leads it. ``committee``: 对口工委.

    Raises:
        RuleBroken: the group has neither leader nor deputy, or a deputy is not in office here.
    """
    group = group_of(tracking.id)
    before = _logged(group)
    already = {m.deputy_id for m in group.members} if group else set()
    ids = set(deputy_ids) | ({lead_deputy_id} if lead_deputy_id else set())
    members = check_deputies(ids, already=already)
    if not members and not lead.strip():
        raise invalid("lead", bodies.speak("请填写领衔人，或者选择至少一名代表。"))
    if group is None:
        group = SupervisionGroup(body_id=tracking.body_id, tracking_id=tracking.id)
        db.session.add(group)
        flush_or(
            RuleBroken("监督小组刚刚已由他人设立，请刷新页面。", code="stale"),
            constraint="uq_supervision_groups_tracking_id",
        )
    group.lead, group.committee, group.note = lead.strip(), committee.strip(), note.strip()
    group.lead_deputy_id = lead_deputy_id
    group.members = [m for m in group.members if m.deputy_id in ids] + [
        GroupMember(body_id=tracking.body_id, deputy_id=deputy.id)
        for deputy in members
        if deputy.id not in already
    ]
    db.session.flush()
    db.session.expire(group)
    audit.record_change("group.set", group, before, _logged(group), by=by, at=now)
    return group


def _logged(group: SupervisionGroup | None) -> dict[str, Any]:
    """Return the group as the audit log has it."""
    if group is None:
        return {}
    names = [deputy.name for deputy in members_of(group)]
    return {"lead": lead_of(group), **audit.facts(group, "committee", "note"), "members": names}

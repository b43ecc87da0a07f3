"""监督小组: who watches over a project, and how deputies are found and named for a group or an inspection."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.db import db, flush_or
from votes.models import Body, Deputy, GroupMember, Project, SupervisionGroup, Tracking
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import BodyKind, DeputyState
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.people import bodies, roster

#: How many deputies the search in a form shows at once.
FOUND = 40


# --- reading ---------------------------------------------------------------------------------------------


def load() -> Select[SupervisionGroup]:
    """All groups, each with its members."""
    return select(SupervisionGroup).options(
        joinedload(SupervisionGroup.lead_deputy),
        selectinload(SupervisionGroup.members).joinedload(GroupMember.deputy),
    )


def group_of(tracking_id: int) -> SupervisionGroup | None:
    """The group of a project, its members with it."""
    return db.session.scalar(load().where(SupervisionGroup.tracking_id == tracking_id))


def members_of(group: SupervisionGroup | None) -> list[Deputy]:
    """The deputies of a group, in the order of the roster."""
    return in_order(m.deputy for m in group.members) if group else []


def lead_of(group: SupervisionGroup | None) -> str:
    """Who leads a group; "" where nobody is named."""
    if group is None:
        return ""
    return group.lead or (group.lead_deputy.name if group.lead_deputy else "")


def my_projects(deputy_id: int) -> list[Tracking]:
    """The projects whose group a deputy leads or belongs to, the newest first."""
    query = trackings().where(
        Tracking.id.in_(
            select(SupervisionGroup.tracking_id)
            .outerjoin(GroupMember, GroupMember.group_id == SupervisionGroup.id)
            .where(or_(GroupMember.deputy_id == deputy_id, SupervisionGroup.lead_deputy_id == deputy_id))
        )
    )
    return list(db.session.scalars(query.order_by(Project.year.desc(), Project.number).limit(20)))


def trackings() -> Select[Any]:
    """The projects that may be watched over: those that were selected, each with its project and its unit."""
    return (
        select(Tracking)
        .join(Project, Tracking.project_id == Project.id)
        .where(Project.state == ProjectState.SELECTED)
        .options(contains_eager(Tracking.project), joinedload(Tracking.department))
    )


# --- who -------------------------------------------------------------------------------------------------


def in_order(deputies: Iterable[Deputy]) -> list[Deputy]:
    """As the roster has them: by delegation, then by number."""
    return sorted(deputies, key=lambda d: (d.delegation.position, d.delegation_id, len(d.number), d.number))


def deputies(ids: Collection[int]) -> list[Deputy]:
    """These deputies, in the order of the roster; ids of nobody here are passed over."""
    return in_order(db.session.scalars(select(Deputy).where(Deputy.id.in_(ids)))) if ids else []


def find_deputies(q: str = "", delegation_id: int | None = None) -> list[Deputy]:
    """The first `FOUND` deputies in office whose name, initials or number go with ``q``; [] where nothing is asked."""
    if not (q.strip() or delegation_id):
        return []
    query = roster.search({"q": q, "delegation_id": delegation_id, "state": DeputyState.ACTIVE})
    return list(db.session.scalars(query.limit(FOUND)))


def check_deputies(ids: Collection[int], *, already: Collection[int] = ()) -> list[Deputy]:
    """These deputies, to be named for something; ``already``: ids of those named before, who may have left since.

    Raises RuleBroken (field "members") for somebody who is not on the roster, or no longer in office.
    """
    found = deputies(set(ids))
    if len(found) != len(set(ids)):
        raise RuleBroken(
            bodies.speak("所选代表中有人不在本级名册中。请重新查找。"), field="members", status=422
        )
    for deputy in found:
        if deputy.state != DeputyState.ACTIVE and deputy.id not in already:
            raise RuleBroken(
                f"{deputy.name}{bodies.speak('代表资格已暂停或终止，请改选他人。')}",
                field="members",
                status=422,
            )
    return found


def signer(body: Body) -> str:
    """Who signs letters and notices of supervision: the committee's office in a county, the presidium in a township."""
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
    """Say who watches over a project: 领衔 (a name, or a deputy out of the group), committee, deputies (宁国: one group
    an item, led by a leader of the standing committee). Raises RuleBroken for nobody, or somebody not on the roster."""
    group = group_of(tracking.id)
    before = _group_text(group)
    already = {m.deputy_id for m in group.members} if group else set()
    wanted = set(deputy_ids) | ({lead_deputy_id} if lead_deputy_id else set())
    chosen = check_deputies(wanted, already=already)
    if not chosen and not lead.strip():
        raise RuleBroken(bodies.speak("请填写领衔人，或者选择至少一名代表。"), field="lead", status=422)
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
        "lead": lead_of(group),
        "committee": group.committee,
        "note": group.note,
        "members": [deputy.name for deputy in members_of(group)],
    }

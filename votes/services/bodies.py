"""Congresses, their settings, and the units of their governments."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import EVERY_BODY, db, flush_or
from votes.models import Body, Department
from votes.rules.errors import RuleBroken
from votes.rules.people import BodyKind, Role
from votes.rules.permissions import Actor
from votes.rules.projects import GATES, Gate
from votes.services import audit
from votes.services.identity import body_ids_below


def get_body(body_id: int) -> Body | None:
    return db.session.get(Body, body_id)


def by_code(code: str) -> Body | None:
    """The body whose public pages stand under ``code``; its rows come into scope for the request."""
    body = db.session.scalar(select(Body).where(Body.code == code))
    if body is not None:
        db.session.scope = body.id
    return body


def all_bodies() -> list[Body]:
    """Every body, parents before children, in the order they were set up."""
    rows = list(db.session.scalars(select(Body).order_by(Body.id)))
    ordered: list[Body] = [b for b in rows if b.parent_id is None]
    for body in ordered:
        ordered += [b for b in rows if b.parent_id == body.id]
    return ordered


def children(body: Body) -> list[Body]:
    return list(db.session.scalars(select(Body).where(Body.parent_id == body.id).order_by(Body.id)))


def viewable(by: Actor) -> list[Body]:
    """The bodies that ``by`` may look at: their own; a leader's and those below; all for the administrator."""
    if Role.SYSADMIN in by.roles:
        return all_bodies()
    home = by.home_body_id
    if home is None:
        return []
    ids = body_ids_below(home) if Role.LEADER in by.roles else [home]
    return [b for b in all_bodies() if b.id in ids]


def create_body(
    *,
    code: str,
    name: str,
    place: str,
    kind: BodyKind,
    by: Actor,
    now: datetime,
    parent_id: int | None = None,
    is_demo: bool = False,
) -> Body:
    """Set up a congress. Raises RuleBroken for a taken code or name, or a tree that cannot be."""
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,29}", code):
        raise RuleBroken(
            "代码由 2 至 30 个小写字母、数字或连字符组成，以字母开头。", field="code", status=422
        )
    parent = get_body(parent_id) if parent_id else None
    if kind == BodyKind.TOWNSHIP and (parent is None or parent.kind != BodyKind.COUNTY):
        raise RuleBroken("乡镇人大须指明所在的县级人大。", field="parent_id", status=422)
    if kind == BodyKind.COUNTY and parent is not None:
        raise RuleBroken("县级人大没有上级机构可选。", field="parent_id", status=422)
    body = Body(
        code=code,
        name=name.strip(),
        place=place.strip(),
        kind=kind,
        parent_id=parent_id,
        settings={},
        is_demo=is_demo,
        created_at=now,
    )
    db.session.add(body)
    flush_or(RuleBroken(f"代码“{code}”已被使用。", field="code"), constraint="uq_bodies_code")
    audit.record(
        "body.create", by=by, at=now, about=body, after={"code": code, "name": name}, body_id=body.id
    )
    return body


def change_settings(body: Body, settings: dict[str, Any], *, by: Actor, now: datetime) -> None:
    """Replace the given settings of the place; those not named stay."""
    before, after = audit.changes(body.settings, {**body.settings, **settings})
    if not after:
        return
    body.settings = {**body.settings, **settings}
    audit.record("body.settings", by=by, at=now, about=body, before=before, after=after, body_id=body.id)


def gates(body: Body) -> tuple[Gate, ...]:
    """The review gates of the place, in order."""
    own = body.settings.get("gates")
    return tuple(Gate(**g) for g in own) if own else GATES[body.kind.value]


# --- units ---------------------------------------------------------------------------------------------


def departments(*, active_only: bool = False) -> list[Department]:
    query = select(Department).order_by(Department.active.desc(), Department.id)
    if active_only:
        query = query.where(Department.active)
    return list(db.session.scalars(query))


def get_department(department_id: int) -> Department | None:
    return db.session.scalar(select(Department).where(Department.id == department_id))


def save_department(
    department: Department | None,
    *,
    name: str,
    head: str,
    contact: str,
    active: bool,
    by: Actor,
    now: datetime,
) -> Department:
    """Add (``department`` None) or change a unit. Raises RuleBroken for a name that is taken."""
    values = {"name": name.strip(), "head": head.strip(), "contact": contact.strip(), "active": active}
    new = department is None
    if department is None:
        department = Department(**values)
        db.session.add(department)
        before: dict[str, Any] = {}
    else:
        before = {k: getattr(department, k) for k in values}
        for key, value in values.items():
            setattr(department, key, value)
    flush_or(
        RuleBroken(f"已有名为“{name}”的责任单位。", field="name"), constraint="uq_departments_body_id_name"
    )
    before, after = audit.changes(before, values)
    if after:
        audit.record(
            "department.create" if new else "department.edit",
            by=by,
            at=now,
            about=department,
            before=before,
            after=after,
        )
    return department


__all__ = ["EVERY_BODY", "all_bodies", "by_code", "children", "create_body", "gates", "get_body", "viewable"]

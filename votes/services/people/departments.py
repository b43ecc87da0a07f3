"""责任单位: the units of a government that propose and carry out projects."""

from datetime import datetime

from sqlalchemy import select

from votes.db import by_id, db
from votes.models import Department
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services import audit


def all_departments(*, active_only: bool = False) -> list[Department]:
    """Return the units of the bodies in scope, those in use first."""
    query = select(Department).order_by(Department.active.desc(), Department.id)
    return list(db.session.scalars(query.where(Department.active) if active_only else query))


def names_by_body() -> dict[int, list[tuple[int, str]]]:
    """Return body id → (id, name) of its units in use, for the bodies in scope."""
    names: dict[int, list[tuple[int, str]]] = {}
    for department in all_departments(active_only=True):
        names.setdefault(department.body_id, []).append((department.id, department.name))
    return names


get = by_id(select(Department))


def save(
    department: Department | None, *, active: bool, by: Actor, now: datetime, **texts: str
) -> Department:
    """Add (``department`` None) or change a unit. ``texts``: its name, head and contact.

    Raises RuleBroken for a name that is taken.
    """
    department = department or Department()
    values = {column: text.strip() for column, text in texts.items()} | {"active": active}
    taken = RuleBroken(f"已有名为“{texts['name']}”的责任单位。", field="name")
    key = "uq_departments_body_id_name"
    audit.save(department, "department", values, by=by, at=now, taken=taken, constraint=key)
    return department


def set_active(department: Department, active: bool, *, by: Actor, now: datetime) -> None:
    """Put a unit out of use, or back into it."""
    audit.assign(department, "department.edit", active=active, by=by, at=now)

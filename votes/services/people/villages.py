"""村（社区）: the villages and communities of a place, as its office lists them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select

from votes.db import Search, by_id, db, flush_or
from votes.models import Village
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.places import Places
from votes.services import audit, imports

SEARCH = Search(filters={"township": Village.township}, sorts={"": ("按名单", ())})


def all_villages(active_only: bool = True) -> list[Village]:
    """Return the villages by township, both in the order in which the place lists them."""
    query = search({})
    return list(db.session.scalars(query.where(Village.active) if active_only else query))


def search(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the query of the villages that match ``chosen``, in the order of the list."""
    positions = select(Village.township, func.min(Village.position).label("place"))
    first = positions.group_by(Village.township).subquery()
    query = select(Village).join(first, first.c.township == Village.township)
    query = query.order_by(first.c.place, Village.township, Village.position, Village.id)
    return SEARCH.of(query, chosen)


def grouped(villages: Sequence[Village]) -> list[tuple[str, list[Village]]]:
    """Return (township, its villages) of villages in the order of `all_villages`."""
    return [(township, list(group)) for township, group in groupby(villages, key=lambda each: each.township)]


def places(active_only: bool = True) -> Places:
    """Return the villages, only those in use by default, in a form that recognises what people type."""
    return Places([(village.id, village.township, village.name) for village in all_villages(active_only)])


get_village = by_id(select(Village))


def save_village(
    village: Village | None, *, township: str, name: str, active: bool = True, by: Actor, now: datetime
) -> Village:
    """Enter (``village`` None) a village under its township or street, or change one.

    Suggestions and projects keep pointing to a village that was renamed. Raises RuleBroken for a name that is missing
    or in the list already.
    """
    township, name = "".join(township.split()), "".join(name.split())
    if not name:
        raise RuleBroken("请填写村（社区）名称。", field="name", status=422)
    village = village or Village(position=_next_position())
    values = {"township": township, "name": name, "active": active}
    taken = RuleBroken(f"“{township}{name}”已在名单中。", field="name")
    audit.save(village, "village", values, by=by, at=now, taken=taken, constraint="uq_villages_name")
    return village


def add_villages(pairs: Sequence[tuple[str, str]], *, by: Actor, now: datetime) -> int:
    """Enter many (township, name) at once, behind those in the list; return how many."""
    start = _next_position()
    db.session.add_all(
        Village(township=township, name=name, position=start + place)
        for place, (township, name) in enumerate(pairs)
    )
    flush_or(imports.stale("名单"), constraint="uq_villages_name")
    audit.record("village.import", by=by, at=now, after={"added": len(pairs)})
    return len(pairs)


def _next_position() -> int:
    return (db.session.scalar(select(func.max(Village.position))) or 0) + 1

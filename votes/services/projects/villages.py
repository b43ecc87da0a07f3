"""The villages (communities) in which a project is carried out, or for which: the public list groups by them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select

from votes.db import db
from votes.models import Project, ProjectVillage, Village
from votes.rules.errors import invalid
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.people import villages


def choices(project: Project) -> list[tuple[str, list[Village]]]:
    """Return the villages to choose from under their townships, with those that the project has already."""
    late = [village for village in project.villages if not village.active]
    return villages.grouped([*villages.all_villages(), *late])


def full_names(village_ids: Collection[int]) -> dict[int, str]:
    """Return id → 示例镇东山村 in the order of the place's list, with villages that are out of use now."""
    return {village.id: village.full_name for village in _with_ids(village_ids)}


def _with_ids(village_ids: Collection[int]) -> list[Village]:
    query = select(Village).where(Village.id.in_(list(village_ids)))
    return list(db.session.scalars(query.order_by(Village.position, Village.id)))


def choose(project: Project, village_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Set the villages of a project (none: it is for everybody), and return their number.

    The villages are not part of the text that is voted on, so they can be corrected in every state.
    Raises RuleBroken for a village of another place.
    """
    after, before = _with_ids(village_ids), list(project.villages)
    if len(after) < len(set(village_ids)):
        raise invalid("villages", "所选的村（社区）中有不属于本地的，没有保存。请刷新页面后再选。")
    if after == before:
        return len(after)
    old, new = ({village.id for village in chosen} for chosen in (before, after))
    gone = (ProjectVillage.project_id == project.id, ProjectVillage.village_id.in_(old - new))
    db.session.execute(delete(ProjectVillage).where(*gone))
    db.session.add_all(
        ProjectVillage(body_id=project.body_id, project_id=project.id, village_id=village_id)
        for village_id in new - old
    )
    db.session.flush()
    db.session.expire(project, ["villages"])
    names = [{"villages": [village.full_name for village in chosen]} for chosen in (before, after)]
    audit.record("project.villages", by=by, at=now, about=project, before=names[0], after=names[1])
    return len(after)

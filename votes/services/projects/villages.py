"""In which villages (communities) a project is carried out, or for which: the public list groups by them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select

from votes.db import db
from votes.models import Project, ProjectVillage, Village
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services import audit


def of(project: Project) -> list[Village]:
    """The villages of a project, in the order of the place's list; also one that is out of use since."""
    return list(
        db.session.scalars(
            select(Village)
            .join(ProjectVillage, ProjectVillage.village_id == Village.id)
            .where(ProjectVillage.project_id == project.id)
            .order_by(Village.position, Village.id)
        )
    )


def full_names(village_ids: Collection[int]) -> dict[int, str]:
    """Id → 示例镇东山村, in the order of the place's list; also of those out of use since."""
    rows = db.session.scalars(
        select(Village).where(Village.id.in_(list(village_ids))).order_by(Village.position, Village.id)
    )
    return {village.id: village.full_name for village in rows}


def choose(project: Project, village_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Say which villages a project is for (none: for everybody). Answers how many it has now.

    The place of a project is no part of the text that is voted on, so it may be put right in every state.
    Raises RuleBroken for a village that is not this place's.
    """
    wanted = set(village_ids)
    found = list(
        db.session.scalars(
            select(Village).where(Village.id.in_(wanted)).order_by(Village.position, Village.id)
        )
    )
    if len(found) < len(wanted):
        raise RuleBroken(
            "所选的村（社区）中有不属于本地的，没有保存。请刷新页面后再选。", field="villages", status=422
        )
    before = of(project)
    kept = {village.id for village in before}
    if kept == wanted:
        return len(found)
    db.session.execute(
        delete(ProjectVillage).where(
            ProjectVillage.project_id == project.id, ProjectVillage.village_id.in_(kept - wanted)
        )
    )
    db.session.add_all(
        ProjectVillage(body_id=project.body_id, project_id=project.id, village_id=village.id)
        for village in found
        if village.id not in kept
    )
    db.session.flush()
    db.session.expire(project, ["villages"])
    audit.record(
        "project.villages",
        by=by,
        at=now,
        about=project,
        before={"villages": [village.full_name for village in before]},
        after={"villages": [village.full_name for village in found]},
    )
    return len(found)

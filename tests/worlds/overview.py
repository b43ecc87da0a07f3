"""总览 and the public lists: villages of the selected project."""

from typing import Any

from tests.years import at
from votes.db import db
from votes.models import Project
from votes.services.people import villages as people_villages
from votes.services.projects import villages

WHICH = {"share": {"project_id": "selected"}}


def fill(world: Any, body: str, size: int, ids: dict[str, Any]) -> dict[str, Any]:
    """``size`` villages more, all of them of the selected project."""
    with world.work(body):
        by, when = world.actor("government", body), at(2027, 6, 1)
        for i in range(size):
            people_villages.save_village(None, township=f"对比{i}乡", name=f"对比村{i}", by=by, now=when)
        project = db.session.get(Project, ids["project_id:selected"])
        assert project is not None
        villages.choose(project, [v.id for v in people_villages.all_villages()], by=by, now=when)
    return {}

"""One tracked project, of one unit; and one of two parts."""

import pytest
from sqlalchemy import select

from tests.services.delivery.acts import plan
from tests.years import make_tracked
from votes.db import db
from votes.models import Department, SubProject


@pytest.fixture
def tracking_id(world):
    """Track a project of the county's first unit; return the id of its tracking."""
    with world.work():
        return make_tracked(1, department_id=world.departments["county"])[0].id


@pytest.fixture
def other_unit(world):
    with world.work():
        return db.session.scalar(select(Department.id).where(Department.name == "教育局"))


@pytest.fixture
def compound(world):
    """Track a project of two parts, weighing 3 and 1, with two sources of money; return its id and its parts' ids."""
    with world.work():
        tracking = make_tracked(1, department_id=world.departments["county"], start=9)[0]
        tracking.project.subprojects = [
            SubProject(position=n, name=name, target="", unit="", investment=None)
            for n, name in enumerate(("公路加宽", "危桥改造"), start=1)
        ]
        db.session.flush()
        ids = [part.id for part in tracking.project.subprojects]
        made = tracking.id
    plan(world, made, [], weights={ids[0]: 3, ids[1]: 1})
    return made, ids

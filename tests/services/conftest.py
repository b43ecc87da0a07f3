"""What several services' tests stand on."""

import pytest

from tests.years import make_tracked


@pytest.fixture
def people(world):
    """Those who have to do with a project, by role."""
    return {
        role: world.actor(role) for role in ("government", "office", "department", "department2", "leader")
    }


@pytest.fixture
def scope(world):
    """Open a unit of work in the county."""
    with world.work() as session:
        yield session
        session.rollback()


@pytest.fixture
def tracked(world):
    """Return the ids of a tracked project of the county and one of the township, by body."""
    ids = {}
    for body in ("county", "township"):
        with world.work(body):
            ids[body] = make_tracked(1, department_id=world.departments[body])[0].id
    return ids


@pytest.fixture
def actors(world):
    return {role: world.actor(role) for role in ("office", "government", "department")}

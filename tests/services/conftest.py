"""What several services' tests stand on."""

import pytest


@pytest.fixture
def people(world):
    """Those who have to do with a project, by role."""
    return {
        role: world.actor(role) for role in ("government", "office", "department", "department2", "leader")
    }


@pytest.fixture
def scope(world):
    """An open unit of work in the county."""
    with world.work() as session:
        yield session
        session.rollback()

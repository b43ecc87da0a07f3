"""Rows of bodies that are not in scope are neither read nor written."""

import pytest
from sqlalchemy import delete, select, update

from votes.db import EVERY_BODY, ScopeMissing
from votes.models import Department


@pytest.fixture
def two(world, database):
    """Give each of two bodies a unit, in a unit of work with the first body in scope."""
    with database.work(scope=EVERY_BODY) as session:
        session.add_all(
            [Department(name="甲局", body_id=world.county), Department(name="乙局", body_id=world.other)]
        )
        session.flush()
        session.scope = world.county
        yield session
        session.rollback()


def names(session) -> set[str]:
    return set(session.scalars(select(Department.name))) & {"甲局", "乙局", "丙局"}


def test_select_sees_the_body_in_scope_only(two):
    assert names(two) == {"甲局"}
    two.scope = EVERY_BODY
    assert names(two) == {"甲局", "乙局"}


@pytest.mark.parametrize(
    "statement", [update(Department).values(name="丙局"), delete(Department).where(Department.name == "乙局")]
)
def test_update_and_delete_reach_the_body_in_scope_only(two, statement):
    two.execute(
        statement.execution_options(synchronize_session=False).where(Department.name.in_(["甲局", "乙局"]))
    )
    two.scope = EVERY_BODY
    assert "乙局" in names(two)


def test_select_without_a_body_in_scope_is_refused(two):
    two.scope = None
    with pytest.raises(ScopeMissing):
        two.scalars(select(Department))


def test_new_row_gets_the_body_in_scope(two, world):
    unit = Department(name="丙局")
    two.add(unit)
    two.flush()
    assert unit.body_id == world.county


def test_new_row_of_another_body_is_refused(two, world):
    two.add(Department(name="丙局", body_id=world.other))
    with pytest.raises(ScopeMissing):
        two.flush()

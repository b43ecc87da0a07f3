"""Queries that many services share."""

from sqlalchemy import select, update

from votes.db import db, locked
from votes.db.queries import count_by
from votes.models import Body, Department, table_of


def test_locked_reads_the_row_afresh(world):
    bodies = table_of(Body)
    with world.work():
        row = db.session.scalars(select(Body)).first()
        db.session.execute(update(bodies).where(bodies.c.id == row.id).values(name="改名县"))
        assert locked(select(Body).where(Body.id == row.id)) is row
        assert row.name == "改名县"


def test_locked_without_a_row_returns_none(world):
    with world.work():
        assert locked(select(Body).where(Body.id == 0)) is None


def test_count_by_counts_rows_in_scope_and_leaves_out_null(world):
    with world.work():
        for name, head in (("甲局", "王某"), ("乙局", "王某"), ("丙局", "李某"), ("丁局", None)):
            db.session.add(Department(name=name, head=head, active=name != "乙局"))
        db.session.flush()
        invented = Department.name.in_(["甲局", "乙局", "丙局", "丁局"])
        assert count_by(Department.head, invented) == {"王某": 2, "李某": 1}
        assert count_by(Department.head, invented, Department.active) == {"王某": 1, "李某": 1}
        db.session.rollback()

"""Queries that many services share."""

from sqlalchemy import select, update

from votes.db import db, locked
from votes.models import Body, table_of


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

"""Whether the database answers."""

from sqlalchemy import text

from votes.db import db


def ping() -> None:
    """Run a small query; raise what the database raises."""
    db.session.execute(text("select 1"))

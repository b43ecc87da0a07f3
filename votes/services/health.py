"""Does the database answer?"""

from sqlalchemy import text

from votes.db import db


def ping() -> None:
    """Ask the database something small; raises what the database raises."""
    db.session.execute(text("select 1"))

"""The demo's own time. The year that is played lies in 2026 and 2027, whenever somebody opens it.

So that they find themselves in it, with reports that are due and dates that follow each other, the demo notes by how
much its clock is ahead of the real one; it goes on from there. A database without the demo has no such setting.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from votes.db import Database, db
from votes.models import Body

_SETTING = "clock_ahead"


def start(body: Body, at: datetime, *, now: datetime) -> None:
    """Let the demo's clock show ``at`` at the real moment ``now``; kept with the demo's county."""
    body.settings = {**body.settings, _SETTING: int((at - now).total_seconds())}


def ahead(database: Database) -> timedelta:
    """Return by how much the demo's clock is ahead of the real one (behind: negative).

    It is nothing for a database that is not the demo's, or not there yet.
    """
    if database.is_sqlite and not Path(database.url.database or "").is_file():
        return timedelta()  # looking would make the file
    try:
        with database.work(write=False):
            query = select(Body.settings).where(Body.is_demo, Body.parent_id.is_(None)).order_by(Body.id)
            settings = db.session.scalar(query.limit(1)) or {}
            return timedelta(seconds=int(settings.get(_SETTING, 0)))
    except SQLAlchemyError:  # no tables yet, or no server: whoever needs them will say so
        return timedelta()

"""PostgreSQL's log of transactions, which has turnout and ballots side by side: the close removes it on every node."""

import time
from collections.abc import Iterable

from sqlalchemy import Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import DBAPIError

_INSUFFICIENT_PRIVILEGE = "42501"
#: Seconds for which a close waits for a standby.
PATIENCE = 60


class StandbyBehindError(Exception):
    """A standby has not replayed the close in time: its log still has the vote."""


def clear(connection: Connection, standbys: Iterable[str]) -> None:
    """Begin a new segment and remove the old ones, here and on each standby.

    The server removes them where `wal_recycle` is off. A role without the right leaves it to the server's own schedule;
    the opening has said so. Raises StandbyBehindError and DBAPIError where a standby cannot be cleared.
    """
    try:
        connection.exec_driver_sql("SELECT pg_switch_wal()")
        connection.exec_driver_sql("CHECKPOINT")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != _INSUFFICIENT_PRIVILEGE:
            raise
        return
    end = connection.exec_driver_sql("SELECT pg_current_wal_lsn()").scalar_one()
    for url in standbys:
        _clear_standby(url, str(end))


def _clear_standby(url: str, end: str) -> None:
    where = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(where, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    with engine.connect() as connection:
        until = time.monotonic() + PATIENCE
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        while not connection.exec_driver_sql(replayed, (end,)).scalar():
            if time.monotonic() > until:
                raise StandbyBehindError(where.host or "")
            time.sleep(0.1)
        connection.exec_driver_sql("CHECKPOINT")

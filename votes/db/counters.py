"""Counters in a store of their own, so that what strangers send never takes the write lock of the votes.

On SQLite they are a second file beside the database; on PostgreSQL an UNLOGGED table, written outside the transaction.
Both may be lost in a crash: then failures are counted from zero.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    NullPool,
    String,
    Table,
    case,
    create_engine,
    delete,
    event,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from votes.db.schema import UtcDateTime

#: Not among the tables of the models: SQLite has it in another file.
TABLE = Table(
    "counters",
    MetaData(),
    Column("key", String(100), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)
_c = TABLE.c

#: What nobody has counted for so long is deleted, by one of so many additions.
KEPT = timedelta(days=40)
_PURGED_EVERY = 100
#: The most counters: a stranger who makes up names all day fills no disk. The oldest go first.
MOST = 50_000


@dataclass(frozen=True)
class Count:
    """How many, and when the latest came."""

    number: int = 0
    last_at: datetime | None = None


class Counters:
    """The counters beside one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, key: str) -> Count:
        """Return the counter ``key``; zero where there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_c.number, _c.last_at).where(_c.key == key)).first()
        return Count(*row) if row else Count()

    def starting_with(self, prefix: str) -> dict[str, int]:
        """Return the rest of the key → number, of the counters whose keys start with ``prefix``."""
        query = select(_c.key, _c.number).where(_c.key.startswith(prefix, autoescape=True))
        with self._engine.connect() as connection:
            return {key.removeprefix(prefix): number for key, number in connection.execute(query)}

    def add(self, key: str, at: datetime, *, forgotten: timedelta = KEPT) -> int:
        """Count one more under ``key`` and return the number; begin anew where none came for ``forgotten``."""
        insert = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        anew = case((_c.last_at <= at - forgotten, 1), else_=_c.number + 1)
        query = insert(TABLE).values(key=key, number=1, last_at=at)
        query = query.on_conflict_do_update(index_elements=["key"], set_={"number": anew, "last_at": at})
        with self._engine.connect() as connection:
            number: int = connection.execute(query.returning(_c.number)).scalar_one()
            if random.randrange(_PURGED_EVERY) == 0:  # when to tidy up is no secret
                _purge(connection, at)
        return number

    def clear(self, *keys: str) -> None:
        """Set these counters to zero."""
        with self._engine.connect() as connection:
            connection.execute(delete(TABLE).where(_c.key.in_(keys)))

    def purge(self, at: datetime) -> None:
        """Delete what is older than `KEPT`, and the oldest beyond `MOST`."""
        with self._engine.connect() as connection:
            _purge(connection, at)

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _purge(connection: Connection, at: datetime) -> None:
    connection.execute(delete(TABLE).where(_c.last_at < at - KEPT))
    newest = select(_c.key).order_by(_c.last_at.desc(), _c.key).offset(MOST).limit(1_000_000)
    connection.execute(delete(TABLE).where(_c.key.in_(newest)))


def of_postgresql(engine: Engine) -> Counters:
    """Return the counters in the database of ``engine``, each statement committed by itself."""
    return Counters(engine.execution_options(isolation_level="AUTOCOMMIT"))


def of_sqlite(url: URL) -> Counters:
    """Return the counters in a file beside the database ``url``; it is made when it is first needed."""
    path = Path(str(url.database)).with_suffix(".counters.db")
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 5},
        hide_parameters=True,
    )
    return Counters(_prepared(engine))


def _prepared(engine: Engine) -> Engine:
    """Return the engine, with a table in each file that it opens."""

    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, record: Any) -> None:
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=OFF",
            "CREATE TABLE IF NOT EXISTS counters"
            " (key VARCHAR(100) PRIMARY KEY, number INTEGER NOT NULL, last_at DATETIME NOT NULL) WITHOUT ROWID",
        ):
            dbapi.execute(statement)

    return engine

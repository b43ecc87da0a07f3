"""The engine and its transactions.

One unit of work is one `Database.work(...)` block: a request, a command, a test. It is either reading (the database
itself refuses to write) or writing (on SQLite it takes the write lock at BEGIN, so that nothing changes between a check
and the write). Inside it services use `db.session`.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from votes.db import counters, tenancy, transaction_log
from votes.db.counters import Counters
from votes.db.tenancy import EVERY_BODY, Scope, ScopeMissing

#: The advisory lock of a sweep: closes that end together sweep one after the other.
_SWEEPING = 820022


class WorkSession(Session):
    """A session that knows whose rows are in scope, and whether it writes."""

    @property
    def scope(self) -> Scope:
        """Return the body in scope, EVERY_BODY, or None before one is known."""
        return self.info.get("scope")

    @scope.setter
    def scope(self, value: Scope) -> None:
        self.info["scope"] = value

    @property
    def counters(self) -> Counters:
        """Return the counters beside the database; what is counted there stays when this unit of work rolls back."""
        found: Counters = self.info["counters"]
        return found

    @property
    def hash_name(self) -> str:
        """Return the digest algorithm of the installation, for chains that belong to no round and no session."""
        return str(self.info["hash_name"])

    def on_commit(self, act: Callable[["Database"], None]) -> None:
        """Run ``act`` when this unit of work has committed; do not run it if it rolls back."""
        self.info.setdefault("on_commit", []).append(act)


tenancy.guard(WorkSession)


class _Current:
    """Give `db.session`: the session of the unit of work that is open in this context."""

    _session: ContextVar[WorkSession | None] = ContextVar("votes_session", default=None)

    @property
    def session(self) -> WorkSession:
        """Return the session; raise RuntimeError where no unit of work is open."""
        session = self._session.get()
        if session is None:
            raise RuntimeError("no unit of work is open here")
        return session

    def enter(self, session: WorkSession) -> Token[WorkSession | None]:
        """Make ``session`` the current one; `leave` takes the token back."""
        return self._session.set(session)

    def leave(self, token: Token[WorkSession | None]) -> None:
        """End what `enter` began."""
        self._session.reset(token)


db = _Current()


class Database:
    """One engine and the way to open units of work on it."""

    def __init__(self, url: str, *, hash_name: str = "sha256", standbys: Sequence[str] = ()) -> None:
        self.url, self.hash_name, self.standbys = make_url(url), hash_name, standbys
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()
        self.counters = (
            counters.of_sqlite(self.url) if self.is_sqlite else counters.of_postgresql(self.engine)
        )

    @property
    def is_sqlite(self) -> bool:
        """Return whether the database is SQLite; else it is PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    # hide_parameters on both: the log of a failed statement has the time, and must not have the content of a ballot.

    def _sqlite(self) -> Engine:
        engine = create_engine(self.url, connect_args={"timeout": 15}, hide_parameters=True)
        lock_path = f"{self.url.database}.lock"
        holders: set[int] = set()  # threads of this process that have the lock

        @event.listens_for(engine, "connect")
        def connect(dbapi: Any, record: Any) -> None:
            dbapi.isolation_level = (
                None  # `begin` below says BEGIN: the driver's implicit BEGIN loses updates
            )
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                # deleted content is overwritten: the resend marks must not stay readable in free pages
                "secure_delete=ON",
            ):
                dbapi.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            write = connection.get_execution_options().get("write", False)
            if write:
                # Writers of all processes queue here instead of sleeping with growing pauses in SQLite's busy handler.
                # The lock is not fair: a thread that releases it may take it again before one that waits.
                me = threading.get_ident()
                if me in holders:  # it would wait for itself forever
                    raise RuntimeError("a writing unit of work was opened inside another that has begun")
                handle = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(handle, fcntl.LOCK_EX)
                holders.add(me)
                connection.info["lock"] = (handle, me)
            connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        @event.listens_for(engine, "checkin")
        def checkin(dbapi: Any, record: Any) -> None:
            lock = record.info.pop("lock", None)
            if lock is not None:
                handle, holder = lock
                holders.discard(holder)
                os.close(handle)  # closing releases the lock

        return engine

    def _postgresql(self) -> Engine:
        return create_engine(self.url, pool_size=5, max_overflow=5, pool_pre_ping=True, hide_parameters=True)

    def open(self, *, write: bool, scope: Scope = None) -> WorkSession:
        """Open a session: reading (the database refuses writes) or writing."""
        info = {"scope": scope, "write": write, "counters": self.counters, "hash_name": self.hash_name}
        info["standbys"] = len(self.standbys)
        return WorkSession(self._bind(write), expire_on_commit=False, info=info)

    def _bind(self, write: bool) -> Engine:
        options: dict[str, Any] = {"write": write}
        if not self.is_sqlite and not write:
            options["postgresql_readonly"] = True
        return self.engine.execution_options(**options)

    def begin_again(self, session: WorkSession, *, write: bool) -> None:
        """Roll back; from here on the session reads or writes. Rows loaded so far are read again when next used."""
        session.rollback()
        session.bind, session.info["write"] = self._bind(write), write

    @contextmanager
    def work(self, *, write: bool = True, scope: Scope = EVERY_BODY) -> Iterator[WorkSession]:
        """Open a unit of work outside a request: it commits at the end, and rolls back on an exception."""
        session = self.open(write=write, scope=scope)
        token = db.enter(session)
        try:
            yield session
            if write:
                self.commit(session)
        finally:
            session.close()
            db.leave(token)

    def commit(self, session: WorkSession) -> None:
        """Commit, then run what `on_commit` has registered (each as a unit of work of its own)."""
        session.commit()
        for act in session.info.pop("on_commit", []):
            act(self)

    def files_of(self, *tables: str) -> dict[str, int]:
        """Return table → the number of its file on PostgreSQL, which each rewriting changes; nothing on SQLite."""
        if self.is_sqlite:
            return {}
        with self.engine.connect() as connection:
            return _files_of(connection, tables)

    def sweep(self, *tables: str, since: Mapping[str, int] | None = None) -> None:
        """Rewrite the files of ``tables`` so that free pages keep no deleted content.

        On PostgreSQL a table whose file is no longer that of ``since`` (`files_of`, read after the deletion) has been
        rewritten meanwhile by somebody else: closes of the same minute lock the tables once. Best effort: a long
        reading transaction delays the truncation of SQLite's log.
        """
        if self.is_sqlite:
            with self.engine.execution_options(write=True).connect() as connection:
                connection.exec_driver_sql("SELECT 1")  # takes the queue's lock and opens a transaction
                raw: Any = connection.connection.dbapi_connection
                raw.execute("ROLLBACK")
                raw.execute("VACUUM")
                for _ in range(20):
                    busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                    if not busy:
                        break
                    time.sleep(0.05)
                raw.execute("BEGIN")  # the pool will roll back, and expects a transaction
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_SWEEPING,))
                connection.exec_driver_sql("SET lock_timeout = '5s'")
                try:
                    files = _files_of(connection, tables)
                    for table in tables:
                        if since is None or files[table] == since[table]:
                            connection.exec_driver_sql(f"VACUUM (FULL) {table}")
                    transaction_log.clear(connection, self.standbys)
                finally:  # the connection goes back to the pool
                    connection.exec_driver_sql("RESET lock_timeout")
                    connection.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (_SWEEPING,))

    def dispose(self) -> None:
        """Close all connections."""
        self.counters.dispose()
        self.engine.dispose()


def _files_of(connection: Connection, tables: Sequence[str]) -> dict[str, int]:
    return {
        table: connection.exec_driver_sql("SELECT pg_relation_filenode(%s::regclass)", (table,)).scalar_one()
        for table in tables
    }


def body_in_scope() -> int:
    """Return the id of the one body whose rows are in scope; raise ScopeMissing where none or every body is."""
    scope = db.session.scope
    if not isinstance(scope, int):
        raise ScopeMissing(f"one body has to be in scope, not {scope}")
    return scope


@contextmanager
def scoped(scope: Scope) -> Iterator[None]:
    """Put another scope in force for the duration of the block."""
    session = db.session
    before, session.scope = session.scope, scope
    try:
        yield
    finally:
        session.scope = before

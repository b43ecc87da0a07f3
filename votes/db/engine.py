"""The engine and its transactions.

One unit of work is one `Database.work(...)` block: a request, a command, a test. It is either reading
(the database itself refuses to write) or writing (on SQLite it takes the write lock at BEGIN, so that
read-check-write is one act). Inside it services use `db.session`.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from votes.db import tenancy
from votes.db.tenancy import EVERY_BODY, Scope, ScopeMissing


class WorkSession(Session):
    """A session that knows whose rows it may see (`scope`) and whether it writes."""

    @property
    def scope(self) -> Scope:
        return self.info.get("scope")

    @scope.setter
    def scope(self, value: Scope) -> None:
        self.info["scope"] = value

    def afterwards(self, act: Callable[["Database"], None]) -> None:
        """Run ``act`` once this unit of work has committed (and not at all if it does not)."""
        self.info.setdefault("afterwards", []).append(act)


tenancy.guard(WorkSession)


class _Current:
    """`db.session`: the session of the unit of work that is running here."""

    _session: ContextVar[WorkSession | None] = ContextVar("votes_session", default=None)

    @property
    def session(self) -> WorkSession:
        found = self._session.get()
        if found is None:
            raise RuntimeError("no unit of work is open here")
        return found

    def enter(self, session: WorkSession) -> Token[WorkSession | None]:
        """Make ``session`` the current one; `leave` takes the token back."""
        return self._session.set(session)

    def leave(self, token: Token[WorkSession | None]) -> None:
        """End what `enter` began."""
        self._session.reset(token)


db = _Current()


class Database:
    """One engine and the way to open units of work on it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    # hide_parameters on both: a failing statement is logged, and what a ballot says must not stand beside the time.

    def _sqlite(self) -> Engine:
        engine = create_engine(self.url, connect_args={"timeout": 15}, hide_parameters=True)
        lock_path = f"{self.url.database}.lock"
        holders: set[int] = set()  # threads of this process that have the lock

        @event.listens_for(engine, "connect")
        def connect(dbapi: Any, record: Any) -> None:
            dbapi.isolation_level = None  # we say BEGIN ourselves: the driver's own way loses updates
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                # what is erased is overwritten: the resend marks must not linger in free pages
                "secure_delete=ON",
            ):
                dbapi.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            write = connection.get_execution_options().get("write", False)
            if write:
                # Writers of all processes queue here instead of sleeping with growing pauses in SQLite's busy
                # handler. (Who gives the lock back and asks at once again may be served before who waits.)
                me = threading.get_ident()
                if me in holders:  # it would wait for itself for ever
                    raise RuntimeError("a writing unit of work was opened inside another that has begun")
                handle = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(handle, fcntl.LOCK_EX)
                holders.add(me)
                connection.info["lock"] = (handle, me)
            connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        @event.listens_for(engine, "checkin")
        def checkin(dbapi: Any, record: Any) -> None:
            held = record.info.pop("lock", None)
            if held is not None:
                handle, holder = held
                holders.discard(holder)
                os.close(handle)  # closing gives the lock back

        return engine

    def _postgresql(self) -> Engine:
        return create_engine(self.url, pool_size=5, max_overflow=5, pool_pre_ping=True, hide_parameters=True)

    def open(self, *, write: bool, scope: Scope = None) -> WorkSession:
        """A new session: reading (the database refuses writes) or writing."""
        options: dict[str, Any] = {"write": write}
        if not self.is_sqlite and not write:
            options["postgresql_readonly"] = True
        bind = self.engine.execution_options(**options)
        session = WorkSession(bind, expire_on_commit=False, info={"scope": scope, "write": write})
        return session

    @contextmanager
    def work(self, *, write: bool = True, scope: Scope = EVERY_BODY) -> Iterator[WorkSession]:
        """A unit of work outside a request: commits at the end, rolls back when anything is raised."""
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
        """Commit, then do what was put off until then (each a unit of work of its own)."""
        session.commit()
        for act in session.info.pop("afterwards", []):
            act(self)

    def sweep(self, *tables: str) -> None:
        """Rewrite the files behind ``tables`` so that freed pages keep nothing of what stood there.

        Best effort: a reader that stays for long only delays the truncation of SQLite's log.
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
                raw.execute("BEGIN")  # the pool's rollback finds the transaction that it expects
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("SET lock_timeout = '5s'")
                try:
                    for table in tables:
                        connection.exec_driver_sql(f"VACUUM (FULL) {table}")
                finally:  # the connection goes back to the pool
                    connection.exec_driver_sql("RESET lock_timeout")
                # Past transactions also stand in the server's log: begin a new segment, so that the old
                # ones may go. A role without the right to ask leaves this to the server's own rhythm.
                for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
                    with suppress(DBAPIError):
                        connection.exec_driver_sql(statement)

    def dispose(self) -> None:
        self.engine.dispose()


def body_in_scope() -> int:
    """Return the id of the one body whose rows are in scope; raise ScopeMissing where none or every body is."""
    scope = db.session.scope
    if not isinstance(scope, int):
        raise ScopeMissing(f"one body has to be in scope, not {scope}")
    return scope


@contextmanager
def scoped(scope: Scope) -> Iterator[None]:
    """Look at another body's rows for the length of the block (a leader below, a public page)."""
    session = db.session
    before, session.scope = session.scope, scope
    try:
        yield
    finally:
        session.scope = before

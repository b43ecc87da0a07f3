"""The database: engine, transactions, and the net that keeps each body to its own rows.

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
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Engine,
    ForeignKey,
    MetaData,
    Select,
    create_engine,
    event,
    func,
    make_url,
    or_,
    select,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.types import TypeDecorator

from votes.rules.errors import RuleBroken

#: Every constraint has a name, the same on every database: `flush_or` asks for it.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class OfBody:
    """A row that belongs to one body; the session adds the body to every select of it."""

    @declared_attr
    def body_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("bodies.id"), index=True)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC on every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Everybody:
    """The scope of work that belongs to no single body: commands, sign-in, the system administrator."""

    def __repr__(self) -> str:
        return "EVERY_BODY"


EVERY_BODY = Everybody()
Scope = int | Everybody | None


class ScopeMissing(RuntimeError):
    """A select of a body's rows was made while no body was in scope."""


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


class _Current:
    """`db.session`: the session of the unit of work that is running here."""

    _session: ContextVar[WorkSession | None] = ContextVar("votes_session", default=None)

    @property
    def session(self) -> WorkSession:
        found = self._session.get()
        if found is None:
            raise RuntimeError("no unit of work is open here")
        return found


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
        token = _Current._session.set(session)
        try:
            yield session
            if write:
                self.commit(session)
        finally:
            session.close()
            _Current._session.reset(token)

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


@contextmanager
def scoped(scope: Scope) -> Iterator[None]:
    """Look at another body's rows for the length of the block (a leader below, a public page)."""
    session = db.session
    before, session.scope = session.scope, scope
    try:
        yield
    finally:
        session.scope = before


def page(query: Select[Any], number: int, size: int = 50) -> tuple[list[Any], int]:
    """One page of the rows of ``query`` (numbered from 1) and the count of all of them."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = db.session.scalars(query.limit(size).offset((max(number, 1) - 1) * size))
    return list(rows), total


def everything(query: Select[Any]) -> list[Any]:
    """All rows of ``query``, as an export takes them."""
    return list(db.session.scalars(query))


#: So many words of a search are looked for: a statement grows with each, and a database reads none without end.
WORDS = 8


def containing(words: str, *columns: Any) -> list[ColumnElement[bool]]:
    """For each of the first `WORDS` words of a search: it stands in one of ``columns``. No words, no conditions."""
    return [
        or_(*(column.icontains(word, autoescape=True) for column in columns))
        for word in words.split()[:WORDS]
    ]


def flush_or(broken: RuleBroken, *, constraint: str) -> None:
    """Flush; when the named constraint objects, raise ``broken``; other objections go up as they are.

    The constraint's name is what PostgreSQL reports; SQLite reports the columns instead, so the
    database's message is searched for either (models keep the names telling).
    """
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, constraint):
            raise broken from error
        raise


def violates(error: IntegrityError, constraint: str) -> bool:
    """Whether ``constraint`` (its name in the models) is what the database objected to."""
    text = str(error.orig)
    if constraint in text:
        return True
    for table in metadata.tables.values():
        for item in (*table.constraints, *table.indexes):
            if getattr(item, "name", None) == constraint and hasattr(item, "columns"):
                columns = ", ".join(f"{table.name}.{column.name}" for column in item.columns)
                return bool(columns) and columns in text
    return False


@event.listens_for(WorkSession, "do_orm_execute")
def _keep_to_the_body(state: ORMExecuteState) -> None:
    """Add the body in scope to every select, update and delete of rows that belong to a body."""
    if state.is_column_load or state.is_relationship_load or not state.is_orm_statement:
        return
    if state.is_insert or not (state.is_select or state.is_update or state.is_delete):
        return
    scope = state.session.info.get("scope")
    if scope is EVERY_BODY:
        return
    if scope is None:
        if any(issubclass(mapper.class_, OfBody) for mapper in state.all_mappers):
            raise ScopeMissing("no body is in scope")
        return
    body_id = scope
    state.statement = state.statement.options(
        with_loader_criteria(OfBody, lambda cls: cls.body_id == body_id, include_aliases=True)
    )


@event.listens_for(WorkSession, "before_flush")
def _stay_in_the_body(session: Session, context: Any, instances: Any) -> None:
    """New rows get the body in scope; a row of another body is a programming error."""
    scope = session.info.get("scope")
    for row in session.new:
        if isinstance(row, OfBody):
            if row.body_id is None and isinstance(scope, int):
                row.body_id = scope
            if isinstance(scope, int) and row.body_id != scope:
                raise ScopeMissing(f"a row of body {row.body_id} while {scope} is in scope")

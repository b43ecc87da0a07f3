"""The register of the processes of running servers: which of them may still know what phones sent before a close.

While a box is open, the memory of a process can join a deputy with a ballot. So the close of a round marks every
process as retiring, the servers replace those that are marked, and the count waits until none of them lives. Outside
a server (commands, tests) the register is empty and nothing waits. Why: docs/decisions/0017-two-groups.md.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    false,
    insert,
    select,
    update,
)

from votes.db.engine import Database, db
from votes.db.schema import UtcDateTime, metadata

workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("server", String(60), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("retiring", Boolean, nullable=False, server_default=false()),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("server", "pid", name="uq_workers_server"),
    sqlite_autoincrement=True,
)

#: Seconds for which a count waits: servers replace their processes at most once a minute, and need a minute when busy.
PATIENCE = 600
#: A server of another machine that was not seen for so long is dead.
SILENCE = timedelta(seconds=60)


class _Me:
    """What this process knows of itself: its server (None outside one), and what it does last, when it is leaving."""

    server: str | None = None
    leaving = False
    last_acts: ClassVar[list[Callable[[], None]]] = []


def new_server() -> str:
    """Return the name of the server whose parent is this process; it never names another process."""
    with suppress(OSError):
        return f"{_boot()}-{os.getpid()}-{_started(os.getpid())}"
    return f"{os.urandom(8).hex()}-{os.getpid()}-"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]


def _started(pid: int) -> str:
    """Return when a process of this machine was started, in ticks since the boot. Raises OSError where there is none."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _lives(server: str) -> bool:
    """Return whether the parent of a server on this machine lives."""
    boot, pid, started = server.rsplit("-", 2)
    try:
        return boot == _boot() and started == _started(int(pid))
    except OSError:
        return False


# --- in each process of a server ---------------------------------------------------------------------------


def enter(database: Database, server: str) -> None:
    """Write this process into the register; it does so before its first request."""
    _Me.server, _Me.leaving = server, False
    with database.work() as session:
        session.execute(insert(workers).values(server=server, pid=os.getpid(), seen_at=datetime.now(UTC)))


def retire_all() -> None:
    """Mark every process as retiring, in the unit of work of the close."""
    db.session.execute(update(workers).values(retiring=True))


def when_replaced(database: Database, act: Callable[[bool], None]) -> None:
    """Call ``act`` when no process lives that was marked by a close, with True; with False when one still does.

    A process that is marked itself leaves the register, so that two closes do not wait for each other. It answers its
    request first (the answer passes through a process that has to end too), waits then, and ends: see `last_acts`.
    """
    if _leave(database):
        _Me.leaving = True
        _Me.last_acts.append(lambda: act(_wait(database)))
    else:
        act(_wait(database))


def last_acts() -> bool:
    """Do what was put off until the answer was given. Return whether this process has to end now."""
    while _Me.last_acts:
        _Me.last_acts.pop(0)()
    return _Me.leaving


def _wait(database: Database) -> bool:
    until = time.monotonic() + PATIENCE
    while _any_retiring(database):
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def any_retiring() -> bool:
    """Return whether a process lives that was marked by a close."""
    rows = db.session.execute(
        select(workers.c.server, workers.c.seen_at).where(workers.c.retiring).distinct()
    ).all()
    if db.session.get_bind().dialect.name == "sqlite":
        return any(_lives(server) for server, _ in rows)
    return any(datetime.now(UTC) - seen < SILENCE for _, seen in rows)


def _any_retiring(database: Database) -> bool:
    with database.work(write=False):
        return any_retiring()


def _leave(database: Database) -> bool:
    """Remove this process from the register where a close has marked it; return whether it did."""
    if _Me.server is None:
        return False
    mine = (workers.c.server == _Me.server) & (workers.c.pid == os.getpid()) & workers.c.retiring
    with database.work() as session:
        return bool(session.execute(delete(workers).where(mine).returning(workers.c.id)).all())


# --- in the parent of a server --------------------------------------------------------------------------------


def of(database: Database, server: str) -> dict[int, bool]:
    """Return the registered processes of ``server``: pid, and whether a close has marked it."""
    with database.work(write=False) as session:
        rows = session.execute(select(workers.c.pid, workers.c.retiring).where(workers.c.server == server))
        return {row.pid: row.retiring for row in rows}


def forget(database: Database, server: str, pids: set[int]) -> None:
    """Remove processes that have ended."""
    with database.work() as session:
        session.execute(delete(workers).where((workers.c.server == server) & workers.c.pid.in_(pids)))


def forget_dead_servers(database: Database) -> None:
    """Remove what servers have left in the register that did not stop by themselves."""
    with database.work() as session:
        rows = session.execute(select(workers.c.server, workers.c.seen_at)).all()
        old = datetime.now(UTC) - timedelta(days=1)
        dead = {server for server, seen in rows if (not _lives(server) if database.is_sqlite else seen < old)}
        session.execute(delete(workers).where(workers.c.server.in_(dead)))


def beat(database: Database, server: str) -> None:
    """Say that this server lives: other machines cannot look for its processes."""
    with database.work() as session:
        session.execute(update(workers).where(workers.c.server == server).values(seen_at=datetime.now(UTC)))

"""The parent of a server replaces the processes that the close of a round has marked, one by one.

Each successor is ready before its predecessor is told to stop, and closes of one minute are answered together. See
`votes.db.workers` for the register, and docs/decisions/0017-two-groups.md for the reasons.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from granian._granian import SocketHolder
from granian.server import MPServer
from sqlalchemy.exc import DBAPIError

from votes.db import Database, workers
from votes.staff_group import FORKSERVER, StaffProcesses

log = logging.getLogger(__name__)

#: The environment variable that tells each process the name of its server.
NAME = "VOTES_SERVER"
#: The file in the instance folder that is touched after each replacement: the system restarts the proxy then.
SIGN = "replaced"

#: Seconds between looks at the register, and between signs of life for other machines.
PERIOD = 0.5
BEAT = 10
#: Seconds from one replacement to the next.
TOGETHER = 60
#: Seconds that a new process has to become ready.
START = 60


class _Listening:
    """The listening socket on its way to a new process, where its file has another number."""

    def __init__(self, listening: socket.socket, backlog: int) -> None:
        self._all = listening, backlog

    def __reduce__(self) -> tuple[Callable[[socket.socket, int], SocketHolder], tuple[socket.socket, int]]:
        return _holder, self._all


def _holder(listening: socket.socket, backlog: int) -> SocketHolder:
    holder: Any = SocketHolder
    return holder(listening.detach(), False, backlog)


class VotingServer(MPServer):
    """Granian with one listening socket for all workers, whose new workers are waited for.

    Granian gives each worker a socket of its own; connections that wait there are lost when the worker is replaced.
    """

    #: Wait until a new process is ready; the supervisor sets it.
    ready: Callable[[int, Callable[[], bool]], None] | None = None

    def _init_shared_socket(self) -> None:
        super()._init_shared_socket()
        listening: Any = self._ssp
        self._ssp, self._built = None, listening.build()
        self._sso = socket.socket(fileno=os.dup(self._built.get_fd()))
        self._shd = _Listening(self._sso, self.backlog)  # type: ignore[assignment]

    def _spawn_worker(self, *args: Any, **named: Any) -> Any:
        worker = super()._spawn_worker(*args, **named)
        inner: Any = worker.inner  # not started
        worker.inner = FORKSERVER.Process(name=inner.name, target=inner._target, args=inner._args)
        if self.ready is not None and self.respawned_wrks:  # not at the first start: all start at once
            start, ready = worker.start, self.ready

            def start_and_wait() -> None:
                start()
                ready(worker._id(), lambda: worker.is_alive() and not self.interrupt_signal)

            worker.start = start_and_wait  # type: ignore[method-assign]
        return worker

    def replace(self) -> None:
        """Replace all workers, one by one; return at once."""
        self.reload_signal = True
        self.main_loop_interrupt.set()

    @property
    def pids(self) -> set[int]:
        """Return the ids of the workers that run."""
        return {worker._id() for worker in list(self.wrks) if worker.is_alive()}


class Supervisor:
    """Looks at the register, and replaces what retires."""

    def __init__(
        self, database: Database, server: str, voting: VotingServer, staff: StaffProcesses, instance: Path
    ) -> None:
        self._database, self._server, self._sign = database, server, instance / SIGN
        self._voting, self._staff = voting, staff
        self._stopping = threading.Event()
        self._seen: set[int] = set()
        self._replaced, self._beaten = -float(TOGETHER), 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._replacing = threading.Thread()
        voting.ready = self.wait_until_ready

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking, and remove all processes of this server from the register."""
        self._stopping.set()
        self._thread.join(START)
        with suppress(DBAPIError):
            workers.forget(self._database, self._server, set(self._registered()))
        self._database.dispose()

    def wait_until_ready(self, pid: int, going_on: Callable[[], bool]) -> None:
        """Wait until the process ``pid`` is in the register; not longer than it lives."""
        until = time.monotonic() + START
        while pid not in self._registered() and going_on() and time.monotonic() < until:
            time.sleep(0.1)

    def _registered(self) -> dict[int, bool]:
        return workers.of(self._database, self._server)

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD):
            try:
                self._look()
            except DBAPIError as error:  # the database is away: look again
                log.error("the register of processes cannot be read: %s", type(error).__name__)

    def _look(self) -> None:
        registered = self._registered()
        for pid in self._staff.pids & (self._seen - set(registered)):
            self._staff.release(pid)  # it has closed a round, and ends by itself
        ended = {pid for pid in registered if not Path(f"/proc/{pid}").exists()}
        if ended:
            workers.forget(self._database, self._server, ended)
        self._seen = set(registered) - ended
        if not self._database.is_sqlite and time.monotonic() - self._beaten > BEAT:
            workers.beat(self._database, self._server)
            self._beaten = time.monotonic()
        due = time.monotonic() - self._replaced >= TOGETHER and not self._replacing.is_alive()
        if due and any(registered[pid] for pid in self._seen):
            self._replaced = time.monotonic()
            self._replacing = threading.Thread(target=self._replace, daemon=True)
            self._replacing.start()

    def _replace(self) -> None:
        log.warning("a box was closed: the processes of the server are replaced")
        before = self._voting.pids
        self._voting.replace()
        while before & self._voting.pids and not self._stopping.wait(0.1):
            pass
        self._staff.replace(self.wait_until_ready, lambda pid: pid not in self._registered())
        with suppress(OSError):
            self._sign.touch()

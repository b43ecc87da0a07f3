"""The staff group: processes that answer the pages of staff and citizens, so that those never make a ballot wait.

A process of the voting group takes every request. It answers the pages of the vote itself, and hands each other
request over a Unix socket to a staff process, which runs the same application. See `web.groups` for which is which.
A frame on the socket is: the length of a JSON text and of a body (8 bytes each, big endian), the text, the body.
A large body of a request does not follow: with the lengths comes the file in memory that holds it.
"""

import asyncio
import json
import logging
import multiprocessing
import os
import select
import shutil
import signal
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO, FileIO
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from votes.scheduling import step_back

log = logging.getLogger(__name__)

#: The key of the WSGI environment: there in a process that can hand over; set to a `Lane` by the application to do so.
HANDED_OVER = "votes.handed_over"
#: The environment variable that tells a voting process where the socket of the staff group is.
SOCKET = "VOTES_STAFF_SOCKET"

#: How processes start: as copies of one that has read the program (`votes.preloaded`) and never sees a request. A new
#: interpreter would take two seconds of a core, in the minute of a close, beside halls that vote.
FORKSERVER = multiprocessing.get_context("forkserver")

#: Seconds after which a request handed over is given up: a large archive takes about one minute.
LONGEST_WORK = 300
#: Seconds that a staff process has for its request when it is replaced.
LAST_REQUEST = 30

_LENGTHS = struct.Struct(">QQ")


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Lane(StrEnum):
    """Where a request waits for the staff group, so that a crowd of strangers stands in nobody's way."""

    SIGNED_IN = "signed in"
    STRANGERS = "strangers"


#: Requests of each lane that a voting process has handed over at a time; the others wait in order. Half of the staff
#: processes serve strangers: a storm of sign-ins leaves the other cores to the ballots, and to whoever is signed in.
AT_A_TIME = {Lane.SIGNED_IN: 64, Lane.STRANGERS: 1}
#: Requests that a voting process holds for the staff group; further ones are told to come back.
MOST_WAITING = 1000


def paths_of(path: str) -> dict[Lane, str]:
    """Return the path of each lane's socket; ``path`` is that of those who are signed in."""
    return {Lane.SIGNED_IN: path, Lane.STRANGERS: f"{path}.strangers"}


class StaffAwayError(Exception):
    """No staff process answers."""


def _frame(text: Any, body: bytes) -> bytes:
    encoded = json.dumps(text, ensure_ascii=False).encode()
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


# --- the side of the voting group -------------------------------------------------------------------------


class StaffGroup:
    """The staff group, as a voting process sees it."""

    def __init__(self, path: str) -> None:
        self._paths = paths_of(path)
        self._lanes = {lane: asyncio.Semaphore(most) for lane, most in AT_A_TIME.items()}
        self._held = 0

    async def ask(self, environ: dict[str, str], body: BytesIO | FileIO, lane: Lane) -> Answer:
        """Hand a request over and return its answer.

        Raises StaffAwayError where no process answers, and where too many wait already.
        """
        if self._held >= MOST_WAITING:
            raise StaffAwayError
        self._held += 1
        try:
            async with self._lanes[lane]:
                return await self._ask(environ, body, self._paths[lane])
        finally:
            self._held -= 1

    async def _ask(self, environ: dict[str, str], body: BytesIO | FileIO, path: str) -> Answer:
        try:
            async with asyncio.timeout(LONGEST_WORK):
                reader, writer = await _open(path, environ, body)
                try:
                    await writer.drain()
                    lengths = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
                    text, content = [await reader.readexactly(length) for length in lengths]
                finally:
                    writer.close()
        except (OSError, EOFError, TimeoutError) as error:
            log.error("no staff process answered: %s", type(error).__name__)
            raise StaffAwayError from error
        head = json.loads(text)
        return Answer(head["status"], [(name, value) for name, value in head["headers"]], content)


async def _open(
    path: str, environ: dict[str, str], body: BytesIO | FileIO
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to a staff process and send it the request."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, path)
        frame = _frame(environ, body.getvalue() if isinstance(body, BytesIO) else b"")
        if isinstance(body, FileIO):
            socket.send_fds(connection, [frame[: _LENGTHS.size]], [body.fileno()])
            frame = frame[_LENGTHS.size :]
        reader, writer = await asyncio.open_unix_connection(sock=connection)
    except BaseException:
        connection.close()
        raise
    writer.write(frame)
    return reader, writer


# --- the side of the staff group --------------------------------------------------------------------------


def _read_frame(connection: socket.socket) -> tuple[Any, BytesIO | FileIO] | None:
    """Return text and body of the next frame; None where the other side is gone."""
    lengths, files, _, _ = socket.recv_fds(connection, _LENGTHS.size, 1)
    large = [FileIO(file, "r") for file in files]
    if len(lengths) < _LENGTHS.size:  # sixteen bytes are never sent in two pieces
        return None
    text_length, body_length = _LENGTHS.unpack(lengths)
    with connection.makefile("rb") as stream:
        text, body = stream.read(text_length), stream.read(body_length)
    if len(text) < text_length or len(body) < body_length:
        return None
    return json.loads(text), large[0] if large else BytesIO(body)


class Staff(NamedTuple):
    """What runs in a staff process: what answers a request, and what follows the answer.

    The second says whether the process has to end.
    """

    answer: Callable[[dict[str, Any], BytesIO | FileIO], Answer]
    afterwards: Callable[[], bool]


def work(listeners: list[socket.socket], load: Callable[[], Staff]) -> None:
    """Answer the requests of ``listeners`` one at a time until SIGTERM, until the parent is gone, or until the process has to end.

    ``load`` runs in this process, before the first request.
    """
    parent = os.getppid()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setpgid(0, 0)
    step_back()
    staff = load()
    while not stopping.is_set() and os.getppid() == parent:
        waiting, _, _ = select.select(listeners, [], [], 0.5)
        try:
            connection, _ = waiting[0].accept()
        except (IndexError, BlockingIOError):  # nobody came, or another process was faster
            continue
        with connection, suppress(OSError):
            connection.settimeout(LONGEST_WORK)
            request = _read_frame(connection)
            if request is not None:
                with request[1]:
                    given = staff.answer(*request)
                head = {"status": given.status, "headers": given.headers}
                connection.sendall(_frame(head, given.body))
        if staff.afterwards():
            break


class StaffProcesses:
    """Starts the staff processes beside the server, starts one again that has died, replaces and stops them."""

    def __init__(self, count: int, load: Callable[[], Staff]) -> None:
        self._count, self._load = count, load
        # The path of a Unix socket must be short; the folder is private.
        self._folder = tempfile.mkdtemp(prefix="votes-")
        self.path = str(Path(self._folder) / "staff.sock")
        self._listeners = []
        for path in paths_of(self.path).values():
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(path)
            listener.listen(4096)
            listener.setblocking(False)
            self._listeners.append(listener)
        self._processes: list[BaseProcess] = []
        self._leaving: list[BaseProcess] = []
        self._changing = threading.Lock()
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Start the processes."""
        self._processes = [self._spawn(place) for place in range(self._count)]
        self._watcher.start()

    @property
    def pids(self) -> set[int]:
        """Return the ids of the processes that take requests, without those that are leaving."""
        with self._changing:
            return {process.pid for process in self._processes if process.pid is not None}

    def release(self, pid: int) -> None:
        """Start a successor of a process that ends by itself."""
        with self._changing:
            for place, process in enumerate(self._processes):
                if process.pid == pid and not self._stopping.is_set():
                    self._leaving.append(process)
                    self._processes[place] = self._spawn(place)

    def replace(
        self, wait_until_ready: Callable[[int, Callable[[], bool]], None], has_left: Callable[[int], bool]
    ) -> None:
        """Replace the processes one by one. Each finishes its request, for at most `LAST_REQUEST` seconds.

        One that ``has_left`` the register has closed a box: it waits for the others, counts, and ends by itself.
        """
        for pid in self.pids:
            with self._changing:
                old = next((each for each in self._processes if each.pid == pid), None)
                if old is None or self._stopping.is_set():
                    continue
                place = self._processes.index(old)
                new = self._processes[place] = self._spawn(place)
                self._leaving.append(old)
            wait_until_ready(new.pid or 0, lambda new=new: new.is_alive() and not self._stopping.is_set())  # type: ignore[misc]
            old.terminate()
            until = time.monotonic() + LAST_REQUEST
            while old.is_alive() and not has_left(pid) and time.monotonic() < until:
                old.join(0.2)
            if old.is_alive() and not has_left(pid):
                log.error("a staff process did not finish its request in time and is stopped")
                old.kill()
                old.join()

    def stop(self, seconds: float = 15) -> None:
        """Let each process finish its request, for at most ``seconds``, and remove the socket."""
        self._stopping.set()
        self._watcher.join(seconds)
        with self._changing:
            processes = self._processes + self._leaving
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(seconds)
            if process.is_alive():
                process.kill()
        for listener in self._listeners:
            listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _spawn(self, place: int) -> BaseProcess:
        """Start the process of that place; those of the first half (one at least) serve strangers too."""
        listeners = self._listeners if place < max(1, self._count // 2) else self._listeners[:1]
        process = FORKSERVER.Process(target=work, args=(listeners, self._load), name="staff", daemon=True)
        process.start()
        return process

    def _watch(self) -> None:
        while not self._stopping.wait(0.5):
            with self._changing:
                self._leaving = [process for process in self._leaving if process.is_alive()]
                for place, process in enumerate(self._processes):
                    if not process.is_alive():
                        if process.exitcode:
                            log.error("a staff process stopped (exit code %s)", process.exitcode)
                        self._processes[place] = self._spawn(place)

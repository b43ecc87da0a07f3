"""The real server under malice, and what it does when a box is closed: whole processes, on loopback."""

import os
import re
import signal
import socket
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import insert, select

from tests import plumbing, storm
from tests.services.voting.test_vote import BY, NOW, close, make_hall, open_
from tests.test_storm import PROJECTS, SEATS, cards_of, settings
from votes.db import workers
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds
from votes.services.voting import closing

pytestmark = pytest.mark.slow


@pytest.fixture
def hall(world: Any) -> dict[str, Any]:
    made = make_hall(world, deputies=6, projects=PROJECTS, seats=SEATS)
    open_(world, made)
    return made


@pytest.fixture
def phones(world: Any, hall: dict[str, Any], tmp_path: Path) -> list[storm.Phone]:
    cards = cards_of(world)
    return storm.phones(
        world.app, tmp_path / "server", hall["round"], cards, projects=PROJECTS, seats=SEATS, seed=1
    )


@pytest.fixture
def server(world: Any, phones: list[storm.Phone], tmp_path: Path) -> Iterator[plumbing.RunningServer]:
    """Run the server with one process in each group."""
    with plumbing.serve_granian(tmp_path / "server", {**settings(world), "WORKERS": "1"}) as running:
        yield running


def registered(world: Any) -> dict[int, bool]:
    """Return the processes in the register: pid, and whether a close has marked it."""
    with world.database.work(write=False) as session:
        rows = session.execute(select(workers.workers.c.pid, workers.workers.c.retiring))
        return {row.pid: row.retiring for row in rows}


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until ``condition`` holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def staff_of(world: Any) -> list[int]:
    """Return the processes of the staff group: the voting group goes before them."""
    return [pid for pid in registered(world) if os.sched_getscheduler(pid) == os.SCHED_BATCH]


def status_of(url: str) -> int:
    try:
        return int(urllib.request.urlopen(url, timeout=30).status)
    except urllib.error.HTTPError as error:
        return error.code


def send(server: plumbing.RunningServer, raw: bytes) -> socket.socket:
    """Return a connection on which ``raw`` has been sent."""
    connection = socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0))
    connection.settimeout(40)
    connection.sendall(raw)
    return connection


HALF = b"POST /vote/1/cast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400\r\n\r\nm1=f"


@pytest.mark.sqlite
def test_half_sent_and_idle_requests_do_not_stop_a_vote(
    server: plumbing.RunningServer, phones: list[storm.Phone]
) -> None:
    with ExitStack() as held:
        for raw in [HALF] * 300 + [b""] * 300 + [b"GET / HTTP/1.1\r\nX"] * 100:
            held.enter_context(send(server, raw))
        start = time.monotonic()
        phones[0].cast(server.url, most=1)
        assert phones[0].acknowledged
        assert time.monotonic() - start < 5
        gone = send(server, HALF)
        gone.close()  # a phone that loses its network
        phones[1].cast(server.url, most=1)
    assert phones[1].acknowledged
    assert "Traceback" not in server.said


@pytest.mark.sqlite
def test_bodies_and_paths_that_make_no_sense_are_answered(server: plumbing.RunningServer) -> None:
    large = send(
        server, b"POST /vote/1/cast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"
    )
    assert large.recv(100).startswith(b"HTTP/1.1 413 ")
    slow = send(server, HALF)
    assert slow.recv(100).startswith(b"HTTP/1.1 408 ")
    expected = {
        b"/%68ealthz": b"200",
        b"/health%2Fz": b"404",
        b"/%E4%B8%AD": b"404",
        b"/\xe4\xb8\xad": b"404",
        b"/%ff": b"404",
    }
    for path, status in expected.items():
        raw = (
            b"GET "
            + path
            + b"?q=\xe4\xb8\xad HTTP/1.1\r\nHost: localhost\r\nX-Odd: \xe4\xb8\xad\r\nConnection: close\r\n\r\n"
        )
        assert send(server, raw).recv(100).split()[1] == status, path
    assert "Traceback" not in server.said


def test_killed_staff_group_leaves_the_vote_alone_and_comes_back(
    world: Any, server: plumbing.RunningServer, phones: list[storm.Phone]
) -> None:
    until(lambda: len(registered(world)) == 2)
    assert status_of(f"{server.url}/sign-in") == 200
    (staff,) = staff_of(world)
    os.kill(staff, signal.SIGSTOP)  # a page of staff that takes very long
    phones[0].cast(server.url, most=1)
    assert phones[0].acknowledged
    os.kill(staff, signal.SIGKILL)
    phones[1].cast(server.url, most=1)
    assert phones[1].acknowledged
    until(lambda: staff not in registered(world) and len(registered(world)) == 2)
    assert status_of(f"{server.url}/sign-in") == 200


def test_close_replaces_every_process_before_the_count(
    world: Any, hall: dict[str, Any], server: plumbing.RunningServer, phones: list[storm.Phone]
) -> None:
    until(lambda: len(registered(world)) == 2)
    for phone in phones:
        phone.cast(server.url)
    before = set(registered(world))
    close(world, hall)  # in this process, which is none of the server's: it waits for the server and counts
    after = registered(world)
    assert set(after) & before == set()
    assert [pid for pid in before if Path(f"/proc/{pid}").exists()] == []
    assert list(after.values()) == [False] * len(after)
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.COUNTED
    assert status_of(f"{server.url}/healthz") == 200
    assert status_of(f"{server.url}/sign-in") == 200
    assert "Killing" not in server.said


@pytest.mark.sqlite
def test_files_and_memory_are_for_their_owner_only(
    world: Any, phones: list[storm.Phone], tmp_path: Path
) -> None:
    with plumbing.serve_granian(tmp_path / "server", {**settings(world), "WORKERS": "1"}) as server:
        until(lambda: len(registered(world)) == 2)
        assert stat.S_IMODE((tmp_path / "server").stat().st_mode) == 0o700
        for pid in [server.process.pid, *registered(world)]:
            assert re.search(r"^Umask:\t0077$", Path(f"/proc/{pid}/status").read_text(), re.M)
            assert re.search(r"^Max core file size\s+0\s+0", Path(f"/proc/{pid}/limits").read_text(), re.M)
    assert registered(world) == {}, "the server stopped, and left itself in the register"


# --- the register by itself ---------------------------------------------------------------------------------


def add_row(world: Any, server: str, seen: datetime) -> None:
    """Write a process of ``server`` that a close has marked."""
    row = {"server": server, "pid": 1, "retiring": True, "seen_at": seen}
    with world.database.work() as session:
        session.execute(insert(workers.workers).values(**row))


def test_rows_of_a_killed_server_hold_no_count_up(world: Any) -> None:
    add_row(world, "00000000-1-1", datetime.now(UTC) - timedelta(days=2))
    asked: list[bool] = []
    workers.when_replaced(world.database, asked.append)
    assert asked == [True]
    workers.forget_dead_servers(world.database)
    assert registered(world) == {}


@pytest.mark.postgresql
def test_count_waits_for_the_processes_of_another_machine(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    add_row(world, "ffffffff-1-1", datetime.now(UTC) - timedelta(seconds=30))
    asked: list[bool] = []
    workers.when_replaced(world.database, asked.append)
    workers.forget(world.database, "ffffffff-1-1", {1})
    workers.when_replaced(world.database, asked.append)
    assert asked == [False, True]


def test_process_that_closes_leaves_and_counts_after_its_answer(world: Any) -> None:
    server, asked = workers.new_server(), []
    workers.enter(world.database, server)
    try:
        with world.database.work():
            workers.retire_all()
            assert workers.any_retiring()
        workers.when_replaced(world.database, asked.append)
        assert asked == []  # the answer comes first
        assert registered(world) == {}
        assert workers.last_acts()
        assert asked == [True]
    finally:
        workers._Me.server, workers._Me.leaving = None, False


def test_count_waits_and_is_refused_in_words_until_all_are_replaced(
    world: Any, hall: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = workers.new_server()
    workers.enter(world.database, server)
    monkeypatch.setattr(workers._Me, "server", None)  # another process than the one that closes
    monkeypatch.setattr(workers, "PATIENCE", 0)
    close(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.state == RoundState.CLOSED
        with pytest.raises(RuleBroken, match="正在逐个更换进程"):
            closing.resume_count(round_, by=BY, now=NOW)
    workers.forget(world.database, server, {os.getpid()})
    with world.work():
        closing.resume_count(rounds.get_round(hall["round"]), by=BY, now=NOW)
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.COUNTED

"""The hunt after the close and the count: memory of every process, PostgreSQL's log, the proxies. See tests/traces.py.

Each hunt is also run where what should destroy the traces is switched off: it has to find them there.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import plumbing, storm, traces
from tests.services.voting.test_vote import close, make_hall, open_
from tests.test_server import registered, until
from tests.test_storm import cards_of, settings
from votes.db import workers
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds

pytestmark = pytest.mark.slow

DEPUTIES, PROJECTS = 60, 6


@pytest.fixture
def hall(world: Any) -> dict[str, Any]:
    made = make_hall(world, deputies=DEPUTIES, projects=PROJECTS, disclosure="codes")
    open_(world, made)
    return made


@pytest.fixture
def phones(world: Any, hall: dict[str, Any], tmp_path: Path) -> list[storm.Phone]:
    made = storm.phones(
        world.app, tmp_path / "server", hall["round"], cards_of(world), projects=PROJECTS, seats=3, seed=3
    )
    random.Random(5).shuffle(made)
    return made


def truth_of(phones: list[storm.Phone]) -> dict[str, list[str]]:
    """Return for each code what names its deputy in a request: the cookie of the card, and the token of the form."""
    return {
        phone.code: [max(phone.headers["Cookie"].partition("=")[2].split("."), key=len), phone.token]
        for phone in phones
    }


def voted(world: Any, url: str, phones: list[storm.Phone]) -> None:
    for phone in phones:
        phone.cast(url, most=3)
    assert [phone for phone in phones if not phone.acknowledged] == []


def check_counted(world: Any, hall: dict[str, Any]) -> None:
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.COUNTED


def readable_memory(pid: int) -> None:
    try:
        next(traces.memory(pid))
    except PermissionError:
        pytest.skip("the memory of other processes can be read by root only")


@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "kept"])
def test_memory_of_the_server_after_the_close_joins_nobody_with_a_ballot(
    world: Any,
    hall: dict[str, Any],
    phones: list[storm.Phone],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, Any], None],
    replaced: bool,
) -> None:
    if not replaced:
        monkeypatch.setattr(workers, "retire_all", lambda: None)
    with plumbing.serve_granian(tmp_path / "server", {**settings(world), "WORKERS": "2"}) as server:
        until(lambda: len(registered(world)) == 4)
        readable_memory(server.process.pid)
        voted(world, server.url, phones)
        close(world, hall)
        check_counted(world, hall)
        pids = traces.family(server.process.pid)
        assert set(registered(world)) < set(pids)
        found = traces.hunt(traces.memory_of(pids), truth_of(phones))
    record_property("found", str(found))
    assert found.better_than_chance != replaced, found
    assert not replaced or found.paired == 0, found

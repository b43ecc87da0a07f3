"""The hunt after the close and the count: memory of every process, PostgreSQL's log, the proxies. See tests/traces.py.

Each hunt is also run where what should destroy the traces is switched off: it has to find them there.
"""

import http.client
import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories, plumbing, proxies, storm, traces
from tests.services.voting.test_vote import cast, close, make_hall, open_
from tests.test_server import registered, until
from tests.test_storm import cards_of, settings
from votes import migrations
from votes.db import Database, workers
from votes.models import Turnout, table_of
from votes.rules.codes import new_code
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import opening_checks, rounds

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


# --- the proxies as shipped ------------------------------------------------------------------------------------


def through(proxy: proxies.Proxy) -> Callable[..., storm.Answer]:
    """Return what stands for `storm.ask`: a request by way of the proxy, over HTTPS."""

    def ask(
        base: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}
    ) -> storm.Answer:
        connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=30)
        connection.sock = proxy.connect()
        try:
            own = {**headers, "Connection": "close", "Referer": f"{proxy.url}/"}
            connection.request(method, path, body or None, own)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read()
        finally:
            connection.close()

    return ask


def reload(folder: Path) -> None:
    """Reload nginx, as deploy/minsheng-vote-proxy.service does, and wait until its old processes have ended."""
    master = int((folder / "pid").read_text())
    before = set(traces.family(master)) - {master}
    os.kill(master, signal.SIGHUP)
    until(lambda: not before & set(traces.family(master)))


@pytest.mark.sqlite
@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_proxy_as_shipped_joins_nobody_with_a_ballot_after_it_was_restarted(
    world: Any,
    hall: dict[str, Any],
    phones: list[storm.Phone],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, Any], None],
    kind: str,
) -> None:
    if not proxies.is_there(kind):
        pytest.skip(f"{kind} is not installed")
    readable_memory(os.getpid())
    env = {"WORKERS": "1", "TRUSTED_PROXIES": "127.0.0.1", "ALLOWED_HOSTS": proxies.NAME}
    folders = [tmp_path / "first", tmp_path / "second"]
    with plumbing.serve_granian(tmp_path / "server", {**settings(world), **env}) as server:
        port = urlsplit(server.url).port or 0
        with proxies.run(kind, port, folders[0]) as proxy:
            monkeypatch.setattr(storm, "ask", through(proxy))
            voted(world, proxy.url, phones)
            close(world, hall)
            check_counted(world, hall)
            before = memory_of_proxy(kind, phones)
            if kind == "nginx":
                reload(folders[0])
                after = memory_of_proxy(kind, phones)
        if kind == "caddy":
            with proxies.run(kind, port, folders[1]):
                after = memory_of_proxy(kind, phones)
    record_property("found", f"before {before}, after {after}")
    written = [traces.hunt(traces.files(folder), truth_of(phones)) for folder in folders if folder.exists()]
    # nginx uses its buffers again, so that only the last ballots are left in them.
    assert before.right, "there was something to end"
    assert (after.ballots, after.paired) == (0, 0)
    assert {each.ballots for each in written} == {0}, "no log and no file has a ballot"


def memory_of_proxy(kind: str, phones: list[storm.Phone]) -> traces.Found:
    """Hunt in the processes of the proxy that this test has started."""
    family = traces.family(os.getpid())
    pids = [pid for pid in family if kind in Path(f"/proc/{pid}/comm").read_text()]
    return traces.hunt(traces.memory_of(pids), truth_of(phones))


# --- PostgreSQL's own log ---------------------------------------------------------------------------------------


#: As docs/operations.md asks for; what was cast stands in the log at once.
CAREFUL = ("wal_recycle=off", "synchronous_commit=on")


@pytest.fixture(scope="module")
def careful() -> Iterator[plumbing.PostgresServer]:
    """Run a PostgreSQL as docs/operations.md asks for, with an application's role that is no superuser."""
    server = plumbing.PostgresServer(*CAREFUL)
    yield server
    server.stop()


GRANTS = ("GRANT pg_checkpoint TO votes", "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO votes")


@pytest.fixture(params=[True, False], ids=["granted", "not-granted"])
def own_role(
    request: pytest.FixtureRequest, app: Flask, careful: plumbing.PostgresServer
) -> Iterator[tuple[Any, bool]]:
    """Yield a world on a database of that role, and whether the close may clear the log."""
    url = careful.new_database()
    name = url.partition("?")[0].rpartition("/")[2]
    careful.run(
        url,
        "CREATE ROLE votes LOGIN NOSUPERUSER",
        f"ALTER DATABASE {name} OWNER TO votes",
        "ALTER SCHEMA public OWNER TO votes",
        *(GRANTS if request.param else ()),
    )
    database = Database(url.replace("postgres@", "votes@"))
    migrations.upgrade(database)
    before, app.extensions["votes.database"] = app.extensions["votes.database"], database
    yield factories.make_world(app, database), request.param
    app.extensions["votes.database"] = before
    database.dispose()
    careful.drop_database(url)
    careful.run("/postgres", "DROP ROLE votes")


def voted_in(world: Any, hall: dict[str, Any]) -> dict[str, list[str]]:
    """Let everybody vote; return for each code the mark of its deputy in the turnout, which stands in the log."""
    truth = {}
    for number in random.Random(9).sample(range(DEPUTIES), DEPUTIES):
        code = new_code()
        cast(world, hall, number, {1: "for"}, code)
        truth[code] = hall["deputies"][number]
    with world.work() as session:
        table = table_of(Turnout)
        marks = dict(map(tuple, session.execute(select(table.c.deputy_id, table.c.resend_mark))))
    return {code: [marks[deputy_id]] for code, deputy_id in truth.items()}


@pytest.mark.postgresql
def test_log_of_postgresql_is_cleared_by_the_close_with_a_role_that_is_no_superuser(
    own_role: tuple[Any, bool],
    careful: plumbing.PostgresServer,
    record_property: Callable[[str, Any], None],
) -> None:
    world, granted = own_role
    hall = make_hall(world, deputies=DEPUTIES, projects=PROJECTS)
    open_(world, hall)
    owners = voted_in(world, hall)
    with world.work():
        assert ("wal_rights" in opening_checks.found(careful.data)) != granted
        assert "wal_recycle" not in opening_checks.found(careful.data)
    log = careful.data / "pg_wal"
    before = traces.hunt(traces.files(log), owners)
    close(world, hall)
    check_counted(world, hall)
    after = traces.hunt(traces.files(log), owners)
    everywhere = traces.hunt(traces.files(careful.data / "base"), owners)
    record_property("found", f"open {before}, closed {after}, tables {everywhere}")
    assert before.better_than_chance
    assert not granted or after.ballots == 0  # without the rights PostgreSQL may happen to remove it itself
    assert everywhere.paired == 0


@pytest.mark.postgresql
def test_close_clears_the_log_of_a_named_standby_before_the_count(
    app: Flask, record_property: Callable[[str, Any], None]
) -> None:
    careful = plumbing.PostgresServer(*CAREFUL, "wal_level=replica", "max_wal_senders=4")
    url = careful.new_database()
    before = app.extensions["votes.database"]
    try:
        migrations.upgrade(Database(url))
        with careful.standby() as (socket, data):
            database = Database(url, standbys=[url.partition("host=")[0] + f"host={socket}"])
            app.extensions["votes.database"] = database
            world = factories.make_world(app, database)
            hall = make_hall(world, deputies=DEPUTIES, projects=PROJECTS)
            open_(world, hall)
            owners = voted_in(world, hall)
            with world.work():
                assert "named_standby" in opening_checks.found(careful.data)
            until(lambda: traces.hunt(traces.files(data / "pg_wal"), owners).better_than_chance)
            close(world, hall)
            check_counted(world, hall)
            after = [traces.hunt(traces.files(node / "pg_wal"), owners) for node in (careful.data, data)]
            database.dispose()
        record_property("found", str(after))
        assert [each.ballots for each in after] == [0, 0]
    finally:
        app.extensions["votes.database"] = before
        careful.stop()

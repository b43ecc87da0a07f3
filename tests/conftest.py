"""An empty database for every test, on SQLite and on PostgreSQL; browsers for every role."""

import copy
import gc
import os
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests import factories, plumbing, world as whole
from tests.pages import Browser
from votes import create_app, migrations
from votes.db import EVERY_BODY, Database, WorkSession
from votes.services.meeting import card_secrets
from votes.services.people import passwords
from votes.services.voting import ballots, bulletin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=["sqlite", "postgresql", "both"], default="both", help="databases to run the tests on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set up the run: temporary folders in memory where there is room, patient Hypothesis, a seldom garbage collector."""
    slow = [hypothesis.HealthCheck.too_slow]  # how quick something is is measured in bench/
    hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("patient")
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    if folder := plumbing.quick_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


@pytest.hookimpl(optionalhook=True)  # there is no such hook without pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """Return three processes for two cores: a journey waits half its time for the browser."""
    return max(1, len(os.sched_getaffinity(0)) * 3 // 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run files with journeys and slow tests first, so that no process waits at the end for a long one."""
    long = {
        item.path for item in items if item.get_closest_marker("journey") or item.get_closest_marker("slow")
    }
    items.sort(key=lambda item: item.path not in long)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        marker = metafunc.definition.get_closest_marker
        if chosen == "both" and marker("both") is None:
            # What people see of a page does not hang on the database. That every page and every form works on both
            # is shown by tests/test_requests.py, what stands behind them by the services' tests.
            if marker("sqlite") or marker("journey") or "views" in metafunc.definition.path.parts:
                chosen = "sqlite"
            elif marker("postgresql"):
                chosen = "postgresql"
        metafunc.parametrize(
            "backend", ["sqlite", "postgresql"] if chosen == "both" else [chosen], scope="session"
        )


@pytest.fixture(scope="session", autouse=True)
def _cheap_pins() -> Iterator[None]:
    """Hash PINs cheaply: cards are issued by the hundred."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card_secrets, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return where the databases that tests copy are listed, each made once a run."""
    return {"folder": tmp_path_factory.mktemp("templates")}


def _template(
    templates: dict[str, Any],
    backend: str,
    name: str = "empty",
    fill: Callable[[Database], None] = migrations.upgrade,
    on: str | None = None,
) -> Any:
    """Return the database of that name, made once a run: a copy of the one named ``on``, then ``fill``ed."""
    if (backend, name) not in templates:
        below = templates[backend, on] if on else None
        if backend == "sqlite":
            source: Any = templates["folder"] / f"{len(templates)}.db"
            if below:
                shutil.copy(below, source)
            database = Database(f"sqlite:///{source}")
        else:
            source = plumbing.postgres_server().new_database(below)
            database = Database(source)
        fill(plumbing.well_read(database))
        database.dispose()
        templates[backend, name] = source
    return templates[backend, name]


@contextmanager
def fresh_database(
    templates: dict[str, Any], backend: str, folder: Path, name: str = "empty", *, recycled: bool = False
) -> Iterator[str]:
    """Yield the URL of a copy of the named template (usually empty but migrated) that is gone after the block.

    ``recycled``: on PostgreSQL it may be one that an earlier test has used, restored.
    """
    source = templates[backend, name] if name != "empty" else _template(templates, backend)
    if backend == "sqlite":
        copy = folder / "votes.db"
        shutil.copy(source, copy)
        yield f"sqlite:///{copy}"
    else:
        with (plumbing.recycled_pg_database if recycled else plumbing.pg_database)(source) as url:
            yield url


@pytest.fixture(scope="session")
def one_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Create the application once; each test puts its own database under it."""
    return create_app(
        {
            "INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")),
            "SECRET_KEY": "for the tests only",
            "PUBLIC_URL": "http://hall.example",
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,  # tests/test_forms.py and the journeys run with it
        }
    )


@pytest.fixture
def app(
    one_app: Flask,
    templates: dict[str, Any],
    backend: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """Return the application over a database of this test's own, filled as its fixtures ask.

    `world` is made once a run and copied. So is what a module adds to it in ``PREPARED``: {fixture: function of the world,
    or a partial of one}. That fixture returns `prepared[fixture]`, the value that the function returned. A test asks for
    one such fixture at most.
    """
    before = one_app.extensions["votes.database"]
    name = _prepare(one_app, templates, backend, request)
    recycled = request.node.get_closest_marker("fresh_database") is None
    ballots._papers.clear()  # kept by public id, and copies of one template have the same
    bulletin._minutes.clear()
    with fresh_database(templates, backend, tmp_path, name, recycled=recycled) as url:
        one_app.extensions["votes.database"] = plumbing.well_read(Database(url))
        yield one_app
        one_app.extensions["votes.database"].dispose()
    one_app.extensions["votes.database"] = before


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["votes.database"]
    return found


@pytest.fixture
def work(app: Flask, database: Database) -> Iterator[WorkSession]:
    """Open a unit of work for a service test (rolled back at the end unless the test commits)."""
    with app.app_context(), database.work(scope=EVERY_BODY) as session:
        yield session
        session.rollback()


def _prepare(app: Flask, templates: dict[str, Any], backend: str, request: pytest.FixtureRequest) -> str:
    """Return the name of the template that the test's fixtures ask for; make it for the first such test."""
    if "world" not in request.fixturenames:
        return "empty"
    made = templates.setdefault("made", {})
    _template(templates, backend)

    def fill_world(database: Database) -> None:
        made["world"] = factories.make_world(app, database)

    _template(templates, backend, "world", fill_world, on="empty")
    for fixture, build in getattr(request.module, "PREPARED", {}).items():
        if fixture in request.fixturenames:
            name = _name_of(build)

            def fill(database: Database, name: str = name, build: Any = build) -> None:
                made[backend, name] = build(made["world"].on(app, database))

            _template(templates, backend, name, fill, on="world")
            return name
    return "world"


def _name_of(build: Callable[..., Any]) -> str:
    """Return one name for all modules that prepare the same."""
    if isinstance(build, partial):
        options = ",".join(f"{key}={value}" for key, value in sorted(build.keywords.items()))
        return f"{_name_of(build.func)}({options})"
    return f"{build.__module__}.{build.__qualname__}"


@pytest.fixture
def prepared(
    templates: dict[str, Any], backend: str, world: factories.World, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Return what the functions in the module's ``PREPARED`` returned, by fixture: a copy that the test may change."""
    builds = getattr(request.module, "PREPARED", {})
    made = {fixture: templates["made"].get((backend, _name_of(build))) for fixture, build in builds.items()}
    return copy.deepcopy(made)


@pytest.fixture
def world(app: Flask, database: Database, templates: dict[str, Any]) -> factories.World:
    """Return two counties that know nothing of each other, a township below the first, and an account of every role."""
    made: factories.World = templates["made"]["world"]
    return made.on(app, database)


@pytest.fixture
def no_demo(world: factories.World) -> factories.World:
    """Make the bodies of the world real ones: the rules that a demo goes without hold (两步验证, fresh accounts)."""
    world.be_demo(False)
    return world


@pytest.fixture
def hall(prepared: dict[str, Any]) -> Any:
    """Return the ids of the session that the module prepares as "hall"."""
    return prepared["hall"]


@pytest.fixture
def closed(prepared: dict[str, Any]) -> Any:
    """Return the ids of the session whose round the module prepares as "closed"."""
    return prepared["closed"]


@pytest.fixture
def counted(prepared: dict[str, Any]) -> Any:
    """Return the ids of the session whose round the module prepares as "counted"."""
    return prepared["counted"]


@pytest.fixture
def planned(prepared: dict[str, Any]) -> Any:
    """Return the ids of the session that the module prepares as "planned": it has not begun."""
    return prepared["planned"]


@pytest.fixture
def as_(app: Flask, world: factories.World) -> Any:
    """`as_("office")`, `as_("office", "other")`: return a browser in which that role of that body is signed in."""

    def browser(role: str | None = None, body: str = "county") -> Browser:
        made = Browser(app)
        if role:
            made.sign_in(world.user_key(role, body))
        return made

    return browser


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no PDF, where its content does not matter: drawing takes seconds."""

    def pages(documents: Iterable[Any], report: Any = None, **options: Any) -> bytes:
        for number, _ in enumerate(documents, start=1):
            if report:
                report(number)
        return b"%PDF-"

    monkeypatch.setattr("votes.exports.formats.pdf.render", lambda *args, **options: b"%PDF-")
    monkeypatch.setattr("votes.exports.formats.pdf.copies", lambda *args, **options: b"%PDF-")
    monkeypatch.setattr("votes.exports.formats.pdf.render_pages", pages)


@contextmanager
def shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """Yield a folder that all processes of this run share, locked against the other processes."""
    here = tmp_path_factory.getbasetemp()
    root = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    with (root / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        (root / name).mkdir(exist_ok=True)
        yield root / name


@pytest.fixture(scope="session")
def made_year(
    one_app: Flask, templates: dict[str, Any], backend: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[whole.Year]:
    """Make the world of tests/world.py on this database, once; on SQLite once for all processes of the run."""

    def make(url: str) -> whole.Year:
        database = whole.DryDatabase(url)
        before = one_app.extensions["votes.database"]
        one_app.extensions["votes.database"] = database
        with whole.standing_at():
            made = whole.make_year(one_app, database)
        one_app.extensions["votes.database"] = before
        return made

    folder = tmp_path_factory.mktemp("year")
    if backend == "sqlite":
        uploads = Path(one_app.instance_path, "uploads")
        with shared_folder(tmp_path_factory, "year") as shared:
            kept = shared / "kept"
            if not kept.exists():
                with fresh_database(templates, backend, shared) as url:
                    made = make(url)
                    made.database.dispose()
                shutil.copytree(uploads, shared / "uploads")
                kept.write_bytes(pickle.dumps((made.world.ids, made.ids, made.keys)))
            shutil.copytree(shared / "uploads", uploads, dirs_exist_ok=True)
            shutil.copy(shared / "votes.db", folder)
            ids, *rest = pickle.loads(kept.read_bytes())
        database = whole.DryDatabase(f"sqlite:///{folder}/votes.db")
        yield whole.Year(one_app, database, factories.World(one_app, database, **ids), *rest)
        database.dispose()
    else:
        with fresh_database(templates, backend, folder) as url:
            made = make(url)
            yield made
            made.database.dispose()


@pytest.fixture
def year(one_app: Flask, made_year: whole.Year, monkeypatch: pytest.MonkeyPatch) -> Iterator[whole.Year]:
    """Put that world under the application, on its day; roll back what the test posts."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)  # accounts are opened by the dozen
    before = one_app.extensions["votes.database"]
    one_app.extensions["votes.database"] = made_year.database
    made_year.database.dry = True
    with whole.standing_at():
        for who in whole.PEOPLE:  # the rows of their sign-ins are there before a test compares the tables
            made_year.browser(who)
        yield made_year
    one_app.extensions["votes.database"] = before

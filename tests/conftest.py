"""An empty database for every test, on SQLite and on PostgreSQL; browsers for every role."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests import factories, plumbing
from tests import world as whole
from tests.pages import Browser
from votes import create_app, migrations
from votes.db import EVERY_BODY, Database, WorkSession
from votes.services import passwords


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=["sqlite", "postgresql", "both"], default="both", help="databases to run the tests on"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        marker = metafunc.definition.get_closest_marker
        if chosen == "both" and (marker("journey") or marker("sqlite")):
            chosen = "sqlite"  # browser journeys are about pages; one of them asks for PostgreSQL itself
        metafunc.parametrize(
            "backend", ["sqlite", "postgresql"] if chosen == "both" else [chosen], scope="session"
        )


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A migrated database of each kind, made once and copied for each test."""
    return {"folder": tmp_path_factory.mktemp("templates")}


def _template(templates: dict[str, Any], backend: str) -> Any:
    if backend not in templates:
        if backend == "sqlite":
            source: Any = templates["folder"] / "template.db"
            database = Database(f"sqlite:///{source}")
        else:
            source = plumbing.postgres_server().new_database()
            database = Database(source)
        migrations.upgrade(database)
        database.dispose()
        templates[backend] = source
    return templates[backend]


@contextmanager
def fresh_database(templates: dict[str, Any], backend: str, folder: Path) -> Iterator[str]:
    """The address of an empty, migrated database that is gone after the block."""
    source = _template(templates, backend)
    if backend == "sqlite":
        copy = folder / "votes.db"
        shutil.copy(source, copy)
        yield f"sqlite:///{copy}"
    else:
        with plumbing.pg_database(template=source) as url:
            yield url


@pytest.fixture(scope="session")
def one_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once; each test puts its own database under it."""
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
def app(one_app: Flask, templates: dict[str, Any], backend: str, tmp_path: Path) -> Iterator[Flask]:
    before = one_app.extensions["votes.database"]
    with fresh_database(templates, backend, tmp_path) as url:
        one_app.extensions["votes.database"] = Database(url)
        yield one_app
        one_app.extensions["votes.database"].dispose()
    one_app.extensions["votes.database"] = before


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["votes.database"]
    return found


@pytest.fixture
def work(app: Flask, database: Database) -> Iterator[WorkSession]:
    """An open unit of work for service tests (rolled back at the end unless the test commits)."""
    with app.app_context(), database.work(scope=EVERY_BODY) as session:
        yield session
        session.rollback()


@pytest.fixture
def world(app: Flask, database: Database) -> factories.World:
    """Two counties that know nothing of each other, a township below the first, and an account of every role."""
    return factories.make_world(app, database)


@pytest.fixture
def as_(app: Flask, world: factories.World) -> Any:
    """`as_("office")`, `as_("office", "other")`: a browser in which that role of that body is signed in."""

    def browser(role: str | None = None, body: str = "county") -> Browser:
        made = Browser(app)
        if role:
            made.sign_in(world.user_key(role, body))
        return made

    return browser


@pytest.fixture(scope="session")
def made_year(
    one_app: Flask, templates: dict[str, Any], backend: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[whole.Year]:
    """The world of tests/world.py on this database, made once."""
    with fresh_database(templates, backend, tmp_path_factory.mktemp("year")) as url:
        database = whole.DryDatabase(url)
        before = one_app.extensions["votes.database"]
        one_app.extensions["votes.database"] = database
        with whole.standing_at():
            made = whole.make_year(one_app, database)
        one_app.extensions["votes.database"] = before
        yield made
        database.dispose()


@pytest.fixture
def year(one_app: Flask, made_year: whole.Year, monkeypatch: pytest.MonkeyPatch) -> Iterator[whole.Year]:
    """That world under the application, on its day; what is posted in the test is taken back."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)  # accounts are opened by the dozen
    before = one_app.extensions["votes.database"]
    one_app.extensions["votes.database"] = made_year.database
    made_year.database.dry = True
    with whole.standing_at():
        yield made_year
    one_app.extensions["votes.database"] = before

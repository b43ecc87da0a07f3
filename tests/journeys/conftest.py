"""Chromium for the journeys, halls to vote in, and the real server on an empty folder."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests import plumbing
from tests.factories import World
from tests.journeys.halls import Hall, open_hall
from tests.journeys.people import PHONE, Person


@dataclass(frozen=True)
class Site:
    url: str
    admin_password: str  # the initial one


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return the system's Chromium for pytest-playwright (`--headed --slowmo 500` shows a journey)."""
    return {**plumbing.chromium_launch_args(), **browser_type_launch_args}


@pytest.fixture
def meet(browser: Browser) -> Iterator[Callable[..., Person]]:
    """`meet(site)`: a person with a browser of their own; no page may have had a script's error."""
    people: list[Person] = []

    def one(site: str, device: dict[str, Any] | None = None, **options: Any) -> Person:
        people.append(Person(browser, site, {**(PHONE if device is None else device), **options}))
        return people[-1]

    yield one
    complaints = [words for person in people for words in person.complaints]
    for person in people:
        person.leave()
    assert complaints == []


@pytest.fixture
def make_hall(
    app: Flask, world: World, meet: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], Hall]]:
    """`make_hall(8)`: a session of today with eight deputies, served on a port."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with plumbing.serve(app) as site:
        yield partial(open_hall, app, world, meet, site)


@pytest.fixture
def answer_late(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """`answer_late("/close", 5)`: the server acts at once on a POST to such a URL, and answers after five seconds."""

    def late(ending: str, seconds: float) -> None:
        served: Any = app.wsgi_app

        def slowly(environ: Any, start_response: Any) -> Any:
            answer = served(environ, start_response)
            if environ["PATH_INFO"].endswith(ending) and environ["REQUEST_METHOD"] == "POST":
                time.sleep(seconds)
            return answer

        monkeypatch.setattr(app, "wsgi_app", slowly)

    return late


@pytest.fixture
def empty_site(tmp_path: Path, backend: str) -> Iterator[Site]:
    """Serve with the real server, two processes; the only account is the system administrator's.

    On SQLite; with `--db postgresql` on that.
    """
    instance = tmp_path / "instance"
    with plumbing.pg_database() if backend == "postgresql" else nullcontext("") as url:
        settings = {"WORKERS": "2", **({"DATABASE_URL": url} if url else {})}
        _flask(instance, settings, "init-db")
        password = _flask(instance, settings, "create-admin", "root").rpartition("初始密码：")[2].strip()
        with plumbing.serve_granian(instance, settings) as server:
            yield Site(server.url, password)
            assert "Traceback" not in server.said


def _flask(instance: Path, settings: dict[str, str], *command: str) -> str:
    """Return the output of `flask --app app …`."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        cwd=plumbing.ROOT, env={**os.environ, **settings, "INSTANCE_PATH": str(instance)},
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip

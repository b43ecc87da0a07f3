"""Static files are served compressed, in front of the application."""

import os
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from votes.web.static import compress, with_static


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "page.css").write_text("p { color: red }\n" * 200)
    (tmp_path / "tiny.txt").write_text("x")
    compress(tmp_path)
    return tmp_path


def visit(site: Path, path: str, **headers: str) -> tuple[int, str | None, bytes]:
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/elsewhere", view_func=lambda: "the application", endpoint="elsewhere")
    answer = Client(with_static(app, static=site)).get(path, headers=headers)
    return answer.status_code, answer.headers.get("Content-Encoding"), answer.data


def test_static_file_is_answered_compressed(site: Path) -> None:
    status, encoding, body = visit(site, "/static/page.css", **{"Accept-Encoding": "gzip, br"})
    assert (status, encoding) == (200, "br")
    assert len(body) < 100
    assert visit(site, "/static/page.css")[1:] == (None, b"p { color: red }\n" * 200)
    assert visit(site, "/static/tiny.txt", **{"Accept-Encoding": "br"}) == (200, None, b"x")


def test_stale_compressed_file_is_ignored(site: Path) -> None:
    page = site / "page.css"
    page.write_text("new")
    os.utime(page, (1, 1))
    assert visit(site, "/static/page.css", **{"Accept-Encoding": "br"}) == (200, None, b"new")
    compress(site)
    assert sorted(p.name for p in site.iterdir()) == ["page.css", "page.css.br", "page.css.gz", "tiny.txt"]
    assert visit(site, "/static/page.css", **{"Accept-Encoding": "br"})[2] != b""


def test_bootstrap_comes_from_its_package_and_the_rest_from_the_app(site: Path) -> None:
    status, _, body = visit(site, "/bootstrap/static/css/bootstrap.min.css")
    assert (status, b"Bootstrap" in body[:100]) == (200, True)
    assert visit(site, "/elsewhere") == (200, None, b"the application")
    assert visit(site, "/static/../page.css")[0] == 404

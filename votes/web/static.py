"""Static files, served in front of the application: no session, no database, compressed at set-up."""

import os
from importlib.resources import files
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.base import scantree
from whitenoise.compress import Compressor

from votes.config import ROOT

STATIC = ROOT / "static"
BOOTSTRAP = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5"
BOOTSTRAP_USED = (
    "css/bootstrap.min.css",
    "js/bootstrap.min.js",
    "umd/popper.min.js",
    "icons/bootstrap-icons.svg",
)
TWINS = (".br", ".gz")


class StaticFiles(WhiteNoise):
    """WhiteNoise that passes over a compressed twin which is not of its file's age.

    The set-up gives a twin the time of its file. Where they differ, the file was edited or updated since,
    and the twin would bring back the old content.
    """

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        found = dict(scantree(root))
        fresh = {path: stat for path, stat in found.items() if not self._is_stale(path, found)}
        for path in fresh:
            self.add_file_to_dictionary(prefix + path[len(root) :], path, stat_cache=fresh)

    @staticmethod
    def _is_stale(path: str, found: dict[str, os.stat_result]) -> bool:
        whole = found.get(path[:-3]) if path.endswith(TWINS) else None
        return whole is not None and int(whole.st_mtime) != int(found[path].st_mtime)


def _headers(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def with_static(app: Flask, *, static: Path = STATIC) -> StaticFiles:
    """The WSGI application ``app`` with its static files answered in front of it.

    ``static`` is served below /static/, Bootstrap out of its wheel below /bootstrap/static/ (the paths
    that url_for gives). Files are found once, at start; everything else goes through to ``app``.
    """
    site = StaticFiles(app.wsgi_app, max_age=3600, allow_all_origins=False, add_headers_function=_headers)
    site.add_files(str(BOOTSTRAP), prefix="bootstrap/static/")
    site.add_files(str(static), prefix="static/")
    return site


def compress(static: Path = STATIC) -> None:
    """Write the compressed twins of ``static`` and of the Bootstrap files that our pages load."""
    compressor = Compressor(quiet=True)
    ours = [path for path in static.rglob("*") if path.is_file() and compressor.should_compress(path.name)]
    for path in [*ours, *(BOOTSTRAP / name for name in BOOTSTRAP_USED)]:
        twin = path.with_name(path.name + TWINS[0])
        if not twin.exists() or int(twin.stat().st_mtime) != int(path.stat().st_mtime):
            compressor.compress(str(path))


if __name__ == "__main__":
    compress()

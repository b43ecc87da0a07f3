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
COMPRESSED = (".br", ".gz")


class StaticFiles(WhiteNoise):
    """WhiteNoise that ignores stale compressed files.

    The set-up gives a compressed file the modification time of its original. Where they differ, the original has
    been edited since, and the compressed file has the old content.
    """

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        """Find the files below ``root``, as WhiteNoise does, without the stale ones."""
        files = dict(scantree(root))
        fresh = {path: stat for path, stat in files.items() if not self._is_stale(path, files)}
        for path in fresh:
            self.add_file_to_dictionary(prefix + path[len(root) :], path, stat_cache=fresh)

    @staticmethod
    def _is_stale(path: str, files: dict[str, os.stat_result]) -> bool:
        original = files.get(path[:-3]) if path.endswith(COMPRESSED) else None
        return original is not None and int(original.st_mtime) != int(files[path].st_mtime)


def _headers(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def with_static(app: Flask, *, static: Path = STATIC) -> StaticFiles:
    """Return a WSGI application that serves static files and passes every other request to ``app``.

    The files of ``static`` are below /static/, those of the Bootstrap package below /bootstrap/static/ (the paths
    that url_for gives). They are searched once, at start.
    """
    site = StaticFiles(app.wsgi_app, max_age=3600, allow_all_origins=False, add_headers_function=_headers)
    site.add_files(str(BOOTSTRAP), prefix="bootstrap/static/")
    site.add_files(str(static), prefix="static/")
    return site


def compress(static: Path = STATIC) -> None:
    """Compress the files of ``static`` and the Bootstrap files that our pages load, where that is not done yet."""
    compressor = Compressor(quiet=True)
    own = [path for path in static.rglob("*") if path.is_file() and compressor.should_compress(path.name)]
    for path in [*own, *(BOOTSTRAP / name for name in BOOTSTRAP_USED)]:
        compressed = path.with_name(path.name + COMPRESSED[0])
        if not compressed.exists() or int(compressed.stat().st_mtime) != int(path.stat().st_mtime):
            compressor.compress(str(path))


if __name__ == "__main__":
    compress()

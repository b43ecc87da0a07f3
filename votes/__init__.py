"""民生票决: livelihood projects decided by people's deputies, from candidates to completion."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_wtf import CSRFProtect

from votes import cli, config, views, web
from votes.db import Database
from votes.services import uploads
from votes.version import __version__
from votes.web import facts, groups

__all__ = ["__version__", "create_app", "csrf"]

csrf = CSRFProtect()


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the application, with settings from the environment and ``overrides`` (tests, commands).

    Raises:
        RuntimeError: a page declares no permission, no layout, or no place in the menu.
    """
    settings = config.load(os.environ, overrides)
    app = Flask(
        "votes",
        root_path=str(config.ROOT / "votes"),
        template_folder="../templates",
        static_folder="../static",
        instance_path=settings["INSTANCE_PATH"],
    )
    app.config.update(settings)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["votes.database"] = Database(
        settings["DATABASE_URL"], hash_name=settings["HASH_ALGORITHM"], standbys=settings["STANDBY_URLS"]
    )
    uploads.Store.folder = lambda: Path(current_app.instance_path) / "uploads"
    groups.init(app)  # before all other hooks
    csrf.init_app(app)
    Bootstrap5(app)
    Compress(app)
    web.init(app)
    views.register(app)
    cli.register(app)
    facts.check_declared(app)
    return app

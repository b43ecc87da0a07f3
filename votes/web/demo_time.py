"""A demo is served in its own time (see `services.demo_clock`); everything else in the real one."""

from flask import Flask, g

from votes import clock
from votes.db import Database
from votes.demo import clock as demo_clock


def init(app: Flask) -> None:
    """Look once, when the application is made; an application over other data has nothing to do at all."""
    database: Database = app.extensions["votes.database"]
    span = demo_clock.ahead(database)
    app.jinja_env.globals["demo_today"] = clock.today if span else None
    if not span:
        return

    @app.before_request
    def enter() -> None:
        g.demo_time = clock.ahead.set(span)

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        token = g.pop("demo_time", None)
        if token is not None:
            clock.ahead.reset(token)

"""Requests to a demo see the demo's time (see `votes.demo.clock`); all others see the real time."""

from flask import Flask, g

from votes import clock
from votes.db import Database
from votes.demo import clock as demo_clock


def init(app: Flask) -> None:
    """Ask once whether the database is a demo's; register hooks only if it is."""
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

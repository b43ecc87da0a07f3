"""Requests to a demo see the demo's time."""

from datetime import date
from pathlib import Path

from flask import Flask

from tests import factories
from tests.pages import Browser
from votes import clock, create_app
from votes.db import Database
from votes.demo import UNTIL, Stage, clock as demo_clock


def test_a_demo_is_served_in_its_own_time(app: Flask, database: Database, tmp_path: Path) -> None:
    with app.app_context(), database.work():
        county = factories.make_body("shili", "示例县")
        demo_clock.start(county, UNTIL[Stage.MIDYEAR], now=clock.now())
    served = create_app(
        {
            "INSTANCE_PATH": str(tmp_path / "instance"),
            "DATABASE_URL": database.url.render_as_string(hide_password=False),
            "SECRET_KEY": "for the tests only",
        }
    )
    seen = []
    served.before_request(lambda: seen.append(clock.today()))  # type: ignore[arg-type, func-returns-value]
    before = clock.today()
    assert Browser(served).get("/healthz").status == 200
    assert Browser(app).get("/healthz").status == 200
    assert seen == [date(2027, 7, 8)]
    assert clock.today() == before
    served.extensions["votes.database"].dispose()

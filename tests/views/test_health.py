"""The page that monitoring asks."""

import pytest
from sqlalchemy.exc import OperationalError

from tests.pages import Browser
from votes.services import health

pytestmark = pytest.mark.sqlite


def test_healthz_answers_strangers(app):
    page = Browser(app).get("/healthz")
    assert (page.status, page.json) == (200, {"status": "ok"})


def test_healthz_without_database_answers_503(app, monkeypatch):
    def fail() -> None:
        raise OperationalError("select 1", {}, Exception("gone"))

    monkeypatch.setattr(health, "ping", fail)
    assert Browser(app).get("/healthz").status == 503


def test_healthz_takes_no_post(app):
    assert Browser(app).post("/healthz").status == 405

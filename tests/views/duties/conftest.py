"""The rows and the day of the tests of deputies' records."""

import pytest

from tests.duties import DAY, NOW_IN_JUNE


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    for module in (
        "forms.duties",
        *(f"views.duties.{name}" for name in ("duties", "entries", "meetings", "phone")),
    ):
        monkeypatch.setattr(f"votes.{module}.today", lambda: DAY)
    for module in ("entries", "meetings", "public_pages", "phone"):
        monkeypatch.setattr(f"votes.views.duties.{module}.now", lambda: NOW_IN_JUNE)
    monkeypatch.setattr("votes.web.imports.now", lambda: NOW_IN_JUNE)


@pytest.fixture
def rows(world, prepared):
    """Return the ids that `make_rows` answers."""
    return prepared["rows"]

"""Checks that every page's test makes, and the day on which some pages are tested."""

from collections.abc import Iterator

import pytest

from tests.counting import template_statements
from tests.years import at

DAY = at(2027, 8, 10)


@pytest.fixture(autouse=True)
def quiet_templates(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a page's template sends a statement: the view loads what its page shows."""
    if "app" not in request.fixturenames:
        yield
        return
    with template_statements(request.getfixturevalue("app")) as sent:
        yield
    assert sent == [], "a template has sent statements"


@pytest.fixture
def august(monkeypatch):
    """Stop the clocks of these pages on 10 August 2027."""
    for name in (
        "delivery.adjustments",
        "delivery.acceptances",
        "supervision.citizen_ratings",
        "supervision.second_reports",
        "supervision.public_rating",
        "people.bodies",
    ):
        monkeypatch.setattr(f"votes.views.{name}.now", lambda: DAY)
        if name != "people.bodies":
            monkeypatch.setattr(f"votes.views.{name}.today", lambda: DAY.date())
    monkeypatch.setattr("votes.views.publication.public.today", lambda: DAY.date())

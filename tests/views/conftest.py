"""What the pages of adjustments, acceptances, ratings and second reports share: a day in August 2027."""

import pytest

from tests.years import at

DAY = at(2027, 8, 10)


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
    monkeypatch.setattr("votes.web.delivery.outcomes.today", lambda: DAY.date())
    monkeypatch.setattr("votes.views.publication.public.today", lambda: DAY.date())

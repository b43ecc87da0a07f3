"""The projects that the tests of pages look at, and the day on which they do."""

import pytest

from tests.supervision import DAY, NOW


@pytest.fixture
def tracked(world, prepared):
    """Return the ids of two tracked projects of the county; each is also its project's place in the list."""
    return prepared["tracked"]


@pytest.fixture
def watched(world, prepared):
    """Return the ids that `tests.supervision.supervise_for_pages` made."""
    return prepared["watched"]


@pytest.fixture
def june(monkeypatch):
    """Stop the clocks of the pages of supervision on 15 June 2027."""
    for name in ("overview", "inspections", "inspection_notes", "rectifications", "phone"):
        monkeypatch.setattr(f"votes.views.supervision.{name}.today", lambda: DAY, raising=False)
        monkeypatch.setattr(f"votes.views.supervision.{name}.now", lambda: NOW)
    monkeypatch.setattr("votes.views.publication.public.today", lambda: DAY)

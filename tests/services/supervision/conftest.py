"""The project that the tests of services look at."""

import pytest


@pytest.fixture
def watched(world, prepared):
    """Return the ids that `tests.supervision.supervise` made."""
    return prepared["watched"]

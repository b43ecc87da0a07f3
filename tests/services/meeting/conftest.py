"""What the tests of the meeting's services share."""

import pytest


@pytest.fixture
def hall(prepared):
    """Return the ids of the session that the module prepares as "hall"."""
    return prepared["hall"]

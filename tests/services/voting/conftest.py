"""What the tests of the vote's services share."""

import pytest


@pytest.fixture
def by_hand(prepared):
    """Return the ids of the session whose papers the module prepares to be counted by hand."""
    return prepared["by_hand"]

"""What the tests of the meeting's pages share."""

import pytest


@pytest.fixture
def hall(prepared):
    """Return the ids of the session that the module prepares as "hall"."""
    return prepared["hall"]


@pytest.fixture
def base(hall):
    """Return the URL of the session's service desk."""
    return f"/office/sessions/{hall['session']}/desk"

"""What the tests of the meeting's pages share."""

import pytest


@pytest.fixture
def base(hall):
    """Return the URL of the session's service desk."""
    return f"/office/sessions/{hall['session']}/desk"

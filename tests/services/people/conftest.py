"""The county with a roster of one."""

import pytest


@pytest.fixture
def place(world):
    """Enter the county, whose roster is deputy 900 in 第一代表团."""
    with world.work() as session:
        yield session

"""The county with a roster of one, and with villages."""

import pytest

from tests.factories import NOW
from tests.services.people.tools import BY
from votes.services.people import villages


@pytest.fixture
def place(world):
    """Enter the county, whose roster is deputy 900 in 第一代表团."""
    with world.work() as session:
        yield session


@pytest.fixture
def three_villages(world):
    """Set up three villages, two of one name, in the county."""
    with world.work():
        villages.add_villages([("河镇", "示例村"), ("山乡", "示例村"), ("山乡", "石桥村")], by=BY, now=NOW)
    return world

"""Fixtures of the tests of this chapter's pages."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.views.suggestions.samples import BY
from tests.world import standing_at
from tests.years import at
from votes.clock import local
from votes.rules.people.actor import PUBLIC
from votes.rules.suggestions.suggestions import AuthorText, Channel, SeasonText
from votes.services.people import stations, villages
from votes.services.suggestions import intake, seasons


@pytest.fixture
def ids(world, prepared):
    """Return what `fill` made before the test (the module names it in PREPARED); it is 2026-11-20."""
    with standing_at(at(2026, 11, 20)):
        yield prepared["ids"]


@pytest.fixture
def place(world):
    """Set up an open season, a station, a village and two suggestions with authors in the county; it is NOW."""
    with world.work():
        today = local(NOW).date()
        text = SeasonText(year=2027, opens_on=today, closes_on=today + timedelta(days=30))
        seasons.save_season(None, text, by=BY, now=NOW)
        stations.save_station(None, name="示例联络站", place="", by=BY, now=NOW)
        villages.add_villages([("河镇", "示例村")], by=BY, now=NOW)
        for text in ("村口的路坏了，请修。", "想建一座桥。"):
            intake.receive(
                channel=Channel.WEB, content=text, author=AuthorText("示例某", "13800001234"), by=PUBLIC, now=NOW
            )  # fmt: skip
    with standing_at(NOW):
        yield world

"""What the tests of deputies' records share."""

from datetime import date

import pytest

from tests import factories
from tests.years import at
from votes.rules.duties.duties import DutyMeetingKind
from votes.rules.errors import RuleBroken
from votes.services.duties import meetings

NOW = at(2027, 6, 1)


def make_deputies(world, count=3):
    """Ids of deputies 101, 102 … of the county."""
    return [d.id for d in factories.make_deputies(count, world.delegations["county"], start=101)]


def make_meeting(office, title="第一次常委会会议", kind=DutyMeetingKind.COMMITTEE, on=date(2027, 3, 1)):
    return meetings.save(None, kind=kind, title=title, held_on=on, by=office, now=NOW)


def refusal(act, *, field=None):
    """Return the words with which ``act`` is refused, at ``field``."""
    with pytest.raises(RuleBroken) as caught:
        act()
    assert caught.value.field == field
    return caught.value.message

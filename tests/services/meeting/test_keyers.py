"""计票人 and 录入员: staff accounts named for a session before a vote is under way."""

import pytest

from tests.factories import NOW
from tests.services.voting.test_races import meeting_of
from tests.services.voting.test_vote import BY, make_hall, open_
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import KeyerRole
from votes.services.meeting import events, keyers

PREPARED = {"hall": make_hall}


def name(world, hall, user_id):
    with world.work():
        return keyers.name(meeting_of(hall), user_id, KeyerRole.CLERK, by=BY, now=NOW).id


def test_keyer_is_named_and_removed_on_the_sessions_chain(world, hall):
    office = world.user("office")
    keyer_id = name(world, hall, office)
    with world.work():
        assert keyers.vouches(meeting_of(hall), f"u{office}")
        assert not keyers.vouches(meeting_of(hall), f"u{office + 100}")
    with pytest.raises(RuleBroken, match="已经指定"):
        name(world, hall, office)
    with world.work():
        keyers.remove(meeting_of(hall), keyer_id, by=BY, now=NOW)
    with world.work():
        assert not keyers.vouches(meeting_of(hall), f"u{office}")
        rows = events.events(meeting_of(hall))[-2:]
        assert [(row.kind, row.payload["account"]) for row in rows] == [
            ("keyer_named", "office.county"),
            ("keyer_removed", "office.county"),
        ]
        assert events.verify(meeting_of(hall)) is None


def test_office_alone_cannot_name_a_keyer_while_a_vote_is_under_way(world, hall):
    keyer_id = name(world, hall, world.user("office"))
    open_(world, hall)
    with pytest.raises(RuleBroken, match="票决正在进行"):
        name(world, hall, world.user("office"))
    with pytest.raises(RuleBroken, match="票决正在进行"), world.work():
        keyers.remove(meeting_of(hall), keyer_id, by=BY, now=NOW)


@pytest.mark.parametrize(
    ("role", "body"), [("government", "county"), ("leader", "county"), ("office", "other")]
)
def test_account_that_cannot_key_is_not_named(world, hall, role, body):
    with pytest.raises(RuleBroken, match="只能指定本级人大办"):
        name(world, hall, world.user(role, body))

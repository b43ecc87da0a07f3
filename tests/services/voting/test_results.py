"""Announced results: nothing before the announcement, then the list, and figures as the rule publishes them."""

from datetime import date

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign
from votes.services.delivery import announcements
from votes.services.meeting import rounds
from votes.services.voting import results


def certified(world, **rule):
    hall = make_hall(world, **rule)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for", 3: "for"})
    close(world, hall)
    for number in (0, 1):
        sign(world, hall, number)
    return hall


@pytest.mark.parametrize(
    ("publish", "votes", "turnout"),
    [
        ("names+votes", {1: 12, 2: 12, 3: 12}, {"roster": 12, "present": 12, "issued": 12, "returned": 12, "valid": 12, "invalid": 0}),
        ("names", {}, None),
    ],
)  # fmt: skip
def test_announced_round_shows_what_its_rule_publishes(world, publish, votes, turnout):
    hall = certified(world, publish=publish)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert (results.announced(), results.get_round(round_.public_id)) == ([], None)
        assert results.next_number(round_.session) == 1
        announcements.announce(round_, number=1, announced_on=date(2027, 1, 15), by=BY, now=NOW)
    with world.work():
        (result,) = results.results(2027)
        assert result.round.id == hall["round"]
        assert [row.number for row in result.chosen] == [1, 2, 3]
        assert (result.votes, result.graded, result.satisfaction) == (votes, [], None)
        assert results.turnout(result.round) == turnout
        assert (results.result_years(), results.results(2026)) == ([2027], [])
        assert results.next_number(result.round.session) == 2

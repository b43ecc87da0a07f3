"""Announcements: the selected projects are tracked."""

from datetime import date

from tests import years
from votes.services.delivery import trackings


def test_announce_starts_tracking_of_the_selected_projects(world):
    made = years.make_round(world)
    with world.work():
        assert trackings.search(day=date(2027, 1, 20)) == []
    years.announce(world, made)
    with world.work():
        lines = trackings.search(day=date(2027, 1, 20), year=2027)
        assert [line.project.id for line in lines] == made["projects"][:2]
        assert {line.tracking.round_id for line in lines} == {made["round"]}

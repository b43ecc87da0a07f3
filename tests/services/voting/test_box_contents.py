"""What stands in the boxes after the close: how far the reading is, and how many papers are missing."""

import pytest

from tests.services.voting.test_ballot_boxes import make_closed, make_keyed
from tests.services.voting.test_paper_ballots import CLERK, OTHER, key, round_of
from tests.services.voting.test_vote import make_hall
from votes.services.voting import box_contents

PREPARED = {"closed": make_keyed}


def figures(closed):
    progress = box_contents.progress(box_contents.get_box(closed["box"]))
    names = ("papers", "first", "second", "differing", "undecided", "unsettled")
    return tuple(getattr(progress, name) for name in names)


def test_progress_of_box_follows_both_readings(world, closed):
    with world.work():
        assert figures(closed) == (5, 0, 0, 0, 0, 5)
    key(world, closed["box"], CLERK, "1", "2", "3", "0", "/1")
    with world.work():
        assert figures(closed) == (5, 5, 0, 0, 0, 5)
    key(world, closed["box"], OTHER, "1", "2", "1", "0", "/1")
    with world.work():
        assert figures(closed) == (5, 5, 5, 1, 1, 1)
        assert box_contents.unsettled(round_of(closed)) == 1


@pytest.mark.parametrize(("boxed", "missing"), [(5, 0), (3, 2)])
def test_papers_in_no_box_are_missing(world, boxed, missing):
    hall = make_closed(world, make_hall(world, paper="keyed"), boxed=boxed)
    with world.work():
        assert box_contents.missing(round_of(hall)) == missing
        assert box_contents.is_open(round_of(hall))


def test_round_without_paper_has_nothing_unsettled(world):
    hall = make_hall(world)
    with world.work():
        round_ = round_of(hall)
        assert (box_contents.unsettled(round_), box_contents.missing(round_)) == (0, 0)
        assert (box_contents.totals_of(round_), box_contents.settled(round_)) == ([], [])

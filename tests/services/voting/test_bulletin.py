"""The tellers' bulletin: sums of a minute while the box is open, names after the count, and never how or when."""

from datetime import timedelta
from functools import partial

from tests.factories import NOW
from tests.services.voting.test_paper_ballots import hand_out
from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.services.meeting import cards, rounds, sessions
from votes.services.voting import bulletin

PREPARED = {"hall": partial(make_hall, present=10, paper="totals")}


def sums(world, hall, seconds=0):
    with world.work():
        return bulletin.sums(rounds.get_round(hall["round"]), NOW + timedelta(seconds=seconds))


def test_sums_have_cards_presence_papers_and_votes(world, hall):
    with world.work():
        cards.active(sessions.get(hall["session"]))[0].opened = True
    open_(world, hall)
    hand_out(world, hall, 3)
    cast(world, hall, 4, {1: "for"})
    assert sums(world, hall)._asdict() == {
        "issued": 10, "returned": 1, "papers": 1, "cards": 12, "opened": 1, "takeovers": 0, "by_self": 0, "by_desk": 10,
    }  # fmt: skip


def test_sums_change_once_a_minute_while_the_box_is_open(world, hall):
    open_(world, hall)
    before = sums(world, hall)
    cast(world, hall, 4, {1: "for"})
    assert sums(world, hall, 59) == before
    assert sums(world, hall, 60).returned == 1
    cast(world, hall, 5, {1: "for"})
    close(world, hall)
    assert sums(world, hall, 61).returned == 2, "nothing is left to hide after the close"


def test_names_say_who_voted_and_not_by_which_way(world, hall):
    open_(world, hall)
    hand_out(world, hall, 3)
    cast(world, hall, 4, {1: "for"})
    close(world, hall)
    with world.work():
        lines = bulletin.present(rounds.get_round(hall["round"]))
    assert [line.number for line in lines] == [f"{number:03}" for number in range(1, 11)]
    assert [line.name for line in lines if line.voted] == ["示例代表004", "示例代表005"]
    assert lines[0]._fields == ("number", "name", "voted")

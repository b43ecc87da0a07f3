"""The register of a round: who is entitled beside who has voted."""

from functools import partial

from tests.services.voting.test_vote import cast, make_hall, open_
from votes.db import db
from votes.rules.voting.ballots import Source
from votes.services.voting import register

PREPARED = {"hall": partial(make_hall, present=10)}


def line(hall, number):
    return db.session.execute(register.line_of(hall["round"], hall["deputies"][number])).first()


def test_line_of_deputy_says_present_and_channel(world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    with world.work():
        assert [(line(hall, n).present, line(hall, n).channel) for n in (3, 4, 11)] == [
            (True, Source.PHONE),
            (True, None),
            (False, None),
        ]


def test_round_of_other_body_has_no_line(world, hall):
    open_(world, hall)
    with world.work("township"):
        assert line(hall, 3) is None


def test_who_is_present_and_has_not_voted_stays_open(world, hall):
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    with world.work():
        assert len(register.entitled(hall["round"])) == 10
        waiting = db.session.scalars(register.without_vote(hall["round"], register.roll.c.deputy_id)).all()
        assert set(waiting) == {*hall["deputies"][:10]} - {hall["deputies"][3]}


def test_crossing_off_twice_is_refused_by_the_key(world, hall):
    open_(world, hall)
    with world.work():
        deputy = hall["deputies"][3]
        assert register.cross_off(hall["round"], deputy, Source.PAPER)
        assert not register.cross_off(hall["round"], deputy, Source.PHONE)
        assert register.count(register.turnout, hall["round"]) == 1

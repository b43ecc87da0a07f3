"""A card belongs to one browser: bound after the check-in, taken over before the vote, two browsers at once."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from tests.factories import NOW
from tests.services.meeting.test_cards import card_of
from tests.services.voting.test_vote import BY, KEY, cast, close, make_hall, open_
from votes.db import db
from votes.models import Attendance, Round
from votes.rules.meeting.bindings import Entry, Way
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.roles import AttendanceState
from votes.services.meeting import bindings, cards, sessions


def make_real_hall(world, **options):
    """Make a hall of a body that is no demo: in a demo visitors share the cards."""
    hall = make_hall(world, **options)
    world.be_demo(False)
    return hall


PREPARED = {"hall": partial(make_real_hall, present=10)}


def enter(world, hall, number, browser, way=Way.SCAN):
    with world.work():
        return bindings.enter(card_of(hall, number).id, browser, way).entry


def card(world, hall, number):
    with world.work():
        row = card_of(hall, number)
        return row.bound_to, row.takeovers, row.login_serial, row.opened


def test_first_entry_after_check_in_binds_and_ends_earlier_sign_ins(world, hall):
    assert enter(world, hall, 3, "own") == Entry.BIND
    assert card(world, hall, 3) == ("own", 0, 1, True)
    assert enter(world, hall, 3, "own") == Entry.ENTER
    assert card(world, hall, 3) == ("own", 0, 1, True)


def test_entry_before_check_in_opens_the_card_and_binds_nothing(world, hall):
    assert enter(world, hall, 11, "copy") == Entry.ENTER
    assert card(world, hall, 11) == (None, 0, 0, True)


def test_another_browser_takes_over_with_the_pin_alone(world, hall):
    enter(world, hall, 3, "own")
    assert enter(world, hall, 3, "new") == Entry.ASK_PIN
    assert card(world, hall, 3) == ("own", 0, 1, True)
    assert enter(world, hall, 3, "new", Way.PIN) == Entry.TAKE_OVER
    assert card(world, hall, 3) == ("new", 1, 2, True)
    with world.work():
        assert bindings.takeovers(hall["session"]) == 1
        assert bindings.owner(card_of(hall, 3).id) == (hall["deputies"][3], "new")
        assert bindings.owner(card_of(hall, 4).id) == (hall["deputies"][4], None)
        assert bindings.owner(0) == (0, None)


def test_after_the_vote_only_the_desk_takes_over(world, hall):
    enter(world, hall, 3, "own")
    open_(world, hall)
    cast(world, hall, 3, {1: "for"}, browser="own")
    assert [enter(world, hall, 3, "new", way) for way in Way] == [Entry.VOTED, Entry.VOTED, Entry.TAKE_OVER]
    assert card(world, hall, 3)[:2] == ("new", 1)


def test_unbound_card_with_a_vote_lets_no_other_browser_in(world, hall):
    """Somebody entered before the check-in and voted: the deputy's own phone reads it and is not signed in."""
    open_(world, hall)
    cast(world, hall, 3, {1: "for"}, browser="copy")
    with world.work():
        found = bindings.look(card_of(hall, 3).id, "own", Way.SCAN)
    assert (found.entry, found.signs_in) == (Entry.VOTED, False)
    assert [(each.id, each.title) for each in found.elsewhere] == [(hall["round"], "示例票决")]
    assert enter(world, hall, 3, "copy") == Entry.BIND


def test_once_the_round_is_closed_the_pin_takes_over_again(world, hall):
    enter(world, hall, 3, "own")
    open_(world, hall)
    cast(world, hall, 3, {1: "for"}, browser="own")
    close(world, hall)
    assert enter(world, hall, 3, "new", Way.PIN) == Entry.TAKE_OVER


def test_open_rehearsal_binds_nothing(world, hall):
    open_(world, hall)
    with world.work():
        db.session.query(Round).one().rehearsal = True
    assert [enter(world, hall, 3, browser) for browser in ("one", "two")] == [Entry.ENTER] * 2
    cast(world, hall, 3, {1: "for"}, browser="one")
    assert enter(world, hall, 3, "two") == Entry.ENTER, "a vote for practice keeps nobody out"
    assert card(world, hall, 3) == (None, 0, 0, True)


def test_session_that_has_not_begun_binds_nothing(world, hall):
    with world.work():
        sessions.get(hall["session"]).state = SessionState.PLANNED
    assert enter(world, hall, 3, "own") == Entry.ENTER
    assert card(world, hall, 3) == (None, 0, 0, True)


def test_early_leaver_who_is_not_bound_stays_unbound(world, hall):
    with world.work():
        db.session.query(Attendance).update({"state": AttendanceState.LEFT})
    assert enter(world, hall, 3, "own") == Entry.ENTER


def test_reissued_card_belongs_to_nobody_until_it_is_opened(world, hall):
    enter(world, hall, 3, "own")
    with world.work():
        cards.reissue(card_of(hall, 3), reason="遗失", key=KEY, by=BY, now=NOW)
    assert card(world, hall, 3) == (None, 0, 0, False)
    assert enter(world, hall, 3, "new") == Entry.BIND


@pytest.mark.parametrize("way", [Way.SCAN, Way.PIN])
def test_two_browsers_at_the_same_instant_leave_the_card_with_one(world, hall, way):
    barrier = Barrier(2)

    def come_in(browser):
        barrier.wait()
        return enter(world, hall, 3, browser, way)

    with ThreadPoolExecutor(2) as pool:
        told = dict(zip(("one", "two"), pool.map(come_in, ("one", "two")), strict=True))
    bound_to, takeovers, serial, _ = card(world, hall, 3)
    if way == Way.SCAN:
        assert sorted(told.values()) == [Entry.ASK_PIN, Entry.BIND]
        assert (told[bound_to], takeovers, serial) == (Entry.BIND, 0, 1)
    else:
        assert sorted(told.values()) == [Entry.BIND, Entry.TAKE_OVER]
        assert (told[bound_to], takeovers, serial) == (Entry.TAKE_OVER, 1, 2)


def test_two_takeovers_at_the_same_instant_are_both_counted(world, hall):
    enter(world, hall, 3, "own")
    barrier = Barrier(2)

    def come_in(browser):
        barrier.wait()
        return enter(world, hall, 3, browser, Way.PIN)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(come_in, ("one", "two"))) == [Entry.TAKE_OVER] * 2
    assert card(world, hall, 3)[1:3] == (2, 3)


def test_demo_visitors_share_a_card_without_its_pin(world, hall):
    world.be_demo(True)
    open_(world, hall)
    enter(world, hall, 3, "first visitor")
    assert enter(world, hall, 3, "second visitor") == Entry.TAKE_OVER
    cast(world, hall, 3, {1: "for"}, browser="second visitor")
    assert enter(world, hall, 3, "third visitor") == Entry.TAKE_OVER

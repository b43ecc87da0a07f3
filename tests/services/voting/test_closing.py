"""The close: what could join roll and box is destroyed, and a count that fails leaves the round closed."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.factories import NOW
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_
from votes.db import db
from votes.models import Ballot, Round, Turnout, table_of
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds
from votes.services.voting import closing

PREPARED = {"hall": make_hall}


def test_closing_destroys_what_could_join_roll_and_box(world, hall):
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for"}, browser=f"phone {number}")
    with world.work():
        assert all(t.resend_mark and t.browser_mark for t in db.session.query(Turnout))
    close(world, hall)
    with world.work():
        marks = [(t.resend_mark, t.browser_mark) for t in db.session.query(Turnout)]
        assert marks == [(None, None)] * 12
        assert db.session.query(Round).one().resend_key is None
        assert db.session.query(Ballot).count() == 12


@pytest.mark.parametrize("statement", ["update ballots set spoilt = true", "delete from ballots"])
def test_the_database_refuses_to_touch_the_box(world, hall, statement):

    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    with pytest.raises(DBAPIError, match="ballots are never"), world.work(None) as session:
        session.execute(text(statement))


def test_a_box_that_was_changed_is_closed_uncounted_and_counting_says_why(world, caplog):
    hall = make_hall(world)
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    with world.work() as session:
        closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW)
        session.execute(update(table_of(Round)).values(ballots_digest="0" * 64))
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.CLOSED
    assert "not counted: box_changed" in caplog.text
    with pytest.raises(RuleBroken, match="与关闭时的摘要不符"), world.work():
        closing.resume_count(rounds.get_round(hall["round"]), by=BY, now=NOW)


def test_a_sweep_that_fails_leaves_the_round_closed_to_be_counted_again(world, monkeypatch, caplog):
    hall = make_hall(world)
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})

    def busy(*tables, since=None):
        raise OperationalError("VACUUM", {}, Exception("lock timeout"))

    with monkeypatch.context() as patched:
        patched.setattr(world.database, "sweep", busy)
        close(world, hall)
    assert "lock timeout" in caplog.text
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.CLOSED
    with world.work():
        closing.resume_count(rounds.get_round(hall["round"]), by=BY, now=NOW)
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.COUNTED

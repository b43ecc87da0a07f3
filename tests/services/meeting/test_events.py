"""The event chain of a round: each event has the hash of the one before."""

from tests.factories import NOW
from tests.services.voting.test_vote import BY, make_hall
from votes.db import db
from votes.services.meeting import events, rounds

PREPARED = {"hall": make_hall}


def test_append_continues_the_chain(world, hall):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        first = events.events(round_)[-1]  # the zero check
        second = events.append(round_, "open", by=BY, at=NOW, roster=12)
        assert (second.position, second.previous) == (first.position + 1, first.hash)
        assert second.payload["roster"] == 12
        assert events.verify(round_) is None
        assert events.certified(round_) == ""


def test_verify_names_the_event_that_was_changed(world, hall, monkeypatch):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        event = events.events(round_)[-1]
        monkeypatch.setattr(events, "events", lambda round_: [event])
        db.session.expunge(event)
        event.payload = {**event.payload, "by": "somebody else"}
        assert events.verify(round_) is not None

"""What goes into each digest of a round, in which order, and with which salt."""

import hashlib
import json

import pytest

from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.rules.voting.ballots import Source
from votes.services.meeting import events, rounds
from votes.services.voting import digests


def canonical(value) -> bytes:
    """Write canonical JSON as the record's format describes it, without the code under test."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.fixture
def closed(world):
    hall = make_hall(world, paper="keyed")
    open_(world, hall)
    for number in range(8):
        cast(world, hall, number, {2: "for", 1: "for"})
    close(world, hall)
    return hall


def test_content_of_each_digest_names_its_columns_in_order(world, closed):
    with world.work():
        round_ = rounds.get_round(closed["round"])
        assert list(digests.heading(round_)) == [
            *("body", "session", "id", "round", "title", "ordinal", "parent", "parent_id"),
            *("further", "rehearsal", "colour", "closes_at"),
        ]
        (line, *_), (vote, *_) = digests.roll_lines(round_), digests.turnout_lines(round_)
        assert list(line) == ["deputy", "number", "name", "delegation", "hall", "present", "late_by"]
        assert vote == {"deputy": closed["deputies"][0], "channel": Source.PHONE}
        candidate = digests.candidate_lines(round_)[0]
        assert list(candidate) == ["body", "no", "project", "name", "summary", "amount"]
        ballots = digests.ballot_lines(round_)
        assert [list(ballot) for ballot in ballots] == [["code", "source", "marks"]] * 8
        assert [ballot["code"] for ballot in ballots] == sorted(ballot["code"] for ballot in ballots)
        assert ballots[0]["marks"] == {"1": "for", "2": "for"}
        assert list(digests.paper_lines(round_)) == ["stacks", "boxes", "entries", "decisions"]


def test_freeze_at_close_hashes_rows_bare_and_figures_salted(world, closed):
    with world.work():
        round_ = rounds.get_round(closed["round"])
        facts = next(event.payload for event in events.events(round_) if event.kind == "close")
        for name in digests.FIXED_AT_CLOSE:
            bare = canonical(digests.CONTENT[name](round_))
            assert facts[name] == digests.of(round_, name) == hashlib.sha256(bare).hexdigest()
        assert sorted(round_.salts) == sorted(digests.SALTED)
        salted = canonical({"salt": round_.salts["ballots"], "value": digests.ballot_lines(round_)})
        assert facts["ballots"] == digests.of(round_, "ballots") == hashlib.sha256(salted).hexdigest()

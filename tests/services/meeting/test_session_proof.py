"""The proof of a session: its chain, and the cards it says were issued."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import NOW
from tests.services.voting.test_vote import BY, KEY, make_hall
from votes.db import db
from votes.services.meeting import cards, events, session_proof, sessions
from votes.services.voting import proof

PREPARED = {"hall": make_hall}
ADD_CARD = (
    "INSERT INTO cards (session_id, deputy_id, batch_id, token_hash, pin_hash, issued_at, opened, body_id)"
    " SELECT session_id, deputy_id, {batch}, 'a hash of my own', '', issued_at, false, body_id FROM cards WHERE id = 4"
)


@pytest.fixture
def session(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        meeting.body.is_demo = False
        cards.reissue(cards.active(meeting)[0], reason="遗失", key=KEY, by=BY, now=NOW)
    return hall["session"]


def flaw(world, session, *statements):
    with world.work():
        for statement in statements:
            assert db.session.execute(text(statement)).rowcount == 1
    with world.work():
        return session_proof.flaw(sessions.get(session))


def test_untouched_session_is_whole(world, session, hall):
    assert flaw(world, session) == ""
    with world.work(None):
        (found,) = session_proof.verify_all()
        assert (found.session_id, found.whole, len(found.head)) == (session, True, 64)
        assert proof.verify_id(hall["round"]).whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cards SET token_hash = 'a hash of my own' WHERE id = 3",
        "DELETE FROM cards WHERE id = 3",
        ADD_CARD.format(batch="batch_id"),
        ADD_CARD.format(batch="null"),
    ],
)
def test_card_changed_beside_the_chain_is_found(world, session, hall, statement):
    """Whoever writes a card of their own into the tables is seen on the round's page of proof and by verify-chain."""
    free = "UPDATE cards SET voided_at = issued_at, void_reason = '' WHERE id = 4"
    more = [free] if statement.startswith("INSERT") else []
    assert "凭证" in flaw(world, session, *more, statement)
    with world.work(None):
        assert [finding.what for finding in proof.verify_id(hall["round"]).wrong] == ["会议的凭证记录"]


@pytest.mark.parametrize("verb", ["UPDATE session_events SET kind = 'x'", "DELETE FROM session_events"])
def test_event_of_a_session_is_never_changed_or_removed(world, session, verb):
    with pytest.raises(DBAPIError, match="events are never"), world.work():
        db.session.execute(text(verb))


def test_event_changed_with_triggers_put_aside_is_found(world, session, monkeypatch):
    with world.work():
        meeting = sessions.get(session)
        first, second = events.events(meeting)
        monkeypatch.setattr(events, "events", lambda owner: [second])
        assert "第 1 条的序号不对" in session_proof.flaw(meeting)
        for row in (first, second):
            db.session.expunge(row)
        first.payload = {**first.payload, "numbers": []}
        monkeypatch.setattr(events, "events", lambda owner: [first, second])
        assert session_proof.flaw(meeting) == "第 1 条记录的内容与其摘要不符：内容被改动。"


def test_verify_chain_command_names_the_session_that_was_changed(app, world, session):
    runner = app.test_cli_runner()
    result = runner.invoke(args=["verify-chain"])
    assert (result.exit_code, "会议　第一次会议的凭证记录：完整" in result.output) == (0, True)
    with world.work():
        db.session.execute(text("UPDATE cards SET token_hash = 'a hash of my own' WHERE id = 3"))
    result = runner.invoke(args=["verify-chain"])
    assert (result.exit_code, "会议　第一次会议的凭证记录：不完整。" in result.output) == (1, True)
    answer = json.loads(runner.invoke(args=["verify-chain", "--json"]).stdout)
    assert [(each["session_id"], each["whole"]) for each in answer["sessions"]] == [(session, False)]

"""Voting cards: tokens and PINs, issuing, and what makes a card unusable."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.services.voting.test_vote import BY, KEY, make_hall
from votes.db import db
from votes.models import AuditEntry, Card, Deputy, metadata, table_of
from votes.rules.errors import RuleBroken
from votes.rules.meeting.bindings import Way
from votes.rules.people.roles import DeputyState
from votes.services.meeting import bindings, card_secrets, cards, events, session_proof, sessions

PREPARED = {"hall": make_hall}


def card_of(hall, number):
    card = cards.valid(sessions.get(hall["session"]), hall["deputies"][number])
    assert card is not None
    return card


def test_token_of_a_card_finds_it_and_pin_opens_it(world, hall):
    with world.work():
        card = card_of(hall, 3)
        token, pin = hall["secrets"][card.deputy_id]
        assert re.fullmatch(r"[0-9]{8}", pin)
        assert cards.by_token(token) is card
        assert cards.by_number_and_pin(hall["session"], " 004 ", f"{pin[:4]} {pin[4:]}", key=KEY) is card
        assert cards.by_number_and_pin(hall["session"], "004", pin, key="another key") is None
        assert cards.by_number_and_pin(hall["session"], "004", "", key=KEY) is None
        assert cards.by_number_and_pin(hall["session"], "999", pin, key=KEY) is None


def test_database_and_server_key_hold_no_token_and_no_pin(world, hall):
    """Whoever has the whole database and SECRET_KEY finds no card in it, and nothing of which a card could be made."""
    with world.work():
        secrets = [secret for pair in hall["secrets"].values() for secret in pair]
        whole = repr(
            [tuple(row) for table in metadata.sorted_tables for row in db.session.execute(select(table))]
        )
        assert [secret for secret in secrets if secret in whole] == []
        assert card_of(hall, 3).token_hash in whole, "what could leak is there"
        kept = {column.name for column in table_of(Card).columns}
        assert kept == {
            "id", "body_id", "session_id", "deputy_id", "batch_id", "token_hash", "pin_hash", "issued_at",
            "opened", "login_serial", "bound_to", "takeovers", "voided_at", "void_reason",
        }  # fmt: skip


def test_pin_hash_needs_server_key_and_time():
    secret = card_secrets.draw("the key")
    assert secret.pin_hash.startswith("$argon2id$")
    assert card_secrets.pin_matches(secret.pin_hash, secret.pin, key="the key")
    assert not card_secrets.pin_matches(secret.pin_hash, secret.pin, key="no key")
    assert not card_secrets.pin_matches("", secret.pin, key="the key"), (
        "a card of an earlier version has no PIN"
    )


def test_issue_missing_gives_each_deputy_one_card(world, hall):
    with world.work():
        session = sessions.get(hall["session"])
        cards.void(card_of(hall, 3), reason="遗失", by=BY, now=NOW)
        assert [deputy.id for deputy in cards.without_card(session)] == [hall["deputies"][3]]
        (new,) = cards.issue_missing(session, key=KEY, by=BY, now=NOW)
        assert cards.by_token(new.token) is new.card
        assert cards.issue_missing(session, key=KEY, by=BY, now=NOW) == []
        assert len(cards.of_deputy(session, hall["deputies"][3])) == 2


def test_issuing_stands_on_log_and_chain_with_numbers(world, hall):
    with world.work():
        session, office = sessions.get(hall["session"]), world.actor("office")
        cards.reissue(card_of(hall, 3), reason="遗失", key=KEY, by=office, now=NOW)
        first, second = events.events(session)
        numbers = [f"{number:03d}" for number in range(1, 13)]
        assert (first.kind, first.payload["cards"], first.payload["numbers"]) == ("cards_issued", 12, numbers)
        told = {name: second.payload[name] for name in ("by", "cards", "numbers", "reason")}
        assert told == {"by": office.name, "cards": 1, "numbers": ["004"], "reason": "遗失"}
        assert (second.previous, events.verify(session)) == (first.hash, None)
        line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "card.reissue")).one()
        assert (line.user_id, line.after) == (
            office.user_id,
            {"cards": 1, "numbers": ["004"], "reason": "遗失"},
        )


def test_reissue_many_replaces_unopened_cards_only(world, hall):
    with world.work():
        session = sessions.get(hall["session"])
        kept = card_of(hall, 3)
        bindings.enter(kept.id, "phone", Way.SCAN)
        new = cards.reissue_many(session, None, reason="卡纸", key=KEY, by=BY, now=NOW)
        assert len(new) == 11
        assert card_of(hall, 3) is kept
        old, _ = hall["secrets"][hall["deputies"][4]]
        assert cards.by_token(old).void_reason == "卡纸"
        assert card_of(hall, 4).id in {each.card.id for each in new}
        assert [event.kind for event in events.events(session)] == ["cards_issued", "cards_issued"]


def test_reissue_many_of_chosen_cards_leaves_the_others(world, hall):
    with world.work():
        session = sessions.get(hall["session"])
        chosen = [card_of(hall, number).id for number in (2, 5)]
        new = cards.reissue_many(session, chosen, reason="卡纸", key=KEY, by=BY, now=NOW)
        assert [each.card.deputy.number for each in new] == ["003", "006"]
        with pytest.raises(RuleBroken, match="没有可以补发的凭证"):
            cards.reissue_many(session, chosen, reason="卡纸", key=KEY, by=BY, now=NOW)


def test_void_unused_leaves_cards_that_a_phone_opened(world, hall):
    with world.work():
        session = sessions.get(hall["session"])
        bindings.enter(card_of(hall, 3).id, "phone", Way.SCAN)
        assert cards.void_unused(session, reason="会议改期", by=BY, now=NOW) == 11
        assert [card.deputy_id for card in cards.active(session)] == [hall["deputies"][3]]
        assert events.events(session)[-1].payload["cards"] == 11


@pytest.mark.parametrize("act", ["issue_missing", "reissue"])
def test_two_issuing_acts_at_once_give_each_deputy_one_card(world, hall, act):
    with world.work():
        session = sessions.get(hall["session"])
        card_id = card_of(hall, 3).id
        if act == "issue_missing":
            cards.void_unused(session, reason="重发", by=BY, now=NOW)
    start = Barrier(2)

    def one(_: int) -> int:
        start.wait()
        try:
            with world.work():
                if act == "reissue":
                    cards.reissue(cards.get(card_id), reason="遗失", key=KEY, by=BY, now=NOW)
                    return 1
                return len(cards.issue_missing(sessions.get(hall["session"]), key=KEY, by=BY, now=NOW))
        except RuleBroken:  # the other has voided it
            return 0

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(one, range(2)))
    assert done == ([0, 12] if act == "issue_missing" else [0, 1])
    with world.work():
        session = sessions.get(hall["session"])
        assert sorted(card.deputy_id for card in cards.active(session)) == sorted(hall["deputies"])
        assert (events.verify(session), session_proof.flaw(session)) == (None, "")


def test_issue_to_the_holder_of_a_card_is_refused(world, hall):
    with pytest.raises(RuleBroken, match="已有有效凭证"), world.work():
        cards.issue(sessions.get(hall["session"]), hall["deputies"][3], key=KEY, by=BY, now=NOW)


def test_void_without_a_reason_is_refused(world, hall):
    with pytest.raises(RuleBroken) as refusal, world.work():
        cards.void(card_of(hall, 3), reason=" ", by=BY, now=NOW)
    assert (refusal.value.field, refusal.value.status) == ("reason", 422)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda card: cards.void(card, reason="遗失", by=BY, now=NOW), "void"),
        (lambda card: sessions.move(card.session, "end", by=BY, now=NOW), "ended"),
        (
            lambda card: setattr(db.session.get(Deputy, card.deputy_id), "state", DeputyState.ENDED),
            "not_active",
        ),
    ],
)
def test_check_usable_refuses_each_case_with_its_code(world, hall, spoil, code):
    with world.work():
        card = card_of(hall, 3)
        assert cards.check_usable(card) is card
        spoil(card)
        with pytest.raises(RuleBroken) as refusal:
            cards.check_usable(card)
        assert refusal.value.code == code


def test_check_usable_refuses_an_unknown_token():
    with pytest.raises(RuleBroken) as refusal:
        cards.check_usable(None)
    assert (refusal.value.code, refusal.value.status) == ("forged", 404)

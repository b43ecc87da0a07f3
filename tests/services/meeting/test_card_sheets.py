"""The sheets of an act of issuing: for one login in one browser, for ten minutes, each fetch written down."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.factories import NOW
from tests.services.voting.test_vote import KEY, make_hall
from votes.db import db
from votes.models import AuditEntry, CardBatch
from votes.rules.errors import RuleBroken
from votes.services.meeting import card_sheets, cards, events, sessions
from votes.services.meeting.card_sheets import SheetChoice

PREPARED = {"hall": make_hall}
ALL = SheetChoice()
LATER = NOW + card_sheets.LIFE


@pytest.fixture
def kept(world, hall):
    """Issue two cards as the office; return the act's id and the browser's key."""
    key = card_sheets.new_key()
    with world.work():
        session, office = sessions.get(hall["session"]), world.actor("office")
        chosen = [cards.valid(session, hall["deputies"][number]).id for number in (2, 5)]
        new = cards.reissue_many(session, chosen, reason="卡纸", key=KEY, by=office, now=NOW)
        batch = card_sheets.keep(new, key=key, by=office, now=NOW)
        return {"batch": batch.id, "key": key, "secrets": [(each.token, each.pin) for each in new]}


def read(world, kept, choice=ALL, *, role="office", now=NOW, **others):
    key = {**kept, **others}["key"]
    by, batch = world.actor(role), card_sheets.get(kept["batch"])
    return card_sheets.read(batch, choice, key=key, public_url="http://hall.example", by=by, now=now)


def refusal(world, kept, **how):
    with world.work(), pytest.raises(RuleBroken) as broken:
        read(world, kept, **how)
    return broken.value.code


def test_sheets_say_what_is_printed_on_each_card(world, kept):
    with world.work():
        faces = read(world, kept)
        assert [(f.name, f.number, f.session) for f in faces] == [
            ("示例代表003", "003", "第一次会议"),
            ("示例代表006", "006", "第一次会议"),
        ]
        assert [(f.url, f.pin) for f in faces] == [
            (f"http://hall.example/c/{token}", pin) for token, pin in kept["secrets"]
        ]
        assert len(read(world, kept, SheetChoice(part=1, size=1))) == 1
        delegation = world.delegations["county"]
        assert len(read(world, kept, SheetChoice(delegation=delegation))) == 2


def test_office_colleague_alone_cannot_fetch_the_sheets(world, kept):
    assert refusal(world, kept, role="sysadmin") == "other_login"


def test_issuer_without_the_browsers_key_cannot_fetch(world, kept):
    assert refusal(world, kept, key=None) == "other_browser"
    assert refusal(world, kept, key=card_sheets.new_key()) == "other_browser"
    assert refusal(world, kept, key=b"short") == "other_browser"


def test_nobody_can_fetch_after_ten_minutes(world, kept):
    assert refusal(world, kept, now=LATER) == "expired"
    with world.work():
        assert read(world, kept, now=LATER - timedelta(seconds=1))


def test_database_holds_the_sheets_encrypted_only(world, kept):
    with world.work():
        (sealed,) = db.session.scalars(text("SELECT sealed FROM card_batches WHERE sealed IS NOT NULL"))
        for token, pin in kept["secrets"]:
            assert token.encode() not in bytes(sealed)
            assert pin.encode() not in bytes(sealed)


def test_next_act_erases_expired_sheets(world, hall, kept):
    with world.work():
        session, office = sessions.get(hall["session"]), world.actor("office")
        new = cards.reissue(cards.active(session)[0], reason="遗失", key=KEY, by=office, now=LATER)
        card_sheets.keep([new], key=kept["key"], by=office, now=LATER)
        rows = db.session.scalars(select(CardBatch).order_by(CardBatch.id)).all()
        assert [row.sealed is None for row in rows] == [True, True, False]
        assert card_sheets.live(session, key=kept["key"], by=office, now=LATER) == [rows[-1]]
    assert refusal(world, kept) == "expired"


def test_fetch_stands_on_log_and_chain(world, hall, kept):
    with world.work():
        office, session = world.actor("office"), sessions.get(hall["session"])
        faces, batch = read(world, kept), card_sheets.get(kept["batch"])
        card_sheets.record_fetch(batch, faces, "pdf", by=office, now=NOW)
        payload = events.events(session)[-1].payload
        names = ("kind", "batch", "by", "cards", "numbers", "form")
        assert [payload[name] for name in names] == [
            "cards_fetched", kept["batch"], office.name, 2, ["003", "006"], "pdf",
        ]  # fmt: skip
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "card.fetch")).one()


def test_voided_card_is_not_printed(world, hall, kept):
    with world.work():
        card = cards.valid(sessions.get(hall["session"]), hall["deputies"][2])
        cards.void(card, reason="遗失", by=world.actor("office"), now=NOW)
        assert [face.number for face in read(world, kept)] == ["006"]

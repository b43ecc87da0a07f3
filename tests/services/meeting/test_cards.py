"""Voting cards: tokens and PINs, issuing, and what makes a card unusable."""

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import BY, KEY, make_hall
from votes.db import db
from votes.models import Deputy
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.services.meeting import cards, sessions

PREPARED = {"hall": make_hall}


def card_of(hall, number):
    card = cards.valid(sessions.get(hall["session"]), hall["deputies"][number])
    assert card is not None
    return card


def test_token_of_a_card_finds_it_and_pin_opens_it(world, hall):
    with world.work():
        card = card_of(hall, 3)
        pin = cards.pin(card, KEY)
        assert cards.by_token(cards.token(card, KEY)) is card
        assert cards.by_number_and_pin(hall["session"], " 004 ", pin, key=KEY) is card
        assert cards.by_number_and_pin(hall["session"], "004", pin, key="another key") is None
        assert cards.by_number_and_pin(hall["session"], "999", pin, key=KEY) is None


def test_faces_say_what_is_printed_on_a_card(world, hall):
    with world.work():
        session, card = sessions.get(hall["session"]), card_of(hall, 3)
        (face,) = cards.faces([card], session, key=KEY, public_url="http://hall.example")
        assert (face.name, face.number, face.session) == ("示例代表004", "004", "第一次会议")
        assert face.url == f"http://hall.example/c/{cards.token(card, KEY)}"
        assert face.pin == cards.pin(card, KEY)


def test_issue_missing_gives_each_deputy_one_card(world, hall):
    with world.work():
        session = sessions.get(hall["session"])
        cards.void(card_of(hall, 3), reason="遗失", by=BY, now=NOW)
        assert [deputy.id for deputy in cards.without_card(session)] == [hall["deputies"][3]]
        assert cards.issue_missing(session, key=KEY, by=BY, now=NOW) == 1
        assert cards.issue_missing(session, key=KEY, by=BY, now=NOW) == 0
        assert len(cards.of_deputy(session, hall["deputies"][3])) == 2


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

"""Who is signed in: an account, a card, nobody."""

import pytest

from votes.rules.people.actor import PUBLIC, Actor


@pytest.mark.parametrize(
    ("actor", "signed_in"),
    [
        (PUBLIC, False),
        (Actor(user_id=1), True),
        (Actor(card_id=1, deputy_id=2), True),
        (Actor(body_id=1), False),
    ],
)
def test_signed_in_needs_an_account_or_a_card(actor, signed_in):
    assert actor.signed_in == signed_in

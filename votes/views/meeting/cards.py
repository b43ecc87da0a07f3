"""The URL of the personal QR code: a page with a button, and only the button signs in."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.forms.meeting.phone import CardPinForm
from votes.models import Card
from votes.rules.meeting.bindings import Entry, Way
from votes.rules.permissions import Permission as P
from votes.services.meeting import bindings, cards
from votes.services.meeting.bindings import CardEntry
from votes.views.voting.vote_reports import voted_elsewhere
from votes.web import phones, sign_in
from votes.web.access import allow, enter_body
from votes.web.card_sheets import server_key
from votes.web.facts import Layout, Pages
from votes.web.transaction import reading

bp = Pages("cards", __name__, Layout.PHONE, audit="cards")


def _card(token: str) -> Card:
    """Return the usable card with this token, its body in scope; raise RuleBroken otherwise."""
    card = cards.by_token(token)
    if card is not None:
        enter_body(card)
    return cards.check_usable(card)


@bp.get("/c/<token>")
@allow(P.SIGN_IN)
def show(token: str) -> ResponseReturnValue:
    card = _card(token)
    found = bindings.look(card.id, phones.of_deputy(card.deputy_id), Way.SCAN)
    return _page(card, token, CardPinForm(formdata=None), found)


def _page(card: Card, token: str, form: CardPinForm, found: CardEntry) -> ResponseReturnValue:
    """Show who holds the card and the button; a field for the PIN where the card belongs to another browser."""
    if found.entry == Entry.VOTED:
        return voted_elsewhere(card.session, card.deputy.number, found)
    facts = {"card": card, "token": token, "form": form, "asks_pin": found.entry == Entry.ASK_PIN}
    return render_template("meeting/cards/show.html", **facts), form.status


@bp.post("/c/<token>")
@allow(P.SIGN_IN)
@reading
def enter(token: str) -> ResponseReturnValue:
    """Sign in. A stranger may send anything here, so the page takes no write lock before what was sent proves good."""
    card, form = _card(token), CardPinForm()
    if not form.accepts(lambda: _sign_in(card, form.pin.data or "")):
        return _page(card, token, form, CardEntry(Entry.ASK_PIN))
    found: CardEntry = form.outcome
    return redirect(url_for("hall.home"), 303) if found.signs_in else _page(card, token, form, found)


def _sign_in(card: Card, pin: str) -> CardEntry:
    if pin:
        return sign_in.with_pin(card.session, card.deputy.number, pin, server_key())
    return sign_in.with_card(card, Way.SCAN)

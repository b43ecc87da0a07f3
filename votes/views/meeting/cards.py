"""The URL of the personal QR code: a page with a button, and only the button signs in."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.forms.base import ActionForm
from votes.models import Card
from votes.rules.permissions import Permission as P
from votes.services.meeting import cards
from votes.web import sign_in
from votes.web.access import allow, enter_body
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
    return render_template("meeting/cards/show.html", card=_card(token), form=ActionForm(), token=token)


@bp.post("/c/<token>")
@allow(P.SIGN_IN)
@reading
def enter(token: str) -> ResponseReturnValue:
    """Sign in. A stranger may send anything here, so the page takes no write lock."""
    sign_in.with_card(_card(token))
    return redirect(url_for("hall.home"), 303)

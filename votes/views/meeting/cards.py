"""Behind the personal QR: a page with a button; only the button opens the door."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.forms.base import ActionForm
from votes.rules.permissions import Permission as P
from votes.services.meeting import cards
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import sign_in_card

bp = Pages("cards", __name__, Layout.PHONE, audit="cards")


@bp.get("/c/<token>")
@allow(P.SIGN_IN)
def show(token: str) -> ResponseReturnValue:
    card = cards.check_usable(cards.by_token(token))
    return render_template("meeting/cards/show.html", card=card, form=ActionForm(), token=token)


@bp.post("/c/<token>")
@allow(P.SIGN_IN)
def enter(token: str) -> ResponseReturnValue:
    card = cards.check_usable(cards.by_token(token))
    sign_in_card(card.id)
    return redirect(url_for("hall.home"), 303)

"""Issuing cards from a page: secrets drawn before the write lock, sheets kept under a key in this browser's cookie."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any

from flask import after_this_request, current_app, request
from flask.wrappers import Response

from votes.clock import now
from votes.models import CardBatch, CongressSession
from votes.services.meeting import card_secrets, card_sheets
from votes.services.meeting.cards import NewCard
from votes.web.identity import me
from votes.web.transaction import release_lock

#: The cookie with the key of the sheets; browsers send it to the pages of sessions only.
COOKIE = "sheets"
PATH = "/office/sessions/"


def server_key() -> str:
    """Return the server's key, under which PINs are hashed."""
    return str(current_app.config["SECRET_KEY"])


def browser_key() -> bytes | None:
    """Return the key that this browser holds, if any."""
    try:
        key = urlsafe_b64decode(request.cookies.get(COOKIE, ""))
    except (ValueError, binascii.Error):
        return None
    return key if len(key) == card_sheets.KEY_BYTES else None


def live(session: CongressSession) -> list[CardBatch]:
    """Return the acts whose sheets this login may fetch in this browser, newest first."""
    return card_sheets.live(session, key=browser_key(), by=me(), now=now())


def issue(
    session: CongressSession,
    count: int,
    act: Callable[..., NewCard | list[NewCard]],
    *what: Any,
    **facts: Any,
) -> list[NewCard]:
    """Run an act of `services.meeting.cards` that issues about ``count`` cards, and keep their sheets."""
    release_lock()
    secrets, at = card_secrets.draw_many(count, server_key()), now()
    outcome = act(*what, **facts, key=server_key(), by=me(), now=at, drawn=secrets)
    new = outcome if isinstance(outcome, list) else [outcome]
    if new:
        _keep(session, new)
    return new


def _keep(session: CongressSession, new: Sequence[NewCard]) -> None:
    """Keep the sheets. A browser goes on using its key while sheets of this login under it are live."""
    key = browser_key() if live(session) else None
    key = key or card_sheets.new_key()
    card_sheets.keep(new, key=key, by=me(), now=now())

    @after_this_request
    def hand_over(response: Response) -> Response:
        if response.status_code < 400:
            https = bool(current_app.config["SESSION_COOKIE_SECURE"])
            life = int(card_sheets.LIFE.total_seconds())
            text = urlsafe_b64encode(key).decode()
            options: dict[str, Any] = {"httponly": True, "samesite": "Strict", "secure": https}
            response.set_cookie(COOKIE, text, max_age=life, path=PATH, **options)
        return response

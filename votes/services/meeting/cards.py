"""Voting cards: one for each deputy and session, used by a personal QR code or by number and PIN.

A token is a MAC of 128 random bits, kept with the card, under the server's key. The database alone therefore lets
nobody in, and a jammed sheet can be printed again without voiding the cards already handed out. The database holds
only the SHA-256 of a token to compare with.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from votes.db import EVERY_BODY, db, everything, flush_or, scoped
from votes.exports.meeting.cards import VotingCard
from votes.models import Card, CongressSession, Deputy, Pairing
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import normal_number
from votes.services import audit
from votes.services.meeting import sessions
from votes.services.people import bodies, passwords

_CARDS = select(Card).options(joinedload(Card.deputy), joinedload(Card.session))


def _mac(key: str, purpose: str, salt: bytes) -> bytes:
    return hmac.new(key.encode(), purpose.encode() + b":" + salt, hashlib.sha256).digest()


def token(card: Card, key: str) -> str:
    """Return the 22 characters in the card's QR code; ``key`` is the server's SECRET_KEY."""
    return base64.urlsafe_b64encode(_mac(key, "card", card.salt)[:16]).rstrip(b"=").decode()


def pin(card: Card, key: str) -> str:
    """Return the six digits printed small on the card."""
    return f"{int.from_bytes(_mac(key, 'pin', card.salt)[:8], 'big') % 1_000_000:06d}"


def _hash_token(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_pin(card_pin: str, salt: bytes, key: str) -> str:
    # A plain hash of six digits could be tried out in a second, so the server's key is part of it.
    return _mac(key, f"pin-check:{card_pin}", salt).hex()


def url(card: Card, key: str, public_url: str) -> str:
    """Return the URL in the card's QR code."""
    return f"{public_url}/c/{token(card, key)}"


def faces(cards: Iterable[Card], session: CongressSession, *, key: str, public_url: str) -> list[VotingCard]:
    """Return what is printed on each card."""
    return [
        VotingCard(
            name=card.deputy.name,
            delegation=card.deputy.delegation.name,
            number=card.deputy.number,
            url=url(card, key, public_url),
            pin=pin(card, key),
            body=session.body.name,
            session=session.title,
        )
        for card in cards
    ]


# --- reading -------------------------------------------------------------------------------------------


def by_token(text: str) -> Card | None:
    """Return the card of any body that has this token, void cards included."""
    with scoped(EVERY_BODY):
        return _with_token(text)


def _with_token(text: str) -> Card | None:
    return db.session.scalar(_CARDS.where(Card.token_hash == _hash_token(text)))


def scanned(session: CongressSession, text: str) -> Card:
    """Return the card of ``session`` whose token a scanner sent, void cards included.

    Raises RuleBroken for a token that no card of the body in scope has, or a card of another session.
    """
    card = _with_token(text)
    if card is None:
        raise RuleBroken("这不是本级人大发出的票决凭证，请核对是否扫错。", code="forged", status=422)
    if card.session_id != session.id:
        words = f"这是“{card.session.title}”的凭证，不能在本次会议使用。持证人：{card.deputy.name}。"
        raise RuleBroken(words, code="other_session", status=422)
    return card


def valid(session: CongressSession, deputy_id: int) -> Card | None:
    """Return the deputy's valid card for the session."""
    return db.session.scalar(_CARDS.where(*_held(session), Card.deputy_id == deputy_id))


def _held(session: CongressSession) -> tuple[ColumnElement[bool], ...]:
    return Card.session_id == session.id, Card.voided_at.is_(None)


def get(card_id: int) -> Card | None:
    """Return the card with its deputy and session."""
    return db.session.scalar(_CARDS.where(Card.id == card_id))


def active(session: CongressSession) -> list[Card]:
    """Return the valid cards of deputies in office, by delegation and number."""
    cards = select(Card).join(Deputy, Deputy.id == Card.deputy_id).where(*_held(session))
    with_deputy = cards.options(joinedload(Card.deputy).joinedload(Deputy.delegation))
    rows = db.session.scalars(with_deputy.where(Deputy.state == DeputyState.ACTIVE))
    return sorted(rows, key=lambda c: (c.deputy.delegation.position, c.deputy.delegation_id, c.deputy.number))


def of_deputy(session: CongressSession, deputy_id: int) -> list[Card]:
    """Return all cards ever issued to a deputy for the session, newest first."""
    issued = select(Card).where(Card.session_id == session.id, Card.deputy_id == deputy_id)
    return everything(issued.order_by(Card.id.desc()))


def without_card(session: CongressSession) -> list[Deputy]:
    """Return the deputies in office who hold no valid card for the session."""
    without = Deputy.id.not_in(select(Card.deputy_id).where(*_held(session)))
    deputies = select(Deputy).where(Deputy.state == DeputyState.ACTIVE, without)
    return everything(deputies.order_by(Deputy.number))


# --- acts ----------------------------------------------------------------------------------------------


def issue_missing(session: CongressSession, *, key: str, by: Actor, now: datetime) -> int:
    """Issue a card to each deputy in office who has none; return how many were issued."""
    _check_session(session)
    deputies = without_card(session)
    for deputy in deputies:
        _issue(session, deputy.id, key, now)
    db.session.flush()
    if deputies:
        audit.record("card.issue", by=by, at=now, about=session, after={"cards": len(deputies)})
    return len(deputies)


def issue(session: CongressSession, deputy_id: int, *, key: str, by: Actor, now: datetime) -> Card:
    """Issue a card to one deputy. Raises RuleBroken where they hold one or are not in office."""
    _check_session(session)
    deputy = sessions.in_office(deputy_id)
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位在任代表，不能发放凭证。"), status=404)
    card = _issue(session, deputy_id, key, now)
    taken = RuleBroken(bodies.speak("这位代表已有有效凭证；如已遗失，请作废并补发。"))
    flush_or(taken, constraint="uq_cards_active")
    audit.record("card.issue", by=by, at=now, about=deputy, after={"cards": 1})
    return card


def reissue(card: Card, *, reason: str, key: str, by: Actor, now: datetime) -> Card:
    """Void the card at once and issue another to the same deputy."""
    _check_session(card.session)
    void(card, reason=reason, by=by, now=now)
    new_card = _issue(card.session, card.deputy_id, key, now)
    db.session.flush()
    audit.record("card.reissue", by=by, at=now, about=card.deputy, after={"reason": reason})
    return new_card


def void(card: Card, *, reason: str, by: Actor, now: datetime) -> None:
    """Void the card; browsers that it signed in are signed out at once.

    A pairing (配对) that the desk has confirmed for the deputy and that no phone has used yet expires too: it would
    otherwise sign the phone in with the deputy's next card.
    """
    if card.voided_at is not None:
        raise RuleBroken("这张凭证已经作废。", code="void")
    if not reason.strip():
        raise RuleBroken("请填写作废原因，例如：遗失、损坏。", field="reason", status=422)
    card.voided_at, card.void_reason = now, reason.strip()
    of_deputy = Pairing.session_id == card.session_id, Pairing.deputy_id == card.deputy_id
    unused = update(Pairing).where(*of_deputy, Pairing.used_at.is_(None))
    db.session.execute(unused.values(expires_at=now - timedelta(minutes=1)))
    passwords.clear_failures(*_guesses(card.session_id, card.deputy))
    audit.record("card.void", by=by, at=now, about=card.deputy, after={"reason": reason.strip()})
    db.session.flush()


def _issue(session: CongressSession, deputy_id: int, key: str, now: datetime) -> Card:
    holder = {"body_id": session.body_id, "session_id": session.id, "deputy_id": deputy_id}
    card = Card(**holder, salt=secrets.token_bytes(16), issued_at=now)
    card.token_hash = _hash_token(token(card, key))
    card.pin_hash = _hash_pin(pin(card, key), card.salt, key)
    db.session.add(card)
    return card


def _check_session(session: CongressSession) -> None:
    sessions.refuse_ended(session, "会议已闭会，不再发放凭证。")


# --- signing in ----------------------------------------------------------------------------------------


def check_usable(card: Card | None) -> Card:
    """Return the card if it may sign its deputy in now; refuse each other case in its own words."""
    if card is None:
        words = "这个二维码不是本系统发出的凭证。请核对是否扫错；如仍不行，请到会场服务台。"
        raise RuleBroken(words, code="forged", status=404)
    if card.voided_at is not None:
        words = "这张凭证已经作废（可能已补发新的凭证）。请使用新凭证，或到会场服务台。"
        raise RuleBroken(words, code="void", status=410)
    if card.session.state == SessionState.ENDED:
        raise RuleBroken("会议已经闭会，凭证已失效。", code="ended", status=410)
    if card.deputy.state != DeputyState.ACTIVE:
        words = bodies.speak("您目前不在在任代表名册上，凭证不能使用。请与人大办联系。")
        raise RuleBroken(words, code="not_active", status=403)
    return card


def throttle_key(session_id: int, number: str) -> str:
    """Return the key under which wrong PINs of a deputy's number are counted."""
    return f"pin:{session_id}:{number}"


def hall_code_key(session_id: int, deputy_id: int) -> str:
    """Return the key under which wrong codes of the hall are counted for a deputy."""
    return f"hall:{session_id}:{deputy_id}"


def _guesses(session_id: int, deputy: Deputy) -> tuple[str, str]:
    return throttle_key(session_id, deputy.number), hall_code_key(session_id, deputy.id)


def waits(session_id: int, deputy: Deputy, now: datetime) -> timedelta:
    """Return how long the deputy has to wait after wrong PINs or wrong codes of the hall."""
    return max(passwords.waits(key, now) for key in _guesses(session_id, deputy))


def unlock_number(session: CongressSession, number: str, *, by: Actor, now: datetime) -> Deputy:
    """Do as `unlock` for the deputy in office with this number; return the deputy."""
    of_number = Deputy.number == normal_number(number), Deputy.state == DeputyState.ACTIVE
    deputy = db.session.scalar(select(Deputy).where(*of_number))
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这个代表证号，请核对。"), field="number", status=422)
    unlock(session, deputy, by=by, now=now)
    return deputy


def unlock(session: CongressSession, deputy: Deputy, *, by: Actor, now: datetime) -> None:
    """Forget the wrong PINs and hall codes of a deputy: the desk does it, or a teller, who does it for another only."""
    if by.deputy_id == deputy.id:
        raise RuleBroken("不能为自己解除等待，请到服务台或请另一位监票人办理。", status=403)
    passwords.clear_failures(*_guesses(session.id, deputy))
    audit.record("card.unlock", by=by, at=now, about=deputy)
    db.session.flush()


def by_number_and_pin(session_id: int, number: str, card_pin: str, *, key: str) -> Card | None:
    """Return the valid card of deputy ``number`` if the PIN is right, else None; the caller counts the failure."""
    cards = _CARDS.join(Deputy, Deputy.id == Card.deputy_id).where(Deputy.number == number.strip())
    card = db.session.scalar(cards.where(Card.session_id == session_id, Card.voided_at.is_(None)))
    # The PIN is also compared where the number does not exist, so that the time taken tells nothing.
    salt, stored = (card.salt, card.pin_hash) if card else (b"", "")
    right = hmac.compare_digest(_hash_pin(card_pin.strip(), salt, key), stored)
    return card if card is not None and right else None

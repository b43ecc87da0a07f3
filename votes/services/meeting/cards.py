"""Voting cards: one for each deputy and session, opened by a personal QR or by number and PIN.

The token is made of 128 random bits kept with the card and the server's key, so the database alone opens
nothing, and a jammed sheet can be printed again without making the cards already handed out worthless. What is
compared is only its SHA-256.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from votes.db import EVERY_BODY, db, flush_or, scoped
from votes.models import Attendance, Card, CongressSession, Deputy, Pairing
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.people import bodies, passwords


def _mac(key: str, purpose: str, salt: bytes) -> bytes:
    return hmac.new(key.encode(), purpose.encode() + b":" + salt, hashlib.sha256).digest()


def token(card: Card, key: str) -> str:
    """The 22 characters in the card's QR; ``key`` is the server's SECRET_KEY."""
    return base64.urlsafe_b64encode(_mac(key, "card", card.salt)[:16]).rstrip(b"=").decode()


def pin(card: Card, key: str) -> str:
    """The six figures printed small on the card."""
    return f"{int.from_bytes(_mac(key, 'pin', card.salt)[:8], 'big') % 1_000_000:06d}"


def _hash_token(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_pin(card_pin: str, salt: bytes, key: str) -> str:
    # A plain hash of six figures could be tried out in a second: the server's key goes in.
    return _mac(key, f"pin-check:{card_pin}", salt).hex()


def url(card: Card, key: str, public_url: str) -> str:
    """The address in the card's QR."""
    return f"{public_url}/c/{token(card, key)}"


# --- reading -------------------------------------------------------------------------------------------


def by_token(text: str) -> Card | None:
    """Return the card of any body that has this token, void cards included."""
    with scoped(EVERY_BODY):
        return _with_token(text)


def _with_token(text: str) -> Card | None:
    card: Card | None = db.session.scalar(
        select(Card)
        .where(Card.token_hash == _hash_token(text))
        .options(joinedload(Card.deputy), joinedload(Card.session))
    )
    return card


def scanned(session: CongressSession, text: str) -> Card:
    """Return the card of ``session`` whose token a scanner sent, void cards included.

    Raises RuleBroken for a token that no card of the body in scope has, or a card of another session.
    """
    card = _with_token(text)
    if card is None:
        raise RuleBroken("这不是本级人大发出的票决凭证，请核对是否扫错。", code="forged", status=422)
    if card.session_id != session.id:
        raise RuleBroken(
            f"这是“{card.session.title}”的凭证，不能在本次会议使用。持证人：{card.deputy.name}。",
            code="other_session",
            status=422,
        )
    return card


def valid(session: CongressSession, deputy_id: int) -> Card | None:
    """The deputy's valid card for the session."""
    return db.session.scalar(
        select(Card)
        .where(Card.session_id == session.id, Card.deputy_id == deputy_id, Card.voided_at.is_(None))
        .options(joinedload(Card.deputy), joinedload(Card.session))
    )


def get(card_id: int) -> Card | None:
    return db.session.scalar(
        select(Card).where(Card.id == card_id).options(joinedload(Card.deputy), joinedload(Card.session))
    )


def active(session: CongressSession) -> list[Card]:
    """The session's valid cards by delegation and number."""
    rows = db.session.scalars(
        select(Card)
        .join(Deputy, Deputy.id == Card.deputy_id)
        .where(Card.session_id == session.id, Card.voided_at.is_(None), Deputy.state == DeputyState.ACTIVE)
        .options(joinedload(Card.deputy).joinedload(Deputy.delegation))
    )
    return sorted(rows, key=lambda c: (c.deputy.delegation.position, c.deputy.delegation_id, c.deputy.number))


def of_deputy(session: CongressSession, deputy_id: int) -> list[Card]:
    """All cards ever issued to a deputy for the session, newest first."""
    return list(
        db.session.scalars(
            select(Card)
            .where(Card.session_id == session.id, Card.deputy_id == deputy_id)
            .order_by(Card.id.desc())
        )
    )


def without_card(session: CongressSession) -> list[Deputy]:
    """Deputies in office who hold no valid card for the session."""
    held = select(Card.deputy_id).where(Card.session_id == session.id, Card.voided_at.is_(None))
    return list(
        db.session.scalars(
            select(Deputy)
            .where(Deputy.state == DeputyState.ACTIVE, Deputy.id.not_in(held))
            .order_by(Deputy.number)
        )
    )


# --- acts ----------------------------------------------------------------------------------------------


def issue_missing(session: CongressSession, *, key: str, by: Actor, now: datetime) -> int:
    """Issue a card to everybody in office who has none; answers how many."""
    _check_session(session)
    deputies = without_card(session)
    for deputy in deputies:
        _issue(session, deputy.id, key, now)
    db.session.flush()
    if deputies:
        audit.record("card.issue", by=by, at=now, about=session, after={"cards": len(deputies)})
    return len(deputies)


def issue(session: CongressSession, deputy_id: int, *, key: str, by: Actor, now: datetime) -> Card:
    """Issue a card to one deputy who has none. Raises RuleBroken where they have one or are not in office."""
    _check_session(session)
    deputy = db.session.scalar(
        select(Deputy).where(Deputy.id == deputy_id, Deputy.state == DeputyState.ACTIVE)
    )
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位在任代表，不能发放凭证。"), status=404)
    fresh = _issue(session, deputy_id, key, now)
    flush_or(
        RuleBroken(bodies.speak("这位代表已有有效凭证；如已遗失，请作废并补发。")),
        constraint="uq_cards_active",
    )
    audit.record("card.issue", by=by, at=now, about=deputy, after={"cards": 1})
    return fresh


def reissue(card: Card, *, reason: str, key: str, by: Actor, now: datetime) -> Card:
    """Void the card at once and issue another to the same deputy."""
    _check_session(card.session)
    void(card, reason=reason, by=by, now=now)
    fresh = _issue(card.session, card.deputy_id, key, now)
    db.session.flush()
    audit.record("card.reissue", by=by, at=now, about=card.deputy, after={"reason": reason})
    return fresh


def void(card: Card, *, reason: str, by: Actor, now: datetime) -> None:
    """Make the card worthless, effective at once; browsers it had opened are out too, and a phone that the desk has
    confirmed for the deputy (配对) and that has not gone in yet: it would go in with the next card."""
    if card.voided_at is not None:
        raise RuleBroken("这张凭证已经作废。", code="void")
    if not reason.strip():
        raise RuleBroken("请填写作废原因，例如：遗失、损坏。", field="reason", status=422)
    card.voided_at, card.void_reason = now, reason.strip()
    db.session.execute(
        update(Pairing)
        .where(
            Pairing.session_id == card.session_id,
            Pairing.deputy_id == card.deputy_id,
            Pairing.used_at.is_(None),
        )
        .values(expires_at=now - timedelta(minutes=1))
    )
    passwords.clear_failures(throttle_key(card.session_id, card.deputy.number))
    audit.record("card.void", by=by, at=now, about=card.deputy, after={"reason": reason.strip()})
    db.session.flush()


def _issue(session: CongressSession, deputy_id: int, key: str, now: datetime) -> Card:
    card = Card(
        body_id=session.body_id,
        session_id=session.id,
        deputy_id=deputy_id,
        salt=secrets.token_bytes(16),
        issued_at=now,
    )
    card.token_hash = _hash_token(token(card, key))
    card.pin_hash = _hash_pin(pin(card, key), card.salt, key)
    db.session.add(card)
    return card


def _check_session(session: CongressSession) -> None:
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，不再发放凭证。")


def check_usable(card: Card | None) -> Card:
    """Raise RuleBroken, each case with its own words, unless the card opens the door now."""
    if card is None:
        raise RuleBroken(
            "这个二维码不是本系统发出的凭证。请核对是否扫错；如仍不行，请到会场服务台。",
            code="forged",
            status=404,
        )
    if card.voided_at is not None:
        raise RuleBroken(
            "这张凭证已经作废（可能已补发新的凭证）。请使用新凭证，或到会场服务台。", code="void", status=410
        )
    if card.session.state == SessionState.ENDED:
        raise RuleBroken("会议已经闭会，凭证已失效。", code="ended", status=410)
    if card.deputy.state != DeputyState.ACTIVE:
        raise RuleBroken(
            bodies.speak("您目前不在在任代表名册上，凭证不能使用。请与人大办联系。"),
            code="not_active",
            status=403,
        )
    return card


def throttle_key(session_id: int, number: str) -> str:
    return f"pin:{session_id}:{number}"


def by_number_and_pin(session_id: int, number: str, card_pin: str, *, key: str) -> Card | None:
    """The valid card of deputy ``number`` if the PIN is right, else None (the caller counts the failure)."""
    card = db.session.scalar(
        select(Card)
        .join(Deputy, Deputy.id == Card.deputy_id)
        .where(Card.session_id == session_id, Deputy.number == number.strip(), Card.voided_at.is_(None))
        .options(joinedload(Card.deputy), joinedload(Card.session))
    )
    # Compared even where there is no such number, so that the time taken says nothing.
    salt, stored = (card.salt, card.pin_hash) if card else (b"", "")
    right = hmac.compare_digest(_hash_pin(card_pin.strip(), salt, key), stored)
    return card if card is not None and right else None


def printable(
    cards: Sequence[Card], session: CongressSession, *, key: str, public_url: str
) -> list[tuple[str, str, str, str, str]]:
    """(name, delegation, number, address, PIN) of each card, for the sheets."""
    return [
        (c.deputy.name, c.deputy.delegation.name, c.deputy.number, url(c, key, public_url), pin(c, key))
        for c in cards
    ]


def attendance_of(session_id: int, deputy_id: int) -> Attendance | None:
    return db.session.scalar(
        select(Attendance).where(Attendance.session_id == session_id, Attendance.deputy_id == deputy_id)
    )

"""The sheets of one act of issuing: for ten minutes, for the login and the browser that issued the cards.

The tokens and PINs are encrypted (AES-256-GCM) with a key that stands in a cookie of that browser and nowhere else. So
neither the database, nor the server's key, nor another login of the office can read them. Each fetch is on the audit
log and on the session's chain. What has expired is erased by the next act on cards or round; nobody can read it before.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from votes.db import db, everything
from votes.exports.meeting.cards import VotingCard
from votes.models import Card, CardBatch, CongressSession, Deputy
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.meeting import events, sessions
from votes.services.meeting.cards import NewCard

LIFE = timedelta(minutes=10)
KEY_BYTES = 32
_NONCE = 12


class SheetChoice(NamedTuple):
    """Which cards of an act are printed: all, one of them, those of a delegation, or a part of so many."""

    card: int | None = None
    delegation: int | None = None
    part: int | None = None  # from 1
    size: int = 0


def new_key() -> bytes:
    """Return a random key for a browser."""
    return AESGCM.generate_key(8 * KEY_BYTES)


def _key_hash(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


# --- reading -------------------------------------------------------------------------------------------


def get(batch_id: int) -> CardBatch | None:
    """Return the act of issuing with its session."""
    query = select(CardBatch).where(CardBatch.id == batch_id).options(joinedload(CardBatch.session))
    return db.session.scalar(query)


def live(session: CongressSession, *, key: bytes | None, by: Actor, now: datetime) -> list[CardBatch]:
    """Return the acts whose sheets this login may fetch in the browser that holds ``key``, newest first."""
    if key is None:
        return []
    own = CardBatch.session_id == session.id, CardBatch.user_id == by.user_id
    fresh = CardBatch.key_hash == _key_hash(key), CardBatch.issued_at > now - LIFE
    return everything(select(CardBatch).where(*own, *fresh).order_by(CardBatch.id.desc()))


def delegations(batches: Sequence[CardBatch]) -> dict[int, set[int]]:
    """Return act → the delegations of its holders."""
    holders = select(Card.batch_id, Deputy.delegation_id).join(Deputy, Deputy.id == Card.deputy_id).distinct()
    rows = db.session.execute(holders.where(Card.batch_id.in_([batch.id for batch in batches]))).all()
    return {batch.id: {row[1] for row in rows if row[0] == batch.id} for batch in batches}


def read(
    batch: CardBatch, choice: SheetChoice, *, key: bytes | None, public_url: str, by: Actor, now: datetime
) -> list[VotingCard]:
    """Return what is printed on the valid cards of the act. Changes nothing; `record_fetch` must follow.

    Raises:
        RuleBroken: another login, another browser, ten minutes over, or no such card.
    """
    secrets_of = _open(batch, key, by=by, now=now)
    cards = select(Card).where(Card.batch_id == batch.id, Card.voided_at.is_(None))
    rows = everything(cards.options(joinedload(Card.deputy).joinedload(Deputy.delegation)))
    rows.sort(key=lambda c: (c.deputy.delegation.position, c.deputy.delegation_id, c.deputy.number))
    if choice.card:
        rows = [card for card in rows if card.id == choice.card]
    if choice.delegation:
        rows = [card for card in rows if card.deputy.delegation_id == choice.delegation]
    if choice.part:
        rows = rows[(choice.part - 1) * choice.size : choice.part * choice.size]
    if not rows:
        raise RuleBroken("没有可以打印的凭证。", code="none", status=404)
    body, title = batch.session.body.name, batch.session.title
    return [
        VotingCard(
            name=card.deputy.name,
            delegation=card.deputy.delegation.name,
            number=card.deputy.number,
            url=f"{public_url}/c/{secrets_of[str(card.id)][0]}",
            pin=secrets_of[str(card.id)][1],
            body=body,
            session=title,
        )
        for card in rows
    ]


def _open(batch: CardBatch, key: bytes | None, *, by: Actor, now: datetime) -> dict[str, list[str]]:
    """Return card id → token and PIN."""
    if batch.user_id is None or batch.user_id != by.user_id:
        words = f"这批凭证由{batch.who}发放，只能由发放人打印。需要打印的，请补发：原凭证随即作废。"
        raise RuleBroken(words, code="other_login")
    if batch.sealed is None or now >= batch.issued_at + LIFE:
        words = "发放已超过十分钟，凭证内容已经销毁，任何人都不能再打印。需要打印的，请补发：原凭证随即作废。"
        raise RuleBroken(words, code="expired", status=410)
    try:
        if key is None:
            raise InvalidTag
        plain = AESGCM(key).decrypt(batch.sealed[:_NONCE], batch.sealed[_NONCE:], _context(batch))
    except (InvalidTag, ValueError) as error:
        words = "凭证只能在发放时所用的浏览器中打印。请回到那台电脑，或者补发：原凭证随即作废。"
        raise RuleBroken(words, code="other_browser") from error
    opened: dict[str, list[str]] = json.loads(plain)
    return opened


def _context(batch: CardBatch) -> bytes:
    return f"card-batch:{batch.id}:{batch.user_id}".encode()


# --- acts ----------------------------------------------------------------------------------------------


def keep(new: Sequence[NewCard], *, key: bytes, by: Actor, now: datetime) -> CardBatch:
    """Keep the sheets of an act for ten minutes under the key of the issuing browser; erase what has expired."""
    erase_expired(now=now)
    batch = get(new[0].card.batch_id or 0)
    assert batch is not None
    plain = json.dumps({str(each.card.id): [each.token, each.pin] for each in new}).encode()
    batch.user_id = by.user_id
    nonce = secrets.token_bytes(_NONCE)
    batch.sealed = nonce + AESGCM(key).encrypt(nonce, plain, _context(batch))
    batch.key_hash = _key_hash(key)
    db.session.flush()
    return batch


def record_fetch(
    batch: CardBatch, faces: Sequence[VotingCard], form: str, *, by: Actor, now: datetime
) -> None:
    """Write down that the sheets were fetched, before they leave; ``form`` is "pdf" or "page"."""
    session = sessions.lock_session(batch.session)
    if batch.sealed is None:
        raise RuleBroken("凭证内容已经销毁，不能再打印。", code="expired", status=410)
    facts = {"cards": len(faces), "numbers": [face.number for face in faces], "form": form}
    audit.record("card.fetch", by=by, at=now, about=session, after=facts)
    events.append(session, "cards_fetched", by=by, at=now, batch=batch.id, **facts)


def erase_expired(*, now: datetime) -> None:
    """Erase the sheets of all acts that are older than ten minutes."""
    old = update(CardBatch).where(CardBatch.sealed.is_not(None), CardBatch.issued_at <= now - LIFE)
    db.session.execute(old.values(sealed=None, key_hash=None))

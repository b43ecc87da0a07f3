"""Voting cards: one for each deputy and session, used by a personal QR code or by number and PIN.

A card is issued in an act that stands in the audit log and in the session's chain. Only the act's answer has tokens
and PINs (`NewCard`); the database has hashes. So no card can be shown again: printing it later means reissuing it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from votes.db import EVERY_BODY, db, everything, flush_or, scoped
from votes.models import Card, CardBatch, CongressSession, Deputy, Pairing
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import normal_number
from votes.rules.voting.digests import json_digest
from votes.services import audit
from votes.services.meeting import consents, events, sessions
from votes.services.meeting.card_secrets import CardSecret, hash_token, pin_matches, supply
from votes.services.people import bodies, passwords

_CARDS = select(Card).options(joinedload(Card.deputy), joinedload(Card.session))


class NewCard(NamedTuple):
    """A card just issued, with what only its sheet has."""

    card: Card
    token: str
    pin: str

    def url(self, public_url: str) -> str:
        """Return the URL in the card's QR code."""
        return f"{public_url}/c/{self.token}"


# --- reading -------------------------------------------------------------------------------------------


def by_token(text: str) -> Card | None:
    """Return the card of any body that has this token, void cards included."""
    with scoped(EVERY_BODY):
        return _with_token(text)


def _with_token(text: str) -> Card | None:
    return db.session.scalar(_CARDS.where(Card.token_hash == hash_token(text)))


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
# Each locks the session's row first: of two acts at once the second sees what the first has issued. ``key`` is the
# server's; ``drawn`` are secrets drawn before the lock was taken (`card_secrets.draw_many`), because hashing takes time.
# While a formal round is open, one card needs a teller's consent (`consents.take`), and there is no issuing to many.


def issue_missing(
    session: CongressSession, *, key: str, by: Actor, now: datetime, drawn: Iterable[CardSecret] = ()
) -> list[NewCard]:
    """Issue a card to each deputy in office who has none."""
    session = _locked(session)
    deputies = without_card(session)
    if deputies:
        consents.refuse_batch(session)
    return _issue(session, deputies, supply(drawn, key), by=by, now=now)


def issue(
    session: CongressSession,
    deputy_id: int,
    *,
    key: str,
    by: Actor,
    now: datetime,
    drawn: Iterable[CardSecret] = (),
    code: str = "",
) -> NewCard:
    """Issue a card to one deputy. Raises RuleBroken where they hold one or are not in office.

    ``code``: of the phone, where the card is issued for a pairing; the tellers' consent is then one to that.
    """
    session = _locked(session)
    deputy = sessions.in_office(deputy_id)
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位在任代表，不能发放凭证。"), status=404)
    act = ConsentAct.PAIR if code else ConsentAct.ISSUE
    consents.take(session, act, [deputy.id], code=code, by=by, now=now)
    (new,) = _issue(session, [deputy], supply(drawn, key), by=by, now=now)
    return new


def reissue(
    card: Card, *, reason: str, key: str, by: Actor, now: datetime, drawn: Iterable[CardSecret] = ()
) -> NewCard:
    """Void the card at once and issue another to the same deputy."""
    session = _locked(card.session)
    holders = _void(session, Card.id == card.id, reason=reason, now=now)
    if not holders:
        raise RuleBroken("这张凭证已经作废。", code="void")
    consents.take(session, ConsentAct.REISSUE, [card.deputy_id], by=by, now=now)
    (new,) = _issue(session, holders, supply(drawn, key), by=by, now=now, reason=reason.strip())
    return new


def reissue_many(
    session: CongressSession,
    card_ids: Collection[int] | None,
    *,
    reason: str,
    key: str,
    by: Actor,
    now: datetime,
    drawn: Iterable[CardSecret] = (),
) -> list[NewCard]:
    """Void these cards of the session (None: all that no phone has opened) and issue others, in one act.

    This is the way out when a sheet jams or the ten minutes are over.
    """
    session = _locked(session)
    consents.refuse_batch(session)
    which = Card.opened.is_(False) if card_ids is None else Card.id.in_(card_ids)
    in_office = Card.deputy_id.in_(select(Deputy.id).where(Deputy.state == DeputyState.ACTIVE))
    holders = _void(session, which, in_office, reason=reason, now=now)
    if not holders:
        raise RuleBroken("没有可以补发的凭证：请选择有效的凭证。", code="none", status=422)
    return _issue(session, holders, supply(drawn, key), by=by, now=now, reason=reason.strip())


def void(card: Card, *, reason: str, by: Actor, now: datetime) -> None:
    """Void the card; browsers that it signed in are signed out at once."""
    session = sessions.lock_session(card.session)
    holders = _void(session, Card.id == card.id, reason=reason, now=now)
    if not holders:
        raise RuleBroken("这张凭证已经作废。", code="void")
    _record_void(session, holders, reason.strip(), by=by, now=now)


def void_unused(session: CongressSession, *, reason: str, by: Actor, now: datetime) -> int:
    """Void the cards of the session that no phone has opened; return how many."""
    session = sessions.lock_session(session)
    holders = _void(session, Card.opened.is_(False), reason=reason, now=now)
    if holders:
        _record_void(session, holders, reason.strip(), by=by, now=now)
    return len(holders)


def _locked(session: CongressSession) -> CongressSession:
    session = sessions.lock_session(session)
    sessions.refuse_ended(session, "会议已闭会，不再发放凭证。")
    return session


def _void(session: CongressSession, *which: ColumnElement[bool], reason: str, now: datetime) -> list[Deputy]:
    """Void those valid cards of the session; return their holders by number.

    A pairing (配对) that the desk has confirmed for a holder and that no phone has used yet expires too: it would
    otherwise sign the phone in with the deputy's next card.
    """
    if not reason.strip():
        raise RuleBroken("请填写作废原因，例如：遗失、损坏。", field="reason", status=422)
    voiding = update(Card).where(*_held(session), *which).values(voided_at=now, void_reason=reason.strip())
    fetching = {"synchronize_session": "fetch"}
    ids = list(db.session.scalars(voiding.returning(Card.deputy_id), execution_options=fetching))
    of_holders = Pairing.session_id == session.id, Pairing.deputy_id.in_(ids)
    unused = update(Pairing).where(*of_holders, Pairing.used_at.is_(None))
    db.session.execute(unused.values(expires_at=now - timedelta(minutes=1)))
    holders = everything(select(Deputy).where(Deputy.id.in_(ids)).order_by(Deputy.number))
    for deputy in holders:
        passwords.clear_failures(*_guesses(session.id, deputy))
    return holders


def _record_void(
    session: CongressSession, holders: Sequence[Deputy], reason: str, *, by: Actor, now: datetime
) -> None:
    facts = {"cards": len(holders), "numbers": [deputy.number for deputy in holders], "reason": reason}
    audit.record("card.void", by=by, at=now, about=_about(session, holders), after=facts)
    events.append(session, "cards_voided", by=by, at=now, **facts)


def _about(session: CongressSession, holders: Sequence[Deputy]) -> CongressSession | Deputy:
    return holders[0] if len(holders) == 1 else session


def _issue(
    session: CongressSession,
    deputies: Sequence[Deputy],
    secrets: Iterable[CardSecret],
    *,
    by: Actor,
    now: datetime,
    **facts: Any,
) -> list[NewCard]:
    """Issue a card to each of ``deputies``; one line of the audit log and one of the session's chain name them.

    ``facts``: the reason, where valid cards of theirs were voided.
    """
    if not deputies:
        return []
    act = {"body_id": session.body_id, "session_id": session.id, "issued_at": now}
    batch = CardBatch(**act, user_id=by.user_id, who=by.name, cards=len(deputies))
    db.session.add(batch)
    db.session.flush()
    new = [
        NewCard(_card(batch, deputy, secret), secret.token, secret.pin)
        for deputy, secret in zip(deputies, secrets, strict=False)
    ]
    taken = RuleBroken(bodies.speak("这位代表已有有效凭证；如已遗失，请作废并补发。"))
    flush_or(taken, constraint="uq_cards_active")
    facts = {"cards": len(new), "numbers": [deputy.number for deputy in deputies], **facts}
    action = "card.reissue" if "reason" in facts else "card.issue"
    audit.record(action, by=by, at=now, about=_about(session, deputies), after=facts)
    digest = batch_digest(session, [each.card.token_hash for each in new])
    events.append(session, "cards_issued", by=by, at=now, batch=batch.id, digest=digest, **facts)
    return new


def _card(batch: CardBatch, deputy: Deputy, secret: CardSecret) -> Card:
    card = Card(
        body_id=batch.body_id,
        session_id=batch.session_id,
        batch_id=batch.id,
        deputy=deputy,
        token_hash=secret.token_hash,
        pin_hash=secret.pin_hash,
        issued_at=batch.issued_at,
    )
    db.session.add(card)
    return card


def batch_digest(session: CongressSession, token_hashes: Iterable[str]) -> str:
    """Return the digest in the chain of the cards of one act: a card added or exchanged later does not fit it."""
    return json_digest(session.hash_name, sorted(token_hashes))


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
    right = pin_matches(card.pin_hash if card else None, card_pin, key=key)
    return card if right else None

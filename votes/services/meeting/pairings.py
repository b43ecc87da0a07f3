"""配对: a phone without a card shows six digits, the desk confirms them for a deputy, and the phone signs in once.

The phone keeps a secret of 128 random bits in its cookie; the database has only the hash. The six digits alone sign
nobody in: they tell the desk which phone it is. A pairing is valid for two minutes. One conditional UPDATE confirms
it and another uses it, so that each happens once. It is deleted soon afterwards.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from votes.db import db
from votes.models import Card, CongressSession as Session, Consent, Deputy, Pairing, table_of
from votes.rules.codes import new_figures, new_token, tidy
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import LIFE as CONSENT_LIFE, ConsentAct
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.meeting import cards, checkin, consents, sessions
from votes.services.people import bodies

#: How long the digits are valid, and how long a confirmed phone may take to sign in.
LIFE = timedelta(minutes=2)
#: How long an expired pairing is kept, so that a late phone or desk can be told the reason.
KEPT = timedelta(minutes=10)
#: The most phones of one session that may wait at the same time.
MOST = 60

_pairing = table_of(Pairing)


class PairingState(StrEnum):
    """The states of a pairing, worked out from its times."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True)
class PhonePairing:
    """A pairing as the phone that began it sees it."""

    code: str
    state: PairingState
    expires_at: datetime
    deputy: Deputy | None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _state(row: Pairing, now: datetime) -> PairingState:
    if row.used_at is not None:
        return PairingState.USED
    if row.expires_at <= now:
        return PairingState.EXPIRED
    return PairingState.WAITING if row.confirmed_at is None else PairingState.CONFIRMED


def _of_phone(session: Session, secret: str) -> Pairing | None:
    return _fresh(session, Pairing.secret_hash == _hash(secret)) if secret else None


def _fresh(session: Session, condition: ColumnElement[bool]) -> Pairing | None:
    """Return the pairing of the session that fulfils the condition, read afresh."""
    pairing = select(Pairing).where(Pairing.session_id == session.id, condition)
    return db.session.scalar(pairing.execution_options(populate_existing=True))


def of_phone(session: Session, secret: str, *, now: datetime) -> PhonePairing | None:
    """Return the pairing of the phone with ``secret`` in its cookie; None where there is none (any more)."""
    row = _of_phone(session, secret)
    if row is None:
        return None
    deputy = db.session.scalar(select(Deputy).where(Deputy.id == row.deputy_id)) if row.deputy_id else None
    return PhonePairing(row.code, _state(row, now), row.expires_at, deputy)


def check_room(session: Session, *, now: datetime) -> None:
    """Raise RuleBroken (429) when too many phones wait; also asked before the write lock is taken."""
    unused = _pairing.c.session_id == session.id, _pairing.c.expires_at > now, _pairing.c.used_at.is_(None)
    if (db.session.scalar(select(func.count()).select_from(_pairing).where(*unused)) or 0) >= MOST:
        words = "现在等候配对的手机较多，请一两分钟后再试，或请服务台补发凭证。"
        raise RuleBroken(words, code="too_many", status=429)


def start(session: Session, *, secret: str = "", now: datetime) -> str:
    """Begin a pairing; return the secret for the phone's cookie.

    ``secret``: the cookie's present value. A pairing of the phone that waits or is confirmed stays, and no second one
    begins. Raises RuleBroken while the session is not under way, and when too many phones wait (429).
    """
    if not checkin.under_way(session):
        raise RuleBroken("会议还没有开始或已经闭会，现在不能配对。")
    own = _of_phone(session, secret)
    if own is not None and _state(own, now) in (PairingState.WAITING, PairingState.CONFIRMED):
        return secret
    obsolete = or_(_pairing.c.expires_at < now - KEPT, _pairing.c.secret_hash == _hash(secret))
    db.session.execute(delete(_pairing).where(_pairing.c.session_id == session.id, obsolete))
    check_room(session, now=now)
    return _insert(session, now)


def _insert(session: Session, now: datetime) -> str:
    """Add a pairing with digits that no other pairing of the session has."""
    secret = new_token()
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    keys = {"body_id": session.body_id, "session_id": session.id, "secret_hash": _hash(secret)}
    pairing = insert(_pairing).values(**keys, created_at=now, expires_at=now + LIFE)
    unless_taken = pairing.on_conflict_do_nothing(index_elements=["session_id", "code"])
    for _ in range(20):  # at most some sixty of a million codes are taken
        if db.session.scalar(unless_taken.values(code=new_figures()).returning(_pairing.c.id)) is not None:
            return secret
    raise RuleBroken("现在不能配对，请稍候再试。", code="too_many", status=429)


def throttle_key(by: Actor) -> str:
    """Return the key under which wrong digits are counted for the account at the desk."""
    return f"pair:{by.user_id}"


def confirm(session: Session, deputy_id: int, code: str, *, key: str, by: Actor, now: datetime) -> Deputy:
    """Confirm that the phone with the six digits ``code`` belongs to the deputy; that phone may then sign in.

    A deputy without a valid card gets one (``key``: the server's), because a phone signs in with a card. Raises
    RuleBroken at the field ``code``, each case in its own words; the caller counts those with code "unknown_pairing".
    """
    session, deputy, row = _asked_for(session, deputy_id, code)
    _move(row, deputy, now, deputy_id=deputy.id, confirmed_at=now, expires_at=now + LIFE)
    if cards.valid(session, deputy.id) is None:
        cards.issue(session, deputy.id, key=key, by=by, now=now, code=row.code)
    else:
        consents.take(session, ConsentAct.PAIR, [deputy.id], code=row.code, by=by, now=now)
    audit.record("pairing.confirm", by=by, at=now, about=deputy)
    db.session.flush()
    return deputy


def ask(session: Session, deputy_id: int, code: str, *, by: Actor, now: datetime) -> Consent | None:
    """Ask the tellers to agree to the pairing; its digits stay valid as long as their answer may take.

    Return None where the desk may confirm it: no formal round is open, or a teller has agreed. Raises RuleBroken as
    `confirm` does.
    """
    if consents.covered(session, ConsentAct.PAIR, [deputy_id], code=tidy(code), now=now):
        return None
    session, deputy, row = _asked_for(session, deputy_id, code)
    _move(row, deputy, now, expires_at=now + CONSENT_LIFE)
    reason = f"手机没有凭证，配对码 {row.code[:3]} {row.code[3:]}"
    return consents.ask(session, ConsentAct.PAIR, [deputy.id], reason=reason, code=row.code, by=by, now=now)


def _asked_for(session: Session, deputy_id: int, code: str) -> tuple[Session, Deputy, Pairing]:
    """Return session (locked), deputy and pairing that the desk has named."""
    code = tidy(code)
    if len(code) != 6 or not code.isdecimal():
        raise RuleBroken(bodies.speak("请输入代表手机上显示的六位数字。"), field="code", status=422)
    if not checkin.under_way(session):
        raise RuleBroken("会议还没有开始或已经闭会，现在不能配对。", field="code")
    # A card may be issued: the lock of the session comes before that of the pairing.
    session = sessions.lock_session(session)
    deputy = sessions.in_office(deputy_id)
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位在任代表，不能配对。"), status=404)
    row = _fresh(session, Pairing.code == code)
    if row is None:
        raise _refusal("没有这个配对码，请核对代表手机上的六位数字。", "unknown_pairing", status=422)
    return session, deputy, row


def _move(row: Pairing, deputy: Deputy, now: datetime, **values: Any) -> None:
    """Change a pairing that waits; raise RuleBroken for one that is confirmed, used or expired."""
    waiting = _update_unused(row, now).where(_pairing.c.confirmed_at.is_(None))
    if db.session.execute(waiting.values(**values).returning(_pairing.c.id)).first() is None:
        db.session.refresh(row)
        raise _not_confirmed(row, deputy, now)


def _update_unused(row: Pairing, now: datetime) -> Update:
    """Return an UPDATE of the pairing that does nothing once it is used or expired."""
    return update(_pairing).where(
        _pairing.c.id == row.id, _pairing.c.used_at.is_(None), _pairing.c.expires_at > now
    )


def _not_confirmed(row: Pairing, deputy: Deputy, now: datetime) -> RuleBroken:
    state = _state(row, now)
    if state == PairingState.EXPIRED:
        return _refusal("这个配对码已过期（两分钟内有效），请代表在手机上重新获取。", "expired")
    if row.deputy_id != deputy.id:
        return _refusal("这个配对码已经为另一位代表确认过，请核对代表手机上的六位数字。", "other")
    if state == PairingState.USED:
        return _refusal("这个配对码已经用过，代表的手机已经进入。", "used")
    return _refusal("这个配对码已经确认过，请代表在手机上点击“进入”。", "confirmed")


def _refusal(words: str, code: str, **more: int) -> RuleBroken:
    return RuleBroken(bodies.speak(words), field="code", code=code, **more)


def use(session: Session, secret: str, *, now: datetime) -> Card:
    """Use a confirmed pairing, once; return the card with which the phone signs in.

    Raises RuleBroken for a pairing that is unknown, waits, has expired or was used, and for a card that is void.
    """
    row = _of_phone(session, secret)
    if row is None:
        raise RuleBroken("没有找到本机的配对，请重新获取配对码。", code="unknown_pairing", status=404)
    confirmed = _update_unused(row, now).where(_pairing.c.confirmed_at.is_not(None))
    deputy_id = db.session.scalar(confirmed.values(used_at=now).returning(_pairing.c.deputy_id))
    if deputy_id is None:
        db.session.refresh(row)
        state = _state(row, now)
        if state == PairingState.WAITING:
            raise RuleBroken("服务台还没有确认，请稍候。", code="waiting")
        if state == PairingState.USED:
            raise RuleBroken("这次配对已经用过，不能再次进入。请重新获取配对码，或到服务台。", code="used")
        raise RuleBroken("配对已过期，请重新获取配对码。", code="expired", status=410)
    card = cards.valid(session, deputy_id)
    of_deputy = Card.session_id == session.id, Card.deputy_id == deputy_id
    voided_since = select(Card.id).where(*of_deputy, Card.voided_at >= row.confirmed_at)
    if card is None or db.session.scalar(voided_since.limit(1)) is not None:
        words = "您的凭证在配对之后已经作废，请重新获取配对码，或到会场服务台办理。"
        raise RuleBroken(words, code="void", status=410)
    return cards.check_usable(card)

"""配对: a phone without a card shows six figures, the desk confirms them for a deputy, the phone goes in, once.

The phone keeps 128 random bits in its cookie and the database only their hash, so the six figures alone open nothing:
they say to the desk which phone is meant. A pairing lives for two minutes, is confirmed once and used once (each is
one conditional update), and is deleted soon afterwards.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from votes.db import db
from votes.models import Card, CongressSession, Deputy, Pairing, table_of
from votes.rules.codes import new_figures, new_token, tidy
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.meeting import cards, checkin
from votes.services.people import bodies

#: How long the figures stand on the phone, and how long the phone may take to go in once they are confirmed.
LIFE = timedelta(minutes=2)
#: How long a pairing that is over is remembered, so that whoever comes late is told why.
KEPT = timedelta(minutes=10)
#: Phones of one session that may wait at the same time.
MOST = 60

_pairing = table_of(Pairing)


class State(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Shown:
    """A pairing as the phone that began it sees it."""

    code: str
    state: State
    expires_at: datetime
    deputy: Deputy | None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _state(row: Pairing, now: datetime) -> State:
    if row.used_at is not None:
        return State.USED
    if row.expires_at <= now:
        return State.EXPIRED
    return State.WAITING if row.confirmed_at is None else State.CONFIRMED


def _of_phone(session: CongressSession, secret: str) -> Pairing | None:
    return db.session.scalar(
        select(Pairing)
        .where(Pairing.session_id == session.id, Pairing.secret_hash == _hash(secret))
        .execution_options(populate_existing=True)
    )


def of_phone(session: CongressSession, secret: str, *, now: datetime) -> Shown | None:
    """The pairing that a phone began, by what it keeps in its cookie; None when there is none (any more)."""
    row = _of_phone(session, secret) if secret else None
    if row is None:
        return None
    deputy = None
    if row.deputy_id is not None:
        deputy = db.session.scalar(select(Deputy).where(Deputy.id == row.deputy_id))
    return Shown(row.code, _state(row, now), row.expires_at, deputy)


def start(session: CongressSession, *, secret: str = "", now: datetime) -> str:
    """Begin a pairing; answers the secret for the phone's cookie.

    ``secret``: what the phone has from before. While that pairing waits or is confirmed it stays the phone's only
    one. Raises RuleBroken when the session is over, or too many phones wait already (429).
    """
    if not checkin.under_way(session):
        raise RuleBroken("会议还没有开始或已经闭会，现在不能配对。")
    own = _of_phone(session, secret) if secret else None
    if own is not None and _state(own, now) in (State.WAITING, State.CONFIRMED):
        return secret
    over = [_pairing.c.expires_at < now - KEPT]
    if own is not None:
        over.append(_pairing.c.id == own.id)
    db.session.execute(delete(_pairing).where(_pairing.c.session_id == session.id, or_(*over)))
    waiting = db.session.scalar(
        select(func.count())
        .select_from(_pairing)
        .where(_pairing.c.session_id == session.id, _pairing.c.expires_at > now, _pairing.c.used_at.is_(None))
    )
    if (waiting or 0) >= MOST:
        raise RuleBroken(
            "现在等候配对的手机较多，请一两分钟后再试，或请服务台补发凭证。", code="too_many", status=429
        )
    secret = new_token()
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for _ in range(20):  # of a million; some sixty are taken
        made = db.session.execute(
            insert(_pairing)
            .values(
                body_id=session.body_id,
                session_id=session.id,
                code=new_figures(),
                secret_hash=_hash(secret),
                created_at=now,
                expires_at=now + LIFE,
            )
            .on_conflict_do_nothing(index_elements=["session_id", "code"])
            .returning(_pairing.c.id)
        ).first()
        if made is not None:
            return secret
    raise RuleBroken("现在不能配对，请稍候再试。", code="too_many", status=429)


def throttle_key(by: Actor) -> str:
    """Wrong figures are counted for the account at the desk."""
    return f"pair:{by.user_id}"


def confirm(
    session: CongressSession, deputy_id: int, code: str, *, key: str, by: Actor, now: datetime
) -> Deputy:
    """The desk has seen the deputy and the six figures on their phone: that phone may go in as them.

    A deputy without a valid card gets one (``key``: the server's), since it is the card that opens the door. Raises
    RuleBroken at the field ``code``, each case in its own words; code "unknown_pairing" is one to be counted.
    """
    code = tidy(code)
    if len(code) != 6 or not code.isdecimal():
        raise RuleBroken(bodies.speak("请输入代表手机上显示的六位数字。"), field="code", status=422)
    if not checkin.under_way(session):
        raise RuleBroken("会议还没有开始或已经闭会，现在不能配对。", field="code")
    deputy = db.session.scalar(
        select(Deputy).where(Deputy.id == deputy_id, Deputy.state == DeputyState.ACTIVE)
    )
    if deputy is None:
        raise RuleBroken(bodies.speak("名册上没有这位在任代表，不能配对。"), status=404)
    row = db.session.scalar(
        select(Pairing)
        .where(Pairing.session_id == session.id, Pairing.code == code)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise RuleBroken(
            bodies.speak("没有这个配对码，请核对代表手机上的六位数字。"),
            field="code",
            code="unknown_pairing",
            status=422,
        )
    confirmed = db.session.execute(
        update(_pairing)
        .where(
            _pairing.c.id == row.id,
            _pairing.c.confirmed_at.is_(None),
            _pairing.c.used_at.is_(None),
            _pairing.c.expires_at > now,
        )
        .values(deputy_id=deputy.id, confirmed_at=now, expires_at=now + LIFE)
        .returning(_pairing.c.id)
    ).first()
    if confirmed is None:
        db.session.refresh(row)
        raise _not_confirmed(row, deputy, now)
    if cards.valid(session, deputy.id) is None:
        cards.issue(session, deputy.id, key=key, by=by, now=now)
    audit.record("pairing.confirm", by=by, at=now, about=deputy)
    db.session.flush()
    return deputy


def _not_confirmed(row: Pairing, deputy: Deputy, now: datetime) -> RuleBroken:
    state = _state(row, now)
    if state == State.EXPIRED:
        return RuleBroken(
            bodies.speak("这个配对码已过期（两分钟内有效），请代表在手机上重新获取。"),
            field="code",
            code="expired",
        )
    if row.deputy_id != deputy.id:
        return RuleBroken(
            bodies.speak("这个配对码已经为另一位代表确认过，请核对代表手机上的六位数字。"),
            field="code",
            code="other",
        )
    if state == State.USED:
        return RuleBroken(bodies.speak("这个配对码已经用过，代表的手机已经进入。"), field="code", code="used")
    return RuleBroken(
        bodies.speak("这个配对码已经确认过，请代表在手机上点击“进入”。"), field="code", code="confirmed"
    )


def use(session: CongressSession, secret: str, *, now: datetime) -> Card:
    """The confirmed phone goes in: answers the card that opens the door to it. Once only.

    Raises RuleBroken when there is nothing to use, it waits still, is over or was used, or the card may not be used.
    """
    row = _of_phone(session, secret) if secret else None
    if row is None:
        raise RuleBroken("没有找到本机的配对，请重新获取配对码。", code="unknown_pairing", status=404)
    taken = db.session.execute(
        update(_pairing)
        .where(
            _pairing.c.id == row.id,
            _pairing.c.used_at.is_(None),
            _pairing.c.confirmed_at.is_not(None),
            _pairing.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(_pairing.c.deputy_id)
    ).first()
    if taken is None:
        db.session.refresh(row)
        state = _state(row, now)
        if state == State.WAITING:
            raise RuleBroken("服务台还没有确认，请稍候。", code="waiting")
        if state == State.USED:
            raise RuleBroken("这次配对已经用过，不能再次进入。请重新获取配对码，或到服务台。", code="used")
        raise RuleBroken("配对已过期，请重新获取配对码。", code="expired", status=410)
    card = cards.valid(session, taken.deputy_id)
    lost = db.session.scalar(
        select(Card.id)
        .where(
            Card.session_id == session.id,
            Card.deputy_id == taken.deputy_id,
            Card.voided_at >= row.confirmed_at,
        )
        .limit(1)
    )
    if card is None or lost is not None:
        raise RuleBroken(
            "您的凭证在配对之后已经作废，请重新获取配对码，或到会场服务台办理。", code="void", status=410
        )
    return cards.check_usable(card)

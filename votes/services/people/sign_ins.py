"""Sign-ins of accounts: one row for each, so that ending one ends every copy of its cookie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update

from votes.clock import local
from votes.db import EVERY_BODY, db, scoped
from votes.models import Card, Round, SignIn, User, table_of
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.sign_ins import LONGEST_OF_DEPUTIES, device_of
from votes.services import audit

# --- reading -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnSignIn:
    """A sign-in as the owner of the account reads it."""

    id: int
    device: str
    since: datetime
    last_used: date


def of_user(user_id: int) -> list[OwnSignIn]:
    """Return the sign-ins of an account that have not ended, newest first."""
    rows = db.session.scalars(select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.id.desc()))
    return [OwnSignIn(row.id, row.device, row.created_at, _last_used(row)) for row in rows]


def _last_used(row: SignIn) -> date:
    used = db.session.counters.read(_key(row.id)).last_at
    return local(max(used or row.created_at, row.created_at)).date()


def _key(sign_in_id: int) -> str:
    return f"used:{sign_in_id}"


def box_is_open(body_id: int | None) -> bool:
    """Tell whether a round of the body (of any, for the administrator) is open: then no clock signs staff out."""
    with scoped(body_id or EVERY_BODY):
        is_open = select(Round.id).where(Round.state == RoundState.OPENED, ~Round.rehearsal)
        return db.session.scalar(is_open.limit(1)) is not None


# --- acts ----------------------------------------------------------------------------------------------


def start(user: User, user_agent: str, *, now: datetime) -> SignIn:
    """Begin a sign-in of the account; delete those that are over by the clock whoever looks at them."""
    old = SignIn.user_id == user.id, SignIn.created_at < now - LONGEST_OF_DEPUTIES
    db.session.execute(delete(SignIn).where(*old))
    row = SignIn(user_id=user.id, device=device_of(user_agent), created_at=now)
    db.session.add(row)
    db.session.flush()
    return row


def note_use(sign_in_id: int, *, now: datetime) -> None:
    """Note that the sign-in was used today. Called by pages that write nothing, so the counters keep it."""
    db.session.counters.add(_key(sign_in_id), now)


def end(sign_in_id: int, *, by: Actor, now: datetime) -> None:
    """End a sign-in of ``by``: every copy of its cookie is worthless from now on."""
    own = SignIn.id == sign_in_id, SignIn.user_id == by.user_id
    if db.session.scalar(delete(SignIn).where(*own).returning(SignIn.id)) is not None:
        audit.record("user.sign_out", by=by, at=now)
    db.session.flush()


def end_others(sign_in_id: int, *, by: Actor, now: datetime) -> int:
    """End all sign-ins of ``by`` but one; return how many."""
    others = SignIn.user_id == by.user_id, SignIn.id != sign_in_id
    ended: Sequence[int] = db.session.scalars(delete(SignIn).where(*others).returning(SignIn.id)).all()
    if ended:
        audit.record("user.sign_out_others", by=by, at=now, after={"count": len(ended)})
    db.session.flush()
    return len(ended)


def end_of_card(card_id: int) -> None:
    """End every sign-in with the card; it may sign in again. Neither a time nor a line is kept: a vote may be near."""
    card = table_of(Card)
    raised = update(card).where(card.c.id == card_id).values(login_serial=card.c.login_serial + 1)
    db.session.execute(raised)

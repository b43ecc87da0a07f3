"""The event chains of rounds and sessions: append-only events, each with the hash of the event before it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from votes.db import db, everything
from votes.models import CongressSession, Event, Round, SessionEvent
from votes.rules.people.actor import Actor
from votes.rules.voting import chain

ChainOwner = Round | CongressSession


def _of(owner: ChainOwner) -> tuple[type[Event] | type[SessionEvent], ColumnElement[bool], dict[str, int]]:
    """Return the events of a round or a session: their model, which they are, and the columns that say so."""
    if isinstance(owner, Round):
        return Event, Event.round_id == owner.id, {"round_id": owner.id}
    return SessionEvent, SessionEvent.session_id == owner.id, {"session_id": owner.id}


def append(owner: ChainOwner, kind: str, *, by: Actor, at: datetime, **facts: Any) -> Event | SessionEvent:
    """Append one event to the chain of a round or of a session.

    ``facts`` are JSON values and never say how or when anybody voted. The caller must hold the lock of the owner's
    row, so that no two events take the same position.
    """
    model, own, columns = _of(owner)
    chained = select(model.position, model.hash).where(own)
    last = db.session.execute(chained.order_by(model.position.desc()).limit(1)).first()
    position, previous = (last.position + 1, last.hash) if last else (1, chain.START)
    payload = {
        **name(owner),
        "position": position,
        "kind": kind,
        "at": at.isoformat(timespec="seconds"),
        "by": by.name,
        **facts,
    }
    event = model(
        **columns,
        body_id=owner.body_id,
        position=position,
        at=at.replace(microsecond=0),  # the payload has whole seconds
        kind=kind,
        payload=payload,
        previous=previous,
        hash=chain.link(owner.hash_name, previous, payload),
    )
    db.session.add(event)
    db.session.flush()
    return event


def name(owner: ChainOwner) -> dict[str, Any]:
    """Return how the payload of an event names its round or session."""
    return {"round": owner.public_id} if isinstance(owner, Round) else {"session": owner.id}


def events(owner: ChainOwner) -> list[Any]:
    """Return the events of a round or session in their order."""
    model, own, _ = _of(owner)
    return everything(select(model).where(own).order_by(model.position))


def certified(round_: Round) -> str:
    """Return the hash of the event that certified the result; empty before."""
    certify = select(Event.hash).where(Event.round_id == round_.id, Event.kind == "certify")
    return db.session.scalar(certify) or ""


def verify(owner: ChainOwner, rows: Sequence[Any] | None = None) -> chain.ChainBreak | None:
    """Compute the chain again, of ``rows`` where they are at hand; return the first break, or None."""
    rows = events(owner) if rows is None else rows
    return chain.verify(owner.hash_name, [chain.Link(e.payload, e.previous, e.hash) for e in rows])

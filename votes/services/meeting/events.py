"""The event chain of a round: append-only events, each with the hash of the event before it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import db, everything
from votes.models import Event, Round
from votes.rules.people.actor import Actor
from votes.rules.voting import chain


def append(round_: Round, kind: str, *, by: Actor, at: datetime, **facts: Any) -> Event:
    """Append one event to the round's chain. ``facts`` are JSON values and never say how or when anybody voted.

    The caller must hold the lock of the round's row, so that no two events take the same position.
    """
    chained = select(Event.position, Event.hash).where(Event.round_id == round_.id)
    last = db.session.execute(chained.order_by(Event.position.desc()).limit(1)).first()
    position, previous = (last.position + 1, last.hash) if last else (1, chain.START)
    payload = {
        "round": round_.public_id,
        "position": position,
        "kind": kind,
        "at": at.isoformat(timespec="seconds"),
        "by": by.name,
        **facts,
    }
    event = Event(
        body_id=round_.body_id,
        round_id=round_.id,
        position=position,
        at=at.replace(microsecond=0),  # the payload has whole seconds
        kind=kind,
        payload=payload,
        previous=previous,
        hash=chain.link(round_.hash_name, previous, payload),
    )
    db.session.add(event)
    db.session.flush()
    return event


def events(round_: Round) -> list[Event]:
    """Return the round's events in their order."""
    return everything(select(Event).where(Event.round_id == round_.id).order_by(Event.position))


def certified(round_: Round) -> str:
    """Return the hash of the event that certified the result; empty before."""
    certify = select(Event.hash).where(Event.round_id == round_.id, Event.kind == "certify")
    return db.session.scalar(certify) or ""


def verify(round_: Round) -> chain.ChainBreak | None:
    """Compute the round's chain again; return the first break, or None."""
    rows = events(round_)
    return chain.verify(round_.hash_name, [chain.Link(e.payload, e.previous, e.hash) for e in rows])

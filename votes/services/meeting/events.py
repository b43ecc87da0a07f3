"""The event chain of a round: append-only lines, each hashing the one before it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.db import db
from votes.models import Event, Round
from votes.rules.people.actor import Actor
from votes.rules.voting import chain


def append(round_: Round, kind: str, *, by: Actor, at: datetime, **facts: Any) -> Event:
    """Add one event to the round's chain. ``facts`` are JSON values and never say how or when anybody voted.

    The caller holds the round's row locked, so that positions follow each other.
    """
    last = db.session.execute(
        select(Event.position, Event.hash)
        .where(Event.round_id == round_.id)
        .order_by(Event.position.desc())
        .limit(1)
    ).first()
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
        at=at.replace(microsecond=0),  # as the payload has it
        kind=kind,
        payload=payload,
        previous=previous,
        hash=chain.link(round_.hash_name, previous, payload),
    )
    db.session.add(event)
    db.session.flush()
    return event


def events(round_: Round) -> list[Event]:
    """The round's events from the first on."""
    return list(db.session.scalars(select(Event).where(Event.round_id == round_.id).order_by(Event.position)))


def certified(round_: Round) -> str:
    """The hash of the event by which the result was certified; empty before."""
    found = db.session.scalar(select(Event.hash).where(Event.round_id == round_.id, Event.kind == "certify"))
    return found or ""


def verify(round_: Round) -> chain.ChainBreak | None:
    """Walk the round's chain again; None when it is whole."""
    rows = events(round_)
    return chain.verify(round_.hash_name, [chain.Link(e.payload, e.previous, e.hash) for e in rows])

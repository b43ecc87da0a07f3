"""Anchors: what of a vote's chain becomes known outside the database, so that no chain can be made anew unseen.

The roll's digest at the opening, the ballots' at the close, and the head of the chain at the certification. All three
stand on the chain itself; here they are read from it, and found again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from votes.db import db
from votes.models import AnchorStamp, AuditLink, Body, CongressSession, Event, Round, SessionEvent
from votes.rules.errors import RuleBroken

#: Kind of the event → what its anchor is called, and the digest's name in its payload (None: the event's own hash).
KINDS = {
    "open": ("开启时的名册", "roll"),
    "close": ("关闭时的票箱", "ballots"),
    "certify": ("结果确认时的过程记录", None),
}
#: So many of the first digits of a digest are enough to look for it.
SHORTEST = 16


@dataclass(frozen=True)
class Anchor:
    """One digest that is made known, and when it was made."""

    kind: str
    digest: str
    at: datetime
    event_id: int

    @property
    def word(self) -> str:
        """Return of what it is the digest."""
        return KINDS[self.kind][0]


def of(round_: Round) -> list[Anchor]:
    """Return the anchors of a round in their order; those of acts that are still to come are missing."""
    rows = select(Event).where(Event.round_id == round_.id, Event.kind.in_(KINDS)).order_by(Event.position)
    return of_events(db.session.scalars(rows))


def of_events(events: Iterable[Event]) -> list[Anchor]:
    """Return the anchors among the events of a round."""
    return [Anchor(e.kind, digest_of(e), e.at, e.id) for e in events if e.kind in KINDS]


def known(round_: Round, kind: str) -> str:
    """Return the digest of the round's anchor of one of the `KINDS`; empty before it was made."""
    return next((anchor.digest for anchor in of(round_) if anchor.kind == kind), "")


def digest_of(event: Event) -> str:
    """Return what is made known of an event of one of the `KINDS`."""
    name = KINDS[event.kind][1]
    return event.hash if name is None else str(event.payload[name])


def stamps(round_: Round) -> dict[str, AnchorStamp]:
    """Return kind of anchor → the timestamp that a service has given for it."""
    rows = select(Event.kind, AnchorStamp).join(Event, Event.id == AnchorStamp.event_id)
    return dict(db.session.execute(rows.where(Event.round_id == round_.id)).all())


# --- a digest known from elsewhere ----------------------------------------------------------------------


def plain_digest(text: str) -> str:
    """Return a digest as typed from a paper or a screen, without its blanks. Raises RuleBroken for what is none."""
    digest = "".join(text.split()).lower()
    if not SHORTEST <= len(digest) <= 64 or set(digest) - set("0123456789abcdef"):
        raise RuleBroken(f"“{text}”不是摘要：应为 64 位十六进制数，至少给出前 {SHORTEST} 位。", status=422)
    return digest


def place_of(digest: str, round_ids: Collection[int] | None = None) -> str:
    """Return in words where a digest known from elsewhere stands; empty where it does not.

    ``digest``: of `plain_digest`. ``round_ids``: the rounds whose chains are looked at; None looks at every chain.
    """
    events = select(Event, Round.title).join(Round, Round.id == Event.round_id)
    events = events.where(Event.hash.startswith(digest) | Event.kind.in_(KINDS)).order_by(Event.id)
    if round_ids is not None:
        events = events.where(Event.round_id.in_(round_ids))
    for event, title in db.session.execute(events):
        if event.hash.startswith(digest):
            return f"{title}，过程记录第 {event.position} 条"
        if digest_of(event).startswith(digest):
            return f"{title}，{KINDS[event.kind][0]}"
    return "" if round_ids is not None else _place_elsewhere(digest)


def _place_elsewhere(digest: str) -> str:
    """Look at the chains of sessions, and at those of audit logs."""
    session = select(CongressSession.title, SessionEvent.position).join_from(SessionEvent, CongressSession)
    if found := db.session.execute(session.where(SessionEvent.hash.startswith(digest)).limit(1)).first():
        return f"会议　{found.title}的凭证记录第 {found.position} 条"
    line = select(Body.name, AuditLink.position).outerjoin_from(AuditLink, Body, Body.id == AuditLink.chain)
    if found := db.session.execute(line.where(AuditLink.hash.startswith(digest)).limit(1)).first():
        return f"操作日志　{found.name or '系统'}第 {found.position} 条"
    return ""

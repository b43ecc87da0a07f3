"""Proof that the chain of a session is unchanged, and that the cards are those which it says were issued."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from votes.db import db, everything
from votes.models import Card, CardBatch, CongressSession, SessionEvent
from votes.rules.meeting.rounds import SessionState
from votes.rules.voting.chain import ChainProof
from votes.services.meeting import events
from votes.services.meeting.cards import batch_digest


@dataclass(frozen=True, kw_only=True)
class SessionProof(ChainProof):
    """Hold what was found of the chain of one session."""

    session_id: int
    title: str


def verify_all() -> list[SessionProof]:
    """Verify every session that has a chain, or cards issued in an act."""
    chained = CongressSession.id.in_(select(SessionEvent.session_id))
    issued = CongressSession.id.in_(select(CardBatch.session_id))
    query = select(CongressSession).where(chained | issued).order_by(CongressSession.id)
    return [
        SessionProof(session_id=row.id, title=row.title, head=head(row), flaw=flaw(row))
        for row in everything(query)
    ]


def head(session: CongressSession) -> str:
    """Return the last hash of the session's chain; empty where it has none."""
    last = select(SessionEvent.hash).where(SessionEvent.session_id == session.id)
    return db.session.scalar(last.order_by(SessionEvent.position.desc()).limit(1)) or ""


def flaw(session: CongressSession) -> str:
    """Return in Chinese what is wrong with the chain of a session or with its cards; empty when nothing is."""
    try:
        rows = events.events(session)
        return _flaw_of_chain(session, rows) or _flaw_of_cards(session, rows)
    except (ValueError, TypeError, KeyError, LookupError, AttributeError):  # a changed byte may break reading
        return "内容无法按原来的格式读取，已被改动。"


def _flaw_of_chain(session: CongressSession, rows: list[SessionEvent]) -> str:
    for place, event in enumerate(rows, start=1):
        payload, at = event.payload, datetime.fromisoformat(event.payload["at"])
        if event.position != place or payload["position"] != place:
            return f"第 {place} 条的序号不对：中间有记录被删除、插入或调换。"
        stored = (event.kind, {"session": payload["session"]}, event.at, event.body_id)
        if stored != (payload["kind"], events.name(session), at, session.body_id):
            return f"第 {place} 条的事项、时间、会议或机构与其内容不符。"
    broken = events.verify(session, rows)
    return broken.message if broken else ""


def _flaw_of_cards(session: CongressSession, rows: list[SessionEvent]) -> str:
    """Compare the cards of each act of issuing with the digest that the chain has of them."""
    of_session = select(Card.batch_id, Card.token_hash, Card.voided_at).where(Card.session_id == session.id)
    hashes: dict[int, list[str]] = defaultdict(list)
    for batch_id, token_hash, voided_at in db.session.execute(of_session):
        if batch_id is not None:
            hashes[batch_id].append(token_hash)
        elif voided_at is None and session.state != SessionState.ENDED and not session.body.is_demo:
            return (
                "有一张有效的凭证不是过程记录中的任何一次发放所发。"  # those of an earlier version are void
            )
    issued = {e.payload["batch"]: e.payload for e in rows if e.kind == "cards_issued"}
    if hashes.keys() != issued.keys():
        return "有凭证不是过程记录中的任何一次发放所发，或者发放的凭证缺失。"
    for batch_id, payload in issued.items():
        if batch_digest(session, hashes[batch_id]) != payload["digest"]:
            return "有一次发放的凭证与过程记录中的摘要不符：凭证被改动、增加或者取走。"
    return ""

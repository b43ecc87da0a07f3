"""What the hall's screen shows: signing in, turnout, closed, the result once it is certified."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from votes.db import db
from votes.models import CongressSession, Round
from votes.rules.codes import hall_code
from votes.rules.rounds import RoundState, quorum_needed, shows_counts
from votes.rules.tally import next_step, ranking
from votes.services import ballots, checkin, sessions, tally


def on_screen(session: CongressSession) -> Round | None:
    """The round that the hall is about: the open one, else the newest that has opened."""
    rows = db.session.scalars(
        select(Round)
        .where(Round.session_id == session.id, Round.state.not_in([RoundState.DRAFT, RoundState.CANCELLED]))
        .options(selectinload(Round.candidates))
        .order_by(Round.id.desc())
    ).all()
    return next((r for r in rows if r.state == RoundState.OPENED), rows[0] if rows else None)


def state(session: CongressSession, *, public_url: str, now: datetime) -> dict[str, Any]:
    """Everything on the screen as plain data. Never a name of who voted, never a tally before the signatures."""
    round = on_screen(session)
    roster, present, leave = sessions.headcount(session)
    shown: dict[str, Any] = {
        "body": session.body.name,
        "session": session.title,
        "demo": session.body.is_demo,
        "roster": roster,
        "present": present,
        "leave": leave,
        "view": "waiting",
        "title": "",
        "rehearsal": False,
    }
    quorum = (2, 3)
    if round is None or round.state == RoundState.OPENED:
        shown["hall_url"] = f"{public_url}/h/{session.hall_key}"
        if checkin.mode(session) == "desk_or_hall_code":
            shown["hall_code"] = hall_code(session.hall_secret, now)
    if round is not None:
        rule = sessions.rule_of(round)
        quorum = rule.quorum
        shown |= {
            "title": round.title,
            "rehearsal": round.rehearsal,
            "ordinal": round.ordinal,
            "seats": rule.seats,
        }
        shown["candidates"] = len(round.candidates)
        if round.state == RoundState.OPENED:
            issued, returned = ballots.counts(round.id)
            shown |= {"view": "voting", "issued": issued, "returned": returned}
        else:
            shown |= {
                "roster": round.roster,
                "present": round.present,
                "issued": round.issued,
                "returned": round.returned,
                "ballots_digest": round.ballots_digest,
                "view": "void" if round.state == RoundState.VOID else "closed",
            }
            if round.state == RoundState.COUNTED:
                shown["view"] = "counted"
            if shows_counts(round.state):
                shown |= {"view": "result", "result": _result(round)}
    shown["quorum"] = quorum_needed(roster, quorum)
    return shown


def _result(round: Round) -> dict[str, Any]:
    result = tally.result_of(round)
    assert result is not None
    names = {c.number: c.name for c in round.candidates}
    turnout = tally.turnout_of(round)
    return {
        "valid": result.valid,
        "invalid": result.invalid,
        "base": turnout.roster,
        "next": next_step(sessions.rule_of(round), result).kind,
        "seats_left": result.seats_left,
        "rows": [
            {
                "rank": r.rank,
                "no": r.no,
                "name": names[r.no],
                "votes": r.votes,
                "outcome": r.outcome,
                "cut_below": r.cut_below,
            }
            for r in ranking(result)
        ],
    }

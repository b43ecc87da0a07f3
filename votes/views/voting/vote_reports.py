"""A vote that was cast in another browser: what the card's other browsers read."""

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.models import CongressSession
from votes.services.meeting import sessions
from votes.services.meeting.bindings import CardEntry, VotedRound
from votes.services.voting.ballots import BallotPaper, DeputyStanding
from votes.web.facts import Layout, Pages, Refusals

bp = Pages("vote_reports", __name__, Layout.PHONE, refusals=Refusals.UNLOGGED, audit="sessions")


def voted_elsewhere(session: CongressSession, number: str, found: CardEntry) -> ResponseReturnValue:
    """Answer a browser that comes in with a card by which another browser has voted: it is not signed in."""
    return _page(session, number, found.elsewhere), 409


def not_cast_here(ballot: BallotPaper, standing: DeputyStanding) -> ResponseReturnValue:
    """Answer the receipt's page to a browser that is signed in and has not cast the vote."""
    session = sessions.get(ballot.session_id)
    assert session is not None
    return _page(session, standing.number, [VotedRound(ballot.round_id, ballot.title, ballot.rehearsal)])


def _page(session: CongressSession, number: str, rounds: tuple[VotedRound, ...] | list[VotedRound]) -> str:
    return render_template("voting/vote_reports/show.html", session=session, number=number, rounds=rounds)

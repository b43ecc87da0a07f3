"""A vote that was cast in another browser: what the card's other browsers read, and the report 「不是我投的」."""

from collections.abc import Sequence

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.forms.meeting.phone import CardSignInForm
from votes.models import CongressSession
from votes.rules.permissions import Permission as P
from votes.rules.voting.ballots import NOT_CAST_HERE
from votes.services.meeting import cards, rounds, sessions
from votes.services.meeting.bindings import CardEntry, VotedRound
from votes.services.voting import vote_reports
from votes.services.voting.ballots import BallotPaper, DeputyStanding
from votes.web import sign_in
from votes.web.access import allow
from votes.web.card_sheets import server_key
from votes.web.facts import Layout, Pages, Refusals
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done, number as typed
from votes.web.transaction import begin_writing, reading

bp = Pages("vote_reports", __name__, Layout.PHONE, refusals=Refusals.UNLOGGED, audit="sessions")


def voted_elsewhere(session: CongressSession, number: str, found: CardEntry) -> ResponseReturnValue:
    """Answer a browser that comes in with a card by which another browser has voted: it is not signed in."""
    return _page(session, number, found.elsewhere), 409


def not_cast_here(ballot: BallotPaper, standing: DeputyStanding) -> ResponseReturnValue:
    """Answer the receipt's page to a browser that is signed in and has not cast the vote."""
    session = sessions.get(ballot.session_id)
    assert session is not None
    voted = VotedRound(ballot.round_id, ballot.title, ballot.rehearsal)
    reported = vote_reports.is_reported(ballot.round_id, me().deputy_id or 0)
    return _page(session, standing.number, [voted], reported=reported)


def _page(
    session: CongressSession,
    number: str,
    voted: Sequence[VotedRound],
    form: CardSignInForm | None = None,
    *,
    reported: bool = False,
) -> str:
    return render_template(
        "voting/vote_reports/show.html",
        session=session,
        number=number,
        rounds=voted,
        form=form or CardSignInForm(organ(), formdata=None),
        reported=reported,
        not_cast_here=NOT_CAST_HERE,
    )


@bp.route("/h/<key>/not-mine", methods=["GET", "POST"])
@allow(P.SCREEN_READ, "报告“不是我投的”", key=sessions.by_hall_key)
@reading
def report(key: CongressSession) -> ResponseReturnValue:
    """Report, with number and PIN of the card, a vote that its deputy did not cast; nobody has to be signed in."""
    form, hall_key, round_id = CardSignInForm(organ()), key.hall_key, typed(request.args.get("round")) or 0
    if form.accepts(lambda: _report(key, round_id, form)):
        return done("已报告，监票人的手机上已经显示。请留在会场，听从监票人安排", "hall.enter", key=hall_key)
    session, round_ = sessions.by_hall_key(hall_key) or abort(404), rounds.get_round(round_id)
    voted = []
    if round_ is not None and round_.session_id == session.id:
        voted = [VotedRound(round_.id, round_.title, round_.rehearsal)]
    return _page(session, form.number.data or "", voted, form), form.status


def _report(session: CongressSession, round_id: int, form: CardSignInForm) -> None:
    """Check the PIN while the page only reads, then report."""
    card_id = sign_in.holder(session, form.number.data or "", form.pin.data or "", server_key()).id
    begin_writing()
    card = cards.get(card_id)
    assert card is not None
    vote_reports.report(round_id, card)

"""The ballot on a phone: choose, review, confirm, 「已收到」. Nothing here is logged."""

import secrets
from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from votes.clock import now
from votes.forms.base import ActionForm
from votes.rules.codes import grouped, is_code, new_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.permissions import Permission as P
from votes.rules.voting.ballots import check_marks, from_field, to_field
from votes.services.voting import ballots
from votes.services.voting.ballots import BallotPaper
from votes.views.voting.vote_reports import not_cast_here
from votes.web import phones, receipts
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals
from votes.web.identity import me
from votes.web.lengths import longest, padded
from votes.web.transaction import reading, refuse

bp = Pages("ballots", __name__, Layout.PHONE, refusals=Refusals.UNLOGGED, url_prefix="/vote")


def _marks() -> dict[int, str]:
    """Return the marks as the form sends them: m1=for----, m2=------- (no mark) … A missing item has no mark either."""
    return {
        int(name[1:]): mark
        for name, value in request.form.items()
        if name.startswith("m") and name[1:].isdecimal() and len(name) < 6 and (mark := from_field(value))
    }


def _standing(ballot: BallotPaper) -> ballots.DeputyStanding:
    deputy_id = me().deputy_id or 0
    standing = ballots.standing(ballot.round_id, deputy_id, phones.of_deputy(deputy_id))
    return standing or abort(404)


def _code() -> str:
    code = request.form.get("code", "")
    return code if is_code(code) else new_code()


def _to_received(ballot: BallotPaper, status: int = 302) -> Response:
    return redirect(url_for("ballots.received", round_id=ballot.round_id, r=secrets.token_hex(3)), status)


def _page(name: str, ballot: BallotPaper, marks: dict[int, str], code: str, **facts: Any) -> str:
    """Return the page of that name with the marks as they are so far."""
    page, form, field = f"voting/ballots/{name}.html", ActionForm(), partial(to_field, ballot.rule)
    return render_template(page, round=ballot, form=form, field=field, marks=marks, code=code, **facts)


def _marks_page(name: str, ballot: BallotPaper, *args: Any, status: int = 200, **facts: Any) -> Response:
    """Return the page of that name, of one length on the wire whatever was marked."""
    return padded(_page(name, ballot, *args, **facts), longest(ballot.lines), status)


@bp.get("/<int:round_id>")
@allow(P.BALLOT_CAST, round_=ballots.paper)
def edit(round_: BallotPaper) -> ResponseReturnValue:
    standing = _standing(round_)
    if standing.voted:
        return _to_received(round_)
    if not standing.may_vote:
        return render_template("voting/ballots/wait.html", round=round_, standing=standing)
    return _page("edit", round_, {}, new_code())


@bp.post("/<int:round_id>/review")
@reading
@allow(P.BALLOT_CAST, round_=ballots.paper)
def review(round_: BallotPaper) -> ResponseReturnValue:
    """Show what was chosen before it is final; "修改" leads back with the marks kept.

    Marks that may not be cast are answered with 200 too: another status would have another length on the wire.
    """
    standing, marks, code = _standing(round_), _marks(), _code()
    if standing.voted:
        return _to_received(round_, 303)
    if standing.paper:
        return redirect(url_for("ballots.edit", round_id=round_.round_id), 303)
    if refusal := _refusal(round_, marks):
        return _marks_page("edit", round_, marks, code, fresh=False, refusal=refusal)
    if "back" in request.form:
        # Changed marks are another ballot: under the old code, an earlier request that did arrive would answer for it.
        return _marks_page("edit", round_, marks, new_code(), fresh=True, refusal="")
    return _marks_page("review", round_, marks, code)


def _refusal(ballot: BallotPaper, marks: dict[int, str]) -> str:
    """Return why these marks may not be cast; empty when they may."""
    try:
        check_marks(ballot.rule, ballot.numbers, marks)
    except RuleBroken as broken:
        return broken.message
    return ""


@bp.post("/<int:round_id>/cast")
@allow(P.BALLOT_CAST, round_=ballots.paper)
def cast(round_: BallotPaper) -> ResponseReturnValue:
    marks, code, deputy_id = _marks(), request.form.get("code", ""), me().deputy_id or 0
    browser = phones.of_deputy(deputy_id)
    try:
        ballots.cast(round_.round_id, deputy_id, code=code, marks=marks, now=now(), browser=browser)
    except RuleBroken as broken:
        refuse(broken)
        return _refused(round_, marks, broken)
    return receipts.keep(_to_received(round_, 303), round_.round_id, code)


def _refused(ballot: BallotPaper, marks: dict[int, str], broken: RuleBroken) -> ResponseReturnValue:
    """Return the ballot again where it can be corrected, else the page that says why it is refused."""
    if broken.status == 422 or broken.code in ("code_taken", "not_present"):
        fresh = broken.code == "code_taken"
        facts: dict[str, Any] = {"status": broken.status, "fresh": fresh, "refusal": broken.message}
        return _marks_page("edit", ballot, marks, new_code(), **facts)
    page = "voting/ballots/refused.html"
    return render_template(page, round=ballot, message=broken.message, code=broken.code), broken.status


@bp.get("/<int:round_id>/received")
@allow(P.BALLOT_CAST, round_=ballots.paper)
def received(round_: BallotPaper) -> ResponseReturnValue:
    """Show 「已收到」 to the browser that has voted, and to any other that a vote was cast.

    Only this phone knows the code: it is in the phone's own cookie. By it the phone is known once the marks are gone.
    """
    standing, code = _standing(round_), receipts.shown()
    if not standing.voted:
        return redirect(url_for("ballots.edit", round_id=round_.round_id))
    if not (standing.here or (standing.state != RoundState.OPENED and code)):
        return not_cast_here(round_, standing)
    mine = ballots.for_deputy(round_.session_id, me().deputy_id or 0) if standing.entitled else []
    facts = {"code": grouped(code), "to_do": [each for each in mine if each.to_do]}
    return render_template("voting/ballots/received.html", round=round_, standing=standing, **facts)

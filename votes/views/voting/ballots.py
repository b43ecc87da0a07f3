"""The ballot on a phone: choose, look over, confirm, 「已收到」. Nothing here is logged."""

import secrets

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm
from votes.rules.codes import grouped, is_code, new_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.permissions import Permission as P
from votes.rules.voting.ballots import check_marks
from votes.services.voting import ballots
from votes.services.voting.ballots import BallotPaper as Paper
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals
from votes.web.identity import me
from votes.web.transaction import reading, refuse

bp = Pages("ballots", __name__, Layout.PHONE, refusals=Refusals.UNLOGGED, url_prefix="/vote")
RECEIPT = "receipt"


def _marks() -> dict[int, str]:
    """Marks as the form sends them: m1=for … (a checkbox or three radios a line)."""
    return {
        int(name[1:]): value
        for name, value in request.form.items()
        if name.startswith("m") and name[1:].isdecimal() and len(name) < 6
    }


def _standing(paper: Paper) -> ballots.DeputyStanding:
    found = ballots.standing(paper.round_id, me().deputy_id or 0)
    if found is None:
        abort(404)
    return found


def _code() -> str:
    typed = request.form.get("code", "")
    return typed if is_code(typed) else new_code()


@bp.get("/<int:round_id>")
@allow(P.BALLOT_CAST, round_=ballots.paper)
def edit(round_: Paper) -> ResponseReturnValue:
    standing = _standing(round_)
    if standing.voted:
        return redirect(url_for("ballots.received", round_id=round_.round_id, r=secrets.token_hex(3)))
    if standing.paper or standing.state != RoundState.OPENED or not standing.entitled:
        return render_template("voting/ballots/wait.html", round=round_, standing=standing)
    return render_template(
        "voting/ballots/edit.html", round=round_, form=ActionForm(), marks={}, code=new_code()
    )


@bp.post("/<int:round_id>/review")
@reading
@allow(P.BALLOT_CAST, round_=ballots.paper)
def review(round_: Paper) -> ResponseReturnValue:
    """The list of what was chosen, before it is final; "修改" leads back with the marks kept."""
    form, marks, code = ActionForm(), _marks(), _code()
    standing = _standing(round_)
    if standing.voted:
        return redirect(url_for("ballots.received", round_id=round_.round_id, r=secrets.token_hex(3)), 303)
    if standing.paper:
        return redirect(url_for("ballots.edit", round_id=round_.round_id), 303)
    try:
        check_marks(round_.rule, round_.numbers, marks)
        refusal = ""
    except RuleBroken as broken:
        refusal = broken.message
    if refusal or "back" in request.form:
        # Changed marks are another ballot: under the old code an earlier sending that did arrive would answer for it.
        fresh = not refusal
        page = render_template(
            "voting/ballots/edit.html",
            round=round_,
            form=form,
            marks=marks,
            code=new_code() if fresh else code,
            fresh=fresh,
            refusal=refusal,
        )
        return page, 422 if refusal else 200
    return render_template("voting/ballots/review.html", round=round_, form=form, marks=marks, code=code)


@bp.post("/<int:round_id>/cast")
@allow(P.BALLOT_CAST, round_=ballots.paper)
def cast(round_: Paper) -> ResponseReturnValue:
    form, marks, code = ActionForm(), _marks(), request.form.get("code", "")
    try:
        ballots.cast(round_.round_id, me().deputy_id or 0, code=code, marks=marks, now=now())
    except RuleBroken as broken:
        refuse(broken)
        if broken.status == 422 or broken.code in ("code_taken", "not_present"):
            page = render_template(
                "voting/ballots/edit.html",
                round=round_,
                form=form,
                marks=marks,
                code=new_code(),
                fresh=broken.code == "code_taken",
                refusal=broken.message,
            )
        else:
            page = render_template(
                "voting/ballots/refused.html", round=round_, message=broken.message, code=broken.code
            )
        return page, broken.status
    # The phone keeps its code in a cookie of that one page: it travels with no other request.
    page = url_for("ballots.received", round_id=round_.round_id)
    response = redirect(f"{page}?r={secrets.token_hex(3)}", 303)
    response.set_cookie(
        RECEIPT,
        code,
        path=page,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


@bp.get("/<int:round_id>/received")
@allow(P.BALLOT_CAST, round_=ballots.paper)
def received(round_: Paper) -> ResponseReturnValue:
    """「已收到」. The code is known to this phone only: it stands in the phone's own cookie."""
    standing = _standing(round_)
    if not standing.voted:
        return redirect(url_for("ballots.edit", round_id=round_.round_id))
    code = request.cookies.get(RECEIPT, "")
    code = code if is_code(code) else ""
    mine = ballots.for_deputy(round_.session_id, me().deputy_id or 0)
    return render_template(
        "voting/ballots/received.html",
        round=round_,
        standing=standing,
        code=grouped(code),
        to_do=[each for each in mine if each.to_do] if standing.entitled else [],
    )

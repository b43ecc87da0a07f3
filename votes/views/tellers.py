"""The tellers' own page: zero check, turnout, signature."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm
from votes.rules.permissions import Permission as P
from votes.services import ballots, sessions, tally
from votes.services.sessions import Round
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done

bp = Blueprint("tellers", __name__, url_prefix="/teller")


@bp.get("/")
@allow(P.TELLER_READ)
def index() -> ResponseReturnValue:
    rounds = [r for s in sessions.all_sessions() if s.id in me().teller_in for r in s.rounds]
    return render_template("tellers/index.html", rounds=rounds)


@bp.get("/rounds/<int:round_id>")
@allow(P.TELLER_READ, round=sessions.get_round)
def show(round: Round) -> ResponseReturnValue:
    issued, returned = ballots.counts(round.id)
    return render_template(
        "tellers/show.html",
        round=round,
        issued=issued,
        returned=returned,
        form=ActionForm(),
        signed={s.deputy_id for s in round.signatures},
        digest=tally.result_digest(round) if round.result else "",
        result=tally.result_of(round),
    )


@bp.post("/rounds/<int:round_id>/zero-check")
@allow(P.ROUND_ZERO_CHECK, round=sessions.get_round)
def zero_check(round: Round) -> ResponseReturnValue:
    sessions.zero_check(round, by=me(), now=now())
    return done("已确认票箱为空", "tellers.show", round_id=round.id)


@bp.post("/rounds/<int:round_id>/sign")
@allow(P.ROUND_SIGN, round=sessions.get_round)
def sign(round: Round) -> ResponseReturnValue:
    tally.sign(round, by=me(), now=now())
    return done("已签字", "tellers.show", round_id=round.id)

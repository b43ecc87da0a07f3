"""What the office may do in a rehearsal (演练) only: sign deputies in and let them vote at random."""

from flask import request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import number
from votes.models import Round
from votes.rules.permissions import Permission as P
from votes.services.meeting import rounds
from votes.services.voting import rehearsal
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import done

bp = Pages("rehearsals", __name__, Layout.OFFICE, within="sessions", audit="rounds", url_prefix="/office")


def _number() -> int:
    """How many were asked for; 0 for what is no number, which the rule refuses."""
    return number(request.form.get("number")) or 0


@bp.post("/rounds/<int:round_id>/rehearse/vote")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def vote(round_: Round) -> ResponseReturnValue:
    number = rehearsal.vote_at_random(round_, _number(), by=me(), now=now())
    return done(f"{number} 位演练{organ().member}已随机投票", "rounds.show", round_id=round_.id)


@bp.post("/rounds/<int:round_id>/rehearse/sign-in")
@allow(P.ROUND_MANAGE, round_=rounds.get_round)
def sign_in(round_: Round) -> ResponseReturnValue:
    number = rehearsal.sign_in(round_.session, _number(), by=me(), now=now())
    return done(f"{number} 位演练{organ().member}已签到", "rounds.show", round_id=round_.id)

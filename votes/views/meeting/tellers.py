"""The tellers' own pages on a phone: zero check, turnout, signature or refusal, the result."""

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.base import ActionForm
from votes.forms.meeting.tellers import RefuseForm
from votes.models import Round
from votes.rules.permissions import Permission as P
from votes.rules.voting.result import ranking
from votes.services.meeting import rounds, sessions
from votes.services.voting import ballots, digests, paper_ballots, signing, tally
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done

bp = Pages("tellers", __name__, Layout.PHONE, audit="sessions", url_prefix="/teller")

#: Open boxes first, then what waits for a teller, then the rest.
_ORDER = ("opened", "counted", "closed", "draft", "certified", "announced", "void", "cancelled")


@bp.get("/")
@allow(P.TELLER_READ)
def index() -> ResponseReturnValue:
    mine = [s for s in sessions.all_sessions() if s.id in me().teller_in]
    found = [r for s in mine for r in rounds.present_rounds(s)]
    found.sort(key=lambda r: (_ORDER.index(r.state.value), -r.id))
    return render_template("meeting/tellers/index.html", rounds=found)


def _page(round_: Round, refusing: RefuseForm) -> ResponseReturnValue:
    issued, returned = ballots.counts(round_.id)
    result = tally.result_of(round_)
    mine = me().deputy_id
    refusals = signing.refusals(round_)
    page = render_template(
        "meeting/tellers/show.html",
        round=round_,
        rule=rounds.rule_of(round_),
        issued=issued,
        returned=returned,
        papers=paper_ballots.out(round_),
        awaited=paper_ballots.awaited(round_),
        halls=round_.session.halls,
        form=ActionForm(formdata=None),
        refusing=refusing,
        refusals=refusals,
        my_signature=next((s for s in round_.signatures if s.deputy_id == mine), None),
        my_refusal=next((r for r in refusals if r.deputy_id == mine), None),
        digest=digests.of(round_, "result") if round_.result else "",
        result=result,
        ranks=ranking(result) if result else [],
        names={c.number: c.name for c in round_.candidates},
    )
    return page, refusing.status


@bp.get("/rounds/<int:round_id>")
@allow(P.TELLER_READ, round_=rounds.get_round)
def show(round_: Round) -> ResponseReturnValue:
    return _page(round_, RefuseForm(formdata=None))


@bp.get("/rounds/<int:round_id>/turnout.json")
@allow(P.TELLER_READ, round_=rounds.get_round)
def turnout(round_: Round) -> ResponseReturnValue:
    issued, returned = ballots.counts(round_.id)
    return jsonify(
        state=round_.state.value, issued=issued, returned=returned, papers=paper_ballots.out(round_)
    )


@bp.post("/rounds/<int:round_id>/zero-check")
@allow(P.ROUND_ZERO_CHECK, round_=rounds.get_round)
def zero_check(round_: Round) -> ResponseReturnValue:
    rounds.zero_check(round_, by=me(), now=now())
    return done("已确认票箱为空", "tellers.show", round_id=round_.id)


@bp.post("/rounds/<int:round_id>/sign")
@allow(P.ROUND_SIGN, round_=rounds.get_round)
def sign(round_: Round) -> ResponseReturnValue:
    signing.sign(round_, by=me(), now=now())
    return done("已签字", "tellers.show", round_id=round_.id)


@bp.post("/rounds/<int:round_id>/refuse")
@allow(P.ROUND_SIGN, round_=rounds.get_round)
def refuse(round_: Round) -> ResponseReturnValue:
    form = RefuseForm()
    if form.accepts(lambda: signing.refuse(round_, form.reason.data or "", by=me(), now=now())):
        return done("已登记：您不予签字。人大办已能看到理由", "tellers.show", round_id=round_.id)
    return _page(round_, form)

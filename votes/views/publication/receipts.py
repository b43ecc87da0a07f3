"""Receipt codes: whether a ballot lies in the box, for whoever has its code."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.exports.formats import qr
from votes.models import Body, Round
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.people import bodies
from votes.services.publication import public_projects
from votes.services.voting import results as voting_results
from votes.services.voting.receipts import in_box, receipt_refusal, receipt_round
from votes.views.publication.public import bp, to_first_body
from votes.web.access import allow
from votes.web.facts import Layout, facts
from votes.web.pages import public_url
from votes.web.transaction import reading


def receipt_qr(body: Body, round_: Round) -> str:
    """Return the URL of the round's receipt page as a picture; empty where no codes are published."""
    if receipt_refusal(round_):
        return ""
    return qr.data_uri(public_url("public.receipt", body=body.code, public_id=round_.public_id))


@bp.get("/receipt")
@allow(P.PUBLIC_READ)
def receipt_root() -> ResponseReturnValue:
    return to_first_body("public.receipts")


@bp.get("/p/<body>/receipt")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def receipts(body: Body) -> ResponseReturnValue:
    rounds = [round_ for round_ in voting_results.announced() if not receipt_refusal(round_)]
    return render_template(
        "publication/public/receipts.html",
        body=body,
        neighbours=public_projects.neighbours(body),
        rounds=rounds,
    )


@bp.route("/p/<body>/rounds/<public_id>/receipt", methods=["GET", "POST"])
@facts(layout=Layout.PHONE)
@reading  # a code must not stand in an address
@allow(P.PUBLIC_READ, body=bodies.by_code)
def receipt(body: Body, public_id: str) -> ResponseReturnValue:
    round_ = receipt_round(public_id) or abort(404)
    typed, inside, refusal, status = request.form.get("code", ""), None, "", 200
    if request.method == "POST":
        try:
            inside = in_box(round_, typed)
        except RuleBroken as broken:  # not recorded: the log must not say who asked for what
            refusal, status = broken.message, broken.status
    page = render_template(
        "publication/public/receipt.html",
        body=body,
        round=round_,
        typed=typed[:40],
        inside=inside,
        refusal=refusal,
        closed=receipt_refusal(round_),
    )
    return page, status

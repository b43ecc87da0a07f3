"""Announcements of results, and the record by which anybody can count again."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats.layout import to_html
from votes.models import Body
from votes.rules.permissions import Permission as P
from votes.rules.voting.further import nth
from votes.services.delivery import adjustments, trackings
from votes.services.people import bodies
from votes.services.voting import documents, results as voting_results
from votes.views.publication.public import bp
from votes.views.publication.receipts import receipt_qr
from votes.web.access import allow
from votes.web.pages import download


@bp.get("/p/<body>/announcements/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def announcements(body: Body) -> ResponseReturnValue:
    return render_template(
        "publication/public/announcements.html",
        body=body,
        rounds=voting_results.notices(),
        adjusted=adjustments.announced(),
    )


@bp.get("/p/<body>/rounds/<public_id>/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def announcement(body: Body, public_id: str) -> ResponseReturnValue:
    round_ = voting_results.get_round(public_id) or abort(404)
    return render_template(
        "publication/public/announcement.html",
        body=body,
        round=round_,
        paper=to_html(documents.announcement(round_)),
        receipt=receipt_qr(body, round_),
        question=(question := voting_results.question(round_)),
        joined=voting_results.joined(question),
        overall=voting_results.satisfaction(round_),
        tracked=trackings.of_projects(voting_results.about(question), day=today()),
    )


@bp.get("/p/<body>/rounds/<public_id>/record.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def record(body: Body, public_id: str) -> ResponseReturnValue:
    round_ = voting_results.get_round(public_id) or abort(404)
    data = documents.record_bytes(round_)
    turn = nth(round_.ordinal) if round_.ordinal > 1 else ""
    return download(data, f"{round_.title}{turn}记录.json", "application/json; charset=utf-8")

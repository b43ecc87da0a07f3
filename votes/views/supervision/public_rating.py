"""民生码: the page that the QR code at a project's site opens, to rate the project and comment without an account."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision.citizen_ratings import RateForm
from votes.models import Body, Tracking
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.services.supervision import citizen_ratings
from votes.web import phones
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals
from votes.web.pages import done

bp = Pages("rate", __name__, Layout.PHONE, citizens=True, refusals=Refusals.UNLOGGED)


@bp.route("/p/<body>/projects/<int:project_id>/rate", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def project(body: Body, project_id: int) -> ResponseReturnValue:
    tracking = trackings.of_project(project_id) or abort(404)
    form, phone, address = RateForm(), phones.phone("rate"), phones.network("rate")
    if form.accepts(
        lambda: citizen_ratings.rate(tracking, **form.entry(), phone=phone, address=address, now=now())
    ):
        return done("已收到您的评价，谢谢！", "rate.project", body=body.code, project_id=project_id)
    return _rate_page(body, tracking, form, citizen_ratings.has_rated(tracking, phone, today()))


def _rate_page(body: Body, tracking: Tracking, form: RateForm, rated: bool) -> ResponseReturnValue:
    return render_template(
        "publication/public/rate.html",
        body=body,
        tracking=tracking,
        project=tracking.project,
        line=trackings.line(tracking, today()),
        cover=trackings.covers([tracking]).get(tracking.id),
        form=form,
        open=citizen_ratings.is_open(tracking, today()),
        rated=rated,
    ), form.broken.status if form.broken else form.status

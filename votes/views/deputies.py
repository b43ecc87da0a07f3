"""Deputies' own public pages (代表法 2025 art. 58): those whose page the office has opened, and nothing it has not chosen."""

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.forms.duties import YearFilters
from votes.rules.permissions import Permission as P
from votes.services import bodies, duties, publicity
from votes.web.access import allow

bp = Blueprint("deputies", __name__)


@bp.get("/p/<body>/deputies")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: bodies.Body) -> ResponseReturnValue:
    shown = duties.published()
    groups = {d.delegation: [each for each in shown if each.delegation is d.delegation] for d in shown}
    return render_template(
        "deputies/index.html",
        body=body,
        groups=groups,
        fields=duties.public_fields(body),
        neighbours=publicity.neighbours(body),
    )


@bp.get("/p/<body>/d/<page_key>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def show(body: bodies.Body, page_key: str) -> ResponseReturnValue:
    deputy = duties.by_page_key(page_key) or abort(404)
    years = duties.years(today())
    year = YearFilters(years, today()).chosen
    return render_template(
        "deputies/show.html",
        body=body,
        deputy=deputy,
        fields=duties.public_fields(body),
        years=years,
        year=year,
        figures=duties.own_figures(deputy, year),
        suggest=url_for("suggest.by_deputy", body=body.code, page_key=page_key),
    )

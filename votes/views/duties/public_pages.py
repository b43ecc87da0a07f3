"""Deputies' own public pages (代表法 2025 art. 58): those whose page the office has opened, and nothing it has not chosen."""

from itertools import groupby

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from votes.forms.duties import read_year
from votes.models import Body
from votes.rules.duties.duties import public_fields
from votes.rules.permissions import Permission as P
from votes.services.duties import figures, public_pages
from votes.services.people import bodies
from votes.services.publication import public_projects
from votes.services.suggestions import suggestions
from votes.web.access import allow
from votes.web.facts import Layout, Pages

bp = Pages("deputies", __name__, Layout.PUBLIC, audit="duties")


@bp.get("/p/<body>/deputies")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: Body) -> ResponseReturnValue:
    by_delegation = groupby(public_pages.published(), key=lambda deputy: deputy.delegation)
    return render_template(
        "duties/public_pages/index.html",
        body=body,
        groups={delegation: list(members) for delegation, members in by_delegation},
        fields=public_fields(body.settings),
        neighbours=public_projects.neighbours(body),
    )


@bp.get("/p/<body>/d/<page_key>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def show(body: Body, page_key: str) -> ResponseReturnValue:
    deputy = suggestions.deputy_by_key(page_key) or abort(404)
    years, year = read_year()
    return render_template(
        "duties/public_pages/show.html",
        body=body,
        deputy=deputy,
        fields=public_fields(body.settings),
        years=years,
        year=year,
        figures=figures.own_figures(deputy, year),
        suggest=url_for("suggest.by_deputy", body=body.code, page_key=page_key),
    )

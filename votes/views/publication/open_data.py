"""Open data beyond projects and results: counts, citizens' ratings, deputies' public records, and the schema of all."""

from typing import Any

from flask import Response, current_app, json, url_for
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.forms.publication.public import Finding
from votes.models import Body
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.duties import figures
from votes.services.people import bodies
from votes.services.suggestions import suggestions
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.publication import open_data, openapi

bp = Pages("open_data", __name__, Layout.PUBLIC)


def answer(name: str, body: Body, year: int | None, rows: list[dict[str, Any]]) -> Response:
    """Every data set in the same envelope."""
    told = {"body": body.name, "place": body.place, "demo": body.is_demo, "year": year, name: rows}
    data = json.dumps(told, indent=1, sort_keys=False) + "\n"
    return Response(data, mimetype="application/json; charset=utf-8")


def _of(years: list[int]) -> int | None:
    """The year asked for where there is anything of it, else the newest; None where there is nothing."""
    asked = Finding.read().year
    return asked if asked in years else next(iter(years), None)


@bp.get("/p/<body>/data/funnel.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def funnel(body: Body) -> ResponseReturnValue:
    year = _of(suggestions.years())
    return answer("funnel", body, year, open_data.funnel(year) if year else [])


@bp.get("/p/<body>/data/suggestions.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def suggestion_counts(body: Body) -> ResponseReturnValue:
    year = _of(suggestions.years())
    return answer("suggestions", body, year, open_data.suggestion_counts(year) if year else [])


@bp.get("/p/<body>/data/supervision.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def supervision(body: Body) -> ResponseReturnValue:
    year = _of(trackings.years())
    return answer("supervision", body, year, open_data.supervision_counts(today(), year) if year else [])


@bp.get("/p/<body>/data/citizen-ratings.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def citizens(body: Body) -> ResponseReturnValue:
    year = _of(trackings.years())
    rows = open_data.citizens(trackings.search(year=year, day=today()))
    return answer("citizen_ratings", body, year, rows)


@bp.get("/p/<body>/data/deputies.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def deputies(body: Body) -> ResponseReturnValue:
    year = _of(figures.years(today())) or today().year

    def page(key: str) -> str:
        path = url_for("deputies.show", body=body.code, page_key=key)
        return f"{current_app.config['PUBLIC_URL']}{path}"

    return answer("deputies", body, year, open_data.deputies(body, year, page=page))


@bp.get("/p/<body>/data/openapi.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def schema(body: Body) -> ResponseReturnValue:
    home = url_for("public.index", body=body.code).rstrip("/")
    told = openapi.document(server=f"{current_app.config['PUBLIC_URL']}{home}", place=body.place)
    data = json.dumps(told, indent=1, sort_keys=False) + "\n"
    return Response(data, mimetype="application/json; charset=utf-8")

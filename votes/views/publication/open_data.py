"""Open data beyond projects and results: counts, citizens' ratings, deputies' public records, and the schema of all."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, json
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.forms.publication.public import ProjectQuery
from votes.models import Body
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.duties import figures
from votes.services.people import bodies
from votes.services.suggestions import suggestions
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.pages import public_url
from votes.web.publication import open_data, openapi

bp = Pages("open_data", __name__, Layout.PUBLIC)


def answer(name: str, body: Body, year: int | None, rows: list[dict[str, Any]]) -> Response:
    """Return a data set in the envelope that all of them share."""
    return _json({"body": body.name, "place": body.place, "demo": body.is_demo, "year": year, name: rows})


def _json(document: dict[str, Any]) -> Response:
    data = json.dumps(document, indent=1, sort_keys=False) + "\n"
    return Response(data, mimetype="application/json; charset=utf-8")


def _year(years: list[int]) -> int | None:
    """Return the year of the request if it is in ``years``, else the newest; None without years."""
    year = ProjectQuery.read().year
    return year if year in years else next(iter(years), None)


def _of_year(
    name: str, body: Body, years: list[int], read: Callable[[int], list[dict[str, Any]]]
) -> Response:
    """Answer a data set of the requested year (see `_year`); empty without years."""
    year = _year(years)
    return answer(name, body, year, read(year) if year else [])


@bp.get("/p/<body>/data/funnel.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def funnel(body: Body) -> ResponseReturnValue:
    return _of_year("funnel", body, suggestions.years(), open_data.funnel)


@bp.get("/p/<body>/data/suggestions.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def suggestion_counts(body: Body) -> ResponseReturnValue:
    return _of_year("suggestions", body, suggestions.years(), open_data.suggestion_counts)


@bp.get("/p/<body>/data/supervision.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def supervision(body: Body) -> ResponseReturnValue:
    counts = partial(open_data.supervision_counts, today())
    return _of_year("supervision", body, trackings.years(), counts)


@bp.get("/p/<body>/data/citizen-ratings.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def citizens(body: Body) -> ResponseReturnValue:
    year = _year(trackings.years())
    rows = open_data.citizens(trackings.search(year=year, day=today()))
    return answer("citizen_ratings", body, year, rows)


@bp.get("/p/<body>/data/deputies.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def deputies(body: Body) -> ResponseReturnValue:
    years = figures.years(today()) or [today().year]
    return _of_year("deputies", body, years, partial(open_data.deputies, body))


@bp.get("/p/<body>/data/openapi.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def schema(body: Body) -> ResponseReturnValue:
    home = public_url("public.index", body=body.code).rstrip("/")
    return _json(openapi.document(server=home, place=body.place))

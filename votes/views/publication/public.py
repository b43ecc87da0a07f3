"""What citizens see: the year at a glance, each project's story and photographs, results, open data.

Announcements and receipt codes stand in `announcements` and `receipts`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats.table import csv_bytes
from votes.forms.publication.public import Grouping, ProjectQuery
from votes.models import Body
from votes.rules.delivery.lights import SCHEMES, Light
from votes.rules.permissions import Permission as P
from votes.rules.projects import text
from votes.services.delivery import curves, reports, trackings
from votes.services.people import bodies
from votes.services.publication import outcomes, public_projects
from votes.services.suggestions import stories
from votes.services.supervision import overview
from votes.services.voting import results as voting_results
from votes.views.publication.open_data import answer
from votes.web.access import allow
from votes.web.delivery.curves import mean_charts
from votes.web.delivery.project_filters import PROJECT_FILTERS
from votes.web.delivery.project_page import progress_facts
from votes.web.facts import Layout, Pages
from votes.web.filters import read
from votes.web.pages import download, page_number
from votes.web.pictures import send_tile
from votes.web.publication import open_data, overview_charts as charts
from votes.web.uploads import send

bp = Pages("public", __name__, Layout.PUBLIC)


@bp.get("/")
@allow(P.PUBLIC_READ)
def root() -> ResponseReturnValue:
    return to_first_body("public.index")


def to_first_body(endpoint: str) -> ResponseReturnValue:
    """Go to a page of the first body; to the welcome page where none is set up."""
    first = next(iter(bodies.all_bodies()), None)
    if first is None:
        return render_template("publication/public/welcome.html")
    return redirect(url_for(endpoint, body=first.code))


@bp.get("/p/<body>/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: Body) -> ResponseReturnValue:
    filters = read(PROJECT_FILTERS)
    year = filters.chosen["year"]
    whole = trackings.search(year=year, day=today())
    return render_template(
        "publication/public/index.html",
        body=body,
        neighbours=public_projects.neighbours(body),
        years=trackings.years(),
        choice=filters.chosen,
        narrowed=filters.narrowed,
        whole=whole,
        summary=trackings.summary(whole),
        units=trackings.units(whole),
        announced=voting_results.notices(year),
        **_list(filters.chosen, whole),
        **_charts(year, whole),
    )


def _list(chosen: Mapping[str, Any], whole: list[trackings.TrackedProject]) -> dict[str, Any]:
    """Return the projects that the reader chose, with their villages, townships and pictures."""
    places = public_projects.villages([line.project.id for line in whole])
    townships = public_projects.by_township(whole, places)
    grouping = Grouping.read([name for name, _ in townships])
    lines = grouping.of(trackings.SEARCH.rows(whole, chosen), places)
    return {
        "lines": lines,
        "places": places,
        "townships": townships,
        "grouping": grouping,
        "groups": grouping.groups(lines, places),
        "covers": trackings.covers([line.tracking for line in lines]),
    }


def _charts(year: int | None, whole: list[trackings.TrackedProject]) -> dict[str, Any]:
    """Return the year's mean curve and its funnel from suggestions to projects, each with its chart."""
    curve = curves.curve(whole, today())
    funnel = stories.funnel(year) if year else None
    return {
        "curve": curve,
        "chart": mean_charts(curve),
        "funnel": funnel,
        "funnel_chart": charts.funnel(funnel) if funnel and funnel.suggestions else [],
    }


@bp.get("/p/<body>/search")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def search(body: Body) -> ResponseReturnValue:
    finding = ProjectQuery.read()
    lines, total = public_projects.find(asdict(finding), number=page_number(), day=today())
    return render_template(
        "publication/public/search.html",
        body=body,
        finding=finding,
        lines=lines,
        total=total,
        number=page_number(),
        years=trackings.years(),
        categories=public_projects.categories(),
    )


@bp.get("/p/<body>/results/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def results(body: Body) -> ResponseReturnValue:
    years = voting_results.result_years()
    year = next((each for each in years if each == ProjectQuery.read().year), None)
    rows = voting_results.results(year)
    return render_template("publication/public/results.html", body=body, years=years, year=year, results=rows)


@bp.get("/p/<body>/projects/<int:project_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def project(body: Body, project_id: int) -> ResponseReturnValue:
    tracking = trackings.of_project(project_id) or abort(404)
    return render_template(
        "publication/public/project.html",
        body=body,
        origin_of=stories.sources(project_id),
        moments=overview.story(tracking),
        outcomes=outcomes.of(tracking, today()),
        round=voting_results.of_tracking(tracking),
        ratings=voting_results.ratings([project_id]).get(project_id, []),
        pictures=[a for a in tracking.project.attachments if a.is_picture],
        places=public_projects.villages([project_id]).get(project_id, []),
        listed=text.published(tracking.project),
        **progress_facts(tracking, today()),
    )


@bp.get("/p/<body>/projects/<int:project_id>/photos")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def photos(body: Body, project_id: int) -> ResponseReturnValue:
    tracking = trackings.of_project(project_id) or abort(404)
    return render_template(
        "publication/public/photos.html",
        body=body,
        tracking=tracking,
        photographed=reports.photographed(tracking),
    )


@bp.get("/p/<body>/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def photo(body: Body, attachment_id: int) -> ResponseReturnValue:
    picture = public_projects.picture(attachment_id) or abort(404)
    size = request.args.get("size")
    if size == "tile":
        return send_tile(picture)
    return send(picture, thumbnail=size == "small", public=True)


# --- open data -------------------------------------------------------------------------------------------


def _year() -> int | None:
    year: int | None = read(PROJECT_FILTERS).chosen["year"]
    return year


@bp.get("/p/<body>/data/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def data(body: Body) -> ResponseReturnValue:
    years, thresholds = trackings.years(), trackings.settings(body.id)
    return render_template(
        "publication/public/data.html",
        body=body,
        years=years,
        fields=open_data.FIELDS,
        result_fields=open_data.RESULT_FIELDS,
        counts=open_data.COUNTS,
        thresholds=thresholds,
        explained=SCHEMES[thresholds.scheme].explained(thresholds),
        L=Light,
    )


@bp.get("/p/<body>/data/projects.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def projects_json(body: Body) -> ResponseReturnValue:
    year = _year()
    rows = open_data.projects(trackings.search(year=year, day=today(), whole=True))
    return answer("projects", body, year, rows)


@bp.get("/p/<body>/data/projects.csv")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def projects_csv(body: Body) -> ResponseReturnValue:
    year = _year()
    head, rows = open_data.project_rows(trackings.search(year=year, day=today(), whole=True))
    name = f"{body.place}{year or ''}年民生实事项目.csv"
    return download(csv_bytes(head, rows), name, "text/csv; charset=utf-8")


@bp.get("/p/<body>/data/results.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def results_json(body: Body) -> ResponseReturnValue:
    year = _year()
    return answer("results", body, year, open_data.results(body, voting_results.announced(year)))

"""What citizens see: the year at a glance, each project's story, announcements, open data."""

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats import qr
from votes.exports.formats.table import csv_bytes
from votes.exports.voting import documents as papers
from votes.forms.publication.public import Finding, Grouping
from votes.models import Body, Round
from votes.rules.delivery.lights import SCHEMES, Light
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.rules.projects import text
from votes.rules.voting.further import nth
from votes.services.delivery import adjustments, curves, reports, trackings
from votes.services.people import bodies
from votes.services.publication import public_projects
from votes.services.suggestions import stories
from votes.services.voting import documents, receipts as voting_receipts, results as voting_results
from votes.views.publication.open_data import answer
from votes.web.access import allow
from votes.web.delivery.curves import mean_charts, project_charts, project_money_charts
from votes.web.delivery.outcomes import outcomes_of
from votes.web.delivery.project_filters import PROJECT_FILTERS
from votes.web.facts import Layout, Pages, facts
from votes.web.filters import read
from votes.web.pages import download, page_number
from votes.web.pictures import send_tile
from votes.web.publication import open_data, overview_charts as charts
from votes.web.transaction import reading
from votes.web.uploads import send

bp = Pages("public", __name__, Layout.PUBLIC)


@bp.get("/")
@allow(P.PUBLIC_READ)
def root() -> ResponseReturnValue:
    first = next(iter(bodies.all_bodies()), None)
    if first is None:
        return render_template("publication/public/welcome.html")
    return redirect(url_for("public.index", body=first.code))


@bp.get("/p/<body>/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: Body) -> ResponseReturnValue:
    filters = read(PROJECT_FILTERS)
    year = filters.chosen["year"]
    whole = trackings.search(year=year, day=today())
    places = public_projects.villages([line.project.id for line in whole])
    townships = public_projects.by_township(whole, places)
    grouping = Grouping.read([name for name, _ in townships])
    lines = grouping.of(trackings.SEARCH.rows(whole, filters.chosen), townships)
    curve = curves.curve(whole, today())
    funnel = stories.funnel(year) if year else None
    return render_template(
        "publication/public/index.html",
        body=body,
        neighbours=public_projects.neighbours(body),
        years=trackings.years(),
        choice=filters.chosen,
        narrowed=filters.narrowed,
        whole=whole,
        lines=lines,
        places=places,
        townships=townships,
        grouping=grouping,
        groups=grouping.groups(lines, places),
        covers=trackings.covers([line.tracking for line in lines]),
        summary=trackings.summary(whole),
        curve=curve,
        chart=mean_charts(curve),
        units=trackings.units(whole),
        announced=voting_results.notices(year),
        funnel=funnel,
        funnel_chart=charts.funnel(funnel) if funnel and funnel.suggestions else [],
    )


@bp.get("/p/<body>/search")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def search(body: Body) -> ResponseReturnValue:
    finding = Finding.read()
    lines, total = public_projects.find(
        q=finding.q, year=finding.year, category=finding.category, number=page_number(), day=today()
    )
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
    year = Finding.read().year
    return render_template(
        "publication/public/results.html",
        body=body,
        years=years,
        year=year if year in years else None,
        results=voting_results.results(year if year in years else None),
    )


@bp.get("/p/<body>/projects/<int:project_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def project(body: Body, project_id: int) -> ResponseReturnValue:
    tracking = trackings.of_project(project_id)
    if tracking is None:
        abort(404)
    return render_template(
        "publication/public/project.html",
        body=body,
        tracking=tracking,
        project=tracking.project,
        line=(line := trackings.line(tracking, today())),
        chart=project_charts(tracking),
        parts=reports.parts_of(tracking),
        paid=curves.money_points(line),
        money_chart=project_money_charts(line),
        story=trackings.story(tracking),
        pictured=bool(reports.photographed(tracking)),
        ahead=trackings.ahead(tracking),
        round=voting_results.of_tracking(tracking),
        ratings=voting_results.ratings([project_id]).get(project_id, []),
        pictures=[a for a in tracking.project.attachments if a.is_picture],
        places=public_projects.villages([project_id]).get(project_id, []),
        listed=text.published(tracking.project),
        beyond=trackings.carried(tracking),
        outcomes=outcomes_of(tracking),
        today=today(),
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
    picture = public_projects.picture(attachment_id)
    if picture is None:
        abort(404)
    size = request.args.get("size")
    if size == "tile":
        return send_tile(picture)
    return send(picture, thumbnail=size == "small", public=True)


# --- announcements and the record ------------------------------------------------------------------------


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
        paper=papers.to_html(documents.announcement(round_)),
        receipt=_receipt_qr(body, round_),
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


# --- receipts --------------------------------------------------------------------------------------------


def _receipt_qr(body: Body, round_: Round) -> str:
    """The receipt page's address as a picture; empty where no codes are published."""
    if voting_receipts.receipt_refusal(round_):
        return ""
    path = url_for("public.receipt", body=body.code, public_id=round_.public_id)
    return qr.data_uri(f"{current_app.config['PUBLIC_URL']}{path}")


@bp.get("/receipt")
@allow(P.PUBLIC_READ)
def receipt_root() -> ResponseReturnValue:
    first = next(iter(bodies.all_bodies()), None)
    if first is None:
        return render_template("publication/public/welcome.html")
    return redirect(url_for("public.receipts", body=first.code))


@bp.get("/p/<body>/receipt")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def receipts(body: Body) -> ResponseReturnValue:
    rounds = [round_ for round_ in voting_results.announced() if not voting_receipts.receipt_refusal(round_)]
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
    round_ = voting_receipts.receipt_round(public_id) or abort(404)
    typed, found, refusal, status = request.form.get("code", ""), None, "", 200
    if request.method == "POST":
        try:
            found = voting_receipts.in_box(round_, typed)
        except RuleBroken as broken:  # not recorded: the log must not say who asked for what
            refusal, status = broken.message, broken.status
    page = render_template(
        "publication/public/receipt.html",
        body=body,
        round=round_,
        typed=typed[:40],
        found=found,
        refusal=refusal,
        closed=voting_receipts.receipt_refusal(round_),
    )
    return page, status


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

    def address(endpoint: str, public_id: str) -> str:
        path = url_for(endpoint, body=body.code, public_id=public_id)
        return f"{current_app.config['PUBLIC_URL']}{path}"

    rows = open_data.results(
        voting_results.announced(year),
        page=lambda public_id: address("public.announcement", public_id),
        record=lambda public_id: address("public.record", public_id),
    )
    return answer("results", body, year, rows)

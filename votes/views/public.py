"""What citizens see: the year at a glance, each project's story, announcements, open data."""

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports import papers, qr
from votes.exports.table import csv_bytes
from votes.forms.progress import Choice
from votes.forms.public import Finding, Grouping
from votes.rules.errors import RuleBroken
from votes.rules.further import nth
from votes.rules.permissions import Permission as P
from votes.services import bodies, curves, documents, progress, publicity, reports, stories
from votes.views.open_data import answer
from votes.web import open_data
from votes.web import overview_charts as charts
from votes.web.access import allow
from votes.web.curves import mean_charts, project_charts, project_money_charts
from votes.web.pages import download, page_number
from votes.web.pictures import send_tile
from votes.web.transaction import reading
from votes.web.uploads import send

bp = Blueprint("public", __name__)


@bp.get("/")
@allow(P.PUBLIC_READ)
def root() -> ResponseReturnValue:
    first = next(iter(bodies.all_bodies()), None)
    if first is None:
        return render_template("public/welcome.html")
    return redirect(url_for("public.index", body=first.code))


@bp.get("/p/<body>/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: bodies.Body) -> ResponseReturnValue:
    years = progress.years()
    choice = Choice.read(years)
    whole = progress.search(year=choice.year, day=today())
    places = publicity.villages([line.project.id for line in whole])
    townships = publicity.by_township(whole, places)
    grouping = Grouping.read([name for name, _ in townships])
    lines = grouping.of(choice.of(whole), townships)
    curve = curves.curve(whole, today())
    funnel = stories.funnel(choice.year) if choice.year else None
    return render_template(
        "public/index.html",
        body=body,
        neighbours=publicity.neighbours(body),
        years=years,
        choice=choice,
        whole=whole,
        lines=lines,
        places=places,
        townships=townships,
        grouping=grouping,
        groups=grouping.groups(lines, places),
        covers=progress.covers([line.tracking for line in lines]),
        summary=progress.summary(whole),
        curve=curve,
        chart=mean_charts(curve),
        units=progress.units(whole),
        announced=publicity.notices(choice.year),
        funnel=funnel,
        funnel_chart=charts.funnel(funnel) if funnel and funnel.suggestions else [],
    )


@bp.get("/p/<body>/search")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def search(body: bodies.Body) -> ResponseReturnValue:
    finding = Finding.read()
    lines, total = publicity.find(
        q=finding.q, year=finding.year, category=finding.category, number=page_number(), day=today()
    )
    return render_template(
        "public/search.html",
        body=body,
        finding=finding,
        lines=lines,
        total=total,
        number=page_number(),
        years=progress.years(),
        categories=publicity.categories(),
    )


@bp.get("/p/<body>/results/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def results(body: bodies.Body) -> ResponseReturnValue:
    years = publicity.result_years()
    year = Finding.read().year
    return render_template(
        "public/results.html",
        body=body,
        years=years,
        year=year if year in years else None,
        results=publicity.results(year if year in years else None),
    )


@bp.get("/p/<body>/projects/<int:project_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def project(body: bodies.Body, project_id: int) -> ResponseReturnValue:
    tracking = progress.of_project(project_id)
    if tracking is None:
        abort(404)
    return render_template(
        "public/project.html",
        body=body,
        tracking=tracking,
        project=tracking.project,
        line=(line := progress.line(tracking, today())),
        chart=project_charts(tracking),
        parts=reports.parts_of(tracking),
        paid=curves.money_points(line),
        money_chart=project_money_charts(line),
        story=progress.story(tracking),
        pictured=bool(reports.photographed(tracking)),
        ahead=progress.ahead(tracking),
        round=publicity.of_tracking(tracking),
        ratings=publicity.ratings([project_id]).get(project_id, []),
        pictures=[a for a in tracking.project.attachments if a.is_picture],
        places=publicity.villages([project_id]).get(project_id, []),
        beyond=progress.carried(tracking),
        today=today(),
    )


@bp.get("/p/<body>/projects/<int:project_id>/photos")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def photos(body: bodies.Body, project_id: int) -> ResponseReturnValue:
    tracking = progress.of_project(project_id) or abort(404)
    return render_template(
        "public/photos.html",
        body=body,
        tracking=tracking,
        photographed=reports.photographed(tracking),
    )


@bp.get("/p/<body>/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def photo(body: bodies.Body, attachment_id: int) -> ResponseReturnValue:
    picture = publicity.picture(attachment_id)
    if picture is None:
        abort(404)
    size = request.args.get("size")
    if size == "tile":
        return send_tile(picture)
    return send(picture, thumbnail=size == "small", public=True)


# --- announcements and the record ------------------------------------------------------------------------


@bp.get("/p/<body>/announcements/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def announcements(body: bodies.Body) -> ResponseReturnValue:
    return render_template("public/announcements.html", body=body, rounds=publicity.notices())


@bp.get("/p/<body>/rounds/<public_id>/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def announcement(body: bodies.Body, public_id: str) -> ResponseReturnValue:
    round = publicity.get_round(public_id) or abort(404)
    return render_template(
        "public/announcement.html",
        body=body,
        round=round,
        paper=papers.to_html(documents.announcement(round)),
        receipt=_receipt_qr(body, round),
        question=(question := publicity.question(round)),
        joined=publicity.joined(question),
        overall=publicity.satisfaction(round),
        tracked=progress.of_projects(publicity.about(question), day=today()),
    )


@bp.get("/p/<body>/rounds/<public_id>/record.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def record(body: bodies.Body, public_id: str) -> ResponseReturnValue:
    round = publicity.get_round(public_id) or abort(404)
    data = documents.record_bytes(round)
    turn = nth(round.ordinal) if round.ordinal > 1 else ""
    return download(data, f"{round.title}{turn}记录.json", "application/json; charset=utf-8")


# --- receipts --------------------------------------------------------------------------------------------


def _receipt_qr(body: bodies.Body, round: publicity.Round) -> str:
    """The receipt page's address as a picture; empty where no codes are published."""
    if publicity.receipt_refusal(round):
        return ""
    path = url_for("public.receipt", body=body.code, public_id=round.public_id)
    return qr.data_uri(f"{current_app.config['PUBLIC_URL']}{path}")


@bp.get("/receipt")
@allow(P.PUBLIC_READ)
def receipt_root() -> ResponseReturnValue:
    first = next(iter(bodies.all_bodies()), None)
    if first is None:
        return render_template("public/welcome.html")
    return redirect(url_for("public.receipts", body=first.code))


@bp.get("/p/<body>/receipt")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def receipts(body: bodies.Body) -> ResponseReturnValue:
    rounds = [round for round in publicity.announced() if not publicity.receipt_refusal(round)]
    return render_template(
        "public/receipts.html", body=body, neighbours=publicity.neighbours(body), rounds=rounds
    )


@bp.route("/p/<body>/rounds/<public_id>/receipt", methods=["GET", "POST"])
@reading  # a code must not stand in an address
@allow(P.PUBLIC_READ, body=bodies.by_code)
def receipt(body: bodies.Body, public_id: str) -> ResponseReturnValue:
    round = publicity.receipt_round(public_id) or abort(404)
    typed, found, refusal, status = request.form.get("code", ""), None, "", 200
    if request.method == "POST":
        try:
            found = publicity.in_box(round, typed)
        except RuleBroken as broken:  # not recorded: the log must not say who asked for what
            refusal, status = broken.message, broken.status
    page = render_template(
        "public/receipt.html",
        body=body,
        round=round,
        typed=typed[:40],
        found=found,
        refusal=refusal,
        closed=publicity.receipt_refusal(round),
    )
    return page, status


# --- open data -------------------------------------------------------------------------------------------


@bp.get("/p/<body>/data/")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def data(body: bodies.Body) -> ResponseReturnValue:
    years = progress.years()
    return render_template(
        "public/data.html",
        body=body,
        years=years,
        choice=Choice.read(years),
        fields=open_data.FIELDS,
        result_fields=open_data.RESULT_FIELDS,
        counts=open_data.COUNTS,
        thresholds=progress.settings(body.id),
        L=progress.Light,
    )


@bp.get("/p/<body>/data/projects.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def projects_json(body: bodies.Body) -> ResponseReturnValue:
    year = Choice.read(progress.years()).year
    rows = open_data.projects(progress.search(year=year, day=today(), whole=True))
    return answer("projects", body, year, rows)


@bp.get("/p/<body>/data/projects.csv")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def projects_csv(body: bodies.Body) -> ResponseReturnValue:
    year = Choice.read(progress.years()).year
    head, rows = open_data.project_rows(progress.search(year=year, day=today(), whole=True))
    name = f"{body.place}{year or ''}年民生实事项目.csv"
    return download(csv_bytes(head, rows), name, "text/csv; charset=utf-8")


@bp.get("/p/<body>/data/results.json")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def results_json(body: bodies.Body) -> ResponseReturnValue:
    year = Choice.read(progress.years()).year

    def address(endpoint: str, public_id: str) -> str:
        path = url_for(endpoint, body=body.code, public_id=public_id)
        return f"{current_app.config['PUBLIC_URL']}{path}"

    rows = open_data.results(
        publicity.announced(year),
        page=lambda public_id: address("public.announcement", public_id),
        record=lambda public_id: address("public.record", public_id),
    )
    return answer("results", body, year, rows)

"""验收: which projects have been accepted, one acceptance, its form; and its photos as citizens see them."""

from datetime import date

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.delivery.outcomes import AcceptanceFilters, AcceptanceForm
from votes.models import Acceptance, Body, Tracking
from votes.rules.delivery.acceptances import RECORDER, AcceptanceKind
from votes.rules.permissions import Permission as P
from votes.services.delivery import acceptances, trackings
from votes.services.people import bodies
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import XLSX, done, download, download_paper
from votes.web.uploads import drawn, send
from votes.web.words.labels import label

bp = Pages("acceptances", __name__, Layout.OFFICE, within="adjustments", audit="outcomes")


def _filters() -> AcceptanceFilters:
    return AcceptanceFilters(trackings.years(), bodies.departments())


@bp.get("/office/acceptances/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    filters = _filters()
    lines = acceptances.overview(filters.wanted(), own=trackings.own_unit(me()))
    return render_template("delivery/acceptances/index.html", filters=filters, lines=lines)


COLUMNS = [
    xlsx.Column("编号", 6, "int"),
    xlsx.Column("项目名称", 32),
    xlsx.Column("责任单位", 18),
    xlsx.Column("实施情况", 10),
    xlsx.Column("竣工验收日期", 16, "date"),
    xlsx.Column("竣工验收结论", 14),
    xlsx.Column("人大验收日期", 16, "date"),
    xlsx.Column("人大验收结论", 14),
]


@bp.get("/office/acceptances/export.xlsx")
@allow(P.PROGRESS_READ)
def export() -> ResponseReturnValue:
    filters = _filters()
    lines = acceptances.overview(filters.wanted(), own=trackings.own_unit(me()))
    title = f"{filters.year.data or ''}年民生实事项目验收"
    return download(xlsx.write(title, COLUMNS, map(_row, lines)), f"{title}.xlsx", XLSX)


def _row(line: acceptances.Line) -> list[str | int | date | None]:
    unit = line.tracking.department
    row: list[str | int | date | None] = [
        line.tracking.project.number,
        line.tracking.name,
        unit.name if unit else "",
        label(line.tracking.state).word,
    ]
    for each in (line.works, line.deputies):
        row += [each.held_on, label(each.conclusion).word] if each else [None, ""]
    return row


def _kinds() -> list[AcceptanceKind]:
    """What whoever asks may record."""
    return [kind for kind in AcceptanceKind if RECORDER[kind] in me().roles]


@bp.route("/office/acceptances/trackings/<int:tracking_id>/new", methods=["GET", "POST"])
@allow(P.ACCEPTANCE_RECORD, tracking=trackings.get)
def new(tracking: Tracking) -> ResponseReturnValue:
    form = AcceptanceForm(acceptances.dimensions(tracking.body_id), _kinds(), held_on=today())
    if form.accepts(
        lambda: acceptances.record(tracking, **form.values(), photos=drawn(form.photos), by=me(), now=now())
    ):
        return done("验收已登记", "acceptances.show", acceptance_id=form.outcome.id)
    return render_template(
        "delivery/acceptances/edit.html", form=form, tracking=tracking, given=None
    ), form.status


@bp.get("/office/acceptances/<int:acceptance_id>")
@allow(P.PROGRESS_READ, acceptance=acceptances.get)
def show(acceptance: Acceptance) -> ResponseReturnValue:
    return render_template(
        "delivery/acceptances/show.html", acceptance=acceptance, mine=acceptance.kind in _kinds()
    )


@bp.route("/office/acceptances/<int:acceptance_id>/edit", methods=["GET", "POST"])
@allow(P.ACCEPTANCE_RECORD, acceptance=acceptances.get)
def edit(acceptance: Acceptance) -> ResponseReturnValue:
    form = AcceptanceForm([], given=acceptance)
    if form.accepts(
        lambda: acceptances.correct(
            acceptance, **form.values(), photos=drawn(form.photos), by=me(), now=now()
        )
    ):
        return done("验收已更正", "acceptances.show", acceptance_id=acceptance.id)
    return render_template(
        "delivery/acceptances/edit.html", form=form, tracking=acceptance.tracking, given=acceptance
    ), form.status


@bp.post("/office/acceptances/<int:acceptance_id>/photos/remove")
@allow(P.ACCEPTANCE_RECORD, acceptance=acceptances.get)
def take_down(acceptance: Acceptance) -> ResponseReturnValue:
    wanted = request.form.get("attachment_id", type=int)
    acceptances.take_down(acceptance, wanted, by=me(), now=now())
    return done("照片已撤下，不再公开", "acceptances.edit", acceptance_id=acceptance.id)


@bp.get("/office/acceptances/<int:acceptance_id>/form.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, acceptance=acceptances.get)
def paper(acceptance: Acceptance, kind: str) -> ResponseReturnValue:
    name = f"{label(acceptance.kind).word}表-{acceptance.name}"
    return download_paper(acceptances.paper(acceptance), name, kind)


@bp.get("/office/acceptances/trackings/<int:tracking_id>/blank.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, tracking=trackings.get)
def blank(tracking: Tracking, kind: str) -> ResponseReturnValue:
    """The form to take along: of the deputies' acceptance unless the government asks."""
    which = next(iter(_kinds()), AcceptanceKind.DEPUTIES)
    return download_paper(
        acceptances.blank(tracking, which), f"{label(which).word}表（空白）-{tracking.name}", kind
    )


@bp.get("/p/<body>/acceptances/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def photo(body: Body, attachment_id: int) -> ResponseReturnValue:
    picture = acceptances.photo(attachment_id)
    if picture is None:
        abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small", public=True)

"""验收: which projects have been accepted, one acceptance, its form.

And its photos as citizens see them.
"""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.delivery.acceptances import AcceptanceForm
from votes.models import Acceptance, Body, Tracking
from votes.rules.delivery.acceptances import RECORDER, AcceptanceKind
from votes.rules.permissions import Permission as P, visible_unit
from votes.services import uploads
from votes.services.delivery import acceptances, trackings
from votes.services.people import bodies, departments
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done, download_paper, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.uploads import send
from votes.web.words.labels import label

bp = Pages("acceptances", __name__, Layout.OFFICE, within="adjustments", audit="outcomes")


ACCEPTANCES = Table(
    "acceptances",
    title="{year}年民生实事项目验收",
    caption="各项目验收情况",
    empty="还没有实施中的项目。票决结果公告后，选定的项目出现在这里。",
    unfit="没有符合条件的项目。",
    page="acceptances.index",
    export="acceptances.export",
    search=acceptances.SEARCH,
    filters=[
        filters.year(trackings.years),
        filters.of_rows("unit", "责任单位", departments.all_departments, "全部单位"),
        filters.Filter("standing", "验收情况", acceptances.STANDINGS.items(), "全部"),
        filters.words("项目名称", 14),
        filters.order(acceptances.SEARCH),
    ],
    columns=[
        Column("编号", lambda row: row.tracking.project.number, "number", 6, blank="—"),
        Column("项目", lambda row: row.tracking.name, width=32, title="项目名称", cell="project", css="name"),
        Column("责任单位", lambda row: row.tracking.unit_name, width=18, page=False),
        Column("实施情况", lambda row: row.tracking.state, "state", 10),
        Column("完成时限", lambda row: row.tracking.due_on, "day"),
        Column("竣工验收", cell="works"),
        Column("竣工验收日期", lambda row: row.works and row.works.held_on, "day", 16, page=False),
        Column("竣工验收结论", lambda row: row.works and row.works.conclusion, "word", 14, page=False),
        Column("人大验收", cell="deputies"),
        Column("人大验收日期", lambda row: row.deputies and row.deputies.held_on, "day", 16, page=False),
        Column("人大验收结论", lambda row: row.deputies and row.deputies.conclusion, "word", 14, page=False),
        Column("办理", cell="acts", head_hidden=True),
    ],
)


def _list() -> Listing:
    return ACCEPTANCES.read(lambda chosen: acceptances.overview(chosen, own=visible_unit(me())))


@bp.get("/office/acceptances/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    return render_template("delivery/acceptances/index.html", listing=_list())


add_export(bp, "/office/acceptances/export.xlsx", P.PROGRESS_READ, _list)


def _kinds() -> list[AcceptanceKind]:
    """Return the kinds of acceptance that the signed-in person may record."""
    return [kind for kind in AcceptanceKind if RECORDER[kind] in me().roles]


@bp.route("/office/acceptances/trackings/<int:tracking_id>/new", methods=["GET", "POST"])
@allow(P.ACCEPTANCE_RECORD, tracking=trackings.get)
def new(tracking: Tracking) -> ResponseReturnValue:
    form = AcceptanceForm(acceptances.dimensions(tracking.body_id), _kinds(), held_on=today())
    if form.accepts(lambda: acceptances.record(tracking, **form.values(), by=me(), now=now())):
        return done("验收已登记", "acceptances.show", acceptance_id=form.outcome.id)
    return form_page("delivery/acceptances/edit.html", form, tracking=tracking, acceptance=None)


@bp.get("/office/acceptances/<int:acceptance_id>")
@allow(P.PROGRESS_READ, acceptance=acceptances.get)
def show(acceptance: Acceptance) -> ResponseReturnValue:
    return render_template(
        "delivery/acceptances/show.html", acceptance=acceptance, mine=acceptance.kind in _kinds()
    )


@bp.route("/office/acceptances/<int:acceptance_id>/edit", methods=["GET", "POST"])
@allow(P.ACCEPTANCE_RECORD, acceptance=acceptances.get)
def edit(acceptance: Acceptance) -> ResponseReturnValue:
    form = AcceptanceForm([], acceptance=acceptance)
    if form.accepts(lambda: acceptances.correct(acceptance, **form.values(), by=me(), now=now())):
        return done("验收已更正", "acceptances.show", acceptance_id=acceptance.id)
    shown = {"tracking": acceptance.tracking, "acceptance": acceptance}
    return form_page("delivery/acceptances/edit.html", form, **shown)


@bp.post("/office/acceptances/<int:acceptance_id>/photos/remove")
@allow(P.ACCEPTANCE_RECORD, acceptance=acceptances.get)
def take_down(acceptance: Acceptance) -> ResponseReturnValue:
    uploads.remove_of(acceptance.photos, request.form.get("attachment_id", type=int), by=me(), now=now())
    return done("照片已撤下，不再公开", "acceptances.edit", acceptance_id=acceptance.id)


@bp.get("/office/acceptances/<int:acceptance_id>/form.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, acceptance=acceptances.get)
def paper(acceptance: Acceptance, kind: str) -> ResponseReturnValue:
    name = f"{label(acceptance.kind).word}表-{acceptance.name}"
    return download_paper(acceptances.paper(acceptance), name, kind)


@bp.get("/office/acceptances/trackings/<int:tracking_id>/blank.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, tracking=trackings.get)
def blank(tracking: Tracking, kind: str) -> ResponseReturnValue:
    """Return the form to fill in by hand: 人大验收 unless the government asks."""
    which = next(iter(_kinds()), AcceptanceKind.DEPUTIES)
    return download_paper(
        acceptances.blank(tracking, which), f"{label(which).word}表（空白）-{tracking.name}", kind
    )


@bp.get("/p/<body>/acceptances/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def photo(body: Body, attachment_id: int) -> ResponseReturnValue:
    picture = acceptances.photo(attachment_id) or abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small", public=True)

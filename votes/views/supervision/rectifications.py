"""督办件 in the office and with the units: routed, answered, inspected again, closed; also as three lists (三张清单)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision.inspections import AnswerForm, CancelForm, OrderForm, RecheckForm, ReopenForm
from votes.models import InspectionNote, Rectification, Tracking
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.supervision.supervision import RECTIFICATION, RectificationState, Slip
from votes.services.delivery import trackings
from votes.services.supervision import inspection_notes, rectifications
from votes.views.supervision.overview import part, secret
from votes.web import filters
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import XLSX, done, download, download_paper, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.uploads import drawn

bp = part("rectifications", __name__)


# --- lists -----------------------------------------------------------------------------------------------


def _units(chosen: Mapping[str, Any]) -> list[filters.Choice]:
    return [(unit.id, unit.name) for unit in rectifications.units(chosen["year"])]


def _projects(chosen: Mapping[str, Any]) -> list[filters.Choice]:
    rows = rectifications.projects(chosen["year"], own=visible_unit(me()))
    return [(tracking.id, tracking.name) for tracking in rows]


def _one_unit_only(choices: Sequence[filters.Choice]) -> bool:
    """Tell whether the page has no filter by unit: the three lists, and all pages of a unit itself."""
    return request.endpoint != "rectifications.index" or visible_unit(me()) is not None


def _slip(row: Rectification) -> Slip | None:
    return rectifications.slip(row, today()) if row.state == RectificationState.ISSUED else None


def _of_answer(name: str) -> Callable[[Rectification], Any]:
    """Return a column's value: a field of the latest answer."""
    return lambda row: getattr(row.last_answer, name, None)


MARK = Column("文号", lambda row: row.mark, width=14, cell="mark", css="text-nowrap")
DUE_ON = Column("整改期限", lambda row: row.due_on, "day", 16, css="text-nowrap")
STATE = Column("状态", lambda row: row.state, "state", 14, cell="state", css="text-nowrap")
CLOSED_ON = Column("销号日期", lambda row: row.closed_on, "day", 16, page=False)

RECTIFICATIONS = Table(
    "rectifications",
    title="{year}年民生实事项目督办件",
    caption="督办件",
    empty="还没有督办件。代表发现的问题，从“代表监督记录”转为督办件；也可以从项目页面直接交办。",
    unfit="没有符合条件的督办件，请放宽筛选条件。",
    page="rectifications.index",
    export="rectifications.export",
    search=rectifications.SEARCH,
    paged=True,
    spoken=True,
    filters=[
        filters.year(trackings.years),
        filters.Filter("state", "状态", [("open", "未销号"), *filters.words_of(RectificationState)], "全部"),
        filters.of_enum("slip", "预警", Slip),
        filters.Filter("unit", "责任单位", _units, "全部", read=filters.an_id, hidden=_one_unit_only),
        filters.Filter("project", "项目", _projects, "全部", read=filters.an_id),
        filters.words("问题、要求、责任人"),
        filters.order(rectifications.SEARCH),
    ],
    columns=[
        MARK,
        Column("项目", lambda row: row.tracking.name, width=28, page=False),
        Column("项目、问题", cell="project"),
        Column("存在的问题", lambda row: row.problem, width=44, page=False),
        Column("整改要求", lambda row: row.demand, width=36, page=False),
        Column("责任单位", lambda row: row.department.name, width=16, cell="unit"),
        Column("责任人", lambda row: row.person, width=14, page=False),
        Column("交办日期", lambda row: row.issued_on, "day", 16, page=False),
        DUE_ON,
        STATE,
        Column("预警", _slip, "state", 12, cell="slip", css="text-nowrap"),
        Column("最近反馈", _of_answer("result"), width=40, page=False),
        CLOSED_ON,
    ],
)


def _list() -> Listing:
    own = visible_unit(me())
    return RECTIFICATIONS.read(lambda chosen: rectifications.search(chosen, today(), own=own))


@bp.get("/rectifications/")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "supervision/rectifications/index.html",
        listing=_list(),
        slip_of=_slip,
        limits=rectifications.limits(),
        today=today(),
        confined=visible_unit(me()) is not None,
    )


add_export(bp, "/rectifications.xlsx", P.SUPERVISION_READ, _list)


def _one_of_three(name: str, word: str, *columns: Column) -> Table:
    """Declare one of the three lists, which show the same rows."""
    return Table(
        name,
        title=f"{{year}}年民生实事项目{word}",
        caption=word,
        tab=word,
        empty="",
        export="rectifications.lists_export",
        css="three",
        columns=[MARK, Column("项目", lambda row: row.tracking.name, width=28, css="name"), *columns],
    )


PROBLEMS = _one_of_three(
    "rectification_problems",
    "问题清单",
    Column("存在的问题", lambda row: row.problem, width=60),
    Column("来源", lambda row: rectifications.source(row, organ().member), width=30),
    Column("交办日期", lambda row: row.issued_on, "day", 16, css="text-nowrap"),
)
DUTIES = _one_of_three(
    "rectification_duties",
    "责任清单",
    Column("责任单位、责任人", cell="unit"),
    Column("责任单位", lambda row: row.department.name, width=20, page=False),
    Column("责任人", lambda row: row.person, width=16, page=False),
    Column("整改要求", lambda row: row.demand, width=50),
    DUE_ON,
)
RESULTS = _one_of_three(
    "rectification_results",
    "整改清单",
    Column("整改措施和结果", cell="answer"),
    Column("整改措施", _of_answer("measures"), width=40, page=False),
    Column("整改结果", _of_answer("result"), width=40, page=False),
    Column("反馈日期", _of_answer("answered_on"), "day", 16, page=False),
    Column("复查", cell="recheck"),
    Column("复查意见", _of_answer("opinion"), width=30, page=False),
    STATE,
    Column("预警", _slip, "state", 12, page=False),
    CLOSED_ON,
)


def _three(listing: Listing, rows: Sequence[Rectification]) -> dict[str, Listing]:
    tables = {"problems": PROBLEMS, "duties": DUTIES, "results": RESULTS}
    return {name: table.of(rows, year=listing.chosen["year"]) for name, table in tables.items()}


@bp.get("/lists")
@allow(P.SUPERVISION_READ)
def lists() -> ResponseReturnValue:
    listing = _list()
    context = {"listing": listing, "slip_of": _slip, **_three(listing, listing.rows)}
    return render_template("supervision/rectifications/lists.html", **context)


@bp.get("/lists.xlsx")
@allow(P.SUPERVISION_READ)
def lists_export() -> ResponseReturnValue:
    listing = _list()
    first, *more = _three(listing, listing.all_rows()).values()
    title = f"{listing.chosen['year'] or ''}年民生实事项目三张清单"
    return download(first.workbook(more), f"{title}.xlsx", XLSX)


# --- one 督办件 ------------------------------------------------------------------------------------------


@bp.get("/rectifications/<int:rectification_id>")
@allow(P.SUPERVISION_READ, rectification=rectifications.get)
def show(rectification: Rectification) -> ResponseReturnValue:
    return render_template(
        "supervision/rectifications/show.html",
        r=rectification,
        slip=rectifications.slip(rectification, today()),
        source=rectifications.source(rectification, organ().member),
        photos=_photos(rectification.note),
        today=today(),
        secret=secret(),
    )


def _photos(note: InspectionNote | None) -> Sequence[Any]:
    return note.photos if note else []


def _is_closed_for(action: str, rectification: Rectification) -> bool:
    """Tell whether a form is asked for whose ``action`` the state does not allow."""
    return request.method == "GET" and action not in RECTIFICATION[rectification.state]


def _page(rectification: Rectification) -> ResponseReturnValue:
    """Redirect to the page of the 督办件, which says how it stands."""
    return redirect(url_for("rectifications.show", rectification_id=rectification.id))


def _act(
    page: str, rectification: Rectification, form: Any, work: Callable[..., Any], message: str
) -> ResponseReturnValue:
    """Show the form of an act, or call ``work`` with the form's values and flash ``message``."""
    if _is_closed_for("pass" if page == "recheck" else page, rectification):
        return _page(rectification)
    if form.accepts(lambda: work(rectification, **form.entry(), by=me(), now=now())):
        return done(message, "rectifications.show", rectification_id=rectification.id)
    return form_page(f"supervision/rectifications/{page}.html", form, r=rectification)


@bp.route("/rectifications/<int:rectification_id>/edit", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.edit", rectification=rectifications.get)
def edit(rectification: Rectification) -> ResponseReturnValue:
    if _is_closed_for("answer", rectification):  # the order may change as long as the unit may answer
        return _page(rectification)
    form = OrderForm(rectifications.order_of(rectification))
    if form.accepts(lambda: rectifications.correct(rectification, form.values(), by=me(), now=now())):
        return done("督办件已修改", "rectifications.show", rectification_id=rectification.id)
    return _order_page(form, rectification.tracking, rectification.note, rectification)


@bp.post("/rectifications/<int:rectification_id>/publish")
@allow(P.SUPERVISION_MANAGE, "rectification.publish", rectification=rectifications.get)
def publish(rectification: Rectification) -> ResponseReturnValue:
    published = "published" in request.form
    rectifications.publish(rectification, published, by=me(), now=now())
    message = "已公开" if published else "已不再公开"
    return done(message, "rectifications.show", rectification_id=rectification.id)


@bp.route("/rectifications/<int:rectification_id>/answer", methods=["GET", "POST"])
@allow(P.SUPERVISION_ANSWER, "rectification.answer", rectification=rectifications.get)
def answer(rectification: Rectification) -> ResponseReturnValue:
    def work(row: Rectification, **values: Any) -> None:
        rectifications.answer(row, **values, photos=drawn(form.photos))
        flash("人大工作机构将组织复查；没有整改到位的，会再次交办。", "info")

    form = AnswerForm()
    return _act("answer", rectification, form, work, "整改情况已反馈")


@bp.route("/rectifications/<int:rectification_id>/recheck", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "登记复查", rectification=rectifications.get)
def recheck(rectification: Rectification) -> ResponseReturnValue:
    form = RecheckForm(rechecked_on=today())
    message = "已销号" if form.passed else "已再次交办，责任单位应重新反馈"
    return _act("recheck", rectification, form, rectifications.recheck, message)


@bp.route("/rectifications/<int:rectification_id>/reopen", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.reopen", rectification=rectifications.get)
def reopen(rectification: Rectification) -> ResponseReturnValue:
    form = ReopenForm(due_on=rectifications.order_for(None, rectification.tracking, today()).due_on)
    return _act("reopen", rectification, form, rectifications.reopen, "已重新交办")


@bp.route("/rectifications/<int:rectification_id>/cancel", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.cancel", rectification=rectifications.get)
def cancel(rectification: Rectification) -> ResponseReturnValue:
    return _act("cancel", rectification, CancelForm(), rectifications.cancel, "督办件已撤销")


@bp.get("/rectifications/<int:rectification_id>/letter.<any(docx, pdf):kind>")
@allow(P.SUPERVISION_READ, rectification=rectifications.get)
def letter(rectification: Rectification, kind: str) -> ResponseReturnValue:
    return download_paper(rectifications.letter(rectification, today()), f"督办函-{rectification.mark}", kind)


# --- a new one, of a note or of a project ----------------------------------------------------------------


@bp.route("/notes/<int:note_id>/issue", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.issue", note=inspection_notes.get)
def issue(note: InspectionNote) -> ResponseReturnValue:
    if request.method == "GET" and note.rectification:
        return _page(note.rectification)
    return _issue(note.tracking, note)


@bp.route("/projects/<int:tracking_id>/issue", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "rectification.issue", tracking=trackings.get)
def issue_for(tracking: Tracking) -> ResponseReturnValue:
    return _issue(tracking, None)


def _issue(tracking: Tracking, note: InspectionNote | None) -> ResponseReturnValue:
    form = OrderForm(rectifications.order_for(note, tracking, today()))
    if form.accepts(lambda: rectifications.issue(tracking, form.values(), note=note, by=me(), now=now())):
        message = f"已交办：{form.outcome.mark}。可以打印督办函"
        return done(message, "rectifications.show", rectification_id=form.outcome.id)
    return _order_page(form, tracking, note, None)


def _order_page(
    form: OrderForm, tracking: Tracking, note: InspectionNote | None, rectification: Rectification | None
) -> ResponseReturnValue:
    shown = {"tracking": tracking, "note": note, "photos": _photos(note), "r": rectification}
    return form_page("supervision/rectifications/edit.html", form, **shown)

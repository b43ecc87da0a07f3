"""调整、暂缓、终止: applications, decisions, announcements.

And the announcement as citizens read it.
"""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats.layout import to_html
from votes.forms.delivery.adjustments import AdjustmentDecisionForm, AdjustmentForm, NoticeForm
from votes.models import Adjustment, Body, Tracking
from votes.rules.delivery.adjustments import AdjustmentKind, AdjustmentState
from votes.rules.permissions import Permission as P, visible_unit
from votes.services.delivery import adjustments, trackings
from votes.services.people import bodies, departments
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, facts, menu_item
from votes.web.identity import me
from votes.web.pages import done, download_paper, form_page
from votes.web.tables import Column, Listing, Table, add_export

bp = Pages("adjustments", __name__, Layout.OFFICE, audit="outcomes")


ADJUSTMENTS = Table(
    "adjustments",
    title="项目调整",
    caption="项目调整申请和决定",
    empty="还没有调整申请。项目确需调整、暂缓或终止的，由政府办从“进度跟踪”打开项目，点“申请调整”。",
    unfit="没有符合条件的调整申请。",
    page="adjustments.index",
    export="adjustments.export",
    search=adjustments.SEARCH,
    paged=True,
    filters=[
        filters.year(trackings.years, "全部年度"),
        filters.of_enum("kind", "类型", AdjustmentKind, "全部类型"),
        filters.of_enum("state", "状态", AdjustmentState, "全部状态"),
        filters.of_rows("unit", "责任单位", departments.all_departments, "全部单位"),
        filters.words("项目名称", 14),
        filters.order(adjustments.SEARCH),
    ],
    columns=[
        Column("年度", lambda row: row.tracking.project.year, "number", 8, page=False),
        Column("项目", lambda row: row.name, width=32, title="项目名称", cell="project", css="name"),
        Column("责任单位", lambda row: row.tracking.unit_name, width=16, page=False),
        Column("类型", lambda row: row.kind, "word", 12, cell="kind"),
        Column("原因类别", lambda row: row.cause, "word", 12, page=False),
        Column("原因和依据", lambda row: row.reason, width=40, page=False),
        Column("调整前", lambda row: _side(row, "before"), width=40, page=False),
        Column("调整后", lambda row: _side(row, "after"), width=40, page=False),
        Column("申请日期", lambda row: row.applied_on, "day", 16, css="text-nowrap"),
        Column("状态", lambda row: row.state, "state", 10),
        Column("决定机关、文号", cell="decision"),
        Column("决定机关", lambda row: row.organ, width=24, page=False),
        Column("文号", lambda row: row.document_number, width=20, page=False),
        Column("决定日期", lambda row: row.decided_on, "day", 16, page=False),
        Column("公告", lambda row: row.announced_on, "day", 16, title="公告日期", cell="announcement"),
    ],
)


def _side(adjustment: Adjustment, side: str) -> str:
    return "；".join(f"{each.label}：{getattr(each, side)}" for each in adjustments.sides(adjustment))


def _list() -> Listing:
    return ADJUSTMENTS.read(lambda chosen: adjustments.search(chosen, own=visible_unit(me())))


@bp.get("/office/adjustments/")
@menu_item(Group.YEAR, 80, "调整与验收")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    owes = {"owes_announcement": adjustments.owes_announcement}
    return render_template("delivery/adjustments/index.html", listing=_list(), **owes)


add_export(bp, "/office/adjustments/export.xlsx", P.PROGRESS_READ, _list)


@bp.route("/office/adjustments/trackings/<int:tracking_id>/new", methods=["GET", "POST"])
@allow(P.ADJUSTMENT_APPLY, tracking=trackings.get)
def new(tracking: Tracking) -> ResponseReturnValue:
    form = AdjustmentForm(adjustments.as_it_stands(tracking), adjustments.deciders(tracking))
    if form.accepts(lambda: adjustments.apply(tracking, **form.values(), by=me(), now=now())):
        return done("调整申请已提交", "adjustments.show", adjustment_id=form.outcome.id)
    pending = adjustments.pending(tracking.id)
    return form_page("delivery/adjustments/new.html", form, tracking=tracking, pending=pending)


@bp.get("/office/adjustments/<int:adjustment_id>")
@allow(P.PROGRESS_READ, adjustment=adjustments.get)
def show(adjustment: Adjustment) -> ResponseReturnValue:
    return render_template(
        "delivery/adjustments/show.html",
        adjustment=adjustment,
        sides=adjustments.sides(adjustment),
        organ=adjustments.organ(adjustment),
        announceable=adjustments.may_announce(adjustment),
        owes_announcement=adjustments.owes_announcement(adjustment),
    )


@bp.route("/office/adjustments/<int:adjustment_id>/decide", methods=["GET", "POST"])
@allow(P.ADJUSTMENT_DECIDE, adjustment=adjustments.get)
def decide(adjustment: Adjustment) -> ResponseReturnValue:
    form = AdjustmentDecisionForm(organ=adjustments.organ(adjustment), decided_on=today())
    if form.accepts(lambda: adjustments.decide(adjustment, **form.entry(), by=me(), now=now())):
        return done("决定已登记", "adjustments.show", adjustment_id=adjustment.id)
    sides = adjustments.sides(adjustment)
    return form_page("delivery/adjustments/decide.html", form, adjustment=adjustment, sides=sides)


@bp.route("/office/adjustments/<int:adjustment_id>/announce", methods=["GET", "POST"])
@allow(P.ADJUSTMENT_DECIDE, adjustment=adjustments.get)
def announce(adjustment: Adjustment) -> ResponseReturnValue:
    form = NoticeForm(
        notice=adjustment.notice or adjustments.usual_notice(adjustment),
        announced_on=adjustment.announced_on or today(),
    )
    if form.accepts(lambda: adjustments.announce(adjustment, **form.entry(), by=me(), now=now())):
        return done("公告已发布", "adjustments.show", adjustment_id=adjustment.id)
    return form_page(
        "delivery/adjustments/announce.html",
        form,
        adjustment=adjustment,
        announcer=adjustments.announcer(adjustment),
        announceable=adjustments.may_announce(adjustment),
    )


@bp.post("/office/adjustments/<int:adjustment_id>/withdraw")
@allow(P.ADJUSTMENT_APPLY, adjustment=adjustments.get)
def withdraw(adjustment: Adjustment) -> ResponseReturnValue:
    adjustments.withdraw(adjustment, by=me(), now=now())
    return done("申请已撤回，项目照原计划实施", "adjustments.show", adjustment_id=adjustment.id)


@bp.get("/office/adjustments/<int:adjustment_id>/application.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, adjustment=adjustments.get)
def application(adjustment: Adjustment, kind: str) -> ResponseReturnValue:
    return download_paper(adjustments.application(adjustment), f"调整申请表-{adjustment.name}", kind)


@bp.get("/office/adjustments/<int:adjustment_id>/notice.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, adjustment=adjustments.get_announced)
def notice(adjustment: Adjustment, kind: str) -> ResponseReturnValue:
    return download_paper(adjustments.notice(adjustment), f"调整公告-{adjustment.name}", kind)


@bp.get("/p/<body>/adjustments/<int:adjustment_id>")
@facts(layout=Layout.PUBLIC)
@allow(P.PUBLIC_READ, body=bodies.by_code)
def public(body: Body, adjustment_id: int) -> ResponseReturnValue:
    adjustment = adjustments.get_announced(adjustment_id) or abort(404)
    return render_template(
        "publication/public/adjustment.html",
        body=body,
        adjustment=adjustment,
        sides=adjustments.sides(adjustment),
        paper=to_html(adjustments.notice(adjustment)),
    )

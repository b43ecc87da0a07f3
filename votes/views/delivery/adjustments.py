"""调整、暂缓、终止: applications, decisions, announcements; and the announcement as citizens read it."""

from datetime import date

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.exports.voting import documents
from votes.forms.delivery.outcomes import AdjustmentFilters, AdjustmentForm, DecisionForm, NoticeForm
from votes.models import Adjustment, Body, Tracking
from votes.rules.delivery.adjustments import must_announce
from votes.rules.permissions import Permission as P
from votes.services.delivery import adjustments, trackings
from votes.services.people import bodies
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, facts, menu_item
from votes.web.identity import me
from votes.web.pages import XLSX, done, download, download_paper, page_number
from votes.web.words.labels import label

bp = Pages("adjustments", __name__, Layout.OFFICE, audit="outcomes")


def _filters() -> AdjustmentFilters:
    return AdjustmentFilters(trackings.years(), bodies.departments())


@bp.get("/office/adjustments/")
@menu_item(Group.YEAR, 80, "调整与验收")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    filters, number = _filters(), page_number()
    query = adjustments.search(filters.wanted(), own=trackings.own_unit(me()))
    rows, total = adjustments.page(query, number)
    return render_template(
        "delivery/adjustments/index.html",
        filters=filters,
        rows=rows,
        total=total,
        number=number,
        must_announce=must_announce,
    )


COLUMNS = [
    xlsx.Column("年度", 8, "int"),
    xlsx.Column("项目名称", 32),
    xlsx.Column("责任单位", 16),
    xlsx.Column("类型", 12),
    xlsx.Column("原因类别", 12),
    xlsx.Column("原因和依据", 40),
    xlsx.Column("调整前", 40),
    xlsx.Column("调整后", 40),
    xlsx.Column("申请日期", 16, "date"),
    xlsx.Column("状态", 10),
    xlsx.Column("决定机关", 24),
    xlsx.Column("文号", 20),
    xlsx.Column("决定日期", 16, "date"),
    xlsx.Column("公告日期", 16, "date"),
]


@bp.get("/office/adjustments/export.xlsx")
@allow(P.PROGRESS_READ)
def export() -> ResponseReturnValue:
    query = adjustments.search(_filters().wanted(), own=trackings.own_unit(me()))
    rows, _ = adjustments.page(query, 1, 5000)
    return download(xlsx.write("项目调整", COLUMNS, map(_row, rows)), "项目调整.xlsx", XLSX)


def _row(each: Adjustment) -> list[str | int | date | None]:
    sides, unit = adjustments.sides(each), each.tracking.department
    return [
        each.tracking.project.year,
        each.name,
        unit.name if unit else "",
        label(each.kind).word,
        label(each.cause).word,
        each.reason,
        "；".join(f"{side.label}：{side.before}" for side in sides),
        "；".join(f"{side.label}：{side.after}" for side in sides),
        each.applied_on,
        label(each.state).word,
        each.organ,
        each.document_number,
        each.decided_on,
        each.announced_on,
    ]


@bp.route("/office/adjustments/trackings/<int:tracking_id>/new", methods=["GET", "POST"])
@allow(P.ADJUSTMENT_APPLY, tracking=trackings.get)
def new(tracking: Tracking) -> ResponseReturnValue:
    form = AdjustmentForm(adjustments.as_it_stands(tracking), adjustments.deciders(tracking))
    if form.accepts(lambda: adjustments.apply(tracking, **form.values(), by=me(), now=now())):
        return done("调整申请已提交", "adjustments.show", adjustment_id=form.outcome.id)
    return render_template(
        "delivery/adjustments/new.html",
        form=form,
        tracking=tracking,
        pending=adjustments.pending(tracking.id),
    ), form.status


@bp.get("/office/adjustments/<int:adjustment_id>")
@allow(P.PROGRESS_READ, adjustment=adjustments.get)
def show(adjustment: Adjustment) -> ResponseReturnValue:
    return render_template(
        "delivery/adjustments/show.html",
        adjustment=adjustment,
        sides=adjustments.sides(adjustment),
        organ=adjustments.organ(adjustment),
        must=must_announce(adjustment.kind),
    )


@bp.route("/office/adjustments/<int:adjustment_id>/decide", methods=["GET", "POST"])
@allow(P.ADJUSTMENT_DECIDE, adjustment=adjustments.get)
def decide(adjustment: Adjustment) -> ResponseReturnValue:
    form = DecisionForm(organ=adjustments.organ(adjustment), decided_on=today())
    if form.accepts(lambda: adjustments.decide(adjustment, **form.values(), by=me(), now=now())):
        return done("决定已登记", "adjustments.show", adjustment_id=adjustment.id)
    return render_template(
        "delivery/adjustments/decide.html",
        form=form,
        adjustment=adjustment,
        sides=adjustments.sides(adjustment),
    ), form.status


@bp.route("/office/adjustments/<int:adjustment_id>/announce", methods=["GET", "POST"])
@allow(P.ADJUSTMENT_DECIDE, adjustment=adjustments.get)
def announce(adjustment: Adjustment) -> ResponseReturnValue:
    form = NoticeForm(
        notice=adjustment.notice or adjustments.usual_notice(adjustment),
        announced_on=adjustment.announced_on or today(),
    )
    if form.accepts(lambda: adjustments.announce(adjustment, **form.values(), by=me(), now=now())):
        return done("公告已发布", "adjustments.show", adjustment_id=adjustment.id)
    return render_template(
        "delivery/adjustments/announce.html",
        form=form,
        adjustment=adjustment,
        announcer=adjustments.announcer(adjustment),
    ), form.status


@bp.post("/office/adjustments/<int:adjustment_id>/withdraw")
@allow(P.ADJUSTMENT_APPLY, adjustment=adjustments.get)
def withdraw(adjustment: Adjustment) -> ResponseReturnValue:
    adjustments.withdraw(adjustment, by=me(), now=now())
    return done("申请已撤回，项目照原计划实施", "adjustments.show", adjustment_id=adjustment.id)


@bp.get("/office/adjustments/<int:adjustment_id>/application.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, adjustment=adjustments.get)
def application(adjustment: Adjustment, kind: str) -> ResponseReturnValue:
    return _paper(adjustment, "application", "调整申请表", kind)


@bp.get("/office/adjustments/<int:adjustment_id>/notice.<any(pdf, docx):kind>")
@allow(P.PROGRESS_READ, adjustment=adjustments.get_announced)
def notice(adjustment: Adjustment, kind: str) -> ResponseReturnValue:
    return _paper(adjustment, "notice", "调整公告", kind)


def _paper(adjustment: Adjustment, name: str, word: str, kind: str) -> ResponseReturnValue:
    sheet, title = adjustments.paper(adjustment, name), f"{word}-{adjustment.name}"
    return download_paper(sheet, title, kind)


@bp.get("/p/<body>/adjustments/<int:adjustment_id>")
@facts(layout=Layout.PUBLIC)
@allow(P.PUBLIC_READ, body=bodies.by_code)
def public(body: Body, adjustment_id: int) -> ResponseReturnValue:
    adjustment = adjustments.get_announced(adjustment_id)
    if adjustment is None:
        abort(404)
    return render_template(
        "publication/public/adjustment.html",
        body=body,
        adjustment=adjustment,
        sides=adjustments.sides(adjustment),
        paper=documents.to_html(adjustments.paper(adjustment, "notice")),
    )

"""再次报告: asked for after a rating of 不满意, handed in, deliberated on."""

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.delivery.outcomes import DemandForm, ReportTextForm, RereportFilters, SettleForm
from votes.models import Rereport, Tracking
from votes.rules.delivery.acceptances import USUAL_DAYS
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.delivery import trackings
from votes.services.people import departments
from votes.services.supervision import second_reports
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import XLSX, done, download, page_number
from votes.web.words.labels import label

bp = Pages(
    "rereports",
    __name__,
    Layout.OFFICE,
    within="adjustments",
    audit="outcomes",
    url_prefix="/office/rereports",
)


def _filters() -> RereportFilters:
    return RereportFilters(trackings.years(), departments.all_departments())


def _demand_form(reason: str = "") -> DemandForm:
    return DemandForm(due_on=today() + timedelta(days=USUAL_DAYS), reason=reason)


@bp.get("/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    filters, number, own = _filters(), page_number(), trackings.own_unit(me())
    rows, total = second_reports.page(second_reports.search(filters.wanted(), day=today(), own=own), number)
    return render_template(
        "supervision/second_reports/index.html",
        filters=filters,
        rows=rows,
        total=total,
        number=number,
        proposals=[] if own else second_reports.proposals(),
        today=today(),
    )


COLUMNS = [
    xlsx.Column("年度", 8, "int"),
    xlsx.Column("项目名称", 32),
    xlsx.Column("责任单位", 18),
    xlsx.Column("原因和要求", 40),
    xlsx.Column("要求日期", 16, "date"),
    xlsx.Column("报告期限", 16, "date"),
    xlsx.Column("状态", 14),
    xlsx.Column("提交日期", 16, "date"),
    xlsx.Column("审议日期", 16, "date"),
    xlsx.Column("审议意见", 40),
]


@bp.get("/export.xlsx")
@allow(P.PROGRESS_READ)
def export() -> ResponseReturnValue:
    query = second_reports.search(_filters().wanted(), day=today(), own=trackings.own_unit(me()))
    rows, _ = second_reports.page(query, 1, 5000)
    return download(xlsx.write("再次报告", COLUMNS, map(_row, rows)), "再次报告.xlsx", XLSX)


def _row(each: Rereport) -> list[str | int | date | None]:
    unit = each.tracking.department
    return [
        each.tracking.project.year,
        each.name,
        unit.name if unit else "",
        each.reason,
        each.demanded_on,
        each.due_on,
        label(each.state).word,
        each.submitted_on,
        each.settled_on,
        each.opinion,
    ]


@bp.route("/demand", methods=["GET", "POST"])
@allow(P.REREPORT_MANAGE)
def demand_all() -> ResponseReturnValue:
    """Of every project that a rating graded 不满意, in one act."""
    wanted = request.args.get("round_id", type=int)
    proposal = next((each for each in second_reports.proposals() if each.round.id == wanted), None)
    if proposal is None:
        if request.method == "POST":
            raise RuleBroken("没有（或不再有）需要要求再次报告的项目，没有作任何改动。请返回列表查看。")
        flash("没有需要要求再次报告的项目", "warning")
        return redirect(url_for("rereports.index"))
    title = proposal.round.session.title
    form = _demand_form(f"在{title}的满意度测评中，测评结果为不满意。请报告整改措施、结果和下一步安排。")
    if form.accepts(lambda: second_reports.demand_all(proposal.round, **form.values(), by=me(), now=now())):
        return done(f"已要求 {len(form.outcome)} 个项目再次报告", "rereports.index")
    return render_template(
        "supervision/second_reports/demand.html",
        form=form,
        trackings=proposal.trackings,
        round=proposal.round,
    ), form.status


@bp.route("/trackings/<int:tracking_id>/new", methods=["GET", "POST"])
@allow(P.REREPORT_MANAGE, tracking=trackings.get)
def demand(tracking: Tracking) -> ResponseReturnValue:
    form = _demand_form()
    if form.accepts(lambda: second_reports.demand(tracking, **form.values(), by=me(), now=now())):
        return done("已要求再次报告", "rereports.show", rereport_id=form.outcome.id)
    return render_template(
        "supervision/second_reports/demand.html", form=form, trackings=[tracking], round=None
    ), form.status


@bp.get("/<int:rereport_id>")
@allow(P.PROGRESS_READ, rereport=second_reports.get)
def show(rereport: Rereport) -> ResponseReturnValue:
    return render_template("supervision/second_reports/show.html", rereport=rereport, today=today())


@bp.route("/<int:rereport_id>/submit", methods=["GET", "POST"])
@allow(P.REREPORT_SUBMIT, rereport=second_reports.get)
def submit(rereport: Rereport) -> ResponseReturnValue:
    form = ReportTextForm(text=rereport.text)
    if form.accepts(
        lambda: second_reports.submit(
            rereport, (form.text.data or "").replace("\r\n", "\n"), by=me(), now=now()
        )
    ):
        return done("报告已提交", "rereports.show", rereport_id=rereport.id)
    return render_template(
        "supervision/second_reports/submit.html", form=form, rereport=rereport
    ), form.status


@bp.route("/<int:rereport_id>/settle", methods=["GET", "POST"])
@allow(P.REREPORT_MANAGE, rereport=second_reports.get)
def settle(rereport: Rereport) -> ResponseReturnValue:
    form = SettleForm(settled_on=today())
    if form.accepts(lambda: second_reports.settle(rereport, **form.values(), by=me(), now=now())):
        return done("审议结果已登记", "rereports.show", rereport_id=rereport.id)
    return render_template(
        "supervision/second_reports/settle.html", form=form, rereport=rereport
    ), form.status

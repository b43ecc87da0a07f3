"""再次报告: demanded after a rating of 不满意, submitted, deliberated."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision.second_reports import DeliberationForm, DemandForm, ReportTextForm
from votes.models import Rereport, Tracking
from votes.rules.delivery.acceptances import USUAL_DAYS, RereportState
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P, visible_unit
from votes.services.delivery import trackings
from votes.services.people import departments
from votes.services.supervision import second_reports
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.pages import done, form_page
from votes.web.tables import Column, Listing, Table, add_export

bp = Pages(
    "rereports",
    __name__,
    Layout.OFFICE,
    within="adjustments",
    audit="outcomes",
    url_prefix="/office/rereports",
)


SECOND_REPORTS = Table(
    "second_reports",
    title="再次报告",
    empty="还没有再次报告。满意度测评公告后，测评为不满意的项目在这里提示，由人大办要求再次报告；也可以从项目页面单独要求。",
    unfit="没有符合条件的再次报告。",
    page="rereports.index",
    export="rereports.export",
    search=second_reports.SEARCH,
    paged=True,
    filters=[
        filters.Filter(
            "state", "状态", [*filters.words_of(RereportState), ("overdue", "已过期限")], "全部状态"
        ),
        filters.year(trackings.years, "全部年度"),
        filters.of_rows("unit", "责任单位", departments.all_departments, "全部单位"),
        filters.words("项目名称", 14),
        filters.order(second_reports.SEARCH),
    ],
    columns=[
        Column("年度", lambda row: row.tracking.project.year, "number", 8, page=False),
        Column("项目", lambda row: row.name, width=32, title="项目名称", cell="project", css="name"),
        Column("责任单位", lambda row: row.tracking.unit_name, width=18, page=False),
        Column("原因和要求", lambda row: row.reason, width=40, page=False),
        Column("要求日期", lambda row: row.demanded_on, "day", 16, css="text-nowrap"),
        Column("报告期限", lambda row: row.due_on, "day", 16, cell="due", css="text-nowrap"),
        Column("状态", lambda row: row.state, "state", 14),
        Column("提交", lambda row: row.submitted_on, "day", 16, title="提交日期", blank="—"),
        Column("审议", lambda row: row.settled_on, "day", 16, title="审议日期", blank="—"),
        Column("审议意见", lambda row: row.opinion, width=40, page=False),
    ],
)


def _list() -> Listing:
    own = visible_unit(me())
    return SECOND_REPORTS.read(lambda chosen: second_reports.search(chosen, day=today(), own=own))


def _demand_form(reason: str = "") -> DemandForm:
    return DemandForm(due_on=today() + timedelta(days=USUAL_DAYS), reason=reason)


@bp.get("/")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "supervision/second_reports/index.html",
        listing=_list(),
        proposals=[] if visible_unit(me()) else second_reports.proposals(),
        today=today(),
    )


add_export(bp, "/export.xlsx", P.PROGRESS_READ, _list)


@bp.route("/demand", methods=["GET", "POST"])
@allow(P.REREPORT_MANAGE)
def demand_all() -> ResponseReturnValue:
    """Demand a second report on each project that one round proposes, in one act."""
    proposal = second_reports.proposal(request.args.get("round_id", type=int))
    if proposal is None:
        return _nothing_proposed()
    rating = proposal.round
    reason = f"在{rating.session.title}的满意度测评中，测评结果为不满意。请报告整改措施、结果和下一步安排。"
    form = _demand_form(reason)
    if form.accepts(lambda: second_reports.demand_all(rating, **form.entry(), by=me(), now=now())):
        return done(f"已要求 {len(form.outcome)} 个项目再次报告", "rereports.index")
    shown = {"trackings": proposal.trackings, "round": rating}
    return form_page("supervision/second_reports/demand.html", form, **shown)


def _nothing_proposed() -> ResponseReturnValue:
    if request.method == "POST":
        raise RuleBroken("没有（或不再有）需要要求再次报告的项目，没有作任何改动。请返回列表查看。")
    flash("没有需要要求再次报告的项目", "warning")
    return redirect(url_for("rereports.index"))


@bp.route("/trackings/<int:tracking_id>/new", methods=["GET", "POST"])
@allow(P.REREPORT_MANAGE, tracking=trackings.get)
def demand(tracking: Tracking) -> ResponseReturnValue:
    form = _demand_form()
    if form.accepts(lambda: second_reports.demand(tracking, **form.entry(), by=me(), now=now())):
        return done("已要求再次报告", "rereports.show", rereport_id=form.outcome.id)
    return form_page("supervision/second_reports/demand.html", form, trackings=[tracking], round=None)


@bp.get("/<int:rereport_id>")
@allow(P.PROGRESS_READ, rereport=second_reports.get)
def show(rereport: Rereport) -> ResponseReturnValue:
    return render_template("supervision/second_reports/show.html", rereport=rereport, today=today())


@bp.route("/<int:rereport_id>/submit", methods=["GET", "POST"])
@allow(P.REREPORT_SUBMIT, rereport=second_reports.get)
def submit(rereport: Rereport) -> ResponseReturnValue:
    form = ReportTextForm(text=rereport.text)
    if form.accepts(lambda: second_reports.submit(rereport, **form.entry(), by=me(), now=now())):
        return done("报告已提交", "rereports.show", rereport_id=rereport.id)
    return form_page("supervision/second_reports/submit.html", form, rereport=rereport)


@bp.route("/<int:rereport_id>/settle", methods=["GET", "POST"])
@allow(P.REREPORT_MANAGE, rereport=second_reports.get)
def settle(rereport: Rereport) -> ResponseReturnValue:
    form = DeliberationForm(settled_on=today())
    if form.accepts(lambda: second_reports.settle(rereport, **form.entry(), by=me(), now=now())):
        return done("审议结果已登记", "rereports.show", rereport_id=rereport.id)
    return form_page("supervision/second_reports/settle.html", form, rereport=rereport)

"""Tracking in the office: the year at a glance, one project's plan, monthly reports and end."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.delivery import year_reports as wording
from votes.exports.formats.layout import Paper, to_html
from votes.forms.delivery.trackings import FinishForm, PlanForm, ReportForm
from votes.models import Report, Tracking
from votes.rules.delivery.periods import NOUNS
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P, may, visible_unit
from votes.services import uploads
from votes.services.delivery import acceptances, plans, reports, trackings, year_reports
from votes.services.people import departments
from votes.services.publication import outcomes
from votes.services.supervision import overview
from votes.web.access import allow
from votes.web.delivery.project_filters import PROJECT_FILTERS, offer
from votes.web.delivery.project_page import progress_facts, year_facts
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done, download_paper, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.words.labels import label

bp = Pages("progress", __name__, Layout.OFFICE, audit="progress", url_prefix="/office/progress")


TRACKINGS = Table(
    "trackings",
    title="{year}年民生实事项目进度",
    empty="这一年没有由您负责的项目。",
    unfit="没有符合条件的项目，请放宽筛选条件。",
    page="progress.index",
    export="progress.export",
    search=trackings.SEARCH,
    filters=PROJECT_FILTERS,
    columns=[
        Column("编号", lambda line: line.project.number, "number", 6),
        Column(
            "项目", lambda line: line.project.name, width=32, title="项目名称", cell="project", css="name"
        ),
        Column("类别", lambda line: line.project.category, width=10, page=False),
        Column("责任单位", lambda line: line.tracking.unit_name, width=16),
        Column("分管领导", lambda line: line.tracking.leader, width=14, page=False),
        Column("进度", cell="progress", css="how-far"),
        Column("状态", lambda line: line.light, "word", 10, cell="light", css="why"),
        Column("说明", lambda line: line.standing.words, width=40, page=False),
        Column("计划进度", lambda line: line.standing.planned, "percent", 10, page=False),
        Column("实际进度", lambda line: line.standing.actual, "percent", 10, page=False),
        Column("年度计划投资（万元）", lambda line: line.money_planned, "money", 14, page=False),
        Column("到位 / 拨付（万元）", kind="money", cell="money"),
        Column("累计到位（万元）", lambda line: line.money_in_place, "money", 14, page=False),
        Column("累计拨付（万元）", lambda line: line.money_paid, "money", 14, page=False),
        Column("完成时限 / 最近一期", cell="term", css="text-nowrap"),
        Column("完成时限", lambda line: line.tracking.due_on, "day", 16, page=False),
        Column("最近一期", lambda line: line.last_period, width=12, page=False),
        Column("逾期未报", lambda line: len(line.standing.missing), "count", 10, page=False),
    ],
)


def _list() -> tuple[list[trackings.TrackedProject], Listing]:
    """Return the year's projects that the reader may see, and the filtered list of them."""
    choice = TRACKINGS.read_filters()
    whole = trackings.search(year=choice.chosen["year"], day=today(), own=visible_unit(me()))
    offer(choice, whole)
    return whole, Listing(TRACKINGS, choice, trackings.SEARCH.rows(whole, choice.chosen))


@bp.get("/")
@menu_item(Group.YEAR, 60, "进度跟踪")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    whole, listing = _list()
    return render_template(
        "delivery/trackings/index.html",
        whole=whole,
        listing=listing,
        overdue=trackings.overdue(today(), own=visible_unit(me()), known=whole),
        **year_facts(whole, today()),
    )


add_export(bp, "/export.xlsx", P.PROGRESS_READ, lambda: _list()[1])


@bp.get("/report")
@allow(P.OVERVIEW_READ)
def year_report() -> ResponseReturnValue:
    kind, year = _kind(), _year()
    return render_template(
        "delivery/trackings/year_report.html",
        years=trackings.years(),
        year=year,
        kind=kind,
        paper=to_html(_paper(kind, year)) if year else "",
    )


@bp.get("/report.<any(docx, pdf):form>")
@allow(P.OVERVIEW_READ)
def year_report_file(form: str) -> ResponseReturnValue:
    year = _year() or abort(404)
    paper = _paper(_kind(), year)
    return download_paper(paper, paper.title, form)


def _year() -> int | None:
    """Return the year in the query string, else the newest; None before anything is tracked."""
    year: int | None = TRACKINGS.read_filters().chosen["year"]
    return year


def _kind() -> str:
    """Return the kind of report in the query string, else the one that the season suggests."""
    kind = request.args.get("kind", "")
    usual = wording.MIDYEAR if 6 <= today().month <= 10 else wording.YEAREND
    return kind if kind in (wording.MIDYEAR, wording.YEAREND) else usual


def _paper(kind: str, year: int) -> Paper:
    body = here() or abort(404)
    return wording.paper(
        year_reports.gather(body, kind, year, day=today(), word=lambda value: label(value).word)
    )


@bp.get("/<int:tracking_id>")
@allow(P.PROGRESS_READ, tracking=trackings.get)
def show(tracking: Tracking) -> ResponseReturnValue:
    return render_template(
        "delivery/trackings/show.html",
        months=reports.choices(tracking, today()),
        passed_over=reports.passed_over(tracking),
        outcomes=outcomes.of(tracking, today(), office=True),
        watch=_watch(tracking),
        **progress_facts(tracking, today()),
    )


def _watch(tracking: Tracking) -> overview.Watch | None:
    """Return group, inspections and 督办件 as far as the reader may see them.

    None where they may see nothing.
    """
    if not may(me(), P.SUPERVISION_READ, tracking):
        return None
    secret = may(me(), P.INSPECTION_READ)
    return overview.of_tracking(tracking.id, own=visible_unit(me()), secret=secret)


@bp.get("/<int:tracking_id>/photos")
@allow(P.PROGRESS_READ, tracking=trackings.get)
def photos(tracking: Tracking) -> ResponseReturnValue:
    return render_template(
        "delivery/trackings/photos.html", tracking=tracking, photographed=reports.photographed(tracking)
    )


@bp.route("/<int:tracking_id>/plan", methods=["GET", "POST"])
@allow(P.PROGRESS_PLAN, tracking=trackings.get)
def plan(tracking: Tracking) -> ResponseReturnValue:
    form = PlanForm(tracking, departments.all_departments(), whole=Role.GOVERNMENT in me().roles)
    if form.add_row.data:  # one more row: nothing is saved, what was typed stays
        form.milestones.append_entry()
    elif form.accepts(lambda: plans.plan(tracking, **form.values(), by=me(), now=now())):
        return done("计划已保存", "progress.show", tracking_id=tracking.id)
    return form_page("delivery/trackings/plan.html", form, tracking=tracking)


@bp.route("/<int:tracking_id>/reports/new", methods=["GET", "POST"])
@allow(P.PROGRESS_REPORT, tracking=trackings.get)
def report(tracking: Tracking) -> ResponseReturnValue:
    months = reports.choices(tracking, today())
    if not months:
        flash("现在没有可以报送的月份", "warning")
        return redirect(url_for("progress.show", tracking_id=tracking.id))
    form = ReportForm(tracking, months, departs=Role.GOVERNMENT in me().roles)
    if form.accepts(lambda: reports.hand_in(tracking, **form.values(), by=me(), now=now())):
        return _reported(form.outcome, f"{NOUNS[tracking.period]}已报送")
    line = trackings.line(tracking, today())
    return form_page("delivery/trackings/report.html", form, tracking=tracking, line=line)


@bp.route("/reports/<int:report_id>/edit", methods=["GET", "POST"])
@allow(P.PROGRESS_REPORT, report=reports.get)
def correct(report: Report) -> ResponseReturnValue:
    form = ReportForm(report.tracking, [], report, departs=Role.GOVERNMENT in me().roles)
    if form.accepts(lambda: reports.correct(report, **form.values(), by=me(), now=now())):
        return _reported(report, f"{NOUNS[report.tracking.period]}已更正")
    correctable = reports.correctable(report)
    return form_page("delivery/trackings/correct.html", form, report=report, open=correctable)


@bp.post("/reports/<int:report_id>/photos/remove")
@allow(P.PROGRESS_REPORT, report=reports.get)
def take_down(report: Report) -> ResponseReturnValue:
    """Remove a photo of a report of any period.

    A photo that shows what must not be public cannot wait.
    """
    uploads.remove_of(report.photos, request.form.get("attachment_id", type=int), by=me(), now=now())
    return done("照片已撤下，不再公开", "progress.correct", report_id=report.id)


def _reported(report: Report, message: str) -> ResponseReturnValue:
    """Go on to the project's page, and flash what should be checked again."""
    if report.parts:
        message += f"，整体进度 {report.percent}%"
    for warning in reports.warnings(report):
        flash(warning, "warning")
    return done(message, "progress.show", tracking_id=report.tracking_id)


@bp.route("/<int:tracking_id>/finish", methods=["GET", "POST"])
@allow(P.PROGRESS_FINISH, tracking=trackings.get)
def finish(tracking: Tracking) -> ResponseReturnValue:
    form = FinishForm(finished_on=today())
    if form.accepts(lambda: plans.finish(tracking, **form.values(), by=me(), now=now())):
        return done("办结情况已登记", "progress.show", tracking_id=tracking.id)
    return form_page(
        "delivery/trackings/finish.html",
        form,
        tracking=tracking,
        line=trackings.line(tracking, today()),
        beyond=trackings.carried(tracking),
        works_accepted=acceptances.has_works(tracking.id),
    )


@bp.post("/<int:tracking_id>/resume")
@allow(P.PROGRESS_FINISH, tracking=trackings.get)
def resume(tracking: Tracking) -> ResponseReturnValue:
    plans.finish(tracking, "resume", by=me(), now=now())
    return done("已恢复为实施中", "progress.show", tracking_id=tracking.id)

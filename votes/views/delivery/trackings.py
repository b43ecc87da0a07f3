"""Tracking in the office: the year at a glance, one project's plan, monthly reports and end."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.delivery import year_reports as wording
from votes.exports.formats import xlsx
from votes.exports.voting import documents
from votes.forms.delivery.trackings import Choice, FinishForm, PlanForm, ReportForm
from votes.models import Report, Tracking
from votes.rules.delivery.periods import NOUNS, word
from votes.rules.people.roles import Role
from votes.rules.permissions import Permission as P
from votes.services.delivery import curves, plans, reports, trackings, year_reports
from votes.services.people import bodies
from votes.web.access import allow
from votes.web.delivery.curves import mean_charts, money_charts, project_charts, project_money_charts
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import XLSX, done, download, download_paper
from votes.web.uploads import drawn
from votes.web.words.labels import label

bp = Pages("progress", __name__, Layout.OFFICE, audit="progress", url_prefix="/office/progress")


def _year() -> tuple[list[int], Choice, list[trackings.Line]]:
    """Years there are, what the reader chose, and the whole year's projects that they may see."""
    years = trackings.years()
    choice = Choice.read(years)
    return years, choice, trackings.search(year=choice.year, day=today(), own=trackings.own_unit(me()))


@bp.get("/")
@menu_item(Group.YEAR, 60, "进度跟踪")
@allow(P.PROGRESS_READ)
def index() -> ResponseReturnValue:
    years, choice, lines = _year()
    return render_template(
        "delivery/trackings/index.html",
        years=years,
        choice=choice,
        whole=lines,
        lines=choice.of(lines),
        summary=trackings.summary(lines),
        curve=(curve := curves.curve(lines, today())),
        chart=mean_charts(curve),
        money_curve=(paid := curves.money_curve(lines, today())),
        money_chart=money_charts(paid, float(trackings.summary(lines).planned)),
        units=trackings.units(lines),
        overdue=trackings.overdue(today(), own=trackings.own_unit(me()), known=lines),
    )


@bp.get("/export.xlsx")
@allow(P.PROGRESS_READ)
def export() -> ResponseReturnValue:
    _, choice, lines = _year()
    title = f"{choice.year or ''}年民生实事项目进度"
    return download(xlsx.write(title, COLUMNS, map(_row, choice.of(lines))), f"{title}.xlsx", XLSX)


@bp.get("/report")
@allow(P.OVERVIEW_READ)
def year_report() -> ResponseReturnValue:
    years = trackings.years()
    choice, kind = Choice.read(years), _kind()
    return render_template(
        "delivery/trackings/year_report.html",
        years=years,
        choice=choice,
        kind=kind,
        paper=documents.to_html(_paper(kind, choice.year)) if choice.year else "",
    )


@bp.get("/report.<any(docx, pdf):form>")
@allow(P.OVERVIEW_READ)
def year_report_file(form: str) -> ResponseReturnValue:
    year = Choice.read(trackings.years()).year or abort(404)
    paper = _paper(_kind(), year)
    return download_paper(paper, paper.title, form)


def _kind() -> str:
    """Which report is asked for; at first the one whose time it is."""
    asked = request.args.get("kind", "")
    usual = wording.MIDYEAR if 6 <= today().month <= 10 else wording.YEAREND
    return asked if asked in (wording.MIDYEAR, wording.YEAREND) else usual


def _paper(kind: str, year: int) -> documents.Paper:
    body = here()
    assert body is not None
    return wording.paper(
        year_reports.gather(body, kind, year, day=today(), word=lambda value: label(value).word)
    )


COLUMNS = [
    xlsx.Column("编号", 6, "int"),
    xlsx.Column("项目名称", 32),
    xlsx.Column("类别", 10),
    xlsx.Column("责任单位", 16),
    xlsx.Column("分管领导", 14),
    xlsx.Column("状态", 10),
    xlsx.Column("说明", 40),
    xlsx.Column("计划进度", 10, "percent"),
    xlsx.Column("实际进度", 10, "percent"),
    xlsx.Column("年度计划投资（万元）", 14, "money"),
    xlsx.Column("累计到位（万元）", 14, "money"),
    xlsx.Column("累计拨付（万元）", 14, "money"),
    xlsx.Column("完成时限", 16, "date"),
    xlsx.Column("最近一期", 12),
    xlsx.Column("逾期未报", 10, "int"),
]


def _row(line: trackings.Line) -> list[Any]:
    unit = line.tracking.department
    last = line.last
    return [
        line.project.number,
        line.project.name,
        line.project.category,
        unit.name if unit else "",
        line.tracking.leader,
        label(line.light).word,
        line.standing.words,
        line.standing.planned,
        line.standing.actual,
        line.money_planned,
        line.money_in_place,
        line.money_paid,
        line.tracking.due_on,
        word(last.month, None, line.tracking.period) if last else "",
        len(line.standing.missing),
    ]


@bp.get("/<int:tracking_id>")
@allow(P.PROGRESS_READ, tracking=trackings.get)
def show(tracking: Tracking) -> ResponseReturnValue:
    line = trackings.line(tracking, today())
    return render_template(
        "delivery/trackings/show.html",
        tracking=tracking,
        project=tracking.project,
        line=line,
        chart=project_charts(tracking),
        parts=reports.parts_of(tracking),
        paid=curves.money_points(line),
        money_chart=project_money_charts(line),
        story=trackings.story(tracking),
        pictured=bool(reports.photographed(tracking)),
        ahead=trackings.ahead(tracking),
        months=reports.choices(tracking, today()),
        passed_over=reports.passed_over(tracking),
        beyond=trackings.carried(tracking),
        today=today(),
    )


@bp.get("/<int:tracking_id>/photos")
@allow(P.PROGRESS_READ, tracking=trackings.get)
def photos(tracking: Tracking) -> ResponseReturnValue:
    return render_template(
        "delivery/trackings/photos.html", tracking=tracking, photographed=reports.photographed(tracking)
    )


@bp.route("/<int:tracking_id>/plan", methods=["GET", "POST"])
@allow(P.PROGRESS_PLAN, tracking=trackings.get)
def plan(tracking: Tracking) -> ResponseReturnValue:
    form = PlanForm(tracking, bodies.departments(), whole=Role.GOVERNMENT in me().roles)
    if form.adding:
        form.more()
    elif form.accepts(lambda: plans.plan(tracking, **form.values(), by=me(), now=now())):
        return done("计划已保存", "progress.show", tracking_id=tracking.id)
    return render_template("delivery/trackings/plan.html", form=form, tracking=tracking), form.status


@bp.route("/<int:tracking_id>/reports/new", methods=["GET", "POST"])
@allow(P.PROGRESS_REPORT, tracking=trackings.get)
def report(tracking: Tracking) -> ResponseReturnValue:
    months = reports.choices(tracking, today())
    if not months:
        flash("现在没有可以报送的月份", "warning")
        return redirect(url_for("progress.show", tracking_id=tracking.id))
    form = ReportForm(
        tracking,
        reports.carried(tracking),
        months,
        parts=reports.parts_of(tracking),
        sources=reports.carried_money(tracking),
        departs=Role.GOVERNMENT in me().roles,
    )
    if form.accepts(
        lambda: reports.hand_in(
            tracking, form.reported_month(), **form.values(), photos=drawn(form.photos), by=me(), now=now()
        )
    ):
        return reported(form.outcome, f"{NOUNS[tracking.period]}已报送")
    return render_template(
        "delivery/trackings/report.html", form=form, tracking=tracking, line=trackings.line(tracking, today())
    ), form.status


@bp.route("/reports/<int:report_id>/edit", methods=["GET", "POST"])
@allow(P.PROGRESS_REPORT, report=reports.get)
def correct(report: Report) -> ResponseReturnValue:
    form = ReportForm(
        report.tracking,
        reports.figures_of(report),
        [],
        parts=reports.parts_of(report.tracking, report),
        sources=reports.money_of(report) or reports.carried_money(report.tracking),
        departs=Role.GOVERNMENT in me().roles,
    )
    if form.accepts(
        lambda: reports.correct(report, **form.values(), photos=drawn(form.photos), by=me(), now=now())
    ):
        return reported(report, f"{NOUNS[report.tracking.period]}已更正")
    return render_template(
        "delivery/trackings/correct.html", form=form, report=report, open=reports.correctable(report)
    ), form.status


@bp.post("/reports/<int:report_id>/photos/remove")
@allow(P.PROGRESS_REPORT, report=reports.get)
def take_down(report: Report) -> ResponseReturnValue:
    reports.take_down(report, request.form.get("attachment_id", type=int), by=me(), now=now())
    return done("照片已撤下，不再公开", "progress.correct", report_id=report.id)


def reported(report: Report, message: str) -> ResponseReturnValue:
    """On to the project's page, with what should be looked at again."""
    if report.parts:
        message += f"，整体进度 {report.percent}%"
    for words in reports.warnings(report):
        flash(words, "warning")
    return done(message, "progress.show", tracking_id=report.tracking_id)


@bp.route("/<int:tracking_id>/finish", methods=["GET", "POST"])
@allow(P.PROGRESS_FINISH, tracking=trackings.get)
def finish(tracking: Tracking) -> ResponseReturnValue:
    form = FinishForm(finished_on=today())
    if form.accepts(
        lambda: plans.finish(tracking, form.action.data, on=form.finished_on.data, by=me(), now=now())
    ):
        return done("办结情况已登记", "progress.show", tracking_id=tracking.id)
    return render_template(
        "delivery/trackings/finish.html",
        form=form,
        tracking=tracking,
        line=trackings.line(tracking, today()),
        beyond=trackings.carried(tracking),
    ), form.status


@bp.post("/<int:tracking_id>/resume")
@allow(P.PROGRESS_FINISH, tracking=trackings.get)
def resume(tracking: Tracking) -> ResponseReturnValue:
    plans.finish(tracking, "resume", by=me(), now=now())
    return done("已恢复为实施中", "progress.show", tracking_id=tracking.id)

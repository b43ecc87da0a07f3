"""视察计划 in the office: inspections planned and held, who took part, the notice beforehand."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision.inspections import HoldForm, InspectionForm
from votes.models import Inspection, InspectionMember, Tracking
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.supervision.supervision import INSPECTION, InspectionKind, InspectionState
from votes.services.delivery import trackings
from votes.services.supervision import groups, inspections, overview
from votes.views.supervision.overview import part, secret
from votes.web import filters
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done, download_paper, form_page, number
from votes.web.tables import Column, Listing, Table, add_export

bp = part("inspection_plan", __name__)


def _inspection(inspection_id: int) -> Inspection | None:
    """Return the inspection unless the reader must not know of it."""
    inspection = inspections.get(inspection_id)
    return None if inspection and inspections.is_secret(inspection) and not secret() else inspection


def _people(row: Inspection) -> list[str]:
    """Return the names of those who took part, or else are to take part."""
    return inspections.names(row, attended=row.state == InspectionState.HELD)


INSPECTIONS = Table(
    "inspections",
    title="{year}年民生实事项目视察计划",
    caption="视察计划，按月",
    empty="还没有视察计划。先为项目组建监督小组，再安排视察。",
    unfit="没有符合条件的视察，请放宽筛选条件。",
    page="inspection_plan.index",
    export="inspection_plan.export",
    search=inspections.SEARCH,
    paged=True,
    spoken=True,
    css="calendar",
    month=lambda row: row.day,
    filters=[
        filters.year(trackings.years),
        filters.of_enum("state", "状态", InspectionState),
        filters.of_enum("kind", "方式", InspectionKind),
        filters.words("项目、主题、地点"),
    ],
    columns=[
        Column("日期", lambda row: row.day, "day", 16, cell="day", css="text-nowrap"),
        Column("方式", lambda row: row.kind, "word", 8, css="text-nowrap"),
        Column("主题", lambda row: row.theme, width=30, cell="theme"),
        Column("项目", lambda row: row.tracking.name, width=30, page=False),
        Column("责任单位", lambda row: row.tracking.unit_name, width=16, page=False),
        Column("地点", lambda row: row.place, width=20, page=False),
        Column("参加代表", lambda row: "、".join(_people(row)), width=30, cell="people"),
        Column("状态", lambda row: row.state, "state", 10, cell="state", css="text-nowrap"),
        Column("小结", lambda row: row.summary, width=50, page=False),
    ],
)


def _list() -> Listing:
    own = visible_unit(me())
    return INSPECTIONS.read(lambda chosen: inspections.search(chosen, secret=secret(), own=own))


@bp.get("/inspections/")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "supervision/inspections/index.html",
        listing=_list(),
        people_of=_people,
        today=today(),
    )


add_export(bp, "/inspections.xlsx", P.SUPERVISION_READ, _list)


@bp.route("/inspections/new", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "inspection.create")
def new() -> ResponseReturnValue:
    """Plan an inspection; without ``tracking`` in the query string offer the projects to choose from."""
    tracking = trackings.get(number(request.args.get("tracking")) or 0)
    if tracking is None:
        rows = overview.to_visit(today())
        return render_template("supervision/inspections/choose.html", rows=rows)
    group = groups.group_of(tracking.id)
    form = InspectionForm(members=group.members if group else ())
    if form.accepts(lambda: inspections.plan(tracking, form.values(), by=me(), now=now())):
        return done("已列入视察计划", "inspection_plan.show", inspection_id=form.outcome.id)
    return _plan_page(form, tracking, None)


def _plan_page(
    form: InspectionForm, tracking: Tracking, inspection: Inspection | None
) -> ResponseReturnValue:
    shown = {"people": form.people(), "tracking": tracking, "inspection": inspection}
    return form_page("supervision/inspections/edit.html", form, **shown)


@bp.get("/inspections/<int:inspection_id>")
@allow(P.SUPERVISION_READ, inspection=_inspection)
def show(inspection: Inspection) -> ResponseReturnValue:
    return render_template(
        "supervision/inspections/show.html",
        inspection=inspection,
        group=groups.group_of(inspection.tracking_id),
        lead_of=groups.lead_of,
        names=inspections.names,
        secret=secret(),
    )


def _page(inspection: Inspection) -> ResponseReturnValue:
    """Redirect from a form that the state does not allow to the page of the inspection."""
    return redirect(url_for("inspection_plan.show", inspection_id=inspection.id))


@bp.route("/inspections/<int:inspection_id>/edit", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "inspection.edit", inspection=inspections.get)
def edit(inspection: Inspection) -> ResponseReturnValue:
    if request.method == "GET" and "hold" not in INSPECTION[inspection.state]:
        return _page(inspection)
    form = InspectionForm(obj=inspection)
    if form.accepts(lambda: inspections.edit(inspection, form.values(), by=me(), now=now())):
        return done("视察安排已修改", "inspection_plan.show", inspection_id=inspection.id)
    return _plan_page(form, inspection.tracking, inspection)


@bp.route("/inspections/<int:inspection_id>/hold", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "inspection.hold", inspection=inspections.get)
def hold(inspection: Inspection) -> ResponseReturnValue:
    if request.method == "GET" and "restore" in INSPECTION[inspection.state]:
        return _page(inspection)
    form = _hold_form(inspection)
    if form.accepts(lambda: inspections.hold(inspection, **form.entry(), by=me(), now=now())):
        return done("视察情况已登记", "inspection_plan.show", inspection_id=inspection.id)
    people = form.people()
    return form_page("supervision/inspections/hold.html", form, people=people, inspection=inspection)


def _hold_form(inspection: Inspection) -> HoldForm:
    """Return the form with the record so far, or else with the planned day and all members."""

    def ticked(member: InspectionMember) -> bool:
        return member.attended or inspection.held_on is None

    return HoldForm(
        held_on=inspection.held_on or min(inspection.planned_on, today()),
        summary=inspection.summary,
        members=[member for member in inspection.members if ticked(member)],
    )


@bp.post("/inspections/<int:inspection_id>/<any(cancel, restore):act>")
@allow(P.SUPERVISION_MANAGE, "取消或恢复视察", inspection=inspections.get)
def move(inspection: Inspection, act: str) -> ResponseReturnValue:
    inspections.move(inspection, act, by=me(), now=now())
    word = "已取消" if act == "cancel" else "已恢复"
    return done(f"{word}：{inspection.theme}", "inspection_plan.show", inspection_id=inspection.id)


@bp.get("/inspections/<int:inspection_id>/notice.<any(docx, pdf):kind>")
@allow(P.SUPERVISION_READ, inspection=_inspection)
def notice(inspection: Inspection, kind: str) -> ResponseReturnValue:
    return download_paper(inspections.notice(inspection, today()), f"{inspection.theme}的通知", kind)

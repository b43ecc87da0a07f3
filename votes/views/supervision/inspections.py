"""视察计划 in the office: what is planned, what was held and by whom, the notice that goes out before."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.supervision.inspections import (
    HoldForm,
    InspectionFilters,
    InspectionForm,
    chosen_of,
    given_of,
)
from votes.models import Inspection
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.supervision.supervision import InspectionKind, InspectionState
from votes.services.delivery import trackings
from votes.services.people import delegations
from votes.services.supervision import groups, inspections, overview
from votes.views.supervision.overview import secret
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import XLSX, done, download, download_paper, page_number
from votes.web.words.labels import label

bp = Pages(
    "inspection_plan",
    __name__,
    Layout.OFFICE,
    within="supervision",
    audit="supervision",
    url_prefix="/office/supervision",
)


def _inspection(inspection_id: int) -> Inspection | None:
    found = inspections.get(inspection_id)
    return None if found and inspections.is_secret(found) and not secret() else found


def _search() -> tuple[InspectionFilters, Any]:
    filters = InspectionFilters(trackings.years())
    query = inspections.search(
        filters.year.data,
        secret=secret(),
        own=visible_unit(me()),
        state=InspectionState(filters.state.data) if filters.state.data else None,
        kind=InspectionKind(filters.kind.data) if filters.kind.data else None,
        q=filters.q.data or "",
    )
    return filters, query


@bp.get("/inspections/")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    filters, query = _search()
    found, total = inspections.page(query, page_number())
    return render_template(
        "supervision/inspections/index.html",
        filters=filters,
        found=found,
        total=total,
        page=page_number(),
        day_of=inspections.day_of,
        names=inspections.names,
        secret=secret(),
        today=today(),
    )


@bp.get("/inspections.xlsx")
@allow(P.SUPERVISION_READ)
def export() -> ResponseReturnValue:
    filters, query = _search()
    title = f"{filters.year.data or ''}年民生实事项目视察计划"
    columns = [
        xlsx.SheetColumn("日期", 16, "date"),
        xlsx.SheetColumn("方式", 8),
        xlsx.SheetColumn("主题", 30),
        xlsx.SheetColumn("项目", 30),
        xlsx.SheetColumn("责任单位", 16),
        xlsx.SheetColumn("地点", 20),
        xlsx.SheetColumn(f"参加{organ().member}", 30),
        xlsx.SheetColumn("状态", 10),
        xlsx.SheetColumn("小结", 50),
    ]
    rows = [
        [
            inspections.day_of(each),
            label(each.kind).word,
            each.theme,
            each.tracking.name,
            each.tracking.department.name if each.tracking.department else "",
            each.place,
            "、".join(inspections.names(each, attended=each.state == InspectionState.HELD)),
            label(each.state).word,
            each.summary,
        ]
        for each in inspections.everything(query)
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.route("/inspections/new", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "inspection.create")
def new() -> ResponseReturnValue:
    wanted = request.args.get("tracking", type=int) or 0
    tracking = trackings.get(wanted) if 0 < wanted < 2**31 else None
    if tracking is None:  # first of which project
        rows = overview.to_visit(today())
        return render_template("supervision/inspections/choose.html", rows=rows)
    there = groups.group_of(tracking.id)
    form = InspectionForm(delegations.all_delegations(), chosen_of(there.members if there else ()))
    if not form.searching and form.accepts(
        lambda: inspections.plan(tracking, **form.values(), by=me(), now=now())
    ):
        return done("已列入视察计划", "inspection_plan.show", inspection_id=form.outcome.id)
    return render_template(
        "supervision/inspections/edit.html",
        form=form,
        people=form.people(),
        tracking=tracking,
        inspection=None,
    ), form.status


@bp.get("/inspections/<int:inspection_id>")
@allow(P.SUPERVISION_READ, inspection=_inspection)
def show(inspection: Inspection) -> ResponseReturnValue:
    return render_template(
        "supervision/inspections/show.html",
        inspection=inspection,
        group=groups.group_of(inspection.tracking_id),
        lead_of=groups.lead_of,
        names=inspections.names,
        day_of=inspections.day_of,
        secret=secret(),
    )


def _page(inspection: Inspection) -> ResponseReturnValue:
    """Instead of a form that its state has no use for: the page says how it stands."""
    return redirect(url_for("inspection_plan.show", inspection_id=inspection.id))


@bp.route("/inspections/<int:inspection_id>/edit", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "inspection.edit", inspection=inspections.get)
def edit(inspection: Inspection) -> ResponseReturnValue:
    if request.method == "GET" and inspection.state != InspectionState.PLANNED:
        return _page(inspection)
    given = given_of(inspection, "kind", "theme", "planned_on", "place")
    form = InspectionForm(delegations.all_delegations(), chosen_of(inspection.members), **given)
    if not form.searching and form.accepts(
        lambda: inspections.edit(inspection, **form.values(), by=me(), now=now())
    ):
        return done("视察安排已修改", "inspection_plan.show", inspection_id=inspection.id)
    return render_template(
        "supervision/inspections/edit.html",
        form=form,
        people=form.people(),
        tracking=inspection.tracking,
        inspection=inspection,
    ), form.status


@bp.route("/inspections/<int:inspection_id>/hold", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "inspection.hold", inspection=inspections.get)
def hold(inspection: Inspection) -> ResponseReturnValue:
    held = inspection.state == InspectionState.HELD
    if request.method == "GET" and inspection.state == InspectionState.CANCELLED:
        return _page(inspection)
    there = [m for m in inspection.members if m.attended or not held]
    day = inspection.held_on or min(inspection.planned_on, today())
    form = HoldForm(delegations.all_delegations(), chosen_of(there), held_on=day, summary=inspection.summary)
    if not form.searching and form.accepts(
        lambda: inspections.hold(inspection, **form.values(), by=me(), now=now())
    ):
        return done("视察情况已登记", "inspection_plan.show", inspection_id=inspection.id)
    return render_template(
        "supervision/inspections/hold.html", form=form, people=form.people(), inspection=inspection
    ), form.status


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

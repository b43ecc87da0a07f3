"""监督 in the office: the year's projects with their groups, photos, and what stands on the pages of others.

Beside it: `inspection_plan`, `inspection_notes` and `rectifications`; a deputy's own pages are `inspections`.
"""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.formats import xlsx
from votes.forms.supervision.inspections import GroupForm, OverviewFilters, chosen_of, given_of
from votes.models import Body, Tracking
from votes.rules.permissions import Permission as P, may, visible_unit
from votes.services.delivery import trackings
from votes.services.people import bodies, delegations
from votes.services.supervision import groups, overview
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import XLSX, done, download
from votes.web.uploads import send

bp = Pages("supervision", __name__, Layout.OFFICE, audit="supervision")
URL = "/office/supervision"


def secret() -> bool:
    """Whether the reader may know of a 暗访 beforehand, and of notes as they were written."""
    return may(me(), P.INSPECTION_READ)


# --- groups ----------------------------------------------------------------------------------------------


def _overview() -> tuple[OverviewFilters, list[overview.Watched]]:
    filters = OverviewFilters(trackings.years())
    found = overview.overview(
        filters.year.data,
        today(),
        own=visible_unit(me()),
        q=filters.q.data or "",
        bare=filters.group.data == "bare",
        sort=filters.sort.data or "number",
        secret=secret(),
    )
    return filters, found


@bp.get(f"{URL}/")
@menu_item(Group.YEAR, 70, "监督")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    filters, found = _overview()
    return render_template(
        "supervision/overview/index.html",
        filters=filters,
        rows=found,
        lead_of=groups.lead_of,
        members_of=groups.members_of,
        secret=secret(),
    )


@bp.get(f"{URL}/groups.xlsx")
@allow(P.SUPERVISION_READ)
def export() -> ResponseReturnValue:
    filters, found = _overview()
    title = f"{filters.year.data or ''}年民生实事项目监督小组"
    columns = [
        xlsx.SheetColumn("编号", 6, "int"),
        xlsx.SheetColumn("项目名称", 32),
        xlsx.SheetColumn("责任单位", 16),
        xlsx.SheetColumn("领衔", 22),
        xlsx.SheetColumn("对口工委", 16),
        xlsx.SheetColumn(organ().member, 40),
        xlsx.SheetColumn("已开展视察（次）", 10, "int"),
        xlsx.SheetColumn("未销号督办件（件）", 10, "int"),
        xlsx.SheetColumn("逾期（件）", 8, "int"),
    ]
    rows = [
        [
            each.project.number,
            each.project.name,
            each.tracking.department.name if each.tracking.department else "",
            groups.lead_of(each.group),
            each.group.committee if each.group else "",
            "、".join(deputy.name for deputy in groups.members_of(each.group)),
            each.held,
            each.open,
            each.overdue,
        ]
        for each in found
    ]
    return download(xlsx.write(title, columns, rows), f"{title}.xlsx", XLSX)


@bp.route(f"{URL}/projects/<int:tracking_id>/group", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "group.set", tracking=trackings.get)
def group(tracking: Tracking) -> ResponseReturnValue:
    there = groups.group_of(tracking.id)
    given = given_of(there, "lead", "lead_deputy_id", "committee", "note")
    form = GroupForm(delegations.all_delegations(), chosen_of(there.members if there else ()), **given)
    if not form.searching and form.accepts(
        lambda: groups.set_group(tracking, **form.values(), by=me(), now=now())
    ):
        return done(f"已确定“{tracking.name}”的监督小组", "supervision.index", year=tracking.project.year)
    return render_template(
        "supervision/overview/group.html", form=form, people=form.people(), tracking=tracking, group=there
    ), form.status


# --- photos ----------------------------------------------------------------------------------------------


def _photo(attachment_id: int) -> Any:
    """A photo of an answer, or of a note: before it is routed to a unit, only for those who read notes."""
    found = overview.photo(attachment_id)
    return None if found and found.note and not found.note.rectification and not secret() else found


@bp.get(f"{URL}/photos/<int:attachment_id>")
@allow(P.SUPERVISION_READ, attachment=_photo)
def photo(attachment: Any) -> ResponseReturnValue:
    return send(attachment, thumbnail=request.args.get("size") == "small")


@bp.get("/p/<body>/supervision/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def public_photo(body: Body, attachment_id: int) -> ResponseReturnValue:
    picture = overview.public_photo(attachment_id) or abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small", public=True)

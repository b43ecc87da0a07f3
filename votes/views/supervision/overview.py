"""监督 in the office: the year's projects with their groups, and photos."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.supervision.inspections import GroupForm
from votes.models import Attachment, Body, InspectionNote, RectificationAnswer, Tracking
from votes.rules.permissions import Permission as P, may, visible_unit
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.people import bodies
from votes.services.supervision import groups, overview
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import done, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.uploads import send

bp = Pages("supervision", __name__, Layout.OFFICE, audit="supervision")
URL = "/office/supervision"


def part(name: str, module: str) -> Pages:
    """Return the blueprint of a part of supervision; its pages are under the menu entry of the overview."""
    return Pages(name, module, Layout.OFFICE, within="supervision", audit="supervision", url_prefix=URL)


def secret() -> bool:
    """Tell whether the reader may know of a 暗访 beforehand, and read notes as deputies wrote them."""
    return may(me(), P.INSPECTION_READ)


def _manages() -> bool:
    return may(me(), P.SUPERVISION_MANAGE)


# --- groups ----------------------------------------------------------------------------------------------


PROJECTS = Table(
    "supervised_projects",
    title="{year}年民生实事项目监督小组",
    caption="{year}年民生实事项目的监督情况",
    empty="这一年没有由您负责的项目。",
    unfit="没有符合条件的项目，请放宽筛选条件。",
    page="supervision.index",
    export="supervision.export",
    search=overview.SEARCH,
    spoken=True,
    filters=[
        filters.year(trackings.years),
        filters.Filter("group", "监督小组", [("bare", "尚未组建")], "全部"),
        filters.words("项目名称"),
        filters.order(overview.SEARCH),
    ],
    columns=[
        Column("编号", lambda row: row.project.number, "number", 6),
        Column("项目", lambda row: row.project.name, width=32, title="项目名称", cell="project", css="name"),
        Column("监督小组", cell="group"),
        Column("责任单位", lambda row: row.tracking.unit_name, width=16, page=False),
        Column("领衔", lambda row: groups.lead_of(row.group), width=22, page=False),
        Column("对口工委", lambda row: row.group and row.group.committee, width=16, page=False),
        Column("代表", lambda row: "、".join(_members(row)), width=40, page=False),
        Column("视察", cell="inspections", css="text-nowrap"),
        Column("督办件", cell="rectifications", css="text-nowrap"),
        Column("已开展视察（次）", lambda row: row.held, "count", 10, page=False),
        Column("未销号督办件（件）", lambda row: row.open, "count", 10, page=False),
        Column("逾期（件）", lambda row: row.overdue, "count", 8, page=False),
        Column("办理", cell="acts", css="text-nowrap", head_hidden=True, shown=_manages),
    ],
)


def _members(row: overview.Supervised) -> list[str]:
    return [deputy.name for deputy in groups.members_of(row.group)]


def _list() -> Listing:
    own = visible_unit(me())
    return PROJECTS.read(lambda chosen: overview.overview(chosen, today(), own=own, secret=secret()))


@bp.get(f"{URL}/")
@menu_item(Group.YEAR, 70, "监督")
@allow(P.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "supervision/overview/index.html",
        listing=_list(),
        lead_of=groups.lead_of,
        members_of=_members,
        secret=secret(),
    )


add_export(bp, f"{URL}/groups.xlsx", P.SUPERVISION_READ, _list)


@bp.route(f"{URL}/projects/<int:tracking_id>/group", methods=["GET", "POST"])
@allow(P.SUPERVISION_MANAGE, "group.set", tracking=trackings.get)
def group(tracking: Tracking) -> ResponseReturnValue:
    row = groups.group_of(tracking.id)
    form = GroupForm(obj=row)
    if form.accepts(lambda: groups.set_group(tracking, **form.entry(), by=me(), now=now())):
        return done(f"已确定“{tracking.name}”的监督小组", "supervision.index", year=tracking.project.year)
    shown = {"people": form.people(), "tracking": tracking, "group": row}
    return form_page("supervision/overview/group.html", form, **shown)


# --- photos ----------------------------------------------------------------------------------------------


def _photo(attachment_id: int) -> Attachment | None:
    """Return a photo of an answer or a note; before the note is routed, only to those who read notes."""
    photo = uploads.get_of(RectificationAnswer, attachment_id)
    photo = photo or uploads.get_of(InspectionNote, attachment_id)
    return None if photo and photo.note and not photo.note.rectification and not secret() else photo


@bp.get(f"{URL}/photos/<int:attachment_id>")
@allow(P.SUPERVISION_READ, attachment=_photo)
def photo(attachment: Attachment) -> ResponseReturnValue:
    return send(attachment, thumbnail=request.args.get("size") == "small")


@bp.get("/p/<body>/supervision/photos/<int:attachment_id>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def public_photo(body: Body, attachment_id: int) -> ResponseReturnValue:
    picture = overview.public_photo(attachment_id) or abort(404)
    return send(picture, thumbnail=request.args.get("size") == "small", public=True)

"""建议办理: the list of matters, the 储备库, one matter, its text, splitting and joining, 办理设置."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.base import number
from votes.forms.suggestions.matters import MatterForm
from votes.forms.suggestions.settings import MatterSettingsForm
from votes.models import Matter
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P, may
from votes.rules.projects.fields import CATEGORIES
from votes.rules.suggestions.matters import MatterState, Outcome
from votes.services.delivery import trackings
from votes.services.people import departments, villages
from votes.services.suggestions import decisions, matters, merging, settings, stories, worklist
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done, form_page
from votes.web.tables import Column, Listing, Table, add_export

bp = Pages("matters", __name__, Layout.OFFICE, audit="matters", url_prefix="/office/matters")


# --- lists ---------------------------------------------------------------------------------------------


def _years() -> list[int]:
    """Return the years to choose from."""
    return matters.years() or [matters.working_year(today())]


def _working_year(choices: Sequence[tuple[Any, str]]) -> int:
    """Return the year that the lists show first: the working year, if it has anything."""
    offered = [year for year, _ in choices]
    working = matters.working_year(today())
    return working if working in offered else offered[0]


#: Filters of several lists of the chapter.
YEAR = replace(filters.year(_years), default=_working_year)
CATEGORY = filters.of_words("category", "类别", lambda: CATEGORIES, "全部类别")


def _last(matter: Matter, *path: str) -> Any:
    """Return an attribute of the latest transfer of a matter; None without a transfer."""
    value: Any = matter.latest_transfer
    for name in path:
        value = value and getattr(value, name)
    return value


#: The columns of the list and of its workbook; the workbook of the 储备库 has the same.
_COLUMNS = [
    Column("年度", lambda matter: matter.year, "number", 8, page=False),
    Column("编号", lambda matter: matter.number, "number", 8),
    Column("事项", lambda matter: matter.title, width=36, title="事项名称", cell="title"),
    Column("类别", lambda matter: matter.category, width=10, css="keep", blank="未分类"),
    Column("村（社区）", lambda matter: matter.village and matter.village.full_name, width=18, page=False),
    Column("建议", lambda matter: len(matter.suggestions), "number", 8, title="建议数", cell="size"),
    Column("内容摘要", lambda matter: matter.summary, width=60, page=False),
    Column("状态", lambda matter: matter.state, "word", 12, cell="standing"),
    Column("交办单位", lambda matter: _last(matter, "department", "name"), width=18, blank="—"),
    Column(
        "期限", lambda matter: _last(matter, "due_on"), "day", 14, title="办理期限", cell="due", css="keep"
    ),
    Column("单位意见", lambda matter: _last(matter, "opinion"), width=40, page=False),
    Column("处理结果", lambda matter: matter.outcome, "word", 12, page=False),
    Column("理由", lambda matter: matter.reason, width=40, page=False),
    Column("确定日期", lambda matter: matter.decided_on, "day", 14, page=False),
    Column("答复日期", lambda matter: matter.answered_on, "day", 14, page=False),
    Column("对应项目", lambda matter: matter.project and matter.project.name, width=30, cell="project"),
    Column("项目状态", lambda matter: matter.project and matter.project.state, "word", 12, page=False),
]
MATTERS = Table(
    "matters",
    title="{year}年建议事项",
    empty="还没有建议事项。征集期内收到的建议会出现在“待归并”，归并后在这里办理。",
    unfit="没有符合条件的事项。可清除条件后再看。",
    page="matters.index",
    export="matters.export",
    search=matters.SEARCH,
    paged=True,
    filters=[
        YEAR,
        filters.of_enum("state", "状态", MatterState, "全部状态"),
        filters.of_enum("outcome", "处理结果", Outcome, "全部结果"),
        CATEGORY,
        filters.of_rows("department_id", "交办单位", departments.all_departments, "全部单位"),
        filters.Filter("overdue", "期限", [("1", "逾期未反馈")], "不限"),
        filters.words("名称、摘要", 14),
        filters.order(matters.SEARCH),
    ],
    columns=_COLUMNS,
)
RESERVE = Table(
    "reserve",
    title="储备库",
    empty="储备库还是空的。确定处理结果时选“转储备库”，事项就会留在这里，供以后年度取用。",
    unfit="没有符合条件的事项。可清除条件后再看。",
    page="matters.reserve",
    export="matters.reserve_export",
    search=matters.RESERVE,
    paged=True,
    filters=[
        replace(filters.year(matters.years, "历年"), label="转入年度"),
        CATEGORY,
        filters.words("名称、摘要", 14),
        filters.order(matters.RESERVE),
    ],
    columns=[
        Column("年度和编号", lambda matter: f"{matter.year}年第 {matter.number} 号", css="keep"),
        Column("事项", cell="title"),
        Column("类别", lambda matter: matter.category, css="keep", blank="未分类"),
        Column("建议", kind="number", cell="size"),
        Column("理由", lambda matter: matter.reason, blank="—"),
        Column("转入日期", lambda matter: matter.decided_on, "day", css="keep"),
        Column("办理", cell="take_up", css="keep", shown=lambda: may(me(), P.MATTER_HANDLE)),
        *(replace(column, page=False) for column in _COLUMNS),
    ],
)


def _list() -> Listing:
    return MATTERS.read(lambda chosen: matters.search(chosen, today()))


@bp.get("/")
@menu_item(Group.YEAR, 20, "建议办理")
@allow(P.MATTER_READ)
def index() -> ResponseReturnValue:
    listing = _list()
    return render_template(
        "suggestions/matters/index.html",
        listing=listing,
        counts=matters.counts(listing.chosen, today()),
        waiting=sum(worklist.counts({"year": listing.chosen["year"]}).values()),
        funnel=stories.funnel(listing.chosen["year"]),
        term_of=settings.standing_on(today()),
    )


add_export(bp, "/export.xlsx", P.MATTER_READ, _list)


def _reserve() -> Listing:
    return RESERVE.read(matters.search_reserve)


@bp.get("/reserve")
@allow(P.MATTER_READ)
def reserve() -> ResponseReturnValue:
    return render_template(
        "suggestions/matters/reserve.html",
        listing=_reserve(),
        coming=matters.working_year(today()),
    )


add_export(bp, "/reserve/export.xlsx", P.MATTER_READ, _reserve, "reserve_export")


# --- one matter ----------------------------------------------------------------------------------------


@bp.get("/<int:matter_id>")
@allow(P.MATTER_READ, matter=matters.get)
def show(matter: Matter) -> ResponseReturnValue:
    return render_template(
        "suggestions/matters/show.html",
        matter=matter,
        line=_line(matter),
        story=stories.story(matter, staff=True),
        reopenable=decisions.is_reopenable(matter),
        coming=matters.working_year(today()),
        term_of=settings.standing_on(today()),
    )


def _line(matter: Matter) -> trackings.TrackedProject | None:
    """Return how the project of a matter is carried out; None before it is."""
    tracking = trackings.of_project(matter.project_id) if matter.project_id else None
    return trackings.line(tracking, today()) if tracking else None


@bp.route("/<int:matter_id>/edit", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, matter=matters.get)
def edit(matter: Matter) -> ResponseReturnValue:
    form = MatterForm(matter, villages.all_villages())
    if form.accepts(lambda: matters.edit(matter, form.values(), by=me(), now=now())):
        return done("已保存", "matters.show", matter_id=matter.id)
    return form_page("suggestions/matters/edit.html", form, matter=matter)


@bp.post("/<int:matter_id>/split")
@allow(P.MATTER_HANDLE, matter=matters.get)
def split(matter: Matter) -> ResponseReturnValue:
    rows = worklist.chosen([number(request.form.get("suggestion_id")) or 0])
    if not rows:
        raise RuleBroken("没有找到这条建议，页面可能已过期。没有改动，请刷新后再看。", status=422)
    if merging.split(matter, rows[0], by=me(), now=now()):
        return done("已拆出，建议回到待归并", "matters.show", matter_id=matter.id)
    return done("事项已撤销，建议回到待归并", "matters.inbox", year=rows[0].year)


@bp.post("/<int:matter_id>/join")
@allow(P.MATTER_HANDLE, matter=matters.get)
def join(matter: Matter) -> ResponseReturnValue:
    other = matters.by_number(matter.year, number(request.form.get("number")) or 0)
    if other is None:
        raise RuleBroken("没有这个编号的事项。没有改动，请返回核对编号。", status=422)
    merging.join(matter, other, by=me(), now=now())
    return done(f"第 {other.number} 号事项已并入", "matters.show", matter_id=matter.id)


# --- settings ------------------------------------------------------------------------------------------


@bp.route("/settings", methods=["GET", "POST"], endpoint="settings")
@allow(P.BODY_SETTINGS, "修改办理设置")
def change_settings() -> ResponseReturnValue:
    body = here() or abort(404)
    form = MatterSettingsForm(settings.here())
    if form.accepts(lambda: settings.change(body, **form.values(), by=me(), now=now())):
        return done("办理设置已保存", "matters.settings")
    return form_page("suggestions/matters/settings.html", form)

"""代表名册: the list, one deputy, the delegations, the workbook that is exported and imported."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.imports import UploadForm
from votes.forms.people.roster import DelegationsForm, DeputyForm, RosterApplyForm, StateForm
from votes.models import Delegation, Deputy, ImportDraft
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import COLUMNS, ETHNICITIES, STATE_WORDS
from votes.rules.permissions import Permission as P
from votes.services.people import delegations, roster, roster_sheets
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.menu import here, organ
from votes.web.pages import XLSX, done, download, form_page
from votes.web.tables import Column, Table

bp = Pages("roster", __name__, Layout.OFFICE, audit="roster", url_prefix="/office/roster")


ROSTER = Table(
    "roster",
    title="代表名册",
    empty="名册里还没有代表。",
    unfit="没有符合条件的代表。请放宽条件再找。",
    page="roster.index",
    search=roster.SEARCH,
    paged=True,
    spoken=True,
    css="table-hover",
    filters=[
        filters.words("姓名、拼音首字母、证号、职务", 22),
        filters.of_rows("delegation_id", "代表团", delegations.all_delegations, "全部代表团"),
        filters.of_enum("state", "状态", DeputyState, "全部状态"),
        filters.order(roster.SEARCH),
    ],
    columns=[
        Column("代表证号", lambda row: row.number, css="text-nowrap"),
        Column("姓名", lambda row: row.name, cell="name", css="text-nowrap"),
        Column("性别", lambda row: row.gender),
        Column("民族", lambda row: row.ethnicity, css="text-nowrap"),
        Column("出生年月", lambda row: row.born, css="text-nowrap"),
        Column("代表团", lambda row: row.delegation.name, css="text-nowrap"),
        Column("选区", lambda row: row.constituency),
        Column("职务", lambda row: row.post),
        Column("手机号", lambda row: row.phone, css="text-nowrap"),
        Column("状态", lambda row: row.state, "state"),
    ],
)


@bp.get("/")
@menu_item(Group.PEOPLE, 10, "代表名册")
@allow(P.ROSTER_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "people/roster/index.html", listing=ROSTER.read(roster.search), counts=roster.counts()
    )


@bp.get("/export.xlsx")
@allow(P.ROSTER_READ)
def export() -> Response:
    body = here()
    title = f"{body.place if body else ''}{organ().member}名册"
    data = roster_sheets.export(roster.everyone(ROSTER.read_filters().chosen), title)
    return download(data, f"{title}.xlsx", XLSX)


@bp.get("/template.xlsx")
@allow(P.ROSTER_EDIT)
def template() -> Response:
    return download(roster_sheets.template(), "代表名册模板.xlsx", XLSX)


# --- one deputy ----------------------------------------------------------------------------------------


@bp.route("/new", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "deputy.create")
def new() -> ResponseReturnValue:
    form = DeputyForm(today(), organ())
    if form.accepts(lambda: roster.save(None, form.texts, by=me(), now=now(), today=today())):
        return done(f"已新增{organ().member}：{form.outcome.name}", "roster.index")
    return _deputy_page(form, None)


@bp.route("/<int:deputy_id>", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "deputy.edit", deputy=roster.get)
def edit(deputy: Deputy) -> ResponseReturnValue:
    form = DeputyForm(today(), organ(), data=roster.values_with_spelling(deputy))
    if form.accepts(lambda: roster.save(deputy, form.texts, by=me(), now=now(), today=today())):
        return done(f"已保存：{form.outcome.name}", "roster.edit", deputy_id=deputy.id)
    return _deputy_page(form, deputy)


def _deputy_page(form: DeputyForm, deputy: Deputy | None) -> ResponseReturnValue:
    choices = {"delegations": delegations.all_delegations(), "ethnicities": ETHNICITIES}
    return form_page("people/roster/edit.html", form, deputy=deputy, states=DeputyState, **choices)


@bp.post("/<int:deputy_id>/state")
@allow(P.ROSTER_EDIT, "deputy.state", deputy=roster.get)
def state(deputy: Deputy) -> ResponseReturnValue:
    form = StateForm()
    if not form.validate():
        raise RuleBroken("没有这种资格状态，没有改动。请从页面上的按钮办理。", status=422)
    chosen = DeputyState(form.state.data)
    roster.set_state(deputy, chosen, reason=form.reason.data or "", by=me(), now=now())
    return done(f"{deputy.name}：{STATE_WORDS[chosen.value]}", "roster.edit", deputy_id=deputy.id)


# --- delegations -----------------------------------------------------------------------------------------


@bp.route("/delegations", methods=["GET", "POST"], endpoint="delegations")
@allow(P.ROSTER_EDIT, "delegation.edit")
def arrange_delegations() -> ResponseReturnValue:
    form = DelegationsForm(delegations.all_delegations())
    if form.accepts(lambda: delegations.arrange(form.changes(request.form), by=me(), now=now())):
        return done(f"{organ().group}已保存", "roster.delegations")
    return form_page("people/roster/delegations.html", form, sizes=delegations.sizes())


@bp.post("/delegations/<int:delegation_id>/remove")
@allow(P.ROSTER_EDIT, "delegation.remove", delegation=delegations.get)
def remove_delegation(delegation: Delegation) -> ResponseReturnValue:
    delegations.remove(delegation, by=me(), now=now())
    return done(f"已删除：{delegation.name}", "roster.delegations")


# --- by spreadsheet ----------------------------------------------------------------------------------------


def _column(name: str) -> Column:
    return Column(COLUMNS[name], lambda row: roster_sheets.shown(name, row["values"][name]))


IMPORT = ImportPages(
    sheet=roster_sheets.SHEET,
    upload="roster.upload",
    preview="roster.preview",
    discard="roster.discard",
    applied="roster.index",
    upload_template="people/roster/upload.html",
    preview_template="people/roster/preview.html",
    key_columns=(_column("number"), _column("name")),
    columns=tuple(_column(name) for name in COLUMNS if name not in ("number", "name")),
)


@bp.route("/import", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "上传代表名册")
def upload() -> ResponseReturnValue:
    return IMPORT.choose(UploadForm(roster_sheets.SHEET), columns=COLUMNS)


@bp.route("/import/<int:draft_id>", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, draft=roster_sheets.get_draft)
def preview(draft: ImportDraft) -> ResponseReturnValue:
    plan = roster_sheets.plan(draft.rows)
    return IMPORT.check(draft, RosterApplyForm(plan, organ()), plan=plan)


@bp.post("/import/<int:draft_id>/discard")
@allow(P.ROSTER_EDIT, draft=roster_sheets.get_draft)
def discard(draft: ImportDraft) -> ResponseReturnValue:
    return IMPORT.drop(draft)

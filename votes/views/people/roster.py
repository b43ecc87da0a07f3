"""代表名册: the list, one deputy, delegations, and the spreadsheet there and back."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.people.roster import (
    ApplyForm,
    DelegationsForm,
    DeputyForm,
    RosterFilters,
    StateForm,
    UploadForm,
)
from votes.models import Delegation, Deputy, ImportDraft
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import COLUMNS, ETHNICITIES, STATE_WORDS
from votes.rules.permissions import Permission as P
from votes.services.people import roster
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.menu import here, organ
from votes.web.pages import XLSX, done, download, page_number
from votes.web.transaction import give_way

bp = Pages("roster", __name__, Layout.OFFICE, audit="roster", url_prefix="/office/roster")


def _place() -> str:
    body = here()
    return body.place if body else ""


@bp.get("/")
@menu_item(Group.PEOPLE, 10, "代表名册")
@allow(P.ROSTER_READ)
def index() -> ResponseReturnValue:
    filters = RosterFilters(roster.delegations(), organ())
    deputies, total = roster.page(roster.search(**filters.values), page_number())
    return render_template(
        "people/roster/index.html",
        filters=filters,
        deputies=deputies,
        total=total,
        page=page_number(),
        counts=roster.counts(),
    )


@bp.get("/export.xlsx")
@allow(P.ROSTER_READ)
def export() -> Response:
    filters = RosterFilters(roster.delegations(), organ())
    title = f"{_place()}{organ().member}名册"
    data = roster.workbook(roster.everyone(roster.search(**filters.values)), title)
    return download(data, f"{title}.xlsx", XLSX)


@bp.get("/template.xlsx")
@allow(P.ROSTER_EDIT)
def template() -> Response:
    return download(roster.template(), "代表名册模板.xlsx", XLSX)


# --- one deputy ----------------------------------------------------------------------------------------


@bp.route("/new", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "deputy.create")
def new() -> ResponseReturnValue:
    form = DeputyForm(today(), organ())
    if form.accepts(lambda: _save(None, form)):
        return done(f"已新增{organ().member}：{form.outcome.name}", "roster.index")
    return _deputy_page(form, None)


@bp.route("/<int:deputy_id>", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "deputy.edit", deputy=roster.get)
def edit(deputy: Deputy) -> ResponseReturnValue:
    form = DeputyForm(
        today(),
        organ(),
        data={**roster.values_of(deputy), "pinyin": deputy.pinyin, "initials": deputy.initials},
    )
    if form.accepts(lambda: _save(deputy, form)):
        return done(f"已保存：{form.outcome.name}", "roster.edit", deputy_id=deputy.id)
    return _deputy_page(form, deputy)


def _save(deputy: Deputy | None, form: DeputyForm) -> Deputy:
    return roster.save(
        deputy,
        form.texts,
        pinyin=form.pinyin.data or "",
        initials=form.initials.data or "",
        by=me(),
        now=now(),
        today=today(),
    )


def _deputy_page(form: DeputyForm, deputy: Deputy | None) -> ResponseReturnValue:
    return (
        render_template(
            "people/roster/edit.html",
            form=form,
            deputy=deputy,
            delegations=roster.delegations(),
            ethnicities=ETHNICITIES,
            states=DeputyState,
        ),
        form.status,
    )


@bp.post("/<int:deputy_id>/state")
@allow(P.ROSTER_EDIT, "deputy.state", deputy=roster.get)
def state(deputy: Deputy) -> ResponseReturnValue:
    form = StateForm(organ())
    if not form.validate():
        raise RuleBroken("没有这种资格状态，没有改动。请从页面上的按钮办理。", status=422)
    wanted = DeputyState(form.state.data)
    roster.set_state(deputy, wanted, reason=form.reason.data or "", by=me(), now=now())
    return done(f"{deputy.name}：{STATE_WORDS[wanted.value]}", "roster.edit", deputy_id=deputy.id)


# --- delegations -----------------------------------------------------------------------------------------


@bp.route("/delegations", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "delegation.edit")
def delegations() -> ResponseReturnValue:
    form = DelegationsForm(roster.delegations())
    if form.accepts(lambda: roster.arrange_delegations(form.changes(request.form), by=me(), now=now())):
        return done(f"{organ().group}已保存", "roster.delegations")
    sizes = roster.delegation_sizes()
    return render_template("people/roster/delegations.html", form=form, sizes=sizes), form.status


@bp.post("/delegations/<int:delegation_id>/remove")
@allow(P.ROSTER_EDIT, "delegation.remove", delegation=roster.get_delegation)
def remove_delegation(delegation: Delegation) -> ResponseReturnValue:
    roster.remove_delegation(delegation, by=me(), now=now())
    return done(f"已删除：{delegation.name}", "roster.delegations")


# --- by spreadsheet ----------------------------------------------------------------------------------------


@bp.route("/import", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, "上传代表名册")
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if form.accepts(lambda: _upload(form)):
        return redirect(url_for("roster.preview", draft_id=form.outcome.id), 303)
    return render_template("people/roster/upload.html", form=form, columns=COLUMNS), form.status


def _upload(form: UploadForm) -> ImportDraft:
    give_way()
    lines = roster.read_sheet(form.file.data.read())
    return roster.upload(lines, filename=form.file.data.filename, by=me(), now=now(), today=today())


@bp.route("/import/<int:draft_id>", methods=["GET", "POST"])
@allow(P.ROSTER_EDIT, draft=roster.get_draft)
def preview(draft: ImportDraft) -> ResponseReturnValue:
    form = ApplyForm(organ())
    if form.accepts(lambda: _apply(draft, form)):
        return done(form.outcome, "roster.index")
    plan = roster.preview(draft)
    if request.method == "GET":
        form.departures.data = "end" if plan.covers_most else "keep"
    form.seen.data = plan.digest
    refused = [row for row in roster.checked_rows(draft) if row.problems]
    return (
        render_template(
            "people/roster/preview.html", draft=draft, form=form, plan=plan, refused=refused, columns=COLUMNS,
            states=STATE_WORDS,
        ),
        form.status,
    )  # fmt: skip


def _apply(draft: ImportDraft, form: ApplyForm) -> str:
    end = form.departures.data == "end"
    plan = roster.apply(draft, seen=form.seen.data or "", end_departed=end, by=me(), now=now())
    ended = len(plan.departures) if end else 0
    return f"名册已导入：新增 {len(plan.additions)} 人，变更 {len(plan.changes)} 人，离任 {ended} 人"


@bp.post("/import/<int:draft_id>/discard")
@allow(P.ROSTER_EDIT, draft=roster.get_draft)
def discard(draft: ImportDraft) -> ResponseReturnValue:
    roster.discard(draft, by=me(), now=now())
    return done("已放弃这份文件，名册没有变动", "roster.upload")

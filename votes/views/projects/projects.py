"""Candidate projects: the list, one project and its history, review, the list to be voted on, Excel."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.imports import ApplyForm, YearUploadForm
from votes.forms.projects import AttachForm, ListForm, ProjectForm, ReviewForm, ReviewManyForm, VillagesForm
from votes.models import Attachment, Department, ImportDraft, Project
from votes.rules.permissions import Permission as P, visible_unit
from votes.rules.projects import projects as rules, text
from votes.rules.projects.fields import CATEGORIES, KINDS, PageCard
from votes.services import uploads
from votes.services.people import bodies, departments
from votes.services.projects import projects, reviews, sheets, versions, villages
from votes.services.suggestions import stories
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.pages import XLSX, done, download, form_page
from votes.web.tables import Column, Table
from votes.web.uploads import prepared
from votes.web.words.labels import label

bp = Pages("projects", __name__, Layout.OFFICE, audit="projects", url_prefix="/office/projects")


def _years() -> list[int]:
    return projects.years() or [rules.coming_year(today())]


def _chosen_year() -> int:
    return request.args.get("year", type=int) or _years()[0]


def _way() -> tuple[rules.Gate, ...]:
    body = bodies.get_body(me().body_id or 0)
    if body is None:
        abort(404)
    return bodies.gates(body)


# --- the list of a year ----------------------------------------------------------------------------------


def _units_of_filter() -> list[Department]:
    return departments.all_departments() if visible_unit(me()) is None else []


PROJECTS = Table(
    "projects",
    title="{year}年民生实事候选项目",
    caption="{year}年候选项目",
    empty="还没有候选项目。",
    unfit="没有符合条件的项目。可清除条件后再看。",
    page="projects.index",
    search=projects.SEARCH,
    paged=True,
    filters=filters.quietly(  # the desk links to the coming year, in which there may be no project yet
        [
            filters.year(_years),
            filters.of_enum("state", "状态", rules.ProjectState, "全部状态"),
            filters.Filter("category", "类别", [(name, name) for name in CATEGORIES], "全部类别"),
            filters.of_rows(
                "department_id",
                "牵头单位",
                _units_of_filter,
                "全部单位",
                hidden=lambda choices: len(choices) < 2,
            ),
            filters.words("名称、内容、地点", 16),
            filters.order(projects.SEARCH),
        ]
    ),
    columns=[
        Column("编号", lambda project: project.number, "number", blank="—"),
        Column("项目名称", cell="name"),
        Column("类别", lambda project: project.category, css="keep"),
        Column("牵头单位", lambda project: project.department and project.department.name, blank="未填写"),
        Column("总投资（万元）", lambda project: project.total_investment, "money", blank="—"),
        Column("当年计划（万元）", lambda project: project.year_investment, "money", blank="—"),
        Column("完成时限", lambda project: project.due_on, "day", css="keep", blank="—"),
        Column("状态", cell="standing"),
    ],
)


@bp.get("/")
@menu_item(Group.YEAR, 40, "候选项目")
@allow(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    listing = PROJECTS.read(lambda chosen: projects.search(chosen, by=me()))
    way, year = _way(), listing.chosen["year"]
    return render_template(
        "projects/projects/index.html",
        listing=listing,
        summary=projects.summary(listing.chosen, by=me()),
        gates=way,
        next_gate=rules.next_gate,
        standing=reviews.count_by_gate([year], way) if visible_unit(me()) is None else {},
    )


@bp.get("/export.xlsx")
@allow(P.PROJECT_READ)
def export() -> ResponseReturnValue:
    listing = PROJECTS.read(lambda chosen: projects.search(chosen, by=me()))
    data = sheets.export(sheets.loaded(listing.source), listing.title, word=lambda state: label(state).word)
    return download(data, f"{listing.title}.xlsx", XLSX)


# --- one project -----------------------------------------------------------------------------------------


def _units(project: Project | None = None) -> list[Department] | None:
    """Return the units to choose from; None for a unit's staff, who enter for their own unit."""
    if visible_unit(me()) is not None:
        return None
    own = project.department_id if project else None
    return [unit for unit in departments.all_departments() if unit.active or unit.id == own]


@bp.route("/new", methods=["GET", "POST"])
@allow(P.PROJECT_CREATE)
def create() -> ResponseReturnValue:
    form = ProjectForm(units=_units(), given={"year": rules.coming_year(today())})
    if not form.grows() and form.accepts(lambda: projects.create(form.values(), by=me(), now=now())):
        return done("已保存为草稿", "projects.show", project_id=form.outcome.id)
    return form_page("projects/projects/edit.html", form, project=None)


@bp.get("/<int:project_id>")
@allow(P.PROJECT_READ, project=projects.get_whole)
def show(project: Project) -> ResponseReturnValue:
    return render_template(
        "projects/projects/show.html",
        project=project,
        status=reviews.status(project, me()),
        latest=versions.latest_version(project),
        villages=project.villages,
        came_from=stories.of_project(project.id),
        cards=_cards(project),
        KINDS=KINDS,
    )


def _cards(project: Project) -> dict[PageCard, list[text.FieldLine]]:
    return text.cards(projects.values(project), project.department.name if project.department else "")


@bp.route("/<int:project_id>/edit", methods=["GET", "POST"])
@allow(P.PROJECT_EDIT, project=projects.get_whole)
def edit(project: Project) -> ResponseReturnValue:
    latest = versions.latest_version(project)
    form = ProjectForm(units=_units(project), given=projects.values(project), version=latest)
    if not form.grows() and form.accepts(
        lambda: projects.edit(project, form.values(), by=me(), now=now(), base=form.base)
    ):
        words = f"已保存，改动 {len(form.outcome)} 处" if form.outcome else "内容没有变化"
        return done(words, "projects.show", project_id=project.id)
    if form.refusal:  # The page now says what others wrote meanwhile, so saving once more is a decision.
        form.version.data = latest
    return form_page("projects/projects/edit.html", form, project=project)


@bp.get("/<int:project_id>/versions", endpoint="versions")
@allow(P.PROJECT_READ, project=projects.get)
def show_versions(project: Project) -> ResponseReturnValue:
    rows = versions.versions(project)
    by_number = {version.version: version for version in rows}
    new = by_number.get(request.args.get("new", type=int) or len(rows))
    old = by_number.get(request.args.get("old", type=int) or (new.version - 1 if new else 0))
    compared = versions.compare(old.text, new.text) if old and new else []
    shown = {"project": project, "versions": rows, "old": old, "new": new, "compared": compared}
    return render_template("projects/projects/versions.html", **shown)


@bp.route("/<int:project_id>/attachments", methods=["GET", "POST"])
@allow(P.PROJECT_EDIT, project=projects.get)
def attachments(project: Project) -> ResponseReturnValue:
    form = AttachForm()
    if form.accepts(lambda: _attach(project, form)):
        return done(f"已保存 {len(form.outcome)} 个文件", "projects.attachments", project_id=project.id)
    files = project.attachments
    return form_page("projects/projects/attachments.html", form, project=project, attachments=files)


def _attach(project: Project, form: AttachForm) -> list[Attachment]:
    files = prepared(uploads.prepare, form.files.data or ())
    return projects.attach(project, files, caption=form.caption.data or "", by=me(), now=now())


@bp.post("/<int:project_id>/attachments/remove")
@allow(P.PROJECT_EDIT, project=projects.get)
def remove_attachment(project: Project) -> ResponseReturnValue:
    projects.detach(project, request.form.get("attachment_id", type=int), by=me(), now=now())
    return done("已删除", "projects.attachments", project_id=project.id)


@bp.route("/<int:project_id>/villages", methods=["GET", "POST"], endpoint="villages")
@allow(P.PROJECT_SUBMIT, project=projects.get)
def choose_villages(project: Project) -> ResponseReturnValue:
    form = VillagesForm([village.id for village in project.villages])
    if form.accepts(lambda: villages.choose(project, form.chosen, by=me(), now=now())):
        words = f"已选 {form.outcome} 个村（社区）" if form.outcome else "已保存：项目面向全域"
        return done(words, "projects.show", project_id=project.id)
    groups = villages.choices(project)
    return form_page("projects/projects/villages.html", form, project=project, groups=groups)


# --- review ----------------------------------------------------------------------------------------------


@bp.post("/<int:project_id>/submit")
@allow(P.PROJECT_SUBMIT, project=projects.get)
def submit(project: Project) -> ResponseReturnValue:
    reviews.submit(project, by=me(), now=now())
    return done("已提交审议", "projects.show", project_id=project.id)


@bp.post("/<int:project_id>/withdraw")
@allow(P.PROJECT_EDIT, project=projects.get)
def withdraw(project: Project) -> ResponseReturnValue:
    reviews.withdraw(project, reason=request.form.get("reason", ""), by=me(), now=now())
    return done("已撤回", "projects.show", project_id=project.id)


@bp.post("/<int:project_id>/restore")
@allow(P.PROJECT_SUBMIT, project=projects.get)
def restore(project: Project) -> ResponseReturnValue:
    reviews.restore(project, by=me(), now=now())
    return done("已恢复为草稿", "projects.show", project_id=project.id)


@bp.route("/<int:project_id>/review", methods=["GET", "POST"])
@allow(P.PROJECT_REVIEW, project=projects.get)
def review(project: Project) -> ResponseReturnValue:
    status = reviews.status(project, me())
    approved = project.state == rules.ProjectState.APPROVED
    form = ReviewForm(data={"gate": status.gate.key, "decision": "return" if approved else None})
    if form.accepts(lambda: _decide(project, form)):
        return done(f"已记录：{project.name}", "projects.show", project_id=project.id)
    shown = {"project": project, "department": project.department, "status": status, "approved": approved}
    return form_page("projects/projects/review.html", form, **shown)


def _decide(project: Project, form: ReviewForm) -> None:
    if form.decision.data == "pass":
        reviews.pass_gate(project, form.minutes, gate=form.gate.data or "", by=me(), now=now())
    else:
        reviews.send_back(project, form.minutes, by=me(), now=now())


@bp.route("/review", methods=["GET", "POST"])
@allow(P.PROJECT_REVIEW)
def review_many() -> ResponseReturnValue:
    year = _chosen_year()
    gates = reviews.recorded_by(me(), year, _way())
    gate = next((g for g in gates if g.key == request.args.get("gate")), None)
    gate = gate or next((g for g in gates if gates[g]), None)
    form = ReviewManyForm(gates[gate] if gate else [])
    if gate and form.accepts(
        lambda: reviews.pass_gates(form.ticked, form.minutes, gate=gate.key, by=me(), now=now())
    ):
        return done(f"{gate.name}：已记录 {form.outcome} 个项目通过", "projects.index", year=year)
    return form_page("projects/projects/review_many.html", form, year=year, gate=gate, gates=gates)


# --- the list to be voted on -----------------------------------------------------------------------------


@bp.route("/list", methods=["GET", "POST"])
@allow(P.PROJECT_LIST)
def confirm_list() -> ResponseReturnValue:
    year = _chosen_year()
    listable = reviews.listable(year)
    form = ListForm(listable)
    if not form.rearranges() and form.accepts(
        lambda: reviews.confirm_list(year, form.numbers, form.minutes, by=me(), now=now())
    ):
        return done(f"票决名单已确认，共 {len(form.outcome)} 项", "projects.index", year=year, state="listed")
    used, reviewing = reviews.in_use([p.id for p in listable]), reviews.count_by_gate([year], _way())
    shown = {"year": year, "years": _years(), "used": used, "reviewing": reviewing}
    return form_page("projects/projects/list.html", form, **shown)


@bp.post("/<int:project_id>/unlist")
@allow(P.PROJECT_LIST, project=projects.get)
def unlist(project: Project) -> ResponseReturnValue:
    reviews.unlist(project, reason=request.form.get("reason", ""), by=me(), now=now())
    return done("已移出票决名单，其余项目的编号已顺延", "projects.show", project_id=project.id)


# --- Excel -----------------------------------------------------------------------------------------------


@bp.get("/import/template.xlsx")
@allow(P.PROJECT_IMPORT)
def import_template() -> ResponseReturnValue:
    year = request.args.get("year", type=int) or rules.coming_year(today())
    return download(sheets.template(year), f"{year}年民生实事候选项目导入模板.xlsx", XLSX)


IMPORT = ImportPages(
    sheet=sheets.SHEET,
    upload="projects.import_file",
    preview="projects.import_preview",
    apply="projects.import_apply",
    applied="projects.index",
    upload_template="projects/projects/import.html",
    preview_template="projects/projects/import_preview.html",
    key_columns=(
        Column("工作表", lambda row: row["sheet"]),
        Column("名称", lambda row: row["name"], blank="（空）"),
    ),
    columns=(
        Column("类别", lambda row: row["values"]["category"]),
        Column("总投资（万元）", lambda row: row["values"].get("total_investment"), "money"),
        Column("子项目", lambda row: len(row["values"].get("subprojects", ())) or None, "count"),
        Column("涉及村（社区）", lambda row: len(row["villages"] or ()) or None, "count"),
        Column("年度", lambda row: f"{row['year']}年"),
    ),
)


@bp.route("/import", methods=["GET", "POST"])
@allow(P.PROJECT_IMPORT)
def import_file() -> ResponseReturnValue:
    year = rules.coming_year(today())
    return IMPORT.choose(YearUploadForm(sheets.SHEET, "表中没有写年度的行按这一年", year=year))


@bp.route("/import/<int:draft_id>", methods=["GET", "POST"])
@bp.post("/import/<int:draft_id>/apply", endpoint="import_apply")
@allow(P.PROJECT_IMPORT, draft=sheets.get_draft)
def import_preview(draft: ImportDraft) -> ResponseReturnValue:
    parts = sum(len(row["values"].get("subprojects", ())) for row in draft.rows)
    return IMPORT.check(draft, ApplyForm(), more_figures={"子项目": (parts, "项")})

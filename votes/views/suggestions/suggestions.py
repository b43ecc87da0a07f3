"""征集 in the office: the list, one suggestion with its photos, what staff type in, Excel."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.imports import ApplyForm, YearUploadForm
from votes.forms.suggestions.suggestions import EnterForm, PlaceForm, RefuseForm, SuggestionFilters
from votes.models import Attachment, ImportDraft, Suggestion
from votes.rules.permissions import Permission as P, may
from votes.rules.projects.projects import coming_year
from votes.rules.suggestions.suggestions import AuthorText, masked_name
from votes.services.people import roster, stations, villages
from votes.services.suggestions import authors, intake, seasons, sheets, suggestions
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.pages import XLSX, done, download, page_number
from votes.web.tables import Column
from votes.web.uploads import before_the_lock, send
from votes.web.words.labels import label

bp = Pages("suggestions", __name__, Layout.OFFICE, audit="suggestions", url_prefix="/office/suggestions")


def _filters() -> SuggestionFilters:
    places = villages.all_villages(active_only=False)
    return SuggestionFilters(
        suggestions.years(),
        [township for township, _ in villages.grouped(places) if township],
        places,
        stations.all_stations(active_only=False),
        suggestions.collecting_deputies(),
    )


@bp.get("/")
@menu_item(Group.YEAR, 10, "建议征集")
@allow(P.SUGGESTION_READ)
def index() -> ResponseReturnValue:
    filters = _filters()
    wanted = filters.wanted()
    return render_template(
        "suggestions/suggestions/index.html",
        filters=filters,
        rows=suggestions.page(suggestions.search(wanted), page_number()),
        total=suggestions.total(wanted),
        number=page_number(),
        counts=suggestions.counts(wanted.year),
        season=seasons.nearest(today()),
        today=today(),
    )


@bp.get("/export.xlsx")
@allow(P.SUGGESTION_READ)
def export() -> ResponseReturnValue:
    wanted = _filters().wanted()
    title = f"{wanted.year}年民生实事项目建议" if wanted.year else "民生实事项目建议"
    rows = suggestions.every(suggestions.search(wanted))
    data = sheets.export(rows, title, word=lambda value: label(value).word)
    return download(data, f"{title}.xlsx", XLSX)


@bp.route("/new", methods=["GET", "POST"])
@allow(P.SUGGESTION_ENTER)
def new() -> ResponseReturnValue:
    season = seasons.current(today())
    form = EnterForm(
        villages.all_villages(),
        roster.everyone(),
        received_on=today(),
        year=season.year if season else coming_year(today()),
    )

    def enter() -> Suggestion:
        photos = before_the_lock(intake.prepare_photos, form.photos) if form.photos else []
        return intake.receive(**form.values(), photos=photos, by=me(), now=now())

    if form.accepts(enter):
        made = form.outcome
        return done(
            f"已录入第 {made.number} 号建议，查询码 {made.code}", "suggestions.show", suggestion_id=made.id
        )
    return render_template("suggestions/suggestions/new.html", form=form), form.status


@bp.get("/<int:suggestion_id>")
@allow(P.SUGGESTION_READ, suggestion=suggestions.get)
def show(suggestion: Suggestion) -> ResponseReturnValue:
    return _show(suggestion)


def _show(
    suggestion: Suggestion,
    *,
    refusing: RefuseForm | None = None,
    placing: PlaceForm | None = None,
    author: AuthorText | None = None,
) -> Any:
    mine = may(me(), P.SUGGESTION_AUTHOR)
    return render_template(
        "suggestions/suggestions/show.html",
        suggestion=suggestion,
        refusing=refusing or RefuseForm(formdata=None),
        placing=placing
        or PlaceForm(villages.all_villages(), suggestion.village, formdata=None, obj=suggestion),
        masked=authors.masked(suggestion),
        author=author if mine else None,
    )


@bp.post("/<int:suggestion_id>/author")
@allow(P.SUGGESTION_AUTHOR, suggestion=suggestions.get)
def author(suggestion: Suggestion) -> ResponseReturnValue:
    """By POST, since every look is recorded."""
    return _show(suggestion, author=authors.reveal(suggestion, by=me(), now=now()))


@bp.post("/<int:suggestion_id>/refuse")
@allow(P.SUGGESTION_ENTER, suggestion=suggestions.get)
def refuse(suggestion: Suggestion) -> ResponseReturnValue:
    form = RefuseForm()
    if form.accepts(lambda: suggestions.refuse(suggestion, form.reason.data or "", by=me(), now=now())):
        return done("已登记不予受理", "suggestions.show", suggestion_id=suggestion.id)
    return _show(suggestion, refusing=form), form.status


@bp.post("/<int:suggestion_id>/restore")
@allow(P.SUGGESTION_ENTER, suggestion=suggestions.get)
def restore(suggestion: Suggestion) -> ResponseReturnValue:
    suggestions.restore(suggestion, by=me(), now=now())
    return done("已恢复受理", "suggestions.show", suggestion_id=suggestion.id)


@bp.post("/<int:suggestion_id>/place")
@allow(P.SUGGESTION_ENTER, suggestion=suggestions.get)
def place(suggestion: Suggestion) -> ResponseReturnValue:
    form = PlaceForm(villages.all_villages(), suggestion.village)
    if form.accepts(lambda: suggestions.classify(suggestion, **form.sorting(), by=me(), now=now())):
        return done("已保存归类", "suggestions.show", suggestion_id=suggestion.id)
    return _show(suggestion, placing=form), form.status


@bp.get("/photos/<int:attachment_id>")
@allow(P.SUGGESTION_READ, attachment=suggestions.get_photo)
def photo(attachment: Attachment) -> ResponseReturnValue:
    return send(attachment, thumbnail=request.args.get("size") == "small")


# --- Excel -----------------------------------------------------------------------------------------------------


@bp.get("/import/template.xlsx")
@allow(P.SUGGESTION_ENTER)
def template() -> ResponseReturnValue:
    return download(sheets.template(), "民生实事项目建议导入模板.xlsx", XLSX)


IMPORT = ImportPages(
    sheet=sheets.SHEET,
    upload="suggestions.import_file",
    preview="suggestions.import_preview",
    apply="suggestions.import_apply",
    applied="suggestions.index",
    upload_template="suggestions/suggestions/import.html",
    preview_template="suggestions/suggestions/import_preview.html",
    key_columns=(Column("建议内容", lambda row: row["values"]["content"], blank="（空）"),),
    columns=(
        Column("类别", lambda row: row["values"]["category"], css="keep", blank="未分类"),
        Column("收到日期", lambda row: row["values"]["received_on"], css="keep", blank="导入当天"),
        Column("建议人", lambda row: masked_name(row["values"]["name"]), css="keep", blank="未留"),
    ),
)


@bp.route("/import", methods=["GET", "POST"])
@allow(P.SUGGESTION_ENTER)
def import_file() -> ResponseReturnValue:
    form = YearUploadForm(sheets.SHEET, "表中的建议为哪一年的项目提出", year=coming_year(today()))
    return IMPORT.choose(form)


@bp.route("/import/<int:draft_id>", methods=["GET", "POST"])
@bp.post("/import/<int:draft_id>/apply", endpoint="import_apply")
@allow(P.SUGGESTION_ENTER, draft=sheets.get_draft)
def import_preview(draft: ImportDraft) -> ResponseReturnValue:
    return IMPORT.check(draft, ApplyForm())

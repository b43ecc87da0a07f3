"""征集 in the office: the list of suggestions, one suggestion with its photos, entering one, Excel."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import local, now, today
from votes.forms.imports import ApplyForm, YearUploadForm
from votes.forms.suggestions.suggestions import EnterForm, PlaceForm, RefusalForm
from votes.models import Attachment, ImportDraft, Suggestion
from votes.rules.permissions import Permission as P
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.projects import coming_year
from votes.rules.suggestions.suggestions import AuthorText, Channel, SuggestionState, masked_name
from votes.services.people import roster, stations, villages
from votes.services.suggestions import authors, intake, matters, seasons, sheets, suggestions
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.pages import XLSX, done, download, form_page
from votes.web.tables import Column, Listing, Table, add_export
from votes.web.uploads import prepared, send

bp = Pages("suggestions", __name__, Layout.OFFICE, audit="suggestions", url_prefix="/office/suggestions")


def _newest(choices: Sequence[tuple[Any, str]]) -> int | None:
    """Return the newest year; None while there is none, or where the query string names no year of the list."""
    return None if request.args.get("year") else next((year for year, _ in choices[1:]), None)


def _title(chosen: Mapping[str, Any]) -> str:
    return f"{chosen['year']}年民生实事项目建议" if chosen["year"] else "民生实事项目建议"


def _single(choices: Sequence[tuple[Any, str]]) -> bool:
    """Return whether a filter has no choice besides that of all."""
    return len(choices) == 1


_villages = partial(villages.all_villages, active_only=False)
_stations = partial(stations.all_stations, active_only=False)

SUGGESTIONS = Table(
    "suggestions",
    title=_title,
    caption="收到的建议",
    tab="建议",
    empty="还没有开始征集。请先设立征集期，再公布提建议的页面。",
    unfit="没有符合条件的建议。可清除条件后再看。",
    page="suggestions.index",
    export="suggestions.export",
    search=suggestions.SEARCH,
    paged=True,
    filters=[
        replace(filters.year(suggestions.years, "全部年度"), default=_newest, narrows=False, hidden=_single),
        filters.of_enum("state", "状态", SuggestionState),
        filters.of_enum("channel", "来源", Channel),
        filters.of_words("category", "类别", lambda: CATEGORIES),
        filters.of_words("township", "乡镇（街道）", suggestions.townships, hidden=_single),
        filters.of_rows("village_id", "村（社区）", _villages, word="full_name", hidden=_single),
        filters.of_rows("station_id", "联络站", _stations, hidden=_single),
        filters.of_rows("deputy_id", "收集代表", suggestions.collecting_deputies, hidden=_single),
        filters.words("内容、编号、查询码", 16),
        filters.order(suggestions.SEARCH),
    ],
    columns=[
        Column("编号", lambda each: each.number, "number", 8, cell="number"),
        Column("实施年度", lambda each: each.year, "number", 9, page=False),
        Column("收到日期", lambda each: local(each.received_at).date(), "day", 16, page=False),
        Column("建议", cell="text"),
        Column("来源", lambda each: each.channel, "word", 12, title="来源渠道", css="keep", cell="channel"),
        Column("标题", lambda each: each.title, width=30, page=False),
        Column("建议内容", lambda each: each.content, width=60, page=False),
        Column("类别", lambda each: each.category, width=11, css="keep", blank="未分类"),
        Column("村（社区）", lambda each: each.village and each.village.full_name, blank="—"),
        Column("收到日期", lambda each: each.received_at, "day", css="keep"),
        Column("乡镇（街道）", lambda each: each.village and each.village.township, width=14, page=False),
        Column("村（社区）", lambda each: each.village and each.village.name, width=14, page=False),
        Column("具体地点", lambda each: each.place, width=22, page=False),
        Column("联络站", lambda each: each.station and each.station.name, width=20, page=False),
        Column("收集代表", lambda each: each.deputy and each.deputy.name, width=12, page=False),
        Column("状态", lambda each: each.state, "word", 10, cell="standing"),
        Column("归并事项", lambda each: each.matter and each.matter.title, width=28, page=False),
        Column("不予受理的理由", lambda each: each.refusal, width=28, page=False),
    ],
)


def _list() -> Listing:
    """Read the list; it has no names and telephone numbers, whoever asks."""
    return SUGGESTIONS.read(suggestions.search)


@bp.get("/")
@menu_item(Group.YEAR, 10, "建议征集")
@allow(P.SUGGESTION_READ)
def index() -> ResponseReturnValue:
    listing = _list()
    return render_template(
        "suggestions/suggestions/index.html",
        listing=listing,
        year=listing.chosen["year"],
        counts=suggestions.counts(listing.chosen["year"]),
        season=seasons.nearest(today()),
        today=today(),
    )


add_export(bp, "/export.xlsx", P.SUGGESTION_READ, _list)


@bp.route("/new", methods=["GET", "POST"])
@allow(P.SUGGESTION_ENTER)
def new() -> ResponseReturnValue:
    year = matters.working_year(today())
    form = EnterForm(villages.all_villages(), roster.everyone(), received_on=today(), year=year)
    if form.accepts(lambda: _enter(form)):
        row = form.outcome
        words = f"已录入第 {row.number} 号建议，查询码 {row.code}"
        return done(words, "suggestions.show", suggestion_id=row.id)
    return form_page("suggestions/suggestions/new.html", form)


def _enter(form: EnterForm) -> Suggestion:
    photos = prepared(intake.prepare_photos, form.photos) if form.photos else []
    return intake.receive(**form.values(), photos=photos, by=me(), now=now())


@bp.get("/<int:suggestion_id>")
@allow(P.SUGGESTION_READ, suggestion=suggestions.get)
def show(suggestion: Suggestion) -> ResponseReturnValue:
    return _show(suggestion)


def _show(suggestion: Suggestion, author: AuthorText | None = None, **sent: Any) -> str:
    """Show a suggestion, with its ``author`` in full or masked; ``sent``: a form as it was sent, refusing or placing."""
    forms = {
        "refusing": RefusalForm(formdata=None),
        "placing": PlaceForm(villages.all_villages(), suggestion.village, formdata=None, obj=suggestion),
    }
    shown = {"suggestion": suggestion, "masked": authors.masked(suggestion), "author": author}
    return render_template("suggestions/suggestions/show.html", **shown, **forms | sent)


@bp.post("/<int:suggestion_id>/author")
@allow(P.SUGGESTION_AUTHOR, suggestion=suggestions.get)
def author(suggestion: Suggestion) -> ResponseReturnValue:
    """Show the author in full; by POST, because the audit log records each access."""
    return _show(suggestion, author=authors.reveal(suggestion, by=me(), now=now()))


@bp.post("/<int:suggestion_id>/refuse")
@allow(P.SUGGESTION_ENTER, suggestion=suggestions.get)
def refuse(suggestion: Suggestion) -> ResponseReturnValue:
    form = RefusalForm()
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
    if form.accepts(lambda: suggestions.classify(suggestion, **form.classification(), by=me(), now=now())):
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
    year = coming_year(today())
    return IMPORT.choose(YearUploadForm(sheets.SHEET, "表中的建议为哪一年的项目提出", year=year))


@bp.route("/import/<int:draft_id>", methods=["GET", "POST"])
@bp.post("/import/<int:draft_id>/apply", endpoint="import_apply")
@allow(P.SUGGESTION_ENTER, draft=sheets.get_draft)
def import_preview(draft: ImportDraft) -> ResponseReturnValue:
    return IMPORT.check(draft, ApplyForm())

"""村（社区）名单: the villages of the place, and their workbook."""

from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.imports import ApplyForm, UploadForm
from votes.forms.suggestions.seasons import VillageForm
from votes.models import ImportDraft, Village
from votes.rules.permissions import Permission as P
from votes.services import imports
from votes.services.people import village_sheets, villages
from votes.services.suggestions import suggestions
from votes.views.suggestions.seasons import bp
from votes.web import filters
from votes.web.access import allow
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.pages import XLSX, done, download, form_page
from votes.web.tables import Column, Table

VILLAGES = Table(
    "villages",
    title="村（社区）名单",
    empty="名单还是空的。请用“Excel 导入”一次录入，或在下面逐个添加；群众提建议时从名单中选择。",
    page="seasons.villages",
    search=villages.SEARCH,
    paged=True,
    row_css=lambda village: "" if village.active else "off",
    filters=[
        filters.of_words("township", "乡镇（街道）", suggestions.townships, hidden=filters.no_choice),
    ],
    columns=[
        Column("乡镇（街道）", lambda village: village.township, blank="—"),
        Column("村（社区）", lambda village: village.name),
        Column("状态", cell="standing"),
        Column("办理", cell="edit"),
    ],
)


@bp.route("/villages", methods=["GET", "POST"], endpoint="villages")
@allow(P.SEASON_MANAGE)
def index() -> ResponseReturnValue:
    listing = VILLAGES.read(villages.search)
    form = VillageForm(None, township=listing.chosen["township"] or "")
    if form.accepts(lambda: villages.save_village(None, **form.values(), by=me(), now=now())):
        return done(f"已添加：{form.outcome.full_name}", "seasons.villages", **listing.filters.query)
    return form_page("suggestions/seasons/villages.html", form, listing=listing)


@bp.route("/villages/<int:village_id>", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE, village=villages.get_village)
def village(village: Village) -> ResponseReturnValue:
    form = VillageForm(village)
    if form.accepts(lambda: villages.save_village(village, **form.values(), by=me(), now=now())):
        return done(f"已保存：{village.full_name}", "seasons.villages")
    return form_page("suggestions/seasons/village.html", form, village=village)


@bp.get("/villages/export.xlsx")
@allow(P.SEASON_MANAGE)
def export_villages() -> ResponseReturnValue:
    return download(village_sheets.export(), "村（社区）名单.xlsx", XLSX)


@bp.get("/villages/template.xlsx")
@allow(P.SEASON_MANAGE)
def village_template() -> ResponseReturnValue:
    return download(imports.template(village_sheets.SHEET), "村（社区）名单模板.xlsx", XLSX)


VILLAGE_IMPORT = ImportPages(
    sheet=village_sheets.SHEET,
    upload="seasons.import_villages",
    preview="seasons.village_preview",
    apply="seasons.village_apply",
    applied="seasons.villages",
    upload_template="suggestions/seasons/village_import.html",
    preview_template="suggestions/seasons/village_preview.html",
    key_columns=(
        Column("乡镇（街道）", lambda row: row["values"]["township"]),
        Column("村（社区）", lambda row: row["values"]["name"], blank="（空）"),
    ),
)


@bp.route("/villages/import", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE)
def import_villages() -> ResponseReturnValue:
    return VILLAGE_IMPORT.choose(UploadForm(village_sheets.SHEET))


@bp.route("/villages/import/<int:draft_id>", methods=["GET", "POST"])
@bp.post("/villages/import/<int:draft_id>/apply", endpoint="village_apply")
@allow(P.SEASON_MANAGE, draft=village_sheets.get_draft)
def village_preview(draft: ImportDraft) -> ResponseReturnValue:
    return VILLAGE_IMPORT.check(draft, ApplyForm())

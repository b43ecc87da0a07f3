"""征集 in the office as it is prepared: seasons, stations with their posters, villages."""

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.publication.posters import Poster, sheets
from votes.forms.imports import ApplyForm, UploadForm
from votes.forms.suggestions.seasons import SeasonForm, StationForm, VillageFilters, VillageForm
from votes.models import ImportDraft, Season, Station, Village
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.rules.projects.projects import coming_year
from votes.services import imports
from votes.services.people import stations as people_stations, village_sheets, villages as people_villages
from votes.services.suggestions import authors, seasons, suggestions
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.imports import ImportPages
from votes.web.menu import here
from votes.web.pages import PDF, XLSX, done, download, page_number, public_url
from votes.web.tables import Column
from votes.web.words.filters import day

bp = Pages(
    "seasons",
    __name__,
    Layout.OFFICE,
    within="suggestions",
    audit="suggestions",
    url_prefix="/office/seasons",
)


# --- seasons -------------------------------------------------------------------------------------------------


@bp.get("/")
@allow(P.SEASON_MANAGE)
def index() -> ResponseReturnValue:
    return render_template(
        "suggestions/seasons/index.html",
        seasons=seasons.every_season(),
        received=seasons.received(),
        stations=len(people_stations.all_stations()),
        villages=len(people_villages.all_villages()),
        today=today(),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE)
def new() -> ResponseReturnValue:
    return _season_page(None)


@bp.route("/<int:season_id>", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE, season=seasons.get_season)
def edit(season: Season) -> ResponseReturnValue:
    return _season_page(season)


def _season_page(season: Season | None) -> ResponseReturnValue:
    form = SeasonForm(season, coming=coming_year(today()))
    if form.accepts(lambda: seasons.save_season(season, **form.values(), by=me(), now=now())):
        return done(f"已保存：{form.outcome.title}", "seasons.index")
    return render_template(
        "suggestions/seasons/edit.html",
        form=form,
        season=season,
        authors=authors.named_authors(season) if season else 0,
        today=today(),
    ), form.status


@bp.post("/<int:season_id>/erase")
@allow(P.SUGGESTION_AUTHOR, season=seasons.get_season)
def erase(season: Season) -> ResponseReturnValue:
    count = authors.erase_authors(season, by=me(), now=now())
    return done(f"已清除 {count} 位建议人的姓名和联系方式，建议本身不变", "seasons.edit", season_id=season.id)


# --- stations --------------------------------------------------------------------------------------------------


@bp.route("/stations", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE)
def stations() -> ResponseReturnValue:
    form = StationForm(None)
    if form.accepts(lambda: people_stations.save_station(None, **form.values(), by=me(), now=now())):
        return done(f"已设立：{form.outcome.name}。下一步可下载海报张贴", "seasons.stations")
    return render_template(
        "suggestions/seasons/stations.html",
        form=form,
        stations=people_stations.all_stations(active_only=False),
        counts=dict(suggestions.counts(None).stations),
    ), form.status


@bp.route("/stations/<int:station_id>", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE, station=people_stations.get_station)
def station(station: Station) -> ResponseReturnValue:
    form = StationForm(station)
    if form.accepts(lambda: people_stations.save_station(station, **form.values(), by=me(), now=now())):
        return done(f"已保存：{station.name}", "seasons.stations")
    return render_template(
        "suggestions/seasons/station.html", form=form, station=station, address=_address(station)
    ), form.status


@bp.post("/stations/<int:station_id>/renew")
@allow(P.SEASON_MANAGE, station=people_stations.get_station)
def renew(station: Station) -> ResponseReturnValue:
    people_stations.renew_key(station, by=me(), now=now())
    return done("二维码已更换，旧海报不能再用，请下载新海报", "seasons.station", station_id=station.id)


@bp.get("/stations/<int:station_id>/poster.pdf")
@allow(P.SEASON_MANAGE, station=people_stations.get_station)
def poster(station: Station) -> ResponseReturnValue:
    if not station.active:
        raise RuleBroken("这个联络站已经停用，二维码不能打开。请先恢复使用，再下载海报。")
    return download(
        sheets([_poster(station, seasons.nearest(today()))]), f"建议征集海报-{station.name}.pdf", PDF
    )


@bp.get("/stations/posters.pdf")
@allow(P.SEASON_MANAGE)
def posters() -> ResponseReturnValue:
    found = people_stations.all_stations()
    if not found:
        raise RuleBroken("还没有使用中的联络站，请先设立。")
    season = seasons.nearest(today())
    return download(sheets([_poster(each, season) for each in found]), "建议征集海报.pdf", PDF)


def _address(station: Station) -> str:
    body = here()
    assert body is not None
    return public_url("suggest.at_station", body=body.code, station_key=station.key)


def _poster(station: Station, season: Season | None) -> Poster:
    body = here()
    assert body is not None
    foot = f"征集时间：{day(season.opens_on)}至{day(season.closes_on)}" if season else ""
    return Poster(
        head=body.name,
        title="民生实事我来提",
        about=station.name,
        lines=(
            "扫一扫，提出您身边最想办的一件事，不用登录。",
            "提交后得到查询码，随时可以查看办到哪一步。",
            "姓名、电话可以不填；填了也不公开。",
        ),
        url=_address(station),
        foot="　".join(part for part in (station.place, foot) if part),
    )


# --- villages ------------------------------------------------------------------------------------------------------


@bp.route("/villages", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE)
def villages() -> ResponseReturnValue:
    filters = VillageFilters(suggestions.townships())
    form = VillageForm(None, filters.township.data or "")
    if form.accepts(lambda: people_villages.save_village(None, **form.values(), by=me(), now=now())):
        return done(f"已添加：{form.outcome.full_name}", "seasons.villages", **filters.query)
    found = people_villages.all_villages(active_only=False, township=filters.township.data or "")
    start = (page_number() - 1) * 50
    return render_template(
        "suggestions/seasons/villages.html",
        form=form,
        filters=filters,
        groups=people_villages.grouped(found[start : start + 50]),
        total=len(found),
        number=page_number(),
    ), form.status


@bp.route("/villages/<int:village_id>", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE, village=people_villages.get_village)
def village(village: Village) -> ResponseReturnValue:
    form = VillageForm(village)
    if form.accepts(lambda: people_villages.save_village(village, **form.values(), by=me(), now=now())):
        return done(f"已保存：{village.full_name}", "seasons.villages")
    return render_template("suggestions/seasons/village.html", form=form, village=village), form.status


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

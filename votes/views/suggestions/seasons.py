"""征集期: the seasons of the place, setting one up, deleting the authors of a season that is over."""

from flask import render_template
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.suggestions.seasons import SeasonForm
from votes.models import Season
from votes.rules.permissions import Permission as P
from votes.rules.projects.projects import coming_year
from votes.services.people import stations, villages
from votes.services.suggestions import authors, seasons
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done, form_page
from votes.web.tables import Column, Table

bp = Pages(
    "seasons",
    __name__,
    Layout.OFFICE,
    within="suggestions",
    audit="suggestions",
    url_prefix="/office/seasons",
)

SEASONS = Table(
    "seasons",
    title="征集期",
    caption="各年度征集期",
    empty="还没有征集期。",
    page="seasons.index",
    columns=[
        Column("实施年度", lambda season: season.year, "number"),
        Column("名称", lambda season: season.title),
        Column("起止日期", cell="days"),
        Column("状态", cell="standing"),
        Column("收到建议（件）", kind="count", cell="received"),
        Column("办理", cell="edit"),
    ],
)


@bp.get("/")
@allow(P.SEASON_MANAGE)
def index() -> ResponseReturnValue:
    return render_template(
        "suggestions/seasons/index.html",
        listing=SEASONS.read(lambda chosen: seasons.every_season()),
        received=seasons.received(),
        stations=len(stations.all_stations()),
        villages=len(villages.all_villages()),
        body=here(),
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
    if form.accepts(lambda: seasons.save_season(season, form.values(), by=me(), now=now())):
        return done(f"已保存：{form.outcome.title}", "seasons.index")
    count = authors.named_authors(season) if season else 0
    return form_page("suggestions/seasons/edit.html", form, season=season, authors=count, today=today())


@bp.post("/<int:season_id>/erase")
@allow(P.SUGGESTION_AUTHOR, season=seasons.get_season)
def erase(season: Season) -> ResponseReturnValue:
    count = authors.erase_authors(season, by=me(), now=now())
    return done(f"已清除 {count} 位建议人的姓名和联系方式，建议本身不变", "seasons.edit", season_id=season.id)

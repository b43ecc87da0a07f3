"""总览与对比: the places of a county side by side, and the years of a place."""

from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats import xlsx
from votes.forms.publication.regional_overview import OverviewChoice
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import TrackingState
from votes.rules.permissions import Permission as P
from votes.services.publication import regional_counts, regional_overview
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import XLSX, download
from votes.web.publication import overview_charts as charts
from votes.web.words.filters import share
from votes.web.words.labels import label

bp = Pages("overview", __name__, Layout.OFFICE, url_prefix="/office/overview")


def _read() -> tuple[OverviewChoice, regional_overview.Overview, str, int | None]:
    """Return the reader's choice, the overview, and name and id of the place whose years are compared.

    The id is None for all places together.
    """
    choice = OverviewChoice.read()
    overview = regional_overview.read(me(), day=today(), year=choice.year, sort=choice.sort) or abort(404)
    places = {place.body.id: place.body.place for place in overview.places}
    home = me().body_id
    assert home is not None
    if choice.place in places:
        return choice, overview, places[choice.place], choice.place
    if len(places) == 1:
        return choice, overview, places[home], home
    return choice, overview, f"{places[home]}和所属各地", None


@bp.get("/")
@menu_item(Group.YEAR, 100, "总览与对比")
@allow(P.OVERVIEW_READ)
def index() -> ResponseReturnValue:
    choice, overview, name, place_id = _read()
    years = overview.over_the_years(place_id)
    return render_template(
        "publication/regional_overview/index.html",
        choice=choice,
        found=overview,
        today=today(),
        name=name,
        place_id=place_id,
        years=years,
        states=list(TrackingState),
        drawn=[charts.lights(overview), charts.progress(overview)],
        drawn_years=charts.years(years, name),
    )


@bp.get("/export.xlsx")
@allow(P.OVERVIEW_READ)
def export() -> ResponseReturnValue:
    _, overview, name, place_id = _read()
    title = f"{overview.year}年民生实事项目总览"
    years = xlsx.Worksheet(
        f"{name}历年对比", YEAR_COLUMNS, [_year(row) for row in overview.over_the_years(place_id)]
    )
    data = xlsx.write(title, COLUMNS, map(_place, overview.places), more=[years])
    return download(data, f"{title}.xlsx", XLSX)


COLUMNS = [
    xlsx.Column("地方", 14),
    xlsx.Column("征集", 12),
    *(xlsx.Column(word, 9, "int") for word in ("建议", "归并事项", "论证", "候选", "选定")),
    xlsx.Column("会议", 28),
    *(xlsx.Column(word, 9, "int") for word in ("应到", "实到", "法定人数")),
    xlsx.Column("结果公告", 10),
    xlsx.Column("项目", 8, "int"),
    *(xlsx.Column(label(light).word, 10, "int") for light in Light),
    xlsx.Column("平均实际进度", 12, "percent"),
    xlsx.Column("平均计划进度", 12, "percent"),
    xlsx.Column("年度计划投资（万元）", 16, "money"),
    xlsx.Column("累计拨付（万元）", 16, "money"),
    *(xlsx.Column(word, 10, "int") for word in ("月报逾期", "未销号督办件", "逾期督办件")),
    xlsx.Column("代表满意率", 12),
    xlsx.Column("群众满意率", 12),
    xlsx.Column("群众评价（次）", 12, "int"),
]
YEAR_COLUMNS = [
    xlsx.Column("年度", 10, "int"),
    *(xlsx.Column(word, 10, "int") for word in ("建议", "归并事项", "论证", "候选", "选定")),
    *(xlsx.Column(label(state).word, 10, "int") for state in TrackingState),
    xlsx.Column("平均进度", 10, "percent"),
    xlsx.Column("年度计划投资（万元）", 16, "money"),
    xlsx.Column("累计拨付（万元）", 16, "money"),
    xlsx.Column("督办件", 10, "int"),
    xlsx.Column("代表满意率", 12),
    xlsx.Column("群众满意率", 12),
]


def _funnel(count: regional_counts.YearCount) -> list[Any]:
    return [count.suggestions, count.matters, count.studied, count.candidates, count.selected]


def _rates(count: regional_counts.YearCount) -> list[str]:
    rating = count.rating
    return [
        share(rating.favourable, rating.base) if rating else "",
        share(count.citizens_favourable, count.rated_by_citizens) if count.citizens else "",
    ]


def _place(place: regional_overview.Place) -> list[Any]:
    vote, summary, count = place.vote, place.summary, place.count
    season = "征集中" if place.collecting else "已结束" if place.season else ""
    return [
        place.body.place,
        season,
        *_funnel(count),
        vote.title if vote else "",
        *([vote.roster, vote.present, vote.needed] if vote else ["", "", ""]),
        "已公告" if vote and vote.announced else "",
        summary.total,
        *(summary.lights.get(light, 0) for light in Light),
        summary.actual_percent if summary.total else "",
        summary.planned_percent if summary.total else "",
        summary.planned,
        summary.paid,
        summary.missing,
        count.open,
        count.overdue,
        *_rates(count),
        count.rated_by_citizens,
    ]


def _year(row: regional_overview.YearRow) -> list[Any]:
    count = row.count
    return [
        row.year,
        *_funnel(count),
        *(count.states.get(state, 0) for state in TrackingState),
        count.mean_percent if count.mean_percent is not None else "",
        count.planned,
        count.paid,
        count.rectifications,
        *_rates(count),
    ]

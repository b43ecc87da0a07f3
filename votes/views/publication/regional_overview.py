"""总览与对比: the places of a county side by side, and the years of a place."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.exports.formats import xlsx
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import TrackingState
from votes.rules.permissions import Permission as P
from votes.services.publication import regional_overview
from votes.web import filters
from votes.web.access import allow
from votes.web.facts import Group, Layout, Pages, menu_item
from votes.web.identity import me
from votes.web.pages import XLSX, download
from votes.web.publication import overview_charts as charts
from votes.web.tables import Column
from votes.web.words.filters import share
from votes.web.words.labels import label

bp = Pages("overview", __name__, Layout.OFFICE, url_prefix="/office/overview")

#: What the reader chooses: the year, the place whose years are compared, the order of the places.
CHOICE = (
    filters.Filter("year", "年度", read=filters.an_id),
    filters.Filter("place", "历年对比", read=filters.an_id),
    filters.Filter("sort", "排序", [(key, "") for key in regional_overview.SORTS], default=lambda _: "place"),
)


def _read() -> tuple[Mapping[str, Any], regional_overview.Overview, str, int | None]:
    """Return the reader's choice, the overview, and name and id of the place whose years are compared.

    The id is None for all places together.
    """
    choice = filters.read(CHOICE).chosen
    overview = regional_overview.read(me(), day=today(), year=choice["year"], sort=choice["sort"])
    if overview is None:
        abort(404)
    places = {place.body.id: place.body.place for place in overview.places}
    id_, home = choice["place"], me().body_id or 0
    if id_ not in places:
        id_ = home if len(places) == 1 else None
    return choice, overview, f"{places[home]}和所属各地" if id_ is None else places[id_], id_


@bp.get("/")
@menu_item(Group.YEAR, 100, "总览与对比")
@allow(P.OVERVIEW_READ)
def index() -> ResponseReturnValue:
    choice, overview, name, place_id = _read()
    years = overview.over_the_years(place_id)
    return render_template(
        "publication/regional_overview/index.html",
        choice=choice,
        overview=overview,
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
    years = xlsx.Worksheet(f"{name}历年对比", *_sheet(YEAR_COLUMNS, overview.over_the_years(place_id)))
    data = xlsx.write(title, *_sheet(COLUMNS, overview.places), more=[years])
    return download(data, f"{title}.xlsx", XLSX)


def _sheet(columns: Sequence[Column], rows: Iterable[Any]) -> tuple[list[xlsx.SheetColumn], list[list[Any]]]:
    return [each.excel() for each in columns], [[each.write(row) for each in columns] for row in rows]


# --- the columns of the workbook -------------------------------------------------------------------------


def _season(place: regional_overview.Place) -> str:
    return "征集中" if place.collecting else "已结束" if place.season else ""


def _of_vote(name: str) -> Any:
    """Return the function that reads a figure of the place's session; None where there is no session."""
    return lambda place: getattr(place.vote, name) if place.vote else None


def _announced(place: regional_overview.Place) -> str:
    return "已公告" if place.vote and place.vote.announced else ""


def _light_column(light: Light) -> Column:
    return Column(label(light).word, lambda place: place.summary.lights.get(light, 0), "count", 10)


def _state_column(state: TrackingState) -> Column:
    return Column(label(state).word, lambda row: row.count.states.get(state, 0), "count", 10)


def _mean(name: str) -> Any:
    """Return the function that reads a mean percentage of the place's projects; None where there are none."""
    return lambda place: getattr(place.summary, name) if place.summary.total else None


def _by_deputies(row: regional_overview.Place | regional_overview.YearRow) -> str:
    rating = row.count.rating
    return share(rating.favourable, rating.base) if rating else ""


def _by_citizens(row: regional_overview.Place | regional_overview.YearRow) -> str:
    count = row.count
    return share(count.citizens_favourable, count.rated_by_citizens) if count.citizens else ""


def _funnel(width: int) -> list[Column]:
    """Return the columns from suggestions to selected projects."""
    words = {
        "建议": "suggestions",
        "归并事项": "matters",
        "论证": "studied",
        "候选": "candidates",
        "选定": "selected",
    }
    return [Column(word, attrgetter(f"count.{name}"), "count", width) for word, name in words.items()]


_RATINGS = Column("代表满意率", _by_deputies, width=12), Column("群众满意率", _by_citizens, width=12)
COLUMNS = [
    Column("地方", lambda place: place.body.place, width=14),
    Column("征集", _season, width=12),
    *_funnel(9),
    Column("会议", lambda place: place.vote.session.title if place.vote else None, width=28),
    Column("应到", _of_vote("roster"), "count", 9),
    Column("实到", _of_vote("present"), "count", 9),
    Column("法定人数", _of_vote("needed"), "count", 9),
    Column("结果公告", _announced, width=10),
    Column("项目", attrgetter("summary.total"), "count", 8),
    *map(_light_column, Light),
    Column("平均实际进度", _mean("actual_percent"), "percent", 12),
    Column("平均计划进度", _mean("planned_percent"), "percent", 12),
    Column("年度计划投资（万元）", attrgetter("summary.planned"), "money", 16),
    Column("累计拨付（万元）", attrgetter("summary.paid"), "money", 16),
    Column("月报逾期", attrgetter("summary.missing"), "count", 10),
    Column("未销号督办件", attrgetter("count.open"), "count", 10),
    Column("逾期督办件", attrgetter("count.overdue"), "count", 10),
    *_RATINGS,
    Column("群众评价（次）", attrgetter("count.rated_by_citizens"), "count", 12),
]
YEAR_COLUMNS = [
    Column("年度", attrgetter("year"), "number", 10),
    *_funnel(10),
    *map(_state_column, TrackingState),
    Column("平均进度", attrgetter("count.mean_percent"), "percent", 10),
    Column("年度计划投资（万元）", attrgetter("count.planned"), "money", 16),
    Column("累计拨付（万元）", attrgetter("count.paid"), "money", 16),
    Column("督办件", attrgetter("count.rectifications"), "count", 10),
    *_RATINGS,
]

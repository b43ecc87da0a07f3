"""联络站: the stations of the place, and their posters with QR codes."""

from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.exports.publication.posters import Poster, sheets
from votes.forms.suggestions.seasons import StationForm
from votes.models import Season, Station
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.people import stations
from votes.services.suggestions import seasons, suggestions
from votes.views.suggestions.seasons import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import PDF, done, download, form_page, public_url
from votes.web.tables import Column, Table
from votes.web.words.filters import day

STATIONS = Table(
    "stations",
    title="联络站",
    caption="代表联络站、活动室",
    empty="还没有联络站。请在下面设立，设立后即可下载二维码海报。",
    page="seasons.stations",
    row_css=lambda station: "" if station.active else "off",
    columns=[
        Column("名称", cell="name"),
        Column("地址", lambda station: station.place, blank="—"),
        Column("状态", cell="standing"),
        Column("收到建议（件）", kind="count", cell="received"),
        Column("办理", cell="poster", css="keep"),
    ],
)


@bp.route("/stations", methods=["GET", "POST"], endpoint="stations")
@allow(P.SEASON_MANAGE)
def index() -> ResponseReturnValue:
    form = StationForm(None)
    if form.accepts(lambda: stations.save_station(None, **form.values(), by=me(), now=now())):
        return done(f"已设立：{form.outcome.name}。下一步可下载海报张贴", "seasons.stations")
    listing = STATIONS.read(lambda chosen: stations.all_stations(active_only=False))
    counts = dict(suggestions.counts(None).stations)
    return form_page("suggestions/seasons/stations.html", form, listing=listing, counts=counts)


@bp.route("/stations/<int:station_id>", methods=["GET", "POST"])
@allow(P.SEASON_MANAGE, station=stations.get_station)
def station(station: Station) -> ResponseReturnValue:
    form = StationForm(station)
    if form.accepts(lambda: stations.save_station(station, **form.values(), by=me(), now=now())):
        return done(f"已保存：{station.name}", "seasons.stations")
    return form_page("suggestions/seasons/station.html", form, station=station, url=_url(station))


@bp.post("/stations/<int:station_id>/renew")
@allow(P.SEASON_MANAGE, station=stations.get_station)
def renew(station: Station) -> ResponseReturnValue:
    stations.renew_key(station, by=me(), now=now())
    return done("二维码已更换，旧海报不能再用，请下载新海报", "seasons.station", station_id=station.id)


@bp.get("/stations/<int:station_id>/poster.pdf")
@allow(P.SEASON_MANAGE, station=stations.get_station)
def poster(station: Station) -> ResponseReturnValue:
    if not station.active:
        raise RuleBroken("这个联络站已经停用，二维码不能打开。请先恢复使用，再下载海报。")
    page = _poster(station, seasons.nearest(today()))
    return download(sheets([page]), f"建议征集海报-{station.name}.pdf", PDF)


@bp.get("/stations/posters.pdf")
@allow(P.SEASON_MANAGE)
def posters() -> ResponseReturnValue:
    active = stations.all_stations()
    if not active:
        raise RuleBroken("还没有使用中的联络站，请先设立。")
    season = seasons.nearest(today())
    return download(sheets([_poster(each, season) for each in active]), "建议征集海报.pdf", PDF)


def _url(station: Station) -> str:
    """Return the URL in the QR code of a station."""
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
        url=_url(station),
        foot="　".join(part for part in (station.place, foot) if part),
    )

"""An open season, stations, villages, and suggestions by every channel, with authors and a photo."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from tests.worlds.day import TODAY
from votes.db import db
from votes.exports.formats.xlsx import Row
from votes.models import Deputy
from votes.rules.people.actor import PUBLIC
from votes.rules.suggestions.suggestions import AuthorText, Channel, SeasonText
from votes.services import imports, uploads
from votes.services.people import stations as people_stations, village_sheets, villages as people_villages
from votes.services.suggestions import intake, seasons, sheets, suggestions

WHICH = {
    "suggestions": {"draft_id": "suggestions", "attachment_id": "suggestion"},
    "seasons": {"draft_id": "villages"},
    "suggestions.restore": {"suggestion_id": "refused"},
}

#: The author of all suggestions here: tests/test_privacy.py searches every page for these unusual words.
AUTHOR = AuthorText("隐名氏示例", "13955556666", "佚名合作社示例")


def photo() -> list[uploads.Prepared]:
    out = BytesIO()
    Image.new("RGB", (90, 60), "teal").save(out, "JPEG")
    return intake.prepare_photos([uploads.File("路面.jpg", out.getvalue())])


def fill(world: Any, body: str, size: int, ids: dict[str, Any]) -> dict[str, Any]:
    """Make ``size`` of everything; the season is open on the world's day."""
    photos = photo()
    with world.work(body):
        by = world.actor("office", body)
        seasons_made = [
            seasons.save_season(
                None,
                SeasonText(
                    year=2028 - i,
                    opens_on=date(2027 - i, 5, 1),
                    closes_on=date(2027 - i, 6, 30),
                    notice="公开征集民生实事项目建议。",
                ),
                by=by,
                now=TODAY,
            )
            for i in range(size)
        ]
        stations = [
            people_stations.save_station(None, name=f"示例联络站{i}", place="示例街 1 号", by=by, now=TODAY)
            for i in range(size)
        ]
        villages = [
            people_villages.save_village(None, township=f"示例{i}镇", name=f"示例村{i}", by=by, now=TODAY)
            for i in range(size)
        ]
        first = db.session.get(Deputy, ids["deputies"][0])
        assert first is not None
        key = ids.get("page_key") or f"page-{body}-{'k' * 20}"
        if "page_key" not in ids:
            first.page_key = key
        made = []
        for i in range(size):
            common: dict[str, Any] = {
                "village_id": villages[i].id, "category": "交通出行", "by": PUBLIC, "now": TODAY,
                "author": AUTHOR,
            }  # fmt: skip
            made += [
                intake.receive(
                    channel=Channel.WEB, content=f"第{i}条：村口的路坏了，请修一修。", photos=photos, **common
                ),
                intake.receive(
                    channel=Channel.STATION, content=f"第{i}条：路灯不亮。", station_id=stations[i].id, **common
                ),
                intake.receive(
                    channel=Channel.DEPUTY, content=f"第{i}条：想要一处活动室。",
                    deputy_id=ids["deputies"][i], **common,
                ),
                intake.receive(
                    channel=Channel.LETTER, content=f"第{i}条：卖广告的来信。",
                    **{**common, "by": by}, received_on=(TODAY - timedelta(days=3)).date(),
                ),
            ]  # fmt: skip
            suggestions.refuse(made[-1], "与民生实事无关。", by=by, now=TODAY)
        row = {"建议内容": "请修桥。", "来源渠道": "来信", "建议人": AUTHOR.name, "联系电话": AUTHOR.phone}
        book = imports.Book("建议.xlsx", [Row(3 + i, row | {"标题": f"修桥{i}"}) for i in range(size)])
        draft = imports.preview(sheets.SHEET, book, year=2028, by=by, now=TODAY)
        listed = imports.Book("名单.xlsx", [Row(3 + i, {"村（社区）": f"新村{i}"}) for i in range(size)])
        by_villages = imports.preview(village_sheets.SHEET, listed, by=by, now=TODAY)
        return {
            "season_id": seasons_made[0].id,
            "station_id": stations[0].id,
            "station_key": stations[0].key,
            "village_id": villages[0].id,
            "page_key": key,
            "suggestion_id": made[0].id,
            "suggestion_id:refused": made[3].id,
            "suggestion_code": made[0].code,
            "attachment_id:suggestion": made[0].photos[0].id,
            "draft_id:suggestions": draft.id,
            "draft_id:villages": by_villages.id,
        }

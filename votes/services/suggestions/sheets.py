"""Workbooks of suggestions: the template, and reading one with a preview."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from votes.clock import local
from votes.db import db
from votes.exports.formats import xlsx
from votes.models import Suggestion
from votes.rules.people.actor import Actor
from votes.rules.people.places import Places
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.rows import noting, read_day
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText, Channel, faults, tidy_phone
from votes.services import imports
from votes.services.people import village_sheets, villages
from votes.services.suggestions import intake

#: As people say them; the first is what the template offers.
CHANNELS = {
    Channel.VISIT: ("走访座谈", "走访", "座谈", "入户", "接待"),
    Channel.HOTLINE: ("来电热线", "来电", "热线", "电话", "12345"),
    Channel.LETTER: ("来信来函", "来信", "信函", "邮件"),
    Channel.OTHER: ("其他", "其它"),
}
_CHANNEL = {word: channel for channel, words in CHANNELS.items() for word in words}
_KINDS = {
    "": AuthorKind.CITIZEN,
    "群众": AuthorKind.CITIZEN,
    "代表": AuthorKind.DEPUTY,
    "单位": AuthorKind.UNIT,
}
#: In the order of the template.
COLUMNS = (
    xlsx.SheetColumn("标题", 28),
    xlsx.SheetColumn("建议内容", 60, required=True),
    xlsx.SheetColumn("类别", 13, choices=CATEGORIES),
    xlsx.SheetColumn("乡镇（街道）", 13),
    xlsx.SheetColumn("村（社区）", 13),
    xlsx.SheetColumn("具体地点", 24),
    xlsx.SheetColumn("来源渠道", 13, choices=[words[0] for words in CHANNELS.values()], required=True),
    xlsx.SheetColumn("收到日期", 13, "date"),
    xlsx.SheetColumn("建议人", 13),
    xlsx.SheetColumn("身份", 13, choices=("群众", "代表", "单位")),
    xlsx.SheetColumn("联系电话", 13),
    xlsx.SheetColumn("单位", 20),
)


# --- suggestions: writing ------------------------------------------------------------------------------------


def template() -> bytes:
    """Write an empty workbook to be filled in, with the choices of this place."""
    listed = villages.all_villages()
    townships = [township for township, _ in villages.grouped(listed) if township]
    choices = {"乡镇（街道）": townships, "村（社区）": villages.places().choices()}
    return imports.template(SHEET, choices=choices, more=[village_sheets.worksheet()] if listed else [])


# --- suggestions: reading --------------------------------------------------------------------------------------


def _judge(book: imports.Book, *, year: int, now: datetime) -> list[imports.Entry]:
    places, today = villages.places(), local(now).date()
    entries: list[imports.Entry] = []
    for row in book.rows:
        values, problems = _read(row, places, today)
        entries.append({"row": row.number, "year": year, "values": values, "problems": problems})
    return entries


def _compare(entries: list[imports.Entry]) -> list[imports.Entry]:
    years = {entry["year"] for entry in entries}
    query = select(Suggestion.year, Suggestion.content, Suggestion.village_id, Suggestion.number)
    rows = db.session.execute(query.where(Suggestion.year.in_(years)))
    known = {tuple(key): f"已收到的第 {number} 号建议" for *key, number in rows}
    for entry in entries:
        key = (entry["year"], entry["values"]["content"], entry["values"]["village_id"])
        if entry["problems"]:
            entry["status"] = "refused"
        elif key in known:
            entry |= {"status": "same", "problems": [f"与{known[key]}相同，不重复导入。"]}
        else:
            entry["status"], known[key] = "new", f"第 {entry['row']} 行"
    return entries


def _read(row: xlsx.Row, places: Places, today: date) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a row, as JSON can hold them, and the reasons to refuse it."""
    text = {column.name: xlsx.cell_text(row.values.get(column.name)) for column in COLUMNS}
    line = {name: " ".join(value.split()) for name, value in text.items()}
    problems = [f"“{column}”{why}" for column, why in row.unread.items()]
    channel = _CHANNEL.get("".join(text["来源渠道"].split()))
    if channel is None:
        words = "、".join(words[0] for words in CHANNELS.values())
        problems.append(f"来源渠道应为{words}，现为“{text['来源渠道'][:20]}”。")
    kind = _KINDS.get(text["身份"])
    if kind is None:
        problems.append(f"身份应为群众、代表或单位，现为“{text['身份'][:20]}”。")
    village_id = day = None
    try:
        if text["村（社区）"]:
            village_id = places.find(text["村（社区）"], text["乡镇（街道）"])
    except ValueError as error:
        problems.append(str(error))
    with noting(problems, "收到日期"):
        day = read_day(row.values.get("收到日期"))
    if day and not date(2000, 1, 1) <= day <= today:
        problems.append("收到日期不能晚于今天，也不能早于 2000 年。")
    values = {
        "title": line["标题"],
        "content": text["建议内容"],
        "category": text["类别"],
        "place": line["具体地点"],
        "village_id": village_id,
        "channel": channel.value if channel else "",
        "received_on": day.isoformat() if day else None,
        "name": xlsx.close_up(text["建议人"]),
        "phone": tidy_phone(text["联系电话"]),
        "unit": line["单位"],
        "kind": (kind or AuthorKind.CITIZEN).value,
    }
    return values, [*problems, *faults(values).values()]


def _enter(entries: list[imports.Entry], *, by: Actor, now: datetime) -> dict[str, Any]:
    new = [entry for entry in entries if entry["status"] == "new"]
    for entry in new:
        values = entry["values"]
        intake.receive(
            **{name: values[name] for name in ("title", "content", "category", "village_id", "place")},
            channel=Channel(values["channel"]),
            year=entry["year"],
            received_on=date.fromisoformat(values["received_on"]) if values["received_on"] else None,
            author=AuthorText(values["name"], values["phone"], values["unit"], AuthorKind(values["kind"])),
            by=by,
            now=now,
        )
    return {"added": len(new)}


SHEET = imports.Sheet(
    kind="suggestions",
    title="民生实事项目建议",
    sheet_title="建议",
    noun="建议",
    unit="件",
    columns=lambda: COLUMNS,
    notes=(
        "一行一件建议，一事一提。表头的名称不要改动，列的先后不限；标为必需的列：建议内容、来源渠道。",
        "标题可以不填，由系统取建议内容的第一句。",
        "来源渠道：走访座谈、来电热线、来信来函、其他。",
        "村（社区）从列表中选择，或按“村（社区）名单”工作表填写；不同乡镇有同名村的，连乡镇一起写（河镇示例村），或同时填写乡镇（街道）。",
        "建议人、联系电话不公开，只用于回访和答复；不愿留名的可以空着。身份填群众、代表或单位，空着按群众。",
        "收到日期写成 2026-09-20 或 2026年9月20日，空着按导入当天。",
        "上传后先预览，核对无误再导入；有任何一行不能导入时，全部不导入。与已有建议完全相同的行不重复导入。",
    ),
    judge=_judge,
    compare=_compare,
    enter=_enter,
    waits=timedelta(days=7),  # the rows hold names and telephones
    replaces=True,
    personal=("name", "phone", "unit"),
    actions={
        "upload": "suggestion.import_preview",
        "apply": "suggestion.import",
        "discard": "suggestion.import_discard",
    },
)
get_draft = partial(imports.get_draft, SHEET)

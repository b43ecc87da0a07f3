"""Suggestions and the list of villages by Excel: templates, the exported list, and reading one back with a preview."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from votes.clock import local
from votes.db import db
from votes.exports.formats import xlsx
from votes.models import ImportDraft, Suggestion
from votes.rules.people.actor import Actor
from votes.rules.people.places import Places
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.rows import read_day
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import BY_STAFF, AuthorKind, AuthorText, Channel
from votes.services import audit, imports
from votes.services.people import village_sheets, villages
from votes.services.suggestions import authors, intake

KIND = authors.KIND

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
REQUIRED = ("建议内容", "来源渠道")
OPTIONAL = (
    "标题", "类别", "乡镇（街道）", "村（社区）", "具体地点", "收到日期", "建议人", "身份", "联系电话", "单位",
)  # fmt: skip
NOTES = (
    "一行一件建议，一事一提。表头的名称不要改动，列的先后不限；标为必需的列：建议内容、来源渠道。",
    "标题可以不填，由系统取建议内容的第一句。",
    "来源渠道：走访座谈、来电热线、来信来函、其他。",
    "村（社区）从列表中选择，或按“村（社区）名单”工作表填写；不同乡镇有同名村的，连乡镇一起写（河镇示例村），或同时填写乡镇（街道）。",
    "建议人、联系电话不公开，只用于回访和答复；不愿留名的可以空着。身份填群众、代表或单位，空着按群众。",
    "收到日期写成 2026-09-20 或 2026年9月20日，空着按导入当天。",
    "上传后先预览，核对无误再导入；有任何一行不能接受时，全部不导入。与已有建议完全相同的行不重复导入。",
)
#: How long an upload with names and telephones waits to be imported.
WAITS = timedelta(days=7)


# --- suggestions: writing ------------------------------------------------------------------------------------


def template() -> bytes:
    """An empty workbook to be filled, with the choices of this place."""
    listed = villages.all_villages()
    choices: Mapping[str, Sequence[str]] = {
        "来源渠道": [words[0] for words in CHANNELS.values()],
        "类别": CATEGORIES,
        "乡镇（街道）": [township for township, _ in villages.grouped(listed) if township],
        "村（社区）": villages.places().choices(),
        "身份": ("群众", "代表", "单位"),
    }
    widths = {"建议内容": 60, "标题": 28, "具体地点": 24, "单位": 20}
    columns = [
        xlsx.Column(
            name,
            widths.get(name, 13),
            "date" if name == "收到日期" else "text",
            choices=choices.get(name) or None,
        )
        for name in ("标题", "建议内容", *OPTIONAL[1:5], "来源渠道", *OPTIONAL[5:])
    ]
    more = [village_sheets.sheet()] if listed else []
    return xlsx.write("民生实事项目建议", columns, [], sheet_title="建议", notes=NOTES, more=more)


#: Without names and telephones, whoever asks.
EXPORTED = (
    xlsx.Column("编号", 8, "int"),
    xlsx.Column("实施年度", 9, "int"),
    xlsx.Column("收到日期", 16, "date"),
    xlsx.Column("来源渠道", 12),
    xlsx.Column("标题", 30),
    xlsx.Column("建议内容", 60),
    xlsx.Column("类别", 11),
    xlsx.Column("乡镇（街道）", 14),
    xlsx.Column("村（社区）", 14),
    xlsx.Column("具体地点", 22),
    xlsx.Column("联络站", 20),
    xlsx.Column("收集代表", 12),
    xlsx.Column("状态", 10),
    xlsx.Column("归并事项", 28),
    xlsx.Column("不予受理的理由", 28),
)


def export(shown: Iterable[Suggestion], title: str, *, word: Callable[[Any], str]) -> bytes:
    """The list as shown. ``word`` says an enum's member in Chinese."""
    lines = [
        [
            each.number,
            each.year,
            local(each.received_at).date(),
            word(each.channel),
            each.title,
            each.content,
            each.category,
            each.village.township if each.village else "",
            each.village.name if each.village else "",
            each.place,
            each.station.name if each.station else "",
            each.deputy.name if each.deputy else "",
            word(each.state),
            each.matter.title if each.matter else "",
            each.refusal,
        ]
        for each in shown
    ]
    return xlsx.write(title, EXPORTED, lines, sheet_title="建议")


# --- suggestions: reading --------------------------------------------------------------------------------------


def read(filename: str, data: bytes) -> imports.Book:
    """Read an uploaded workbook; needs no database. Raises RuleBroken with words for a file that is none."""
    return imports.read_rows(filename, data, REQUIRED, OPTIONAL)


def get_draft(draft_id: int) -> ImportDraft | None:
    """The workbook that was read, if it is of the body in scope and of suggestions."""
    return db.session.scalar(select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.kind == KIND))


def preview(book: imports.Book, *, year: int, by: Actor, now: datetime) -> ImportDraft:
    """Keep what was read, each line judged as new, there already or refused; nothing else changes.

    What the same member of staff had uploaded before and not imported is dropped, and whatever has waited for a week: it
    holds names. `rows` of the
    draft: dicts with row, status, values, problems.
    """
    if by.user_id is not None:
        authors.forget_uploads(by.user_id)
    _forget_old(now)
    places = villages.places()
    there = {(content, village_id): number for content, village_id, number in db.session.execute(
        select(Suggestion.content, Suggestion.village_id, Suggestion.number).where(Suggestion.year == year)
    )}  # fmt: skip
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[str, int | None], int] = {}
    for line in book.rows:
        values, problems = _line(line, places, local(now).date())
        key = (str(values["content"]), values["village_id"])
        entry: dict[str, Any] = {
            "row": line.number, "year": year, "values": values, "problems": problems, "status": "new",
        }  # fmt: skip
        if problems:
            entry["status"] = "refused"
        elif key in there:
            entry |= {"status": "same", "problems": [f"与已收到的第 {there[key]} 号建议相同，不重复导入。"]}
        elif key in seen:
            entry |= {"status": "same", "problems": [f"与第 {seen[key]} 行相同，不重复导入。"]}
        else:
            seen[key] = line.number
        rows.append(entry)
    draft = imports.keep_draft(KIND, book, rows, by=by, now=now)
    audit.record("suggestion.import_preview", by=by, at=now, about=draft, after=imports.counts(draft))
    return draft


def _forget_old(now: datetime) -> None:
    """Drop what nobody has imported within the week in which it was uploaded, whoever did."""
    db.session.execute(
        delete(ImportDraft).where(
            ImportDraft.kind == KIND, ImportDraft.applied_at.is_(None), ImportDraft.created_at < now - WAITS
        ),
        execution_options={"synchronize_session": False},
    )


def _line(line: xlsx.Row, places: Places, today: date) -> tuple[dict[str, Any], list[str]]:
    """(values as JSON, reasons to refuse) of one line of the sheet."""
    text = {name: xlsx.cell_text(value) for name, value in line.values.items()}
    problems = [f"“{column}”{why}" for column, why in line.unread.items()]
    channel = _CHANNEL.get("".join(text["来源渠道"].split()))
    if channel is None:
        words = "、".join(words[0] for words in CHANNELS.values())
        problems.append(f"来源渠道应为{words}，现为“{text['来源渠道'][:20]}”。")
    kind = _KINDS.get(text.get("身份", ""))
    if kind is None:
        problems.append(f"身份应为群众、代表或单位，现为“{text['身份'][:20]}”。")
    village_id = None
    try:
        if text.get("村（社区）"):
            village_id = places.find(text["村（社区）"], text.get("乡镇（街道）", ""))
    except ValueError as error:
        problems.append(str(error))
    try:
        day = read_day(line.values.get("收到日期"))
    except ValueError as error:
        day = None
        problems.append(f"收到日期：{error}")
    if day and not date(2000, 1, 1) <= day <= today:
        problems.append("收到日期不能晚于今天，也不能早于 2000 年。")
    values = {
        "title": " ".join(text.get("标题", "").split()),
        "content": text["建议内容"],
        "category": text.get("类别", ""),
        "place": " ".join(text.get("具体地点", "").split()),
        "village_id": village_id,
        "channel": channel.value if channel else "",
        "received_on": day.isoformat() if day else None,
        "name": xlsx.close_up(text.get("建议人", "")),
        "phone": rules.tidy_phone(text.get("联系电话", "")),
        "unit": " ".join(text.get("单位", "").split()),
        "kind": (kind or AuthorKind.CITIZEN).value,
    }
    return values, [*problems, *rules.faults(values).values()]


def apply(draft: ImportDraft, *, by: Actor, now: datetime) -> int:
    """Do what the preview showed, all of it or nothing; names and telephones then leave the draft.

    Returns how many came in. Raises RuleBroken where a line was refused or the file was imported before.
    """
    imports.check_applicable(draft)
    added = 0
    for row in draft.rows:
        if row["status"] != "new":
            continue
        values = row["values"]
        intake.receive(
            channel=Channel(values["channel"]),
            title=values["title"],
            content=values["content"],
            category=values["category"],
            village_id=values["village_id"],
            place=values["place"],
            year=row["year"],
            received_on=date.fromisoformat(values["received_on"]) if values["received_on"] else None,
            author=AuthorText(values["name"], values["phone"], values["unit"], AuthorKind(values["kind"])),
            by=by,
            now=now,
        )
        added += 1
    draft.rows = [
        {**row, "values": {**row["values"], "name": "", "phone": "", "unit": ""}} for row in draft.rows
    ]
    draft.applied_at = now
    audit.record("suggestion.import", by=by, at=now, about=draft, after={"added": added})
    return added


assert set(CHANNELS) == set(BY_STAFF)


# --- villages ----------------------------------------------------------------------------------------------------

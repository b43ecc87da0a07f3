"""Suggestions and the list of villages by Excel: templates, the exported list, and reading one back with a preview."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from votes.clock import local
from votes.db import db
from votes.exports import xlsx
from votes.models import ImportDraft, Suggestion
from votes.rules import suggestions as rules
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Actor
from votes.rules.places import Places
from votes.rules.project_rows import read_day
from votes.rules.projects import CATEGORIES
from votes.rules.suggestions import BY_STAFF, AuthorKind, AuthorText, Channel
from votes.services import audit, seasons, solicitation, suggestion_authors

KIND, VILLAGES = suggestion_authors.KIND, "villages"

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
MOST_ROWS = 1000
#: How long an upload with names and telephones waits to be imported.
WAITS = timedelta(days=7)


@dataclass(frozen=True)
class Book:
    """What stands in an uploaded workbook."""

    filename: str
    rows: list[xlsx.Row]


def _read(filename: str, data: bytes, required: Sequence[str], optional: Sequence[str]) -> Book:
    try:
        found = xlsx.read(data, columns=required, optional=optional, max_rows=MOST_ROWS)
    except xlsx.SheetError as error:
        raise RuleBroken(str(error), field="file", code="bad_sheet", status=422) from error
    return Book(filename, found)


def counts(draft: ImportDraft) -> dict[str, int]:
    """How many lines are new, there already, refused."""
    return {
        status: sum(row["status"] == status for row in draft.rows) for status in ("new", "same", "refused")
    }


def _check_applicable(draft: ImportDraft) -> None:
    if draft.applied_at is not None:
        raise RuleBroken("这份文件已经导入，不会重复导入。", code="applied")
    if any(row["status"] == "refused" for row in draft.rows):
        raise RuleBroken("有不能接受的行，全部没有导入。请改正后重新上传。", code="refused_rows", status=422)


def _draft(kind: str, book: Book, rows: list[dict[str, Any]], *, by: Actor, now: datetime) -> ImportDraft:
    draft = ImportDraft(
        kind=kind, filename=book.filename[-200:], rows=rows, created_at=now, created_by_id=by.user_id
    )
    db.session.add(draft)
    db.session.flush()
    return draft


# --- suggestions: writing ------------------------------------------------------------------------------------


def template() -> bytes:
    """An empty workbook to be filled, with the choices of this place."""
    listed = seasons.villages()
    choices: Mapping[str, Sequence[str]] = {
        "来源渠道": [words[0] for words in CHANNELS.values()],
        "类别": CATEGORIES,
        "乡镇（街道）": [township for township, _ in seasons.grouped(listed) if township],
        "村（社区）": seasons.places().choices(),
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
    more = [village_sheet()] if listed else []
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


def read(filename: str, data: bytes) -> Book:
    """Read an uploaded workbook; needs no database. Raises RuleBroken with words for a file that is none."""
    return _read(filename, data, REQUIRED, OPTIONAL)


def get_draft(draft_id: int) -> ImportDraft | None:
    """The workbook that was read, if it is of the body in scope and of suggestions."""
    return db.session.scalar(select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.kind == KIND))


def preview(book: Book, *, year: int, by: Actor, now: datetime) -> ImportDraft:
    """Keep what was read, each line judged as new, there already or refused; nothing else changes.

    What the same member of staff had uploaded before and not imported is dropped, and whatever has waited for a week: it
    holds names. `rows` of the
    draft: dicts with row, status, values, problems.
    """
    if by.user_id is not None:
        suggestion_authors.forget_uploads(by.user_id)
    _forget_old(now)
    places = seasons.places()
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
    draft = _draft(KIND, book, rows, by=by, now=now)
    audit.record("suggestion.import_preview", by=by, at=now, about=draft, after=counts(draft))
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
    _check_applicable(draft)
    added = 0
    for row in draft.rows:
        if row["status"] != "new":
            continue
        values = row["values"]
        solicitation.receive(
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

VILLAGE_COLUMNS = ("乡镇（街道）", "村（社区）")
VILLAGE_NOTES = (
    "一行一个村（社区），按希望显示的先后填写。表头的名称不要改动。",
    "只增加名单中没有的；已有的不改动。停用请在名单页面办理。",
)


def village_template() -> bytes:
    """An empty list of villages to be filled."""
    columns = [xlsx.Column(name, 24) for name in VILLAGE_COLUMNS]
    return xlsx.write("村（社区）名单", columns, [], sheet_title="名单", notes=VILLAGE_NOTES)


def village_sheet() -> xlsx.Sheet:
    """The list in use, as a further sheet of a workbook in which places are typed."""
    lines = [[each.township, each.name] for each in seasons.villages()]
    return xlsx.Sheet("村（社区）名单", [xlsx.Column(name, 24) for name in VILLAGE_COLUMNS], lines)


def export_villages() -> bytes:
    """The list as it stands, in the columns of the template."""
    columns = [*(xlsx.Column(name, 24) for name in VILLAGE_COLUMNS), xlsx.Column("状态", 10)]
    lines = [
        [each.township, each.name, "使用中" if each.active else "已停用"]
        for each in seasons.villages(active_only=False)
    ]
    return xlsx.write("村（社区）名单", columns, lines, sheet_title="名单")


def read_villages(filename: str, data: bytes) -> Book:
    """Read an uploaded list; needs no database. Raises RuleBroken with words for a file that is none."""
    return _read(filename, data, VILLAGE_COLUMNS[1:], VILLAGE_COLUMNS[:1])


def get_village_draft(draft_id: int) -> ImportDraft | None:
    return db.session.scalar(
        select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.kind == VILLAGES)
    )


def preview_villages(book: Book, *, by: Actor, now: datetime) -> ImportDraft:
    """Keep what was read, each line judged as new, there already or refused."""
    there = {(each.township, each.name) for each in seasons.villages(active_only=False)}
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for line in book.rows:
        township, name = ("".join(xlsx.cell_text(line.values.get(c)).split()) for c in VILLAGE_COLUMNS)
        problems = [f"“{column}”{why}" for column, why in line.unread.items()]
        status = "new"
        if not name:
            problems.append("没有填写村（社区）名称。")
        if max(len(township), len(name)) > 60:
            problems.append("名称最多 60 个字。")
        if (township, name) in seen:
            problems.append(f"与第 {seen[township, name]} 行相同，请删去一行。")
        if problems:
            status = "refused"
        elif (township, name) in there:
            status = "same"
        seen.setdefault((township, name), line.number)
        values = {"township": township, "name": name}
        rows.append({"row": line.number, "status": status, "values": values, "problems": problems})
    return _draft(VILLAGES, book, rows, by=by, now=now)


def apply_villages(draft: ImportDraft, *, by: Actor, now: datetime) -> int:
    """Enter the new ones, all or nothing. Returns how many."""
    _check_applicable(draft)
    pairs = [
        (row["values"]["township"], row["values"]["name"]) for row in draft.rows if row["status"] == "new"
    ]
    if pairs:
        seasons.add_villages(pairs, by=by, now=now)
    draft.applied_at = now
    return len(pairs)

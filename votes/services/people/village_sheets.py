"""The list of villages by Excel: template, the exported list, and reading one back with a preview."""

from datetime import datetime
from functools import partial
from typing import Any

from votes.exports.formats import xlsx
from votes.rules.people.actor import Actor
from votes.services import imports
from votes.services.people import villages

COLUMNS = (xlsx.SheetColumn("乡镇（街道）", 24), xlsx.SheetColumn("村（社区）", 24, required=True))


def worksheet() -> xlsx.Worksheet:
    """Return the list in use, as a further worksheet of a workbook in which places are typed."""
    rows = [[each.township, each.name] for each in villages.all_villages()]
    return xlsx.Worksheet(SHEET.title, COLUMNS, rows)


def export() -> bytes:
    """Write the list as it stands, in the columns of the template."""
    rows = [
        [each.township, each.name, "使用中" if each.active else "已停用"]
        for each in villages.all_villages(active_only=False)
    ]
    return xlsx.write(
        SHEET.title, (*COLUMNS, xlsx.SheetColumn("状态", 10)), rows, sheet_title=SHEET.sheet_title
    )


def _judge(book: imports.Book, *, now: datetime) -> list[imports.Entry]:
    first: dict[tuple[str, str], int] = {}
    entries: list[imports.Entry] = []
    for row in book.rows:
        township, name = ("".join(xlsx.cell_text(row.values.get(c.name)).split()) for c in COLUMNS)
        problems = [f"“{column}”{why}" for column, why in row.unread.items()]
        if not name:
            problems.append("没有填写村（社区）名称。")
        if max(len(township), len(name)) > 60:
            problems.append("名称最多 60 个字。")
        if (township, name) in first:
            problems.append(f"与第 {first[township, name]} 行相同，请删去一行。")
        first.setdefault((township, name), row.number)
        values = {"township": township, "name": name}
        entries.append({"row": row.number, "values": values, "problems": problems})
    return entries


def _compare(entries: list[imports.Entry]) -> list[imports.Entry]:
    known = {(each.township, each.name) for each in villages.all_villages(active_only=False)}
    for entry in entries:
        same = (entry["values"]["township"], entry["values"]["name"]) in known
        entry["status"] = "refused" if entry["problems"] else "same" if same else "new"
    return entries


def _enter(entries: list[imports.Entry], *, by: Actor, now: datetime) -> dict[str, Any]:
    pairs = [(e["values"]["township"], e["values"]["name"]) for e in entries if e["status"] == "new"]
    if pairs:
        villages.add_villages(pairs, by=by, now=now)
    return {"added": len(pairs)}


SHEET = imports.Sheet(
    kind="villages",
    title="村（社区）名单",
    sheet_title="名单",
    noun="名单",
    unit="个",
    columns=lambda: COLUMNS,
    notes=(
        "一行一个村（社区），按希望显示的先后填写。表头的名称不要改动。",
        "只增加名单中没有的；已有的不改动。停用请在名单页面办理。",
    ),
    judge=_judge,
    compare=_compare,
    enter=_enter,
    actions={"discard": "village.import_discard"},
)
get_draft = partial(imports.get_draft, SHEET)

"""The list of villages by Excel: template, the exported list, and reading one back with a preview."""

from datetime import datetime

from sqlalchemy import select

from votes.db import db
from votes.exports.formats import xlsx
from votes.models import ImportDraft
from votes.rules.people.actor import Actor
from votes.services import imports
from votes.services.people import villages

KIND = "villages"
COLUMNS = ("乡镇（街道）", "村（社区）")
NOTES = (
    "一行一个村（社区），按希望显示的先后填写。表头的名称不要改动。",
    "只增加名单中没有的；已有的不改动。停用请在名单页面办理。",
)


def template() -> bytes:
    """An empty list of villages to be filled."""
    columns = [xlsx.Column(name, 24) for name in COLUMNS]
    return xlsx.write("村（社区）名单", columns, [], sheet_title="名单", notes=NOTES)


def sheet() -> xlsx.Sheet:
    """The list in use, as a further sheet of a workbook in which places are typed."""
    lines = [[each.township, each.name] for each in villages.all_villages()]
    return xlsx.Sheet("村（社区）名单", [xlsx.Column(name, 24) for name in COLUMNS], lines)


def export() -> bytes:
    """The list as it stands, in the columns of the template."""
    columns = [*(xlsx.Column(name, 24) for name in COLUMNS), xlsx.Column("状态", 10)]
    lines = [
        [each.township, each.name, "使用中" if each.active else "已停用"]
        for each in villages.all_villages(active_only=False)
    ]
    return xlsx.write("村（社区）名单", columns, lines, sheet_title="名单")


def read(filename: str, data: bytes) -> imports.Book:
    """Read an uploaded list; needs no database. Raises RuleBroken with words for a file that is none."""
    return imports.read_rows(filename, data, COLUMNS[1:], COLUMNS[:1])


def get_draft(draft_id: int) -> ImportDraft | None:
    return db.session.scalar(select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.kind == KIND))


def preview(book: imports.Book, *, by: Actor, now: datetime) -> ImportDraft:
    """Keep what was read, each line judged as new, there already or refused."""
    there = {(each.township, each.name) for each in villages.all_villages(active_only=False)}
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for line in book.rows:
        township, name = ("".join(xlsx.cell_text(line.values.get(c)).split()) for c in COLUMNS)
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
    return imports.keep_draft(KIND, book, rows, by=by, now=now)


def apply(draft: ImportDraft, *, by: Actor, now: datetime) -> int:
    """Enter the new ones, all or nothing. Returns how many."""
    imports.check_applicable(draft)
    pairs = [
        (row["values"]["township"], row["values"]["name"]) for row in draft.rows if row["status"] == "new"
    ]
    if pairs:
        villages.add_villages(pairs, by=by, now=now)
    draft.applied_at = now
    return len(pairs)

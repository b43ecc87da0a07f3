"""Excel workbooks on their way in: template, reading, preview, and applying all rows or none.

A `Sheet` declares what is particular to one kind of workbook: its columns, how a row is judged, how it compares
with the database, and how it is entered. The functions here take the same steps for every kind, so that a file that
cannot be read, an empty one, a second apply and two people who apply at once meet the same answer everywhere.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import delete, select

from votes.db import db, locked
from votes.exports.formats import xlsx
from votes.models import Body, ImportDraft
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.services import audit

#: One row of a draft, as JSON holds it: `row` (its number in Excel), `values`, `problems` (reasons to refuse it),
#: `status`, `changes` ([column, before, after]), and what the sheet adds (the year, the name of the worksheet).
Entry = dict[str, Any]
#: In the order in which a preview lists them. "gone": in the database and not in the file, so without a `row`.
STATUSES = ("refused", "new", "changed", "gone", "same")
#: For `Sheet.personal`: every row goes once the draft is applied.
ALL_ROWS = ("*",)


@dataclass(frozen=True)
class Book:
    """The rows of an uploaded workbook; `parts` are those of its second worksheet, where the sheet has one."""

    filename: str
    rows: list[xlsx.Row]
    parts: list[xlsx.Row] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One kind of workbook.

    `judge` turns the rows of a file into entries (`row`, `values`, `problems`); `compare` sets `status` and `changes`
    of entries against the database and may add those that are "gone"; `enter` changes the database and answers how
    many rows it added, changed or ended (as the audit log has it).
    """

    kind: str
    title: str
    sheet_title: str
    noun: str  # names what the sheet fills in the sentences of the pages: 名册, 项目
    unit: str  # the measure word of its rows: 人, 项
    columns: Callable[[], Sequence[xlsx.SheetColumn]]
    notes: Sequence[str] = ()
    parts: Sequence[xlsx.SheetColumn] = ()  # of a second worksheet that may be absent
    judge: Callable[..., list[Entry]]
    compare: Callable[[list[Entry]], list[Entry]]
    enter: Callable[..., dict[str, Any]]
    statuses: Sequence[str] = ("new", "same", "refused")
    gone: str = ""  # the page's word for the status "gone"
    most_rows: int = 1000
    waits: timedelta = timedelta(days=30)  # an upload that nobody applies is deleted after this time
    replaces: bool = False  # a new upload deletes what the same user has uploaded and not applied
    personal: Sequence[str] = ()  # the values that are blanked once the draft is applied
    #: "upload", "apply", "discard" → the action of the audit log; without one nothing is recorded here
    actions: Mapping[str, str] = field(default_factory=dict, hash=False)


def template(
    sheet: Sheet,
    *,
    title: str = "",
    rows: Sequence[Sequence[Any]] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    hints: Mapping[str, str] | None = None,
    more: Sequence[xlsx.Worksheet] = (),
) -> bytes:
    """Write the workbook to be filled in.

    ``title`` and ``hints`` (column → note shown at its cells) take the place of what the sheet declares, ``choices``
    (column → what its drop-down offers) add to it. ``rows`` are filled in already: an example, or the list as it
    stands. ``more`` are further worksheets.
    """
    choices, hints = choices or {}, hints or {}
    columns = []
    for each in sheet.columns():
        shown = choices.get(each.name) or each.choices
        columns.append(replace(each, choices=shown, note=hints.get(each.name, each.note)))
    return xlsx.write(
        title or sheet.title, columns, rows, sheet_title=sheet.sheet_title, notes=sheet.notes, more=more
    )


def read(sheet: Sheet, filename: str, data: bytes) -> Book:
    """Read an uploaded workbook; needs no database.

    Raises:
        RuleBroken: at the field "file", for a file that is no workbook, lacks the head line or a required column, has
            nothing under it, or has too many rows.
    """
    try:
        rows = xlsx.read(data, **_names(sheet.columns()), max_rows=sheet.most_rows)
        parts = xlsx.read(data, **_names(sheet.parts), may_be_absent=True) if sheet.parts else []
    except xlsx.SheetError as error:
        raise RuleBroken(str(error), field="file", code="bad_sheet", status=422) from error
    return Book(filename, rows, parts)


def bare(columns: Sequence[xlsx.SheetColumn]) -> list[xlsx.SheetColumn]:
    """Return the columns of an exported list: those of the template, without drop-downs and notes."""
    return [xlsx.SheetColumn(column.name, column.width, column.kind) for column in columns]


def _names(columns: Sequence[xlsx.SheetColumn]) -> dict[str, Any]:
    return {
        "columns": [column.name for column in columns if column.required],
        "optional": [column.name for column in columns if not column.required],
    }


def preview(sheet: Sheet, book: Book, *, by: Actor, now: datetime, **context: Any) -> ImportDraft:
    """Keep the rows of a workbook, each judged, as a draft to be applied. Nothing else changes.

    ``context`` (a year, a meeting) is handed to the sheet's `judge`. Uploads that have waited too long are deleted.
    Raises RuleBroken at the field "file" when no row is left to be judged.
    """
    entries = sheet.judge(book, now=now, **context)
    if not entries:
        raise invalid("file", "表中没有可以导入的内容。请填写后重新上传。", code="empty")
    if sheet.replaces and by.user_id is not None:
        forget(sheet.kind, ImportDraft.created_by_id == by.user_id)
    forget_old(sheet, now)
    draft = ImportDraft(
        kind=sheet.kind,
        filename=PurePath(book.filename.replace("\\", "/")).name[-200:] or f"{sheet.title}.xlsx",
        rows=_compared(sheet, entries),
        created_at=now,
        created_by_id=by.user_id,
    )
    db.session.add(draft)
    db.session.flush()
    _log(sheet, "upload", draft, counts(sheet, draft.rows), by=by, now=now)
    return draft


def _log(
    sheet: Sheet, act: str, draft: ImportDraft, after: Mapping[str, Any], *, by: Actor, now: datetime
) -> None:
    if act in sheet.actions:
        audit.record(sheet.actions[act], by=by, at=now, about=draft, after=after)


def _compared(sheet: Sheet, entries: list[Entry]) -> list[Entry]:
    blank: Entry = {"status": "", "changes": []}
    return sheet.compare([entry | blank for entry in entries])


def get_draft(sheet: Sheet, draft_id: int) -> ImportDraft | None:
    """Return the draft, if it is of this kind and of the body in scope."""
    query = select(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.kind == sheet.kind)
    return db.session.scalar(query)


def counts(sheet: Sheet, rows: Sequence[Entry]) -> dict[str, int]:
    """Count the rows of each status that the sheet knows."""
    return {status: sum(row["status"] == status for row in rows) for status in sheet.statuses}


def fresh(sheet: Sheet, draft: ImportDraft) -> list[Entry]:
    """Compare the rows of a draft with the database as it is now.

    A draft that was applied, or that has refused rows and cannot be, stays as it was judged.
    """
    if draft.applied_at is not None or _refused(draft.rows):
        return draft.rows
    return _compared(sheet, [row | {"problems": []} for row in draft.rows if row["status"] != "gone"])


def digest(rows: Sequence[Entry]) -> str:
    """Identify a comparison: applying asks for the digest of the rows that the user saw."""
    text = json.dumps(list(rows), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _refused(rows: Sequence[Entry]) -> int:
    return sum(row["status"] == "refused" for row in rows)


def apply(
    sheet: Sheet, draft: ImportDraft, *, seen: str | None = None, by: Actor, now: datetime, **options: Any
) -> dict[str, Any]:
    """Enter all rows of a draft, or none; personal values then leave it.

    ``seen`` is the `digest` of the rows that were shown; without it, of those stored at the upload. ``options`` go to the
    sheet's `enter`, whose answer is returned: how many rows were added, changed, ended.

    Raises:
        RuleBroken: where the draft was applied before (code "applied"), a row is refused ("refused_rows"), or the
            database has changed since the preview ("stale").
    """
    _lock(draft)
    if draft.applied_at is not None:
        raise RuleBroken("这份文件已经导入，不会重复导入。", code="applied")
    rows = fresh(sheet, draft)
    if rows is not draft.rows and digest(rows) != (seen or digest(draft.rows)):
        raise stale(sheet.noun)
    if refused := _refused(rows):
        raise RuleBroken(
            f"有 {refused} 行不能导入，全部没有导入。请改正后重新上传。", code="refused_rows", status=422
        )
    outcome = sheet.enter(rows, by=by, now=now, **options)
    _log(sheet, "apply", draft, outcome, by=by, now=now)
    blank = dict.fromkeys(sheet.personal, "")
    draft.rows = (
        [] if sheet.personal == ALL_ROWS else [row | {"values": row["values"] | blank} for row in rows]
    )
    draft.applied_at = now
    db.session.flush()
    return outcome


def _lock(draft: ImportDraft) -> None:
    """Let the imports of one body wait for each other (SQLite has one writer anyway)."""
    db.session.execute(select(Body.id).where(Body.id == db.session.scope).with_for_update(key_share=True))
    if locked(select(ImportDraft).where(ImportDraft.id == draft.id)) is None:
        raise RuleBroken("这份文件刚刚已被放弃，没有导入。请重新上传。", code="discarded")


def stale(noun: str) -> RuleBroken:
    """Return the refusal for what has changed since it was previewed."""
    return RuleBroken(
        f"您预览之后，{noun}又有了变动，没有导入。请核对下面重新比对的结果，再确认导入。",
        code="stale",
        status=422,
    )


def discard(sheet: Sheet, draft: ImportDraft, *, by: Actor, now: datetime) -> None:
    """Delete a draft; what it would have changed was never touched."""
    if draft.applied_at is not None:
        raise RuleBroken("这份文件已经导入，不能放弃。", code="applied")
    _log(sheet, "discard", draft, {}, by=by, now=now)
    db.session.delete(draft)
    db.session.flush()


def forget_old(sheet: Sheet, now: datetime) -> None:
    """Delete the uploads of this kind that nobody has applied in time, whoever made them."""
    forget(sheet.kind, ImportDraft.created_at < now - sheet.waits)


def forget(kind: str, *conditions: Any) -> None:
    """Delete the uploads of a kind that were not applied and meet the conditions."""
    waiting = (ImportDraft.kind == kind, ImportDraft.applied_at.is_(None))
    db.session.execute(delete(ImportDraft).where(*waiting, *conditions))

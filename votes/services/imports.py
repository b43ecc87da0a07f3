"""Workbooks on their way in: read, previewed line by line, applied as a whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from votes.db import db
from votes.exports.formats import xlsx
from votes.models import ImportDraft
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor

MOST_ROWS = 1000


@dataclass(frozen=True)
class Book:
    """What stands in an uploaded workbook."""

    filename: str
    rows: list[xlsx.Row]


def read_rows(filename: str, data: bytes, required: Sequence[str], optional: Sequence[str]) -> Book:
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


def check_applicable(draft: ImportDraft) -> None:
    if draft.applied_at is not None:
        raise RuleBroken("这份文件已经导入，不会重复导入。", code="applied")
    if any(row["status"] == "refused" for row in draft.rows):
        raise RuleBroken("有不能接受的行，全部没有导入。请改正后重新上传。", code="refused_rows", status=422)


def keep_draft(kind: str, book: Book, rows: list[dict[str, Any]], *, by: Actor, now: datetime) -> ImportDraft:
    draft = ImportDraft(
        kind=kind, filename=book.filename[-200:], rows=rows, created_at=now, created_by_id=by.user_id
    )
    db.session.add(draft)
    db.session.flush()
    return draft

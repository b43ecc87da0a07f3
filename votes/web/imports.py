"""The two pages of a workbook on its way in: choose a file, confirm or discard its preview."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.models import ImportDraft
from votes.services import imports
from votes.services.imports import Entry, Sheet
from votes.web.identity import me
from votes.web.uploads import before_the_lock

#: What an applied draft did, in the order of the sentence.
DONE = {"added": "新增", "changed": "修改", "ended": "离任", "removed": "移出"}
STATUS_WORDS = {"refused": "不能导入", "new": "新增", "changed": "修改", "same": "不变"}


@dataclass(frozen=True)
class RowColumn:
    """One column of the rows in a preview: its heading, what it shows of an entry, its CSS class."""

    heading: str
    value: Callable[[Entry], Any]
    css: str = ""


def upload_page(
    sheet: Sheet, form: Any, template: str, *, preview: Callable[..., str], **shown: Any
) -> ResponseReturnValue:
    """Show the upload form, or read the file and go on to its preview.

    ``form`` is a `forms.imports.UploadForm`, ``preview`` gives the URL of the preview of a ``draft_id``, and ``shown`` is
    what the template shows beside the form.
    """

    def keep() -> ImportDraft:
        file = form.file.data
        book = before_the_lock(imports.read, sheet, file.filename or "", file.read())
        return imports.preview(sheet, book, by=me(), now=now(), **form.context)

    if form.accepts(keep):
        return redirect(preview(draft_id=form.outcome.id), 303)
    return render_template(template, sheet=sheet, form=form, **shown), form.status


def preview_page(
    sheet: Sheet,
    draft: ImportDraft,
    form: Any,
    template: str,
    *,
    urls: Mapping[str, str],
    key_columns: Sequence[RowColumn],
    columns: Sequence[RowColumn] = (),
    **shown: Any,
) -> ResponseReturnValue:
    """Show how the rows of a draft compare with the database; on POST apply them, or discard the draft.

    ``form`` is a `forms.imports.ApplyForm`. ``urls`` has the URL of the "upload" form, those that the two buttons post to
    ("apply", "discard"), and that of the page that follows once the rows are entered ("applied"). ``key_columns`` tell
    the rows apart and stand at every status; ``columns`` stand beside them where a row is new, the same or gone.
    """
    if request.method == "POST" and "discard" in request.form:
        return discard_draft(sheet, draft, urls["upload"])
    if form.accepts(lambda: _apply(sheet, draft, form)):
        flash(_done_words(sheet, form.outcome), "success")
        return redirect(urls["applied"], 303)
    rows = imports.fresh(sheet, draft)
    form.seen.data = imports.digest(rows)
    page = render_template(
        template,
        sheet=sheet,
        draft=draft,
        form=form,
        urls=urls,
        groups=_groups(rows),
        counts=imports.counts(sheet, rows),
        words=STATUS_WORDS | {"gone": sheet.gone},
        key_columns=[*key_columns],
        columns=[*columns],
        **shown,
    )
    return page, form.broken.status if form.broken else form.status


def discard_draft(sheet: Sheet, draft: ImportDraft, upload_url: str) -> ResponseReturnValue:
    """Delete the draft and go back to the upload form."""
    imports.discard(sheet, draft, by=me(), now=now())
    flash(f"已放弃这份文件，{sheet.noun}没有变动", "success")
    return redirect(upload_url, 303)


def _apply(sheet: Sheet, draft: ImportDraft, form: Any) -> dict[str, Any]:
    seen = form.seen.data or None
    return imports.apply(sheet, draft, seen=seen, by=me(), now=now(), **form.options)


def _groups(rows: list[Entry]) -> dict[str, list[Entry]]:
    """Return status → its rows, without the statuses of which there is none."""
    groups = {status: [row for row in rows if row["status"] == status] for status in imports.STATUSES}
    return {status: members for status, members in groups.items() if members}


def _done_words(sheet: Sheet, outcome: Mapping[str, Any]) -> str:
    figures = [f"{word} {outcome[key]} {sheet.unit}" for key, word in DONE.items() if key in outcome]
    return f"{sheet.noun}已导入：{'，'.join(figures)}"

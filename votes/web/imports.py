"""The two pages of a workbook on its way in: choose a file, confirm or discard its preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.models import ImportDraft
from votes.services import imports
from votes.web.identity import me
from votes.web.tables import Column
from votes.web.uploads import before_the_lock

#: What an applied draft did, in the order of the sentence.
DONE = {"added": "新增", "changed": "修改", "ended": "离任", "removed": "移出"}
STATUS_WORDS = {"refused": "不能导入", "new": "新增", "changed": "修改", "same": "不变"}


@dataclass(frozen=True, kw_only=True)
class ImportPages:
    """The pages of one sheet.

    ``upload``, ``preview``, ``apply``, ``discard`` and ``applied`` (the page that follows once the rows are entered) are
    endpoints; the preview takes a ``draft_id``, and the two buttons post to it unless they have endpoints of their own.
    ``key_columns`` tell the rows apart and stand at every status; ``columns`` stand beside them where a row is new, the
    same or gone. The templates extend `layouts/import_upload.html` and `layouts/import_preview.html`.
    """

    sheet: imports.Sheet
    upload: str
    preview: str
    applied: str
    apply: str = ""
    discard: str = ""
    upload_template: str
    preview_template: str
    key_columns: Sequence[Column]
    columns: Sequence[Column] = ()

    def choose(self, form: Any, **shown: Any) -> ResponseReturnValue:
        """Show the upload form (a `forms.imports.UploadForm`), or read the file and go on to its preview."""

        def keep() -> ImportDraft:
            file = form.file.data
            book = before_the_lock(imports.read, self.sheet, file.filename or "", file.read())
            return imports.preview(self.sheet, book, by=me(), now=now(), **form.context)

        if form.accepts(keep):
            return redirect(_url(self.preview, draft_id=form.outcome.id), 303)
        return render_template(self.upload_template, sheet=self.sheet, form=form, **shown), form.status

    def check(self, draft: ImportDraft, form: Any, **shown: Any) -> ResponseReturnValue:
        """Show how the rows of a draft compare with the database; on POST apply them, or discard the draft.

        ``form`` is a `forms.imports.ApplyForm`.
        """
        if request.method == "POST" and "discard" in request.form:
            return self.drop(draft)
        if form.accepts(lambda: self._apply(draft, form)):
            flash(self._done_words(form.outcome), "success")
            return redirect(_url(self.applied), 303)
        rows = imports.fresh(self.sheet, draft)
        form.seen.data = imports.digest(rows)
        page = render_template(
            self.preview_template,
            pages=self,
            sheet=self.sheet,
            draft=draft,
            form=form,
            urls=self._urls(draft),
            groups=_groups(rows),
            counts=imports.counts(self.sheet, rows),
            words=STATUS_WORDS | {"gone": self.sheet.gone},
            **shown,
        )
        return page, form.broken.status if form.broken else form.status

    def drop(self, draft: ImportDraft) -> ResponseReturnValue:
        """Delete a draft, and go back to the upload form."""
        imports.discard(self.sheet, draft, by=me(), now=now())
        flash(f"已放弃这份文件，{self.sheet.noun}没有变动", "success")
        return redirect(_url(self.upload), 303)

    def _apply(self, draft: ImportDraft, form: Any) -> dict[str, Any]:
        seen = form.seen.data or None
        return imports.apply(self.sheet, draft, seen=seen, by=me(), now=now(), **form.options)

    def _done_words(self, outcome: Mapping[str, Any]) -> str:
        figures = [f"{word} {outcome[key]} {self.sheet.unit}" for key, word in DONE.items() if key in outcome]
        return f"{self.sheet.noun}已导入：{'，'.join(figures)}"

    def _urls(self, draft: ImportDraft) -> dict[str, str]:
        return {
            "upload": _url(self.upload),
            "applied": _url(self.applied),
            "apply": _url(self.apply or self.preview, draft_id=draft.id),
            "discard": _url(self.discard or self.preview, draft_id=draft.id),
        }


def _url(endpoint: str, **values: Any) -> str:
    """Build a URL with the arguments of the page that is shown (a meeting), but for its draft."""
    own = {key: value for key, value in (request.view_args or {}).items() if key != "draft_id"}
    return url_for(endpoint, **own, **values)


def _groups(rows: list[imports.Entry]) -> dict[str, list[imports.Entry]]:
    """Return status → its rows, for each status that occurs."""
    groups = {status: [row for row in rows if row["status"] == status] for status in imports.STATUSES}
    return {status: members for status, members in groups.items() if members}

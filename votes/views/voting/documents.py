"""The papers of the day of a round: what there is, each as Word and PDF, all as one zip."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.forms.base import ActionForm
from votes.models import Round
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.rules.voting.meeting_documents import BY_KEY
from votes.services.meeting import rounds
from votes.services.voting import meeting_documents
from votes.web import download_parts
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.pages import DOCX, PDF, download
from votes.web.transaction import reading, release_lock

bp = Pages(
    "documents", __name__, Layout.OFFICE, within="sessions", url_prefix="/office/rounds/<int:round_id>/papers"
)


@bp.get("")
@allow(P.ROUND_READ, round_=rounds.get_round)
def index(round_: Round) -> ResponseReturnValue:
    return render_template(
        "voting/documents/index.html",
        round=round_,
        papers=meeting_documents.overview(round_),
        parts=meeting_documents.parts(round_),
        after=AFTER,
        form=ActionForm(),
    )


def _one(round_: Round, name: str, kind: str) -> ResponseReturnValue:
    draw = meeting_documents.make(round_, f"{name}.{kind}", today=today())
    return download(draw(), f"{BY_KEY[name].name}-{round_.title}.{kind}", PDF if kind == "pdf" else DOCX)


@bp.get("/<any(method, points, sample, script, signing_in, attendance):name>.<any(pdf, docx):kind>")
@allow(P.ROUND_READ, round_=rounds.get_round)
def before(round_: Round, name: str, kind: str) -> ResponseReturnValue:
    """Papers without a number of votes."""
    return _one(round_, name, kind)


AFTER = ("sheet", "report", "announcement", "slips")


@bp.get("/<any(sheet, report, announcement, slips):name>.<any(pdf, docx):kind>")
@allow(P.RESULT_READ, round_=rounds.get_round)
def after(round_: Round, name: str, kind: str) -> ResponseReturnValue:
    """Papers with the result."""
    return _one(round_, name, kind)


@bp.post("")
@reading  # makes files, changes no row: the write lock is not taken
@allow(P.ROUND_READ, round_=rounds.get_round)
def make(round_: Round) -> ResponseReturnValue:
    """All papers as one zip. With a script the page asks for each part (`part`), then for what it has made (`job`);
    without one the button asks for the whole (`whole`), which takes a while."""
    download_parts.sweep()
    job, key = request.form.get("job", ""), request.form.get("part", "")
    owner, parts = round_.public_id, meeting_documents.parts(round_)
    if key:
        part = next((each for each in parts if each.key == key), None)
        if part is None:
            raise RuleBroken("没有这种文书，或者现在还不能生成。", status=404)
        draw = meeting_documents.make(round_, key, today=today())
        release_lock()
        download_parts.put(owner, job, part.file, draw())
        return "", 204
    if "whole" not in request.form:
        files = download_parts.take(owner, job, [part.file for part in parts])
    else:
        drawn = {part.file: meeting_documents.make(round_, part.key, today=today()) for part in parts}
        files = {file: draw() for file, draw in drawn.items()}
    return download(
        meeting_documents.pack(round_, files), meeting_documents.file_name(round_), "application/zip"
    )

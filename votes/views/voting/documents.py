"""The documents of the day of a round: a list, each as Word and PDF, all as one zip."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import today
from votes.forms.base import ActionForm
from votes.models import Round
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.rules.voting.meeting_documents import AFTER, BY_KEY
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
    papers, parts = meeting_documents.overview(round_), meeting_documents.parts(round_)
    facts = {"papers": papers, "parts": parts, "after": AFTER, "form": ActionForm()}
    return render_template("voting/documents/index.html", round=round_, **facts)


def _one(round_: Round, name: str, kind: str) -> ResponseReturnValue:
    draw = meeting_documents.make(round_, f"{name}.{kind}", today=today())
    return download(draw(), f"{BY_KEY[name].name}-{round_.title}.{kind}", PDF if kind == "pdf" else DOCX)


@bp.get("/<any(method, points, sample, script, signing_in, attendance):name>.<any(pdf, docx):kind>")
@allow(P.ROUND_READ, round_=rounds.get_round)
def before(round_: Round, name: str, kind: str) -> ResponseReturnValue:
    """Send a document without a number of votes."""
    return _one(round_, name, kind)


@bp.get("/<any(sheet, report, announcement, slips):name>.<any(pdf, docx):kind>")
@allow(P.RESULT_READ, round_=rounds.get_round)
def after(round_: Round, name: str, kind: str) -> ResponseReturnValue:
    """Send a document with the result."""
    return _one(round_, name, kind)


@bp.post("")
@reading  # makes files, changes no row: the write lock is not taken
@allow(P.ROUND_READ, round_=rounds.get_round)
def make(round_: Round) -> ResponseReturnValue:
    """Send all documents as one zip, or make one of them (`part`)."""
    download_parts.sweep()
    if key := request.form.get("part", ""):
        return _make_part(round_, key)
    name = meeting_documents.file_name(round_)
    return download(meeting_documents.pack(round_, _files(round_), name), name, "application/zip")


def _files(round_: Round) -> dict[str, bytes]:
    """Return the files of the set by name.

    With a script the page has asked for each file and now asks for all that were made (`job`). Without one the button
    asks for the whole (`whole`), which takes a while.
    """
    parts = meeting_documents.parts(round_)
    if "whole" not in request.form:
        return download_parts.take(round_.public_id, request.form.get("job", ""), list(parts.values()))
    drawn = {file: meeting_documents.make(round_, key, today=today()) for key, file in parts.items()}
    return {file: draw() for file, draw in drawn.items()}


def _make_part(round_: Round, key: str) -> ResponseReturnValue:
    file = meeting_documents.parts(round_).get(key)
    if file is None:
        raise RuleBroken("没有这种文书，或者现在还不能生成。", status=404)
    draw = meeting_documents.make(round_, key, today=today())
    release_lock()
    download_parts.put(round_.public_id, request.form.get("job", ""), file, draw())
    return "", 204

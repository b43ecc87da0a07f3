"""What many views share: redirects with a message, page numbers, downloads."""

import unicodedata
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from votes.exports.formats.layout import Paper, to_docx, to_pdf


def done(message: str, endpoint: str, **values: Any) -> BaseResponse:
    """Flash ``message`` and redirect (303: a reload does not send the form again)."""
    flash(message, "success")
    return redirect(url_for(endpoint, **values), 303)


def form_page(template: str, form: Any, **shown: Any) -> tuple[str, int]:
    """Render the page of ``form``, with a status that says whether what was typed is accepted."""
    return render_template(template, form=form, **shown), form.status


def public_url(endpoint: str, **values: Any) -> str:
    """Return the whole URL of a page, for QR codes, feeds and data that leave the site."""
    return f"{current_app.config['PUBLIC_URL']}{url_for(endpoint, **values)}"


def number(text: Any) -> int | None:
    """Return the id, year or count that ``text`` is, out of a URL or a field; None for any other text."""
    digits = str(text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def page_number() -> int:
    """Return the page of a list that the query string asks for, from 1."""
    try:
        return max(int(request.args.get("page", 1)), 1)
    except ValueError:
        return 1


def download(data: bytes, filename: str, media_type: str) -> Response:
    """Return a file for the browser to save, its Chinese name encoded so that all browsers read it."""
    response = make_response(data)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


def download_paper(paper: Paper, name: str, kind: str) -> Response:
    """Return a document as a file called ``name``, of the ``kind`` "pdf" or "docx"."""
    if kind == "pdf":
        return download(to_pdf(paper), f"{name}.pdf", PDF)
    return download(to_docx(paper), f"{name}.docx", DOCX)


def safe_next(default: str) -> str:
    """Return the URL that was requested before signing in, if it is on this site; else ``default``."""
    target = request.args.get("next") or request.form.get("next") or ""
    return target if _stays_here(target) else default


def _stays_here(target: str) -> bool:
    """Tell whether ``target`` is a path on this site, however often a browser or a proxy may decode it."""
    for _ in range(6):
        signs = unicodedata.normalize("NFKC", target)  # a full-width slash is a slash to some programs
        first = urlsplit(signs) if signs.startswith("/") and not signs.startswith("//") else None
        if first is None or first.netloc or first.scheme or "\\" in signs or not signs.isprintable():
            return False
        decoded = unquote(target, errors="replace")
        if decoded == target:
            return True
        target = decoded
    return False

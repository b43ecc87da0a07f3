"""Uploaded files: preparing them outside the write lock, and sending them."""

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from flask import Response, send_file

from votes.clock import now
from votes.db import db
from votes.models import Attachment, SignedList
from votes.services import uploads
from votes.services.meeting import rounds
from votes.web.transaction import database, write_from_here

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def before_the_lock(
    work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run long work that needs no database (reading a workbook, resizing photos) without the write lock.

    Rolls the request's transaction back first. Rows loaded so far are read again when they are next used, so a change
    of them asks the rules anew.
    """
    db.session.rollback()
    result = work(*args, **kwargs)
    write_from_here()
    return result


def prepared(
    prepare: Callable[..., list[uploads.Prepared]], files: Sequence[uploads.Upload]
) -> list[uploads.Prepared]:
    """Return what ``prepare`` (of `services.uploads` or `services.suggestions.intake`) makes of the files of a form.

    Raises RuleBroken as it does, and for a picture that is sent while a hall votes.
    """
    with database().work(write=False):
        voting = rounds.a_hall_votes(now())
    return before_the_lock(prepare, files, voting=voting)


def drawn(photos: Sequence[uploads.Upload]) -> list[uploads.Prepared]:
    """Return the photos of a form, resized without the write lock; none where none were chosen."""
    return prepared(uploads.prepare_photos, photos) if photos else []


def send_kept(scan: SignedList) -> Response:
    """Return the response with a scan that is kept in a table of its own. Raises RuleBroken (404) as `send`."""
    path = uploads.kept(scan.sha256, scan.filename)
    picture = scan.media_type.startswith("image/")
    return _guarded(
        send_file(path, mimetype=scan.media_type, as_attachment=not picture, download_name=scan.filename)
    )


def send(attachment: Attachment, *, thumbnail: bool = False, public: bool = False) -> Response:
    """Return the response with a stored file: a picture to be shown, a document to be saved.

    ``public``: caches may keep it; otherwise the browser asks again each time.

    Raises:
        RuleBroken: the file is missing (404).
    """
    path, media_type = uploads.open_file(attachment, thumbnail)
    response = send_file(
        path,
        mimetype=media_type,
        as_attachment=not attachment.is_picture,
        download_name=attachment.filename,
        etag=path.name,
        conditional=True,
    )
    return _guarded(response, "public, max-age=86400" if public else "private, no-cache")


def _guarded(response: Response, caching: str = "private, no-cache") -> Response:
    """Add the headers of a stored file; return the response."""
    # Whatever the file contains, a browser that opens it runs no script with the rights of this site.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = caching
    return response

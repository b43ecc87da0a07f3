"""One transaction per request, committed or rolled back here; refusals are recorded after the rollback."""

import logging
import math
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from votes.clock import now
from votes.db import Database, db
from votes.rules.errors import RuleBroken
from votes.services import audit
from votes.services.people import strangers
from votes.web.facts import Refusals, page_facts, serves_files
from votes.web.identity import me

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def database() -> Database:
    """Return the application's database."""
    database: Database = current_app.extensions["votes.database"]
    return database


def init(app: Flask) -> None:
    """Begin and end a transaction with each request."""
    app.before_request(_open)
    app.after_request(_settle)
    app.teardown_request(_close)


def _open() -> None:
    if serves_files(request.endpoint):
        return
    view = current_app.view_functions.get(request.endpoint or "")
    reading = getattr(view, "__reading__", False) or request.method not in WRITING
    # With files there is long work to do before anything is written: see `write_from_here`.
    g.writes_later = not reading and any(file.filename for file in request.files.values())
    _begin(write=not reading and not g.writes_later)


def _begin(*, write: bool) -> None:
    session = database().open(write=write)
    g.work = session
    g.work_token = db.enter(session)
    g.refusals = []  # (endpoint, message)


def _settle(response: Response) -> Response:
    session = g.get("work")
    if session is None:
        return response
    if session.info["write"] and response.status_code < 400 and not g.get("undo"):
        database().commit(session)
    else:
        session.rollback()
    if g.get("refusals"):
        _record_refusals()
    return response


def _close(error: BaseException | None) -> None:
    session = g.pop("work", None)
    if session is not None:
        session.close()
        db.leave(g.pop("work_token"))


def reading(view: View) -> View:
    """Declare that a POST only reads (what it sends must not stand in a URL), so that it takes no write lock."""
    view.__reading__ = True  # type: ignore[attr-defined]
    return view


def begin_writing() -> None:
    """End the unit of work of a `reading` page and begin a writing one, for a page that strangers may post to.

    They are answered without the write lock; it is taken once what they sent has proved good. Rows that were loaded
    before are not changed by this: load those again that are to change.
    """
    if db.session.info["write"]:
        return
    scope, refusals = db.session.scope, g.refusals
    _close(None)
    _begin(write=True)
    db.session.scope, g.refusals = scope, refusals


def write_from_here() -> None:
    """Roll back what was read so far, where the request came with files: it has read without the write lock."""
    if g and g.get("writes_later"):
        g.writes_later = False
        database().begin_again(db.session, write=True)


def release_lock() -> None:
    """Release the write lock before long work that needs no database; the next statement takes it again.

    Call it before any change: a change made earlier in the request is rolled back.
    """
    db.session.rollback()


def undo() -> None:
    """Roll back what this request has changed so far (a form that is shown again, a refusal); it only reads from here on.

    The page with the refusal is drawn without the write lock: twenty people who send faulty forms would hold a vote up.
    No transaction has begun when the CSRF token or the length of the request is refused: both are checked first, so
    that a slow upload holds no lock. The error page still has to know who is signed in, so it gets a reading one.
    """
    if "work" in g:
        database().begin_again(db.session, write=False)
    else:
        _begin(write=False)
    g.undo = True


def refuse(broken: RuleBroken) -> None:
    """Roll back, and note the refusal for the audit log as far as the page allows (see `Refusals`)."""
    undo()
    left = getattr(broken, "left", None)
    if left is not None:
        g.retry_after = max(math.ceil(left.total_seconds()), 1)
    logging_of = page_facts().refusals
    if logging_of is Refusals.UNLOGGED:
        return
    if not me().signed_in:
        strangers.count_refusal(request.endpoint or "", now=now())
        return
    message = broken.message
    if logging_of is Refusals.WITHOUT_WORDS and broken.status == 422:
        message = "录入的内容有误，已退回更正（签字前不记录票上的内容和票数）"
    g.refusals.append((request.endpoint or "", message))


def _record_refusals() -> None:
    refusals, g.refusals = g.refusals, []
    by, address = me(), request.remote_addr
    try:
        with database().work(scope=db.session.scope):
            for endpoint, message in refusals:
                audit.refused(endpoint, message, by=by, at=now(), address=address)
    except Exception:  # the user gets an answer even if the log cannot be written
        log.exception("a refusal could not be recorded")

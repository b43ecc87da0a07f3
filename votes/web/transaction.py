"""One transaction per request, settled here; refusals are recorded after what they refused is undone."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from votes.clock import now
from votes.db import Database, db
from votes.rules.errors import RuleBroken
from votes.services import audit
from votes.web.facts import Refusals, page_facts, serves_files

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass
class Refusal:
    action: str
    message: str
    about: Any = None


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["votes.database"]
    return found


def init(app: Flask) -> None:
    app.before_request(_open)
    app.after_request(_settle)
    app.teardown_request(_close)


def _open() -> None:
    if serves_files(request.endpoint):
        return
    view = current_app.view_functions.get(request.endpoint or "")
    reading = getattr(view, "__reading__", False) or request.method not in WRITING
    _begin(write=not reading)


def _begin(*, write: bool) -> None:
    session = database().open(write=write)
    g.work = session
    g.work_token = db.enter(session)
    g.refusals = []


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
    """A POST that only looks (its body must not stand in an address): it takes no write lock."""
    view.__reading__ = True  # type: ignore[attr-defined]
    return view


def give_way() -> None:
    """Give the write lock back before long work without the database; the next statement takes it again.

    Whatever was changed before is taken back, so this comes first.
    """
    db.session.rollback()


def undo() -> None:
    """Take back what this request has changed so far (a form that is shown again, a refusal).

    Nothing is open yet when a form's token or the length of its body is refused: both are looked at first, so that
    nobody waits for a slow upload. The page that says so needs to know who is signed in, and only reads.
    """
    if "work" in g:
        db.session.rollback()
    else:
        _begin(write=False)
    g.undo = True


def refuse(broken: RuleBroken, about: Any = None) -> None:
    """Undo the work, and remember the refusal for the audit log as far as the page allows (see `Refusals`)."""
    undo()
    kept = page_facts().refusals
    if kept is Refusals.UNLOGGED:
        return
    message = broken.message
    if kept is Refusals.WITHOUT_WORDS and broken.status == 422:
        message = "录入的内容有误，已退回更正（签字前不记录票上的内容和票数）"
    g.refusals.append(Refusal(request.endpoint or "", message, about))


def _record_refusals() -> None:
    from votes.web.identity import me

    refusals, g.refusals = g.refusals, []
    by, address = me(), request.remote_addr
    scope = db.session.scope
    try:
        with database().work(scope=scope):
            for refusal in refusals:
                audit.refused(refusal.action, refusal.message, by=by, at=now(), address=address)
    except Exception:  # the answer to the user must not hang on the log
        log.exception("a refusal could not be recorded")

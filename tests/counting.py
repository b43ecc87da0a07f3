"""How many statements a page takes: `with statements(database) as said: …; assert len(said) <= 30`."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask import Flask, before_render_template, current_app, g, request, template_rendered
from sqlalchemy import event

from votes.db import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """List the SQL statements sent within the block, in order, without BEGIN, PRAGMA and the like."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.lstrip().upper().startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "SET ")):
            said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def template_statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL statements that are sent while a template renders: views load what a page shows.

    Only requests with GET count. A form that is shown again after a refusal reads its rows anew, because the
    changes are undone.
    """
    sent: list[str] = []
    blocks = []

    def start(*_: Any, **__: Any) -> None:
        block: Any = nullcontext([])
        if request.method == "GET" and not g.get("undo"):
            block = statements(current_app.extensions["votes.database"])
        blocks.append((block, block.__enter__()))

    def stop(*_: Any, **__: Any) -> None:
        block, seen = blocks.pop()
        block.__exit__(None, None, None)
        sent.extend(seen)

    with before_render_template.connected_to(start, app), template_rendered.connected_to(stop, app):
        yield sent

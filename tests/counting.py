"""How many statements a page takes: `with statements(database) as said: …; assert len(said) <= 30`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from votes.db import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL statements sent within the block, in order; BEGIN, PRAGMA and the like are not counted."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.lstrip().upper().startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "SET ")):
            said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)

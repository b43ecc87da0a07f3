"""Reads and flushes that many services share: a page of rows, the words of a search, a constraint that objects."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.exc import IntegrityError

from votes.db.engine import db
from votes.db.schema import metadata
from votes.rules.errors import RuleBroken


def page(query: Select[Any] | Sequence[Any], number: int, size: int = 50) -> tuple[list[Any], int]:
    """Return one page (numbered from 1) of the rows of ``query``, or of rows at hand, and the count of all of them."""
    first = (max(number, 1) - 1) * size
    if not isinstance(query, Select):
        return list(query[first : first + size]), len(query)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = db.session.scalars(query.limit(size).offset(first))
    return list(rows), total


def everything(query: Select[Any] | Sequence[Any]) -> list[Any]:
    """Return all rows of ``query``, or the rows at hand, as an export takes them."""
    return list(db.session.scalars(query) if isinstance(query, Select) else query)


#: So many words of a search are looked for: a statement grows with each, and a database reads none without end.
WORDS = 8


def containing(words: str, *columns: Any) -> list[ColumnElement[bool]]:
    """For each of the first `WORDS` words of a search: it stands in one of ``columns``. No words, no conditions."""
    return [
        or_(*(column.icontains(word, autoescape=True) for column in columns))
        for word in words.split()[:WORDS]
    ]


def flush_or(broken: RuleBroken, *, constraint: str) -> None:
    """Flush; when the named constraint objects, raise ``broken``; other objections go up as they are.

    The constraint's name is what PostgreSQL reports; SQLite reports the columns instead, so the
    database's message is searched for either (models keep the names telling).
    """
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, constraint):
            raise broken from error
        raise


def violates(error: IntegrityError, constraint: str) -> bool:
    """Whether ``constraint`` (its name in the models) is what the database objected to."""
    text = str(error.orig)
    if constraint in text:
        return True
    for table in metadata.tables.values():
        for item in (*table.constraints, *table.indexes):
            if getattr(item, "name", None) == constraint and hasattr(item, "columns"):
                columns = ", ".join(f"{table.name}.{column.name}" for column in item.columns)
                return bool(columns) and columns in text
    return False

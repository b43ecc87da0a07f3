"""What many services share: a page of rows, a search by words, a flush that may violate a constraint."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.exc import IntegrityError

from votes.db.engine import db
from votes.db.schema import metadata
from votes.rules.errors import RuleBroken

T = TypeVar("T")


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


def by_id(query: Select[T]) -> Callable[[int], T | None]:
    """Return the function that reads the row of ``query`` with an id; None where no body in scope has it."""
    key = query.column_descriptions[0]["entity"].id

    def read(row_id: int) -> T | None:
        return db.session.scalar(query.where(key == row_id))

    return read


def locked(query: Select[T], **mode: Any) -> T | None:
    """Lock the row of ``query`` for this transaction and read it afresh (SQLite holds the lock of all writers).

    ``mode``: arguments of ``with_for_update``.
    """
    return db.session.scalar(query.with_for_update(**mode).execution_options(populate_existing=True))


#: The most words of a search that are used: each makes the statement longer, and databases limit its length.
WORDS = 8


def containing(words: str, *columns: Any) -> list[ColumnElement[bool]]:
    """Return a condition for each of the first `WORDS` words of a search: one of ``columns`` contains it."""
    return [
        or_(*(column.icontains(word, autoescape=True) for column in columns))
        for word in words.split()[:WORDS]
    ]


def count(column: Any, *conditions: Any) -> int:
    """Count the rows that meet the conditions, by a ``column`` that each of them has: its id."""
    return db.session.scalar(select(func.count(column)).where(*conditions)) or 0


def count_by(column: Any, *conditions: Any) -> dict[Any, int]:
    """Return value of ``column`` → how many rows have it; those without a value are left out."""
    query = select(column, func.count()).where(column.is_not(None), *conditions).group_by(column)
    return dict(db.session.execute(query).all())


def flush_or(broken: RuleBroken, *, constraint: str) -> None:
    """Flush; raise ``broken`` where that violates the named constraint. Other errors are raised unchanged."""
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, constraint):
            raise broken from error
        raise


def violates(error: IntegrityError, constraint: str) -> bool:
    """Return whether ``constraint`` (its name in the models) is what the statement has violated.

    PostgreSQL reports the name of the constraint, SQLite its columns, so the message is searched for both.
    """
    text = str(error.orig)
    if constraint in text:
        return True
    for table in metadata.tables.values():
        for item in (*table.constraints, *table.indexes):
            if getattr(item, "name", None) == constraint and hasattr(item, "columns"):
                columns = ", ".join(f"{table.name}.{column.name}" for column in item.columns)
                return bool(columns) and columns in text
    return False

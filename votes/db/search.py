"""What the rows of a list are narrowed and sorted by: declared in the service that reads them, used by its Table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_

from votes.db.queries import containing


@dataclass(frozen=True)
class Search:
    """How a query of one list is narrowed and sorted.

    ``filters``: name of a filter → the column that equals the chosen value, or a function of the value and the day
    of reading that returns a condition. ``sorts``: key → (its word, the columns to order by); the first is the usual
    order.
    """

    filters: Mapping[str, Any]
    sorts: Mapping[str, tuple[str, Any]]

    @property
    def names(self) -> list[str]:
        """Return the names of all filters."""
        return list(self.filters)

    def of(self, query: Select[Any], chosen: Mapping[str, Any], day: date | None = None) -> Select[Any]:
        """Narrow ``query`` by the values of ``chosen`` that are given, and sort it by ``chosen["sort"]``."""
        for name, value in self.given(chosen):
            condition = self.filters[name]
            query = query.where(condition(value, day) if callable(condition) else condition == value)
        return query.order_by(*self.order(chosen))

    def given(self, chosen: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return the names and values that narrow the list; None and "" narrow nothing."""
        return [(name, chosen[name]) for name in self.filters if chosen.get(name) not in (None, "")]

    def order(self, chosen: Mapping[str, Any]) -> Any:
        """Return what the list is sorted by; an unknown key means the usual order."""
        usual = next(iter(self.sorts))
        return self.sorts.get(chosen.get("sort") or usual, self.sorts[usual])[1]


@dataclass(frozen=True)
class RowSearch(Search):
    """How rows at hand are narrowed and sorted: ``filters`` are functions of row and value, ``sorts`` have a sort key.

    ``query``: the search that has narrowed the query of these rows by further filters.
    """

    query: Search | None = None

    @property
    def names(self) -> list[str]:
        """Return the names of all filters, those of the query included."""
        return [*(self.query.names if self.query else ()), *self.filters]

    def rows(self, rows: Sequence[Any], chosen: Mapping[str, Any]) -> list[Any]:
        """Return those of ``rows`` that fit ``chosen``, sorted; equal ones keep their order."""
        given = self.given(chosen)
        fitting = (row for row in rows if all(self.filters[name](row, value) for name, value in given))
        return sorted(fitting, key=self.order(chosen))


def words_in(*columns: Any) -> Callable[[str, Any], ColumnElement[bool]]:
    """Return a condition for typed words: each of them stands in one of ``columns``."""

    def condition(words: str, day: date | None) -> ColumnElement[bool]:
        return and_(True, *containing(words, *columns))

    return condition

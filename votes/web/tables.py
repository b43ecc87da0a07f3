"""A list is one declaration: its columns, filters and orders drive the page, the links, the workbook and their test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

from flask import Blueprint, Flask, Response, before_render_template, url_for

from votes.db import Search, everything, page
from votes.exports.formats import xlsx
from votes.rules.permissions import Permission
from votes.web import filters
from votes.web.access import allow
from votes.web.filters import Filter, Filters
from votes.web.menu import organ
from votes.web.pages import XLSX, download, page_number
from votes.web.words import filters as words
from votes.web.words.labels import label

Kind = Literal["text", "number", "count", "money", "percent", "day", "moment", "state", "word"]


@dataclass(frozen=True)
class _Format:
    """How a kind of value is written on the page (and aligned), and in a workbook."""

    show: Callable[[Any], Any]
    align: str = ""
    excel: xlsx.Kind = "text"
    write: Callable[[Any], Any] = lambda value: value


_FORMATS: dict[Kind, _Format] = {
    "text": _Format(str),
    "number": _Format(str, "c", "int"),  # stands for a thing: centred
    "count": _Format(str, "n", "int"),
    "money": _Format(words.money, "n", "money"),  # 万元
    "percent": _Format(lambda value: f"{words.points(value)}%", "n", "percent"),  # 63.46, not 0.6346
    "day": _Format(words.day, "", "date"),
    "moment": _Format(words.moment, write=words.moment),
    "state": _Format(
        lambda value: value, write=lambda value: label(value).word
    ),  # the page adds colour and shape
    "word": _Format(lambda value: label(value).word, write=lambda value: label(value).word),
}


@dataclass(frozen=True)
class Column:
    """One column.

    ``cell`` is the page's macro that draws a row's cell; without one the page shows the value by its kind, or ``blank``
    where the value is missing. ``width`` is the width in the workbook, in characters; 0 leaves the column out of it.
    ``page``: the column is on the page. ``title`` is the workbook's head where it differs. ``css`` are classes of the
    cells. ``sort`` is the key of the order that a click on the head requests. ``shown`` returns whether this reader sees
    the column on the page. ``printed``: it is on paper too. ``head_hidden``: only screen readers get the head.
    """

    head: str
    value: Callable[[Any], Any] | None = None
    kind: Kind = "text"
    width: float = 0
    cell: str = ""
    page: bool = True
    title: str = ""
    css: str = ""
    blank: str = ""
    sort: str = ""
    shown: Callable[[], bool] | None = None
    printed: bool = True
    head_hidden: bool = False

    @property
    def head_css(self) -> str:
        """Return the classes of the head: the alignment, and whether it stays off paper."""
        return " ".join(filter(None, (_FORMATS[self.kind].align, "" if self.printed else "no-print")))

    @property
    def cell_css(self) -> str:
        """Return the classes of the cells."""
        return " ".join(filter(None, (self.head_css, self.css)))

    def show(self, row: Any) -> Any:
        """Return what the page shows of ``row``: text, or the state itself, which the page draws with its colour."""
        value = self.value(row) if self.value else None
        return self.blank if value is None or value == "" else _FORMATS[self.kind].show(value)

    def write(self, row: Any) -> Any:
        """Return what the workbook has of ``row``."""
        value = self.value(row) if self.value else None
        return None if value is None else _FORMATS[self.kind].write(value)

    def excel(self, speak: Callable[[str], str] = str) -> xlsx.SheetColumn:
        """Return the column of the workbook."""
        return xlsx.SheetColumn(speak(self.title or self.head), self.width, _FORMATS[self.kind].excel)


#: Name → table: all lists that are declared.
TABLES: dict[str, "Table"] = {}


@dataclass(frozen=True)
class Table:
    """One list.

    ``title`` heads the workbook and names its file, ``caption`` is read out before the table (else the title); both may
    name filters: "{year}年项目". A title may also be a function of the filters' values. ``tab`` names the sheet of the
    workbook (else the title). ``empty`` is the text of a list without rows, ``unfit`` that of a list in which no row fits
    the filters. ``page`` and ``export`` are endpoints. ``paged``: the page shows 50 rows at a time. ``row_css`` returns
    the classes of a row, ``month`` the day under whose month's heading a row stands. ``spoken``: all words are those of
    the body's organ (see `Organ.speak`).
    """

    name: str
    columns: Sequence[Column]
    title: str | Callable[[Mapping[str, Any]], str]
    empty: str
    unfit: str = ""
    caption: str = ""
    tab: str = ""
    search: Search | None = None
    filters: Sequence[Filter] = ()
    page: str = ""
    export: str = ""
    paged: bool = False
    css: str = ""
    row_css: Callable[[Any], str] = lambda row: ""
    month: Callable[[Any], date] | None = None
    spoken: bool = False

    def __post_init__(self) -> None:
        """Enter the table among all; refuse a second one of the same name."""
        if self.name in TABLES:
            raise ValueError(f"two tables are called {self.name}")
        TABLES[self.name] = self

    def read_filters(self) -> Filters:
        """Read the table's filters from the query string."""
        return filters.read(
            [each.spoken(organ().speak) for each in self.filters] if self.spoken else self.filters
        )

    def read(self, find: Callable[[Mapping[str, Any]], Any]) -> "Listing":
        """Read the filters, and list what ``find`` returns for the chosen values: a query or rows."""
        chosen = self.read_filters()
        return Listing(self, chosen, find(chosen.chosen))

    def of(self, rows: Sequence[Any], *, without: Sequence[str] = (), **names: Any) -> "Listing":
        """List ``rows`` as they are. ``names`` fill the titles; ``without``: the heads this reader does not see."""
        return Listing(self, Filters(), rows, names=names, without=without)


@dataclass
class Listing:
    """A table with the rows that the reader requested. ``source``: a query or rows, all of them."""

    table: Table
    filters: Filters
    source: Any
    number: int = field(default_factory=page_number)
    names: Mapping[str, Any] = field(default_factory=dict)
    without: Sequence[str] = ()

    @cached_property
    def _page(self) -> tuple[list[Any], int]:
        if self.table.paged:
            return page(self.source, self.number)
        rows = everything(self.source)
        return rows, len(rows)

    def load(self) -> None:
        """Read the rows that the page shows."""
        _ = self._page

    @property
    def rows(self) -> list[Any]:
        """Return the rows that the page shows."""
        return self._page[0]

    @property
    def months(self) -> list[tuple[date | None, list[Any]]]:
        """Return the rows by the first day of their month; all of them under None where the table has no months."""
        day_of = self.table.month
        if day_of is None:
            return [(None, self.rows)]
        return [
            (first, list(rows)) for first, rows in groupby(self.rows, lambda row: day_of(row).replace(day=1))
        ]

    @property
    def total(self) -> int:
        """Return the number of rows on all pages."""
        return self._page[1]

    @property
    def columns(self) -> list[Column]:
        """Return the columns that the page shows to this reader."""
        return [
            column
            for column in self.table.columns
            if column.page and column.head not in self.without and (not column.shown or column.shown())
        ]

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the values of the filters, and the other names in the titles."""
        return {**self.filters.chosen, **self.names}

    def speak(self, text: str) -> str:
        """Return ``text`` in the words of the organ, where the table is ``spoken``."""
        return organ().speak(text) if self.table.spoken else text

    def _named(self, text: str | Callable[[Mapping[str, Any]], str]) -> str:
        if callable(text):
            text = text(self.chosen)
        return self.speak(text).format_map({k: "" if v is None else v for k, v in self.chosen.items()})

    @property
    def title(self) -> str:
        """Return the title of the workbook."""
        return self._named(self.table.title)

    @property
    def caption(self) -> str:
        """Return the words that are read out before the table."""
        return self._named(self.table.caption or self.table.title)

    @property
    def empty(self) -> str:
        """Return the text in place of a table without rows."""
        return self.speak(
            self.table.unfit if self.filters.narrowed and self.table.unfit else self.table.empty
        )

    @property
    def export_url(self) -> str:
        """Return the URL of the same list as a workbook."""
        return url_for(self.table.export, **self.filters.query)

    @property
    def _written(self) -> list[Column]:
        return [column for column in self.table.columns if column.width]

    def all_rows(self) -> list[Any]:
        """Read the rows of all pages."""
        return everything(self.source)

    def cells(self) -> list[list[Any]]:
        """Return the heads and the rows of the workbook, for other formats."""
        heads = [column.excel(self.speak).name for column in self._written]
        return [heads, *([column.write(row) for column in self._written] for row in self.all_rows())]

    def worksheet(self) -> xlsx.Worksheet:
        """Return the whole list as a sheet of a workbook."""
        heads = [column.excel(self.speak) for column in self._written]
        return xlsx.Worksheet(self.title, heads, self.cells()[1:], self.table.tab or None)

    def workbook(self, more: Sequence["Listing"] = ()) -> bytes:
        """Return the whole list as an .xlsx; each list of ``more`` follows on a sheet of its own."""
        one = self.worksheet()
        sheets = [listing.worksheet() for listing in more]
        return xlsx.write(one.title, one.columns, one.rows, sheet_title=one.sheet_title, more=sheets)

    def download(self) -> Response:
        """Return the workbook as a file."""
        return download(self.workbook(), f"{self.title}.xlsx", XLSX)


def add_export(
    pages: Blueprint, url: str, permission: Permission, read: Callable[[], Listing], endpoint: str = "export"
) -> None:
    """Add the page of a list that is the whole list as a workbook; ``read`` returns the list."""

    def export() -> Response:
        return read().download()

    pages.get(url, endpoint=endpoint)(allow(permission)(export))


def _load_listings(app: Flask, context: Mapping[str, Any], **_: Any) -> None:
    for value in context.values():
        if isinstance(value, Listing):
            value.load()


def init(app: Flask) -> None:
    """Load the rows of every listing before its template renders: a template runs no query."""
    before_render_template.connect(_load_listings, app)

"""The filters of a list: declared once, read from the query string, repeated in every link.

A value that makes no sense is not refused; it counts as not given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import EnumType
from typing import Any, Literal

from flask import request

from votes.db import Search
from votes.web.pages import number
from votes.web.words.labels import label

Choice = tuple[Any, str]
#: An enum; pairs of value and word; or a function of the values chosen so far that returns such pairs.
Choices = EnumType | Iterable[Choice] | Callable[[Mapping[str, Any]], Iterable[Choice]]


#: For choices that the view offers when it has read the rows (`Filters.offer`).
LATER: tuple[Choice, ...] = ()


def words_of(members: Iterable[Any]) -> list[Choice]:
    """Return the members of an enum, or some of them, with the words of their labels."""
    return [(member.value, label(member).word) for member in members]


def newest(choices: Sequence[Choice]) -> Any:
    """Return the first choice: the usual one of years, which stand newest first."""
    return next((value for value, _ in choices), None)


@dataclass(frozen=True)
class Filter:
    """One filter of a list.

    ``choices`` None: words (or a day, by ``kind``) are typed. ``every``: the word of the choice that narrows nothing.
    ``read`` makes a value of the text in the query string, or raises ValueError. ``default`` gives the value where none
    is chosen, out of the choices. ``strict``: a value that is no choice counts as not given. ``narrows``: choosing it
    leaves rows out.
    ``quiet``: a value that makes no sense is not pointed out, as links lead here from pages of other years.
    """

    name: str
    label: str
    choices: Choices | None = None
    every: str | None = None
    read: Callable[[str], Any] = str
    default: Callable[[Sequence[Choice]], Any] | None = None
    strict: bool = True
    narrows: bool = True
    quiet: bool = False
    hidden: Callable[[Sequence[Choice]], bool] | None = None
    placeholder: str = ""
    size: int = 0
    kind: Literal["text", "date"] = "text"

    def spoken(self, speak: Callable[[str], str]) -> "Filter":
        """Return the filter with its own words as an organ says them; names of rows are no such words."""
        choices = self.choices
        if isinstance(choices, Sequence):
            choices = [(value, speak(word)) for value, word in choices]
        every = None if self.every is None else speak(self.every)
        return replace(self, label=speak(self.label), every=every, choices=choices)

    def offered(self, chosen: Mapping[str, Any]) -> list[Choice]:
        """Return the choices, given the values ``chosen`` by the filters before this one."""
        choices = self.choices or ()
        if isinstance(choices, EnumType):
            choices = words_of(choices)
        elif callable(choices):
            choices = choices(chosen)
        return list(choices) if self.every is None else [("", self.every), *choices]


@dataclass
class ChosenFilter:
    """A filter as it was read: its choices, the text in the query string and the value (None: not given)."""

    filter: Filter
    choices: list[Choice]
    text: str
    value: Any = None
    wrong: bool = False

    @property
    def hidden(self) -> bool:
        """Return whether the page has no control for it."""
        return self.filter.hidden is not None and self.filter.hidden(self.choices)

    def check(self) -> None:
        """Take a value that is none of the choices as not given, and remember that it was wrong."""
        if self.value is None or not self.filter.strict:
            return
        if not any(self.is_chosen(value) for value, _ in self.choices):
            self.wrong, self.value = True, None

    def is_chosen(self, value: Any) -> bool:
        """Return whether a choice is the one in force."""
        return str(value) == str(getattr(self.value, "value", "" if self.value is None else self.value))


@dataclass
class Filters:
    """The filters of a list as the reader chose them."""

    fields: dict[str, ChosenFilter] = field(default_factory=dict)

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the value of each filter, None where none is given."""
        return {name: each.value for name, each in self.fields.items()}

    @property
    def wrong(self) -> list[ChosenFilter]:
        """Return the filters whose text in the query string makes no sense."""
        return [each for each in self.fields.values() if each.wrong and not each.filter.quiet]

    @property
    def narrowed(self) -> bool:
        """Return whether anything is left out of the list."""
        return any(each.value for each in self.fields.values() if each.filter.narrows)

    @property
    def query(self) -> dict[str, Any]:
        """Return what was given, for links to other pages of the list and to its export."""
        return {name: each.text for name, each in self.fields.items() if each.text}

    def offer(self, **choices: Iterable[Choice]) -> None:
        """Set the choices of filters that are known only when the rows have been read."""
        for name, pairs in choices.items():
            entry = self.fields[name]
            every = entry.filter.every
            entry.choices = [*([("", every)] if every is not None else []), *pairs]
            entry.check()


def read(declared: Iterable[Filter]) -> Filters:
    """Read ``declared`` filters from the query string of the request."""
    filters = Filters()
    for each in declared:
        filters.fields[each.name] = _read(each, filters.chosen)
    return filters


def _read(declared: Filter, chosen: Mapping[str, Any]) -> ChosenFilter:
    text = request.args.get(declared.name, "")
    entry = ChosenFilter(declared, declared.offered(chosen), text)
    try:
        entry.value = declared.read(text) if text else None
    except ValueError:
        entry.wrong = True
    if declared.choices is not None and declared.choices is not LATER:
        entry.check()
    if entry.value is None and declared.default is not None:
        entry.value = declared.default(entry.choices)
    return entry


# --- the usual kinds --------------------------------------------------------------------------------------


def an_id(text: str) -> int:
    """Read an id or a year; ValueError for any other text."""
    value = number(text)
    if value is None:
        raise ValueError(text)
    return value


def year(years: Callable[[], Iterable[int]], every: str | None = None) -> Filter:
    """Declare a filter by year: of all years (``every``: the word for them), else of the newest at first."""
    choices = lambda chosen: [(each, f"{each}年") for each in years()]  # noqa: E731
    if every is None:
        return Filter("year", "年度", choices, read=an_id, default=newest, narrows=False)
    return Filter("year", "年度", choices, every, read=an_id)


def of_enum(name: str, label: str, members: EnumType, every: str = "全部") -> Filter:
    """Declare a filter by the members of an enum, in the words of their labels."""
    return Filter(name, label, members, every, read=members)


def of_rows(
    name: str,
    label: str,
    rows: Callable[[], Iterable[Any]],
    every: str = "全部",
    *,
    word: str = "name",
    **more: Any,
) -> Filter:
    """Declare a filter by rows that have an id; ``word``: the attribute that is shown; ``more``: fields of `Filter`."""
    choices = lambda chosen: [(row.id, getattr(row, word)) for row in rows()]  # noqa: E731
    return Filter(name, label, choices, every, read=an_id, **more)


def of_words(
    name: str, label: str, values: Callable[[], Iterable[str]], every: str = "全部", **more: Any
) -> Filter:
    """Declare a filter by words that are the values themselves; ``more``: fields of `Filter`."""
    return Filter(name, label, lambda chosen: [(value, value) for value in values()], every, **more)


def words(placeholder: str, size: int = 0, name: str = "q") -> Filter:
    """Declare a search by words."""
    return Filter(name, "查找", placeholder=placeholder, size=size)


def order(search: Search) -> Filter:
    """Declare the choice among the orders of ``search``."""
    return Filter("sort", "排序", [(key, word) for key, (word, _) in search.sorts.items()], narrows=False)


def lenient(declared: Filter, **more: Any) -> Filter:
    """Return the filter with any value accepted, for choices that depend on the rows; ``more``: other changes."""
    return replace(declared, strict=False, **more)


def quietly(declared: Iterable[Filter]) -> list[Filter]:
    """Return the filters so that nonsense is not pointed out."""
    return [replace(each, quiet=True) for each in declared]


def no_choice(choices: Sequence[Choice]) -> bool:
    """Return whether at most one choice is offered besides that of all."""
    return len(choices) <= 2

"""Terms (期限) of transfers, and the working days (工作日) of a place.

When a unit must answer, until when it may return a transfer, how an open one stands.

The terms are those of 代表法 (2025) art. 51, applied to suggestions as well: an answer within three months, within six where
the matter is complex. A unit that is not responsible says so within seven working days (玉林's rule).
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken, invalid

# --- working days: no weekends and no public holidays, but weekend days that are worked instead (调休) ---------

_DAY = r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?"
_SPAN = re.compile(rf"{_DAY}(?:(?:至|到|~|—)\s*{_DAY})?")
_LONGEST_SPAN = timedelta(days=31)


@dataclass(frozen=True)
class Calendar:
    """The working days of a place: no weekends and no ``holidays``; ``workdays`` (调休) are worked in any case."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Calendar":
        """Read the settings of a body: {"holidays": ["2026-10-01", …], "workdays": […]}; skip what is not a date."""
        return cls(_dates(settings.get("holidays")), _dates(settings.get("workdays")))

    def works(self, day: date) -> bool:
        """Return whether ``day`` is a working day."""
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)


def _dates(texts: Any) -> frozenset[date]:
    dates = set()
    for text in texts if isinstance(texts, list) else ():
        try:
            dates.add(date.fromisoformat(str(text)))
        except ValueError:
            continue
    return frozenset(dates)


def read_days(text: str) -> tuple[list[date], list[str]]:
    """Read typed days: 2026-10-01, 2026年10月1日 or a span such as 2026-10-01至2026-10-07, of at most 31 days.

    Returns:
        The days in order, and the pieces of ``text`` that are neither a day nor a span.
    """
    days: set[date] = set()
    unread = []
    for piece in filter(None, re.split(r"[\s,，;；、]+", text.strip())):
        try:
            days |= _span(piece)
        except ValueError:
            unread.append(piece)
    return sorted(days), unread


def _span(piece: str) -> set[date]:
    """Return the days of a day or span; raise ValueError for any other text."""
    match = _SPAN.fullmatch(piece)
    if not match:
        raise ValueError(piece)
    first = date(*map(int, match.groups()[:3]))
    last = date(*map(int, match.groups()[3:])) if match[4] else first
    if not timedelta(0) <= last - first <= _LONGEST_SPAN:
        raise ValueError(piece)
    return {first + timedelta(days=i) for i in range((last - first).days + 1)}


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """Return the ``count``-th working day after ``day``, which is not counted; at most 366 days later."""
    end = day + timedelta(days=366)
    while count > 0 and day < end:
        day += timedelta(days=1)
        count -= calendar.works(day)
    return day


# --- terms --------------------------------------------------------------------------------------------


def _number(default: int, low: int, high: int) -> Any:
    """Declare a setting that may have the values from ``low`` to ``high``."""
    return field(default=default, metadata={"limits": (low, high)})


@dataclass(frozen=True)
class MatterSettings:
    """What a place sets for handling matters (办理设置)."""

    months: int = _number(3, 1, 12)  # to answer
    months_complex: int = _number(6, 1, 12)  # to answer a complex matter
    return_days: int = _number(7, 1, 30)  # working days in which a unit may return a transfer
    soon_days: int = _number(7, 1, 60)  # an answer due within so many days is 临期
    likeness: int = _number(
        30, 10, 90
    )  # per cent from which two suggestions are shown as possible duplicates
    calendar: Calendar = field(default_factory=Calendar)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "MatterSettings":
        """Read the settings of a body ({"matters": {…}, "holidays": […]}); use the default for an invalid value."""
        given = settings.get("matters")
        given = given if isinstance(given, Mapping) else {}
        numbers = {
            name: int(given[name])
            for name, (low, high) in LIMITS.items()
            if isinstance(given.get(name), int) and low <= given[name] <= high
        }
        return cls(**numbers, calendar=Calendar.of(settings))


#: Setting → the smallest and the largest value allowed.
LIMITS = {each.name: each.metadata["limits"] for each in fields(MatterSettings) if each.metadata}


class Term(StrEnum):
    """How an open transfer stands by its due day."""

    IN_TIME = "in_time"
    SOON = "soon"
    OVER = "over"


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of that month where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def latest_due(sent_on: date, *, is_complex: bool, settings: MatterSettings) -> date:
    """Return the last day on which a unit may answer (代表法 2025 art. 51)."""
    return add_months(sent_on, settings.months_complex if is_complex else settings.months)


def check_due(due_on: date, sent_on: date, *, is_complex: bool, settings: MatterSettings) -> None:
    """Raise RuleBroken at ``due_on`` for a day before the transfer or after the statutory term."""
    if due_on < sent_on:
        raise invalid("due_on", "办理期限不能早于交办日期。")
    latest = latest_due(sent_on, is_complex=is_complex, settings=settings)
    if due_on > latest:
        last = f"个月内答复，办理期限最迟为{chinese_date(latest)}"
        if is_complex:
            words = f"复杂事项应在 {settings.months_complex} {last}。"
        else:
            words = f"一般事项应在 {settings.months} {last}；确属复杂的，请勾选“复杂事项”。"
        raise invalid("due_on", words)


def last_return(sent_on: date, settings: MatterSettings) -> date:
    """Return the last day on which a unit that is not responsible may return a transfer (玉林: 7 working days)."""
    return add_working_days(sent_on, settings.return_days, settings.calendar)


def check_return(sent_on: date, day: date, settings: MatterSettings) -> None:
    """Raise RuleBroken where the working days for returning a transfer are over on ``day``."""
    last = last_return(sent_on, settings)
    if day > last:
        raise RuleBroken(
            f"退回应在收到后 {settings.return_days} 个工作日内提出，本件最迟为{chinese_date(last)}，现已超过，不能再退回。"
            "请按期反馈办理意见，可在意见中说明职责分工；确需改由其他单位办理的，请联系交办的同志撤回后重新交办。",
            code="too_late",
        )


def term(due_on: date, day: date, settings: MatterSettings) -> Term:
    """Return how a transfer that is not answered stands on ``day``."""
    left = (due_on - day).days
    return Term.OVER if left < 0 else Term.SOON if left <= settings.soon_days else Term.IN_TIME


def term_words(due_on: date, day: date) -> str:
    """Return 剩 12 天, 今天到期 or 已逾期 3 天."""
    left = (due_on - day).days
    return f"剩 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已逾期 {-left} 天"

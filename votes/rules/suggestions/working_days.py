"""Working days (工作日) of a place: weekends, its public holidays, and the weekend days that are worked instead (调休)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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

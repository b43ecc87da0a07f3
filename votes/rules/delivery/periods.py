"""The periods of which a project reports: months or quarters, and by when.

A period is named by the first day of the month that closes it: a month by its own, a quarter by March, June, September or
December. So reports of both kinds stand in one order of time.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

MONTH, QUARTER = "month", "quarter"
#: What a report of such a period is called.
NOUNS = {MONTH: "月报", QUARTER: "季报"}
PERIODS = {MONTH: "每月", QUARTER: "每季"}
_LENGTH = {MONTH: 1, QUARTER: 3}
_QUARTERS = "一二三四"


def month_of(day: date) -> date:
    """The first day of `day`'s month: how a month is written throughout."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def next_month(month: date) -> date:
    return month_end(month) + timedelta(days=1)


def months(first: date, last: date) -> list[date]:
    """The months from `first` to `last`, both included; none when `last` is earlier."""
    found, month = [], month_of(first)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def closing(day: date, period: str = MONTH) -> date:
    """The month that closes the period in which `day` lies."""
    length = _LENGTH[period]
    return date(day.year, -(-day.month // length) * length, 1)


def begins(month: date, period: str = MONTH) -> date:
    """The first day of the period that `month` closes."""
    return date(month.year, month.month - _LENGTH[period] + 1, 1)


def periods(first: date, last: date, period: str = MONTH) -> list[date]:
    """The periods from the one of `first` to the one of `last`, both included, by their closing months."""
    found, month = [], closing(first, period)
    while begins(month, period) <= last:
        found.append(month)
        month = closing(next_month(month), period)
    return found


def deadline(month: date, due_day: int) -> date:
    """The last day for the report that `month` closes: `due_day` of the next month, or its last day where it is shorter."""
    following = next_month(month)
    return min(following + timedelta(days=due_day - 1), month_end(following))


def open_months(starts_on: date, last: date | None, day: date, period: str = MONTH) -> list[date]:
    """Periods that may be reported on `day`: after the last reported month, from the start to the present period.

    The present one may be told before it closes: a project that is completed in August does not wait for the end of
    the quarter. One that was passed over stays unreported: progress is told in the order of time.
    """
    return periods(next_month(last) if last else starts_on, day, period)


def missing_months(
    starts_on: date, last: date | None, day: date, due_day: int, period: str = MONTH
) -> list[date]:
    """Periods without a report though its day has passed: 逾期未报. `last` is the last reported month, if any."""
    return [m for m in open_months(starts_on, last, day, period) if deadline(m, due_day) < day]


class Pause(NamedTuple):
    """A time for which a project was suspended by decision: from `since` to the day before `until` (None: still is)."""

    since: date
    until: date | None = None


def paused(month: date, pauses: Sequence[Pause]) -> bool:
    """Did the period that `month` closes come to its end while the project was suspended? Then nothing is owed for it."""
    end = month_end(month)
    return any(each.since <= end and (each.until is None or end < each.until) for each in pauses)


# --- in words ------------------------------------------------------------------------------------------


def month_word(day: date, beside: date) -> str:
    """9月; with the year where it is not that of `beside`."""
    return f"{day.month}月" if day.year == beside.year else f"{day.year}年{day.month}月"


def word(month: date, beside: date | None = None, period: str = MONTH) -> str:
    """9月, 第三季度: a period by its closing month; with the year unless `beside` has the same."""
    if period == MONTH:
        said = f"{month.month}月"
    else:
        said = f"第{_QUARTERS[(month.month - 1) // 3]}季度"
    return said if beside and beside.year == month.year else f"{month.year}年{said}"


def span(missing: Sequence[date], beside: date, period: str = MONTH) -> str:
    """Periods in words: 9月, 9月至10月, 3月、8月至9月; with the year where it is not that of `beside`."""
    runs: list[list[date]] = []
    for month in missing:
        if runs and month == closing(next_month(runs[-1][-1]), period):
            runs[-1].append(month)
        else:
            runs.append([month])
    told, known = [], beside
    for run in runs:
        first, last = word(run[0], known, period), word(run[-1], run[0], period)
        told.append(first if len(run) == 1 else f"{first}至{last}")
        known = run[-1]
    return "、".join(told)

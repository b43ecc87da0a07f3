"""The periods of reports, months or quarters, and their deadlines.

A period is named by the first day of the month that closes it: a month by its own, a quarter by March, June,
September or December. So reports of both kinds have one order of time.
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
    """Return the first day of ``day``'s month, as a month is written everywhere."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    """Return the last day of ``month``."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def next_month(month: date) -> date:
    """Return the first day of the following month."""
    return month_end(month) + timedelta(days=1)


def months(first: date, last: date) -> list[date]:
    """Return the months from ``first`` to ``last``, both included.

    There are none when ``last`` is earlier.
    """
    return periods(first, last)


def closing(day: date, period: str = MONTH) -> date:
    """Return the month that closes the period of ``day``."""
    length = _LENGTH[period]
    return date(day.year, -(-day.month // length) * length, 1)


def begins(month: date, period: str = MONTH) -> date:
    """Return the first day of the period that ``month`` closes."""
    return date(month.year, month.month - _LENGTH[period] + 1, 1)


def periods(first: date, last: date, period: str = MONTH) -> list[date]:
    """Return the periods from that of ``first`` to that of ``last``, both included.

    A period stands as the month that closes it.
    """
    result, month = [], closing(first, period)
    while begins(month, period) <= last:
        result.append(month)
        month = closing(next_month(month), period)
    return result


def deadline(month: date, due_day: int) -> date:
    """Return the last day for the report that ``month`` closes.

    It is ``due_day`` of the next month, at most its last day.
    """
    following = next_month(month)
    return min(following + timedelta(days=due_day - 1), month_end(following))


def open_months(starts_on: date, last: date | None, day: date, period: str = MONTH) -> list[date]:
    """Return the periods that may be reported on ``day``.

    They come after the last reported one, from the start to the present.

    The present period may be reported before it closes: a project that is completed in August does not wait for the
    end of the quarter. A period that was passed over stays unreported: reports follow the order of time.
    """
    return periods(next_month(last) if last else starts_on, day, period)


def missing_months(
    starts_on: date, last: date | None, day: date, due_day: int, period: str = MONTH
) -> list[date]:
    """Return the periods without a report after their deadline (逾期未报).

    ``last``: the last reported month, if any.
    """
    return [m for m in open_months(starts_on, last, day, period) if deadline(m, due_day) < day]


class Pause(NamedTuple):
    """Hold the time of a suspension by decision.

    From ``since`` to the day before ``until`` (None: it goes on).
    """

    since: date
    until: date | None = None


def paused(month: date, pauses: Sequence[Pause]) -> bool:
    """Return whether the project was suspended when the period of ``month`` closed.

    No report is owed for such a period.
    """
    end = month_end(month)
    return any(each.since <= end and (each.until is None or end < each.until) for each in pauses)


# --- in words ------------------------------------------------------------------------------------------


def month_word(day: date, beside: date) -> str:
    """Write a month: 9月, with the year where it is not that of ``beside``."""
    return f"{day.month}月" if day.year == beside.year else f"{day.year}年{day.month}月"


def word(month: date, beside: date | None = None, period: str = MONTH) -> str:
    """Return the words of a period by its closing month: 9月, 第三季度.

    They have the year, unless ``beside`` is of the same year.
    """
    if period == MONTH:
        text = f"{month.month}月"
    else:
        text = f"第{_QUARTERS[(month.month - 1) // 3]}季度"
    return text if beside and beside.year == month.year else f"{month.year}年{text}"


def span(missing: Sequence[date], beside: date, period: str = MONTH) -> str:
    """Write periods: 9月, 9月至10月, 3月、8月至9月; with the year where it is not that of ``beside``."""
    runs: list[list[date]] = []
    for month in missing:
        if runs and month == closing(next_month(runs[-1][-1]), period):
            runs[-1].append(month)
        else:
            runs.append([month])
    texts, known = [], beside
    for run in runs:
        first, last = word(run[0], known, period), word(run[-1], run[0], period)
        texts.append(first if len(run) == 1 else f"{first}至{last}")
        known = run[-1]
    return "、".join(texts)

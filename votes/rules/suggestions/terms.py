"""Terms (期限) of transfers: when a unit must answer, until when it may return one, how an open one stands.

The terms are those of 代表法 (2025) art. 51, applied to suggestions as well: an answer within three months, within six where
the matter is complex. A unit that is not responsible says so within seven working days (玉林's rule).
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken, invalid
from votes.rules.suggestions.working_days import Calendar, add_working_days


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

"""From suggestions to candidates: a matter (建议事项) holds one suggestion or several merged ones.

The terms are those of 代表法 (2025) art. 51, applied to suggestions as well: an answer within three months, six where
the matter is complex; a unit that is not responsible says so within seven working days (玉林's rule).
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import declare


class MatterState(StrEnum):
    OPEN = "open"
    TRANSFERRED = "transferred"  # 交办: a unit has been asked for its opinion
    REPORTED = "reported"  # the unit has answered; the office decides
    DECIDED = "decided"


#: state -> action -> next state.
MATTER: dict[MatterState, dict[str, MatterState]] = {
    MatterState.OPEN: {"transfer": MatterState.TRANSFERRED, "decide": MatterState.DECIDED},
    MatterState.TRANSFERRED: {
        "answer": MatterState.REPORTED,
        "return": MatterState.OPEN,
        "recall": MatterState.OPEN,
    },
    MatterState.REPORTED: {"transfer": MatterState.TRANSFERRED, "decide": MatterState.DECIDED},
    MatterState.DECIDED: {"reopen": MatterState.OPEN},
}
declare(MATTER)


class Outcome(StrEnum):
    """处理结果."""

    CANDIDATE = "candidate"
    RESERVE = "reserve"
    DEPUTY_PROPOSAL = "deputy_proposal"
    DECLINED = "declined"
    OUT_OF_SCOPE = "out_of_scope"


class TransferState(StrEnum):
    SENT = "sent"
    RETURNED = "returned"  # 退回: not this unit's business
    ANSWERED = "answered"
    RECALLED = "recalled"


class Term(StrEnum):
    """How an open transfer stands by its due day."""

    IN_TIME = "in_time"
    SOON = "soon"
    OVER = "over"


#: What a matter may be merged with or parted from: nothing that a unit is working on or that has its outcome.
MERGEABLE = (MatterState.OPEN, MatterState.REPORTED)
#: Outcomes that say why.
WITH_REASON = (Outcome.DECLINED, Outcome.OUT_OF_SCOPE)

MAX_TITLE, MAX_TEXT, MAX_REASON = 60, 2000, 200


# --- working days --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: not at weekends nor on ``holidays``, but on ``workdays`` (调休) in any case."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Calendar":
        """Out of a body's settings: {"holidays": ["2026-10-01", …], "workdays": [...]}; what is no date is passed over."""
        return cls(_days(settings.get("holidays")), _days(settings.get("workdays")))

    def works(self, day: date) -> bool:
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)


def _days(written: Any) -> frozenset[date]:
    found = set()
    for each in written if isinstance(written, list) else ():
        try:
            found.add(date.fromisoformat(str(each)))
        except ValueError:
            continue
    return frozenset(found)


def read_days(text: str) -> tuple[list[date], list[str]]:
    """The days that stand in ``text`` (2026-10-01, 2026年10月1日, or a span 2026-10-01至2026-10-07), in order, and what
    could not be read. Spans are at most 31 days."""
    days: set[date] = set()
    wrong = []
    for piece in re.split(r"[\s,，;；、]+", text.strip()):
        found = re.fullmatch(rf"{_DAY}(?:(?:至|到|~|—)\s*{_DAY})?", piece)
        if not found:
            wrong += [piece] if piece else []
            continue
        try:
            first = date(*map(int, found.groups()[:3]))
            last = date(*map(int, found.groups()[3:])) if found[4] else first
        except ValueError:
            wrong.append(piece)
            continue
        if not 0 <= (last - first).days <= 31:
            wrong.append(piece)
            continue
        days |= {first + timedelta(days=i) for i in range((last - first).days + 1)}
    return sorted(days), wrong


_DAY = r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?"


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """The ``count``-th working day after ``day`` (the day itself not counted); at the latest a year on."""
    end = day + timedelta(days=366)
    while count > 0 and day < end:
        day += timedelta(days=1)
        count -= calendar.works(day)
    return day


# --- terms ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What a place may set: months to answer, working days to return, days before due that are 临期, and from which
    likeness (per cent) two suggestions are pointed out as perhaps the same."""

    months: int = 3
    months_complex: int = 6
    return_days: int = 7
    soon_days: int = 7
    likeness: int = 30
    calendar: Calendar = Calendar()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Settings":
        """Out of a body's settings ({"matters": {...}, "holidays": [...]}); what makes no sense is the default."""
        given = settings.get("matters")
        given = given if isinstance(given, Mapping) else {}
        numbers = {
            name: int(given[name])
            for name, (low, high) in LIMITS.items()
            if isinstance(given.get(name), int) and low <= given[name] <= high
        }
        return cls(**numbers, calendar=Calendar.of(settings))


#: setting → smallest and largest that makes sense
LIMITS = {
    "months": (1, 12),
    "months_complex": (1, 12),
    "return_days": (1, 30),
    "soon_days": (1, 60),
    "likeness": (10, 90),
}


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of that month where it has none such."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def latest_due(sent_on: date, *, complex: bool, settings: Settings) -> date:
    """By when a unit must have answered: 3 months, 6 where it is complex (代表法 2025 art. 51)."""
    return add_months(sent_on, settings.months_complex if complex else settings.months)


def check_due(due_on: date, sent_on: date, *, complex: bool, settings: Settings) -> None:
    """Raise RuleBroken at ``due_on`` for a day before the transfer or after the statutory term."""
    if due_on < sent_on:
        raise RuleBroken("办理期限不能早于交办日期。", field="due_on", status=422)
    latest = latest_due(sent_on, complex=complex, settings=settings)
    if due_on > latest:
        months = settings.months_complex if complex else settings.months
        kind = "复杂事项" if complex else "一般事项"
        more = "" if complex else "；确属复杂的，请勾选“复杂事项”"
        raise RuleBroken(
            f"{kind}应在 {months} 个月内答复，办理期限最迟为{chinese_date(latest)}{more}。",
            field="due_on",
            status=422,
        )


def last_return(sent_on: date, settings: Settings) -> date:
    """The last day on which a unit that is not responsible may send it back (玉林: 7 working days)."""
    return add_working_days(sent_on, settings.return_days, settings.calendar)


def check_return(sent_on: date, day: date, settings: Settings) -> None:
    """Raise RuleBroken where the days for sending back are over."""
    last = last_return(sent_on, settings)
    if day > last:
        raise RuleBroken(
            f"退回应在收到后 {settings.return_days} 个工作日内提出，本件最迟为{chinese_date(last)}，现已超过，不能再退回。"
            "请按期反馈办理意见，可在意见中说明职责分工；确需改由其他单位办理的，请联系交办的同志撤回后重新交办。",
            code="too_late",
            status=409,
        )


def term(due_on: date, day: date, settings: Settings) -> Term:
    """How an unanswered transfer stands on ``day``."""
    left = (due_on - day).days
    return Term.OVER if left < 0 else Term.SOON if left <= settings.soon_days else Term.IN_TIME


def term_words(due_on: date, day: date) -> str:
    """剩 12 天, 今天到期, 已逾期 3 天."""
    left = (due_on - day).days
    return f"剩 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已逾期 {-left} 天"


# --- merging and deciding ------------------------------------------------------------------------------


def check_mergeable(state: MatterState, name: str = "") -> None:
    """Raise RuleBroken where suggestions can no longer come to a matter or leave it."""
    if state not in MERGEABLE:
        why = "已交办责任单位，请先撤回交办" if state == MatterState.TRANSFERRED else "已办结，请先重新办理"
        raise RuleBroken(
            f"建议事项{f'“{name}”' if name else ''}{why}，再作归并或拆分。没有改动。", code="not_mergeable"
        )


def check_text(title: str, summary: str) -> None:
    """Raise RuleBroken at the field for a title or summary that is missing or too long."""
    if not title.strip():
        raise RuleBroken("请填写事项名称。", field="title", status=422)
    if len(title) > MAX_TITLE:
        raise RuleBroken(f"事项名称最多 {MAX_TITLE} 个字，现有 {len(title)} 个。", field="title", status=422)
    if len(summary) > MAX_TEXT:
        raise RuleBroken(
            f"内容摘要最多 {MAX_TEXT} 个字，现有 {len(summary)} 个。", field="summary", status=422
        )


def check_outcome(outcome: Outcome, *, reason: str, answer: str) -> None:
    """Raise RuleBroken at the field for an outcome that does not say what it has to."""
    if outcome in WITH_REASON and not reason.strip():
        raise RuleBroken("请写明理由：理由随处理结果告知建议人。", field="reason", status=422)
    for field, word, text in (("reason", "理由", reason), ("answer", "答复", answer)):
        if len(text) > MAX_TEXT:
            raise RuleBroken(f"{word}最多 {MAX_TEXT} 个字，现有 {len(text)} 个。", field=field, status=422)

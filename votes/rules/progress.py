"""Tracking of selected projects: what was planned by a day, monthly reports, lights, end states.

Two decisions that practice leaves open are taken here, in one place:

- 0–10 points behind. 银川's rule (2025) makes 10–30 points behind yellow, more than 30 red, "on schedule" green,
  and says nothing of the points between. Here less than `behind` points is on schedule (正常): a monthly figure
  is an estimate, and a light that flickers within its margin warns of nothing.
- What has not been reported has not been done. Once the day for a month's report has passed, the plan is read at
  the end of that month and the last reported percentage is held against it, so silence does not stay green.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from votes.rules.errors import RuleBroken


class TrackingState(StrEnum):
    """End states as 宁海 reported them: 完成 / 基本完成 / 未完成."""

    RUNNING = "running"
    DONE = "done"
    BASICALLY = "basically_done"
    UNFINISHED = "unfinished"
    SUSPENDED = "suspended"  # 暂缓, by decision
    TERMINATED = "terminated"  # 终止, by decision


#: state -> action -> next state. The government office says how a project ended; a slip can be taken back.
TRACKING: dict[TrackingState, dict[str, TrackingState]] = {
    TrackingState.RUNNING: {
        "complete": TrackingState.DONE,
        "basically": TrackingState.BASICALLY,
        "fail": TrackingState.UNFINISHED,
        "suspend": TrackingState.SUSPENDED,
        "terminate": TrackingState.TERMINATED,
    },
    TrackingState.BASICALLY: {"complete": TrackingState.DONE, "resume": TrackingState.RUNNING},
    TrackingState.UNFINISHED: {"complete": TrackingState.DONE, "resume": TrackingState.RUNNING},
    TrackingState.DONE: {"resume": TrackingState.RUNNING},
    TrackingState.SUSPENDED: {"resume": TrackingState.RUNNING, "terminate": TrackingState.TERMINATED},
    TrackingState.TERMINATED: {},
}


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"  # of the five colours only
    RED = "red"
    BLUE = "blue"


#: Reports that a fallen percentage has to be explained in: fewer characters explain nothing.
REASON_LENGTH = 10
#: 银川 2025: not begun in the month in which it was due to begin is yellow, three months running red.
IDLE_RED = 3


class Settings(NamedTuple):
    """The thresholds of a place: points behind for yellow and (more than) for red; day of the month for reports."""

    behind: int = 10
    severe: int = 30
    due_day: int = 5

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Settings":
        """Out of a body's settings {"lights": {"behind", "severe"}, "report_due_day"}, defaults for what is missing."""
        lights = settings.get("lights") or {}
        return cls(
            int(lights.get("behind", 10)),
            int(lights.get("severe", 30)),
            int(settings.get("report_due_day") or 5),
        )


DEFAULTS = Settings()


# --- months --------------------------------------------------------------------------------------------


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


def deadline(month: date, due_day: int) -> date:
    """The last day for the report of `month`: `due_day` of the next month, or its last day where it is shorter."""
    following = next_month(month)
    return min(following + timedelta(days=due_day - 1), month_end(following))


# --- the plan ------------------------------------------------------------------------------------------


def planned_percent(
    milestones: Sequence[tuple[date, int]], starts_on: date, due_on: date, day: date
) -> Decimal:
    """The percentage that the plan asks for at the end of `day`, to one decimal (half up).

    `milestones` are (day, per cent) in any order. Straight lines lead through (`starts_on`, 0), the milestones and
    (`due_on`, 100); without milestones that is 时间过半任务过半. Never falls: a milestone below an earlier one
    counts as the earlier. One decimal, because a light must follow from the figures that stand beside it.
    """
    if day >= due_on:
        return Decimal(100)
    if day < starts_on:
        return Decimal(0)
    knots = [(starts_on, 0)]
    for on, percent in sorted(milestones):
        if on < due_on:
            knots.append((max(on, starts_on), max(percent, knots[-1][1])))
    knots.append((due_on, 100))
    value = Decimal(0)
    for (left, low), (right, high) in pairwise(knots):
        if left <= day < right:
            value = low + Decimal((high - low) * (day - left).days) / (right - left).days
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def check_plan(milestones: Sequence[tuple[str, date, int]], starts_on: date, due_on: date) -> None:
    """Refuse a plan that cannot be: dates out of order, milestones (name, day, per cent) outside it or falling.

    Raises RuleBroken naming the field: `due_on` or `milestones`.
    """
    if due_on < starts_on:
        raise RuleBroken("完成时限不能早于开始日期。", field="due_on", status=422)
    ordered = sorted(milestones, key=lambda m: (m[1], m[2]))
    for name, on, percent in ordered:
        if not starts_on <= on <= due_on:
            raise RuleBroken(
                f"节点“{name}”的计划日期应在开始日期与完成时限之间。", field="milestones", status=422
            )
        if not 0 <= percent <= 100:
            raise RuleBroken(f"节点“{name}”的计划进度应在 0 至 100 之间。", field="milestones", status=422)
    for (before, _, low), (after, _, high) in pairwise(ordered):
        if high < low:
            raise RuleBroken(
                f"节点“{after}”的计划进度（{high}%）低于此前的节点“{before}”（{low}%），请核对。",
                field="milestones",
                status=422,
            )


# --- reports -------------------------------------------------------------------------------------------


class Reported(NamedTuple):
    """What a report says of the progress: its month, the percentage, the day it was handed in."""

    month: date
    percent: int
    on: date


def open_months(starts_on: date, last: date | None, day: date) -> list[date]:
    """Months that may be reported on `day`: after the last reported month, from the start to the present month.

    A month that was passed over stays unreported: progress is told in the order of time.
    """
    return months(next_month(last) if last else month_of(starts_on), day)


def missing_months(starts_on: date, last: date | None, day: date, due_day: int) -> list[date]:
    """Months without a report though its day has passed: 逾期未报. `last` is the last reported month, if any."""
    return [month for month in open_months(starts_on, last, day) if deadline(month, due_day) < day]


def check_report(*, percent: int, narrative: str, before: int | None) -> None:
    """Refuse a percentage below the last report's (`before`) unless the narrative gives a reason.

    Raises RuleBroken (field "narrative").
    """
    if before is not None and percent < before and len(narrative.strip()) < REASON_LENGTH:
        raise RuleBroken(
            f"形象进度 {percent}% 低于上次月报的 {before}%。请在“进展情况”中写明原因"
            f"（至少 {REASON_LENGTH} 个字），再提交。",
            field="narrative",
            code="percent_fell",
            status=422,
        )


def money_warnings(
    *, in_place: Decimal, paid: Decimal, before: tuple[Decimal, Decimal] | None = None
) -> list[str]:
    """What about a report's cumulative money (万元) should be looked at again; `before`: (in place, paid) last time."""
    found = []
    if paid > in_place:
        found.append("累计拨付资金大于累计到位资金，请核对。")
    if before and in_place < before[0]:
        found.append("累计到位资金少于上次月报，请核对是否按累计数填写。")
    if before and paid < before[1]:
        found.append("累计拨付资金少于上次月报，请核对是否按累计数填写。")
    return found


# --- lights --------------------------------------------------------------------------------------------


def light(
    planned: Decimal | int,
    actual: Decimal | int,
    *,
    state: TrackingState = TrackingState.RUNNING,
    behind: int = 10,
    severe: int = 30,
    idle: int = 0,
) -> Light:
    """The light of a project that should stand at `planned` and stands at `actual` per cent.

    With d = planned − actual: d < behind green · behind ≤ d ≤ severe yellow · d > severe red (银川 2025; both ends
    included). `idle` counts the months since it was to begin for which nothing was ever reported: one is yellow,
    three red. Completed and accepted is blue (大足双路 2025); 基本完成 stays yellow and 未完成 red, whatever the last
    percentage was: the year's promise was not wholly kept.
    """
    if state != TrackingState.RUNNING:
        return {
            TrackingState.DONE: Light.BLUE,
            TrackingState.BASICALLY: Light.YELLOW,
            TrackingState.SUSPENDED: Light.YELLOW,
        }.get(state, Light.RED)
    deviation = planned - actual
    if deviation > severe or idle >= IDLE_RED:
        return Light.RED
    if deviation >= behind or idle >= 1:
        return Light.YELLOW
    return Light.GREEN


@dataclass(frozen=True)
class Standing:
    """Where a project stands: its light, the figures it follows from, and the same in words.

    `as_of` is the day at which plan and progress are held against each other; `missing` the months whose report is
    overdue; `idle` as in `light`.
    """

    light: Light
    planned: Decimal
    actual: int
    as_of: date
    words: str
    missing: tuple[date, ...] = ()
    idle: int = 0

    @property
    def behind(self) -> Decimal:
        """Points behind plan; negative when ahead."""
        return self.planned - self.actual


def standing(
    *,
    milestones: Sequence[tuple[date, int]],
    starts_on: date,
    due_on: date,
    reports: Sequence[Reported],
    day: date,
    state: TrackingState = TrackingState.RUNNING,
    finished_on: date | None = None,
    settings: Settings = DEFAULTS,
) -> Standing:
    """Where a project with this plan and these reports stands on `day`.

    Plan and progress meet at the end of the last reported month (or on the day the report was handed in, if that was
    earlier); once later reports are overdue, at the end of the last overdue month.
    """
    last = max(reports, default=None)
    running = state == TrackingState.RUNNING
    missing = missing_months(starts_on, last and last.month, day, settings.due_day) if running else []
    if missing:
        as_of = month_end(missing[-1])
    elif last:
        as_of = min(month_end(last.month), last.on)
    else:
        as_of = min(starts_on, day)  # nothing is due to be known yet
    planned = planned_percent(milestones, starts_on, due_on, as_of)
    actual = last.percent if last else 0
    idle = 0 if last else len(missing)
    shown = light(planned, actual, state=state, behind=settings.behind, severe=settings.severe, idle=idle)
    if not running:
        words = _ended(state, finished_on)
    elif not last and not missing:
        words = _not_due(starts_on, day, settings.due_day)
    else:
        words = _silence(last, missing, day) + _compared(planned, actual, as_of, day)
    return Standing(shown, planned, actual, as_of, words, tuple(missing), idle)


def _ended(state: TrackingState, on: date | None) -> str:
    day = f"{on.year}年{on.month}月{on.day}日" if on else ""
    return {
        TrackingState.DONE: f"{day}完成并通过验收",
        TrackingState.BASICALLY: f"{day}认定为基本完成，尚有收尾工作",
        TrackingState.UNFINISHED: f"{day}认定为未完成",
        TrackingState.SUSPENDED: f"{day}经决定暂缓实施",
        TrackingState.TERMINATED: f"{day}经决定终止实施",
    }[state]


def _not_due(starts_on: date, day: date, due_day: int) -> str:
    if day < starts_on:
        return f"计划{_short(starts_on, day)}开始，尚未到期"
    first = month_of(starts_on)
    return f"已开始，首次月报于{_short(deadline(first, due_day), day)}前报送"


def span(missing: Sequence[date], beside: date) -> str:
    """Months that follow each other, in words: 9月, 9月至10月; with the year where it is not that of `beside`."""
    first = _month(missing[0], beside)
    return first if len(missing) == 1 else f"{first}至{_month(missing[-1], missing[0])}"


def _silence(last: Reported | None, missing: Sequence[date], day: date) -> str:
    if not missing:
        return ""
    if last is None:
        return f"{span(missing, day)}没有报送进展，视为尚未开始；"
    return f"{span(missing, day)}月报逾期未报，按{_month(last.month, day)}所报进度计；"


def _compared(planned: Decimal, actual: int, as_of: date, day: date) -> str:
    at_end = as_of == month_end(month_of(as_of))
    when = f"{_month(as_of, day)}底" if at_end else _short(as_of, day)
    gap = planned - actual
    told = "与计划持平" if not gap else f"{'落后' if gap > 0 else '超前'} {plain(abs(gap))} 个百分点"
    return f"至{when}计划 {plain(planned)}%，实际 {actual}%，{told}"


def plain(percent: Decimal | int) -> str:
    """70 rather than 70.0, 69.5 as it is."""
    return f"{percent:f}".removesuffix(".0")


def _month(day: date, beside: date) -> str:
    return f"{day.month}月" if day.year == beside.year else f"{day.year}年{day.month}月"


def _short(day: date, beside: date) -> str:
    return f"{_month(day, beside)}{day.day}日"

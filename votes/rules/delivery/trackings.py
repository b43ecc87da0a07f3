"""Tracking of selected projects: planned and reported progress, lights, end states.

Practice leaves three questions open; this module answers them:

- Is a project green when it is 0 to 10 points behind? 银川's rule (2025) calls 10–30 points yellow, more than 30 red and
  "on schedule" green. Here a project less than `behind` points late is on schedule (正常): a monthly figure is an
  estimate, and a light that changes within the margin of error warns of nothing.
- Is it green after its time limit? Only at 100 per cent: a date that has passed is no estimate.
- What if nothing is reported? Then nothing counts as done. Once a report is overdue, the plan is read at the end of its
  period and compared with the last reported percentage. So a project that does not report does not stay green.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from votes.rules.dates import chinese_date
from votes.rules.delivery import periods
from votes.rules.delivery.lights import DEFAULTS, SCHEMES, Light, LightSettings, funds_short, plain
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import declare


class TrackingState(StrEnum):
    """End states as 宁海 reported them: 完成 / 基本完成 / 未完成."""

    RUNNING = "running"
    DONE = "done"
    BASICALLY = "basically_done"
    UNFINISHED = "unfinished"
    SUSPENDED = "suspended"  # 暂缓, by decision
    TERMINATED = "terminated"  # 终止, by decision


#: state -> action -> next state. The government office says how a project ended; a mistake can be undone.
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
declare(TRACKING)


def check_running(state: TrackingState) -> None:
    """Refuse a change of plan or a report of a project that is not running. Raises RuleBroken."""
    if state == TrackingState.SUSPENDED:
        raise RuleBroken("这个项目已经暂缓实施，恢复之前不改动计划，也不报送进度。")
    if state == TrackingState.TERMINATED:
        raise RuleBroken("这个项目已经终止实施，不再改动计划和进度。")
    if state != TrackingState.RUNNING:
        raise RuleBroken("这个项目已经办结，不再改动计划和月报。如需更正，请政府办先恢复为实施中。")


class CarryOver(StrEnum):
    """Why a project's time limit lies beyond the year that it was voted for."""

    POSTPONED = "postponed"  # 顺延, by decision (吴江 2022 keeps it as a status)
    MULTI_YEAR = "multi_year"  # 跨年度, as voted, with a goal for each year


def carried_over(year: int, due_on: date, voted_due_on: date) -> CarryOver | None:
    """Return why a project of ``year`` goes on beyond it, if it does.

    The time limit in force and the one that was voted on decide.
    """
    if due_on.year <= year:
        return None
    return CarryOver.POSTPONED if due_on > voted_due_on else CarryOver.MULTI_YEAR


#: End states that are only decided in the year of the time limit or later.
_BY_THE_LIMIT = {TrackingState.BASICALLY: "基本完成", TrackingState.UNFINISHED: "未完成"}


def check_end(
    state: TrackingState,
    to: TrackingState,
    *,
    on: date | None,
    starts_on: date,
    due_on: date,
    today: date,
    percent: int,
    noun: str = "月报",
) -> None:
    """Refuse the end state ``to`` where day or progress do not allow it.

    An impossible day, a day too early, or an end against the last reported ``percent``.

    基本完成 and 未完成 are decided in the year of the time limit in force or later. A project whose limit a decision moved
    into the next year (顺延), or that was voted for longer than a year (跨年度), goes on and is reported on until then.
    ``noun``: what a report of the project is called. Raises RuleBroken.
    """
    if on is None or not starts_on <= on <= today:
        raise invalid("finished_on", "日期应在开始实施之后，且不晚于今天。")
    if to in _BY_THE_LIMIT and on.year < due_on.year:
        raise invalid(
            "action",
            f"完成时限是{chinese_date(due_on)}，还没有到期，不认定为“{_BY_THE_LIMIT[to]}”。请继续按计划实施和报送进度，"
            "到期后再认定；本年度办理情况在年末报告中说明。",
            code="before_the_limit",
        )
    if to == TrackingState.DONE and percent < 100:
        first = "" if state == TrackingState.RUNNING else "先恢复为实施中，再"
        other = "，或认定为基本完成" if state == TrackingState.RUNNING else ""
        raise RuleBroken(
            f"最近一次报送的形象进度是 {percent}%，与“完成”不符。请{first}由责任单位报送 100% 的{noun}{other}。",
            code="not_at_100",
        )


#: The least number of characters that explain why a percentage has fallen.
REASON_LENGTH = 10
#: After so many months without a beginning the light is red, before that yellow (银川 2025).
IDLE_RED = 3


# --- the plan ------------------------------------------------------------------------------------------


def planned_percent(
    milestones: Sequence[tuple[date, int]], starts_on: date, due_on: date, day: date
) -> Decimal:
    """Return the percentage that the plan asks for at the end of ``day``.

    It has one decimal, rounded half up.

    ``milestones`` are (day, per cent) in any order. The plan is straight between (``starts_on``, 0), the milestones and
    (``due_on``, 100); without milestones that is 时间过半任务过半. It never falls: a milestone below an earlier one
    counts as much as the earlier. It is rounded because a light must follow from the figures beside it.
    """
    if day >= due_on:
        return Decimal(100)
    if day < starts_on:
        return Decimal(0)
    points = [(starts_on, 0)]
    for on, percent in sorted(milestones):
        if on < due_on:
            points.append((max(on, starts_on), max(percent, points[-1][1])))
    points.append((due_on, 100))
    value = Decimal(0)
    for (left, low), (right, high) in pairwise(points):
        if left <= day < right:
            value = low + Decimal((high - low) * (day - left).days) / (right - left).days
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def planned_part_of_year(
    milestones: Sequence[tuple[date, int]], starts_on: date, due_on: date, day: date
) -> Decimal:
    """Return the part of the year's planned work that is due by ``day``.

    In per cent, to one decimal.

    Money is planned to be paid as the year's work is done. The share is 100 in a year without planned work.
    """
    before = planned_percent(milestones, starts_on, due_on, date(day.year - 1, 12, 31))
    whole = planned_percent(milestones, starts_on, due_on, date(day.year, 12, 31)) - before
    if not whole:
        return Decimal(100)
    part = (planned_percent(milestones, starts_on, due_on, day) - before) * 100 / whole
    return part.quantize(Decimal("0.1"), ROUND_HALF_UP)


def check_plan(milestones: Sequence[tuple[str, date, int]], starts_on: date, due_on: date) -> None:
    """Refuse a plan whose dates or milestones are out of order.

    Milestones lie within the dates of the plan, and their percentages do not fall.

    ``milestones`` are (name, day, per cent). Raises RuleBroken for the field "due_on" or "milestones".
    """
    if due_on < starts_on:
        raise invalid("due_on", "完成时限不能早于开始日期。")
    ordered = sorted(milestones, key=lambda m: (m[1], m[2]))
    for name, on, percent in ordered:
        if not starts_on <= on <= due_on:
            raise invalid("milestones", f"节点“{name}”的计划日期应在开始日期与完成时限之间。")
        if not 0 <= percent <= 100:
            raise invalid("milestones", f"节点“{name}”的计划进度应在 0 至 100 之间。")
    for (before, _, low), (after, _, high) in pairwise(ordered):
        if high < low:
            raise invalid(
                "milestones",
                f"节点“{after}”的计划进度（{high}%）低于此前的节点“{before}”（{low}%），请核对。",
            )


# --- reports -------------------------------------------------------------------------------------------


class Reported(NamedTuple):
    """A report's month, its percentage and the day on which it was handed in.

    ``paid``: the paid part of the year's investment, in per cent; None: no investment is planned, or it is not compared.
    """

    month: date
    percent: int
    on: date
    paid: Decimal | None = None


def check_report(*, percent: int, narrative: str, before: int | None, noun: str = "月报") -> None:
    """Refuse a percentage below that of the last report (``before``).

    A reason in the narrative permits it.

    Raises RuleBroken (field "narrative").
    """
    if before is not None and percent < before and len(narrative.strip()) < REASON_LENGTH:
        raise invalid(
            "narrative",
            f"形象进度 {percent}% 低于上次{noun}的 {before}%。请在“进展情况”中写明原因"
            f"（至少 {REASON_LENGTH} 个字），再提交。",
            code="percent_fell",
        )


def money_warnings(
    *, in_place: Decimal, paid: Decimal, before: tuple[Decimal, Decimal] | None = None
) -> list[str]:
    """Return warnings about cumulative money, 万元; ``before``: (in place, paid) last time."""
    warnings = []
    if paid > in_place:
        warnings.append("累计拨付资金大于累计到位资金，请核对。")
    if before and in_place < before[0]:
        warnings.append("累计到位资金少于上次所报，请核对是否按累计数填写。")
    if before and paid < before[1]:
        warnings.append("累计拨付资金少于上次所报，请核对是否按累计数填写。")
    return warnings


# --- lights --------------------------------------------------------------------------------------------


def light(
    planned: Decimal | int,
    actual: Decimal | int,
    *,
    state: TrackingState = TrackingState.RUNNING,
    settings: LightSettings = DEFAULTS,
    idle: int = 0,
    funds_short: bool = False,
    over: bool = False,
) -> Light:
    """Return the light of a project by its ``planned`` and ``actual`` per cent.

    A running project is judged by the scheme of the place. In every scheme, ``idle`` months (nothing was reported since
    the project should have begun) are yellow, three of them red; ``funds_short`` is red; and ``over``, the time limit
    has passed, is not green below 100 per cent. A project that no longer runs has the light of its end state, whatever
    its last percentage was: 基本完成 and 未完成 did not wholly keep the year's promise.
    """
    if state != TrackingState.RUNNING:
        return ENDS[state].light
    judged = SCHEMES[settings.scheme].light(planned, actual, settings)
    if funds_short or idle >= IDLE_RED:
        return Light.RED
    behind = idle or (over and actual < 100)
    return Light.YELLOW if behind and judged == Light.GREEN else judged


class End(NamedTuple):
    """What pages show of an end state: light, title in the story, reason beside the light."""

    light: Light
    title: str
    reason: str


ENDS = {
    TrackingState.DONE: End(Light.BLUE, "完成并通过验收", "完成并通过验收"),
    TrackingState.BASICALLY: End(Light.YELLOW, "认定为基本完成", "认定为基本完成，尚有收尾工作"),
    TrackingState.UNFINISHED: End(Light.RED, "认定为未完成", "认定为未完成"),
    TrackingState.SUSPENDED: End(Light.GREY, "暂缓实施", "经决定暂缓实施"),
    TrackingState.TERMINATED: End(Light.GREY, "终止实施", "经决定终止实施"),
}
#: States that a decision has set.
STOPPED = (TrackingState.SUSPENDED, TrackingState.TERMINATED)


@dataclass(frozen=True)
class ProjectStanding:
    """Hold where a project stands.

    Its light, the figures from which the light follows, and the same in words.

    ``as_of``: the day for which plan and progress are compared. ``missing``: the months whose report is overdue.
    ``idle``: as in `light`.
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
        """Return the points behind the plan; negative when ahead."""
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
    settings: LightSettings = DEFAULTS,
    period: str = periods.MONTH,
    pauses: Sequence[periods.Pause] = (),
    carried: CarryOver | None = None,
) -> ProjectStanding:
    """Return where a project with this plan and these reports stands on ``day``.

    ``period``: month | quarter, how often it reports. ``pauses``: its suspensions by decision; no report is owed for a
    period that closed meanwhile. ``carried``: why it goes on beyond its year (see `carried_over`).

    Plan and progress are compared at the end of the last reported month, or on the day of the report if that was
    earlier; once later reports are overdue, at the end of the last overdue month. The plan of an ended project is read on
    ``day``, at most at its time limit, so that it counts in full in sums over many projects. The plan of a suspended or
    terminated project is read on the day of the decision: nothing is expected of it since.
    """
    last = max(reports, default=None)
    running = state == TrackingState.RUNNING
    owed = periods.missing_months(starts_on, last and last.month, day, settings.due_day, period)
    missing = [month for month in owed if running and not periods.paused(month, pauses)]
    if not running:
        as_of = min(day, due_on if state not in STOPPED else finished_on or day)
    elif missing:
        as_of = periods.month_end(missing[-1])
    elif last:
        as_of = min(periods.month_end(last.month), last.on)
    else:
        as_of = min(starts_on, day)  # no report is due yet
    planned = planned_percent(milestones, starts_on, due_on, as_of)
    actual = last.percent if last else 0
    idle = idle_months(starts_on, missing[-1], pauses) if missing and not last else 0
    short = bool(last) and funds_short(last.paid if last else None, as_of, settings)
    over = as_of >= due_on
    lit = light(planned, actual, state=state, settings=settings, idle=idle, funds_short=short, over=over)
    if not running:
        words = f"{chinese_date(finished_on) if finished_on else ''}{ENDS[state].reason}"
    elif not last and not missing:
        words = _not_due(starts_on, day, settings.due_day, period)
    else:
        words = _silence(last, missing, day, period) + _compared(planned, actual, as_of, day)
        if over and actual < 100:
            words += "，完成时限已到"
        words += SCHEMES[settings.scheme].figure(planned, actual, settings)
        if short and last and last.paid is not None:
            words += (
                f"；资金拨付率 {plain(last.paid)}%，低于{settings.funds_month}月底 {settings.funds}% 的要求"
            )
    if running and carried:
        words += f"；{_CARRIED[carried]}{chinese_date(due_on)}"
    return ProjectStanding(lit, planned, actual, as_of, words, tuple(missing), idle)


def idle_months(starts_on: date, last: date, pauses: Sequence[periods.Pause] = ()) -> int:
    """Count the months up to ``last`` in which a project could have begun and did not."""
    return sum(not periods.paused(month, pauses) for month in periods.months(starts_on, last))


_CARRIED = {
    CarryOver.POSTPONED: "完成时限按决定顺延至",
    CarryOver.MULTI_YEAR: "跨年度项目，完成时限为",
}


def _not_due(starts_on: date, day: date, due_day: int, period: str) -> str:
    if day < starts_on:
        return f"计划{_short(starts_on, day)}开始，尚未到期"
    first = periods.open_months(starts_on, None, max(day, starts_on), period)[0]
    return f"已开始，首次{periods.NOUNS[period]}于{_short(periods.deadline(first, due_day), day)}前报送"


def _silence(last: Reported | None, missing: Sequence[date], day: date, period: str) -> str:
    if not missing:
        return ""
    periods_missing = periods.span(missing, day, period)
    if last is None:
        return f"{periods_missing}没有报送进展，视为尚未开始；"
    return f"{periods_missing}{periods.NOUNS[period]}逾期未报，按{periods.word(last.month, day, period)}所报进度计；"


def _compared(planned: Decimal, actual: int, as_of: date, day: date) -> str:
    at_end = as_of == periods.month_end(as_of)
    when = f"{periods.month_word(as_of, day)}底" if at_end else _short(as_of, day)
    gap = planned - actual
    gap_words = "与计划持平" if not gap else f"{'落后' if gap > 0 else '超前'} {plain(abs(gap))} 个百分点"
    return f"至{when}计划 {plain(planned)}%，实际 {actual}%，{gap_words}"


def _short(day: date, beside: date) -> str:
    return f"{periods.month_word(day, beside)}{day.day}日"

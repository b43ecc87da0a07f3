"""Curves over the year, planned against actual.

Of progress and of money, of one project and of many.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from votes.clock import local
from votes.models import Report, Tracking
from votes.rules.delivery.periods import closing, deadline, month_end, months
from votes.rules.delivery.trackings import TrackingState, planned_part_of_year, planned_percent
from votes.services.delivery.trackings import TrackedProject, milestone_points, plan_of

Point = tuple[date, float]


class MonthPoint(NamedTuple):
    """Planned and actual percentage at the end of a month.

    ``actual`` None where it is not known yet.
    """

    on: date
    planned: float
    actual: float | None


def curve(lines: Sequence[TrackedProject], day: date) -> list[MonthPoint]:
    """Return the mean of the plans and of the reports for each month of the year.

    A month counts what had been reported by its end.

    The curve goes on to the last report where that is later. The actual side stops before the first month for which
    reports may still come in.
    """
    points = []
    for month in _months(lines):
        end = month_end(month)
        planned = float(sum(planned_percent(*plan_of(each.tracking), end) for each in lines))
        known = _known(lines, month, day)
        actual = sum(_reported_by(each.tracking, month) for each in lines) / len(lines) if known else None
        points.append(MonthPoint(end, planned / len(lines), actual))
    return points


class MoneyPoint(NamedTuple):
    """What of the year's investment should be paid by the end of a month, and what was; 万元."""

    on: date
    planned: Decimal
    paid: Decimal | None


def money_curve(lines: Sequence[TrackedProject], day: date) -> list[MoneyPoint]:
    """Return the money due and the money paid for each month of the year.

    The plans of work ask for the first; reports state the second.

    Figures are cumulative for the year, 万元; the actual side stops as in `curve`.
    """
    points = []
    year = max((each.project.year for each in lines), default=0)
    for month in _months(lines):
        if month.year != year:
            continue
        planned = sum((_money_due(each, month_end(month)) for each in lines), Decimal(0))
        known = _known(lines, month, day)
        paid = sum((_paid_by(each.tracking, month) for each in lines), Decimal(0)) if known else None
        points.append(MoneyPoint(month_end(month), planned.quantize(Decimal("0.01")), paid))
    return points


def _months(lines: Sequence[TrackedProject]) -> list[date]:
    if not lines:
        return []
    first = min(each.tracking.starts_on for each in lines)
    last = min(
        max(each.tracking.due_on for each in lines),
        date(max(each.project.year for each in lines), 12, 31),  # a longer project has a page of its own
    )
    reported = _last_report(lines)
    return months(first, max(last, reported or last))


def _last_report(lines: Sequence[TrackedProject]) -> date | None:
    return max((each.last.month for each in lines if each.last), default=None)


def _known(lines: Sequence[TrackedProject], month: date, day: date) -> bool:
    """Tell whether reports of the month exist and none may still come in time."""
    reported = _last_report(lines)
    if reported is None or month > reported:
        return False
    return deadline(month, lines[0].place.due_day) < day or all(
        each.tracking.state != TrackingState.RUNNING
        or closing(month, each.tracking.period) != month  # a quarter that is not over owes nothing
        or (each.last is not None and each.last.month >= month)
        for each in lines
    )


def _reported_by(tracking: Tracking, month: date) -> int:
    """Return the percentage known at the end of ``month``."""
    reported = [report.percent for report in tracking.reports if report.month <= month]
    return reported[-1] if reported else 0


def _paid_by(tracking: Tracking, month: date) -> Decimal:
    reported = [r.money_paid for r in tracking.reports if r.month <= month and r.month.year == month.year]
    return reported[-1] if reported else Decimal(0)


def _money_due(line: TrackedProject, day: date) -> Decimal:
    return line.money_planned * planned_part_of_year(*plan_of(line.tracking), day) / 100


def chart_points(tracking: Tracking) -> tuple[list[Point], list[Point]]:
    """Return the planned and the actual curve of one project, each from its start."""
    begin: Point = (tracking.starts_on, 0.0)
    milestones = [(on, float(percent)) for on, percent in milestone_points(tracking) if on < tracking.due_on]
    plan = [begin, *milestones, (tracking.due_on, 100.0)]
    actual = [(_known_on(report), float(report.percent)) for report in tracking.reports]
    return plan, [begin, *actual] if actual else []


def _known_on(report: Report) -> date:
    """Return the day of a report in the charts.

    It is the end of the period, or the day of the report where that was earlier.
    """
    on = min(month_end(report.month), local(report.reported_at).date())
    return max(on, report.tracking.starts_on)


class PaidPoint(NamedTuple):
    """Hold one report's money beside what the plan of work asks for on that day.

    In 万元, and in per cent of the year's investment.
    """

    on: date
    planned: Decimal
    planned_percent: Decimal
    paid: Decimal
    paid_percent: Decimal | None


def money_points(line: TrackedProject) -> list[PaidPoint]:
    """Return the money of one project, report by report, within the year of its latest report."""
    points = []
    for report in line.tracking.reports:
        if line.last is None or report.month.year != line.last.month.year:
            continue
        on, whole = _known_on(report), report.money_planned
        part = planned_part_of_year(*plan_of(line.tracking), on)
        due = (whole * part / 100).quantize(Decimal("0.01"))
        paid_percent = (report.money_paid * 100 / whole).quantize(Decimal("0.1")) if whole else None
        points.append(PaidPoint(on, due, part, report.money_paid, paid_percent))
    return points


def money_chart_points(line: TrackedProject) -> tuple[list[Point], list[Point]]:
    """Return two curves through the year: the due and the paid part of the investment.

    Both are in per cent of the year's investment.
    """
    paid = money_points(line)
    if not paid:
        return [], []
    tracking, year = line.tracking, paid[-1].on.year if line.last is None else line.last.month.year
    first = max(tracking.starts_on, date(year, 1, 1))
    last = max(min(tracking.due_on, date(year, 12, 31)), first)
    days = [first, *(month_end(m) for m in months(first, last) if month_end(m) < last), last]
    plan = [(on, float(planned_part_of_year(*plan_of(tracking), on))) for on in days]
    actual = [(each.on, float(each.paid_percent)) for each in paid if each.paid_percent is not None]
    return plan, [(first, 0.0), *actual] if actual else []

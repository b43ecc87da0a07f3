"""年中、年末报告: the year's projects as they stood at the end of June, or of the year.

The report has the state of that day, whenever it is drawn up: later adjustments are undone.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from votes.exports.delivery.year_reports import MIDYEAR, AdjustmentRow, ProjectRow, YearReport
from votes.models import Body, Report
from votes.rules.delivery import adjustments as rules
from votes.rules.delivery.lights import Light, funds_short
from votes.rules.delivery.periods import closing, month_end, month_of, paused, periods, word as period_word
from votes.rules.delivery.trackings import (
    ENDS,
    STOPPED,
    CarryOver,
    TrackingState,
    carried_over,
    idle_months,
    light,
    planned_percent,
)
from votes.services import audit
from votes.services.delivery import adjustments, trackings
from votes.services.voting import results

#: What has a word: lights, ends, kinds of adjustment, why something goes on beyond its year.
Worded = Light | TrackingState | rules.AdjustmentKind | CarryOver


def as_of(kind: str, year: int, day: date) -> date:
    """Return the last day of the report: the end of June or of the year.

    Before that day, it is the end of the last whole month.
    """
    end = date(year, 6, 30) if kind == MIDYEAR else date(year, 12, 31)
    return end if day > end else min(end, month_of(day) - timedelta(days=1))


def gather(body: Body, kind: str, year: int, *, day: date, word: Callable[[Worded], str]) -> YearReport:
    """Return the figures of the ``kind`` of report.

    ``word`` gives the words of lights, ends and adjustments.
    """
    until = as_of(kind, year, day)
    lines = trackings.search(day=day, year=year)
    rows = [_row(line, until, word) for line in lines]
    order = [*(s for s in ENDS if s != TrackingState.UNFINISHED), *Light, TrackingState.UNFINISHED]
    rounds = [round_ for line in lines[:1] if (round_ := results.of_tracking(line.tracking))]
    return YearReport(
        kind=kind,
        year=year,
        place=body.place,
        organ=body.name,
        session=rounds[0].session.title if rounds else "",
        as_of=until,
        rows=[row for row, *_ in rows],
        counts=_counts([standing for _, standing, _ in rows], order, word),
        beyond=_counts([carried for *_, carried in rows], CarryOver, word),
        changes=_changes(lines, until, word),
        demo=body.is_demo,
    )


def _counts(
    values: Iterable[Worded | None], order: Iterable[Worded], word: Callable[[Worded], str]
) -> list[tuple[str, int]]:
    """Return how often each value occurs, by its word in this order, those that occur."""
    numbers = Counter(values)
    return [(word(each), numbers[each]) for each in order if numbers[each]]


def _row(
    line: trackings.TrackedProject, until: date, word: Callable[[Worded], str]
) -> tuple[ProjectRow, Light | TrackingState, CarryOver | None]:
    """Return a project as it stood on ``until``.

    With its light or end state, and why it goes on, if it does.
    """
    tracking, project = line.tracking, line.project
    now = {"due_on": tracking.due_on, "target": project.target, "year_investment": project.year_investment}
    then = rules.stood(now, trackings.decided(tracking), until)
    last = next((report for report in reversed(tracking.reports) if report.month <= until), None)
    ended, stopped_on = _end(line, until)
    points, on = trackings.milestone_points(tracking), stopped_on or month_end(until)
    planned = planned_percent(points, tracking.starts_on, then["due_on"], on)
    standing = ended or _light(line, last, planned, then["due_on"], until)
    carried = None if ended else carried_over(project.year, then["due_on"], trackings.voted_due(project))
    row = ProjectRow(
        name=project.name,
        unit=tracking.unit_name,
        target=then["target"],
        planned=planned,
        standing=word(standing),
        late=standing in _LATE,
        beyond=word(carried) if carried else "",
        due_on=then["due_on"] if carried else None,
        **_reported(line, last, until) if last else {"money": then["year_investment"] or Decimal(0)},
    )
    return row, standing, carried


def _reported(line: trackings.TrackedProject, report: Report, until: date) -> dict[str, Any]:
    """Return what a row has of the last report; its period where a later report is missing."""
    behind = _behind(line, report, until)
    return {
        "actual": report.percent,
        "money": report.money_planned,
        "in_place": report.money_in_place,
        "paid": report.money_paid,
        "last_period": period_word(report.month, None, line.tracking.period) if behind else "",
        **audit.facts(report, "narrative", "problems", "next_step"),
    }


def _end(line: trackings.TrackedProject, until: date) -> tuple[TrackingState | None, date | None]:
    """Return the end state or suspension in force then, if any.

    And the day of the decision that stopped the project.
    """
    tracking = line.tracking
    if tracking.state in ENDS and tracking.finished_on and tracking.finished_on <= until:
        return tracking.state, tracking.finished_on if tracking.state in STOPPED else None
    for pause in trackings.pauses(tracking):
        if pause.since <= until and (pause.until is None or until < pause.until):
            return TrackingState.SUSPENDED, pause.since
    return None, None


def _light(
    line: trackings.TrackedProject, last: Report | None, planned: Decimal, due_on: date, until: date
) -> Light:
    """Return the light at the end of the period, by the rules of every other page."""
    tracking, pauses = line.tracking, trackings.pauses(line.tracking)
    closed = [m for m in periods(tracking.starts_on, until, tracking.period) if month_end(m) <= until]
    idle = 0 if last or not closed else idle_months(tracking.starts_on, closed[-1], pauses)
    paid = trackings.reported(last).paid if last else None
    return light(
        planned,
        last.percent if last else 0,
        settings=line.place,
        idle=idle,
        funds_short=funds_short(paid, until, line.place),
        over=until >= due_on,
    )


def _changes(
    lines: list[trackings.TrackedProject], until: date, word: Callable[[Worded], str]
) -> list[AdjustmentRow]:
    """Return the adjustments decided by then, in the order of the projects."""
    return [
        AdjustmentRow(
            project=line.project.name,
            kind=word(each.kind),
            sides=adjustments.sides(each),
            **audit.facts(each, "reason", "organ", "document_number", "decided_on", "announced_on"),
            owed=rules.must_announce(each.kind),
        )
        for line in lines
        for each in line.tracking.adjustments
        if each.state == rules.AdjustmentState.APPROVED and each.decided_on and each.decided_on <= until
    ]


_LATE = (
    Light.YELLOW,
    Light.ORANGE,
    Light.RED,
    TrackingState.BASICALLY,
    TrackingState.UNFINISHED,
    TrackingState.SUSPENDED,
)


def _behind(line: trackings.TrackedProject, report: Report, until: date) -> bool:
    """Tell whether a running project's last report is older than the period that ends then."""
    tracking = line.tracking
    whole = closing(until, tracking.period)
    ended = _end(line, until)[0] is not None or paused(whole, trackings.pauses(tracking))
    return not ended and whole <= month_of(until) and report.month < whole

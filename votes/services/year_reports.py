"""年中、年末报告: the year's projects as they stood at the end of June, or of the year, for the congress to hear."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from votes.exports.year_reports import MIDYEAR, Row, YearReport
from votes.models import Body, Report, Tracking
from votes.rules.periods import closing, month_end, month_of
from votes.rules.periods import word as period_word
from votes.rules.progress import Light, Settings, TrackingState, funds_short, light, planned_percent
from votes.services import progress, publicity

#: Ends that a report tells by their own word; what still runs is told by its light.
_ENDS = tuple(state for state in TrackingState if state != TrackingState.RUNNING)


def as_of(kind: str, year: int, day: date) -> date:
    """Until when a report tells: the end of June or of the year; before that, the end of the last whole month."""
    end = date(year, 6, 30) if kind == MIDYEAR else date(year, 12, 31)
    return end if day > end else min(end, month_of(day) - timedelta(days=1))


def gather(
    body: Body, kind: str, year: int, *, day: date, word: Callable[[Light | TrackingState], str]
) -> YearReport:
    """The figures of the ``kind`` of report on ``day``; ``word`` has the words of lights and ends."""
    until, place = as_of(kind, year, day), Settings.of(body.settings)
    lines = progress.search(day=day, year=year)
    stood = [(line, *_stood(line.tracking, until, place)) for line in lines]
    rows = [_row(line, report, standing, until, word) for line, report, standing in stood]
    order = [*(s for s in _ENDS if s != TrackingState.UNFINISHED), *Light, TrackingState.UNFINISHED]
    counts = [(word(each), sum(standing == each for _, _, standing in stood)) for each in order]
    rounds = [found for line in lines[:1] if (found := publicity.of_tracking(line.tracking))]
    return YearReport(
        kind=kind,
        year=year,
        place=body.place,
        organ=body.name,
        session=rounds[0].session.title if rounds else "",
        as_of=until,
        rows=rows,
        counts=[(said, number) for said, number in counts if number],
        demo=body.is_demo,
    )


def _stood(tracking: Tracking, until: date, place: Settings) -> tuple[Report | None, Light | TrackingState]:
    """The last report until then, and how the project stood: its end if it had ended, else its light."""
    told = [r for r in tracking.reports if r.month <= until]
    last = told[-1] if told else None
    if tracking.state in _ENDS and tracking.finished_on and tracking.finished_on <= until:
        return last, tracking.state
    planned = _planned(tracking, until)
    paid = last.money_paid * 100 / last.money_planned if last and last.money_planned else None
    shown = light(
        planned, last.percent if last else 0, settings=place, funds_short=funds_short(paid, until, place)
    )
    return last, shown


def _planned(tracking: Tracking, until: date) -> Decimal:
    return planned_percent(progress.knots(tracking), tracking.starts_on, tracking.due_on, month_end(until))


_LATE = (
    Light.YELLOW,
    Light.ORANGE,
    Light.RED,
    TrackingState.BASICALLY,
    TrackingState.UNFINISHED,
    TrackingState.SUSPENDED,
)


def _row(
    line: progress.Line,
    report: Report | None,
    standing: Light | TrackingState,
    until: date,
    word: Callable[[Light | TrackingState], str],
) -> Row:
    tracking, project = line.tracking, line.project
    return Row(
        name=project.name,
        unit=tracking.department.name if tracking.department else "",
        target=project.target,
        planned=_planned(tracking, until),
        actual=report.percent if report else 0,
        standing=word(standing),
        money=report.money_planned if report else project.year_investment or Decimal(0),
        in_place=report.money_in_place if report else Decimal(0),
        paid=report.money_paid if report else Decimal(0),
        narrative=report.narrative if report else "",
        problems=report.problems if report else "",
        next_step=report.next_step if report else "",
        late=standing in _LATE,
        told=period_word(report.month, None, tracking.period)
        if report and _behind(line, report, until)
        else "",
    )


def _behind(line: progress.Line, report: Report, until: date) -> bool:
    """Whether a running project's last report is not of the period that ends then."""
    tracking = line.tracking
    whole = closing(until, tracking.period)
    ended = tracking.finished_on is not None and tracking.finished_on <= until
    return not ended and whole <= month_of(until) and report.month < whole

"""Reports of progress, by month or quarter.

First values, handing in, correcting; parts, money by source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from votes.clock import local
from votes.db import by_id, db, flush_or
from votes.models import Attachment, PartReport, Project, Report, ReportMoney, SubProject, Tracking
from votes.rules.delivery.parts import TOTALS, Money, check_sources, check_whole, whole_percent
from votes.rules.delivery.periods import NOUNS, open_months, paused, periods, word
from votes.rules.delivery.trackings import TrackingState, check_report, check_running, money_warnings
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services import audit, uploads
from votes.services.delivery.trackings import last_month, pauses

# --- reading -------------------------------------------------------------------------------------------


#: Returns the report with what its pages show.
get = by_id(
    select(Report).options(
        joinedload(Report.tracking).joinedload(Tracking.project).selectinload(Project.subprojects),
        joinedload(Report.tracking).joinedload(Tracking.project).selectinload(Project.funding),
        joinedload(Report.tracking).selectinload(Tracking.reports).selectinload(Report.money),
        selectinload(Report.photos),
        selectinload(Report.parts),
        selectinload(Report.money),
    )
)


def choices(tracking: Tracking, day: date) -> list[date]:
    """Return the periods that may be reported now, by their closing months."""
    if tracking.state != TrackingState.RUNNING:
        return []
    return open_months(tracking.starts_on, last_month(tracking), day, tracking.period)


def passed_over(tracking: Tracking) -> list[date]:
    """Return the periods before the last report without one, those of a suspension aside."""
    last = last_month(tracking)
    reported = {report.month for report in tracking.reports}
    past = periods(tracking.starts_on, last, tracking.period) if last else []
    return [m for m in past if m not in reported and not paused(m, pauses(tracking))]


def photographed(tracking: Tracking) -> list[tuple[Report, list[Attachment]]]:
    """Return the reports that have pictures, with them, the latest first."""
    pairs = [(r, [p for p in r.photos if p.is_picture]) for r in reversed(tracking.reports)]
    return [(report, pictures) for report, pictures in pairs if pictures]


@dataclass(frozen=True)
class PartLine:
    """Hold a 子项目 as last reported.

    Per cent and note; None and "" where nothing was reported of it yet.
    """

    part: SubProject
    percent: int | None
    note: str


def parts_of(tracking: Tracking, report: Report | None = None) -> list[PartLine]:
    """Return the parts of a project in their order.

    By ``report`` (None: the latest report with parts).
    """
    reports = [report] if report else [each for each in tracking.reports if each.parts]
    reported = {row.subproject_id: row for row in reports[-1].parts} if reports else {}
    rows = [(part, reported.get(part.id)) for part in tracking.project.subprojects]
    return [PartLine(part, row.percent if row else None, row.note if row else "") for part, row in rows]


def money_of(report: Report) -> list[Money]:
    """Return the money of a report by source."""
    return [Money(row.source, row.planned, row.in_place, row.paid) for row in report.money]


def correctable(report: Report) -> bool:
    """Return whether the unit may correct a report.

    It may until the next one exists or the project has ended.
    """
    newest = select(func.max(Report.month)).where(Report.tracking_id == report.tracking_id)
    return report.tracking.state == TrackingState.RUNNING and db.session.scalar(newest) == report.month


# --- acts ----------------------------------------------------------------------------------------------


class PartProgress(NamedTuple):
    """How far a 子项目 is."""

    subproject_id: int
    percent: int
    note: str = ""


class ReportFigures(NamedTuple):
    """The figures and texts of a report; money is cumulative for the year, 万元.

    ``percent_reason``: why the percentage is not that of the ``parts``. ``money``: by source; none: only the totals.
    """

    percent: int
    money_planned: Decimal
    money_in_place: Decimal
    money_paid: Decimal
    narrative: str = ""
    problems: str = ""
    next_step: str = ""
    percent_reason: str = ""
    parts: Sequence[PartProgress] = ()
    money: Sequence[Money] = ()


#: The fields that are columns of the report itself.
_COLUMNS = ReportFigures._fields[:-2]


def carried(tracking: Tracking) -> ReportFigures:
    """Return the figures that the next report starts from.

    They are the last report's, else the decided ones.
    """
    if tracking.reports:
        last = tracking.reports[-1]
        return ReportFigures(last.percent, last.money_planned, last.money_in_place, last.money_paid)
    return ReportFigures(0, tracking.project.year_investment or Decimal(0), Decimal(0), Decimal(0))


def carried_money(tracking: Tracking) -> list[Money]:
    """Return the money by source that the next report starts from.

    It is that of the last report, and of further decided sources.

    The decided amount of a source is of the whole investment: it is this year's plan only where the two are the same.
    """
    last = [r for r in tracking.reports if r.money][-1:]
    rows = money_of(last[0]) if last else []
    project, known = tracking.project, {row.source for row in rows}
    same = project.year_investment == project.total_investment
    for source in project.funding:
        if source.source not in known:
            planned = source.amount if same and not last and source.amount else Decimal(0)
            rows.append(Money(source.source, planned, Decimal(0), Decimal(0)))
    return rows


def computed_percent(tracking: Tracking, parts: Sequence[PartProgress]) -> int | None:
    """Return the percentage of the whole by its parts; None for a project without parts.

    Raises RuleBroken unless ``parts`` has every part of the project once.
    """
    weights = {part.id: part.weight for part in tracking.project.subprojects}
    if not parts:
        return None
    if sorted(p.subproject_id for p in parts) != sorted(weights):
        raise RuleBroken("子项目已有变动，没有保存。请刷新页面后重新填写。", field="parts", code="stale")
    return whole_percent([(weights[p.subproject_id], p.percent) for p in parts])


def figures_of(report: Report) -> ReportFigures:
    """Return the figures and texts of a report."""
    parts = [PartProgress(**audit.facts(part, *PartProgress._fields)) for part in report.parts]
    return ReportFigures(**audit.facts(report, *_COLUMNS), parts=parts, money=money_of(report))


def hand_in(
    tracking: Tracking,
    month: date,
    figures: ReportFigures,
    *,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
) -> Report:
    """Hand in the report of the period that ``month`` (its first day) closes.

    ``photos``: see `uploads.prepare_photos`.
    With parts, the percentage must be that of `computed_percent`, unless the government office gives a reason.
    Raises RuleBroken for a period that is reported already, lies before the last report or ahead, or before the
    start; for a percentage that fell without a reason; for sources that do not add up; for a picture that cannot be taken.
    """
    check_running(tracking.state)
    _check_month(tracking, month, local(now).date())
    figures = _checked(figures, tracking, tracking.reports, by)
    report = Report(
        body_id=tracking.body_id, tracking=tracking, month=month, reported_by=by.name, reported_at=now
    )
    _set(report, figures)
    db.session.add(report)
    flush_or(_already(tracking, month), constraint="uq_reports_month")
    audit.record("report.create", by=by, at=now, about=report, after={"month": month, **_content(report)})
    uploads.add(photos, owner=report, by=by, now=now, caption=caption)
    return report


def correct(
    report: Report,
    figures: ReportFigures,
    *,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Upload | uploads.Prepared] = (),
    caption: str = "",
) -> None:
    """Correct the latest report of a running project; the audit log keeps both wordings.

    Raises RuleBroken once a later report exists, and as `hand_in` does.
    """
    tracking = report.tracking
    check_running(tracking.state)
    if not correctable(report):
        noun = NOUNS[tracking.period]
        raise RuleBroken(
            f"此后的{noun}已经报送，这一期不能再改。请在下一期{noun}中说明更正。", code="superseded"
        )
    figures = _checked(figures, tracking, _earlier(report), by)
    before = _content(report)
    _set(report, figures)
    db.session.flush()
    audit.record_change("report.correct", report, before, _content(report), by=by, at=now)
    uploads.add(photos, owner=report, by=by, now=now, caption=caption)


def _checked(
    figures: ReportFigures, tracking: Tracking, earlier: Sequence[Report], by: Actor
) -> ReportFigures:
    """Check the figures by the ``earlier`` reports; return them with the reason to store."""
    reason = check_whole(
        percent=figures.percent,
        computed=computed_percent(tracking, figures.parts),
        reason=figures.percent_reason,
        may_depart=Role.GOVERNMENT in by.roles,
    )
    before, noun = earlier[-1].percent if earlier else None, NOUNS[tracking.period]
    check_report(percent=figures.percent, narrative=figures.narrative, before=before, noun=noun)
    check_sources(figures.money, audit.facts(figures, *TOTALS))
    return figures._replace(percent_reason=reason)


def _set(report: Report, figures: ReportFigures) -> None:
    audit.put(report, audit.facts(figures, *_COLUMNS))
    report.parts = [PartReport(**part._asdict()) for part in figures.parts]
    report.money = [
        ReportMoney(position=place, **row._replace(source=row.source.strip())._asdict())
        for place, row in enumerate(figures.money, start=1)
    ]


def _content(report: Report) -> dict[str, Any]:
    """Return the content of a report, for the audit log."""
    names = {part.id: part.name for part in report.tracking.project.subprojects}
    return {
        **figures_of(report)._asdict(),
        "parts": [
            f"{names[p.subproject_id]} {p.percent}%{f'（{p.note}）' if p.note else ''}"
            for p in sorted(report.parts, key=lambda each: each.subproject_id)
        ],
        "money": [
            f"{row.source}：计划 {row.planned:.2f}，到位 {row.in_place:.2f}，拨付 {row.paid:.2f}"
            for row in report.money
        ],
    }


def warnings(report: Report) -> list[str]:
    """Return what of the report's money should be checked."""
    earlier = [(each.money_in_place, each.money_paid) for each in _earlier(report)]
    before = earlier[-1] if earlier else None
    return money_warnings(in_place=report.money_in_place, paid=report.money_paid, before=before)


def _earlier(report: Report) -> list[Report]:
    return [each for each in report.tracking.reports if each.month < report.month]


def _check_month(tracking: Tracking, month: date, day: date) -> None:
    if month in [r.month for r in tracking.reports]:
        raise _already(tracking, month)
    if month not in open_months(tracking.starts_on, last_month(tracking), day, tracking.period):
        raise invalid("month", "只能报送最近一次报送之后、到本期为止的各期。请重新选择。")


def _already(tracking: Tracking, month: date) -> RuleBroken:
    name = f"{word(month, None, tracking.period)}的{NOUNS[tracking.period]}"
    return RuleBroken(f"{name}已经报送。如需更正，请打开那一期修改。", field="month")

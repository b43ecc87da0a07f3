"""Facts of progress that pages show: of one project, and of all projects of a year."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from votes.models import Tracking
from votes.services.delivery import curves, reports, trackings
from votes.web.delivery.curves import mean_charts, money_charts, project_charts, project_money_charts


def progress_facts(tracking: Tracking, day: date) -> dict[str, Any]:
    """Return what the template shows of ``tracking`` on ``day``, by the names that it uses."""
    line = trackings.line(tracking, day)
    return {
        "tracking": tracking,
        "project": tracking.project,
        "line": line,
        "chart": project_charts(tracking),
        "parts": reports.parts_of(tracking),
        "paid": curves.money_points(line),
        "money_chart": project_money_charts(line),
        "story": trackings.story(tracking),
        "pictured": bool(reports.photographed(tracking)),
        "ahead": trackings.ahead(tracking),
        "beyond": trackings.carried(tracking),
        "today": day,
    }


def year_facts(lines: Sequence[trackings.TrackedProject], day: date) -> dict[str, Any]:
    """Return what the template shows of the year's projects together on ``day``.

    Under the names that the template uses.
    """
    summary, curve, paid = trackings.summary(lines), curves.curve(lines, day), curves.money_curve(lines, day)
    return {
        "summary": summary,
        "curve": curve,
        "chart": mean_charts(curve),
        "money_curve": paid,
        "money_chart": money_charts(paid, float(summary.planned)),
    }

"""What the office's and the public page of a project both show of its progress."""

from datetime import date
from typing import Any

from votes.models import Tracking
from votes.services.delivery import curves, reports, trackings
from votes.web.delivery.curves import project_charts, project_money_charts


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

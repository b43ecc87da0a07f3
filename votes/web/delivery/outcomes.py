"""What became of a project: adjustments, acceptances, citizens' ratings, second reports, gathered for its page."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Flask, url_for

from votes.clock import today
from votes.models import Acceptance, Adjustment, CitizenRating, Rereport, Tracking
from votes.rules.permissions import Permission as P, may
from votes.rules.supervision.citizen_ratings import Counts
from votes.services.delivery import acceptances, adjustments
from votes.services.delivery.adjustments import Side
from votes.services.supervision import citizen_ratings, second_reports
from votes.web.identity import me


@dataclass(frozen=True)
class Outcomes:
    """``comments`` are those published, ``notes`` what the unit was told (for the office only)."""

    adjustments: list[Adjustment]
    acceptances: list[Acceptance]
    citizens: Counts | None
    comments: list[CitizenRating]
    notes: list[CitizenRating]
    rereports: list[Rereport]
    open: bool  # may citizens still rate it?

    def sides(self, adjustment: Adjustment) -> list[Side]:
        """Return what an adjustment changes, before and after."""
        return adjustments.sides(adjustment)


def outcomes_of(tracking: Tracking, office: bool = False) -> Outcomes:
    """Return what the public may read of a project; ``office``: also what is not announced, and no comments."""
    return Outcomes(
        adjustments=adjustments.of(tracking) if office else adjustments.published(tracking),
        acceptances=acceptances.of(tracking.id),
        citizens=citizen_ratings.of([tracking.id]).get(tracking.id),
        comments=[] if office else citizen_ratings.published(tracking.id),
        notes=citizen_ratings.notes_to_unit(tracking.id) if office else [],
        rereports=second_reports.of(tracking.id),
        open=citizen_ratings.is_open(tracking, today()),
    )


class Todo(NamedTuple):
    """One line of what to do next, and the page where it is done."""

    words: str
    url: str


def outcome_todos() -> list[Todo]:
    """Return what the signed-in person has to do about adjustments, citizens' comments and second reports."""
    todos: list[tuple[int, str, str, dict[str, Any]]] = []
    if may(me(), P.ADJUSTMENT_DECIDE):
        undecided, silent = adjustments.waiting()
        todos += [
            (undecided, "{} 份调整申请等待登记决定", "adjustments.index", {"state": "applied"}),
            (silent, "{} 项已同意的调整等待发布公告", "adjustments.index", {"state": "approved"}),
        ]
    if may(me(), P.REREPORT_MANAGE):
        poor = sum(len(each.trackings) for each in second_reports.proposals())
        todos += [
            (poor, "{} 个测评为不满意的项目等待要求再次报告", "rereports.index", {}),
            (
                second_reports.submitted(),
                "{} 份再次报告等待登记审议结果",
                "rereports.index",
                {"state": "submitted"},
            ),
        ]
    if may(me(), P.CITIZEN_RATING_REPLY):
        todos.append(
            (
                citizen_ratings.waiting(),
                "{} 条群众意见等待处理",
                "citizen_ratings.index",
                {"standing": "waiting"},
            )
        )
    return [Todo(words.format(n), url_for(page, **query)) for n, words, page, query in todos if n]


def init(app: Flask) -> None:
    """Give the dashboard its lines."""
    app.jinja_env.globals.update(
        outcome_todos=outcome_todos,
    )

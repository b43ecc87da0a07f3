"""What became of a project's promise, gathered for the one place on its pages where it is told."""

from dataclasses import dataclass

from flask import Flask

from votes.clock import today
from votes.rules.citizen_ratings import Counts
from votes.services import acceptance, adjustments, citizen_ratings, rereports
from votes.services.acceptance import Acceptance
from votes.services.adjustments import Adjustment, Side
from votes.services.citizen_ratings import CitizenRating
from votes.services.progress import Tracking
from votes.services.rereports import Rereport


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
        return adjustments.sides(adjustment)


def outcomes_of(tracking: Tracking, office: bool = False) -> Outcomes:
    """What the public may read of a project; ``office``: also what is not announced, and not the comments."""
    return Outcomes(
        adjustments=adjustments.of(tracking.id) if office else adjustments.published(tracking.id),
        acceptances=acceptance.of(tracking.id),
        citizens=citizen_ratings.of([tracking.id]).get(tracking.id),
        comments=[] if office else citizen_ratings.published(tracking.id),
        notes=citizen_ratings.notes_to_unit(tracking.id) if office else [],
        rereports=rereports.of(tracking.id),
        open=citizen_ratings.is_open(tracking, today()),
    )


def init(app: Flask) -> None:
    app.jinja_env.globals.update(
        outcomes_of=outcomes_of,
        announced_adjustments=adjustments.announced,
        has_works_acceptance=lambda tracking: acceptance.has_works(tracking.id),
    )

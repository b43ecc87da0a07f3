"""What became of a project's promise: adjustments, acceptances, citizens' ratings and second reports on one page."""

from dataclasses import dataclass
from datetime import date

from votes.models import Acceptance, Adjustment, CitizenRating, Rereport, Tracking
from votes.rules.supervision.citizen_ratings import RatingCounts
from votes.services.delivery import acceptances, adjustments
from votes.services.delivery.adjustments import Side
from votes.services.supervision import citizen_ratings, second_reports


@dataclass(frozen=True)
class Outcomes:
    """The rows that a project's page shows under 调整、验收与评价."""

    adjustments: list[Adjustment]
    acceptances: list[Acceptance]
    citizens: RatingCounts | None
    comments: list[CitizenRating]  # published, for the public page
    notes: list[CitizenRating]  # forwarded to the unit, for the office's page
    rereports: list[Rereport]
    open: bool  # citizens may rate the project

    def sides(self, adjustment: Adjustment) -> list[Side]:
        """Return what ``adjustment`` changes, before and after."""
        return adjustments.sides(adjustment)


def of(tracking: Tracking, day: date, *, office: bool = False) -> Outcomes:
    """Return what the public may read of a project on ``day``.

    ``office``: include adjustments that are not announced and the notes to the unit, leave out the public comments.
    """
    return Outcomes(
        adjustments=adjustments.of(tracking) if office else adjustments.published(tracking),
        acceptances=acceptances.of(tracking.id),
        citizens=citizen_ratings.of([tracking.id]).get(tracking.id),
        comments=[] if office else citizen_ratings.published(tracking.id),
        notes=citizen_ratings.notes_to_unit(tracking.id) if office else [],
        rereports=second_reports.of(tracking.id),
        open=citizen_ratings.is_open(tracking, day),
    )

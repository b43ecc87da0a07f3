"""Outcomes: what the public and the office each read of a project's promise."""

from datetime import date

from tests.years import make_tracked
from votes.db import db
from votes.models import Adjustment, CitizenRating
from votes.services.delivery import trackings
from votes.services.publication import outcomes

DAY = date(2027, 6, 6)


def test_outcomes_for_the_public_have_announced_adjustments_only(world):
    with world.work():
        tracking = make_tracked(1)[0]
        db.session.add(
            Adjustment(
                tracking_id=tracking.id, kind="minor", cause="policy", reason="理由", before={}, after={},
                state="applied", applied_on=DAY, applied_by="示例",
            )
        )  # fmt: skip
        db.session.add(
            CitizenRating(
                tracking_id=tracking.id, week=DAY, phone="1", grade="satisfied", rated_on=DAY, comment="很好", published=True,
                note_to_unit="请关注", noted_on=DAY,
            )
        )  # fmt: skip
        tracking_id = tracking.id
    with world.work():
        tracking = trackings.get(tracking_id)
        public, office = outcomes.of(tracking, DAY), outcomes.of(tracking, DAY, office=True)
        assert (len(public.adjustments), len(office.adjustments)) == (0, 1)
        assert ([each.comment for each in public.comments], office.comments) == (["很好"], [])
        assert ([each.note_to_unit for each in office.notes], public.notes) == (["请关注"], [])
        assert public.citizens == office.citizens

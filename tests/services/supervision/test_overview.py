"""The overview, what is owed, and what the public reads."""

from datetime import date, timedelta

from tests.supervision import DAY, NOW, OFFICE, issue, lines, plan, supervise, write_note
from tests.years import at, make_tracked, picture
from votes.db import everything
from votes.rules.delivery.trackings import TrackingState
from votes.rules.supervision.supervision import Slip
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.supervision import inspection_notes, inspections, overview, rectifications

PREPARED = {"watched": supervise}


def test_story_shows_only_published_notes_and_photos(world, watched):
    photos = uploads.prepare_photos([picture()])
    with world.work():
        tracking = trackings.get(watched["tracking"])
        note = write_note(watched, photos=photos)
        photo = note.photos[0].id

        def public():
            kinds = [m.kind for m in overview.story(tracking)]
            return "note" in kinds, overview.public_photo(photo) is not None

        assert public() == (False, False)
        for published, with_photos in ((True, False), (True, True), (False, True)):
            inspection_notes.publish(note, published=published, photos=with_photos, by=OFFICE, now=NOW)
            assert public() == (published, published and with_photos)


def test_due_lists_most_overdue_first_and_slips_climb(world, watched):
    with world.work():
        tracking = trackings.get(watched["tracking"])
        for days in (-20, -8, -2, 2, 30):
            issue(watched, due=DAY + timedelta(days=days), now=at(2027, 5, 1))
        closed = issue(watched, due=DAY - timedelta(days=20), now=at(2027, 5, 1))
        rectifications.cancel(closed, reason="重复交办。", by=OFFICE, now=NOW)
        plan(tracking, watched["deputies"], on=DAY + timedelta(days=1))
        plan(tracking, watched["deputies"], on=DAY + timedelta(days=90))
        slips = [
            r.due_on
            for slip in Slip
            for r in everything(rectifications.search({"year": 2027, "slip": slip}, DAY))
        ]
        assert [(day - DAY).days for day in slips] == [30, 2, -2, -8, -20]
        due = overview.due(DAY)
        assert [(d.kind, d.days_over(DAY)) for d in due] == [
            ("rectification", 20), ("rectification", 8), ("rectification", 2), ("inspection", -1), ("rectification", -2),
        ]  # fmt: skip
        assert {d.kind for d in overview.due(DAY, own=world.departments["county"])} == {"rectification"}
        assert overview.due(DAY, own=world.departments["county"] + 1) == []
        counted = overview.counts(DAY)
        assert (counted.issued, counted.overdue, counted.planned, counted.held, counted.open) == (
            5,
            3,
            2,
            1,
            5,
        )
        assert overview.counts(DAY, 2026) == overview.SupervisionCounts()


def test_overview_of_unit_leaves_out_rectifications_of_another(world, watched):
    own = world.departments["county"]
    with world.work():
        row = issue(watched, department_id=own + 1)
        assert lines("rectification.issue")[0].after["department"] == row.department.name
        for unit, number in ((own, 0), (None, 1)):
            assert len(overview.of_tracking(watched["tracking"], own=unit).rectifications) == number
            assert overview.overview({"year": 2027}, DAY, own=unit)[0].open == number


def test_to_visit_offers_latest_year_and_running_projects(world, watched):
    with world.work():
        done, going = make_tracked(2, year=2026)
        done.state, done.finished_on = TrackingState.DONE, date(2026, 12, 1)
        assert [w.tracking.id for w in overview.to_visit(DAY)] == [watched["tracking"], going.id]


def test_another_unit_and_another_body_read_nothing(world, watched):
    with world.work():
        row_id = issue(watched).id
        note = write_note(watched).id
        other = world.departments["county"] + 1
        assert everything(rectifications.search({"year": 2027}, DAY, own=other)) == []
        assert overview.overview({"year": 2027}, DAY, own=other) == []
    with world.work("other"):
        assert rectifications.get(row_id) is None
        assert inspection_notes.get(note) is None
        assert inspections.get(watched["visit"]) is None

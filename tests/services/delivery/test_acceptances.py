"""Acceptances: recorded, corrected, counted, and their dimensions."""

from sqlalchemy import select

from tests.years import at, picture, report
from votes.db import db
from votes.models import AuditEntry
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Findings, Item, Mark
from votes.rules.delivery.trackings import TrackingState
from votes.services.delivery import acceptances, plans, trackings as progress
from votes.services.people import bodies

AUGUST = at(2027, 8, 10)
SEPTEMBER = at(2027, 9, 15)
REASON = "持续强降雨，基础施工推迟两个月。"


ITEMS = [Item("目标完成度", Mark.MET), Item("资金规范性", Mark.PARTLY, "一笔尾款手续待补。")]


def accept(tracking_id, by, kind=AcceptanceKind.WORKS, now=AUGUST, **values):
    findings = Findings(now.date(), "示例验收组", Conclusion.CONDITIONAL, "补齐手续后通过。", ITEMS)
    result = {name: values.pop(name) for name in findings._fields if name in values}
    return acceptances.record(
        progress.get(tracking_id), kind, findings._replace(**result), **values, by=by, now=now
    )


def test_record_and_correct_leave_both_versions(world, tracked, actors):
    with world.work():
        made = accept(tracked["county"], actors["government"], photos=[picture()])
        assert [(row.dimension, row.mark, row.note) for row in made.items] == [tuple(item) for item in ITEMS]
        assert len(made.photos) == 1
        assert acceptances.photo(made.photos[0].id) is not None
        assert acceptances.has_works(tracked["county"])
        acceptances.correct(
            made, Findings(
                made.held_on, made.held_by, Conclusion.PASSED, "通过。",
                [Item("目标完成度", Mark.MET), Item("资金规范性", Mark.MET)],
            ), by=actors["government"], now=AUGUST,
        )  # fmt: skip
        (line,) = acceptances.overview({"year": 2027, "standing": "works"})
        assert (line.works.conclusion, line.deputies) == (Conclusion.PASSED, None)
        assert acceptances.overview({"year": 2027, "standing": "both"}) == []
    with world.work():
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "acceptance.correct"))
        assert entry.after["conclusion"] == "passed"


def test_has_works_failed_acceptance_does_not_count(world, tracked, actors):
    with world.work():
        accept(tracked["county"], actors["government"])
        assert acceptances.has_works(tracked["county"])
        accept(tracked["county"], actors["government"], conclusion=Conclusion.FAILED)
        assert not acceptances.has_works(tracked["county"]), "the latest counts"


def test_change_dimensions_sets_those_of_the_body(world, tracked, actors):
    with world.work():
        assert len(acceptances.dimensions(world.county)) == 8
        body = bodies.get_body(world.county)
        acceptances.change_dimensions(body, "质量\n\n进度\n", by=actors["office"], now=AUGUST)
        assert acceptances.dimensions(world.county) == ["质量", "进度"]


def test_finish_does_not_depend_on_an_acceptance(world, tracked, actors):
    """The page points out that there is no acceptance; the government still decides."""
    with world.work():
        report(tracked["county"], 7, 100)
    with world.work():
        plans.finish(
            progress.get(tracked["county"]), "complete", by=actors["government"], now=AUGUST, on=AUGUST.date()
        )
        assert progress.get(tracked["county"]).state == TrackingState.DONE

"""What changes a promise and what judges it: adjustments, acceptances, citizens' ratings, second reports."""

from datetime import date, timedelta
from typing import Any

from tests.worlds.day import TODAY
from tests.years import picture
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Findings, Item, Mark
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind
from votes.services import uploads
from votes.services.delivery import acceptances, adjustments, trackings
from votes.services.supervision import citizen_ratings, second_reports

WHICH = {
    "adjustments.decide": {"adjustment_id": "pending"},
    "adjustments.withdraw": {"adjustment_id": "pending"},
    "acceptances.photo": {"attachment_id": "acceptance"},
    "rate.project": {"project_id": "selected"},
    "rereports.settle": {"rereport_id": "submitted"},
}


def fill(world: Any, body: str, size: int, ids: dict[str, Any]) -> dict[str, Any]:
    """For each of the tracked projects: ``size`` adjustments, acceptances of both kinds, ratings, a second report."""
    office, government = world.actor("office", body), world.actor("government", body)
    photos = uploads.prepare_photos([picture("green", (90, 60))])
    found: dict[str, Any] = {}
    for place, project_id in enumerate(ids["tracked"]):
        with world.work(body):
            tracking = trackings.of_project(project_id)
            assert tracking is not None
            for i in range(size + 1):
                made = adjustments.apply(
                    tracking, AdjustmentKind.MAJOR, cause=AdjustmentCause.POLICY, reason="上级调整了建设标准。",
                    values={"content": f"改造农村公路 {13 + i} 公里，加装护栏。"}, by=government, now=TODAY,
                )  # fmt: skip
                if i < size:
                    adjustments.decide(
                        made, approved=True, organ="示例", document_number=f"示例〔2027〕{i}号",
                        decided_on=TODAY.date(), opinion="同意。", by=office, now=TODAY,
                    )  # fmt: skip
                    notice = adjustments.usual_notice(made)
                    adjustments.announce(made, notice=notice, announced_on=TODAY.date(), by=office, now=TODAY)
                    found.setdefault("adjustment_id", made.id)
                else:
                    found.setdefault("adjustment_id:pending", made.id)
            for i in range(size):
                for kind, by in ((AcceptanceKind.WORKS, government), (AcceptanceKind.DEPUTIES, office)):
                    held = acceptances.record(
                        tracking, kind, Findings(
                            date(2027, 6, 1), "示例验收组", Conclusion.PASSED, "同意通过。",
                            [Item(each, Mark.MET) for each in acceptances.dimensions(tracking.body_id)],
                        ),
                        by=by, now=TODAY, photos=photos, caption="示例现场",
                    )  # fmt: skip
                    found.setdefault("acceptance_id", held.id)
                    found.setdefault("attachment_id:acceptance", held.photos[0].id)
                rating = citizen_ratings.rate(
                    tracking,
                    grade="satisfied",
                    comment=f"示例意见{i}，路灯亮了。",
                    phone=f"phone{i}",
                    now=TODAY,
                )
                citizen_ratings.handle(
                    rating,
                    reply="感谢关注。",
                    published=True,
                    note_to_unit="请做好管护。",
                    by=office,
                    now=TODAY,
                )
                found.setdefault("rating_id", rating.id)
            owed = second_reports.demand(
                tracking,
                due_on=TODAY.date() + timedelta(days=30),
                reason="请报告整改情况。",
                by=office,
                now=TODAY,
            )
            if place % 2:
                second_reports.submit(
                    owed,
                    "已经逐条整改，完成示例路段修补，并建立管护制度，下一步加强巡查。",
                    by=government,
                    now=TODAY,
                )
            found.setdefault("rereport_id:submitted" if place % 2 else "rereport_id", owed.id)
    return found

"""Supervision in the world: a group, inspections and 督办件 in every state, notes, photos."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests import factories
from tests.years import at, picture
from votes.db import db
from votes.models import Deputy
from votes.rules.people.actor import Actor
from votes.rules.supervision.supervision import InspectionKind
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.supervision import groups, inspection_notes, inspections, rectifications
from votes.services.supervision.inspections import InspectionPlan

WHICH = {
    "supervision.photo": {"attachment_id": "answer"},
    "supervision.public_photo": {"attachment_id": "answer"},
    "rectifications.recheck": {"rectification_id": "answered"},
    "rectifications.reopen": {"rectification_id": "closed"},
    "inspection_plan.move": {"act": "cancel"},
    "inspections.photo": {"attachment_id": "note"},
}


def fill(world: factories.World, body: str, size: int, ids: dict[str, Any]) -> dict[str, Any]:
    office, unit = world.actor("office", body), world.actor("government", body)
    photos = uploads.prepare_photos([picture("orange", (480, 360))])
    with world.work(body):
        own = db.session.scalar(select(Deputy.id).where(Deputy.number == "900"))
        assert own is not None
        people = [own, *ids["deputies"][: 1 + size]]
        tracking = trackings.get(ids["tracking_id"])
        assert tracking is not None
        groups.set_group(
            tracking, lead="常委会副主任（示例）", lead_deputy_id=None, committee="示例工委", note="",
            deputy_ids=people, by=office, now=at(2026, 2, 1),
        )  # fmt: skip

        def visit(on: date, theme: str) -> Any:
            values = InspectionPlan(InspectionKind.VISIT, theme, on, "示例工地", people)
            return inspections.plan(tracking, values, by=office, now=at(2026, 3, 1))

        for i in range(size):
            planned = visit(date(2027, 6, 20), f"年中视察{i}")
            held = visit(date(2027, 6, 1), f"现场视察{i}")
            inspections.hold(
                held, held_on=date(2027, 6, 1), deputy_ids=people, summary="看了工地，听取了汇报。", by=office,
                now=at(2027, 6, 2),
            )  # fmt: skip
            cancelled = visit(date(2027, 7, 1), f"取消的视察{i}")
            inspections.move(cancelled, "cancel", by=office, now=at(2027, 5, 1))
        chief = ids["deputies"][0]  # who has an account and is one of those that look at every page
        deputy = Actor(name="示例代表", deputy_id=chief, body_id=world.bodies[body])

        def write(text: str, finding: bool = True) -> Any:
            note = inspection_notes.write(
                f"i{held.id}", text=text, place="示例河段", finding=finding, photos=photos, by=deputy,
                now=at(2027, 6, 3),
            )  # fmt: skip
            inspection_notes.publish(note, published=True, photos=True, by=office, now=at(2027, 6, 4))
            return note

        def issue(note: Any) -> Any:
            order = rectifications.order_for(note, tracking, date(2027, 6, 4))
            order = order._replace(demand="限期整改。", due_on=date(2027, 6, 10), published=True)
            return rectifications.issue(tracking, order, note=note, by=office, now=at(2027, 6, 4))

        for i in range(size):
            open_note = write(f"边沟没有盖板{i}。")
            write(f"材料堆放整齐{i}。", finding=False)
            issued, answered, closed = (issue(write(f"示例问题{i}{k}。")) for k in range(3))
            for each in (answered, closed):
                answer = rectifications.answer(
                    each,
                    measures="加装盖板。",
                    result="已加装 12 块。",
                    photos=photos,
                    by=unit,
                    now=at(2027, 6, 6),
                )
            rectifications.recheck(
                closed, passed=True, rechecked_on=date(2027, 6, 7), rechecked_by="示例代表", opinion="到位。",
                due_on=None, by=office, now=at(2027, 6, 7),
            )  # fmt: skip
        assert date(2027, 6, 8) + timedelta(days=3) >= issued.due_on, "the slip is blue on the world's day"
        return {
            "inspection_id": planned.id,
            "act:cancel": "cancel",
            "note_id": open_note.id,
            "attachment_id:note": open_note.photos[0].id,
            "rectification_id": issued.id,
            "rectification_id:answered": answered.id,
            "rectification_id:closed": closed.id,
            "attachment_id:answer": answer.photos[0].id,
        }

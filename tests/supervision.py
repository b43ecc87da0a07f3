"""What the tests of supervision build on: a project under supervision, and one function for each act."""

from datetime import date, timedelta

from sqlalchemy import select

from tests import factories
from tests.years import at, make_tracked, picture
from votes.db import db
from votes.models import AuditEntry
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.supervision.supervision import InspectionKind
from votes.services import uploads
from votes.services.delivery import trackings
from votes.services.supervision import groups, inspection_notes, inspections, rectifications
from votes.services.supervision.inspections import InspectionPlan

OFFICE = Actor(name="人大办", roles=frozenset({Role.OFFICE}))
UNIT = Actor(name="交通运输局", roles=frozenset({Role.DEPARTMENT}))
DAY = date(2027, 6, 15)
NOW = at(2027, 6, 15)


def supervise(world):
    """Make a project with a group of three deputies and an inspection that two of them held on 15 June."""
    with world.work():
        tracking = make_tracked(1, department_id=world.departments["county"])[0]
        ids = [d.id for d in factories.make_deputies(5, world.delegations["county"])]
        groups.set_group(
            tracking, lead="", lead_deputy_id=ids[0], committee="示例工委", note="", deputy_ids=ids[1:3],
            by=OFFICE, now=NOW,
        )  # fmt: skip
        visit = plan(tracking, ids[:3])
        inspections.hold(visit, held_on=DAY, deputy_ids=ids[:2], summary="看了工地。", by=OFFICE, now=NOW)
        return {"tracking": tracking.id, "deputies": ids, "visit": visit.id}


def supervise_for_pages(world):
    """Make projects of two units, the first with a group, a 暗访 of today, a note and a routed note; return the ids."""
    office, own = world.actor("office"), world.actor("deputy").deputy_id
    photos = uploads.prepare_photos([picture()])
    with world.work():
        tracking, other = (
            make_tracked(1, department_id=world.departments["county"] + i, start=1 + i)[0] for i in range(2)
        )
        groups.set_group(
            tracking, lead="", lead_deputy_id=own, committee="示例工委", note="", deputy_ids=[own], by=office, now=NOW
        )  # fmt: skip
        values = InspectionPlan(InspectionKind.UNANNOUNCED, "示例暗访", date(2027, 6, 15), "", [own])
        visit = inspections.plan(tracking, values, by=office, now=NOW)
        by = Actor(name="示例代表", deputy_id=own)

        def note(text):
            return inspection_notes.write(
                f"t{tracking.id}", text=text, place="示例河段", finding=True, photos=photos, by=by, now=NOW
            )

        first, second = note("边沟没有盖板。"), note("材料乱堆。")
        order = rectifications.order_for(second, tracking, date(2027, 6, 1))
        rectification = rectifications.issue(
            tracking, order._replace(demand="限期清理。", person="局长示例", due_on=date(2027, 6, 10)), note=second,
            by=office, now=at(2027, 6, 1),
        )  # fmt: skip
        return {
            "tracking": tracking.id, "project": tracking.project_id, "other": other.id, "own": own, "visit": visit.id,
            "note": first.id, "routed": second.id, "photo": first.photos[0].id, "routed_photo": second.photos[0].id,
            "order": rectification.id,
        }  # fmt: skip


def plan(tracking, ids, *, on=DAY, kind=InspectionKind.VISIT, theme="年中视察", now=NOW):
    """Plan an inspection."""
    values = InspectionPlan(kind, theme, on, "示例工地", ids)
    return inspections.plan(tracking, values, by=OFFICE, now=now)


def deputy(watched, which=0):
    """Return the actor of a member of the group."""
    return Actor(name="示例代表", deputy_id=watched["deputies"][which])


def write_note(watched, *, about="", finding=True, text="边沟没有盖板。", photos=(), which=0):
    """Write a deputy's note."""
    return inspection_notes.write(
        about or f"t{watched['tracking']}", text=text, place="示例河段", finding=finding, photos=photos,
        by=deputy(watched, which), now=NOW,
    )  # fmt: skip


def issue(watched, note=None, *, due=date(2027, 6, 30), now=NOW, **values):
    """Issue a 督办件."""
    tracking = trackings.get(watched["tracking"])
    order = rectifications.order_for(note, tracking, DAY)
    order = order._replace(**{"problem": "边沟没有盖板。", "demand": "限期加装。", "due_on": due, **values})
    return rectifications.issue(tracking, order, note=note, by=OFFICE, now=now)


def answer(row, *, now=None, **values):
    """Answer a 督办件."""
    values = {"measures": "加装盖板。", "result": "已加装 12 块。", **values}
    return rectifications.answer(row, **values, by=UNIT, now=now or NOW + timedelta(days=5))


def recheck(row, passed, *, on=date(2027, 6, 22), opinion="到位。", due=None):
    """Record the second inspection."""
    rectifications.recheck(
        row, passed=passed, rechecked_on=on, rechecked_by="示例代表", opinion=opinion, due_on=due, by=OFFICE,
        now=at(2027, 6, 22),
    )  # fmt: skip


def lines(action):
    """Return the lines of the audit log about an action."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))

"""Acts on one tracked project that several test modules share."""

from sqlalchemy import select

from tests.years import BY, at
from votes.db import db
from votes.models import AuditEntry
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services.delivery import plans, trackings
from votes.services.delivery.reports import PartProgress

GOVERNMENT = Actor(name="政府办", roles=frozenset({Role.GOVERNMENT}))
UNIT = Actor(name="交通运输局", roles=frozenset({Role.DEPARTMENT}))
JUNE = at(2027, 6, 15)


def plan(world, tracking_id, steps, *, by=GOVERNMENT, now=JUNE, **values):
    with world.work():
        tracking = trackings.get(tracking_id)
        plans.plan(tracking, **{"starts_on": tracking.starts_on, "steps": steps, **values}, by=by, now=now)


def read_line(world, tracking_id, day):
    with world.work():
        return trackings.line(trackings.get(tracking_id), day)


def last_entry(world, action):
    with world.work(None):
        return db.session.scalar(
            select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
        )


def finish(world, tracking_id, action, on=None, now=JUNE):
    with world.work():
        plans.finish(trackings.get(tracking_id), action, on=on, by=GOVERNMENT, now=now)


def adjust(world, tracking_id, action=None, **changes):
    with world.work():
        plans.adjust(trackings.get(tracking_id), action, changes, by=BY, now=JUNE)


def progress_of(ids, *percents):
    return [PartProgress(id_, percent, "") for id_, percent in zip(ids, percents, strict=True)]

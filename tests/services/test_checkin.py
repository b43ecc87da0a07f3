"""Signing in several at once: as one by one, but with a handful of questions, and all of them or nobody."""

from datetime import date

import pytest
from sqlalchemy import select

from tests import factories
from tests.counting import statements
from tests.factories import NOW, World
from votes.db import Database, db
from votes.models import Attendance, AuditEntry, CongressSession, Deputy
from votes.rules.errors import RuleBroken
from votes.rules.people import AttendanceState, DeputyState
from votes.services import audit, checkin, sessions

BY = audit.SYSTEM


def running(world: World, deputies: int) -> tuple[CongressSession, list[Deputy]]:
    people = factories.make_deputies(deputies, world.delegations["county"])
    meeting = sessions.create_session(
        title="第五次会议",
        year=2027,
        starts_on=date(2027, 1, 14),
        ends_on=date(2027, 1, 16),
        place="",
        by=BY,
        now=NOW,
    )
    sessions.move(meeting, "start", by=BY, now=NOW)
    return meeting, people


def present(meeting: CongressSession) -> set[int]:
    rows = db.session.scalars(select(Attendance).where(Attendance.session_id == meeting.id))
    return {row.deputy_id for row in rows if row.state == AttendanceState.PRESENT}


def test_those_already_there_and_named_twice_count_once(world: World) -> None:
    with world.work():
        meeting, people = running(world, 5)
        ids = [deputy.id for deputy in people]
        checkin.check_in(meeting, ids[0], by=BY, now=NOW)
        checkin.record_leave(meeting, ids[1], "因病", by=BY, now=NOW)
        assert checkin.check_in_all(meeting, [*ids[:4], ids[3]], by=BY, now=NOW) == 3
        assert present(meeting) == set(ids[:4])
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "checkin.present")).all()
        assert sorted(line.about_id or 0 for line in lines) == ids[:4]
        back = next(line for line in lines if line.about_id == ids[1])
        assert back.before == {"state": "leave", "reason": "因病"}


@pytest.mark.parametrize("state", [DeputyState.SUSPENDED, DeputyState.ENDED])
def test_nobody_is_signed_in_where_one_may_not_be(world: World, state: DeputyState) -> None:
    with world.work():
        meeting, people = running(world, 3)
        people[2].state = state
        meeting_id, ids = meeting.id, [deputy.id for deputy in people]
    with pytest.raises(RuleBroken) as refused, world.work():
        found = sessions.get(meeting_id)
        assert found is not None
        checkin.check_in_all(found, ids, by=BY, now=NOW)
    assert refused.value.status == 404
    with world.work():
        found = sessions.get(meeting_id)
        assert found is not None
        assert present(found) == set()


def test_the_number_of_questions_does_not_grow_with_the_deputies(world: World, database: Database) -> None:
    with world.work():
        meeting, people = running(world, 60)
        with statements(database) as said:
            checkin.check_in_all(meeting, [deputy.id for deputy in people], by=BY, now=NOW)
    assert len([statement for statement in said if statement.startswith("SELECT")]) == 3

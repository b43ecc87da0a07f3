"""Signing in several at once: as one by one, but with a handful of questions, and all of them or nobody."""

from datetime import date

import pytest
from sqlalchemy import select

from tests import factories
from tests.counting import statements
from tests.factories import NOW, World
from tests.services.voting.test_vote import cast, close, make_hall, open_, teller_actor
from votes.db import Database, db
from votes.models import Attendance, AuditEntry, CongressSession, Deputy
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.services import audit
from votes.services.meeting import checkin, desk, events, openings, rounds, sessions

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


def test_check_in_all_counts_each_new_deputy_once(world: World) -> None:
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
def test_check_in_all_with_one_refused_signs_in_nobody(world: World, state: DeputyState) -> None:
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


def test_check_in_all_needs_as_many_statements_for_any_number(world: World, database: Database) -> None:
    with world.work():
        meeting, people = running(world, 60)
        with statements(database) as said:
            checkin.check_in_all(meeting, [deputy.id for deputy in people], by=BY, now=NOW)
    assert len([statement for statement in said if statement.startswith("SELECT")]) == 4


# --- leaving early, coming late -------------------------------------------------------------------------


def standing(hall, number):
    """Return the state at the desk, and the deputy's lines on the rolls of open rounds."""
    panel = desk.panel(sessions.get(hall["session"]), hall["deputies"][number])
    state = panel.attendance.state.value if panel.attendance else None
    return state, [(r.entitled, r.late_by) for r in panel.rounds]


def at_desk(world, hall, number, act, *more):
    with world.work():
        getattr(checkin, act)(sessions.get(hall["session"]), hall["deputies"][number], *more, by=BY, now=NOW)


def test_leaving_early_keeps_the_open_vote_and_loses_the_next(world):
    hall = make_hall(world)
    open_(world, hall)
    at_desk(world, hall, 5, "leave_early", "有急事")
    with world.work():
        meeting = sessions.get(hall["session"])
        assert standing(hall, 5) == ("left", [(True, None)])
        assert sessions.headcount(meeting) == sessions.Headcount(roster=12, present=11, leave=0, left=1)
        assert not checkin.is_present(meeting.id, hall["deputies"][5])
        assert checkin.takes_part(meeting.id, hall["deputies"][5])
    assert cast(world, hall, 5, {1: "for"}) is True
    close(world, hall)
    with world.work():
        assert not checkin.takes_part(hall["session"], hall["deputies"][5])
        projects = [p.id for p in factories.make_listed(5, first=21)]
        second = rounds.create_round(
            sessions.get(hall["session"]),
            title="第二项",
            rule=Rule(seats=3),
            project_ids=projects,
            by=BY,
            now=NOW,
        )
        openings.zero_check(second, by=teller_actor(hall["deputies"][0]), now=NOW)
        openings.open_round(second, by=BY, now=NOW)
        hall["round"] = second.id
        assert second.present == 11
        assert standing(hall, 5) == ("left", [(False, None)])
    with pytest.raises(RuleBroken, match="还没有签到"):
        cast(world, hall, 5, {1: "for"})


@pytest.mark.parametrize("back", ["check_in", "undo"])
def test_coming_back_adds_to_the_rolls_opened_meanwhile(world, back):
    hall = make_hall(world)
    at_desk(world, hall, 5, "leave_early")
    open_(world, hall)
    at_desk(world, hall, 5, back)
    with world.work():
        assert standing(hall, 5) == ("present", [(True, "系统")])
        round_ = rounds.get_round(hall["round"])
        assert round_.present == 12
        assert [e.payload["deputy"] for e in events.events(round_) if e.kind == "late_check_in"] == ["006"]
        assert events.verify(round_) is None
    assert cast(world, hall, 5, {1: "for"}) is True


@pytest.mark.parametrize(
    ("before", "words"), [((), "没有签到"), (("record_leave", "出差"), "没有签到"), (("check_in",), None)]
)
def test_leaving_early_without_signing_in_is_refused(world, before, words):
    hall = make_hall(world, present=8)
    if before:
        at_desk(world, hall, 10, *before)
    if words:
        with pytest.raises(RuleBroken, match=words):
            at_desk(world, hall, 10, "leave_early")
    else:
        at_desk(world, hall, 10, "leave_early")
        at_desk(world, hall, 10, "leave_early")  # a second press changes nothing
        with world.work():
            lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "checkin.left")).all()
            assert [line.about_id for line in lines] == [hall["deputies"][10]]


def test_undo_of_an_early_leave_before_a_round_keeps_the_roll(world):
    hall = make_hall(world)
    at_desk(world, hall, 5, "leave_early")
    at_desk(world, hall, 5, "undo")
    open_(world, hall)
    with world.work():
        assert standing(hall, 5) == ("present", [(True, None)])

"""A deputy's year in figures: what is counted and what is not."""

from datetime import date

import pytest
from sqlalchemy import select

from tests import factories
from tests.duties import NOW, hold_session, make_deputies, make_meeting
from votes.db import db
from votes.models import Attendance, CongressSession, Deputy
from votes.rules.duties.duties import CONGRESS, DutyAttendanceState, Share, rates_of_all
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState
from votes.services.duties import figures, meetings

PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


# --- the congress and its votes ----------------------------------------------------------------------------


def test_session_counts_once_ended_for_those_on_its_roll(world):
    hold_session(world)
    with world.work():
        late = factories.make_deputy("300", "后来当选", world.delegations["county"])
        voted = db.session.scalars(select(Deputy.id).where(Deputy.number == "101")).one()
        absent = db.session.scalars(select(Deputy.id).where(Deputy.number == "900")).one()
        found = figures.figures(2027)
        assert late.id not in found  # not in office then
        assert (found[voted].at(CONGRESS).share, found[voted].votes) == (Share(1, 1), Share(1, 1))
        assert (found[absent].at(CONGRESS).share, found[absent].votes) == (Share(0, 1), Share(0, 1))
        assert figures.figures(2026) == {}
        assert figures.figures(2027, [voted]) == {voted: found[voted]}
        db.session.scalar(select(CongressSession)).state = SessionState.RUNNING
        db.session.flush()
        assert figures.figures(2027)[absent].at(CONGRESS).called == 0


@pytest.mark.parametrize(
    ("state", "counted"), [(AttendanceState.LEFT, (1, 0)), (AttendanceState.LEAVE, (0, 1)), (None, (0, 0))]
)
def test_session_left_early_counts_as_present_leave_does_not(world, state, counted):
    hold_session(world)
    with world.work():
        row = db.session.scalars(select(Attendance).order_by(Attendance.deputy_id)).first()
        deputy_id = row.deputy_id
        if state:
            row.state = state
        else:
            db.session.delete(row)
        db.session.flush()
        found = figures.figures(2027)[deputy_id].at(CONGRESS)
        assert (found.present, found.leave, found.called) == (*counted, 1)


def test_session_without_a_vote_calls_those_in_office_now(world):
    with world.work():
        ids = make_deputies(world)
        gone = factories.make_deputy("200", "已终止", world.delegations["county"], state=DeputyState.ENDED)
        meeting = CongressSession(
            title="第二次会议", year=2027, starts_on=date(2027, 5, 1), ends_on=date(2027, 5, 1),
            state=SessionState.ENDED, hall_secret=b"0" * 32, hall_key="a", screen_key="b", created_at=NOW,
        )  # fmt: skip
        db.session.add(meeting)
        db.session.flush()
        db.session.add(
            Attendance(
                session_id=meeting.id, deputy_id=ids[0], state=AttendanceState.PRESENT, at=NOW, how="desk"
            )
        )
        db.session.flush()
        found = figures.figures(2027)
        assert gone.id not in found
        assert [found[id_].at(CONGRESS).share for id_ in ids] == [Share(1, 1), Share(0, 1), Share(0, 1)]


# --- the list, the records, the papers ---------------------------------------------------------------------


def test_list_is_narrowed_and_sorted(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        meetings.mark(make_meeting(office), {one: (PRESENT, False), two: (ABSENT, False)}, by=office, now=NOW)
        everybody = figures.everybody(2027, kind=BodyKind.COUNTY)
        search = figures.SEARCHES[BodyKind.COUNTY]
        by_rate = search.rows(everybody, {"sort": "committee", "q": "示例代表"})
        assert [line.deputy.id for line in by_rate] == [two, one, three]  # never called: last
        assert [line.deputy.id for line in search.rows(everybody, {"q": "102"})] == [two]
        assert search.rows(everybody, {"delegation_id": 99999}) == []
        assert rates_of_all(line.rates for line in everybody).committee == Share(1, 2)
        db.session.get(Deputy, two).state = db.session.get(Deputy, three).state = DeputyState.ENDED
        db.session.flush()
        left = {line.deputy.id for line in figures.everybody(2027, kind=BodyKind.COUNTY)}
        assert (two in left, three in left) == (True, False)  # one did something this year

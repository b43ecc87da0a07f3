"""Sessions: setting up, changing, starting and ending, and the heads of the deputies in office."""

from datetime import date

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import BY, make_hall, open_
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import SessionState
from votes.services.meeting import checkin, sessions

PREPARED = {"hall": make_hall}
FACTS = {
    "title": "第二次会议",
    "year": 2028,
    "starts_on": date(2028, 1, 15),
    "ends_on": date(2028, 1, 16),
    "place": "",
}


def test_create_session_with_its_end_before_its_start_is_refused(world):
    with pytest.raises(RuleBroken) as refusal, world.work():
        sessions.create_session(**FACTS | {"ends_on": date(2028, 1, 14)}, by=BY, now=NOW)
    assert refusal.value.field == "ends_on"


def test_create_session_with_a_taken_title_is_refused(world, hall):
    with pytest.raises(RuleBroken) as refusal, world.work():
        sessions.create_session(**FACTS | {"title": " 第一次会议 "}, by=BY, now=NOW)
    assert refusal.value.field == "title"


def test_edit_session_after_its_end_is_refused(world):
    with pytest.raises(RuleBroken, match="已闭会"), world.work():
        session = sessions.create_session(**FACTS, by=BY, now=NOW)
        sessions.move(session, "start", by=BY, now=NOW)
        sessions.move(session, "end", by=BY, now=NOW)
        sessions.edit_session(session, **FACTS, by=BY, now=NOW)


def test_headcount_counts_deputies_in_office_by_attendance(world, hall):
    with world.work():
        session = sessions.get(hall["session"])
        checkin.undo(session, hall["deputies"][0], by=BY, now=NOW)
        checkin.undo(session, hall["deputies"][1], by=BY, now=NOW)
        checkin.record_leave(session, hall["deputies"][0], "因病", by=BY, now=NOW)
        checkin.leave_early(session, hall["deputies"][2], by=BY, now=NOW)
        heads = sessions.headcount(session)
        assert (heads.roster, heads.present, heads.leave, heads.left, heads.absent) == (12, 9, 1, 1, 1)


def test_current_is_the_running_session(world, hall):
    with world.work():
        assert sessions.current().id == hall["session"]
        assert sessions.rehearsing() is None
        sessions.move(sessions.current(), "end", by=BY, now=NOW)
        assert sessions.current() is None


def test_end_with_an_open_round_is_refused(world, hall):
    open_(world, hall)
    with pytest.raises(RuleBroken, match="还有票决没有办完"), world.work():
        session = sessions.get(hall["session"])
        assert sessions.being_voted(session) == "示例票决"
        sessions.move(session, "end", by=BY, now=NOW)
    with world.work():
        assert sessions.get(hall["session"]).state == SessionState.RUNNING

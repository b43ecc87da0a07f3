"""What the tests of deputies' records share."""

from datetime import date

import pytest
from sqlalchemy import select

from tests import factories
from tests.years import at, make_round
from votes.db import db
from votes.models import CongressSession, Deputy, Round
from votes.rules.duties.duties import Activity, DutyAttendanceState, DutyKind, DutyMeetingKind
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import SessionState
from votes.services.duties import entries, meetings, public_pages
from votes.services.people import roster

NOW = at(2027, 6, 1)
#: The day on which the tests of the pages open them.
DAY, NOW_IN_JUNE = date(2027, 6, 6), at(2027, 6, 6)
BASE = "/office/duties"
PRESENT, LEAVE, ABSENT = DutyAttendanceState


def make_deputies(world, count=3):
    """Return the ids of deputies 101, 102 … of the county."""
    return [d.id for d in factories.make_deputies(count, world.delegations["county"], start=101)]


def make_meeting(office, title="第一次常委会会议", kind=DutyMeetingKind.COMMITTEE, on=date(2027, 3, 1)):
    return meetings.save(None, kind=kind, title=title, held_on=on, by=office, now=NOW)


def refusal(act, *, field=None):
    """Return the words with which ``act`` is refused, at ``field``."""
    with pytest.raises(RuleBroken) as caught:
        act()
    assert caught.value.field == field
    return caught.value.message


def make_rows(world):
    """Make four deputies, a meeting of three of them, a training of two, an own entry that waits, and one page."""
    office = world.actor("office")
    with world.work():
        ids = [d.id for d in factories.make_deputies(4, world.delegations["county"], start=101)]
        deputy = db.session.get(Deputy, ids[0])
        deputy.post, deputy.phone, deputy.ethnicity, deputy.born = "村医", "13912345678", "土族", "1979-04"
        meeting = meetings.save(
            None, kind=DutyMeetingKind.COMMITTEE, title="第一次常委会会议", held_on=date(2027, 3, 1), by=office, now=NOW_IN_JUNE
        )  # fmt: skip
        marks = {ids[0]: (PRESENT, True), ids[1]: (LEAVE, False), ids[2]: (ABSENT, False)}
        meetings.mark(meeting, marks, by=office, now=NOW_IN_JUNE)
        entries.enter(
            ids[:2],
            Activity(DutyKind.TRAINING, date(2027, 4, 1), "履职培训"),
            by=office,
            now=NOW_IN_JUNE,
        )
        own = world.actor("deputy")
        entry = entries.enter_own(
            Activity(DutyKind.VISIT, date(2027, 5, 1), "走访敬老院", "电话 13700000000"), by=own, now=NOW_IN_JUNE
        )  # fmt: skip
        public_pages.open_for(ids[:1], by=office, now=NOW_IN_JUNE)
        key = roster.get(ids[0]).page_key
        return {"ids": ids, "meeting": meeting.id, "entry": entry.id, "key": key, "own": own.deputy_id}


def state_of(world, entry_id):
    """Return the state of an entry and the reason of its refusal; None where it is gone."""
    with world.work():
        entry = entries.get(entry_id)
        return entry and (entry.state, entry.refusal)


def hold_session(world, **round_values):
    """Make a session with one vote: seven were entitled, six signed in and voted, then it ended."""
    made = make_round(world)
    with world.work():
        meeting = db.session.scalar(select(CongressSession))
        meeting.state = SessionState.ENDED
        round_ = db.session.scalar(select(Round))
        for key, value in round_values.items():
            setattr(round_, key, value)
    return made

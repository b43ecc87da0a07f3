"""To which browser a card belongs, as tables of cases."""

import pytest

from votes.rules.meeting.bindings import Entry, Way, begins, decide
from votes.rules.meeting.rounds import SessionState
from votes.rules.people.roles import AttendanceState

RUNNING, PRESENT = SessionState.RUNNING, AttendanceState.PRESENT


@pytest.mark.parametrize(
    ("session", "attendance", "rehearsing", "expected"),
    [
        (RUNNING, PRESENT, False, True),
        (RUNNING, None, False, False),
        (RUNNING, AttendanceState.LEAVE, False, False),
        (RUNNING, AttendanceState.LEFT, False, False),
        (RUNNING, PRESENT, True, False),
        (SessionState.PLANNED, PRESENT, False, False),  # a rehearsal before the session begins
        (SessionState.PLANNED, PRESENT, True, False),
    ],
)
def test_binding_begins_after_check_in_and_never_in_practice(session, attendance, rehearsing, expected):
    assert begins(session, attendance, rehearsing=rehearsing) is expected


@pytest.mark.parametrize(
    ("way", "bound_to", "can_bind", "voted_elsewhere", "expected"),
    [
        (Way.SCAN, None, True, False, Entry.BIND),
        (Way.SCAN, None, False, False, Entry.ENTER),
        (Way.SCAN, "own", True, False, Entry.ENTER),
        (Way.SCAN, "own", True, True, Entry.ENTER),
        (Way.SCAN, "other", True, False, Entry.ASK_PIN),
        (Way.SCAN, "other", False, False, Entry.ASK_PIN),
        (Way.SCAN, None, True, True, Entry.VOTED),
        (Way.SCAN, "other", True, True, Entry.VOTED),
        (Way.PIN, None, True, False, Entry.BIND),
        (Way.PIN, "other", True, False, Entry.TAKE_OVER),
        (Way.PIN, "other", True, True, Entry.VOTED),
        (Way.DESK, "other", True, False, Entry.TAKE_OVER),
        (Way.DESK, "other", True, True, Entry.TAKE_OVER),
        (Way.DESK, None, True, True, Entry.BIND),
    ],
)
def test_decide_asks_the_pin_before_the_vote_and_the_desk_after(
    way, bound_to, can_bind, voted_elsewhere, expected
):
    assert decide(way, "own", bound_to=bound_to, begins=can_bind, voted_elsewhere=voted_elsewhere) is expected

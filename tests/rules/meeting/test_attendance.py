import pytest

from votes.rules.meeting.attendance import DESK_ACTS
from votes.rules.people.roles import AttendanceState


def test_desk_acts_cover_each_attendance():
    assert set(DESK_ACTS) == {None, *AttendanceState}


@pytest.mark.parametrize("state", DESK_ACTS)
def test_desk_acts_offer_undo_only_where_something_is_noted(state):
    assert ("undo" in DESK_ACTS[state]) == (state is not None)

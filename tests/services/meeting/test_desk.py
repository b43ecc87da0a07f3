"""The list of the service desk: finding deputies, and narrowing it by state."""

import pytest

from tests import factories
from tests.services.meeting.test_checkin import at_desk, running
from tests.services.voting.test_vote import make_hall, open_
from votes.services.meeting import desk, sessions
from votes.services.people.pinyin import spell


@pytest.mark.parametrize(
    ("q", "numbers"),
    [
        ("", ["001", "002", "003"]),
        ("胡", ["001", "003"]),
        ("永红", ["001"]),
        ("hyh", ["001"]),
        ("ＨＹ", ["001", "003"]),
        ("H", ["001", "003"]),
        ("huyong", ["001"]),
        ("hu yong", ["001"]),
        ("002", ["002"]),
        ("００２", ["002"]),
        (" 002\r\n", ["002"]),
        ("02", []),
        ("%", []),
        ("_", []),
    ],
)
def test_deputy_is_found_by_name_pinyin_initials_or_number(world, q, numbers):
    with world.work():
        meeting, _ = running(world, 0)
        for number, name in (("001", "胡永红"), ("002", "示例·买买提"), ("003", "胡杨")):
            pinyin, initials = spell(name)
            factories.make_deputy(number, name, world.delegations["county"], pinyin=pinyin, initials=initials)
        rows = desk.rows(meeting, q=q)
        assert [row.deputy.number for row in rows if row.deputy.number != "900"] == numbers


@pytest.mark.parametrize(
    ("state", "places"),
    [
        ("", [0, 1, 2, 3, 4]), ("present", [0, 1, 4]), ("leave", [2]), ("left", [3]), ("absent", []), ("late", [4]),
    ],
)  # fmt: skip
def test_rows_are_narrowed_by_state(world, state, places):
    hall = make_hall(world, deputies=5, present=4, quorum=(1, 2))
    at_desk(world, hall, 2, "undo")
    at_desk(world, hall, 2, "record_leave", "因病")
    open_(world, hall)
    at_desk(world, hall, 3, "leave_early")
    at_desk(world, hall, 4, "check_in")
    with world.work():
        rows = desk.rows(sessions.get(hall["session"]), state=state)
        assert [hall["deputies"].index(row.deputy.id) for row in rows] == places
        assert {row.deputy.number for row in rows if row.late} <= {"005"}

"""Meetings and their attendance: noted, changed, counted, refused, and by spreadsheet."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.duties import NOW, make_deputies, make_meeting, refusal
from votes.db import db
from votes.models import AuditEntry, DutyAttendance, DutyEntry
from votes.rules.duties.duties import DutyAttendanceState, DutyKind, DutyMeetingKind, DutyState, Share
from votes.rules.people.roles import BodyKind
from votes.services.duties import figures, meetings

PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


def test_attendance_is_noted_changed_and_counted(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        meeting = make_meeting(office)
        sums = meetings.mark(meeting, {one: (PRESENT, True), two: (LEAVE, False)}, by=office, now=NOW)
        assert (sums.called, sums.present, sums.leave, sums.spoke) == (2, 1, 1, 1)
        meetings.mark(meeting, {one: (PRESENT, False), three: (ABSENT, False)}, by=office, now=NOW)
        assert meetings.marks_of(meeting) == {one: (PRESENT, False), three: (ABSENT, False)}
        assert meetings.of_year(2027)[0].attended.share == Share(1, 2)
        # the next meeting of the kind starts from those called to this one; another kind from nobody
        assert meetings.proposed(make_meeting(office, "第二次")) == {
            one: (PRESENT, False),
            three: (PRESENT, False),
        }
        assert meetings.proposed(make_meeting(office, "财经委", DutyMeetingKind.SPECIAL)) == {}
        assert figures.figures(2027)[three].rates(BodyKind.COUNTY).committee == Share(0, 1)
        lines = [e for e in db.session.scalars(select(AuditEntry)) if e.action == "duty_meeting.mark"]
        assert [e.after["changed"] for e in lines] == [2, 3]
        meetings.mark(meeting, meetings.marks_of(meeting), by=office, now=NOW)  # as it is: no line
        assert (
            len([e for e in db.session.scalars(select(AuditEntry)) if e.action == "duty_meeting.mark"]) == 2
        )
        meetings.remove(meeting, by=office, now=NOW)
        assert db.session.scalars(select(DutyAttendance)).all() == []


def test_mark_that_the_rules_forbid_is_refused(world, office):
    with world.work("other"):
        elsewhere = factories.make_deputy("500", "外县代表", world.delegations["other"]).id
    with world.work():
        one = make_deputies(world)[0]
        meeting = make_meeting(office)
        coming = make_meeting(office, "以后的会议", on=date(2027, 7, 1))
        assert "还没有开" in refusal(
            lambda: meetings.mark(coming, {one: (PRESENT, False)}, by=office, now=NOW), field="held_on"
        )
        assert "不能记发言" in refusal(
            lambda: meetings.mark(meeting, {one: (LEAVE, True)}, by=office, now=NOW), field="marks"
        )
        assert "不属于本级人大" in refusal(
            lambda: meetings.mark(meeting, {elsewhere: (PRESENT, False)}, by=office, now=NOW)
        )
        assert "请填写会议名称" in refusal(lambda: make_meeting(office, " "), field="title")
        assert "已有名为" in refusal(lambda: make_meeting(office), field="title")
        db.session.rollback()


@pytest.mark.parametrize(
    "bad",
    [
        lambda ids, meeting: DutyAttendance(
            meeting_id=meeting.id, deputy_id=ids[0], state=ABSENT, spoke=True
        ),
        lambda ids, meeting: DutyEntry(
            deputy_id=ids[0], kind=DutyKind.VISIT, held_on=date(2027, 1, 1), title="x", entered_by="x",
            entered_at=NOW, state=DutyState.REFUSED,
        ),
    ],
)  # fmt: skip
def test_row_that_breaks_a_constraint_is_refused(world, office, bad):
    with pytest.raises(IntegrityError), world.work():
        ids = make_deputies(world)
        db.session.add(bad(ids, make_meeting(office)))
        db.session.flush()

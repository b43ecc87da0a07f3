"""A deputy's year: what is counted and what is not, attendance, entries, pages, and that nothing of it tells a vote."""

from datetime import date

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.counting import statements
from tests.sheets import book
from tests.years import at, make_round
from votes.db import db
from votes.models import (
    Attendance,
    AuditEntry,
    CongressSession,
    Deputy,
    DutyAttendance,
    DutyEntry,
    Round,
)
from votes.rules.duties import CONGRESS, DutyAttendanceState, DutyKind, DutyMeetingKind, DutyState, Share
from votes.rules.errors import RuleBroken
from votes.rules.people import AttendanceState, BodyKind, DeputyState
from votes.rules.rounds import RoundState, SessionState
from votes.services import duties

NOW = at(2027, 6, 1)
PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


def make_deputies(world, count=3):
    return [d.id for d in factories.make_deputies(count, world.delegations["county"], start=101)]


def make_meeting(office, title="第一次常委会会议", kind=DutyMeetingKind.COMMITTEE, on=date(2027, 3, 1)):
    return duties.save_meeting(None, kind=kind, title=title, held_on=on, by=office, now=NOW)


def refusal(act, *, field=None):
    with pytest.raises(RuleBroken) as caught:
        act()
    assert caught.value.field == field
    return caught.value.message


# --- the congress and its votes ----------------------------------------------------------------------------


def held(world, **round_values):
    """A session with one vote, of which seven were entitled; six signed in and voted, then it ended."""
    made = make_round(world)
    with world.work():
        meeting = db.session.scalar(select(CongressSession))
        meeting.state = SessionState.ENDED
        round = db.session.scalar(select(Round))
        for key, value in round_values.items():
            setattr(round, key, value)
    return made


def test_a_session_counts_once_it_has_ended_and_for_those_on_its_roll(world):
    held(world)
    with world.work():
        late = factories.make_deputy("300", "后来当选", world.delegations["county"])
        voted = db.session.scalars(select(Deputy.id).where(Deputy.number == "101")).one()
        absent = db.session.scalars(select(Deputy.id).where(Deputy.number == "900")).one()
        found = duties.figures(2027)
        assert late.id not in found  # not in office then
        assert (found[voted].at(CONGRESS).share, found[voted].votes) == (Share(1, 1), Share(1, 1))
        assert (found[absent].at(CONGRESS).share, found[absent].votes) == (Share(0, 1), Share(0, 1))
        assert duties.figures(2026) == {}
        assert duties.figures(2027, voted) == {voted: found[voted]}
        db.session.scalar(select(CongressSession)).state = SessionState.RUNNING
        db.session.flush()
        assert duties.figures(2027)[absent].at(CONGRESS).called == 0


@pytest.mark.parametrize(
    ("state", "counted"), [(AttendanceState.LEFT, (1, 0)), (AttendanceState.LEAVE, (0, 1)), (None, (0, 0))]
)
def test_who_went_early_was_there_who_took_leave_was_not(world, state, counted):
    held(world)
    with world.work():
        row = db.session.scalars(select(Attendance).order_by(Attendance.deputy_id)).first()
        deputy_id = row.deputy_id
        if state:
            row.state = state
        else:
            db.session.delete(row)
        db.session.flush()
        found = duties.figures(2027)[deputy_id].at(CONGRESS)
        assert (found.present, found.leave, found.called) == (*counted, 1)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, ["已参加"]),
        ({"rehearsal": True}, []),
        ({"state": RoundState.VOID}, []),
        ({"state": RoundState.OPENED, "result": None, "closed_at": None, "certified_at": None}, []),
    ],
)
def test_taking_part_is_told_of_closed_rounds_only(world, values, told):
    held(world, **values)
    with world.work():
        deputy = db.session.scalars(select(Deputy).where(Deputy.number == "101")).one()
        record = duties.record(deputy, 2027, kind=BodyKind.COUNTY)
        assert [e.note for e in record.events if e.word == "票决"] == told
        assert record.figures.votes == Share(len(told), len(told))


def test_no_ballot_is_looked_at_and_few_statements_are_sent(world):
    held(world)
    with world.work(), statements(world.database) as said:
        for line in duties.everybody(2027):
            assert line.figures.votes.whole <= 1
        duties.record(duties.get_deputy(line.deputy.id), 2027, kind=BodyKind.COUNTY)
    assert any("turnout" in statement for statement in said)
    assert [statement for statement in said if "ballots" in statement] == []
    assert len(said) <= 40


def test_a_session_without_a_vote_calls_those_in_office_now(world):
    with world.work():
        ids = make_deputies(world)
        gone = factories.make_deputy("200", "已终止", world.delegations["county"], state=DeputyState.ENDED)
        meeting = duties.CongressSession(
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
        found = duties.figures(2027)
        assert gone.id not in found
        assert [found[id].at(CONGRESS).share for id in ids] == [Share(1, 1), Share(0, 1), Share(0, 1)]


# --- meetings ------------------------------------------------------------------------------------------------


def test_attendance_is_noted_changed_and_counted(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        meeting = make_meeting(office)
        sums = duties.mark(meeting, {one: (PRESENT, True), two: (LEAVE, False)}, by=office, now=NOW)
        assert (sums.called, sums.present, sums.leave, sums.spoke) == (2, 1, 1, 1)
        duties.mark(meeting, {one: (PRESENT, False), three: (ABSENT, False)}, by=office, now=NOW)
        assert duties.marks_of(meeting) == {one: (PRESENT, False), three: (ABSENT, False)}
        assert duties.meetings(2027)[0].attended.share == Share(1, 2)
        # the next meeting of the kind starts from those called to this one; another kind from nobody
        assert duties.proposed(make_meeting(office, "第二次")) == {
            one: (PRESENT, False),
            three: (PRESENT, False),
        }
        assert duties.proposed(make_meeting(office, "财经委", DutyMeetingKind.SPECIAL)) == {}
        assert duties.figures(2027)[three].rates.committee == Share(0, 1)
        lines = [e for e in db.session.scalars(select(AuditEntry)) if e.action == "duty_meeting.mark"]
        assert [e.after["changed"] for e in lines] == [2, 3]
        duties.mark(meeting, duties.marks_of(meeting), by=office, now=NOW)  # as it is: no line
        assert (
            len([e for e in db.session.scalars(select(AuditEntry)) if e.action == "duty_meeting.mark"]) == 2
        )
        duties.remove_meeting(meeting, by=office, now=NOW)
        assert db.session.scalars(select(DutyAttendance)).all() == []


def test_what_attendance_is_refused(world, office):
    with world.work("other"):
        elsewhere = factories.make_deputy("500", "外县代表", world.delegations["other"]).id
    with world.work():
        one = make_deputies(world)[0]
        meeting = make_meeting(office)
        coming = make_meeting(office, "以后的会议", on=date(2027, 7, 1))
        assert "还没有开" in refusal(
            lambda: duties.mark(coming, {one: (PRESENT, False)}, by=office, now=NOW), field="held_on"
        )
        assert "不能记发言" in refusal(
            lambda: duties.mark(meeting, {one: (LEAVE, True)}, by=office, now=NOW), field="marks"
        )
        assert "不属于本级人大" in refusal(
            lambda: duties.mark(meeting, {elsewhere: (PRESENT, False)}, by=office, now=NOW)
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
def test_what_the_database_refuses(world, office, bad):
    with pytest.raises(IntegrityError), world.work():
        ids = make_deputies(world)
        db.session.add(bad(ids, make_meeting(office)))
        db.session.flush()


def test_attendance_by_spreadsheet_there_and_back(world, office):
    with world.work():
        one, two, _three = make_deputies(world)
        meeting = make_meeting(office)
        marks = {one: (PRESENT, True), two: (LEAVE, False)}
        duties.mark(meeting, marks, by=office, now=NOW)
        found, refused = duties.marks_of_sheet(meeting, duties.read_sheet(duties.sheet(meeting)))
        assert (found, refused) == (marks, [])
        rows = list(
            openpyxl.load_workbook(_io(duties.sheet(meeting))).worksheets[0].iter_rows(values_only=True)
        )
        assert [row for row in rows if row[0] == "103"] == [("103", "示例代表103", "第一代表团", None, None)]


def _io(data):
    from io import BytesIO

    return BytesIO(data)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["9999", "", "出席", ""], "没有这个代表证号"),
        (["101", "别人", "出席", ""], "与姓名不符"),
        (["101", "示例代表101", "到了", ""], "应为出席、请假或缺席"),
        (["101", "", "请假", "是"], "不能记发言"),
        (["101", "", "", "是"], "不能记发言"),
        (["101", "", "出席", "很多"], "应为“是”或留空"),
        (["102", "", "出席", ""], "不止一次"),
    ],
)
def test_lines_of_a_sheet_that_are_refused(world, office, line, why):
    with world.work():
        make_deputies(world)
        meeting = make_meeting(office)
        data = book([["102", "", "出席", "是"], line], head=["代表证号", "姓名", "出席情况", "发言"])
        _, refused = duties.marks_of_sheet(meeting, duties.read_sheet(data))
        assert [(each.row, why in each.why) for each in refused] == [(3, True)]


# --- entries -------------------------------------------------------------------------------------------------


def enter(who, office, **values):
    given = {"kind": DutyKind.TRAINING, "held_on": date(2027, 5, 1), "title": "履职培训", **values}
    return duties.enter(who, **given, by=office, now=NOW)


def test_staff_enter_for_many_at_once(world, office):
    with world.work():
        ids = make_deputies(world)
        assert enter(ids, office) == 3
        assert duties.figures(2027)[ids[0]].entries == {DutyKind.TRAINING: 1}
        assert "至少选择一位" in refusal(lambda: enter([], office), field="deputies")
        assert "不属于本级" in refusal(lambda: enter([99999], office), field="deputies")
        assert "不能晚于今天" in refusal(
            lambda: enter(ids, office, held_on=date(2027, 6, 2)), field="held_on"
        )


def test_what_a_deputy_enters_counts_once_confirmed(world, office):
    deputy = world.actor("deputy")
    with world.work():
        entry = duties.enter_own(
            kind=DutyKind.VISIT, held_on=date(2027, 5, 1), title="走访张三家", text="电话 13800000000", by=deputy, now=NOW
        )  # fmt: skip
        assert duties.figures(2027) == {}
        assert duties.count_waiting() == 1
        assert "请说明" in refusal(lambda: duties.settle(entry, "refuse", by=office, now=NOW), field="reason")
        assert "请说明" in refusal(
            lambda: duties.settle(entry, "refuse", reason="\x00", by=office, now=NOW), field="reason"
        )
        duties.settle(entry, "refuse", reason="请补充地点", by=office, now=NOW)
        assert (entry.state, entry.refusal, duties.count_waiting()) == (DutyState.REFUSED, "请补充地点", 0)
        duties.settle(entry, "confirm", by=office, now=NOW)
        assert (entry.refusal, duties.figures(2027)[deputy.deputy_id].count(DutyKind.VISIT)) == ("", 1)
        assert "已经确认" in refusal(lambda: duties.withdraw(entry.id, by=deputy, now=NOW))
        # people named in what was typed are not in the log
        log = " ".join(
            f"{e.about} {e.before} {e.after} {e.message}" for e in db.session.scalars(select(AuditEntry))
        )
        assert "duty" in " ".join(e.action for e in db.session.scalars(select(AuditEntry)))
        assert "张三" not in log
        assert "13800000000" not in log


def test_only_the_own_entry_is_taken_back(world, office):
    deputy = world.actor("deputy")
    with world.work():
        (one,) = make_deputies(world, 1)
        enter([one], office)
        enter([deputy.deputy_id], office)
        own = duties.enter_own(
            kind=DutyKind.VISIT, held_on=date(2027, 5, 1), title="走访", by=deputy, now=NOW
        )
        others = db.session.scalars(select(DutyEntry.id).where(DutyEntry.id != own.id)).all()
        for id in [*others, None, 0]:
            assert "没有这条记录" in refusal(lambda id=id: duties.withdraw(id, by=deputy, now=NOW))
        duties.withdraw(own.id, by=deputy, now=NOW)
        assert db.session.scalars(select(DutyEntry.id)).all() == others


def test_many_are_confirmed_in_one_act(world, office):
    deputy = world.actor("deputy")
    with world.work():
        ids = [
            duties.enter_own(
                kind=DutyKind.VISIT, held_on=date(2027, 5, day), title="走访", by=deputy, now=NOW
            ).id
            for day in (1, 2, 3)
        ]
        assert duties.confirm_all(ids[:2], by=office, now=NOW) == 2
        assert "没有选择" in refusal(lambda: duties.confirm_all([], by=office, now=NOW))
        assert "都已办理过" in refusal(lambda: duties.confirm_all(ids[:2], by=office, now=NOW))


# --- the list, the papers, the pages ---------------------------------------------------------------------------


def test_the_list_is_narrowed_and_sorted(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        duties.mark(make_meeting(office), {one: (PRESENT, False), two: (ABSENT, False)}, by=office, now=NOW)
        everybody = duties.everybody(2027)
        by_rate = duties.narrow(everybody, sort="committee", q="示例代表")
        assert [line.deputy.id for line in by_rate] == [two, one, three]  # never called: last
        assert [line.deputy.id for line in duties.narrow(everybody, q="102")] == [two]
        assert duties.narrow(everybody, delegation_id=99999) == []
        assert duties.rates(everybody).committee == Share(1, 2)
        db.session.get(Deputy, two).state = db.session.get(Deputy, three).state = DeputyState.ENDED
        db.session.flush()
        left = {line.deputy.id for line in duties.everybody(2027)}
        assert (two in left, three in left) == (True, False)  # one did something this year


def test_a_page_is_opened_renewed_and_closed(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        db.session.get(Deputy, three).state = DeputyState.SUSPENDED
        db.session.flush()
        assert duties.open_pages([one, two, three], by=office, now=NOW) == 2
        assert duties.open_pages([one], by=office, now=NOW) == 0
        deputy = duties.get_deputy(one)
        key = deputy.page_key
        assert duties.by_page_key(key) is deputy
        duties.renew_page(deputy, by=office, now=NOW)
        assert (duties.by_page_key(key), duties.by_page_key("")) == (None, None)
        duties.close_page(duties.get_deputy(two), by=office, now=NOW)
        assert [d.id for d in duties.published()] == [one]
        assert "已经关闭" in refusal(lambda: duties.close_page(duties.get_deputy(two), by=office, now=NOW))
        deputy.state = DeputyState.ENDED
        db.session.flush()
        assert (duties.published(), duties.by_page_key(deputy.page_key)) == ([], None)
        acts = [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert [a for a in acts if a.startswith("deputy_page")] == [
            "deputy_page.open", "deputy_page.open", "deputy_page.renew", "deputy_page.close",
        ]  # fmt: skip


def test_the_paper_has_eight_headings_and_what_was_done(world, office):
    with world.work():
        (one,) = make_deputies(world, 1)
        enter([one], office, title="预算审查培训")
        body = duties.Body
        here = db.session.scalar(select(body).where(body.id == world.county))
        record = duties.record(duties.get_deputy(one), 2027, kind=here.kind)
        paper = duties.paper(record, here, today=date(2027, 12, 30))
        heads = [block.text for block in paper.blocks if getattr(block, "strong", False)]
        assert [head.split("、", 1)[1] for head in heads] == ["基本情况", *duties.HEADINGS.values()]
        assert len(heads) == 8
        assert [e.title for e in record.under("training")] == ["预算审查培训"]

"""A deputy's year in figures and as a record: what is counted and what is not, and that nothing of it tells a vote."""

from datetime import date

import pytest
from sqlalchemy import select

from tests import factories
from tests.counting import statements
from tests.duties import NOW, make_deputies, make_meeting
from tests.years import make_round
from votes.db import db
from votes.models import Attendance, Body, CongressSession, Deputy, Round, Suggestion
from votes.rules.duties.duties import CONGRESS, DutyAttendanceState, DutyKind, Share
from votes.rules.duties.records import HEADINGS
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.services.duties import entries, figures, meetings, records
from votes.services.people import roster

PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


# --- the congress and its votes ----------------------------------------------------------------------------


def held(world, **round_values):
    """A session with one vote, of which seven were entitled; six signed in and voted, then it ended."""
    made = make_round(world)
    with world.work():
        meeting = db.session.scalar(select(CongressSession))
        meeting.state = SessionState.ENDED
        round_ = db.session.scalar(select(Round))
        for key, value in round_values.items():
            setattr(round_, key, value)
    return made


def test_a_session_counts_once_it_has_ended_and_for_those_on_its_roll(world):
    held(world)
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
        found = figures.figures(2027)[deputy_id].at(CONGRESS)
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
        record = records.record(deputy, 2027, kind=BodyKind.COUNTY)
        assert [e.note for e in record.events if e.word == "票决"] == told
        assert record.figures.votes == Share(len(told), len(told))


def test_no_ballot_is_looked_at_and_few_statements_are_sent(world):
    held(world)
    with world.work(), statements(world.database) as said:
        for line in figures.everybody(2027, kind=BodyKind.COUNTY):
            assert line.figures.votes.whole <= 1
        records.record(roster.get(line.deputy.id), 2027, kind=BodyKind.COUNTY)
    assert any("turnout" in statement for statement in said)
    assert [statement for statement in said if "ballots" in statement] == []
    assert len(said) <= 40


def test_a_session_without_a_vote_calls_those_in_office_now(world):
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


def test_the_list_is_narrowed_and_sorted(world, office):
    with world.work():
        one, two, three = make_deputies(world)
        meetings.mark(make_meeting(office), {one: (PRESENT, False), two: (ABSENT, False)}, by=office, now=NOW)
        everybody = figures.everybody(2027, kind=BodyKind.COUNTY)
        search = figures.SEARCHES[BodyKind.COUNTY]
        by_rate = search.rows(everybody, {"sort": "committee", "q": "示例代表"})
        assert [line.deputy.id for line in by_rate] == [two, one, three]  # never called: last
        assert [line.deputy.id for line in search.rows(everybody, {"q": "102"})] == [two]
        assert search.rows(everybody, {"delegation_id": 99999}) == []
        assert figures.rates(everybody).committee == Share(1, 2)
        db.session.get(Deputy, two).state = db.session.get(Deputy, three).state = DeputyState.ENDED
        db.session.flush()
        left = {line.deputy.id for line in figures.everybody(2027, kind=BodyKind.COUNTY)}
        assert (two in left, three in left) == (True, False)  # one did something this year


def test_the_paper_has_eight_headings_and_what_was_done(world, office):
    with world.work():
        (one,) = make_deputies(world, 1)
        given = {"held_on": date(2027, 5, 1), "by": office, "now": NOW}
        entries.enter([one], kind=DutyKind.TRAINING, title="预算审查培训", **given)
        here = db.session.scalar(select(Body).where(Body.id == world.county))
        record = records.record(roster.get(one), 2027, kind=here.kind)
        paper = records.paper(record, here, today=date(2027, 12, 30))
        heads = [block.text for block in paper.blocks if getattr(block, "strong", False)]
        assert [head.split("、", 1)[1] for head in heads] == ["基本情况", *HEADINGS.values()]
        assert len(heads) == 8
        assert [e.title for e in record.under("training")] == ["预算审查培训"]


def make_suggestion(number, deputy_id, **values):
    db.session.add(
        Suggestion(
            year=2027, number=number, code=f"CODE{number:06}", channel=Channel.DEPUTY, deputy_id=deputy_id,
            title=f"示例建议{number}", content="示例", received_at=NOW, **values,
        )
    )  # fmt: skip


def test_a_suggestion_that_was_turned_away_is_no_deed_of_the_deputy(world):
    with world.work():
        (one,) = make_deputies(world, 1)
        make_suggestion(1, one)
        make_suggestion(2, one, state=SuggestionState.REFUSED, refusal="垃圾信息")
        db.session.flush()
        found = records.record(roster.get(one), 2027, kind=BodyKind.COUNTY)
        assert found.figures.suggestions == 1
        assert [event.title for event in found.under("suggestions")] == ["示例建议1"]


@pytest.mark.sqlite
def test_the_records_of_many_take_as_many_statements_as_of_one(world, office):
    held(world)
    with world.work():
        ids = list(db.session.scalars(select(Deputy.id).where(Deputy.state == DeputyState.ACTIVE)))
        meetings.mark(make_meeting(office), dict.fromkeys(ids, (PRESENT, True)), by=office, now=NOW)
        make_suggestion(1, ids[0])
    with world.work():
        deputies = [roster.get(id_) for id_ in ids]
        with statements(world.database) as few:
            (one,) = records.records(deputies[:1], 2027, kind=BodyKind.COUNTY)
        with statements(world.database) as many:
            found = records.records(deputies, 2027, kind=BodyKind.COUNTY)
        assert len(many) == len(few) <= 20
        assert (found[0].events, found[0].rates) == (one.events, one.rates)
        assert [record.deputy.id for record in found] == ids
        words = {word for record in found for word in (event.word for event in record.events)}
        assert words == {"人代会", "常委会会议", "票决", "收集建议"}

"""A deputy's year as a record: what stands in it, and that nothing of it tells a vote."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.duties import NOW, hold_session, make_deputies, make_meeting
from votes.db import db
from votes.models import Body, Deputy, Suggestion
from votes.rules.duties.duties import Activity, DutyAttendanceState, DutyKind, Share
from votes.rules.duties.records import HEADINGS
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.roles import BodyKind, DeputyState
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.services.duties import entries, figures, meetings, records
from votes.services.people import roster

PRESENT, LEAVE, ABSENT = DutyAttendanceState


@pytest.fixture
def office(world):
    return world.actor("office")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, ["已参加"]),
        ({"rehearsal": True}, []),
        ({"state": RoundState.VOID}, []),
        ({"state": RoundState.OPENED, "result": None, "closed_at": None, "certified_at": None}, []),
    ],
)
def test_record_has_taking_part_in_closed_rounds_only(world, values, told):
    hold_session(world, **values)
    with world.work():
        deputy = db.session.scalars(select(Deputy).where(Deputy.number == "101")).one()
        record = records.record(deputy, 2027, kind=BodyKind.COUNTY)
        assert [e.note for e in record.events if e.word == "票决"] == told
        assert record.figures.votes == Share(len(told), len(told))


def test_record_and_list_read_no_ballot_in_few_statements(world):
    hold_session(world)
    with world.work(), statements(world.database) as said:
        for line in figures.everybody(2027, kind=BodyKind.COUNTY):
            assert line.figures.votes.whole <= 1
        records.record(roster.get(line.deputy.id), 2027, kind=BodyKind.COUNTY)
    assert any("turnout" in statement for statement in said)
    assert [statement for statement in said if "ballots" in statement] == []
    assert len(said) <= 40


def test_paper_has_eight_headings_and_the_activities(world, office):
    with world.work():
        (one,) = make_deputies(world, 1)
        training = Activity(DutyKind.TRAINING, date(2027, 5, 1), "预算审查培训")
        entries.enter([one], training, by=office, now=NOW)
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


def test_suggestion_refused_does_not_count_for_the_deputy(world):
    with world.work():
        (one,) = make_deputies(world, 1)
        make_suggestion(1, one)
        make_suggestion(2, one, state=SuggestionState.REFUSED, refusal="垃圾信息")
        db.session.flush()
        found = records.record(roster.get(one), 2027, kind=BodyKind.COUNTY)
        assert found.figures.suggestions == 1
        assert [event.title for event in found.under("suggestions")] == ["示例建议1"]


@pytest.mark.sqlite
def test_records_of_many_take_as_many_statements_as_of_one(world, office):
    hold_session(world)
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

"""Rounds in preparation: their colour, their list, their changes and their end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.services.voting.test_vote import BY, make_hall
from votes.db import db
from votes.models import AuditEntry
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.services.meeting import openings, rounds, sessions

PREPARED = {"hall": make_hall}


def create(hall, **more):
    session = sessions.get(hall["session"])
    ids = [project.id for project in rounds.listed_projects(2027)]
    facts = {"title": "又一项", "rule": Rule(seats=3), "project_ids": ids, **more}
    return rounds.create_round(session, **facts, by=BY, now=NOW)


def test_free_colour_is_the_first_that_no_question_has(world, hall):
    with world.work():
        assert rounds.free_colour(sessions.get(hall["session"])) == "pink"


@pytest.mark.parametrize(
    ("change", "field"), [({"colour": "black"}, "colour"), ({"project_ids": [0, 1, 2, 3]}, "projects")]
)
def test_create_round_refuses_what_does_not_exist(world, hall, change, field):
    with pytest.raises(RuleBroken) as refusal, world.work():
        create(hall, **change)
    assert refusal.value.field == field


def test_candidates_are_numbered_in_the_given_order(world, hall):
    with world.work():
        ids = [project.id for project in reversed(rounds.listed_projects(2027))]
        round_ = create(hall, project_ids=ids)
        assert [(each.number, each.project_id) for each in round_.candidates] == list(enumerate(ids, start=1))


def test_edit_round_takes_back_the_zero_check_and_logs_what_changed(world, hall):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        ids = [candidate.project_id for candidate in round_.candidates][:4]
        assert round_.zero_checked_at is not None
        rounds.edit_round(
            round_, title=round_.title, rule=rounds.rule_of(round_), project_ids=ids, by=BY, now=NOW
        )
        assert round_.zero_checked_at is None
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "round.edit")).one()
        assert entry.after == {"candidates": ids}
        assert len(entry.before["candidates"]) == 5


def test_cancel_round_leaves_it_readable(world, hall):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        rounds.cancel_round(round_, by=BY, now=NOW)
        assert round_.state == RoundState.CANCELLED
        assert rounds.present_rounds(sessions.get(hall["session"])) == []


@pytest.mark.parametrize(("minutes", "over"), [(None, False), (-1, True), (0, True), (1, False)])
def test_past_end_begins_at_the_preset_end(world, hall, minutes, over):
    with world.work():
        round_ = rounds.get_round(hall["round"])
        round_.closes_at = None if minutes is None else NOW + timedelta(minutes=minutes)
        assert rounds.past_end(round_, NOW) is over


@pytest.mark.parametrize(
    ("changed", "votes"),
    [
        ({}, True),
        ({"state": RoundState.CLOSED, "resend_key": None}, False),
        ({"rehearsal": True}, False),
        ({"closes_at": NOW + timedelta(minutes=1)}, True),
        ({"closes_at": NOW}, False),
        ({"opened_at": NOW - timedelta(hours=12)}, False),  # deputies who vote from elsewhere, for days
    ],
)
def test_a_hall_votes_while_a_formal_box_of_any_body_takes_ballots(world, hall, changed, votes):
    with world.work():
        assert not rounds.a_hall_votes(NOW)
        openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        for name, value in changed.items():
            setattr(round_, name, value)
    with world.work(body="township"):
        assert rounds.a_hall_votes(NOW) is votes

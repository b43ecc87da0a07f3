"""A rehearsal may try everything and leaves nothing in the real record."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_vote import BY, teller_actor
from tests.signing import ready, sign as sign_count
from votes.db import db
from votes.models import (
    Announcement,
    Attendance,
    AuditEntry,
    Ballot,
    CongressSession,
    Project,
    Round,
    Tracking,
    Turnout,
)
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import AttendanceState, TellerRole
from votes.rules.projects.projects import ProjectState
from votes.services.delivery import announcements
from votes.services.meeting import checkin, openings, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.publication import tasks as agenda
from votes.services.voting import ballots, closing, rehearsal, results, screens

LATER = NOW + timedelta(hours=3)


def make_planned(world):
    """Prepare a session that has not begun, with a real round and a rehearsal whose box was seen empty.

    There are twelve deputies besides the one of the standing account, tellers and five listed projects.
    """
    with world.work():
        made = factories.make_deputies(12, world.delegations["county"])
        listed = factories.make_listed(5)
        meeting = sessions.create_session(
            title="第一次会议", year=2027, starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 16), place="", by=BY, now=NOW
        )  # fmt: skip
        tellers.name_teller(meeting, made[0].id, TellerRole.CHIEF, by=BY, now=NOW)
        tellers.name_teller(meeting, made[1].id, TellerRole.TELLER, by=BY, now=NOW)
        ready(meeting)
        ids = {"session": meeting.id, "deputies": [d.id for d in made]}
        for name, drill in (("round", False), ("rehearsal", True)):
            round_ = rounds.create_round(
                meeting, title=f"示例票决{name}", rule=Rule(seats=3, small_body=0), rehearsal=drill,
                project_ids=[p.id for p in listed], by=BY, now=NOW,
            )  # fmt: skip
            ids[name] = round_.id
        openings.zero_check(round_, by=teller_actor(made[0].id), now=NOW)
        return ids


PREPARED = {"planned": make_planned}


def run(world, planned, until="announced"):
    """Open the rehearsal as the system."""
    steps = ("signed_in", "opened", "voted", "counted", "certified", "announced")
    acts = [
        lambda round_: rehearsal.sign_in(round_.session, 5000, by=BY, now=NOW),
        lambda round_: openings.open_round(round_, by=BY, now=NOW),
        lambda round_: rehearsal.vote_at_random(round_, 5000, by=BY, now=NOW),
        lambda round_: closing.close(round_, by=BY, now=NOW),
        lambda round_: [sign_count(round_, by=teller_actor(planned["deputies"][n]), now=NOW) for n in (0, 1)],
        lambda round_: announcements.announce(
            round_, number=1, announced_on=date(2027, 1, 15), by=BY, now=NOW
        ),
    ]
    found = []
    for act in acts[: steps.index(until) + 1]:
        with world.work():
            found.append(act(rounds.get_round(planned["rehearsal"])))
    return found


def start(world, planned):
    with world.work():
        sessions.move(sessions.get(planned["session"]), "start", by=BY, now=LATER)


# --- only a rehearsal ------------------------------------------------------------------------------------


def test_before_the_session_begins_only_a_rehearsal_is_signed_in_to_and_opened(world, planned):
    with world.work():
        meeting = sessions.get(planned["session"])
        assert rehearsal.sign_in(meeting, 9, by=BY, now=NOW) == 9
        round_ = rounds.get_round(planned["round"])
        openings.zero_check(round_, by=teller_actor(planned["deputies"][0]), now=NOW)
    with pytest.raises(RuleBroken, match="会议还没有开始"), world.work():
        openings.open_round(rounds.get_round(planned["round"]), by=BY, now=NOW)
    with world.work():
        openings.open_round(rounds.get_round(planned["rehearsal"]), by=BY, now=NOW)


def test_without_a_rehearsal_nobody_signs_in_before_the_session_begins(world, planned):
    with world.work():
        rounds.cancel_round(rounds.get_round(planned["rehearsal"]), by=BY, now=NOW)
    for act in (
        lambda meeting: checkin.check_in(meeting, planned["deputies"][3], by=BY, now=NOW),
        lambda meeting: rehearsal.sign_in(meeting, 3, by=BY, now=NOW),
    ):
        with pytest.raises(RuleBroken, match=r"会议还没有开始|没有演练"), world.work():
            act(sessions.get(planned["session"]))


def test_a_real_round_is_never_voted_in_at_random(world, planned):
    start(world, planned)
    with world.work():
        meeting = sessions.get(planned["session"])
        checkin.check_in_all(meeting, planned["deputies"], by=BY, now=LATER)
        round_ = rounds.get_round(planned["round"])
        openings.zero_check(round_, by=teller_actor(planned["deputies"][0]), now=LATER)
        openings.open_round(round_, by=BY, now=LATER)
    with pytest.raises(RuleBroken, match="正式票决"), world.work():
        rehearsal.vote_at_random(rounds.get_round(planned["round"]), 3, by=BY, now=LATER)
    with pytest.raises(RuleBroken, match="正式签到"), world.work():
        rehearsal.sign_in(sessions.get(planned["session"]), 1, by=BY, now=LATER)
    with world.work():
        assert db.session.query(Ballot).count() == db.session.query(Turnout).count() == 0


def test_the_rule_of_a_rehearsal_governs_signing_in_only_while_it_is_tried(world, planned):
    def set_rule(name, **rule):
        rounds.get_round(planned[name]).rule = Rule(seats=3, small_body=0, **rule).to_dict()

    def governed():
        meeting = sessions.get(planned["session"])
        return checkin.mode(meeting), rounds.quorum(meeting, 13)

    with world.work():
        set_rule("round", checkin="desk", quorum=(2, 3))
        set_rule("rehearsal", checkin="open", quorum=(1, 13))
    with world.work():
        assert governed() == ("open", 1)
    start(world, planned)
    with world.work():
        assert governed() == ("desk", 9)
    with world.work():
        rounds.cancel_round(rounds.get_round(planned["round"]), by=BY, now=LATER)
    with world.work():
        assert governed() == ("open", 1), "nothing but the rehearsal is there, not yet opened"


# --- voting at random ------------------------------------------------------------------------------------


def test_so_many_vote_and_the_count_adds_up(world, planned):
    run(world, planned, "opened")
    with world.work():
        round_ = rounds.get_round(planned["rehearsal"])
        ballots.cast(round_.id, planned["deputies"][4], code="CDEFGHJKMN", marks={1: "for"}, now=NOW)
        assert rehearsal.vote_at_random(round_, 5, by=BY, now=NOW) == 5
    with world.work():
        round_ = rounds.get_round(planned["rehearsal"])
        assert ballots.counts(round_.id) == (13, 6)
        assert rehearsal.vote_at_random(round_, 100, by=BY, now=NOW) == 7, "only those who have not voted"
    with pytest.raises(RuleBroken, match="都已投票"), world.work():
        rehearsal.vote_at_random(rounds.get_round(planned["rehearsal"]), 1, by=BY, now=NOW)
    with world.work():
        assert len({t.deputy_id for t in db.session.query(Turnout)}) == 13
        closing.close(rounds.get_round(planned["rehearsal"]), by=BY, now=NOW)
    with world.work():
        round_ = rounds.get_round(planned["rehearsal"])
        assert round_.state == RoundState.COUNTED
        assert (round_.result["valid"], round_.result["invalid"]) == (13, 0)
    with world.work() as session:
        lines = session.query(AuditEntry).filter(AuditEntry.action == "round.random").all()
        assert [line.after for line in lines] == [{"count": 5}, {"count": 7}], "how many, never who"


def test_who_is_not_signed_in_is_not_made_to_vote(world, planned):
    with world.work():
        rehearsal.sign_in(sessions.get(planned["session"]), 9, by=BY, now=NOW)
    with world.work():
        openings.open_round(rounds.get_round(planned["rehearsal"]), by=BY, now=NOW)
    with world.work():
        assert rehearsal.vote_at_random(rounds.get_round(planned["rehearsal"]), 50, by=BY, now=NOW) == 9


# --- no trace --------------------------------------------------------------------------------------------


def real(session):
    """Return what the real record holds."""
    return {
        "attendance": [(a.deputy_id, a.state, a.reason) for a in session.query(Attendance).order_by(Attendance.deputy_id)],
        "projects": [(p.id, p.state, p.number) for p in session.query(Project).order_by(Project.id)],
        "trackings": session.query(Tracking).count(),
        "announcements": session.query(Announcement).count(),
        "round": [
            (r.id, r.ordinal, r.state, r.zero_checked_at)
            for r in session.query(Round).where(Round.rehearsal.is_(False)).order_by(Round.id)
        ],
        "next": results.next_number(session.scalar(select(CongressSession))),
    }  # fmt: skip


def test_a_whole_rehearsal_changes_nothing_that_is_real(world, planned):
    with world.work() as session:
        checkin.record_leave(sessions.get(planned["session"]), planned["deputies"][7], "住院", by=BY, now=NOW)
        before = real(session)
    signed_in, _, voted, _, _, announced = run(world, planned)
    assert (signed_in, voted, announced) == (12, 12, None)
    start(world, planned)
    with world.work() as session:
        assert real(session) == before
        meeting = sessions.get(planned["session"])
        assert (meeting.state, sessions.headcount(meeting)) == (SessionState.RUNNING, (13, 0, 1, 0))
        line = session.query(AuditEntry).filter(AuditEntry.action == "session.end_rehearsal").one()
        assert line.after == {"removed": 12}
        assert all(
            e.after.get("rehearsal")
            for e in session.query(AuditEntry).filter(AuditEntry.action == "checkin.present")
        )


def test_the_real_vote_after_it_is_the_first_and_gets_number_one(world, planned):
    run(world, planned)
    start(world, planned)
    with world.work():
        meeting = sessions.get(planned["session"])
        checkin.check_in_all(meeting, planned["deputies"], by=BY, now=LATER)
        round_ = rounds.get_round(planned["round"])
        openings.zero_check(round_, by=teller_actor(planned["deputies"][0]), now=LATER)
        openings.open_round(round_, by=BY, now=LATER)
        assert (round_.ordinal, round_.roster, round_.present) == (1, 13, 12)
    with world.work():
        ballots.cast(planned["round"], planned["deputies"][3], code="CDEFGHJKMN", marks={1: "for"}, now=LATER)
    with world.work():
        closing.close(rounds.get_round(planned["round"]), by=BY, now=LATER)
    for number in (0, 1):
        with world.work():
            sign_count(
                rounds.get_round(planned["round"]), by=teller_actor(planned["deputies"][number]), now=LATER
            )
    with world.work():
        round_ = rounds.get_round(planned["round"])
        number = results.next_number(round_.session)
        assert number == 1
        row = announcements.announce(round_, number=number, announced_on=date(2027, 1, 15), by=BY, now=LATER)
        assert row.number == 1


@pytest.mark.parametrize("until", ["opened", "voted"])
def test_the_session_does_not_begin_while_a_rehearsals_box_is_open(world, planned, until):
    run(world, planned, until)
    with pytest.raises(RuleBroken, match="票箱还开着"):
        start(world, planned)
    with world.work():
        assert sessions.get(planned["session"]).state == SessionState.PLANNED
        assert db.session.query(Attendance).count() == 13


@pytest.mark.parametrize("until", ["counted", "certified", "announced"])
def test_once_the_session_has_begun_a_rehearsal_is_on_no_list_and_no_screen(world, planned, until):
    run(world, planned, until)
    mine = planned["deputies"][3]
    with world.work():
        meeting = sessions.get(planned["session"])
        listed = [r.id for r in ballots.for_deputy(meeting.id, mine)]
        assert (planned["rehearsal"] in listed) is (until != "announced")
    start(world, planned)
    with world.work():
        meeting = sessions.get(planned["session"])
        assert [r.id for r in ballots.for_deputy(meeting.id, mine)] == [planned["round"]]
        assert [r.id for r in rounds.present_rounds(meeting)] == [planned["round"]]
        assert screens.state(meeting, public_url="", now=LATER)["view"] == "waiting"
        body = bodies.get_body(meeting.body_id)
        tasks = agenda.tasks(body, by=world.actor("office"), day=LATER.date())
        assert [t.title for t in tasks if t.kind.startswith("round_")] == ["示例票决round"]
        sessions.move(meeting, "end", by=BY, now=LATER)  # what was left of it stands in nobody's way


def test_leave_is_real_and_survives(world, planned):
    mine = planned["deputies"][7]
    with world.work():
        checkin.record_leave(sessions.get(planned["session"]), mine, "住院", by=BY, now=NOW)
    with pytest.raises(RuleBroken, match="请假记录保留"), world.work():
        checkin.check_in(sessions.get(planned["session"]), mine, by=BY, now=NOW)
    run(world, planned, "signed_in")
    start(world, planned)
    with world.work():
        row = db.session.query(Attendance).one()
        assert (row.deputy_id, row.state, row.reason) == (mine, AttendanceState.LEAVE, "住院")


def test_a_rehearsal_beside_the_running_session_leaves_its_register_alone(world, planned):
    start(world, planned)
    with world.work():
        checkin.check_in_all(sessions.get(planned["session"]), planned["deputies"], by=BY, now=LATER)
    with world.work():
        openings.open_round(rounds.get_round(planned["rehearsal"]), by=BY, now=LATER)
    with world.work():
        assert rehearsal.vote_at_random(rounds.get_round(planned["rehearsal"]), 99, by=BY, now=LATER) == 12
        assert db.session.query(Attendance).count() == 12


def test_projects_stay_where_they_are(world, planned):
    run(world, planned)
    with world.work():
        assert {p.state for p in db.session.query(Project)} == {ProjectState.LISTED}

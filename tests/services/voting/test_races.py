"""Two acts at the same moment: the second begins while the first is done but not yet committed."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from tests.consents import agreed
from tests.factories import NOW
from tests.services.voting.test_rehearsal import make_planned
from tests.services.voting.test_vote import BY, cast, make_hall, open_
from votes.db import db
from votes.models import Attendance, RollEntry, Teller, table_of
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import TellerRole
from votes.services.meeting import checkin, events, openings, rounds, sessions, tellers
from votes.services.voting import rehearsal

PREPARED = {"planned": make_planned}


def overlap(world, first, second):
    """Return what each of the two was told: "done", or the words of the refusal."""
    acted, told = threading.Event(), {}

    def run(who, act, pause):
        try:
            with world.work():
                act()
                acted.set()
                time.sleep(pause)
            told[who] = "done"
        except RuleBroken as broken:
            told[who] = broken.message
        except Exception as error:  # what the user would see as a failure of the system
            told[who] = repr(error)
        finally:
            acted.set()

    one = threading.Thread(target=run, args=("first", first, 0.4))
    one.start()
    acted.wait()
    two = threading.Thread(target=run, args=("second", second, 0))
    two.start()
    one.join()
    two.join()
    return told["first"], told["second"]


def meeting_of(hall):
    return sessions.get(hall["session"])


def entitled(hall, number):
    table = table_of(RollEntry)
    return db.session.scalar(
        select(table.c.present).where(
            table.c.round_id == hall["round"], table.c.deputy_id == hall["deputies"][number]
        )
    )


# --- the end of the session -----------------------------------------------------------------------------


def set_up(hall):
    return rounds.create_round(
        meeting_of(hall), title="又一项", rule=Rule(seats=2), by=BY, now=NOW,
        project_ids=[p.id for p in rounds.listed_projects(2027)],
    )  # fmt: skip


def rename(hall):
    meeting = meeting_of(hall)
    return sessions.edit_session(
        meeting, title="改名", year=2027, starts_on=meeting.starts_on, ends_on=meeting.ends_on, place="", by=BY, now=NOW
    )  # fmt: skip


@pytest.mark.parametrize(("act", "words"), [(set_up, "不能再设立票决"), (rename, "不能再修改")])
def test_a_session_that_ends_meanwhile_takes_nothing_more(world, act, words):
    hall = make_hall(world)
    first, second = overlap(
        world,
        lambda: sessions.move(meeting_of(hall), "end", by=BY, now=NOW),
        lambda: act(hall),
    )
    assert first == "done"
    assert words in second
    with world.work():
        meeting = meeting_of(hall)
        assert (len(meeting.rounds), meeting.title) == (1, "第一次会议")


# --- signing in -----------------------------------------------------------------------------------------


def test_who_signs_in_while_the_box_is_opened_has_the_vote(world):
    hall = make_hall(world, present=11)
    told = overlap(
        world,
        lambda: checkin.check_in(meeting_of(hall), hall["deputies"][11], by=BY, now=NOW),
        lambda: openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW),
    )
    assert told == ("done", "done")
    with world.work():
        assert entitled(hall, 11) is True
        assert rounds.get_round(hall["round"]).present == 12
    assert cast(world, hall, 11, {1: "for"}) is True


def test_who_signs_in_just_after_the_box_is_opened_is_late_and_has_the_vote(world):
    hall = make_hall(world, present=11)
    told = overlap(
        world,
        lambda: openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW),
        lambda: checkin.check_in(meeting_of(hall), hall["deputies"][11], by=BY, now=NOW),
    )
    assert told == ("done", "done")
    with world.work():
        assert entitled(hall, 11) is True
        round_ = rounds.get_round(hall["round"])
        assert round_.present == 12
        assert [e.payload["deputy"] for e in events.events(round_) if e.kind == "late_check_in"] == ["012"]


@pytest.mark.parametrize("together", [False, True])
def test_signing_in_again_puts_somebody_present_on_the_roll_that_is_open(world, together):
    hall = make_hall(world)
    open_(world, hall)
    with world.work():
        db.session.execute(
            update(RollEntry).where(RollEntry.deputy_id == hall["deputies"][5]).values(present=False)
        )
        rounds.get_round(hall["round"]).present = 11
    for _ in range(2):
        with world.work():
            if together:
                agreed(meeting_of(hall), ConsentAct.SIGN_IN, hall["deputies"][2:])
                assert checkin.check_in_all(meeting_of(hall), hall["deputies"][2:], by=BY, now=NOW) == 0
            else:
                checkin.check_in(meeting_of(hall), hall["deputies"][5], by=BY, now=NOW)
    with world.work():
        assert entitled(hall, 5) is True
        round_ = rounds.get_round(hall["round"])
        assert round_.present == 12
        assert len([e for e in events.events(round_) if e.kind == "late_check_in"]) == 1


def act_of(name, hall):
    def act():
        deputy = hall["deputies"][11]
        if name == "all":
            checkin.check_in_all(meeting_of(hall), [deputy, hall["deputies"][10]], by=BY, now=NOW)
        elif name == "leave":
            checkin.record_leave(meeting_of(hall), deputy, "因病", by=BY, now=NOW)
        else:
            checkin.check_in(meeting_of(hall), deputy, by=BY, now=NOW)

    return act


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("one", "one", "present"),
        ("one", "all", "present"),
        ("all", "one", "present"),
        ("leave", "leave", "leave"),
        ("leave", "one", "present"),
        ("one", "leave", "leave"),
    ],
)
def test_two_first_signings_of_one_deputy_are_both_answered_calmly(world, first, second, state):
    hall = make_hall(world, present=10)
    assert overlap(world, act_of(first, hall), act_of(second, hall)) == ("done", "done")
    with world.work():
        rows = db.session.scalars(select(Attendance).where(Attendance.deputy_id == hall["deputies"][11]))
        assert [row.state.value for row in rows] == [state]


# --- the session ----------------------------------------------------------------------------------------


def test_a_session_started_twice_keeps_who_signed_in_for_it(world, planned):
    def start_and_sign_in():
        meeting = meeting_of(planned)
        sessions.move(meeting, "start", by=BY, now=NOW)
        checkin.check_in(meeting, planned["deputies"][0], by=BY, now=NOW)

    told = overlap(
        world, start_and_sign_in, lambda: sessions.move(meeting_of(planned), "start", by=BY, now=NOW)
    )
    assert told[0] == "done"
    assert told[1] != "done"
    with world.work():
        assert meeting_of(planned).state == SessionState.RUNNING
        assert checkin.is_present(planned["session"], planned["deputies"][0])


def test_nobody_is_signed_in_at_random_into_a_session_that_is_being_started(world, planned):
    told = overlap(
        world,
        lambda: sessions.move(meeting_of(planned), "start", by=BY, now=NOW),
        lambda: rehearsal.sign_in(meeting_of(planned), 3, by=BY, now=NOW),
    )
    assert told[0] == "done"
    assert "正式签到" in told[1]
    with world.work():
        assert sessions.headcount(meeting_of(planned)).present == 0


@pytest.mark.parametrize("act", ["name", "remove"])
def test_the_tellers_stay_the_same_while_the_box_is_opened(world, act):
    hall = make_hall(world)

    def change():
        meeting = meeting_of(hall)
        if act == "name":
            tellers.name_teller(meeting, hall["deputies"][2], TellerRole.TELLER, by=BY, now=NOW)
        else:
            tellers.remove_teller(meeting, meeting.tellers[1].id, by=BY, now=NOW)

    told = overlap(
        world, lambda: openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW), change
    )
    assert told[0] == "done"
    assert "监票人名单不能变动" in told[1]
    with world.work():
        assert db.session.query(Teller).count() == 2


# --- the round ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["edit", "cancel"])
def test_what_is_frozen_at_the_opening_stays_whatever_was_asked_at_the_same_moment(world, act):
    hall = make_hall(world)

    def change():
        round_ = rounds.get_round(hall["round"])
        if act == "edit":
            rounds.edit_round(
                round_,
                title="改过的题目",
                rule=Rule(seats=2, small_body=0),
                project_ids=[c.project_id for c in round_.candidates],
                closes_at=NOW + timedelta(hours=1),
                by=BY,
                now=NOW,
            )
        else:
            rounds.cancel_round(round_, by=BY, now=NOW)

    told = overlap(
        world, lambda: openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW), change
    )
    assert told[0] == "done"
    assert told[1] != "done"
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert (round_.state, round_.title, round_.rule["seats"]) == (RoundState.OPENED, "示例票决", 3)
        assert round_.zero_checked_at is not None


# --- after the closing ----------------------------------------------------------------------------------


def test_a_vacuum_that_fails_leaves_no_short_patience_on_the_connection(database):
    if database.is_sqlite:
        pytest.skip("SQLite has no such setting")
    with pytest.raises(DBAPIError):
        database.sweep("no_such_table")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"


def test_closes_that_end_together_rewrite_the_tables_once(database):
    if database.is_sqlite:
        pytest.skip("SQLite has one file")
    tables = ("ballots", "turnout")
    closed = database.files_of(*tables)
    database.sweep(*tables, since=closed)
    swept = database.files_of(*tables)
    assert all(swept[table] != closed[table] for table in tables)
    database.sweep(*tables, since=closed)  # the second close of that minute
    assert database.files_of(*tables) == swept
    database.sweep(*tables, since=swept)  # a close after the sweep
    assert all(database.files_of(table)[table] != swept[table] for table in tables)

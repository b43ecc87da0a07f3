"""Halls of a session: set up while no box is open; their turnout; what a small one does not show."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_vote import cast, close, make_hall, open_
from votes.db import db
from votes.models import AuditEntry, Delegation, Deputy, HallDelegation, RollEntry
from votes.rules.errors import RuleBroken
from votes.rules.meeting.halls import HallTurnout
from votes.services import audit
from votes.services.meeting import halls, rounds, sessions
from votes.services.people import delegations

BY = audit.SYSTEM


def make_three(world):
    """Twelve deputies in three delegations of five, four and three, all signed in."""
    made = make_hall(world)
    with world.work():
        second, third = Delegation(name="第二代表团", position=2), Delegation(name="第三代表团", position=3)
        db.session.add_all([second, third])
        db.session.flush()
        for deputy_id in made["deputies"][5:9]:
            db.session.get(Deputy, deputy_id).delegation_id = second.id
        for deputy_id in made["deputies"][9:]:
            db.session.get(Deputy, deputy_id).delegation_id = third.id
        made["delegations"] = [world.delegations["county"], second.id, third.id]
    return made


PREPARED = {"hall": make_three}


def session_of(hall):
    return sessions.get(hall["session"])


def set_up(world, hall, *places):
    """Halls 主会场 and 分会场; ``places``: for each delegation 0, 1 or None."""
    with world.work():
        rooms = [halls.add(session_of(hall), name, by=BY, now=NOW).id for name in ("主会场", "分会场")]
        wanted = {
            delegation: None if at is None else rooms[at]
            for delegation, at in zip(hall["delegations"], places, strict=True)
        }
        halls.place(session_of(hall), wanted, by=BY, now=NOW)
    return rooms


def turnout(world, hall):
    with world.work():
        return halls.turnout(rounds.get_round(hall["round"]))


def test_turnout_by_hall_follows_the_vote(world, hall):
    set_up(world, hall, 0, 1, 1)
    before = turnout(world, hall)
    assert before.shown == (HallTurnout("主会场", 5, 5, 0), HallTurnout("分会场", 7, 7, 0))
    open_(world, hall)
    for number in (0, 5, 6, 9):
        cast(world, hall, number, {1: "for"})
    during = turnout(world, hall)
    assert during.shown == (HallTurnout("主会场", 5, 5, 1), HallTurnout("分会场", 7, 7, 3))
    assert during.total == HallTurnout(None, 12, 12, 4)
    close(world, hall)
    assert turnout(world, hall) == during


def test_turnout_of_a_session_without_halls_is_none(world, hall):
    assert turnout(world, hall) is None
    open_(world, hall)
    assert turnout(world, hall) is None


def test_delegation_without_a_hall_is_counted_apart(world, hall):
    set_up(world, hall, 0, 1, None)
    found = turnout(world, hall)
    assert [row.hall for row in found.shown] == ["主会场", "分会场", None]
    assert found.shown[2] == HallTurnout(None, 3, 3, 0)


def test_turnout_of_small_halls_is_one_sum(world):
    made = make_hall(world, deputies=12, small_body=6)
    with world.work():
        session = sessions.get(made["session"])
        delegations = [world.delegations["county"]]
        for place, group in enumerate((made["deputies"][6:10], made["deputies"][10:]), 2):
            extra = Delegation(name=f"第{place}代表团", position=place)
            db.session.add(extra)
            db.session.flush()
            delegations.append(extra.id)
            for deputy_id in group:
                db.session.get(Deputy, deputy_id).delegation_id = extra.id
        rooms = [halls.add(session, f"{i}号会场", by=BY, now=NOW).id for i in (1, 2, 3)]
        halls.place(session, dict(zip(delegations, rooms, strict=True)), by=BY, now=NOW)
    open_(world, made)
    cast(world, made, 11, {1: "for"})
    found = turnout(world, made)
    assert found.shown == (HallTurnout("1号会场", 6, 6, 0),)
    assert (found.hidden, found.together) == (("2号会场", "3号会场"), HallTurnout(None, 6, 6, 1))


def test_roll_keeps_the_halls_of_the_opening(world, hall):
    rooms = set_up(world, hall, 0, 1, 1)
    open_(world, hall)
    close(world, hall)
    before = turnout(world, hall)
    with world.work():
        halls.rename(halls.get(rooms[1]), "大礼堂", by=BY, now=NOW)
        halls.place(session_of(hall), {hall["delegations"][1]: rooms[0]}, by=BY, now=NOW)
    assert turnout(world, hall) == before
    with world.work():
        seated = db.session.scalars(select(RollEntry.hall).where(RollEntry.round_id == hall["round"])).all()
        assert sorted(seated) == ["主会场"] * 5 + ["分会场"] * 7
    with world.work():
        halls.remove(halls.get(rooms[1]), by=BY, now=NOW)
        assert db.session.scalars(select(HallDelegation.delegation_id)).all() == hall["delegations"][:2]
    assert turnout(world, hall) == before


def test_halls_cannot_change_while_a_box_is_open(world, hall):
    rooms = set_up(world, hall, 0, 1, 1)
    open_(world, hall)
    acts = (
        lambda: halls.add(session_of(hall), "又一个", by=BY, now=NOW),
        lambda: halls.rename(halls.get(rooms[0]), "改名", by=BY, now=NOW),
        lambda: halls.remove(halls.get(rooms[0]), by=BY, now=NOW),
        lambda: halls.place(session_of(hall), {hall["delegations"][0]: rooms[1]}, by=BY, now=NOW),
    )
    for act in acts:
        with world.work(), pytest.raises(RuleBroken, match="“示例票决”正在投票"):
            act()
    close(world, hall)
    for act in acts[1:3]:
        with world.work():
            act()


def test_halls_of_an_ended_session_cannot_change(world, hall):
    set_up(world, hall, 0, 1, 1)
    with world.work():
        sessions.move(session_of(hall), "end", by=BY, now=NOW)
    with world.work(), pytest.raises(RuleBroken, match="会议已闭会"):
        halls.add(session_of(hall), "又一个", by=BY, now=NOW)


@pytest.mark.parametrize(
    ("name", "words"),
    [("主会场", "已有名为“主会场”的会场"), (" 主会场 ", "已有名为"), ("  ", "请填写会场名称")],
)
def test_hall_with_an_empty_or_taken_name_is_refused(world, hall, name, words):
    set_up(world, hall, 0, 1, 1)
    with world.work() as work, pytest.raises(RuleBroken, match=words):
        try:
            halls.add(session_of(hall), name, by=BY, now=NOW)
        finally:
            work.rollback()


def test_place_of_another_sessions_hall_is_refused(world, hall):
    rooms = set_up(world, hall, 0, 1, None)
    with world.work("other"):
        elsewhere = factories.make_deputy("701", "邻县代表", world.delegations["other"])
        assert elsewhere.delegation_id == world.delegations["other"]
    for wanted in (
        {world.delegations["other"]: rooms[0]},
        {hall["delegations"][2]: rooms[0], hall["delegations"][0]: 9999},
        {9999: None},
    ):
        with world.work(), pytest.raises(RuleBroken, match="没有作任何改动") as refusal:
            halls.place(session_of(hall), wanted, by=BY, now=NOW)
        assert refusal.value.status == 422
    with world.work():
        assert [seat.hall_id for seat in halls.placements(session_of(hall))] == [*rooms, None]


def test_delegation_without_deputies_is_removed_with_its_hall(world, hall):
    rooms = set_up(world, hall, 0, 1, 1)
    with world.work():
        empty = Delegation(name="空代表团", position=9)
        db.session.add(empty)
        db.session.flush()
        halls.place(session_of(hall), {empty.id: rooms[0]}, by=BY, now=NOW)
        delegations.remove(empty, by=BY, now=NOW)
    with world.work():
        assert [seat.delegation.name for seat in halls.placements(session_of(hall))] == [
            "第一代表团",
            "第二代表团",
            "第三代表团",
        ]


def test_delegation_that_nominated_a_teller_stays(world, hall):
    with world.work():
        empty = Delegation(name="空代表团", position=9)
        db.session.add(empty)
        db.session.flush()
        session_of(hall).tellers[0].nominated_by_id = empty.id
        db.session.flush()
        with pytest.raises(RuleBroken, match="“空代表团”提名过监票人"):
            delegations.remove(empty, by=BY, now=NOW)


def test_place_logs_once_what_moved(world, hall):
    rooms = set_up(world, hall, 0, 1, None)
    with world.work():
        same = dict(zip(hall["delegations"], (rooms[0], rooms[1], None), strict=True))
        assert halls.place(session_of(hall), same, by=BY, now=NOW) == 0
        moved = {hall["delegations"][0]: rooms[1], hall["delegations"][2]: rooms[0]}
        assert halls.place(session_of(hall), moved, by=BY, now=NOW) == 2
    with world.work():
        lines = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "hall.place").order_by(AuditEntry.id)
        ).all()
        assert [(line.before, line.after) for line in lines[1:]] == [
            (
                {"第一代表团": "主会场", "第三代表团": ""},
                {"第一代表团": "分会场", "第三代表团": "主会场"},
            )
        ]

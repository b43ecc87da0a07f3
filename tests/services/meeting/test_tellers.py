"""The tellers of a session: named, nominated, approved, standing aside; one who will not sign."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign, teller_actor
from tests.signing import ready
from votes.db import db
from votes.models import AuditEntry, Department, Deputy, Refusal
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.roles import TellerRole
from votes.rules.voting.digests import json_digest
from votes.services.meeting import events as chain, rounds, sessions, tellers
from votes.services.voting import digests, signing, tally

DAY = date(2027, 1, 15)


def make_counted(world):
    hall = make_hall(world)
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for"})
    close(world, hall)
    return hall


PREPARED = {"counted": make_counted, "hall": partial(make_hall, secrets=False)}


def approve(world, hall, **change):
    with world.work():
        given = {"on": DAY, "how": "举手表决，全体通过", "today": DAY, **change}
        tellers.approve(sessions.get(hall["session"]), by=BY, now=NOW, **given)


def approval(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        return meeting.tellers_approved_on, meeting.tellers_approved_how


# --- the list --------------------------------------------------------------------------------------------


def test_teller_nominated_by_a_delegation_is_logged(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        tellers.name_teller(
            meeting,
            hall["deputies"][5],
            TellerRole.TELLER,
            nominated_by=world.delegations["county"],
            by=BY,
            now=NOW,
        )
    with world.work() as session:
        meeting = sessions.get(hall["session"])
        assert [t.nominated_by.name if t.nominated_by else None for t in meeting.tellers] == [
            None,
            None,
            "第一代表团",
        ]
        lines = session.query(AuditEntry).filter(AuditEntry.action == "teller.name").order_by(AuditEntry.id)
        line = lines.all()[-1]
        assert line.after["nominated_by"] == "第一代表团"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_unknown_or_foreign_delegation_is_refused(world, hall, elsewhere):
    given = world.delegations["other"] if elsewhere else 10**6
    with pytest.raises(RuleBroken, match="没有这个代表团") as broken, world.work():
        tellers.name_teller(
            sessions.get(hall["session"]),
            hall["deputies"][5],
            TellerRole.TELLER,
            nominated_by=given,
            by=BY,
            now=NOW,
        )
    assert (broken.value.field, broken.value.status) == ("nominated_by", 422)


def test_change_of_the_list_ends_its_approval(world, hall):
    assert approval(world, hall) == (None, None)
    approve(world, hall, how="  举手表决，\n全体通过 ")
    assert approval(world, hall) == (DAY, "举手表决， 全体通过")
    with world.work():
        tellers.name_teller(
            sessions.get(hall["session"]), hall["deputies"][5], TellerRole.TELLER, by=BY, now=NOW
        )
    assert approval(world, hall) == (None, None)
    approve(world, hall)
    with world.work():
        meeting = sessions.get(hall["session"])
        tellers.remove_teller(meeting, meeting.tellers[-1].id, by=BY, now=NOW)
    assert approval(world, hall) == (None, None)
    with world.work() as session:
        lines = session.query(AuditEntry).filter(AuditEntry.action == "teller.approve").all()
        assert [line.after["count"] for line in lines] == [2, 3]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"how": " "}, "怎样通过"),
        ({"on": DAY + timedelta(days=1)}, "不能晚于今天"),
    ],
)
def test_wrong_approval_is_refused_and_changes_nothing(world, hall, change, words):
    with pytest.raises(RuleBroken, match=words):
        approve(world, hall, **change)
    assert approval(world, hall) == (None, None)


@pytest.mark.parametrize("place", [0, 1])
def test_list_without_chief_or_teller_cannot_be_approved(world, hall, place):
    with world.work():
        meeting = sessions.get(hall["session"])
        tellers.remove_teller(meeting, meeting.tellers[place].id, by=BY, now=NOW)
    with pytest.raises(RuleBroken, match="名单还不完整"):
        approve(world, hall)


def test_unapproved_list_prevents_the_opening(world, hall):
    """Tellers set their signing secrets after the list has been passed, and nobody could sign without."""
    with pytest.raises(RuleBroken, match="签字密钥还没有备齐"):
        open_(world, hall)
    with world.work():
        assert rounds.get_round(hall["round"]).state == RoundState.DRAFT


# --- standing aside --------------------------------------------------------------------------------------


def test_head_of_a_candidates_unit_is_warned_of(world, hall):
    with world.work() as session:
        unit = session.get(Department, world.departments["county"])
        deputy = session.get(Deputy, hall["deputies"][0])
        deputy.name, unit.head = "张三", "张　三"
        for project in rounds.listed_projects(2027)[:2]:
            project.department_id = unit.id
        other = factories.make_project("别的年度", year=2030, department_id=unit.id)
        other.leader = "张三"
    with world.work():
        (found,) = tellers.conflicts(sessions.get(hall["session"]))
        assert (found.teller, found.unit, found.why) == ("张三", "交通运输局", "head")
        assert found.projects == ("示例项目01", "示例项目02"), "only what this session votes on"


def test_teller_without_a_conflict_is_not_warned_of(world, hall):
    with world.work():
        assert tellers.conflicts(sessions.get(hall["session"])) == []


# --- one who will not sign -------------------------------------------------------------------------------


def refuse(world, hall, number, reason="发出票数与签到不符"):
    with world.work():
        signing.refuse(
            rounds.get_round(hall["round"]), reason, by=teller_actor(hall["deputies"][number]), now=NOW
        )


def test_refusal_keeps_its_reason_and_a_signature_may_follow(world, counted):
    refuse(world, counted, 0, "发出票数\n 与签到不符")
    with world.work():
        round_ = rounds.get_round(counted["round"])
        (kept,) = signing.refusals(round_)
        assert (kept.name, kept.role, kept.reason) == ("示例代表001", TellerRole.CHIEF, "发出票数 与签到不符")
        assert kept.result_digest == digests.of(round_, "result")
        assert tally.result_of(round_) is None, "a refusal shows no figure"
        event = chain.events(round_)[-1]
        assert (event.kind, event.payload["reason"]) == ("refuse", "发出票数 与签到不符")
        assert chain.verify(round_) is None
    sign(world, counted, 1)
    with world.work():
        assert rounds.get_round(counted["round"]).state == RoundState.COUNTED
    sign(world, counted, 0)
    with world.work():
        round_ = rounds.get_round(counted["round"])
        assert round_.state == RoundState.CERTIFIED
        assert len(signing.refusals(round_)) == 1, "it stays"
        assert [e.kind for e in chain.events(round_)][-4:] == ["refuse", "sign", "sign", "certify"]


def test_digest_shown_before_signing_cannot_be_guessed(world, counted):
    """Twelve ballots have few possible counts. Neither the digest of the count nor the event that holds it tells which."""
    with world.work():
        round_ = rounds.get_round(counted["round"])
        events = chain.events(round_)
        (event,) = (e for e in events if e.kind == "count")
        assert event.payload["result"] == digests.of(round_, "result")
        assert event.payload["result"] != json_digest(round_.hash_name, round_.result)
        guesses = [
            {**round_.result, "counts": [{**row, "for": votes} for row in round_.result["counts"]]}
            for votes in range(13)
        ]
        assert digests.of(round_, "result") not in {json_digest(round_.hash_name, guess) for guess in guesses}
        assert [len(bytes.fromhex(salt)) for salt in round_.salts.values()] == [16] * 4
        assert not [e for e in events for salt in round_.salts.values() if salt in str(e.payload)]
    for number in (0, 1):
        sign(world, counted, number)
    with world.work():
        round_ = rounds.get_round(counted["round"])
        assert round_.record["digests"]["result"] == digests.of(round_, "result")
        assert "salts" not in round_.record, "names only are announced"


@pytest.mark.parametrize(
    ("reason", "words"), [("", "请写明"), (" \n ", "请写明"), ("长" * 301, "不超过 300 字，现在 301 字")]
)
def test_refusal_without_a_reason_is_refused(world, counted, reason, words):
    with pytest.raises(RuleBroken, match=words) as broken:
        refuse(world, counted, 0, reason)
    assert (broken.value.field, broken.value.status) == ("reason", 422)
    with world.work():
        assert db.session.query(Refusal).count() == 0


def test_refusal_by_others_again_or_after_signing_is_refused(world, counted):
    with pytest.raises(RuleBroken, match="只有本次会议的监票人"):
        refuse(world, counted, 5)
    refuse(world, counted, 1)
    with pytest.raises(RuleBroken, match="已经登记过不予签字"):
        refuse(world, counted, 1, "还有别的")
    sign(world, counted, 0)
    with pytest.raises(RuleBroken, match="已经签过字"):
        refuse(world, counted, 0)


def test_refusal_before_the_count_is_refused(world, hall):
    with pytest.raises(RuleBroken, match="现在不是签字的时候"):
        refuse(world, hall, 0)
    with world.work():
        ready(sessions.get(hall["session"]))
    open_(world, hall)
    with pytest.raises(RuleBroken, match="现在不是签字的时候"):
        refuse(world, hall, 0)


@pytest.mark.parametrize("statement", ["update refusals set reason = 'x'", "delete from refusals"])
def test_refusal_cannot_be_deleted_from_the_database(world, counted, statement):
    refuse(world, counted, 0)
    with pytest.raises(DBAPIError, match="refusals are never"), world.work(None) as session:
        session.execute(text(statement))

"""A standing committee votes from its own rule to its own announcement, and the record says the same to a stranger."""

import json
from datetime import date

import pytest

from tests import factories
from tests.factories import NOW
from tests.services.voting.test_vote import BY, teller_actor
from tests.signing import ready, sign as sign_count
from tests.test_recount import failed, verify
from votes.db import db
from votes.models import Body, Delegation
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.people.roles import BodyKind, TellerRole
from votes.services.meeting import checkin, events, openings, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.voting import ballots, closing, documents, tally


@pytest.fixture
def committee(world):
    """Ten members of the county's standing committee, five of them here, and four projects for three seats."""
    with world.work(None):
        body = bodies.create_body(
            code="shili-cwh", name="示例县人民代表大会常务委员会", place="示例县", kind=BodyKind.COMMITTEE,
            parent_id=world.county, by=BY, now=NOW,
        )  # fmt: skip
        world.bodies["committee"] = body.id
    with world.work("committee"):
        delegation = Delegation(name="常委会", position=1)
        db.session.add(delegation)
        db.session.flush()
        members = factories.make_deputies(10, delegation.id)
        listed = factories.make_listed(4)
        meeting = sessions.create_session(
            title="第十八届人民代表大会常务委员会第三十次会议", year=2027, starts_on=date(2027, 1, 15),
            ends_on=date(2027, 1, 15), place="示例厅", by=BY, now=NOW,
        )  # fmt: skip
        sessions.move(meeting, "start", by=BY, now=NOW)
        tellers.name_teller(meeting, members[0].id, TellerRole.CHIEF, by=BY, now=NOW)
        tellers.name_teller(meeting, members[1].id, TellerRole.TELLER, by=BY, now=NOW)
        ready(meeting)
        for member in members[:5]:
            checkin.check_in(meeting, member.id, by=BY, now=NOW)
        body = db.session.get(Body, world.bodies["committee"])
        round_ = rounds.create_round(
            meeting, title="2027年民生实事项目票决", rule=bodies.default_rule(body, 3),
            project_ids=[p.id for p in listed], by=BY, now=NOW,
        )  # fmt: skip
        openings.zero_check(round_, by=teller_actor(members[0].id), now=NOW)
        return {"session": meeting.id, "round": round_.id, "members": [m.id for m in members]}


def test_committee_with_half_present_cannot_open_one_more_can(world, committee, tmp_path):
    def round_():
        found = rounds.get_round(committee["round"])
        assert found is not None
        return found

    with world.work("committee"):
        assert rounds.quorum(sessions.get(committee["session"]), 10) == 6
        with pytest.raises(RuleBroken, match="应到 10 人，须实到 6 人以上，还差 1 人"):
            openings.open_round(round_(), by=BY, now=NOW)
    with world.work("committee"):
        checkin.check_in(sessions.get(committee["session"]), committee["members"][5], by=BY, now=NOW)
        openings.open_round(round_(), by=BY, now=NOW)
    with world.work("committee"):
        for member in committee["members"][:6]:
            ballots.cast(
                committee["round"], member, code=new_code(), marks={1: "for", 2: "for", 4: "for"}, now=NOW
            )
    with world.work("committee"):
        closing.close(round_(), by=BY, now=NOW)
    for teller in committee["members"][:2]:
        with world.work("committee"):
            sign_count(round_(), by=teller_actor(teller), now=NOW)
    with world.work("committee"):
        round_ = round_()
        assert tally.result_of(round_).selected == (1, 2, 4)
        assert next(e.payload["quorum"] for e in events.events(round_) if e.kind == "open") == 6
        paper = documents.announcement(round_, number=1, on=date(2027, 1, 15))
        assert paper.title == "示例县人民代表大会常务委员会公告"
        assert documents.rule_paper(round_, round_.roster).blocks[0].items[4] == (
            "常务委员会全体组成人员的过半数出席，方可开始投票：应到10人，须实到6人以上（含本数）。"
        )
        record = json.loads(documents.record_bytes(round_))
    assert (record["rule"]["quorum"], record["rule"]["quorum_more"]) == ([1, 2], True)
    code, report = verify(record, tmp_path)
    assert (code, failed(report)) == (0, [])
    record["turnout"]["present"] = 5
    assert "法定人数与本轮效力（收回 ≤ 发出）" in failed(verify(record, tmp_path)[1])


def test_quorum_without_a_round_is_that_of_the_organ(world, committee):
    with world.work("committee"):
        meeting = sessions.create_session(
            title="第三十一次会议", year=2028, starts_on=date(2028, 1, 15), ends_on=date(2028, 1, 15),
            place="", by=BY, now=NOW,
        )  # fmt: skip
        assert [rounds.quorum(meeting, roster) for roster in (1, 2, 34, 35)] == [1, 2, 18, 18]
        meeting.body.settings = {"rule": {"quorum": [2, 3]}}
        assert rounds.quorum(meeting, 34) == 23

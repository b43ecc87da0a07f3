"""A round from preparation to certificate, through the services, on both databases."""

from datetime import date

import pytest

from tests import factories
from tests.factories import NOW
from tests.signing import ready, sign as sign_count
from votes.db import db
from votes.models import Card, Deputy, Keyer
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, KeyerRole, TellerRole
from votes.rules.voting.digests import ballot_dict, json_digest
from votes.services import audit
from votes.services.meeting import cards, checkin, events, openings, rounds, sessions, tellers
from votes.services.voting import ballots, closing, proof, tally

KEY = "for the tests only"  # the application's own
BY = audit.SYSTEM


def teller_actor(deputy_id: int) -> Actor:
    return Actor(name=f"监票人{deputy_id}", deputy_id=deputy_id)


def make_hall(world, *, deputies=12, projects=5, present=None, secrets=True, named=2, **rule):
    """Make a running session with so many deputies, all checked in, tellers and five listed projects.

    ``secrets``: the tellers have set theirs, and their list signed by hand is kept; ``named``: how many they are.
    """
    with world.work() as session:
        made = factories.make_deputies(deputies, world.delegations["county"])
        # the deputy of the standing accounts is out of office here, so that the figures are round

        session.query(Deputy).filter(Deputy.number == "900").one().state = DeputyState.ENDED
        session.flush()
        listed = factories.make_listed(projects)
        meeting = sessions.create_session(
            title="第一次会议",
            year=2027,
            starts_on=date(2027, 1, 15),
            ends_on=date(2027, 1, 16),
            place="示例厅",
            by=BY,
            now=NOW,
        )
        sessions.move(meeting, "start", by=BY, now=NOW)
        tellers.name_teller(meeting, made[0].id, TellerRole.CHIEF, by=BY, now=NOW)
        for deputy in made[1:named]:
            tellers.name_teller(meeting, deputy.id, TellerRole.TELLER, by=BY, now=NOW)
        if secrets:
            ready(meeting)
        if rule.get("paper", "none") != "none":  # 计票员乙 of the tests of papers
            clerk = {"user_id": 3, "role": KeyerRole.COUNTER, "named_by": "人大办", "named_at": NOW}
            session.add(Keyer(session_id=meeting.id, body_id=meeting.body_id, **clerk))
        new = cards.issue_missing(meeting, key=KEY, by=BY, now=NOW)
        for deputy in made[: present if present is not None else deputies]:
            checkin.check_in(meeting, deputy.id, by=BY, now=NOW)
        round_ = rounds.create_round(
            meeting,
            title="示例票决",
            rule=Rule(**{"seats": 3, "small_body": 0, **rule}),
            project_ids=[p.id for p in listed],
            by=BY,
            now=NOW,
        )
        openings.zero_check(round_, by=teller_actor(made[0].id), now=NOW)
        secrets = {each.card.deputy_id: (each.token, each.pin) for each in new}
        ids = [d.id for d in made]
        return {"session": meeting.id, "round": round_.id, "deputies": ids, "secrets": secrets}


PREPARED = {"hall": make_hall}


def replace_teller(hall, number, successor):
    """Replace the teller who is the deputy at ``number`` by another deputy, in the unit of work that is open."""
    meeting = sessions.get(hall["session"])
    former = next(each for each in meeting.tellers if each.deputy_id == hall["deputies"][number])
    tellers.replace_teller(meeting, former.id, hall["deputies"][successor], "主席团决定", by=BY, now=NOW)


def open_(world, hall):
    with world.work():
        openings.open_round(rounds.get_round(hall["round"]), by=BY, now=NOW)


def cast(world, hall, number, marks, code=None, browser=""):
    with world.work():
        deputy_id, code = hall["deputies"][number], code or new_code()
        return ballots.cast(hall["round"], deputy_id, code=code, marks=marks, now=NOW, browser=browser)


def close(world, hall):
    with world.work():
        closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW)


def sign(world, hall, number):
    with world.work():
        sign_count(rounds.get_round(hall["round"]), by=teller_actor(hall["deputies"][number]), now=NOW)


def test_a_round_goes_from_opening_to_certificate(world, hall):
    open_(world, hall)
    for number in range(12):
        cast(world, hall, number, {1: "for", 2: "for", 3 if number < 8 else 4: "for"})
    close(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.state == RoundState.COUNTED
        assert tally.result_of(round_) is None, "no figure before the signatures"
    sign(world, hall, 0)
    sign(world, hall, 1)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.state == RoundState.CERTIFIED
        result = tally.result_of(round_)
        assert result.selected == (1, 2, 3)
        assert [c.for_ for c in result.counts] == [12, 12, 8, 4, 0]
        assert events.verify(round_) is None
        assert [e.kind for e in events.events(round_)] == [
            "zero_check",
            "open",
            "close",
            "count",
            "sign",
            "sign",
            "certify",
        ]


@pytest.mark.parametrize(
    ("disclosure", "small_body", "bare"),
    [("ballots", 0, True), ("ballots", 20, False), ("codes", 0, False), ("none", 0, False)],
)
def test_the_ballots_digest_is_of_the_bare_list_where_the_marks_are_shown(
    world, disclosure, small_body, bare
):
    """As the record format has it; where they are not shown nobody finds them by trying."""
    made = make_hall(world, disclosure=disclosure, small_body=small_body, publish="names+votes")
    open_(world, made)
    for number in range(8):
        cast(world, made, number, {1: "for", 2: "for"})
    close(world, made)
    sign(world, made, 0)
    sign(world, made, 1)
    with world.work():
        round_ = rounds.get_round(made["round"])
        full = [ballot_dict(ballot) for ballot in tally.box(round_)]
        assert (round_.record["digests"]["ballots"] == json_digest(round_.hash_name, full)) is bare
        assert (round_.record["ballots"] == full) is bare
        assert "ballots" not in round_.record.get("salts", {})
        assert proof.verify(round_).wrong == []


def test_cannot_open_below_the_quorum(world):
    hall = make_hall(world, deputies=12, present=7)  # two thirds of twelve is eight
    with pytest.raises(RuleBroken, match="还差 1 人"):
        open_(world, hall)


def test_a_late_check_in_joins_the_open_roll_with_who_did_it(world):
    hall = make_hall(world, present=11)
    open_(world, hall)
    with pytest.raises(RuleBroken, match="还没有签到"):
        cast(world, hall, 11, {1: "for"})
    with world.work():
        meeting = sessions.get(hall["session"])
        checkin.check_in(meeting, hall["deputies"][11], by=Actor(name="服务台"), now=NOW)
    assert cast(world, hall, 11, {1: "for"}) is True
    close(world, hall)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert (round_.roster, round_.present, round_.issued, round_.returned) == (12, 12, 12, 1)
        assert "late_check_in" in [e.kind for e in events.events(round_)]


def test_a_voided_card_opens_nothing_and_the_new_one_does(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        card = cards.active(meeting)[0]
        old, _ = hall["secrets"][card.deputy_id]
        assert cards.by_token(old).id == card.id
        new = cards.reissue(card, reason="遗失", key=KEY, by=BY, now=NOW).token
    with world.work():
        with pytest.raises(RuleBroken, match="已经作废"):
            cards.check_usable(cards.by_token(old))
        assert cards.check_usable(cards.by_token(new)).deputy_id == card.deputy_id
        assert db.session.query(Card).filter(Card.voided_at.is_(None)).count() == 12
        with pytest.raises(RuleBroken, match="不是本系统发出的凭证"):
            cards.check_usable(cards.by_token("x" * 22))


def test_tellers_stay_from_opening_to_signature(world, hall):
    open_(world, hall)
    with pytest.raises(RuleBroken, match="监票人名单不能变动"), world.work():
        meeting = sessions.get(hall["session"])
        tellers.remove_teller(meeting, meeting.tellers[0].id, by=BY, now=NOW)


def test_one_chief_only(world, hall):
    with pytest.raises(RuleBroken, match="总监票人只能有一名"), world.work():
        tellers.name_teller(
            sessions.get(hall["session"]), hall["deputies"][5], TellerRole.CHIEF, by=BY, now=NOW
        )

"""Consents of tellers while a round is open: who may do what alone, and what a consent is good for."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.consents import agree
from tests.factories import NOW
from tests.services.voting.test_races import meeting_of, overlap
from tests.services.voting.test_vote import BY, KEY, close, make_hall, open_, replace_teller, teller_actor
from votes.db import db
from votes.models import AuditEntry, Card, Consent, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct
from votes.rules.people.actor import Actor
from votes.services.meeting import cards, checkin, consents, events, pairings, rounds, sessions
from votes.services.voting import closing

CHIEF, TELLER, LOST, OTHER, LATE = 0, 1, 3, 4, 10
OFFICE = Actor(name="人大办", user_id=1)
LATER = NOW + timedelta(minutes=5)


def make_open(world):
    """Make an open round in which two of twelve deputies have not signed in."""
    hall = make_hall(world, present=10)
    open_(world, hall)
    return hall


PREPARED = {"hall": make_open}


def ask(world, hall, act=ConsentAct.REISSUE, numbers=(LOST,), now=NOW, **more):
    ids = [hall["deputies"][number] for number in numbers]
    with world.work():
        return consents.ask(meeting_of(hall), act, ids, reason="遗失", by=OFFICE, now=now, **more).id


def reissue(hall, number=LOST, now=NOW):
    card = cards.valid(meeting_of(hall), hall["deputies"][number])
    return cards.reissue(card, reason="遗失", key=KEY, by=OFFICE, now=now)


def issue(hall, number=LOST):
    return cards.issue(meeting_of(hall), hall["deputies"][number], key=KEY, by=OFFICE, now=NOW)


def sign_in_two(hall):
    return checkin.check_in_all(meeting_of(hall), hall["deputies"][LATE : LATE + 2], by=OFFICE, now=NOW)


def begin_pairing(world, hall):
    with world.work():
        secret = pairings.start(meeting_of(hall), now=NOW)
        return pairings.of_phone(meeting_of(hall), secret, now=NOW).code


def pair(hall, code, number=LOST, now=NOW):
    return pairings.confirm(meeting_of(hall), hall["deputies"][number], code, key=KEY, by=OFFICE, now=now)


def void(world, hall, number=LOST):
    with world.work():
        card = cards.valid(meeting_of(hall), hall["deputies"][number])
        cards.void(card, reason="遗失", by=OFFICE, now=NOW)


def kinds(hall):
    return [event.kind for event in events.events(rounds.get_round(hall["round"]))]


# --- one person alone --------------------------------------------------------------------------------------


def test_office_alone_cannot_reissue_while_a_round_is_open(world, hall):
    with pytest.raises(RuleBroken, match="须由一名监票人在手机上同意") as refusal, world.work():
        reissue(hall)
    assert refusal.value.code == "consent"
    with world.work():
        assert db.session.query(Card).filter(Card.voided_at.is_not(None)).count() == 0, "the old card goes on"


def test_office_alone_cannot_issue_while_a_round_is_open(world, hall):
    void(world, hall)
    with pytest.raises(RuleBroken, match="发放凭证须由一名监票人"), world.work():
        issue(hall)


@pytest.mark.parametrize("act", ["issue_missing", "reissue_many"])
def test_office_alone_cannot_issue_to_many_while_a_round_is_open(world, hall, act):
    void(world, hall)
    facts = {"key": KEY, "by": OFFICE, "now": NOW}
    with pytest.raises(RuleBroken, match="不能成批发放"), world.work():
        if act == "issue_missing":
            cards.issue_missing(meeting_of(hall), **facts)
        else:
            cards.reissue_many(meeting_of(hall), None, reason="卡纸", **facts)


@pytest.mark.parametrize("with_card", [True, False])
def test_office_alone_cannot_pair_a_phone_while_a_round_is_open(world, hall, with_card):
    if not with_card:
        void(world, hall)
    code = begin_pairing(world, hall)
    with pytest.raises(RuleBroken, match="手机配对须由一名监票人"), world.work():
        pair(hall, code)


def test_office_alone_cannot_sign_in_a_batch_while_a_round_is_open(world, hall):
    with pytest.raises(RuleBroken, match="成批签到须由一名监票人"), world.work():
        sign_in_two(hall)
    with world.work():
        checkin.check_in(meeting_of(hall), hall["deputies"][LATE], by=OFFICE, now=NOW)
    with world.work():
        assert checkin.is_present(hall["session"], hall["deputies"][LATE]), "who stands at the desk"


def test_owner_of_a_card_cannot_consent_to_the_own_card(world, hall):
    consent_id = ask(world, hall, numbers=[TELLER])
    with pytest.raises(RuleBroken, match="不能为自己同意"):
        agree(world, hall, consent_id, TELLER)
    with pytest.raises(IntegrityError, match="by_another"), world.work(None) as session:
        session.execute(text("update consents set first_by_id = deputy_id, first_by = 'x'"))
    agree(world, hall, consent_id, CHIEF)


def test_teller_in_a_batch_cannot_consent_to_it(world, hall):
    consent_id = ask(world, hall, ConsentAct.SIGN_IN, [TELLER, LATE])
    with pytest.raises(RuleBroken, match="不能为自己同意"):
        agree(world, hall, consent_id, TELLER)


@pytest.mark.parametrize("by", [OFFICE, Actor(name="代表", deputy_id=999)])
def test_whoever_is_no_teller_cannot_consent(world, hall, by):
    consent_id = ask(world, hall)
    with pytest.raises(RuleBroken, match="只有本次会议的监票人"), world.work():
        consents.agree(consents.get(consent_id), by=by, now=NOW)


# --- what a consent is good for ----------------------------------------------------------------------------


def test_consent_lets_the_desk_reissue_once(world, hall):
    agree(world, hall, ask(world, hall))
    with world.work():
        reissue(hall)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        reissue(hall)
    with world.work():
        assert kinds(hall)[-3:] == ["consent_asked", "consent_given", "consent_used"]
        actions = (
            select(AuditEntry.action).where(AuditEntry.action.startswith("consent.")).order_by(AuditEntry.id)
        )
        assert list(db.session.scalars(actions)) == ["consent.ask", "consent.agree", "consent.use"]
        event = events.events(rounds.get_round(hall["round"]))[-2].payload
        assert (event["act"], event["numbers"]) == ("reissue", ["004"])
        assert events.verify(rounds.get_round(hall["round"])) is None


def test_consent_serves_neither_another_deputy_nor_another_act(world, hall):
    agree(world, hall, ask(world, hall))
    code = begin_pairing(world, hall)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        reissue(hall, OTHER)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        pair(hall, code)


def test_act_that_fails_does_not_use_the_consent_up(world, hall):
    agree(world, hall, ask(world, hall))
    with world.work():
        card = cards.valid(meeting_of(hall), hall["deputies"][LOST])
    with pytest.raises(RuleBroken, match="请填写作废原因"), world.work():
        cards.reissue(card, reason="", key=KEY, by=OFFICE, now=NOW)
    with world.work():
        reissue(hall)


def test_consent_is_over_after_ten_minutes(world, hall):
    consent_id = ask(world, hall)
    with pytest.raises(RuleBroken, match="已超过十分钟"):
        agree(world, hall, consent_id, now=NOW + timedelta(minutes=10))
    agree(world, hall, consent_id, now=LATER)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        reissue(hall, now=NOW + timedelta(minutes=10))
    again = ask(world, hall, now=NOW + timedelta(minutes=11))
    assert again != consent_id


def test_request_that_waits_is_asked_once(world, hall):
    assert ask(world, hall) == ask(world, hall, now=LATER)
    with world.work():
        assert db.session.query(Consent).count() == 1
        assert kinds(hall).count("consent_asked") == 1
    with pytest.raises(IntegrityError), world.work(None) as session:
        columns = (
            "session_id, round_id, act, subject, deputy_id, people, reason, code, state, asked_by, asked_at,"
        )
        columns += " expires_at, first_by, second_by, refused_by, answer, body_id"
        session.execute(text(f"insert into consents ({columns}) select {columns} from consents"))


def test_other_reason_is_another_request(world, hall):
    agree(world, hall, ask(world, hall))
    with world.work():
        ids = [hall["deputies"][LOST]]
        consents.ask(meeting_of(hall), ConsentAct.REISSUE, ids, reason="损坏", by=OFFICE, now=NOW)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        reissue(hall)


def test_refusal_says_why_and_the_desk_may_ask_again(world, hall):
    consent_id = ask(world, hall)
    teller = teller_actor(hall["deputies"][TELLER])
    with pytest.raises(RuleBroken, match="请写明原因"), world.work():
        consents.refuse(consents.get(consent_id), " ", by=teller, now=NOW)
    with world.work():
        consents.refuse(consents.get(consent_id), "没有见到本人", by=teller, now=NOW)
    with pytest.raises(RuleBroken, match="已经答复：不同意"):
        agree(world, hall, consent_id, CHIEF)
    with world.work():
        round_ = rounds.get_round(hall["round"])
        (row,) = consents.latest(round_, consents.subject_of([hall["deputies"][LOST]]), NOW)
        assert (row.refused_by, row.answer) == (teller.name, "没有见到本人")
        assert kinds(hall)[-1] == "consent_refused"
    agree(world, hall, ask(world, hall), CHIEF)
    with world.work():
        reissue(hall)


def test_pairing_goes_on_with_the_digits_that_were_asked_for(world, hall):
    void(world, hall)
    code = begin_pairing(world, hall)
    with world.work():
        asked = pairings.ask(meeting_of(hall), hall["deputies"][LOST], code, by=OFFICE, now=NOW).id
    agree(world, hall, asked)
    other = begin_pairing(world, hall)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        pair(hall, other)
    with world.work():
        late = NOW + timedelta(minutes=4)
        assert pairings.ask(meeting_of(hall), hall["deputies"][LOST], code, by=OFFICE, now=late) is None
        assert pair(hall, code, now=late).name == "示例代表004"
    with world.work():
        assert cards.valid(meeting_of(hall), hall["deputies"][LOST]) is not None


def test_batch_is_signed_in_with_consent_to_that_list_alone(world, hall):
    agree(world, hall, ask(world, hall, ConsentAct.SIGN_IN, [LATE, LATE + 1]))
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        more = [hall["deputies"][number] for number in (LATE, LATE + 1, LOST)]
        checkin.check_in_all(meeting_of(hall), more, by=OFFICE, now=NOW)
    with world.work():
        assert sign_in_two(hall) == 2
        assert rounds.get_round(hall["round"]).present == 12


def test_rehearsal_goes_without_consent(world):
    hall = make_hall(world)
    with world.work() as session:
        session.get(Round, hall["round"]).rehearsal = True
    open_(world, hall)
    with world.work():
        assert reissue(hall).card.deputy_id == hall["deputies"][LOST]


def test_before_the_opening_and_after_the_close_the_desk_acts_alone(world):
    hall = make_hall(world)
    with world.work():
        reissue(hall)
    open_(world, hall)
    close(world, hall)
    with world.work():
        reissue(hall)


def test_nothing_is_asked_where_no_round_is_open(world):
    hall = make_hall(world)
    with pytest.raises(RuleBroken, match="不需要监票人同意"):
        ask(world, hall)


# --- at the same instant -----------------------------------------------------------------------------------


def answer(hall, consent_id, number, how="agree"):
    def act():
        row, by = consents.get(consent_id), teller_actor(hall["deputies"][number])
        if how == "agree":
            consents.agree(row, by=by, now=NOW)
        else:
            consents.refuse(row, "没有见到本人", by=by, now=NOW)

    return act


def test_two_tellers_agree_at_the_same_instant_and_one_has_given_it(world, hall):
    consent_id = ask(world, hall)
    first, second = overlap(world, answer(hall, consent_id, CHIEF), answer(hall, consent_id, TELLER))
    assert first == "done"
    assert "已经同意，不需要再办理" in second
    with world.work():
        assert kinds(hall).count("consent_given") == 1


def test_one_teller_agrees_twice_at_the_same_instant_and_it_is_once(world, hall):
    consent_id = ask(world, hall)
    twice = [answer(hall, consent_id, TELLER)] * 2
    assert overlap(world, *twice) == ("done", "done")
    with world.work():
        assert kinds(hall).count("consent_given") == 1


def test_one_teller_agrees_while_another_refuses_and_the_first_answer_stands(world, hall):
    consent_id = ask(world, hall)
    first, second = overlap(
        world, answer(hall, consent_id, CHIEF, "refuse"), answer(hall, consent_id, TELLER)
    )
    assert first == "done"
    assert "已经答复：不同意" in second
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        reissue(hall)


def test_two_desks_use_one_consent_at_the_same_instant_and_one_card_is_issued(world, hall):
    agree(world, hall, ask(world, hall))
    first, second = overlap(world, lambda: reissue(hall), lambda: reissue(hall))
    assert first == "done"
    assert "须由一名监票人" in second or "已经作废" in second
    with world.work():
        assert db.session.query(Card).filter(Card.deputy_id == hall["deputies"][LOST]).count() == 2
        assert kinds(hall).count("consent_used") == 1


def test_two_desks_ask_at_the_same_instant_and_one_request_waits(world, hall):
    def asking():
        consents.ask(
            meeting_of(hall), ConsentAct.REISSUE, [hall["deputies"][LOST]], reason="遗失", by=OFFICE, now=NOW
        )

    assert overlap(world, asking, asking) == ("done", "done")
    with world.work():
        assert db.session.query(Consent).count() == 1


def test_round_that_closes_meanwhile_ends_the_request(world, hall):
    consent_id = ask(world, hall)
    close(world, hall)
    with pytest.raises(RuleBroken, match="本轮投票已经关闭"):
        agree(world, hall, consent_id)
    with world.work():
        assert consents.waiting([hall["session"]], by=teller_actor(hall["deputies"][TELLER]), now=NOW) == []
        reissue(hall)


def test_teller_who_agrees_while_the_round_closes_is_told_so(world, hall):
    consent_id = ask(world, hall)
    first, second = overlap(
        world,
        lambda: closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW),
        answer(hall, consent_id, TELLER),
    )
    assert first == "done"
    assert "本轮投票已经关闭" in second


def test_act_while_the_round_closes_needs_no_consent(world, hall):
    told = overlap(
        world,
        lambda: closing.close(rounds.get_round(hall["round"]), by=BY, now=NOW),
        lambda: reissue(hall),
    )
    assert told == ("done", "done")


def test_consent_of_a_teller_replaced_since_serves_nothing(world, hall):
    agree(world, hall, ask(world, hall))
    with world.work():
        replace_teller(hall, TELLER, 7)
    with pytest.raises(RuleBroken, match="须由一名监票人"), world.work():
        reissue(hall)


def test_teller_who_is_replaced_at_that_instant_cannot_consent(world, hall):
    consent_id = ask(world, hall)
    first, second = overlap(world, lambda: replace_teller(hall, TELLER, 7), answer(hall, consent_id, TELLER))
    assert first == "done"
    assert "只有本次会议的监票人" in second
    agree(world, hall, consent_id, 7)
    with world.work():
        assert sessions.get(hall["session"]).tellers[-1].deputy_id == hall["deputies"][7]
        reissue(hall)

"""Keying: two people read each paper of a box, and the chief decides on what differs; on both databases."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.consents import agree
from tests.factories import NOW
from tests.services.voting.test_ballot_boxes import make_closed, make_keyed
from tests.services.voting.test_paper_ballots import CLERK, OTHER, decide, key, resume, round_of, sign_both
from tests.services.voting.test_races import overlap
from tests.services.voting.test_vote import make_hall, replace_teller, teller_actor
from votes.db import db
from votes.models import Ballot, Card, PaperEntry, Teller, User
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.services.meeting import consents, events
from votes.services.people import accounts, identity
from votes.services.voting import ballot_boxes, box_contents, documents, keying, tally

PREPARED = {"closed": make_keyed, "hall": partial(make_hall, paper="keyed")}


def test_two_readings_one_difference_one_spoilt_down_to_the_certificate(world, closed):
    box = closed["box"]
    key(world, box, CLERK, "1 2", "1 3", "0", "/1", "1 2 3 4")
    key(world, box, OTHER, "1 2", "1 4", "0", "/3", "1 2 3 4")
    with world.work():
        round_ = round_of(closed)
        assert box_contents.unsettled(round_) == 1
        found = [(d.pair.position, d.pair.differs) for d in keying.doubts(round_)]
        assert found == [(2, [3, 4]), (4, [])]
    decide(world, closed, box, 2, "second")
    resume(world, closed)
    with world.work():
        round_ = round_of(closed)
        assert (round_.state, round_.issued, round_.returned) == (RoundState.COUNTED, 12, 12)
        assert tally.shares(round_) is None, "no figure before the signatures"
    sign_both(world, closed)
    with world.work():
        round_ = round_of(closed)
        result = tally.result_of(round_)
        assert (result.valid, result.invalid) == (10, 2), "one spoilt, one with four of three"
        assert [c.for_ for c in result.counts] == [9, 8, 0, 1, 0]
        phone, on_paper = tally.shares(round_)
        assert (phone.issued, phone.returned, phone.result.valid) == (7, 7, 7)
        assert (on_paper.issued, on_paper.returned, on_paper.result.invalid) == (5, 5, 2)
        assert [c.for_ for c in on_paper.result.counts] == [2, 1, 0, 1, 0]
        for whole, one, two in zip(result.counts, phone.result.counts, on_paper.result.counts, strict=True):
            assert whole.for_ == one.for_ + two.for_
            assert whole.abstain == one.abstain + two.abstain
        kinds = [e.kind for e in events.events(round_)]
        assert kinds == [
            "zero_check", "open", "close", "paper_issued", "paper", "count", "sign", "sign", "certify",
        ]  # fmt: skip
        assert events.verify(round_) is None
        data = documents.sheet_data(round_)
        phone, paper = data.shares
        assert (phone.returned, paper.returned, paper.result.invalid) == (7, 5, 2)
        rows = zip(phone.result.counts, paper.result.counts, strict=True)
        assert [(by_phone.for_, on_paper.for_) for by_phone, on_paper in rows][:2] == [(7, 2), (7, 1)]
        spoilt = db.session.query(Ballot).filter(Ballot.spoilt).one()
        assert (spoilt.source, spoilt.marks) == ("paper", {})


def test_the_second_person_is_another_and_comes_after_the_first(world, closed):
    box = closed["box"]
    key(world, box, CLERK, "1")
    with pytest.raises(RuleBroken, match="计票员甲正在录入第一遍（1 / 5 张）"):
        key(world, box, OTHER, "1")
    key(world, box, CLERK, "1", "1", "1", "1")
    with pytest.raises(RuleBroken, match="已经全部录入"):
        key(world, box, CLERK, "1")
    key(world, box, OTHER, "1")
    with pytest.raises(RuleBroken, match="已由计票员甲、计票员乙承担"):
        key(world, box, Actor(name="第三人", user_id=4), "1")


def test_the_chief_does_not_key_and_nobody_else_decides(world, closed):
    box, chief = closed["box"], teller_actor(closed["deputies"][0])
    with pytest.raises(RuleBroken, match="总监票人负责核定"):
        key(world, box, chief, "1")
    key(world, box, CLERK, *["1"] * 5)
    key(world, box, OTHER, *["2"] * 5)
    with pytest.raises(RuleBroken, match="只有总监票人可以核定"), world.work():
        keying.decide(box_contents.get_box(box), 1, "first", by=teller_actor(closed["deputies"][1]), now=NOW)


def test_the_same_teller_by_card_and_by_account_is_one_person(world, closed):
    box, deputy = closed["box"], closed["deputies"][1]
    by_card = Actor(name="监票人", deputy_id=deputy, card_id=1)
    by_account = Actor(name="监票人", deputy_id=deputy, user_id=2)
    key(world, box, by_card, *["1"] * 5)
    with pytest.raises(RuleBroken, match="已经全部录入"):
        key(world, box, by_account, "1")


def test_the_database_wants_two_people(world, closed):
    key(world, closed["box"], CLERK, "1")
    with pytest.raises(IntegrityError, match="two_people"), world.work(None) as session:
        session.execute(text("update paper_boxes set second_keyer = first_keyer"))


def test_nobody_reads_what_the_other_has_read(world, closed):
    box = closed["box"]
    key(world, box, CLERK, "1 2", "3", "4", "5", "1")
    with world.work():
        assert keying.seat(box_contents.get_box(box), OTHER).last == []
    key(world, box, OTHER, "5")
    with world.work():
        found = keying.seat(box_contents.get_box(box), OTHER)
        assert [(position, dict(r.marks)) for position, r in found.last] == [(1, {5: "for"})]
        assert keying.doubts(round_of(closed)) == [], "nothing to see before both are through"


def test_the_same_paper_sent_twice_is_one(world, closed):
    box = closed["box"]
    for _ in range(2):
        with world.work():
            keying.enter(box_contents.get_box(box), "1 2", 1, by=CLERK, now=NOW)
    with pytest.raises(RuleBroken, match="接下来应录入第 2 张"), world.work():
        keying.enter(box_contents.get_box(box), "1 3", 1, by=CLERK, now=NOW)
    with world.work():
        assert db.session.query(PaperEntry).count() == 1


def test_the_last_paper_can_be_taken_back_until_another_rests_on_it(world, closed):
    box = closed["box"]
    key(world, box, CLERK, "1", "2")
    with world.work():
        assert keying.undo(box_contents.get_box(box), by=CLERK, now=NOW).done == 1
    key(world, box, CLERK, "3", "3", "3", "3")
    key(world, box, OTHER, "1")
    with pytest.raises(RuleBroken, match="交付核对"), world.work():
        keying.undo(box_contents.get_box(box), by=CLERK, now=NOW)
    with world.work():
        assert keying.undo(box_contents.get_box(box), by=OTHER, now=NOW).done == 0


@pytest.mark.parametrize(
    ("choice", "typed", "counted"),
    [("first", "", [8, 7]), ("second", "", [7, 8]), ("other", "1 2", [8, 8]), ("other", "/1", [7, 7])],
)
def test_what_the_chief_decides_is_counted(world, hall, choice, typed, counted):
    closed = make_closed(world, hall, phones=7, papers=1)
    key(world, closed["box"], CLERK, "1")
    key(world, closed["box"], OTHER, "2")
    decide(world, closed, closed["box"], 1, "first")
    decide(world, closed, closed["box"], 1, choice, typed)
    resume(world, closed)
    sign_both(world, closed)
    with world.work():
        assert [c.for_ for c in tally.result_of(round_of(closed)).counts][:2] == counted


def test_a_paper_on_which_both_agree_is_not_decided(world, closed):
    key(world, closed["box"], CLERK, *["1"] * 5)
    key(world, closed["box"], OTHER, *["1"] * 5)
    with pytest.raises(RuleBroken, match="不需要核定"):
        decide(world, closed, closed["box"], 1, "other", "2")


# --- accounts and cards of the last day ---------------------------------------------------------------------


def read_once(world, box, by, now):
    with world.work():
        return keying.enter(box_contents.get_box(box), "1 2", 1, by=by, now=now)


@pytest.mark.usefixtures("no_demo")
def test_account_reset_by_the_office_alone_cannot_key(world, closed):
    leader, office = world.actor("leader"), world.actor("office")
    with world.work():
        accounts.reset_password(db.session.get(User, leader.user_id), by=office, now=NOW)
    with pytest.raises(RuleBroken, match="须经两名监票人在手机上同意，才能录入纸质票") as refusal:
        read_once(world, closed["box"], leader, NOW)
    assert refusal.value.code == "fresh_account"
    assert read_once(world, closed["box"], office, NOW).done == 1, "an account that stood before keys"
    with world.work():
        keying.undo(box_contents.get_box(closed["box"]), by=office, now=NOW)


def by_card(world, closed, number=1):
    """Return the deputy as signed in with the own card."""
    with world.work():
        card = db.session.scalar(select(Card).where(Card.deputy_id == closed["deputies"][number]))
        return identity.by_card(card.id)[0]


def more_tellers(world, closed, *numbers):
    with world.work() as session:
        for number in numbers:
            session.add(
                Teller(
                    session_id=closed["session"], deputy_id=closed["deputies"][number], role=TellerRole.TELLER
                )
            )


def ask_to_key(world, closed, by, now=NOW):
    with world.work():
        return ballot_boxes.ask_to_key(box_contents.get_box(closed["box"]), by=by, now=now).id


@pytest.mark.usefixtures("no_demo")
def test_card_of_the_last_day_keys_when_two_tellers_agree(world, closed):
    more_tellers(world, closed, 2)
    teller = by_card(world, closed)
    with pytest.raises(RuleBroken, match="这张凭证是 24 小时内发放的，须经两名监票人"):
        read_once(world, closed["box"], teller, NOW)
    asked = ask_to_key(world, closed, teller)
    with pytest.raises(RuleBroken, match="不能为自己同意"):
        agree(world, closed, asked, 1)
    agree(world, closed, asked, 0)
    agree(world, closed, asked, 0)
    with pytest.raises(RuleBroken, match="须经两名监票人"):
        read_once(world, closed["box"], teller, NOW)
    agree(world, closed, asked, 2)
    assert read_once(world, closed["box"], teller, NOW).done == 1
    with world.work():
        later = NOW + timedelta(hours=1)
        assert keying.enter(box_contents.get_box(closed["box"]), "1", 2, by=teller, now=later).done == 2
        kinds = [event.kind for event in events.events(round_of(closed))]
        assert kinds[-4:] == ["consent_asked", "consent_given", "consent_given", "consent_used"]


@pytest.mark.usefixtures("no_demo")
def test_card_that_is_a_day_old_keys_without_consent(world, closed):
    assert read_once(world, closed["box"], by_card(world, closed), NOW + timedelta(hours=24)).done == 1


@pytest.mark.usefixtures("no_demo")
def test_consent_to_key_serves_nobody_else(world, closed):
    more_tellers(world, closed, 2, 3)
    asked = ask_to_key(world, closed, by_card(world, closed))
    for number in (0, 2):
        agree(world, closed, asked, number)
    with pytest.raises(RuleBroken, match="须经两名监票人"):
        read_once(world, closed["box"], by_card(world, closed, 3), NOW)


@pytest.mark.usefixtures("no_demo")
def test_two_tellers_agree_at_the_same_instant_and_both_count(world, closed):
    more_tellers(world, closed, 2, 3)
    teller = by_card(world, closed)
    asked = ask_to_key(world, closed, teller)

    def agreeing(number):
        by = teller_actor(closed["deputies"][number])
        return lambda: consents.agree(consents.get(asked), by=by, now=NOW)

    assert overlap(world, agreeing(0), agreeing(2)) == ("done", "done")
    assert read_once(world, closed["box"], teller, NOW).done == 1


@pytest.mark.usefixtures("no_demo")
def test_teller_replaced_in_mid_count_lends_no_consent(world, closed):
    more_tellers(world, closed, 2)
    teller = by_card(world, closed)
    asked = ask_to_key(world, closed, teller)
    for number in (0, 2):
        agree(world, closed, asked, number)
    assert read_once(world, closed["box"], teller, NOW).done == 1
    with world.work():
        replace_teller(closed, 2, 4)
    with pytest.raises(RuleBroken, match="须经两名监票人"), world.work():
        keying.enter(box_contents.get_box(closed["box"]), "1", 2, by=teller, now=NOW)


# --- one of the two is a teller, 计票人 or 录入员 ------------------------------------------------------------

STAFF = Actor(name="工作人员", user_id=4)


def test_two_of_the_office_alone_cannot_read_a_box(world, closed):
    key(world, closed["box"], CLERK, *["1"] * 5)
    with pytest.raises(RuleBroken, match="至少一遍须由监票人") as refusal:
        key(world, closed["box"], STAFF, "1")
    assert refusal.value.code == "no_teller"
    key(world, closed["box"], teller_actor(closed["deputies"][1]), "1")


@pytest.mark.parametrize("first", [OTHER, "teller"])
def test_anybody_of_the_office_reads_beside_a_teller_or_who_is_named(world, closed, first):
    by = teller_actor(closed["deputies"][1]) if first == "teller" else first
    key(world, closed["box"], by, *["1"] * 5)
    key(world, closed["box"], STAFF, "1")


def test_teller_replaced_in_mid_count_no_longer_vouches(world, closed):
    key(world, closed["box"], teller_actor(closed["deputies"][1]), *["1"] * 5)
    with world.work():
        replace_teller(closed, 1, 4)
    with pytest.raises(RuleBroken, match="至少一遍须由监票人"):
        key(world, closed["box"], STAFF, "1")
    key(world, closed["box"], teller_actor(closed["deputies"][4]), "1")


def test_fresh_account_of_a_demo_keys(world, closed):
    leader = world.actor("leader")
    with world.work():
        accounts.reset_password(db.session.get(User, leader.user_id), by=leader, now=NOW)
    assert read_once(world, closed["box"], leader, NOW).done == 1

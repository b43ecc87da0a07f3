"""Paper beside phones, through the services, on both databases."""

import threading
from functools import partial

import pytest

from tests.factories import NOW
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, sign, teller_actor
from votes.db import db
from votes.models import AuditEntry, Ballot, Turnout
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.services.meeting import events, rounds
from votes.services.voting import ballot_boxes, ballots, box_contents, closing, keying, paper_ballots

CLERK = Actor(name="计票员甲", user_id=2)
OTHER = Actor(name="计票员乙", user_id=3)


PREPARED = {"hall": partial(make_hall, paper="keyed")}


def round_of(hall):
    return rounds.get_round(hall["round"])


def hand_out(world, hall, number):
    with world.work():
        paper_ballots.hand_out(round_of(hall), hall["deputies"][number], by=BY, now=NOW)


def take_back(world, hall, number):
    with world.work():
        paper_ballots.take_back(round_of(hall), hall["deputies"][number], by=BY, now=NOW)


def add_box(world, hall, papers, place="主会场"):
    with world.work():
        return ballot_boxes.add_box(round_of(hall), place=place, papers=papers, by=BY, now=NOW).id


def key(world, box_id, by, *lines):
    for line in lines:
        with world.work():
            box = box_contents.get_box(box_id)
            keying.enter(box, line, keying.seat(box, by).done + 1, by=by, now=NOW)


def decide(world, hall, box_id, position, choice, typed=""):
    with world.work():
        keying.decide(
            box_contents.get_box(box_id),
            position,
            choice,
            typed,
            by=teller_actor(hall["deputies"][0]),
            now=NOW,
        )


def resume(world, hall):
    with world.work():
        closing.resume_count(round_of(hall), by=BY, now=NOW)


def sign_both(world, hall):
    sign(world, hall, 0)
    sign(world, hall, 1)


def channels(world):
    with world.work():
        return sorted((t.deputy_id, t.channel) for t in db.session.query(Turnout))


# --- the desk ------------------------------------------------------------------------------------------


def test_a_paper_blocks_the_phone_and_a_phone_the_paper(world, hall):
    open_(world, hall)
    hand_out(world, hall, 3)
    cast(world, hall, 4, {1: "for"})
    with pytest.raises(RuleBroken, match="您已领取纸质票，请用纸质票投票"):
        cast(world, hall, 3, {1: "for"})
    with pytest.raises(RuleBroken, match="已用手机投票，不能再发纸质票"):
        hand_out(world, hall, 4)
    with pytest.raises(RuleBroken, match="已经领取纸质票"):
        hand_out(world, hall, 3)
    assert channels(world) == [(hall["deputies"][3], "paper"), (hall["deputies"][4], "phone")]
    with world.work():
        standing = ballots.standing(hall["round"], hall["deputies"][3])
        assert (standing.voted, standing.paper) == (False, True)
        assert paper_ballots.issued(hall["round"]) == 1


def test_a_returned_paper_frees_the_phone(world, hall):
    open_(world, hall)
    hand_out(world, hall, 3)
    take_back(world, hall, 3)
    assert cast(world, hall, 3, {1: "for"}) is True
    with pytest.raises(RuleBroken, match="没有领取纸质票"):
        take_back(world, hall, 3)
    assert channels(world) == [(hall["deputies"][3], "phone")]


def test_paper_only_where_the_rule_knows_it_and_only_while_open(world):
    hall = make_hall(world)
    open_(world, hall)
    with pytest.raises(RuleBroken, match="没有规定使用纸质票"):
        hand_out(world, hall, 3)
    with world.work():
        assert box_contents.unsettled(round_of(hall)) == 0


def test_paper_only_for_those_present_on_the_roll_of_the_open_round(world):
    hall = make_hall(world, present=10, paper="keyed")
    with pytest.raises(RuleBroken, match="现在没有在投票"):
        hand_out(world, hall, 3)
    open_(world, hall)
    with pytest.raises(RuleBroken, match="还没有签到"):
        hand_out(world, hall, 11)
    with pytest.raises(RuleBroken, match="不在本轮名册上"), world.work():
        paper_ballots.hand_out(round_of(hall), 999_999, by=BY, now=NOW)
    hand_out(world, hall, 3)
    close(world, hall)
    with pytest.raises(RuleBroken, match="现在没有在投票"):
        hand_out(world, hall, 4)
    with pytest.raises(RuleBroken, match="投票已经结束"):
        take_back(world, hall, 3)


def test_after_the_time_is_up_no_paper_goes_out_or_comes_back(world, hall):
    open_(world, hall)
    hand_out(world, hall, 3)
    with world.work():
        round_of(hall).closes_at = NOW
    with pytest.raises(RuleBroken, match="现在没有在投票"):
        hand_out(world, hall, 4)
    with pytest.raises(RuleBroken, match="投票已经结束，不能再退回"):
        take_back(world, hall, 3)
    assert channels(world) == [(hall["deputies"][3], "paper")]


def test_nothing_kept_tells_in_which_order_papers_were_handed_out(world, hall):
    """The desk leaves no audit line; the one at the close names all, by number; the chain has the sum."""
    open_(world, hall)
    for number in (7, 3, 5, 9):
        hand_out(world, hall, number)
    take_back(world, hall, 9)
    close(world, hall)
    with world.work():
        lines = db.session.query(AuditEntry).filter(AuditEntry.action.startswith("paper.")).all()
        told = [(line.action, line.about_kind, line.after) for line in lines]
        assert told == [("paper.register", "rounds", {"issued": 3, "holders": "004、006、008"})]
        event = next(e for e in events.events(round_of(hall)) if e.kind == "paper_issued")
        facts = {k: event.payload[k] for k in ("papers_out", "stacks", "printed")}
        assert facts == {"papers_out": 3, "stacks": 0, "printed": 0}


def race(world, hall, number):
    """Vote by phone and hand out a paper at the same moment; return what each was told."""
    start, told = threading.Barrier(2), {}

    def run(who, act):
        start.wait()
        try:
            act()
            told[who] = "done"
        except RuleBroken as broken:
            told[who] = broken.code

    threads = [
        threading.Thread(target=run, args=("phone", lambda: cast(world, hall, number, {1: "for"}))),
        threading.Thread(target=run, args=("paper", lambda: hand_out(world, hall, number))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.slow
def test_phone_against_paper_for_the_same_deputy_two_hundred_times(world):
    """One row each and never both; whoever came second is told so."""
    hall = make_hall(world, deputies=200, paper="keyed")
    open_(world, hall)
    outcomes = [race(world, hall, number) for number in range(200)]
    assert {tuple(sorted(each.items())) for each in outcomes} <= {
        (("paper", "done"), ("phone", "paper")),
        (("paper", "voted"), ("phone", "done")),
    }
    with world.work():
        rows = db.session.query(Turnout).all()
        phones = sum(row.channel == "phone" for row in rows)
        assert len(rows) == len({row.deputy_id for row in rows}) == 200
        assert db.session.query(Ballot).count() == phones == sum(e["phone"] == "done" for e in outcomes)


# --- stacks --------------------------------------------------------------------------------------------


def test_stacks_have_serials_and_the_papers_are_reconciled(world, hall):
    with world.work():
        round_ = round_of(hall)
        assert [paper_ballots.print_stack(round_, n, by=BY, now=NOW).serial for n in (10, 5)] == [1, 2]
    open_(world, hall)
    hand_out(world, hall, 3)
    hand_out(world, hall, 4)
    close(world, hall)
    with world.work():
        round_ = round_of(hall)
        first, second = paper_ballots.stacks(round_)
        found = paper_ballots.reconciliation(round_, [first, second], [])
        assert (found.printed, found.issued, found.left_over, found.replaced) == (15, 2, None, None)
        paper_ballots.count_back(first, 7, by=BY, now=NOW)
        paper_ballots.count_back(second, 5, by=BY, now=NOW)
        found = paper_ballots.reconciliation(round_, [first, second], [])
        assert (found.replaced, found.complaints) == (1, [])
        paper_ballots.count_back(first, 9, by=BY, now=NOW)
        assert (
            "少于发出 2 张与剩余 14 张之和"
            in paper_ballots.reconciliation(round_, [first, second], []).complaints[0]
        )
        with pytest.raises(RuleBroken, match="0 至 5 张"):
            paper_ballots.count_back(second, 6, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="不能再印制"):
            paper_ballots.print_stack(round_, 5, by=BY, now=NOW)


@pytest.mark.parametrize("sheets", [0, -1, 501])
def test_a_stack_of_an_impossible_size_is_refused(world, hall, sheets):
    with pytest.raises(RuleBroken, match="1 至 500 张"), world.work():
        paper_ballots.print_stack(round_of(hall), sheets, by=BY, now=NOW)

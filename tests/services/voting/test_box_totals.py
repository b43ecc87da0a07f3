"""Boxes counted by hand: one person enters the sums, another confirms them."""

import pytest

from tests.factories import NOW
from tests.services.voting.test_ballot_boxes import confirm, enter_totals, make_by_hand
from tests.services.voting.test_paper_ballots import CLERK, OTHER, resume, round_of, sign_both
from tests.services.voting.test_vote import BY
from votes.db import db
from votes.models import Ballot, PaperBox
from votes.rules.errors import RuleBroken
from votes.rules.people.accounts import AccountValues
from votes.rules.people.roles import Role
from votes.rules.voting.result import BoxTotal
from votes.services.people import accounts, identity
from votes.services.voting import ballot_boxes, box_contents, box_totals, closing, proof, tally

PREPARED = {"by_hand": make_by_hand}


def test_sums_of_a_box_counted_by_hand_join_the_phones(world, by_hand):
    enter_totals(world, by_hand["box"])
    with world.work():
        assert box_contents.unsettled(round_of(by_hand)) == 5
    confirm(world, by_hand["box"], OTHER)
    resume(world, by_hand)
    sign_both(world, by_hand)
    with world.work():
        round_ = round_of(by_hand)
        result = tally.result_of(round_)
        assert (round_.returned, result.valid, result.invalid) == (12, 11, 1)
        assert [c.for_ for c in result.counts] == [11, 10, 1, 0, 0]
        phone, on_paper = tally.shares(round_)
        assert ([c.for_ for c in on_paper.result.counts], phone.returned) == ([4, 3, 1, 0, 0], 7)
        assert db.session.query(Ballot).count() == 7
        assert len(round_.record["digests"]["boxes"]) == 64
        assert round_.record["boxes"] == [{"no": 1, "returned": 5}], "codes only: no figures of a box"
        found = proof.verify(round_)
        assert [(f.what, f.message) for f in found.findings if f.state != "ok"] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"valid": 5}, "收回 5 张，不等于有效 5 张与无效 1 张之和 6 张"),
        ({"counts": {1: {"for": 5}}}, "第 1 项赞成 5，多于有效票 4 张"),
        ({"counts": {n: {"for": 4} for n in (1, 2, 3, 4)}}, "赞成票共 16 票，超过有效票 4 张乘以应选 3 项的 12 票"),
        ({"counts": {9: {"for": 1}}}, "票上没有第 9 项"),
        ({"counts": {1: {"for": 2, "abstain": 1}}}, "合计 3，与有效票 4 张不符"),
        ({"counts": {1: {"against": 2}}}, "第 1 项不计"),
        ({"counts": {1: {"for": -1}}}, "负数"),
    ],
)  # fmt: skip
def test_sums_that_cannot_be_are_refused_in_words(world, by_hand, given, words):
    with pytest.raises(RuleBroken, match=words):
        enter_totals(world, by_hand["box"], **given)
    with world.work():
        assert db.session.query(PaperBox).one().totals is None


def test_sums_are_confirmed_by_somebody_else(world, by_hand):
    enter_totals(world, by_hand["box"])
    with pytest.raises(RuleBroken, match="须由另一人核对确认"):
        confirm(world, by_hand["box"], CLERK)
    confirm(world, by_hand["box"], OTHER)
    with pytest.raises(RuleBroken, match="已经两人核对"):
        enter_totals(world, by_hand["box"])
    with world.work():
        ballot_boxes.reopen(box_contents.get_box(by_hand["box"]), "both", "数错", by=BY, now=NOW)
    with pytest.raises(RuleBroken, match="还没有录入合计"):
        confirm(world, by_hand["box"], OTHER)


def test_nobody_confirms_other_sums_than_they_have_seen(world, by_hand):
    enter_totals(world, by_hand["box"])
    with world.work():
        seen = box_totals.totals_mark(box_contents.get_box(by_hand["box"]))
    enter_totals(world, by_hand["box"], counts={1: {"for": 3}})
    with pytest.raises(RuleBroken, match="有改动，请与计票单重新核对") as refused:
        confirm(world, by_hand["box"], OTHER, seen)
    assert refused.value.status == 409
    confirm(world, by_hand["box"], OTHER)


def test_the_sums_of_a_box_are_for_the_two_who_vouch_for_them(world, by_hand):
    def see():
        with world.work():
            box = box_contents.get_box(by_hand["box"])
            return [box_totals.may_see_totals(box, who) for who in (CLERK, OTHER, BY)]

    enter_totals(world, by_hand["box"])
    assert see() == [True, True, True], "somebody must be able to compare"
    confirm(world, by_hand["box"], OTHER)
    assert see() == [True, True, False]
    resume(world, by_hand)
    sign_both(world, by_hand)
    assert see() == [True, True, False]


def test_a_changed_sum_is_seen_before_the_count(world, by_hand, monkeypatch):
    enter_totals(world, by_hand["box"])
    confirm(world, by_hand["box"], OTHER)
    with monkeypatch.context() as stopped:
        stopped.setattr(closing, "finish_close", lambda *a: None)
        resume(world, by_hand)
    with world.work():
        box = db.session.query(PaperBox).one()
        box.totals = {**box.totals, "counts": {"1": {"for": 3}}}
    with pytest.raises(RuleBroken, match="与关闭时的摘要不符"):
        resume(world, by_hand)


@pytest.mark.usefixtures("no_demo")
def test_account_opened_by_the_office_alone_cannot_enter_totals(world, by_hand):
    office = world.actor("office")
    with world.work():
        values = AccountValues(name="临时", roles=[Role.LEADER], body_id=office.body_id)
        user, _ = accounts.create_user("temporary", values, by=office, now=NOW)
        fresh = identity.by_user(user.id, 0)
    total = BoxTotal(1, valid=5, invalid=0, counts={})
    for act in (
        lambda box: box_totals.enter_totals(box, total, by=fresh, now=NOW),
        lambda box: box_totals.confirm_totals(box, seen="", by=fresh, now=NOW),
    ):
        with pytest.raises(RuleBroken, match="须经两名监票人"), world.work():
            act(box_contents.get_box(by_hand["box"]))

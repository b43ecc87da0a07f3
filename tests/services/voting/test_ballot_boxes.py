"""Boxes after the close: two readings of each paper, the chief's word, sums counted by hand; on both databases."""

from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import NOW
from tests.services.voting.test_paper_ballots import (
    CLERK,
    OTHER,
    add_box,
    hand_out,
    key,
    resume,
    round_of,
    sign_both,
)
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_
from votes.db import db
from votes.models import PaperBox
from votes.rules.errors import RuleBroken
from votes.rules.voting.result import BoxTotal
from votes.services.meeting import events
from votes.services.voting import ballot_boxes, box_contents, box_totals, keying, proof

# --- keying --------------------------------------------------------------------------------------------


def make_closed(world, hall, phones=7, papers=5, boxed=None):
    open_(world, hall)
    for number in range(phones):
        cast(world, hall, number, {1: "for", 2: "for"})
    for number in range(phones, phones + papers):
        hand_out(world, hall, number)
    close(world, hall)
    return {**hall, "box": add_box(world, hall, papers if boxed is None else boxed)}


def make_keyed(world):
    return make_closed(world, make_hall(world, paper="keyed"))


def make_by_hand(world):
    return make_closed(world, make_hall(world, paper="totals"))


PREPARED = {"closed": make_keyed, "by_hand": make_by_hand, "hall": partial(make_hall, paper="keyed")}


def test_a_small_box_is_put_together_with_another(world):
    hall = make_closed(world, make_hall(world, paper="keyed", small_body=3), papers=5, boxed=2)
    with pytest.raises(RuleBroken, match=r"第 1 号票箱不足 3 张，.*与本箱合并清点") as refused:
        add_box(world, hall, 3)
    assert (refused.value.field, refused.value.status) == ("papers", 422)
    add_box(world, hall, 0, "空箱")

    def now_in(papers):
        with world.work():
            ballot_boxes.set_papers(box_contents.get_box(hall["box"]), papers, by=BY, now=NOW)

    now_in(3)
    with pytest.raises(RuleBroken, match=r"本箱不足 3 张，.*并入其他票箱"):
        add_box(world, hall, 2)
    add_box(world, hall, 3)
    with pytest.raises(RuleBroken, match="本箱不足 3 张"):
        now_in(2)
    now_in(0)
    now_in(3)


def test_a_paper_counted_round_is_verified_whole(world, closed):
    box = closed["box"]
    key(world, box, CLERK, *["1 2"] * 5)
    key(world, box, OTHER, *["1 2"] * 5)
    resume(world, closed)
    sign_both(world, closed)
    with world.work():
        found = proof.verify(round_of(closed))
        assert [(f.what, f.message) for f in found.findings if f.state != "ok"] == []


@pytest.mark.parametrize(("which", "left"), [("second", 5), ("both", 0)])
def test_reading_a_box_again_leaves_a_trail(world, closed, which, left):
    box = closed["box"]
    key(world, box, CLERK, *["1"] * 5)
    key(world, box, OTHER, "2")
    with pytest.raises(RuleBroken, match="请填写重新录入的原因"), world.work():
        ballot_boxes.reopen(box_contents.get_box(box), which, " ", by=BY, now=NOW)
    with world.work():
        ballot_boxes.reopen(box_contents.get_box(box), which, "顺序弄乱", by=BY, now=NOW)
    with world.work():
        row = db.session.query(PaperBox).one()
        assert (len(row.entries), row.reopened) == (left, 1)
        assert (row.first_keyer is None, row.second_keyer) == (which == "both", None)
        event = events.events(round_of(closed))[-1]
        assert (event.kind, event.payload["reason"], event.payload["which"]) == (
            "paper_reopen",
            "顺序弄乱",
            which,
        )
        assert len(event.payload["before"]) == 64
    key(world, box, OTHER, "1")  # may be the first now, or the second again


def test_the_number_counted_out_changes_only_before_the_reading(world, closed):
    box = closed["box"]
    with world.work():
        ballot_boxes.set_papers(box_contents.get_box(box), 4, by=BY, now=NOW)
    key(world, box, CLERK, "1")
    with pytest.raises(RuleBroken, match="已经开始录入"), world.work():
        ballot_boxes.set_papers(box_contents.get_box(box), 5, by=BY, now=NOW)


def test_after_the_count_no_paper_changes(world, closed):
    box = closed["box"]
    key(world, box, CLERK, *["1"] * 5)
    key(world, box, OTHER, *["1"] * 5)
    resume(world, closed)
    for act in (
        lambda: ballot_boxes.reopen(box_contents.get_box(box), "both", "示例", by=BY, now=NOW),
        lambda: ballot_boxes.add_box(round_of(closed), place="", papers=1, by=BY, now=NOW),
        lambda: keying.undo(box_contents.get_box(box), by=OTHER, now=NOW),
    ):
        with pytest.raises(RuleBroken, match="纸质票不能再改"), world.work():
            act()


def test_papers_of_the_box_are_guarded_like_the_others(world, closed):
    box = closed["box"]
    key(world, box, CLERK, *["1"] * 5)
    key(world, box, OTHER, *["1"] * 5)
    resume(world, closed)
    with pytest.raises(DBAPIError, match="ballots are never"), world.work(None) as session:
        session.execute(text("delete from ballots where source = 'paper'"))


# --- counted by hand -----------------------------------------------------------------------------------

GOOD = {"valid": 4, "invalid": 1, "counts": {1: {"for": 4}, 2: {"for": 3}, 3: {"for": 1}}}


def enter_totals(world, box_id, by=CLERK, **given):
    with world.work():
        box = box_contents.get_box(box_id)
        box_totals.enter_totals(box, BoxTotal(box.number, **{**GOOD, **given}), by=by, now=NOW)


def confirm(world, box_id, by, seen=""):
    with world.work():
        box = box_contents.get_box(box_id)
        box_totals.confirm_totals(box, seen=seen or box_totals.totals_mark(box), by=by, now=NOW)

"""Counting a closed box: it waits for the papers, and a box that differs from its digest is not counted."""

from functools import partial

import pytest

from tests.factories import NOW
from tests.services.voting.test_ballot_boxes import make_closed, make_keyed
from tests.services.voting.test_paper_ballots import CLERK, OTHER, add_box, hand_out, key, resume, round_of
from tests.services.voting.test_races import overlap
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_
from votes.db import db
from votes.models import AuditEntry, Ballot
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import events, rounds
from votes.services.voting import ballot_boxes, box_contents, closing, paper_ballots

PREPARED = {"closed": make_keyed, "hall": partial(make_hall, paper="keyed")}


def test_after_the_close_the_count_waits_for_the_papers(world, closed):
    with world.work():
        round_ = round_of(closed)
        assert (round_.state, round_.issued, round_.returned) == (RoundState.CLOSED, 12, 7)
        assert box_contents.unsettled(round_) == 5
    with pytest.raises(RuleBroken, match="还有 5 张纸质票没有经两人录入一致"):
        resume(world, closed)


def test_papers_in_no_box_are_confirmed_by_their_number(world, hall):
    hall = make_closed(world, hall, phones=7, papers=5, boxed=3)
    key(world, hall["box"], CLERK, "1", "1", "1")
    key(world, hall["box"], OTHER, "1", "1", "1")
    for known in (0, 1, 3):
        with pytest.raises(RuleBroken, match="有 2 张没有收回"), world.work():
            closing.resume_count(round_of(hall), missing=known, by=BY, now=NOW)
    with world.work():
        assert round_of(hall).state == RoundState.CLOSED
        closing.resume_count(round_of(hall), missing=2, by=BY, now=NOW)
    with world.work():
        round_ = round_of(hall)
        assert (round_.state, round_.issued, round_.returned) == (RoundState.COUNTED, 12, 10)
        event = next(e for e in events.events(round_) if e.kind == "paper")
        facts = {k: event.payload[k] for k in ("papers_out", "papers_in", "papers_missing")}
        assert facts == {"papers_out": 5, "papers_in": 3, "papers_missing": 2}
        poured = db.session.query(AuditEntry).filter_by(action="paper.pour").one()
        assert poured.after["missing"] == 2


def test_a_stale_confirmation_is_refused_once_the_box_is_found(world, hall):
    hall = make_closed(world, hall, phones=7, papers=3, boxed=1)
    boxes = [hall["box"], add_box(world, hall, 2, "分会场")]
    for box, papers in zip(boxes, (1, 2), strict=True):
        key(world, box, CLERK, *["1"] * papers)
        key(world, box, OTHER, *["1"] * papers)
    with pytest.raises(RuleBroken, match="已全部收回"), world.work():
        closing.resume_count(round_of(hall), missing=2, by=BY, now=NOW)
    resume(world, hall)


def test_papers_handed_out_and_no_box_opened_stop_the_count(world, hall):
    open_(world, hall)
    hand_out(world, hall, 3)
    close(world, hall)
    with pytest.raises(RuleBroken, match="还有 1 张纸质票"):
        resume(world, hall)


def test_more_papers_than_were_handed_out_void_the_round(world, hall):
    """Although phones and papers together are not more than were issued."""
    closed = make_closed(world, hall, phones=3, papers=2)
    with world.work():
        ballot_boxes.set_papers(box_contents.get_box(closed["box"]), 3, by=BY, now=NOW)
    key(world, closed["box"], CLERK, "1", "1", "1")
    key(world, closed["box"], OTHER, "1", "1", "1")
    with world.work():
        found = paper_ballots.reconciliation(round_of(closed), [], box_contents.of_round(round_of(closed)))
        assert "收回 3 张，多于发出 2 张" in found.complaints[0]
    resume(world, closed)
    with world.work():
        round_ = round_of(closed)
        assert (round_.state, round_.returned, round_.result["void"]) == (
            RoundState.VOID, 6, "returned_exceeds_issued",
        )  # fmt: skip


def test_more_ballots_in_all_than_were_issued_void_the_round(world, hall):
    closed = make_closed(world, hall, phones=11, papers=1)
    with world.work():
        ballot_boxes.set_papers(box_contents.get_box(closed["box"]), 2, by=BY, now=NOW)
    key(world, closed["box"], CLERK, "1", "1")
    key(world, closed["box"], OTHER, "1", "1")
    resume(world, closed)
    with world.work():
        assert round_of(closed).state == RoundState.VOID


def stop_before_the_count(world, closed, monkeypatch):
    """Let the five papers join the box, and the server stop before it counts."""
    for by in (CLERK, OTHER):
        key(world, closed["box"], by, *["1"] * 5)
    with monkeypatch.context() as stopped:
        stopped.setattr(closing, "finish_close", lambda *a: None)
        resume(world, closed)


def test_counting_goes_on_where_it_stopped_and_pours_once(world, closed, monkeypatch):
    stop_before_the_count(world, closed, monkeypatch)
    with world.work():
        assert round_of(closed).state == RoundState.CLOSED
        assert db.session.query(Ballot).count() == 12
    resume(world, closed)
    with world.work():
        assert round_of(closed).state == RoundState.COUNTED
        assert db.session.query(Ballot).count() == 12


def test_a_changed_ballot_is_seen_before_the_count(world, closed, monkeypatch):
    stop_before_the_count(world, closed, monkeypatch)
    with world.work():
        db.session.add(Ballot(round_id=closed["round"], code=new_code(), marks={}, source="paper"))
    with pytest.raises(RuleBroken, match="与关闭时的摘要不符"):
        resume(world, closed)


def test_counting_twice_at_once_counts_once(world, monkeypatch):
    hall = make_hall(world)
    open_(world, hall)
    cast(world, hall, 3, {1: "for"})
    with monkeypatch.context() as patched:
        patched.setattr(closing, "finish_close", lambda *given: None)
        close(world, hall)

    def count():
        closing.resume_count(rounds.get_round(hall["round"]), by=BY, now=NOW)

    first, second = overlap(world, count, count)
    assert first == "done"
    # The count follows in a unit of work of its own: the second comes before it, or is told that it came after it.
    assert second == "done" or "页面可能已经过时" in second
    with world.work():
        round_ = rounds.get_round(hall["round"])
        assert round_.state == RoundState.COUNTED
        assert [e.kind for e in events.events(round_)].count("count") == 1

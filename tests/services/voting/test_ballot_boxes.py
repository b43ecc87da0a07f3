"""Boxes after the close: two readings of each paper, the chief's word, sums counted by hand; on both databases."""

from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories import NOW
from tests.services.voting.test_paper_ballots import (
    CLERK,
    OTHER,
    add_box,
    decide,
    hand_out,
    key,
    resume,
    round_of,
    sign_both,
)
from tests.services.voting.test_vote import BY, cast, close, make_hall, open_, teller_actor
from votes.db import db
from votes.exports.formats.layout import to_html
from votes.exports.voting.counting_sheet import counting_sheet
from votes.models import AuditEntry, Ballot, PaperBox, PaperEntry
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.voting.result import BoxTotal
from votes.services.meeting import events
from votes.services.voting import (
    archive,
    ballot_boxes,
    box_contents,
    box_totals,
    closing,
    documents,
    keying,
    paper_ballots,
    proof,
    tally,
)


@pytest.fixture
def hall(prepared):
    return prepared["hall"]


# --- keying --------------------------------------------------------------------------------------------


@pytest.fixture
def closed(prepared):
    """Seven by phone, five on paper, the box closed and one pile of five counted out."""
    return prepared["closed"]


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


def test_a_paper_counted_round_is_verified_whole(world, closed):
    box = closed["box"]
    key(world, box, CLERK, *["1 2"] * 5)
    key(world, box, OTHER, *["1 2"] * 5)
    resume(world, closed)
    sign_both(world, closed)
    with world.work():
        found = proof.verify(round_of(closed))
        assert [(f.what, f.message) for f in found.findings if f.state != "ok"] == []


@pytest.mark.parametrize(("small", "apart"), [(5, True), (6, False)])
@pytest.mark.parametrize("kind", ["keyed", "totals"])
def test_few_papers_are_not_counted_apart(world, kind, small, apart):
    hall = make_closed(world, make_hall(world, paper=kind, small_body=small))
    if kind == "totals":
        enter_totals(world, hall["box"])
        confirm(world, hall["box"], OTHER)
    else:
        key(world, hall["box"], CLERK, *["1 2"] * 5)
        key(world, hall["box"], OTHER, *["1 2"] * 5)
    resume(world, hall)
    sign_both(world, hall)
    with world.work():
        phone, on_paper = tally.shares(round_of(hall))
        assert [(s.issued, s.returned) for s in (phone, on_paper)] == [(7, 7), (5, 5)]
        assert [s.result is not None for s in (phone, on_paper)] == [apart, apart]
        data = documents.sheet_data(round_of(hall))
        assert [share.result is not None for share in data.shares] == [apart, apart]
        sheet = to_html(counting_sheet(data))
        assert ("其中一种票不足6张" in sheet) == (not apart)
        readme = archive._readme(round_of(hall), "")
        assert ("没有任何一处能说明某张选票是谁投的" in readme) == apart
        assert ("可以推知少数代表的意见" in readme) == (not apart)


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


def test_counting_goes_on_where_it_stopped_and_pours_once(world, closed, monkeypatch):
    box = closed["box"]
    key(world, box, CLERK, *["1"] * 5)
    key(world, box, OTHER, *["1"] * 5)
    with monkeypatch.context() as stopped:
        stopped.setattr(closing, "finish_close", lambda *a: None)
        resume(world, closed)
    with world.work():
        assert round_of(closed).state == RoundState.CLOSED
        assert db.session.query(Ballot).count() == 12
    resume(world, closed)
    with world.work():
        assert round_of(closed).state == RoundState.COUNTED
        assert db.session.query(Ballot).count() == 12


def test_a_changed_ballot_is_seen_before_the_count(world, closed, monkeypatch):
    box = closed["box"]
    key(world, box, CLERK, *["1"] * 5)
    key(world, box, OTHER, *["1"] * 5)
    with monkeypatch.context() as stopped:
        stopped.setattr(closing, "finish_close", lambda *a: None)
        resume(world, closed)
    with world.work():
        db.session.add(Ballot(round_id=closed["round"], code=new_code(), marks={}, source="paper"))
    with pytest.raises(RuleBroken, match="与关闭时的摘要不符"):
        resume(world, closed)


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


@pytest.fixture
def by_hand(prepared):
    return prepared["by_hand"]


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

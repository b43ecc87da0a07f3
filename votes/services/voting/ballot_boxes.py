"""Ballot boxes after the close: register them, correct the number of papers, have one read again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from votes.db import db, flush_or
from votes.models import PaperBox, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.voting.paper_ballots import pile_too_small
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.people import accounts
from votes.services.voting import digests
from votes.services.voting.box_contents import is_open, of_round, with_readings
from votes.services.voting.paper_ballots import check_mode, mode


def key_of(by: Actor) -> str:
    """Return the key of the person who reads: a deputy is the same person by card and by account."""
    return f"d{by.deputy_id}" if by.deputy_id is not None else f"u{by.user_id}"


def check_reader(round_: Round, by: Actor, now: datetime) -> None:
    """Refuse to let read papers whose account was made or reset within the last 24 hours.

    Nobody makes a reader in a hurry. A demo, in which all accounts are new, and a rehearsal go without. So do cards:
    they are issued on the eve of the vote, and no consent of tellers could let them key.
    """
    if round_.rehearsal or round_.session.body.is_demo:
        return
    if by.user_id is not None and accounts.is_fresh(by.user_id, now):
        words = (
            "这个账号是 24 小时内新设立或重置的，不能录入纸质票。没有录入任何内容，请换一位监票人或工作人员。"
        )
        raise RuleBroken(words, code="fresh_account", status=403)


def _check_counting(round_: Round) -> None:
    check_mode(round_)
    if round_.state in (RoundState.DRAFT, RoundState.OPENED):
        raise RuleBroken("投票结束、票箱关闭后才清点纸质票。")
    if not is_open(round_):
        raise RuleBroken("本轮已经计票，纸质票不能再改。")


def lock(box: PaperBox) -> PaperBox:
    """Return the box locked and read afresh with its entries; the round cannot be counted meanwhile.

    Raises RuleBroken for a round without paper, before the close and after the count.
    """
    round_ = rounds.lock(box.round)
    _check_counting(round_)
    locked = db.session.scalar(with_readings().where(PaperBox.id == box.id).with_for_update(of=PaperBox))
    assert locked is not None
    return locked


def add_box(round_: Round, *, place: str, papers: int, by: Actor, now: datetime) -> PaperBox:
    """Register a box after the close: its number, where it stood, how many papers were counted out of it.

    Raises RuleBroken for a box of fewer than `small_body` papers beside another: the papers are put together first.
    """
    round_ = rounds.lock(round_)
    _check_counting(round_)
    _check_papers(papers)
    _check_piles(round_, papers, of_round(round_))
    last = db.session.scalar(select(func.max(PaperBox.number)).where(PaperBox.round_id == round_.id))
    box = PaperBox(round_id=round_.id, number=(last or 0) + 1, place=place.strip()[:60], papers=papers)
    db.session.add(box)
    flush_or(RuleBroken("刚才有人同时登记票箱，请再试一次。"), constraint="uq_paper_boxes_number")
    after = {"box": box.number, "place": place, "papers": papers}
    audit.record("paper.box", by=by, at=now, about=round_, after=after)
    return box


def _check_papers(papers: int) -> None:
    if not 0 <= papers <= 9999:
        raise RuleBroken("票箱中的张数应为 0 至 9999。", field="papers", status=422)


def _check_piles(round_: Round, papers: int, others: Sequence[PaperBox]) -> None:
    small = rounds.rule_of(round_).small_body
    if not papers or not pile_too_small([papers, *(box.papers or 0 for box in others)], small):
        return
    numbers = "、".join(str(box.number) for box in others if 0 < (box.papers or 0) < small)
    which, remedy = (
        ("本箱", "请并入其他票箱后清点。")
        if papers < small
        else (f"第 {numbers} 号票箱", "请与本箱合并清点：把该票箱改为合并后的张数，不另行登记。")
    )
    words = f"{which}不足 {small} 张，为保守投票秘密，{remedy}"
    raise RuleBroken(words, field="papers", code="small_box", status=422)


def set_papers(box: PaperBox, papers: int, *, by: Actor, now: datetime) -> None:
    """Correct the number counted out before anybody has begun to read. Raises RuleBroken afterwards, and as `add_box`."""
    box = lock(box)
    _check_papers(papers)
    if box.first_keyer is not None:
        raise RuleBroken("本箱已经开始录入。如张数有误，请先“重新录入”本箱，再更正张数。", field="papers")
    _check_piles(box.round, papers, [each for each in of_round(box.round) if each.id != box.id])
    before = {"box": box.number, "papers": box.papers}
    box.papers = papers
    db.session.flush()
    audit.record(
        "paper.box", by=by, at=now, about=box.round, before=before, after=before | {"papers": papers}
    )


def reopen(box: PaperBox, which: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Have a box read again, ``which`` second | both. The entries go; the chain keeps their digest and the reason.

    Raises RuleBroken without a reason, and after the papers have been counted.
    """
    box = lock(box)
    reason = reason.strip()
    if not reason:
        raise RuleBroken("请填写重新录入的原因。", field="reason", status=422)
    if which not in ("second", "both"):
        raise RuleBroken("请选择重新录入哪一遍。", field="which", status=422)
    if box.first_keyer is None:
        raise RuleBroken("本箱还没有开始录入，无需重新录入。")
    if mode(box.round) == "totals":
        which = "both"
    names = ("position", "marks", "spoilt")
    before = {
        "entries": [audit.facts(entry, *names, "reading") for entry in box.entries],
        "decisions": [audit.facts(decision, *names) for decision in box.decisions],
        "totals": box.totals,
    }
    for entry in [e for e in box.entries if which == "both" or e.reading == 2]:
        box.entries.remove(entry)
    box.decisions.clear()
    box.second_keyer = box.second_keyer_name = None
    if which == "both":
        box.first_keyer = box.first_keyer_name = box.totals = box.totals_by = None
    box.reopened += 1
    db.session.flush()
    facts = {"box": box.number, "which": which, "reason": reason}
    sealed = digests.sealed(box.round, "paper", before)
    events.append(box.round, "paper_reopen", by=by, at=now, **facts, before=sealed)
    audit.record("paper.reopen", by=by, at=now, about=box.round, after=facts)

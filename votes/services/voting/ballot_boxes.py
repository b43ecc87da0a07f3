"""Ballot boxes after the close: register them, correct the number of papers, have one read again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from votes.db import db, flush_or
from votes.models import Card, Consent, PaperBox, Round
from votes.rules.errors import RuleBroken
from votes.rules.meeting.consents import ConsentAct, ConsentState
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.voting.paper_ballots import pile_too_small
from votes.services import audit
from votes.services.meeting import consents, events, keyers, rounds
from votes.services.people import accounts
from votes.services.voting import digests
from votes.services.voting.box_contents import is_open, of_round, with_readings
from votes.services.voting.paper_ballots import check_mode, mode


def key_of(by: Actor) -> str:
    """Return the key of the person who reads: a deputy is the same person by card and by account."""
    return f"d{by.deputy_id}" if by.deputy_id is not None else f"u{by.user_id}"


def check_reader(round_: Round, by: Actor, now: datetime) -> Consent | None:
    """Refuse to let read papers whose account was made or reset, or whose card was issued, within 24 hours.

    Nobody makes a reader in a hurry, unless two tellers agree: then return their consent. A demo, in which all
    accounts are new, and a rehearsal go without.
    """
    if round_.rehearsal or round_.session.body.is_demo or not _is_fresh(by, now):
        return None
    consent = consents.to_key(round_, key_of(by), now)
    if consent is None or not consents.counts(consent):
        which = (
            "这张凭证是 24 小时内发放的" if by.card_id is not None else "这个账号是 24 小时内新设立或重置的"
        )
        words = f"{which}，须经两名监票人在手机上同意，才能录入纸质票。没有录入任何内容。"
        raise RuleBroken(words, code="fresh_account", status=403)
    return consent


def admit_reader(round_: Round, by: Actor, now: datetime) -> None:
    """Check as `check_reader` does, within an act on a locked round; the first paper uses the tellers' consent."""
    consent = check_reader(round_, by, now)
    if consent is not None and consent.state == ConsentState.GIVEN:
        consents.use(consent, by=by, now=now)


def _is_fresh(by: Actor, now: datetime) -> bool:
    if by.card_id is not None:
        issued_at = db.session.scalar(select(Card.issued_at).where(Card.id == by.card_id))
        return issued_at is not None and issued_at > now - accounts.FRESH
    return by.user_id is not None and accounts.is_fresh(by.user_id, now)


def ask_to_key(box: PaperBox, *, by: Actor, now: datetime) -> Consent:
    """Ask two tellers to let this person read papers of the round."""
    box = lock(box)
    what = "凭证" if by.card_id is not None else "账号"
    person = {"deputy": by.deputy_id, "number": "", "name": by.name}
    return consents.add(
        box.round, ConsentAct.KEY, key_of(by), [person], deputy_id=by.deputy_id,
        reason=f"录入纸质票，所用{what}是 24 小时内新发或重置的", by=by, now=now,
    )  # fmt: skip


def check_two_readers(round_: Round, first: str | None, second: str) -> None:
    """Refuse a second reader where neither of the two is a teller, 计票人 or 录入员. A rehearsal goes without."""
    if round_.rehearsal or any(keyers.vouches(round_.session, reader) for reader in (first, second)):
        return
    words = "两遍中至少一遍须由监票人，或者事先为本次会议指定的计票人、录入员承担。请他们承担第二遍。"
    raise RuleBroken(words, code="no_teller", status=403)


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

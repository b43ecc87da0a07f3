"""Counting a closed box: the papers join it, its digests are compared, the rule gives the result; or the round is void."""

import random
from datetime import datetime

from sqlalchemy import insert, select

from votes.db import db
from votes.models import Ballot, Round, table_of
from votes.rules.codes import new_code
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import ROUND, check_count
from votes.rules.people.actor import Actor
from votes.rules.voting.ballots import Source
from votes.rules.voting.reconciliation import reconcile
from votes.rules.voting.result import Result
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.voting import box_contents, digests, paper_ballots, tally

_ballot = table_of(Ballot)
_random = random.SystemRandom()


def prepare(round_: Round, *, missing: int, by: Actor, now: datetime) -> None:
    """Let the papers of a closed round join the box and make sure that it can be counted.

    ``missing`` is how many papers handed out are confirmed to be in no box. Raises RuleBroken as `count` does, and for
    another number of missing papers: after the commit nobody would see a refusal.
    """
    check_count(state=round_.state, unsettled=box_contents.unsettled(round_))
    if not paper_ballots.ready(round_):
        _check_missing(round_, missing)
        _join_papers(round_, by=by, now=now)
    _checked_result(round_)


def count(round_: Round, *, by: Actor, now: datetime) -> None:
    """Count the closed box by the rule. The figures stay unseen until the tellers have signed.

    A count whose rule says void (收回多于发出) makes the round void: it is kept, and voting again is a new round.
    """
    round_ = rounds.lock(round_)
    check_count(state=round_.state, unsettled=box_contents.unsettled(round_))
    result = _checked_result(round_)
    action = "void" if result.void else "count"
    round_.state = step(ROUND, round_.state, action)
    round_.result = result.to_dict()
    facts = {"result": digests.of(round_, "result")}
    if paper_ballots.mode(round_) != "none":
        facts["paper"] = digests.of(round_, "paper")
    events.append(round_, action, by=by, at=now, **facts)
    audit.record("round.count", by=by, at=now, about=round_)


def void_round(round_: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """Declare a closed or counted round void, with the reason; it is kept, and voting again is a new round."""
    reason = reason.strip()
    if not reason:
        raise RuleBroken("请填写作废原因。", field="reason", status=422)
    round_ = rounds.lock(round_)
    before = {"state": round_.state}
    round_.state = step(ROUND, round_.state, "void")
    events.append(round_, "void", by=by, at=now, reason=reason)
    audit.record("round.void", by=by, at=now, about=round_, before=before, after={"reason": reason})


def _checked_result(round_: Round) -> Result:
    """Return the result of a box that is as it was at the close. Raises RuleBroken for any other box."""
    stored = (round_.ballots_digest, digests.stored_of_boxes(round_))
    if (digests.of(round_, "ballots"), digests.of_boxes(round_)) != stored:
        raise RuleBroken(
            "票箱内容与关闭时的摘要不符，不能计票。请立即封存数据并查明原因。", code="box_changed"
        )
    result = tally.count_again(round_)
    complaints = reconcile(tally.turnout_of(round_), result, rounds.rule_of(round_))
    if complaints and not result.void:
        raise RuleBroken("；".join(complaints), code="unreconciled")
    return result


def _check_missing(round_: Round, confirmed: int) -> None:
    """Raise RuleBroken unless exactly the ``confirmed`` number of papers did not come back."""
    missing = box_contents.missing(round_)
    if missing != confirmed:
        raise RuleBroken(
            f"纸质票有 {missing} 张没有收回。请先查看是否还有票箱没有开启、登记；确实没有收回的，请勾选确认后计票。"
            if missing
            else "发出的纸质票已全部收回，请按现在的张数重新确认计票。",
            code="missing_papers",
        )


def _join_papers(round_: Round, *, by: Actor, now: datetime) -> None:
    """Put the settled papers into the box: new 收回, new digest, one event."""
    missing = box_contents.missing(round_)
    papers = sum(box.papers or 0 for box in box_contents.of_round(round_))
    _add_ballots(round_)
    totals = box_contents.totals_of(round_)
    round_.returned = len(tally.box(round_)) + sum(each.returned for each in totals)
    digests.drop_salt_if_shown(round_)
    round_.ballots_digest = digests.of(round_, "ballots")
    facts = {
        "papers_out": paper_ballots.issued(round_.id),
        "papers_in": papers,
        "papers_missing": missing,
        "returned": round_.returned,
        "ballots": round_.ballots_digest,
        "boxes": digests.of_boxes(round_) or None,
    }
    events.append(round_, "paper", by=by, at=now, **facts)
    after = {"papers": papers, "missing": missing, "returned": round_.returned}
    audit.record("paper.pour", by=by, at=now, about=round_, after=after)


def _add_ballots(round_: Round) -> None:
    """Add a ballot for each settled paper beside the phones' ballots, each with a fresh code, in random order."""
    readings = box_contents.settled(round_)
    _random.shuffle(readings)
    taken = set(db.session.scalars(select(_ballot.c.code).where(_ballot.c.round_id == round_.id)))
    codes: set[str] = set()
    while len(codes) < len(readings):
        codes |= {new_code()} - taken
    same = {"round_id": round_.id, "source": Source.PAPER, "secret": True, "deputy_id": None}
    rows = [
        {
            **same,
            "code": code,
            "spoilt": reading.spoilt,
            "marks": {} if reading.spoilt else box_contents.plain_marks(reading),
        }
        for code, reading in zip(codes, readings, strict=True)
    ]
    if rows:
        db.session.execute(insert(_ballot).values(rows))

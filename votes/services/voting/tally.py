"""Closing the box, counting it, and the tellers' signatures."""

import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from votes.db import Database, db, flush_or
from votes.models import (
    Ballot,
    BallotRewrite,
    Refusal,
    RollEntry,
    Round,
    Signature,
    Teller,
    Turnout,
    table_of,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import ROUND, RoundState, certified, check_close, check_count, shows_counts
from votes.rules.people.actor import Actor
from votes.rules.voting import chain as hashing, record as records, tally
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.voting import ballot_boxes, digests, paper_ballots

log = logging.getLogger(__name__)

_ballot, _turnout, _roll = table_of(Ballot), table_of(Turnout), table_of(RollEntry)


# --- reading -------------------------------------------------------------------------------------------


def result_of(round_: Round) -> tally.Result | None:
    """The counted result once the tellers have signed; None before, whoever asks."""
    if not shows_counts(round_.state) or round_.result is None:
        return None
    return _result_from(round_.result)


def _result_from(data: dict[str, Any]) -> tally.Result:
    rating = bool(data["counts"]) and "grade" in data["counts"][0]
    return tally.Result(
        valid=data["valid"],
        invalid=data["invalid"],
        selected=tuple(data["selected"]),
        undecided=tuple(data["undecided"]),
        seats_left=data["seats_left"],
        counts=()
        if rating
        else tuple(
            tally.Count(
                no=c["no"], for_=c["for"], against=c["against"], abstain=c["abstain"], outcome=c["outcome"]
            )
            for c in data["counts"]
        ),
        ratings=tuple(tally.RatingCount(**c) for c in data["counts"]) if rating else (),
        void=data.get("void"),
    )


def turnout_of(round_: Round) -> tally.Turnout:
    """应到, 实到, 发出, 收回 as frozen at the close; where paper was used, how many of the issued were paper."""
    return tally.Turnout(
        roster=round_.roster or 0,
        present=round_.present or 0,
        issued=round_.issued or 0,
        returned=round_.returned or 0,
        paper_issued=paper_ballots.out(round_),
    )


def sources(round_: Round) -> dict[str, int]:
    """How many ballots came by phone and on paper."""
    rows = db.session.execute(
        select(_ballot.c.source, func.count())
        .where(_ballot.c.round_id == round_.id)
        .group_by(_ballot.c.source)
    ).all()
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Share:
    """What came one way, phone or paper: 发出, 收回 and the count of these ballots alone (its outcome says nothing).

    No count where one of the two ways is small: its marks would be read off beside the names in the register.
    """

    issued: int
    returned: int
    result: tally.Result | None


def shares(round_: Round) -> tuple[Share, Share] | None:
    """(phone, paper) of a round with paper, once the tellers have signed; None before, and where there was none.

    For the certificate and the office only: who voted on paper is known in the hall, so these figures are never
    published (docs/decisions/0009). Where either way gave fewer ballots than `small_body`, neither is counted apart.
    """
    if paper_ballots.mode(round_) == "none" or result_of(round_) is None:
        return None
    whole, ballots, boxes = turnout_of(round_), box(round_), ballot_boxes.boxes_of(round_)
    rule, numbers = rounds.rule_of(round_), [c.number for c in round_.candidates]

    by_phone = [ballot for ballot in ballots if ballot.source == "phone"]
    on_paper = [ballot for ballot in ballots if ballot.source == "paper"]
    papers_in = len(on_paper) + sum(each.returned for each in boxes)
    apart = tally.may_stand_apart(len(by_phone), papers_in, rule.small_body)

    def share(issued: int, returned: int, part: list[tally.Ballot], sums: list[tally.BoxTotal]) -> Share:
        turnout = tally.Turnout(whole.roster, whole.present, max(issued, returned), returned)
        return Share(issued, returned, tally.count(rule, turnout, numbers, part, sums) if apart else None)

    papers = whole.paper_issued or 0
    return (
        share(whole.issued - papers, len(by_phone), by_phone, []),
        share(papers, papers_in, on_paper, boxes),
    )


# --- closing -------------------------------------------------------------------------------------------


def close(round_: Round, *, by: Actor, now: datetime) -> None:
    """Close the box: no more ballots, the keys that tell a resend are destroyed, the box is shaken.

    After the commit the tables are vacuumed and the ballots counted (`finish_close`), so that whoever holds the
    whole database finds neither order nor link between roll and box.
    """
    round_ = rounds.lock(round_)
    check_close(state=round_.state)
    round_.state = step(ROUND, round_.state, "close")
    round_.resend_key = None
    round_.salts = digests.new_salts()
    round_.closed_at = now
    roll = db.session.execute(
        select(_roll.c.number).where(_roll.c.round_id == round_.id, _roll.c.present).order_by(_roll.c.number)
    ).scalars()
    entitled = list(roll)
    round_.present = round_.issued = len(entitled)
    round_.returned = db.session.scalar(
        select(func.count()).select_from(_ballot).where(_ballot.c.round_id == round_.id)
    )
    db.session.flush()
    shake(round_.id)
    round_.roll_digest = hashing.digest(round_.hash_name, hashing.canonical_json(sorted(entitled)))
    ballots = box(round_)
    if rounds.rule_of(round_).paper == "none":
        _bare_if_shown(round_, ballots, [])
    round_.ballots_digest = _digests(round_, ballots, [])["ballots"]
    events.append(
        round_,
        "close",
        by=by,
        at=now,
        roster=round_.roster,
        present=round_.present,
        issued=round_.issued,
        returned=round_.returned,
        roll=round_.roll_digest,
        ballots=round_.ballots_digest,
        resend_key="destroyed",
        rewritten="random order",
        **digests.at_close(round_),
    )
    audit.record(
        "round.close",
        by=by,
        at=now,
        about=round_,
        after={"issued": round_.issued, "returned": round_.returned},
    )
    paper_ballots.at_close(round_, by=by, now=now)
    round_id, body_id = round_.id, round_.body_id
    db.session.on_commit(lambda database: finish_close(database, round_id, body_id, by, now))


def shake(round_id: int) -> None:
    """Write the box and the crossed-off roll anew, each in an order that has nothing to do with casting.

    On PostgreSQL this is one statement a table in random order, giving every row the same transaction. SQLite
    keeps these tables by key; deleting and inserting in key order removes the order of arrival inside its pages.
    """
    db.session.add(BallotRewrite(round_id=round_id))
    db.session.flush()
    if db.session.get_bind().dialect.name == "postgresql":
        for name, columns in (
            ("ballots", "round_id, code, marks, source, spoilt, secret, deputy_id"),
            ("turnout", "round_id, deputy_id, channel, resend_mark"),
        ):
            kept = columns.replace("resend_mark", "null")
            db.session.execute(
                text(
                    f"WITH old AS (DELETE FROM {name} WHERE round_id = :id RETURNING *) "
                    f"INSERT INTO {name} ({columns}) SELECT {kept} FROM old ORDER BY random()"
                ),
                {"id": round_id},
            )
    else:
        for table in (_ballot, _turnout):
            rows = [
                dict(row)
                for row in db.session.execute(select(table).where(table.c.round_id == round_id)).mappings()
            ]
            db.session.execute(delete(table).where(table.c.round_id == round_id))
            rows.sort(key=lambda row: str(row.get("code") or row["deputy_id"]))
            for row in rows:
                if "resend_mark" in row:
                    row["resend_mark"] = None
            if rows:
                db.session.execute(insert(table), rows)
    db.session.execute(delete(BallotRewrite).where(BallotRewrite.round_id == round_id))


def finish_close(database: Database, round_id: int, body_id: int, by: Actor, now: datetime) -> None:
    """After the closing commit: sweep the freed pages, then count. Where paper is used, the papers come first
    (`resume_count`).

    What goes wrong here is logged and raised no further: the close itself is committed, the round stays closed, and
    its page offers 计票, which says in words what stands in the way.
    """
    try:
        database.sweep("ballots", "turnout")
        with database.work(scope=body_id):
            round_ = db.session.get(Round, round_id)
            if round_ is None:
                return
            round_ = rounds.lock(round_)  # somebody else may be counting it at this moment
            if round_.state == RoundState.CLOSED and paper_ballots.ready(round_):
                count(round_, by=by, now=now)
    except RuleBroken as broken:  # by its code: the words of what does not add up may have figures
        log.error("round %s is closed but not counted: %s", round_id, broken.code)
    except (DBAPIError, sqlite3.Error) as error:
        log.error("round %s is closed but not counted: %s", round_id, error)


def resume_count(round_: Round, *, missing: int = 0, by: Actor, now: datetime) -> None:
    """Sweep and count a round that is closed but not counted: its papers are settled now, or the server stopped.

    The papers join the box in this unit of work. ``missing``: how many papers handed out are confirmed to be in no box.
    Raises RuleBroken while papers are unsettled, and where another number is missing (a box may be forgotten).
    """
    round_ = rounds.lock(round_)
    check_count(state=round_.state, unsettled=ballot_boxes.unsettled(round_))
    if not paper_ballots.ready(round_):
        ballot_boxes.check_missing(round_, missing)
        _pour(round_, by=by, now=now)
    _work_out(round_)  # what stands in the way is told now: after the commit nobody listens
    round_id, body_id = round_.id, round_.body_id
    db.session.on_commit(lambda database: finish_close(database, round_id, body_id, by, now))


def _pour(round_: Round, *, by: Actor, now: datetime) -> None:
    """The papers join the box: new 收回, new digest, one event."""
    missing = ballot_boxes.missing(round_)
    papers, totals = ballot_boxes.pour(round_), ballot_boxes.boxes_of(round_)
    ballots = box(round_)
    round_.returned = len(ballots) + sum(each.returned for each in totals)
    _bare_if_shown(round_, ballots, totals)
    found = _digests(round_, ballots, totals)
    round_.ballots_digest = found["ballots"]
    events.append(
        round_,
        "paper",
        by=by,
        at=now,
        papers_out=paper_ballots.issued(round_.id),
        papers_in=papers,
        papers_missing=missing,
        returned=round_.returned,
        ballots=round_.ballots_digest,
        boxes=found.get("boxes"),
    )
    audit.record(
        "paper.pour",
        by=by,
        at=now,
        about=round_,
        after={"papers": papers, "missing": missing, "returned": round_.returned},
    )


def _bare_if_shown(round_: Round, ballots: list[tally.Ballot], boxes: list[tally.BoxTotal]) -> None:
    """Take the salt from under the ballots' digest where the record shows the marks: its format has the bare list there,
    and there is nothing left to guess. What the phones' box had while papers were read keeps its salt."""
    rule, salts = rounds.rule_of(round_), dict(round_.salts or {})
    if "ballots" in salts and records.shows_marks(rule, ballots, boxes):
        taken = salts.pop("ballots")
        round_.salts = salts | ({} if rule.paper == "none" else {"phones": taken})


def _digests(round_: Round, ballots: list[tally.Ballot], boxes: list[tally.BoxTotal]) -> dict[str, str]:
    return records.digests(
        algorithm=round_.hash_name,
        rule=rounds.rule_of(round_),
        roll=[],
        ballots=ballots,
        boxes=boxes,
        candidates=[c.number for c in round_.candidates],
        salts=round_.salts,
    )


def boxes_digest(round_: Round) -> str:
    """The digest of the boxes counted by hand, as the chain has it; empty where there are none."""
    event = paper_ballots.poured_event(round_)
    return str(event.payload.get("boxes") or "") if event else ""


# --- counting ------------------------------------------------------------------------------------------


def box(round_: Round) -> list[tally.Ballot]:
    """All ballots of the round, in the order of their codes."""
    rows = db.session.execute(
        select(_ballot.c.code, _ballot.c.source, _ballot.c.marks, _ballot.c.spoilt)
        .where(_ballot.c.round_id == round_.id)
        .order_by(_ballot.c.code)
    ).all()
    return [
        tally.Ballot(
            code=row.code,
            source=row.source,
            marks={int(number): word for number, word in row.marks.items()},
            spoilt=row.spoilt,
        )
        for row in rows
    ]


def count(round_: Round, *, by: Actor, now: datetime) -> None:
    """Count the closed box by the rule. The figures stay unseen until the tellers have signed.

    A count whose rule says void (收回多于发出) makes the round void: it is kept, and run again as a new one.
    """
    round_ = rounds.lock(round_)
    check_count(state=round_.state, unsettled=ballot_boxes.unsettled(round_))
    result = _work_out(round_)
    round_.state = step(ROUND, round_.state, "void" if result.void else "count")
    round_.result = result.to_dict()
    events.append(
        round_,
        "void" if result.void else "count",
        by=by,
        at=now,
        result=result_digest(round_),
        **(
            {}
            if paper_ballots.mode(round_) == "none"
            else {"paper": digests.sealed(round_, "paper", digests.paper_lines(round_))}
        ),
    )
    audit.record("round.count", by=by, at=now, about=round_)


def _work_out(round_: Round) -> tally.Result:
    """The result of a box that is as it was at the close. Raises RuleBroken where it is not, or does not add up."""
    rule = rounds.rule_of(round_)
    ballots, boxes = box(round_), ballot_boxes.boxes_of(round_)
    found = _digests(round_, ballots, boxes)
    if found["ballots"] != round_.ballots_digest or found.get("boxes", "") != boxes_digest(round_):
        raise RuleBroken(
            "票箱内容与关闭时的摘要不符，不能计票。请立即封存数据并查明原因。", code="box_changed"
        )
    result = tally.count(rule, turnout_of(round_), [c.number for c in round_.candidates], ballots, boxes)
    complaints = tally.reconcile(turnout_of(round_), result, rule)
    if complaints and not result.void:
        raise RuleBroken("；".join(complaints), code="unreconciled")
    return result


def result_digest(round_: Round) -> str:
    """The digest of the count that the tellers sign. Salted: it says nothing of a figure to whoever sees it before."""
    return digests.sealed(round_, "result", round_.result)


# --- certifying ----------------------------------------------------------------------------------------


def _signing(round_: Round, by: Actor, otherwise: str) -> Teller:
    """The teller that ``by`` is, in a round that stands to be signed; else RuleBroken (``otherwise``: to no teller)."""
    if round_.state not in (RoundState.COUNTED, RoundState.CERTIFIED):
        raise RuleBroken("现在不是签字的时候：本轮尚未计票，或已经公告、作废。")
    teller = next((t for t in round_.session.tellers if t.deputy_id == by.deputy_id), None)
    if teller is None:
        raise RuleBroken(otherwise, status=403)
    return teller


def sign(round_: Round, *, by: Actor, now: datetime) -> Signature:
    """A teller signs the count. With 总监票人 and one 监票人 it is certified and the figures may be seen.

    Raises RuleBroken for a round that is not counted, or somebody who has signed or is no teller.
    """
    round_ = rounds.lock(round_)
    teller = _signing(round_, by, "只有本次会议的监票人可以签字。")
    signature = Signature(
        body_id=round_.body_id,
        deputy_id=teller.deputy_id,
        role=teller.role,
        name=teller.deputy.name,
        result_digest=result_digest(round_),
        signed_at=now.replace(microsecond=0),  # as the chain has it
    )
    round_.signatures.append(signature)
    flush_or(RuleBroken("您已经签过字。"), constraint="uq_signatures_deputy")
    events.append(
        round_,
        "sign",
        by=by,
        at=now,
        deputy=teller.deputy_id,
        name=teller.deputy.name,
        role=teller.role.value,
        result=signature.result_digest,
    )
    audit.record("round.sign", by=by, at=now, about=round_, after={"role": teller.role})
    if round_.state == RoundState.COUNTED and certified([(s.deputy_id, s.role) for s in round_.signatures]):
        _certify(round_, by=by, now=now)
    return signature


def refuse(round_: Round, reason: str, *, by: Actor, now: datetime) -> Refusal:
    """A teller declines to sign the count, and says why. It stands in the chain and on the sheet; a signature may follow.

    Raises RuleBroken without a reason, for a round that is not counted, for somebody who has signed or refused, or
    who is no teller.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise RuleBroken("请写明不予签字的理由。", field="reason", status=422)
    if len(reason) > 300:
        raise RuleBroken(
            f"理由不超过 300 字，现在 {len(reason)} 字。请精简，您写的内容仍在。", field="reason", status=422
        )
    round_ = rounds.lock(round_)
    teller = _signing(round_, by, "只有本次会议的监票人可以签字或者不予签字。")
    if any(s.deputy_id == teller.deputy_id for s in round_.signatures):
        raise RuleBroken("您已经签过字，不能再登记不予签字。")
    refusal = Refusal(
        body_id=round_.body_id,
        round_id=round_.id,
        deputy_id=teller.deputy_id,
        role=teller.role,
        name=teller.deputy.name,
        reason=reason,
        result_digest=result_digest(round_),
        refused_at=now.replace(microsecond=0),  # as the chain has it
    )
    db.session.add(refusal)
    flush_or(RuleBroken("您已经登记过不予签字。"), constraint="uq_refusals_deputy")
    events.append(
        round_,
        "refuse",
        by=by,
        at=now,
        deputy=teller.deputy_id,
        name=teller.deputy.name,
        role=teller.role.value,
        reason=reason,
        result=refusal.result_digest,
    )
    audit.record("round.refuse", by=by, at=now, about=round_, after={"role": teller.role, "reason": reason})
    return refusal


def refusals(round_: Round) -> list[Refusal]:
    """Who declined to sign the round's count, in the order in which they did."""
    return list(db.session.scalars(select(Refusal).where(Refusal.round_id == round_.id).order_by(Refusal.id)))


def _certify(round_: Round, *, by: Actor, now: datetime) -> None:
    round_.state = step(ROUND, round_.state, "certify")
    round_.certified_at = now
    round_.record = build_record(round_)
    events.append(
        round_,
        "certify",
        by=by,
        at=now,
        result=result_digest(round_),
        record=hashing.digest(round_.hash_name, records.to_bytes(round_.record)),
    )
    audit.record("round.certify", by=by, at=now, about=round_)


def build_record(round_: Round, *, sealed: bool = False) -> dict[str, Any]:
    """The record of a counted round as it will be published (``sealed``: with everything)."""
    parent = round_.parent.public_id if round_.parent else None
    roll = db.session.execute(
        select(_roll.c.number).where(_roll.c.round_id == round_.id, _roll.c.present)
    ).scalars()
    return records.build(
        records.Heading(
            body=round_.session.body.name,
            session=round_.session.title,
            round_id=round_.public_id,
            title=round_.title,
            ordinal=round_.ordinal,
            parent=parent,
            rehearsal=round_.rehearsal,
        ),
        rule=rounds.rule_of(round_),
        turnout=turnout_of(round_),
        candidates=[(c.number, c.name) for c in round_.candidates],
        ballots=box(round_),
        boxes=ballot_boxes.boxes_of(round_),
        roll=roll,
        algorithm=round_.hash_name,
        sealed=sealed,
        salts=round_.salts,
    )


def void_round(round_: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """Declare a closed or counted round void, with the reason; it is kept, and voting again is a new round."""
    if not reason.strip():
        raise RuleBroken("请填写作废原因。", field="reason", status=422)
    round_ = rounds.lock(round_)
    before = round_.state
    round_.state = step(ROUND, round_.state, "void")
    events.append(round_, "void", by=by, at=now, reason=reason.strip())
    audit.record(
        "round.void", by=by, at=now, about=round_, before={"state": before}, after={"reason": reason.strip()}
    )

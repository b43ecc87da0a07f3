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
from votes.rules.permissions import Actor
from votes.rules.voting import chain as hashing, record as records, tally
from votes.services import audit
from votes.services.meeting import events, rounds
from votes.services.voting import ballot_boxes, digests, paper_ballots

log = logging.getLogger(__name__)

_ballot, _turnout, _roll = table_of(Ballot), table_of(Turnout), table_of(RollEntry)


# --- reading -------------------------------------------------------------------------------------------


def result_of(round: Round) -> tally.Result | None:
    """The counted result once the tellers have signed; None before, whoever asks."""
    if not shows_counts(round.state) or round.result is None:
        return None
    return _result_from(round.result)


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


def turnout_of(round: Round) -> tally.Turnout:
    """应到, 实到, 发出, 收回 as frozen at the close; where paper was used, how many of the issued were paper."""
    return tally.Turnout(
        roster=round.roster or 0,
        present=round.present or 0,
        issued=round.issued or 0,
        returned=round.returned or 0,
        paper_issued=paper_ballots.out(round),
    )


def sources(round: Round) -> dict[str, int]:
    """How many ballots came by phone and on paper."""
    rows = db.session.execute(
        select(_ballot.c.source, func.count())
        .where(_ballot.c.round_id == round.id)
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


def shares(round: Round) -> tuple[Share, Share] | None:
    """(phone, paper) of a round with paper, once the tellers have signed; None before, and where there was none.

    For the certificate and the office only: who voted on paper is known in the hall, so these figures are never
    published (docs/decisions/0009). Where either way gave fewer ballots than `small_body`, neither is counted apart.
    """
    if paper_ballots.mode(round) == "none" or result_of(round) is None:
        return None
    whole, ballots, boxes = turnout_of(round), box(round), ballot_boxes.boxes_of(round)
    rule, numbers = rounds.rule_of(round), [c.number for c in round.candidates]

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


def close(round: Round, *, by: Actor, now: datetime) -> None:
    """Close the box: no more ballots, the keys that tell a resend are destroyed, the box is shaken.

    After the commit the tables are vacuumed and the ballots counted (`finish_close`), so that whoever holds the
    whole database finds neither order nor link between roll and box.
    """
    round = rounds.lock(round)
    check_close(state=round.state)
    round.state = step(ROUND, round.state, "close")
    round.resend_key = None
    round.salts = digests.new_salts()
    round.closed_at = now
    roll = db.session.execute(
        select(_roll.c.number).where(_roll.c.round_id == round.id, _roll.c.present).order_by(_roll.c.number)
    ).scalars()
    entitled = list(roll)
    round.present = round.issued = len(entitled)
    round.returned = db.session.scalar(
        select(func.count()).select_from(_ballot).where(_ballot.c.round_id == round.id)
    )
    db.session.flush()
    shake(round.id)
    round.roll_digest = hashing.digest(round.hash_name, hashing.canonical_json(sorted(entitled)))
    ballots = box(round)
    if rounds.rule_of(round).paper == "none":
        _bare_if_shown(round, ballots, [])
    round.ballots_digest = _digests(round, ballots, [])["ballots"]
    events.append(
        round,
        "close",
        by=by,
        at=now,
        roster=round.roster,
        present=round.present,
        issued=round.issued,
        returned=round.returned,
        roll=round.roll_digest,
        ballots=round.ballots_digest,
        resend_key="destroyed",
        rewritten="random order",
        **digests.at_close(round),
    )
    audit.record(
        "round.close", by=by, at=now, about=round, after={"issued": round.issued, "returned": round.returned}
    )
    paper_ballots.at_close(round, by=by, now=now)
    round_id, body_id = round.id, round.body_id
    db.session.afterwards(lambda database: finish_close(database, round_id, body_id, by, now))


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
            round = db.session.get(Round, round_id)
            if round is None:
                return
            round = rounds.lock(round)  # somebody else may be counting it at this moment
            if round.state == RoundState.CLOSED and paper_ballots.ready(round):
                count(round, by=by, now=now)
    except RuleBroken as broken:  # by its code: the words of what does not add up may have figures
        log.error("round %s is closed but not counted: %s", round_id, broken.code)
    except (DBAPIError, sqlite3.Error) as error:
        log.error("round %s is closed but not counted: %s", round_id, error)


def resume_count(round: Round, *, missing: int = 0, by: Actor, now: datetime) -> None:
    """Sweep and count a round that is closed but not counted: its papers are settled now, or the server stopped.

    The papers join the box in this unit of work. ``missing``: how many papers handed out are confirmed to be in no box.
    Raises RuleBroken while papers are unsettled, and where another number is missing (a box may be forgotten).
    """
    round = rounds.lock(round)
    check_count(state=round.state, unsettled=ballot_boxes.unsettled(round))
    if not paper_ballots.ready(round):
        ballot_boxes.check_missing(round, missing)
        _pour(round, by=by, now=now)
    _work_out(round)  # what stands in the way is told now: after the commit nobody listens
    round_id, body_id = round.id, round.body_id
    db.session.afterwards(lambda database: finish_close(database, round_id, body_id, by, now))


def _pour(round: Round, *, by: Actor, now: datetime) -> None:
    """The papers join the box: new 收回, new digest, one event."""
    missing = ballot_boxes.missing(round)
    papers, totals = ballot_boxes.pour(round), ballot_boxes.boxes_of(round)
    ballots = box(round)
    round.returned = len(ballots) + sum(each.returned for each in totals)
    _bare_if_shown(round, ballots, totals)
    found = _digests(round, ballots, totals)
    round.ballots_digest = found["ballots"]
    events.append(
        round,
        "paper",
        by=by,
        at=now,
        papers_out=paper_ballots.issued(round.id),
        papers_in=papers,
        papers_missing=missing,
        returned=round.returned,
        ballots=round.ballots_digest,
        boxes=found.get("boxes"),
    )
    audit.record(
        "paper.pour",
        by=by,
        at=now,
        about=round,
        after={"papers": papers, "missing": missing, "returned": round.returned},
    )


def _bare_if_shown(round: Round, ballots: list[tally.Ballot], boxes: list[tally.BoxTotal]) -> None:
    """Take the salt from under the ballots' digest where the record shows the marks: its format has the bare list there,
    and there is nothing left to guess. What the phones' box had while papers were read keeps its salt."""
    rule, salts = rounds.rule_of(round), dict(round.salts or {})
    if "ballots" in salts and records.shows_marks(rule, ballots, boxes):
        taken = salts.pop("ballots")
        round.salts = salts | ({} if rule.paper == "none" else {"phones": taken})


def _digests(round: Round, ballots: list[tally.Ballot], boxes: list[tally.BoxTotal]) -> dict[str, str]:
    return records.digests(
        algorithm=round.hash_name,
        rule=rounds.rule_of(round),
        roll=[],
        ballots=ballots,
        boxes=boxes,
        candidates=[c.number for c in round.candidates],
        salts=round.salts,
    )


def boxes_digest(round: Round) -> str:
    """The digest of the boxes counted by hand, as the chain has it; empty where there are none."""
    event = paper_ballots.poured_event(round)
    return str(event.payload.get("boxes") or "") if event else ""


# --- counting ------------------------------------------------------------------------------------------


def box(round: Round) -> list[tally.Ballot]:
    """All ballots of the round, in the order of their codes."""
    rows = db.session.execute(
        select(_ballot.c.code, _ballot.c.source, _ballot.c.marks, _ballot.c.spoilt)
        .where(_ballot.c.round_id == round.id)
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


def count(round: Round, *, by: Actor, now: datetime) -> None:
    """Count the closed box by the rule. The figures stay unseen until the tellers have signed.

    A count whose rule says void (收回多于发出) makes the round void: it is kept, and run again as a new one.
    """
    round = rounds.lock(round)
    check_count(state=round.state, unsettled=ballot_boxes.unsettled(round))
    result = _work_out(round)
    round.state = step(ROUND, round.state, "void" if result.void else "count")
    round.result = result.to_dict()
    events.append(
        round,
        "void" if result.void else "count",
        by=by,
        at=now,
        result=result_digest(round),
        **(
            {}
            if paper_ballots.mode(round) == "none"
            else {"paper": digests.sealed(round, "paper", digests.paper_lines(round))}
        ),
    )
    audit.record("round.count", by=by, at=now, about=round)


def _work_out(round: Round) -> tally.Result:
    """The result of a box that is as it was at the close. Raises RuleBroken where it is not, or does not add up."""
    rule = rounds.rule_of(round)
    ballots, boxes = box(round), ballot_boxes.boxes_of(round)
    found = _digests(round, ballots, boxes)
    if found["ballots"] != round.ballots_digest or found.get("boxes", "") != boxes_digest(round):
        raise RuleBroken(
            "票箱内容与关闭时的摘要不符，不能计票。请立即封存数据并查明原因。", code="box_changed"
        )
    result = tally.count(rule, turnout_of(round), [c.number for c in round.candidates], ballots, boxes)
    complaints = tally.reconcile(turnout_of(round), result, rule)
    if complaints and not result.void:
        raise RuleBroken("；".join(complaints), code="unreconciled")
    return result


def result_digest(round: Round) -> str:
    """The digest of the count that the tellers sign. Salted: it says nothing of a figure to whoever sees it before."""
    return digests.sealed(round, "result", round.result)


# --- certifying ----------------------------------------------------------------------------------------


def _signing(round: Round, by: Actor, otherwise: str) -> Teller:
    """The teller that ``by`` is, in a round that stands to be signed; else RuleBroken (``otherwise``: to no teller)."""
    if round.state not in (RoundState.COUNTED, RoundState.CERTIFIED):
        raise RuleBroken("现在不是签字的时候：本轮尚未计票，或已经公告、作废。")
    teller = next((t for t in round.session.tellers if t.deputy_id == by.deputy_id), None)
    if teller is None:
        raise RuleBroken(otherwise, status=403)
    return teller


def sign(round: Round, *, by: Actor, now: datetime) -> Signature:
    """A teller signs the count. With 总监票人 and one 监票人 it is certified and the figures may be seen.

    Raises RuleBroken for a round that is not counted, or somebody who has signed or is no teller.
    """
    round = rounds.lock(round)
    teller = _signing(round, by, "只有本次会议的监票人可以签字。")
    signature = Signature(
        body_id=round.body_id,
        deputy_id=teller.deputy_id,
        role=teller.role,
        name=teller.deputy.name,
        result_digest=result_digest(round),
        signed_at=now.replace(microsecond=0),  # as the chain has it
    )
    round.signatures.append(signature)
    flush_or(RuleBroken("您已经签过字。"), constraint="uq_signatures_deputy")
    events.append(
        round,
        "sign",
        by=by,
        at=now,
        deputy=teller.deputy_id,
        name=teller.deputy.name,
        role=teller.role.value,
        result=signature.result_digest,
    )
    audit.record("round.sign", by=by, at=now, about=round, after={"role": teller.role})
    if round.state == RoundState.COUNTED and certified([(s.deputy_id, s.role) for s in round.signatures]):
        _certify(round, by=by, now=now)
    return signature


def refuse(round: Round, reason: str, *, by: Actor, now: datetime) -> Refusal:
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
    round = rounds.lock(round)
    teller = _signing(round, by, "只有本次会议的监票人可以签字或者不予签字。")
    if any(s.deputy_id == teller.deputy_id for s in round.signatures):
        raise RuleBroken("您已经签过字，不能再登记不予签字。")
    refusal = Refusal(
        body_id=round.body_id,
        round_id=round.id,
        deputy_id=teller.deputy_id,
        role=teller.role,
        name=teller.deputy.name,
        reason=reason,
        result_digest=result_digest(round),
        refused_at=now.replace(microsecond=0),  # as the chain has it
    )
    db.session.add(refusal)
    flush_or(RuleBroken("您已经登记过不予签字。"), constraint="uq_refusals_deputy")
    events.append(
        round,
        "refuse",
        by=by,
        at=now,
        deputy=teller.deputy_id,
        name=teller.deputy.name,
        role=teller.role.value,
        reason=reason,
        result=refusal.result_digest,
    )
    audit.record("round.refuse", by=by, at=now, about=round, after={"role": teller.role, "reason": reason})
    return refusal


def refusals(round: Round) -> list[Refusal]:
    """Who declined to sign the round's count, in the order in which they did."""
    return list(db.session.scalars(select(Refusal).where(Refusal.round_id == round.id).order_by(Refusal.id)))


def _certify(round: Round, *, by: Actor, now: datetime) -> None:
    round.state = step(ROUND, round.state, "certify")
    round.certified_at = now
    round.record = build_record(round)
    events.append(
        round,
        "certify",
        by=by,
        at=now,
        result=result_digest(round),
        record=hashing.digest(round.hash_name, records.to_bytes(round.record)),
    )
    audit.record("round.certify", by=by, at=now, about=round)


def build_record(round: Round, *, sealed: bool = False) -> dict[str, Any]:
    """The record of a counted round as it will be published (``sealed``: with everything)."""
    parent = round.parent.public_id if round.parent else None
    roll = db.session.execute(
        select(_roll.c.number).where(_roll.c.round_id == round.id, _roll.c.present)
    ).scalars()
    return records.build(
        records.Heading(
            body=round.session.body.name,
            session=round.session.title,
            round_id=round.public_id,
            title=round.title,
            ordinal=round.ordinal,
            parent=parent,
            rehearsal=round.rehearsal,
        ),
        rule=rounds.rule_of(round),
        turnout=turnout_of(round),
        candidates=[(c.number, c.name) for c in round.candidates],
        ballots=box(round),
        boxes=ballot_boxes.boxes_of(round),
        roll=roll,
        algorithm=round.hash_name,
        sealed=sealed,
        salts=round.salts,
    )


def void_round(round: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """Declare a closed or counted round void, with the reason; it is kept, and voting again is a new round."""
    if not reason.strip():
        raise RuleBroken("请填写作废原因。", field="reason", status=422)
    round = rounds.lock(round)
    before = round.state
    round.state = step(ROUND, round.state, "void")
    events.append(round, "void", by=by, at=now, reason=reason.strip())
    audit.record(
        "round.void", by=by, at=now, about=round, before={"state": before}, after={"reason": reason.strip()}
    )

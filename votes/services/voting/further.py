"""Further rounds: what the rule says must happen after a count, the next round in one act, and the joined list.

A question (one vote with all its further rounds) is a chain: every round has at most one that follows it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from votes.db import db, flush_or
from votes.models import Candidate, CongressSession, PresidiumDecision, Round
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step as step_of
from votes.rules.meeting.rounds import ROUND, RoundState, SessionState
from votes.rules.meeting.rule import check
from votes.rules.people.actor import Actor
from votes.rules.voting.further import REASONS, NextStep, check_presidium, further_rule, next_step, nth
from votes.services import audit
from votes.services.meeting import events, rounds, sessions
from votes.services.voting import tally

# --- reading -------------------------------------------------------------------------------------------


def next_of(round_: Round) -> NextStep | None:
    """What must happen after the round; None while nobody may know (before the signatures)."""
    rule = rounds.rule_of(round_)
    if round_.state == RoundState.VOID:
        return NextStep("void_again", tuple(c.number for c in round_.candidates), rule.seats)
    result = tally.result_of(round_)
    return next_step(rule, result) if result else None


def chosen(round_: Round) -> list[int]:
    """The printed numbers that the round has decided for: by its count, and by the presidium where the rule leaves
    a tie to it. None before the signatures."""
    result = tally.result_of(round_)
    decided = round_.decision.chosen if round_.decision else []
    return sorted([*result.selected, *decided]) if result else []


def questions(session: CongressSession) -> list[list[Round]]:
    """The session's rounds, one list a question: first round, second round …; the questions in order of making."""
    rows = db.session.scalars(
        select(Round)
        .where(Round.session_id == session.id)
        .options(selectinload(Round.candidates))
        .order_by(Round.id)
    )
    return _by_question(rows)


def _by_question(rounds: Iterable[Round]) -> list[list[Round]]:
    found: dict[int, list[Round]] = {}
    for round_ in rounds:  # a further round is always made after the one it follows
        line = found.get(round_.parent_id, []) if round_.parent_id else []
        found[round_.id] = line
        line.append(round_)
    return [line for first, line in found.items() if line[0].id == first]


def family(round_: Round) -> list[Round]:
    """All rounds of the question that ``round`` belongs to, 第一轮 first."""
    rows = db.session.scalars(
        select(Round)
        .where(Round.session_id == round_.session_id)
        .options(selectinload(Round.candidates), selectinload(Round.decision))
        .order_by(Round.id)
    )
    return next(line for line in _by_question(rows) if round_ in line)


def before(round_: Round) -> list[Round]:
    """The rounds of the question before this one, the first first."""
    found: list[Round] = []
    while round_.parent is not None:
        round_ = round_.parent
        found.insert(0, round_)
    return found


@dataclass(frozen=True)
class Chosen:
    """A project on the joined list: its number and name as printed, and in which round it was decided."""

    number: int
    name: str
    project_id: int
    ordinal: int
    by_presidium: bool


def final_list(rounds: Iterable[Round]) -> list[Chosen]:
    """What the rounds of a question have decided together, in the order of the printed numbers.

    Whatever is not signed yet adds nothing; nor does a rating, which selects nobody.
    """
    found = []
    for round_ in rounds:
        by_number = {c.number: c for c in round_.candidates}
        decided = set(round_.decision.chosen) if round_.decision else set()
        found += [
            Chosen(no, by_number[no].name, by_number[no].project_id, round_.ordinal, no in decided)
            for no in chosen(round_)
        ]
    return sorted(found, key=lambda row: row.number)


# --- acts ----------------------------------------------------------------------------------------------


def start(parent: Round, *, by: Actor, now: datetime) -> Round:
    """The next round that the rule asks for, in preparation: title, colour and rule of ``parent``, with the
    candidates that stand (under their printed numbers) and the seats that are left.

    One that was cancelled before it opened is taken up again. Raises RuleBroken where the rule asks for no round,
    once it is there, and after the session has ended.
    """
    session = sessions.lock_session(parent.session, shared=True)  # nobody ends it meanwhile
    parent = rounds.lock(parent)
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，不能再设立票决。")
    wanted = next_of(parent)
    if wanted is None:
        raise RuleBroken("本轮还没有签字确认的结果，不能设立下一轮。没有作任何改动。", code="wrong_state")
    rule = further_rule(rounds.rule_of(parent), wanted)
    check(rule, len(wanted.candidates))
    there = db.session.scalar(select(Round).where(Round.parent_id == parent.id).with_for_update())
    if there is not None:
        return _take_up(there, by=by, now=now)
    round_ = Round(
        session_id=parent.session_id,
        parent_id=parent.id,
        ordinal=parent.ordinal + 1,
        further=REASONS[wanted.kind],
        title=parent.title,
        colour=parent.colour,
        rule=rule.to_dict(),
        rehearsal=parent.rehearsal,
        hash_name=parent.hash_name,
        created_at=now,
    )
    db.session.add(round_)
    flush_or(_already(parent.ordinal + 1), constraint="uq_rounds_ordinal")
    db.session.add_all(
        Candidate(
            body_id=round_.body_id,
            round_id=round_.id,
            project_id=c.project_id,
            number=c.number,
            name=c.name,
            summary=c.summary,
            amount=c.amount,
        )
        for c in parent.candidates
        if c.number in wanted.candidates
    )
    db.session.flush()
    events.append(
        round_,
        "further",
        by=by,
        at=now,
        parent=parent.public_id,
        why=round_.further,
        candidates=list(wanted.candidates),
        seats=rule.seats,
    )
    audit.record(
        "round.further",
        by=by,
        at=now,
        about=round_,
        after={"rule": round_.rule, "candidates": len(wanted.candidates), "rehearsal": round_.rehearsal},
    )
    return round_


def _already(ordinal: int) -> RuleBroken:
    return RuleBroken(f"{nth(ordinal)}已经设立，没有重复设立。请在上方打开。", code="already_there")


def _take_up(round_: Round, *, by: Actor, now: datetime) -> Round:
    if round_.state != RoundState.CANCELLED:
        raise _already(round_.ordinal)
    round_.state = step_of(ROUND, round_.state, "restore")
    round_.zero_checked_at = round_.zero_checked_by = None
    audit.record(
        "round.restore",
        by=by,
        at=now,
        about=round_,
        before={"state": RoundState.CANCELLED},
        after={"state": round_.state},
    )
    return round_


def decide(
    round_: Round, numbers: Iterable[int], *, decided_on: date, note: str, by: Actor, now: datetime
) -> PresidiumDecision:
    """Enter which of the tied projects the presidium took (``note``: at which of its meetings, how).

    It is on the chain and in the announcement, and stays as it was entered. Raises RuleBroken where the rule leaves
    nothing to the presidium, for another number of projects than there are seats, an impossible date, or a second
    decision.
    """
    round_ = rounds.lock(round_)
    taken = list(check_presidium(next_of(round_), list(numbers)))
    if round_.state != RoundState.CERTIFIED:
        raise RuleBroken("本轮已经公告，不能再登记决定。")
    if not note.strip():
        raise RuleBroken("请写明在哪次会议上、怎样决定。", field="note", status=422)
    if decided_on < round_.session.starts_on:
        raise RuleBroken("决定日期不能早于会议开始日期。", field="decided_on", status=422)
    row = PresidiumDecision(
        round_id=round_.id,
        chosen=taken,
        decided_on=decided_on,
        note=note.strip(),
        recorded_by=by.name,
        recorded_at=now,
    )
    db.session.add(row)
    flush_or(
        RuleBroken("并列项目的决定已经登记，不能再改。", code="already_there"),
        constraint="uq_presidium_decisions_round",
    )
    db.session.expire(round_, ["decision"])
    events.append(round_, "presidium", by=by, at=now, chosen=taken, on=decided_on.isoformat(), note=row.note)
    audit.record(
        "round.presidium",
        by=by,
        at=now,
        about=round_,
        after={"chosen": taken, "on": decided_on, "note": row.note},
    )
    return row

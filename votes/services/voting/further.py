"""Further rounds: what the rule demands after a count, making the next round, and the joined list.

A question (one vote with all its further rounds) is a chain: at most one round follows each round.
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
from votes.rules.meeting.rule import Rule, check
from votes.rules.people.actor import Actor
from votes.rules.voting.further import REASONS, NextStep, check_presidium, further_rule, next_step, nth
from votes.services import audit
from votes.services.meeting import events, rounds, sessions
from votes.services.voting import tally

# --- reading -------------------------------------------------------------------------------------------


def next_of(round_: Round) -> NextStep | None:
    """Return what must happen after the round; None before the signatures, while nobody may know."""
    rule = rounds.rule_of(round_)
    if round_.state == RoundState.VOID:
        return NextStep("void_again", tuple(c.number for c in round_.candidates), rule.seats)
    result = tally.result_of(round_)
    return next_step(rule, result) if result else None


def chosen(round_: Round) -> list[int]:
    """Return the printed numbers that the round selected, by its count or by the presidium; [] before the signatures."""
    result = tally.result_of(round_)
    decided = round_.decision.chosen if round_.decision else []
    return sorted([*result.selected, *decided]) if result else []


def questions(session: CongressSession) -> list[list[Round]]:
    """Return the session's rounds, one list a question: first round, second round …; questions in order of making."""
    related = selectinload(Round.candidates), selectinload(Round.decision)
    query = select(Round).where(Round.session_id == session.id).options(*related).order_by(Round.id)
    chains: dict[int, list[Round]] = {}
    for round_ in db.session.scalars(query):  # a further round is always made after the one it follows
        chain = chains.get(round_.parent_id, []) if round_.parent_id else []
        chains[round_.id] = chain
        chain.append(round_)
    return [chain for first, chain in chains.items() if chain[0].id == first]


def family(round_: Round) -> list[Round]:
    """Return all rounds of the question that ``round_`` belongs to, 第一轮 first."""
    return next(chain for chain in questions(round_.session) if round_ in chain)


def before(round_: Round) -> list[Round]:
    """Return the rounds of the question before this one, the first round first."""
    earlier: list[Round] = []
    while round_.parent is not None:
        round_ = round_.parent
        earlier.insert(0, round_)
    return earlier


@dataclass(frozen=True)
class Chosen:
    """Hold a project on the joined list: number and name as printed, and the round that decided it."""

    number: int
    name: str
    project_id: int
    ordinal: int
    by_presidium: bool


def final_list(rounds: Iterable[Round]) -> list[Chosen]:
    """Return what the rounds of a question have decided together, by printed number.

    A round that is not signed adds nothing, nor does a rating, which selects no project.
    """
    rows = []
    for round_ in rounds:
        by_number = {c.number: c for c in round_.candidates}
        decided = set(round_.decision.chosen) if round_.decision else set()
        rows += [
            Chosen(no, by_number[no].name, by_number[no].project_id, round_.ordinal, no in decided)
            for no in chosen(round_)
        ]
    return sorted(rows, key=lambda row: row.number)


# --- acts ----------------------------------------------------------------------------------------------


def start(parent: Round, *, by: Actor, now: datetime) -> Round:
    """Make the next round that the rule demands: title, colour and rule of ``parent``, projects and seats as left.

    The candidates keep their printed numbers. A further round that was cancelled before it opened is restored.
    Raises RuleBroken where the rule demands no round, where there is one already, and after the session has ended.
    """
    session = sessions.lock_session(parent.session, shared=True)  # nobody ends it meanwhile
    parent = rounds.lock(parent)
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，不能再设立票决。")
    next_step_ = next_of(parent)
    if next_step_ is None:
        raise RuleBroken("本轮还没有签字确认的结果，不能设立下一轮。没有作任何改动。", code="wrong_state")
    rule = further_rule(rounds.rule_of(parent), next_step_)
    check(rule, len(next_step_.candidates))
    existing = db.session.scalar(select(Round).where(Round.parent_id == parent.id).with_for_update())
    if existing is not None:
        return _restore(existing, by=by, now=now)
    round_ = _make(parent, rule, next_step_, now)
    facts = {"why": round_.further, "candidates": list(next_step_.candidates), "seats": rule.seats}
    events.append(round_, "further", by=by, at=now, parent=parent.public_id, **facts)
    after = {"rule": round_.rule, "candidates": len(next_step_.candidates), "rehearsal": round_.rehearsal}
    audit.record("round.further", by=by, at=now, about=round_, after=after)
    return round_


def _make(parent: Round, rule: Rule, step: NextStep, now: datetime) -> Round:
    round_ = Round(
        **audit.facts(parent, "session_id", "title", "colour", "rehearsal", "hash_name"),
        parent_id=parent.id,
        ordinal=parent.ordinal + 1,
        further=REASONS[step.kind],
        rule=rule.to_dict(),
        created_at=now,
    )
    db.session.add(round_)
    flush_or(_already(parent.ordinal + 1), constraint="uq_rounds_ordinal")
    names = ("project_id", "number", "name", "summary", "amount")
    db.session.add_all(
        Candidate(round_id=round_.id, **audit.facts(c, *names))
        for c in parent.candidates
        if c.number in step.candidates
    )
    db.session.flush()
    return round_


def _already(ordinal: int) -> RuleBroken:
    return RuleBroken(f"{nth(ordinal)}已经设立，没有重复设立。请在上方打开。", code="already_there")


def _restore(round_: Round, *, by: Actor, now: datetime) -> Round:
    if round_.state != RoundState.CANCELLED:
        raise _already(round_.ordinal)
    round_.state = step_of(ROUND, round_.state, "restore")
    round_.zero_checked_at = round_.zero_checked_by = None
    before, after = {"state": RoundState.CANCELLED}, {"state": round_.state}
    audit.record("round.restore", by=by, at=now, about=round_, before=before, after=after)
    return round_


def decide(
    round_: Round, numbers: Iterable[int], *, decided_on: date, note: str, by: Actor, now: datetime
) -> PresidiumDecision:
    """Record which of the tied projects the presidium took; ``note`` says at which of its meetings, and how.

    The decision is on the chain and in the announcement and cannot be changed. Raises RuleBroken where the rule
    leaves nothing to the presidium, for another number of projects than there are seats, an impossible date, or a
    second decision.
    """
    round_ = rounds.lock(round_)
    taken = list(check_presidium(next_of(round_), list(numbers)))
    if round_.state != RoundState.CERTIFIED:
        raise RuleBroken("本轮已经公告，不能再登记决定。")
    note = note.strip()
    if not note:
        raise RuleBroken("请写明在哪次会议上、怎样决定。", field="note", status=422)
    if decided_on < round_.session.starts_on:
        raise RuleBroken("决定日期不能早于会议开始日期。", field="decided_on", status=422)
    row = PresidiumDecision(round_id=round_.id, chosen=taken, decided_on=decided_on, note=note)
    row.recorded_by, row.recorded_at = by.name, now
    db.session.add(row)
    flush_or(
        RuleBroken("并列项目的决定已经登记，不能再改。", code="already_there"),
        constraint="uq_presidium_decisions_round",
    )
    db.session.expire(round_, ["decision"])
    events.append(round_, "presidium", by=by, at=now, chosen=taken, on=decided_on.isoformat(), note=row.note)
    after = {"chosen": taken, "on": decided_on, "note": row.note}
    audit.record("round.presidium", by=by, at=now, about=round_, after=after)
    return row

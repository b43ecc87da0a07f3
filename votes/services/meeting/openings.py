"""The opening of a round: what prevents it, the zero check (零票确认), and the act that freezes rule and roll."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from votes.db import db
from votes.models import (
    Attendance,
    Ballot,
    Candidate,
    Delegation,
    Deputy,
    Hall,
    HallDelegation,
    Project,
    RollEntry,
    Round,
    table_of,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.opening_checks import check_open_points
from votes.rules.meeting.rounds import ROUND, RoundState, SessionState, check_open
from votes.rules.meeting.rule import quorum_of
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.rules.people.second_factor import check_opening
from votes.rules.projects.projects import ProjectState
from votes.rules.voting.digests import json_digest
from votes.services import audit
from votes.services.meeting import card_sheets, events, rounds, sessions, signing_secrets
from votes.version import __version__

# --- what prevents the opening -------------------------------------------------------------------------


def obstacle(round_: Round, *, roster: int, present: int, now: datetime) -> str:
    """Return in words what still prevents the opening of a round in preparation; empty when nothing does."""
    if round_.state != RoundState.DRAFT:
        return ""
    try:
        _check(round_, roster=roster, present=present, now=now)
    except RuleBroken as broken:
        return broken.message
    return ""


def _check(round_: Round, *, roster: int, present: int, now: datetime) -> None:
    check_open(
        state=round_.state,
        rule=rounds.rule_of(round_),
        candidates=len(round_.candidates),
        roster=roster,
        present=present,
        zero_checked=round_.zero_checked_at is not None,
        tellers=[(t.deputy_id, t.role) for t in round_.session.tellers],
        past_end=rounds.past_end(round_, now),
    )
    if not round_.rehearsal:
        signing_secrets.check_opening(round_.session)


def disputed(round_: Round) -> list[str]:
    """Return in words the candidates that this vote cannot decide, because their result could never be announced.

    Such a project is off the candidate list, or in another vote that is open or not yet announced. A rehearsal and a
    rating decide no project. All rounds of one question count as one vote.
    """
    if not _decides(round_):
        return []
    names = _names(round_)
    projects = select(Project.id, Project.state).where(Project.id.in_(names)).order_by(Project.id)
    if db.session.info.get("write"):
        # Another act that opens a vote on one of them, or withdraws one, waits. The order by id avoids deadlocks.
        projects = projects.with_for_update(key_share=True, of=Project)
    words = [
        f"“{names[row.id]}”已不在候选名单上，不能付诸票决。"
        for row in db.session.execute(projects)
        if row.state != ProjectState.LISTED
    ]
    busy = (RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED, RoundState.CERTIFIED)
    first = _first_round(round_)
    return words + [
        f"“{names[candidate.project_id]}”正在“{other.title}”中票决，尚未公告，不能同时列入两项票决。"
        for other, candidate in sorted(_other_votes(round_, busy), key=lambda row: row[1].number)
        if _first_round(other) != first
    ]


def shared_with_drafts(round_: Round) -> list[str]:
    """Return in words the other votes in preparation that share a candidate with this one.

    The second of two such votes cannot open before the first is announced (`disputed`).
    """
    if round_.state != RoundState.DRAFT or not _decides(round_):
        return []
    names = _names(round_)
    shared: dict[Round, list[str]] = {}
    for other, candidate in _other_votes(round_, (RoundState.DRAFT,)):
        shared.setdefault(other, []).append(names[candidate.project_id])
    return [
        f"“{other.title}”也在准备之中，同样列有“{both[0]}”{f'等 {len(both)} 项' if len(both) > 1 else ''}。"
        "一个项目同时只能付诸一项票决：先开启的一项公告之前，另一项不能开启。"
        for other, both in shared.items()
    ]


def _decides(round_: Round) -> bool:
    return not round_.rehearsal and rounds.rule_of(round_).method != "rating"


def _names(round_: Round) -> dict[int, str]:
    return {candidate.project_id: candidate.name for candidate in round_.candidates}


def _other_votes(round_: Round, states: Iterable[RoundState]) -> list[tuple[Round, Candidate]]:
    """Return the other rounds in ``states`` that decide a candidate of this one, with that candidate."""
    candidacies = select(Round, Candidate).join(Candidate, Candidate.round_id == Round.id)
    shared = candidacies.where(Candidate.project_id.in_(_names(round_)), Round.id != round_.id)
    rows = db.session.execute(shared.where(Round.state.in_(states)).order_by(Round.id, Candidate.number))
    return [(other, candidate) for other, candidate in rows if _decides(other)]


def _first_round(round_: Round) -> int:
    while round_.parent is not None:
        round_ = round_.parent
    return round_.id


# --- the opening ---------------------------------------------------------------------------------------


def zero_check(round_: Round, *, by: Actor, now: datetime) -> None:
    """Record that a teller has seen the empty box, for which the system shows 0.

    Raises RuleBroken when the round is not in preparation, or the box is not empty.
    """
    round_ = rounds.lock(round_)
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("票箱只在开启投票前检查。")
    ballots = select(func.count()).select_from(Ballot).where(Ballot.round_id == round_.id)
    if inside := db.session.scalar(ballots):
        raise RuleBroken(f"票箱不为空：已有 {inside} 张票。请立即停止并联系系统管理员。")
    round_.zero_checked_at, round_.zero_checked_by = now, by.name
    events.append(round_, "zero_check", by=by, at=now, ballots=0)
    audit.record("round.zero_check", by=by, at=now, about=round_)


def open_round(
    round_: Round, *, by: Actor, now: datetime, open_points: Sequence[str] = (), accepted: bool = False
) -> None:
    """Freeze rule and roll, and open the box.

    ``open_points`` is what the machine leaves open (`opening_checks.found`), and whether ``by`` has ``accepted`` it.

    Several rounds of a session may be open together. Raises RuleBroken below the quorum (地方组织法 art. 14), and
    without tellers, zero check or a list that fits the rule; for an account without a second factor.
    """
    check_opening(by, rehearsal=round_.rehearsal, demo=round_.session.body.is_demo)
    check_open_points(open_points, accepted=accepted)
    session = sessions.lock_session(round_.session)
    round_ = rounds.lock(round_)
    rehearses = round_.rehearsal and session.state == SessionState.PLANNED
    if session.state != SessionState.RUNNING and not rehearses:
        raise RuleBroken("会议还没有开始（或已闭会），不能开启投票。请先在会议页面点击“开始会议”。")
    heads = sessions.headcount(session)
    _check(round_, roster=heads.roster, present=heads.present, now=now)
    for words in disputed(round_):
        raise RuleBroken(words + "票决没有开启。", code="disputed_project")
    numbers = _freeze_roll(round_)
    round_.state = step(ROUND, round_.state, "open")
    round_.resend_key = secrets.token_bytes(32)
    round_.opened_at = now
    round_.roster, round_.present = heads.roster, len(numbers)
    round_.rule_digest = json_digest(round_.hash_name, round_.rule)
    round_.software = __version__
    turnout = {"roster": heads.roster, "present": len(numbers)}
    digests = {"rule": round_.rule_digest, "roll": json_digest(round_.hash_name, sorted(numbers))}
    candidates = [{"no": candidate.number, "name": candidate.name} for candidate in round_.candidates]
    facts = {"quorum": quorum_of(rounds.rule_of(round_), heads.roster), **digests, "candidates": candidates}
    facts["tellers"] = signing_secrets.on_chain(session)
    if open_points:
        facts["open_points"] = {"points": sorted(open_points), "accepted_by": by.name}
    events.append(round_, "open", by=by, at=now, **turnout, **facts, software=__version__)
    card_sheets.erase_expired(now=now)
    audit.record("round.open", by=by, at=now, about=round_, after=turnout)


def open_together(
    chosen: Sequence[Round],
    *,
    by: Actor,
    now: datetime,
    open_points: Sequence[str] = (),
    accepted: bool = False,
) -> None:
    """Open several rounds in one act: all of them, or none.

    Raises RuleBroken naming the round that cannot open, and for a rehearsal among real rounds.
    """
    if not chosen:
        raise RuleBroken("请至少选择一项要开启的票决。", field="rounds", status=422)
    if len({round_.rehearsal for round_ in chosen}) > 1:
        raise RuleBroken("演练不能与正式票决同时开启。没有开启任何一项。")
    for round_ in sorted(chosen, key=lambda round_: round_.id):
        try:
            open_round(round_, by=by, now=now, open_points=open_points, accepted=accepted)
        except RuleBroken as broken:
            words = f"“{round_.title}”：{broken.message}没有开启任何一项。"
            raise RuleBroken(words, code=broken.code, status=broken.status) from broken


def _freeze_roll(round_: Round) -> list[str]:
    """Copy the deputies in office and who of them is present; return the numbers of those entitled to vote."""
    session_id = round_.session_id
    seat = (HallDelegation.session_id == session_id) & (HallDelegation.delegation_id == Delegation.id)
    signed_in = (Attendance.session_id == session_id) & (Attendance.deputy_id == Deputy.id)
    rows = db.session.execute(
        select(
            Deputy.id.label("deputy_id"),
            Deputy.number,
            Deputy.name,
            Delegation.name.label("delegation"),
            Hall.name.label("hall"),
            (Attendance.state == AttendanceState.PRESENT).label("present"),
        )
        .join(Delegation, Delegation.id == Deputy.delegation_id)
        .outerjoin(HallDelegation, seat)
        .outerjoin(Hall, Hall.id == HallDelegation.hall_id)
        .outerjoin(Attendance, signed_in)
        .where(Deputy.state == DeputyState.ACTIVE)
    )
    entries = [{**row, "round_id": round_.id, "present": row["present"] or False} for row in rows.mappings()]
    db.session.execute(table_of(RollEntry).insert(), entries)
    return [entry["number"] for entry in entries if entry["present"]]

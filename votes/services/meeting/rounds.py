"""Rounds of a session: their rule and their list, their preparation, and the opening of the box."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from votes.db import db
from votes.models import (
    Attendance,
    Candidate,
    CongressSession,
    Delegation,
    Deputy,
    Hall,
    HallDelegation,
    Project,
    RollEntry,
    Round,
    Tracking,
    table_of,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import COLOURS, ROUND, RoundState, SessionState, check_open
from votes.rules.meeting.rule import Rule, check, quorum_of
from votes.rules.people.actor import Actor
from votes.rules.people.roles import AttendanceState, DeputyState
from votes.rules.projects.projects import ProjectState
from votes.rules.voting.digests import json_digest
from votes.rules.voting.rehearsal import is_over
from votes.services import audit
from votes.services.meeting import events, sessions
from votes.services.people import bodies
from votes.version import __version__

# --- reading -------------------------------------------------------------------------------------------


def get_round(round_id: int) -> Round | None:
    return db.session.scalar(
        select(Round)
        .where(Round.id == round_id)
        .options(
            selectinload(Round.candidates),
            selectinload(Round.session).selectinload(CongressSession.body),
            selectinload(Round.session).selectinload(CongressSession.tellers),
            selectinload(Round.signatures),
        )
    )


def present_rounds(session: CongressSession) -> list[Round]:
    """The session's rounds that are of any concern now, the newest first: none that was cancelled, no rehearsal that is
    past."""
    rows = db.session.scalars(
        select(Round)
        .where(Round.session_id == session.id, Round.state != RoundState.CANCELLED)
        .options(selectinload(Round.candidates))
        .order_by(Round.id.desc())
    )
    return [r for r in rows if not is_over(r.rehearsal, r.state, r.opened_at, started_at=session.started_at)]


def rule_of(round_: Round) -> Rule:
    return Rule.from_dict(round_.rule)


def governing(session: CongressSession) -> Round | None:
    """The round whose rule governs signing in and the quorum now: the newest that was not cancelled.

    A rehearsal governs while it is on before the session begins, or while there is no real round; never once it is over.
    """
    rounds = [r for r in session.rounds if r.state != RoundState.CANCELLED]
    real = [r for r in rounds if not r.rehearsal]
    drills = [
        r
        for r in rounds
        if r.rehearsal and not is_over(r.rehearsal, r.state, r.opened_at, started_at=session.started_at)
    ]
    if session.state == SessionState.PLANNED:
        being_tried = [r for r in drills if r.state in (RoundState.DRAFT, RoundState.OPENED)]
        real = being_tried or real
    found = real or drills
    return found[-1] if found else None


def quorum(session: CongressSession, roster: int) -> int:
    """法定人数 in heads of ``roster``: by the rule that governs the session, else by what its body starts from."""
    round_ = governing(session)
    rule = rule_of(round_) if round_ is not None else bodies.default_rule(session.body, 1)
    return quorum_of(rule, roster)


def past_end(round_: Round, now: datetime) -> bool:
    """Whether the preset end of the round is over: no ballot is taken any more, also while nobody has closed the box."""
    return round_.closes_at is not None and round_.closes_at <= now


# --- in preparation ------------------------------------------------------------------------------------


def listed_projects(year: int) -> list[Project]:
    """The confirmed candidate list of a year, in the order of its numbers."""
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.year == year, Project.state == ProjectState.LISTED)
            .order_by(Project.number, Project.id)
        )
    )


def rateable_projects(year: int) -> list[Project]:
    """What a 满意度测评 held with the vote of ``year`` may be about: projects selected in earlier years, however far
    they have come; the latest year first, each year in the order of its list."""
    return list(
        db.session.scalars(
            select(Project)
            .join(Tracking, Tracking.project_id == Project.id)
            .where(Project.year < year, Project.state == ProjectState.SELECTED)
            .order_by(Project.year.desc(), Project.number, Project.id)
        )
    )


def free_colour(session: CongressSession) -> str:
    """The first colour that no other question of the session has."""
    taken = {
        r.colour
        for r in session.rounds
        if r.state not in (RoundState.CANCELLED, RoundState.VOID) and not r.rehearsal
    }
    return next((colour for colour in COLOURS if colour not in taken), COLOURS[0])


def create_round(
    session: CongressSession,
    *,
    title: str,
    rule: Rule,
    project_ids: Sequence[int],
    by: Actor,
    now: datetime,
    rehearsal: bool = False,
    closes_at: datetime | None = None,
    colour: str = COLOURS[0],
    hash_name: str = "sha256",
) -> Round:
    """The first round of a question, in preparation: its rule and its list, numbered 1 … in the order of ``project_ids``.

    A vote is about listed projects, a rating (满意度测评) about selected ones of earlier years.

    ``hash_name`` is the digest by which everything of the round will be proved (sha256 or sm3).
    Raises RuleBroken for a rule that does not fit the list, or a project that is not on the candidate list.
    """
    session = sessions.lock_session(session, shared=True)  # nobody ends it meanwhile
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，不能再设立票决。")
    check(rule, len(project_ids))
    round_ = Round(
        session_id=session.id,
        title=title.strip(),
        rule=rule.to_dict(),
        rehearsal=rehearsal,
        ordinal=1,
        colour=_colour(colour),
        closes_at=closes_at,
        hash_name=hash_name,
        created_at=now,
    )
    db.session.add(round_)
    db.session.flush()
    _set_candidates(round_, project_ids, session.year)
    audit.record(
        "round.create",
        by=by,
        at=now,
        about=round_,
        after={"rule": round_.rule, "candidates": len(project_ids), "rehearsal": rehearsal},
    )
    return round_


def edit_round(
    round_: Round,
    *,
    title: str,
    rule: Rule,
    project_ids: Sequence[int],
    by: Actor,
    now: datetime,
    closes_at: datetime | None = None,
    colour: str | None = None,
) -> None:
    """Change a round while it is in preparation. The rule object freezes at the opening.

    List and seats of a further round follow from the round before and stay as they are, printed numbers included.
    """
    round_ = lock(round_)
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    check(rule, len(project_ids))
    there = [c.project_id for c in round_.candidates]
    if round_.parent_id is not None and (
        set(project_ids) != set(there) or rule.seats != rule_of(round_).seats
    ):
        raise RuleBroken("候选项目和应选名额由上一轮的结果确定，不能改。没有作任何改动。", code="fixed_list")
    before = {"title": round_.title, "rule": round_.rule, "candidates": there, "colour": round_.colour}
    round_.title, round_.rule, round_.closes_at = title.strip(), rule.to_dict(), closes_at
    round_.colour = _colour(colour or round_.colour)
    # What the tellers saw is no longer what will be opened.
    round_.zero_checked_at = round_.zero_checked_by = None
    if round_.parent_id is None:
        for candidate in list(round_.candidates):
            db.session.delete(candidate)
        db.session.flush()
        _set_candidates(round_, project_ids, round_.session.year)
        there = list(project_ids)
    db.session.flush()
    db.session.expire(round_, ["candidates"])
    before, after = audit.changes(
        before, {"title": round_.title, "rule": round_.rule, "candidates": there, "colour": round_.colour}
    )
    if after:
        audit.record("round.edit", by=by, at=now, about=round_, before=before, after=after)


def _colour(colour: str) -> str:
    if colour not in COLOURS:
        raise RuleBroken("没有这种票面颜色，请重选。", field="colour", status=422)
    return colour


def _set_candidates(round_: Round, project_ids: Sequence[int], year: int) -> None:
    rating = rule_of(round_).method == "rating"
    if rating:
        found = {p.id: p for p in rateable_projects(year)}
        refused = "测评项目须是往年票决选定、正在实施或已经办结的项目，请刷新后重选。"
    else:
        listed = select(Project).where(
            Project.id.in_(list(project_ids)), Project.state == ProjectState.LISTED
        )
        found = {p.id: p for p in db.session.scalars(listed)}
        refused = "候选名单中有项目尚未列入票决，或已不在名单上，请刷新后重选。"
    for number, project_id in enumerate(project_ids, start=1):
        project = found.get(project_id)
        if project is None:
            raise RuleBroken(refused, field="projects", status=422)
        db.session.add(
            Candidate(
                body_id=round_.body_id,
                round_id=round_.id,
                project_id=project.id,
                number=number,
                name=project.name,
                summary=project.content,
                amount=f"{project.total_investment:.2f}万元" if project.total_investment is not None else "",
            )
        )
    db.session.flush()


def cancel_round(round_: Round, *, by: Actor, now: datetime) -> None:
    """Give up a round that has not opened; it stays readable."""
    round_ = lock(round_)
    before = round_.state
    round_.state = step(ROUND, round_.state, "cancel")
    audit.record(
        "round.cancel", by=by, at=now, about=round_, before={"state": before}, after={"state": round_.state}
    )


def lock(round_: Round) -> Round:
    """The round's row, locked for this transaction and read afresh (SQLite holds the whole write lock)."""
    locked = db.session.scalar(
        select(Round).where(Round.id == round_.id).with_for_update().execution_options(populate_existing=True)
    )
    assert locked is not None
    return locked


# --- what stands in the way of the opening -------------------------------------------------------------


def obstacle(round_: Round, *, roster: int, present: int, now: datetime) -> str:
    """What still stands in the way of opening a round in preparation, in words; empty when nothing does."""
    if round_.state != RoundState.DRAFT:
        return ""
    try:
        check_open(
            state=round_.state,
            rule=rule_of(round_),
            candidates=len(round_.candidates),
            roster=roster,
            present=present,
            zero_checked=round_.zero_checked_at is not None,
            tellers=[(t.deputy_id, t.role) for t in round_.session.tellers],
            past_end=past_end(round_, now),
        )
    except RuleBroken as broken:
        return broken.message
    return ""


def disputed(round_: Round) -> list[str]:
    """In words, the candidates that cannot be decided by this vote: not on the candidate list any more, or under
    vote elsewhere, open or not announced yet. Their result could never be announced.

    A rehearsal and a rating decide no project. Rounds of the same question are joined by its further rounds.
    """
    if round_.rehearsal or rule_of(round_).method == "rating":
        return []
    names = {c.project_id: c.name for c in round_.candidates}
    # Whoever opens another vote on one of them, or withdraws it, waits (id order: no two wait for each other).
    rows = db.session.execute(
        select(Project.id, Project.state)
        .where(Project.id.in_(list(names)))
        .order_by(Project.id)
        .with_for_update(key_share=True, of=Project)
        if db.session.info.get("write")
        else select(Project.id, Project.state).where(Project.id.in_(list(names))).order_by(Project.id)
    ).all()
    found = [
        f"“{names[row.id]}”已不在候选名单上，不能付诸票决。"
        for row in rows
        if row.state != ProjectState.LISTED
    ]
    busy = [RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED, RoundState.CERTIFIED]
    others = db.session.execute(
        select(Candidate.project_id, Round)
        .join(Round, Round.id == Candidate.round_id)
        .where(
            Candidate.project_id.in_(list(names)),
            Round.id != round_.id,
            ~Round.rehearsal,
            Round.state.in_(busy),
        )
        .order_by(Candidate.number, Round.id)
    ).all()
    first = _first_round(round_)
    return found + [
        f"“{names[project_id]}”正在“{other.title}”中票决，尚未公告，不能同时列入两项票决。"
        for project_id, other in others
        if rule_of(other).method != "rating" and _first_round(other) != first
    ]


def shared_with_drafts(round_: Round) -> list[str]:
    """In words, the other votes in preparation that have a candidate of this one: of two such, the second cannot open
    before the first is announced (`disputed`). Empty for what decides no project."""
    if round_.state != RoundState.DRAFT or round_.rehearsal or rule_of(round_).method == "rating":
        return []
    names = {c.project_id: c.name for c in round_.candidates}
    rows = db.session.execute(
        select(Round, Candidate.project_id)
        .join(Candidate, Candidate.round_id == Round.id)
        .where(
            Candidate.project_id.in_(list(names)),
            Round.id != round_.id,
            ~Round.rehearsal,
            Round.state == RoundState.DRAFT,
        )
        .order_by(Round.id, Candidate.number)
    ).all()
    shared: dict[Round, list[str]] = {}
    for other, project_id in rows:
        if rule_of(other).method != "rating":
            shared.setdefault(other, []).append(names[project_id])
    return [
        f"“{other.title}”也在准备之中，同样列有“{both[0]}”{f'等 {len(both)} 项' if len(both) > 1 else ''}。"
        "一个项目同时只能付诸一项票决：先开启的一项公告之前，另一项不能开启。"
        for other, both in shared.items()
    ]


def _first_round(round_: Round) -> int:
    while round_.parent is not None:
        round_ = round_.parent
    return round_.id


# --- the opening ---------------------------------------------------------------------------------------


def zero_check(round_: Round, *, by: Actor, now: datetime) -> None:
    """A teller has seen that the box is empty: the system shows 0 and records who looked.

    Raises RuleBroken when the round is not in preparation, or the box is not empty.
    """
    from votes.models import Ballot

    round_ = lock(round_)
    if round_.state != RoundState.DRAFT:
        raise RuleBroken("票箱只在开启投票前检查。")
    inside = db.session.scalar(select(func.count()).select_from(Ballot).where(Ballot.round_id == round_.id))
    if inside:
        raise RuleBroken(f"票箱不为空：已有 {inside} 张票。请立即停止并联系系统管理员。")
    round_.zero_checked_at, round_.zero_checked_by = now, by.name
    events.append(round_, "zero_check", by=by, at=now, ballots=0)
    audit.record("round.zero_check", by=by, at=now, about=round_)


def open_round(round_: Round, *, by: Actor, now: datetime) -> None:
    """Freeze rule and roll, and open the box.

    Several rounds of a session may be open together. Raises RuleBroken below the quorum (地方组织法 art. 14),
    without tellers, zero check or a fitting list.
    """
    session = sessions.lock_session(round_.session)
    round_ = lock(round_)
    rehearses = round_.rehearsal and session.state == SessionState.PLANNED
    if session.state != SessionState.RUNNING and not rehearses:
        raise RuleBroken("会议还没有开始（或已闭会），不能开启投票。请先在会议页面点击“开始会议”。")
    rule = rule_of(round_)
    roster, present, _ = sessions.headcount(session)
    check_open(
        state=round_.state,
        rule=rule,
        candidates=len(round_.candidates),
        roster=roster,
        present=present,
        zero_checked=round_.zero_checked_at is not None,
        tellers=[(t.deputy_id, t.role) for t in session.tellers],
        past_end=past_end(round_, now),
    )
    for words in disputed(round_):
        raise RuleBroken(words + "票决没有开启。", code="disputed_project")
    frozen = _freeze_roll(round_)
    round_.state = step(ROUND, round_.state, "open")
    round_.resend_key = secrets.token_bytes(32)
    round_.opened_at = now
    present = len(frozen)
    round_.roster, round_.present = roster, present
    round_.rule_digest = json_digest(round_.hash_name, round_.rule)
    round_.software = __version__
    events.append(
        round_,
        "open",
        by=by,
        at=now,
        roster=roster,
        present=present,
        quorum=quorum_of(rule, roster),
        rule=round_.rule_digest,
        roll=json_digest(round_.hash_name, sorted(frozen)),
        candidates=[{"no": c.number, "name": c.name} for c in round_.candidates],
        software=round_.software,
    )
    audit.record("round.open", by=by, at=now, about=round_, after={"roster": roster, "present": present})


def open_together(rounds: Sequence[Round], *, by: Actor, now: datetime) -> None:
    """Open several rounds in one act: all of them, or none.

    Raises RuleBroken naming the round that cannot open, and for a rehearsal among real ones.
    """
    if not rounds:
        raise RuleBroken("请至少选择一项要开启的票决。", field="rounds", status=422)
    if len({round_.rehearsal for round_ in rounds}) > 1:
        raise RuleBroken("演练不能与正式票决同时开启。没有开启任何一项。")
    for round_ in sorted(rounds, key=lambda round_: round_.id):
        try:
            open_round(round_, by=by, now=now)
        except RuleBroken as broken:
            raise RuleBroken(
                f"“{round_.title}”：{broken.message}没有开启任何一项。",
                code=broken.code,
                status=broken.status,
            ) from broken


def _freeze_roll(round_: Round) -> list[str]:
    """Copy who is in office, and who of them is here; answers the numbers of those entitled to vote."""
    rows = db.session.execute(
        select(Deputy.id, Deputy.number, Deputy.name, Attendance.state, Deputy.delegation_id)
        .outerjoin(
            Attendance, (Attendance.deputy_id == Deputy.id) & (Attendance.session_id == round_.session_id)
        )
        .where(Deputy.state == DeputyState.ACTIVE)
    ).all()
    names = {d.id: d.name for d in db.session.scalars(select(Delegation))}
    seated = db.session.execute(
        select(HallDelegation.delegation_id, Hall.name)
        .join(Hall, Hall.id == HallDelegation.hall_id)
        .where(HallDelegation.session_id == round_.session_id)
    ).all()
    halls: dict[int, str] = {row[0]: row[1] for row in seated}
    db.session.execute(
        table_of(RollEntry).insert(),
        [
            {
                "round_id": round_.id,
                "deputy_id": row.id,
                "number": row.number,
                "name": row.name,
                "delegation": names[row.delegation_id],
                "hall": halls.get(row.delegation_id),
                "present": row.state == AttendanceState.PRESENT,
            }
            for row in rows
        ],
    )
    return [row.number for row in rows if row.state == AttendanceState.PRESENT]

"""Sessions of a congress: dates and place, tellers, rounds and their rule, up to the opening."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from votes.db import db, flush_or
from votes.models import (
    Attendance,
    Body,
    Candidate,
    CongressSession,
    Deputy,
    Project,
    RollEntry,
    Round,
    Teller,
    table_of,
)
from votes.rules import chain as hashing
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people import AttendanceState, DeputyState, TellerRole
from votes.rules.permissions import Actor
from votes.rules.projects import ProjectState
from votes.rules.rounds import ROUND, SESSION, RoundState, SessionState, check_open, quorum_needed
from votes.rules.rule import Rule, check
from votes.services import audit, chain
from votes.version import __version__

# --- reading -------------------------------------------------------------------------------------------


def get(session_id: int) -> CongressSession | None:
    return db.session.scalar(
        select(CongressSession)
        .where(CongressSession.id == session_id)
        .options(selectinload(CongressSession.body), selectinload(CongressSession.tellers))
    )


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


def all_sessions() -> list[CongressSession]:
    """Newest first, with their rounds."""
    return list(
        db.session.scalars(
            select(CongressSession)
            .options(selectinload(CongressSession.rounds))
            .order_by(CongressSession.starts_on.desc(), CongressSession.id.desc())
        )
    )


def current() -> CongressSession | None:
    """The session of the body in scope that is running, the newest where there are several."""
    return db.session.scalar(
        select(CongressSession)
        .where(CongressSession.state == SessionState.RUNNING)
        .options(selectinload(CongressSession.body), selectinload(CongressSession.rounds))
        .order_by(CongressSession.starts_on.desc(), CongressSession.id.desc())
        .limit(1)
    )


def by_screen_key(key: str) -> CongressSession | None:
    """The session whose hall screen stands under ``key``; its body comes into scope."""
    return _by_key(CongressSession.screen_key, key)


def by_hall_key(key: str) -> CongressSession | None:
    """The session of the hall's QR; its body comes into scope."""
    return _by_key(CongressSession.hall_key, key)


def _by_key(column: Any, key: str) -> CongressSession | None:
    from votes.db import EVERY_BODY

    before, db.session.scope = db.session.scope, EVERY_BODY
    found = db.session.scalar(
        select(CongressSession).where(column == key).options(selectinload(CongressSession.body))
    )
    db.session.scope = found.body_id if found else before
    return found


def rule_of(round: Round) -> Rule:
    return Rule.from_dict(round.rule)


def default_rule(body: Body, seats: int) -> Rule:
    """The rule a new round starts from: the body's own defaults over those of the counting rules."""
    return Rule.from_dict({"seats": seats, **body.settings.get("rule", {})})


def listed_projects(year: int) -> list[Project]:
    """The confirmed candidate list of a year, in the order of its numbers."""
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.year == year, Project.state == ProjectState.LISTED)
            .order_by(Project.number, Project.id)
        )
    )


def headcount(session: CongressSession) -> tuple[int, int, int]:
    """(应到, 实到, 请假): deputies in office, those signed in, those on leave."""
    roster = db.session.scalar(
        select(func.count())
        .select_from(Deputy)
        .where(Deputy.body_id == session.body_id, Deputy.state == DeputyState.ACTIVE)
    )
    rows = db.session.execute(
        select(Attendance.state, func.count())
        .join(Deputy, Deputy.id == Attendance.deputy_id)
        .where(Attendance.session_id == session.id, Deputy.state == DeputyState.ACTIVE)
        .group_by(Attendance.state)
    ).all()
    counts = {row[0]: row[1] for row in rows}
    return roster or 0, counts.get(AttendanceState.PRESENT, 0), counts.get(AttendanceState.LEAVE, 0)


# --- the session ---------------------------------------------------------------------------------------


def save_session(
    session: CongressSession | None,
    *,
    title: str,
    year: int,
    starts_on: date,
    ends_on: date,
    place: str,
    by: Actor,
    now: datetime,
) -> CongressSession:
    """Create (``session`` None) or change a session. Raises RuleBroken for impossible dates or a taken title."""
    if ends_on < starts_on:
        raise RuleBroken("闭会日期不能早于开会日期。", field="ends_on", status=422)
    values = {
        "title": title.strip(),
        "year": year,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "place": place.strip(),
    }
    new = session is None
    before: dict[str, Any] = {}
    if session is None:
        session = CongressSession(
            **values,
            hall_secret=secrets.token_bytes(32),
            hall_key=secrets.token_urlsafe(16),
            screen_key=secrets.token_urlsafe(16),
            created_at=now,
        )
        db.session.add(session)
    else:
        if session.state == SessionState.ENDED:
            raise RuleBroken("会议已闭会，不能再修改。")
        before = {k: getattr(session, k) for k in values}
        for key, value in values.items():
            setattr(session, key, value)
    flush_or(
        RuleBroken("已有同名的会议，请核对届次。", field="title"), constraint="uq_sessions_body_id_title"
    )
    before, after = audit.changes(before, values)
    if after:
        audit.record(
            "session.create" if new else "session.edit",
            by=by,
            at=now,
            about=session,
            before=before,
            after=after,
        )
    return session


def create_session(
    *, title: str, year: int, starts_on: date, ends_on: date, place: str, by: Actor, now: datetime
) -> CongressSession:
    return save_session(
        None, title=title, year=year, starts_on=starts_on, ends_on=ends_on, place=place, by=by, now=now
    )


def move(session: CongressSession, action: str, *, by: Actor, now: datetime) -> None:
    """Start or end the session (``action`` "start" | "end")."""
    if action == "end":
        running = db.session.scalar(
            select(func.count())
            .select_from(Round)
            .where(
                Round.session_id == session.id,
                Round.state.in_([RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED]),
            )
        )
        if running:
            raise RuleBroken("还有票决没有办完（投票中、待计票或待签字），不能闭会。请先办完或作废该轮票决。")
    before = session.state
    session.state = step(SESSION, session.state, action)
    audit.record(
        f"session.{action}",
        by=by,
        at=now,
        about=session,
        before={"state": before},
        after={"state": session.state},
    )


# --- tellers -------------------------------------------------------------------------------------------


def name_teller(
    session: CongressSession, deputy_id: int, role: TellerRole, *, by: Actor, now: datetime
) -> Teller:
    """Record that a deputy was named 总监票人 or 监票人 of the session."""
    _check_tellers_open(session)
    deputy = db.session.scalar(select(Deputy).where(Deputy.id == deputy_id))
    if deputy is None or deputy.state != DeputyState.ACTIVE:
        raise RuleBroken("监票人须是本级人大在任代表。", field="deputy_id", status=422)
    if any(t.deputy_id == deputy_id for t in session.tellers):
        raise RuleBroken(f"{deputy.name}已在监票人名单中。", field="deputy_id")
    teller = Teller(deputy_id=deputy_id, role=role)
    session.tellers.append(teller)
    flush_or(
        RuleBroken("总监票人只能有一名；如需更换，请先移除原总监票人。", field="role"),
        constraint="uq_tellers_one_chief",
    )
    audit.record("teller.name", by=by, at=now, about=deputy, after={"role": role, "session": session.title})
    return teller


def remove_teller(session: CongressSession, teller_id: int, *, by: Actor, now: datetime) -> None:
    _check_tellers_open(session)
    teller = next((t for t in session.tellers if t.id == teller_id), None)
    if teller is None:
        raise RuleBroken("监票人名单已有变动，请刷新后再办理。", status=404)
    audit.record("teller.remove", by=by, at=now, about=teller.deputy, before={"role": teller.role})
    session.tellers.remove(teller)
    db.session.delete(teller)
    db.session.flush()


def _check_tellers_open(session: CongressSession) -> None:
    """Tellers stay the same from the zero check to the signatures."""
    busy = db.session.scalar(
        select(func.count())
        .select_from(Round)
        .where(
            Round.session_id == session.id,
            Round.state.in_([RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED]),
        )
    )
    if busy:
        raise RuleBroken("票决正在进行，监票人名单不能变动。")
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，监票人名单不能变动。")


# --- rounds up to the opening --------------------------------------------------------------------------


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
    hash_name: str = "sha256",
) -> Round:
    """A round in preparation: its rule and its list, numbered 1 … in the order of ``project_ids``.

    ``hash_name`` is the digest by which everything of the round will be proved (sha256 or sm3).
    Raises RuleBroken for a rule that does not fit the list, or a project that is not on the candidate list.
    """
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，不能再设立票决。")
    check(rule, len(project_ids))
    ordinal = 1 + (
        db.session.scalar(
            select(func.count())
            .select_from(Round)
            .where(Round.session_id == session.id, Round.rehearsal == rehearsal, Round.parent_id.is_(None))
        )
        or 0
    )
    round = Round(
        session_id=session.id,
        title=title.strip(),
        rule=rule.to_dict(),
        rehearsal=rehearsal,
        ordinal=ordinal,
        closes_at=closes_at,
        hash_name=hash_name,
        created_at=now,
    )
    db.session.add(round)
    db.session.flush()
    _set_candidates(round, project_ids)
    audit.record(
        "round.create",
        by=by,
        at=now,
        about=round,
        after={"rule": round.rule, "candidates": len(project_ids), "rehearsal": rehearsal},
    )
    return round


def edit_round(
    round: Round,
    *,
    title: str,
    rule: Rule,
    project_ids: Sequence[int],
    by: Actor,
    now: datetime,
    closes_at: datetime | None = None,
) -> None:
    """Change a round while it is in preparation. The rule object freezes at the opening."""
    if round.state != RoundState.DRAFT:
        raise RuleBroken("本轮票决已经开启或结束，票决办法和候选名单不能再改。")
    check(rule, len(project_ids))
    before = {
        "title": round.title,
        "rule": round.rule,
        "candidates": [c.project_id for c in round.candidates],
    }
    for candidate in list(round.candidates):
        db.session.delete(candidate)
    db.session.flush()
    round.title, round.rule, round.closes_at = title.strip(), rule.to_dict(), closes_at
    # What the tellers saw is no longer what will be opened.
    round.zero_checked_at = round.zero_checked_by = None
    _set_candidates(round, project_ids)
    db.session.flush()
    db.session.expire(round, ["candidates"])
    before, after = audit.changes(
        before, {"title": round.title, "rule": round.rule, "candidates": list(project_ids)}
    )
    if after:
        audit.record("round.edit", by=by, at=now, about=round, before=before, after=after)


def _set_candidates(round: Round, project_ids: Sequence[int]) -> None:
    found = {p.id: p for p in db.session.scalars(select(Project).where(Project.id.in_(list(project_ids))))}
    for number, project_id in enumerate(project_ids, start=1):
        project = found.get(project_id)
        if project is None or project.state != ProjectState.LISTED:
            raise RuleBroken(
                "候选名单中有项目尚未列入票决，或已不在名单上，请刷新后重选。", field="projects", status=422
            )
        db.session.add(
            Candidate(
                body_id=round.body_id,
                round_id=round.id,
                project_id=project.id,
                number=number,
                name=project.name,
                summary=project.content,
                amount=f"{project.total_investment:.2f}万元" if project.total_investment is not None else "",
            )
        )
    db.session.flush()


def cancel_round(round: Round, *, by: Actor, now: datetime) -> None:
    """Give up a round that has not opened; it stays readable."""
    before = round.state
    round.state = step(ROUND, round.state, "cancel")
    audit.record(
        "round.cancel", by=by, at=now, about=round, before={"state": before}, after={"state": round.state}
    )


def lock(round: Round) -> Round:
    """The round's row, locked for this transaction and read afresh (SQLite holds the whole write lock)."""
    locked = db.session.scalar(
        select(Round).where(Round.id == round.id).with_for_update().execution_options(populate_existing=True)
    )
    assert locked is not None
    return locked


def zero_check(round: Round, *, by: Actor, now: datetime) -> None:
    """A teller has seen that the box is empty: the system shows 0 and records who looked.

    Raises RuleBroken when the round is not in preparation, or the box is not empty.
    """
    from votes.models import Ballot

    round = lock(round)
    if round.state != RoundState.DRAFT:
        raise RuleBroken("票箱只在开启投票前检查。")
    inside = db.session.scalar(select(func.count()).select_from(Ballot).where(Ballot.round_id == round.id))
    if inside:
        raise RuleBroken(f"票箱不为空：已有 {inside} 张票。请立即停止并联系系统管理员。")
    round.zero_checked_at, round.zero_checked_by = now, by.name
    chain.append(round, "zero_check", by=by, at=now, ballots=0)
    audit.record("round.zero_check", by=by, at=now, about=round)


def open_round(round: Round, *, by: Actor, now: datetime) -> None:
    """Freeze rule and roll, and open the box.

    Raises RuleBroken below the quorum (地方组织法 art. 14), without tellers, zero check or a fitting list, or
    while another round of the session is open.
    """
    round = lock(round)
    session = round.session
    if session.state != SessionState.RUNNING:
        raise RuleBroken("会议还没有开始（或已闭会），不能开启投票。请先在会议页面点击“开始会议”。")
    rule = rule_of(round)
    roster, present, _ = headcount(session)
    check_open(
        state=round.state,
        rule=rule,
        candidates=len(round.candidates),
        roster=roster,
        present=present,
        zero_checked=round.zero_checked_at is not None,
        tellers=[(t.deputy_id, t.role) for t in session.tellers],
    )
    other = db.session.scalar(
        select(Round.title).where(
            Round.session_id == session.id, Round.id != round.id, Round.state == RoundState.OPENED
        )
    )
    if other:
        raise RuleBroken(f"“{other}”正在投票，请先关闭后再开启本轮。")
    frozen = _freeze_roll(round)
    round.state = step(ROUND, round.state, "open")
    round.resend_key = secrets.token_bytes(32)
    round.opened_at = now
    round.roster, round.present = roster, present
    round.rule_digest = hashing.digest(round.hash_name, hashing.canonical_json(round.rule))
    round.software = __version__
    chain.append(
        round,
        "open",
        by=by,
        at=now,
        roster=roster,
        present=present,
        quorum=quorum_needed(roster, rule.quorum),
        rule=round.rule_digest,
        roll=hashing.digest(round.hash_name, hashing.canonical_json(sorted(frozen))),
        candidates=[{"no": c.number, "name": c.name} for c in round.candidates],
        software=round.software,
    )
    audit.record("round.open", by=by, at=now, about=round, after={"roster": roster, "present": present})


def _freeze_roll(round: Round) -> list[str]:
    """Copy who is in office, and who of them is here; answers the numbers of those entitled to vote."""
    rows = db.session.execute(
        select(Deputy.id, Deputy.number, Deputy.name, Attendance.state, Deputy.delegation_id)
        .outerjoin(
            Attendance, (Attendance.deputy_id == Deputy.id) & (Attendance.session_id == round.session_id)
        )
        .where(Deputy.state == DeputyState.ACTIVE)
    ).all()
    from votes.models import Delegation

    names = {d.id: d.name for d in db.session.scalars(select(Delegation))}
    db.session.execute(
        table_of(RollEntry).insert(),
        [
            {
                "round_id": round.id,
                "deputy_id": row.id,
                "number": row.number,
                "name": row.name,
                "delegation": names[row.delegation_id],
                "present": row.state == AttendanceState.PRESENT,
            }
            for row in rows
        ],
    )
    return [row.number for row in rows if row.state == AttendanceState.PRESENT]

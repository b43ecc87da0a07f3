"""The list of tellers: naming, the approval by the plenary, and warnings of who should stand aside."""

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from votes.db import db, flush_or
from votes.models import Candidate, CongressSession, Delegation, Project, Round, Teller
from votes.rules.errors import RuleBroken
from votes.rules.meeting import tellers as rules
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.meeting import events, rounds, sessions
from votes.services.people import bodies

MOST_DECISION = 200  # characters


def conflicts(session: CongressSession) -> list[rules.Conflict]:
    """Return the tellers who answer for the unit of a project that the session votes on, or may vote on."""
    if not session.tellers:
        return []
    candidates = select(Candidate.project_id).join(Round, Round.id == Candidate.round_id)
    voted_on = candidates.where(Round.session_id == session.id, Round.state != RoundState.CANCELLED)
    listed = (Project.year == session.year) & (Project.state == ProjectState.LISTED)
    projects = (
        select(Project).where(or_(Project.id.in_(voted_on), listed)).options(joinedload(Project.department))
    )
    units = [_unit(project) for project in db.session.scalars(projects.order_by(Project.number, Project.id))]
    return rules.conflicts(
        [rules.Watcher(t.deputy.name, t.deputy.post or "") for t in session.tellers], units
    )


def _unit(project: Project) -> rules.Unit:
    unit = project.department
    return rules.Unit(
        unit.name if unit else "", (unit.head if unit else "") or "", project.leader, project.name
    )


def name_teller(
    session: CongressSession,
    deputy_id: int,
    role: TellerRole,
    *,
    by: Actor,
    now: datetime,
    nominated_by: int | None = None,
) -> Teller:
    """Name a deputy 总监票人 or 监票人 of the session; an approval of the earlier list ends.

    ``nominated_by``: the id of the delegation that put the name forward. Raises RuleBroken for somebody who is not in
    office or already named, an unknown delegation, a second chief, and while a vote is under way.
    """
    session = sessions.lock_session(session)
    _check_tellers_open(session)
    deputy = sessions.in_office(deputy_id)
    if deputy is None:
        raise RuleBroken(bodies.speak("监票人须是本级人大在任代表。"), field="deputy_id", status=422)
    if any(t.deputy_id == deputy_id for t in session.tellers):
        raise RuleBroken(f"{deputy.name}已在监票人名单中。", field="deputy_id")
    of_id = select(Delegation).where(Delegation.id == nominated_by)
    delegation = db.session.scalar(of_id) if nominated_by is not None else None
    if nominated_by is not None and delegation is None:
        raise RuleBroken(bodies.speak("没有这个代表团，请重选。"), field="nominated_by", status=422)
    teller = Teller(deputy_id=deputy_id, role=role, nominated_by=delegation)
    session.tellers.append(teller)
    second_chief = RuleBroken("总监票人只能有一名；如需更换，请先移除原总监票人。", field="role")
    flush_or(second_chief, constraint="uq_tellers_one_chief")
    after = {"role": role, "session": session.title}
    after |= {"nominated_by": delegation.name} if delegation else {}
    audit.record("teller.name", by=by, at=now, about=deputy, after=after)
    _end_approval(session)
    return teller


def remove_teller(session: CongressSession, teller_id: int, *, by: Actor, now: datetime) -> None:
    """Remove a teller from the list; an approval of the earlier list ends."""
    session = sessions.lock_session(session)
    _check_tellers_open(session)
    teller = next((t for t in session.tellers if t.id == teller_id), None)
    if teller is None:
        raise RuleBroken("监票人名单已有变动，请刷新后再办理。", status=404)
    audit.record("teller.remove", by=by, at=now, about=teller.deputy, before={"role": teller.role})
    session.tellers.remove(teller)
    db.session.delete(teller)
    _end_approval(session)
    db.session.flush()


def replace_teller(
    session: CongressSession, teller_id: int, deputy_id: int, decision: str, *, by: Actor, now: datetime
) -> Teller:
    """Replace a teller during a vote by a recorded decision: who lost the signing secret cannot sign.

    The successor has the same role, sets a secret of their own, and needs one of those confirmed before the opening
    to confirm it. Raises RuleBroken while no vote is under way (the list is changed then), without a decision, for
    somebody not in office or already named, and for a teller who has signed.
    """
    session = sessions.lock_session(session)
    if not sessions.under_way(session):
        raise RuleBroken("没有正在进行的票决：请直接增减监票人，名单重新提请会议通过。")
    decision = " ".join(decision.split())
    if not decision or len(decision) > MOST_DECISION:
        words = f"请写明由谁、何时决定更换（不超过 {MOST_DECISION} 字），例如：主席团第三次会议决定。"
        raise RuleBroken(words, field="decision", status=422)
    former = next((t for t in session.tellers if t.id == teller_id), None)
    if former is None:
        raise RuleBroken("监票人名单已有变动，请刷新后再办理。", status=404)
    deputy = sessions.in_office(deputy_id)
    if deputy is None or any(t.deputy_id == deputy_id for t in session.tellers):
        raise RuleBroken("接替的须是本级人大在任代表，且不在监票人名单中。", field="deputy_id", status=422)
    busy = [rounds.lock(round_) for round_ in _awaiting(session)]
    for round_ in busy:  # who signed before the lock was taken
        db.session.expire(round_, ["signatures"])
    if any(each.deputy_id == former.deputy_id for round_ in busy for each in round_.signatures):
        raise RuleBroken(f"{former.deputy.name}已经签字，无需更换。")
    before = {"role": former.role, "name": former.deputy.name}
    session.tellers.remove(former)
    db.session.delete(former)
    db.session.flush()
    teller = Teller(deputy_id=deputy_id, role=former.role, decision=decision)
    session.tellers.append(teller)
    db.session.flush()
    names = {"role": teller.role.value, "former": before["name"], "name": deputy.name}
    for round_ in busy:
        events.append(round_, "replace", by=by, at=now, **names, decision=decision)
    after = {"name": deputy.name, "decision": decision}
    audit.record("teller.replace", by=by, at=now, about=deputy, before=before, after=after)
    return teller


def _awaiting(session: CongressSession) -> list[Round]:
    """Return the rounds that are open or wait for count or signatures."""
    busy = (RoundState.OPENED, RoundState.CLOSED, RoundState.COUNTED)
    rows = select(Round).where(Round.session_id == session.id, Round.state.in_(busy)).order_by(Round.id)
    return list(db.session.scalars(rows))


def approve(session: CongressSession, *, on: date, how: str, by: Actor, now: datetime, today: date) -> None:
    """Record that the plenary passed the present list of tellers; any later change ends the approval.

    Raises RuleBroken for a list without chief and teller, a day in the future, no words on how, and an ended session.
    """
    session = sessions.lock_session(session)
    sessions.refuse_ended(session, "会议已闭会，不能再登记。")
    roles = {t.role for t in session.tellers}
    if roles != set(TellerRole):
        raise RuleBroken("名单还不完整：总监票人一名、监票人至少一名。请先补齐，再提请会议通过。")
    how = " ".join(how.split())
    if not how:
        raise RuleBroken("请写明怎样通过，例如：举手表决，全体通过。", field="how", status=422)
    if on > today:
        raise RuleBroken("通过日期不能晚于今天。", field="on", status=422)
    before = {"on": session.tellers_approved_on, "how": session.tellers_approved_how}
    after = {"on": on, "how": how, "count": len(session.tellers)}
    session.tellers_approved_on, session.tellers_approved_how = on, how
    audit.record("teller.approve", by=by, at=now, about=session, before=before, after=after)
    db.session.flush()


def _end_approval(session: CongressSession) -> None:
    """Remove the approval: the plenary passed another list than the present one."""
    session.tellers_approved_on = session.tellers_approved_how = None


def _check_tellers_open(session: CongressSession) -> None:
    """Refuse to change tellers from the opening to the signatures, and after the session's end."""
    if sessions.under_way(session):
        raise RuleBroken("票决正在进行，监票人名单不能变动。")
    sessions.refuse_ended(session, "会议已闭会，监票人名单不能变动。")

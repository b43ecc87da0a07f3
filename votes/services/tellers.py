"""The list of tellers as the plenary sees it: passed or not, and who on it should stand aside."""

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from votes.db import db
from votes.models import Candidate, CongressSession, Project, Round
from votes.rules import tellers as rules
from votes.rules.errors import RuleBroken
from votes.rules.people import TellerRole
from votes.rules.permissions import Actor
from votes.rules.projects import ProjectState
from votes.rules.rounds import RoundState, SessionState
from votes.services import audit, sessions


def conflicts(session: CongressSession) -> list[rules.Conflict]:
    """The tellers who answer for a unit of a project that the session votes on, or may."""
    if not session.tellers:
        return []
    voted_on = (
        select(Candidate.project_id)
        .join(Round, Round.id == Candidate.round_id)
        .where(Round.session_id == session.id, Round.state != RoundState.CANCELLED)
    )
    listed = (Project.year == session.year) & (Project.state == ProjectState.LISTED)
    projects = db.session.scalars(
        select(Project)
        .where(or_(Project.id.in_(voted_on), listed))
        .options(joinedload(Project.department))
        .order_by(Project.number, Project.id)
    )
    return rules.conflicts(
        [rules.Watcher(t.deputy.name, t.deputy.post or "") for t in session.tellers],
        [
            rules.Unit(
                p.department.name if p.department else "",
                (p.department.head if p.department else "") or "",
                p.leader,
                p.name,
            )
            for p in projects
        ],
    )


def approve(session: CongressSession, *, on: date, how: str, by: Actor, now: datetime, today: date) -> None:
    """Record that the plenary passed the list of tellers as it stands; any change of the list takes that back.

    Raises RuleBroken for a list without chief and teller, a day to come, no words on how, or an ended session.
    """
    session = sessions.lock_session(session)
    if session.state == SessionState.ENDED:
        raise RuleBroken("会议已闭会，不能再登记。")
    roles = {t.role for t in session.tellers}
    if roles != set(TellerRole):
        raise RuleBroken("名单还不完整：总监票人一名、监票人至少一名。请先补齐，再提请会议通过。")
    how = " ".join(how.split())
    if not how:
        raise RuleBroken("请写明怎样通过，例如：举手表决，全体通过。", field="how", status=422)
    if on > today:
        raise RuleBroken("通过日期不能晚于今天。", field="on", status=422)
    before = {"on": session.tellers_approved_on, "how": session.tellers_approved_how}
    session.tellers_approved_on, session.tellers_approved_how = on, how
    audit.record(
        "teller.approve",
        by=by,
        at=now,
        about=session,
        before=before,
        after={"on": on, "how": how, "count": len(session.tellers)},
    )
    db.session.flush()

"""What waits for whom: the list on the office's front page."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from votes.db import db
from votes.models import Body, CongressSession, Deputy, Project, Round
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState, coming_year
from votes.rules.voting.rehearsal import is_over
from votes.services.people import bodies
from votes.services.projects import reviews
from votes.services.suggestions import matters


@dataclass(frozen=True)
class Task:
    """Something to do: what it is (the page finds words and address by it), how many, about which row."""

    kind: str
    count: int = 1
    about: str = ""
    id: int | None = None


def tasks(body: Body, *, by: Actor, today: date) -> list[Task]:
    """The tasks of ``by`` in ``body``, the most pressing first."""
    found: list[Task] = []
    year = coming_year(today)
    if by.roles & {Role.OFFICE, Role.LEADER}:
        found += _of_votes()
    if by.roles & {Role.OFFICE, Role.GOVERNMENT}:
        found += _of_matters()
        found += _of_gates(body, by, year)
    if Role.OFFICE in by.roles:
        found += _of_office(year)
    if Role.DEPARTMENT in by.roles or Role.GOVERNMENT in by.roles:
        found += _of_drafts(by, year)
    return found


_ROUND_TASKS = {
    RoundState.DRAFT: "round_draft",
    RoundState.OPENED: "round_opened",
    RoundState.CLOSED: "round_closed",
    RoundState.COUNTED: "round_counted",
    RoundState.CERTIFIED: "round_certified",
}


def _of_votes() -> list[Task]:
    rounds = db.session.execute(
        select(
            Round.id, Round.title, Round.state, Round.rehearsal, Round.opened_at, CongressSession.started_at
        )
        .join(CongressSession, CongressSession.id == Round.session_id)
        .where(CongressSession.state != SessionState.ENDED, Round.state.in_(list(_ROUND_TASKS)))
        .order_by(Round.id.desc())
        .limit(8)
    ).all()
    return [
        Task(_ROUND_TASKS[state], 1, f"{title}（演练）" if rehearsal else title, id_)
        for id_, title, state, rehearsal, opened_at, started_at in rounds
        if not is_over(rehearsal, state, opened_at, started_at=started_at)
    ]


def _of_matters() -> list[Task]:
    found = matters.to_do()
    tasks = [
        Task("suggestions_waiting", found.waiting, id=found.waiting_year),
        Task("matters_reported", found.reported, id=found.reported_year),
    ]
    return [task for task in tasks if task.count]


def _of_gates(body: Body, by: Actor, year: int) -> list[Task]:
    way = bodies.gates(body)
    standing = reviews.count_by_gate((year, year - 1), way)
    roles = {role.value for role in by.roles}
    return [Task("gate", standing[g.key], g.name) for g in way if g.role in roles and standing.get(g.key)]


def _of_office(year: int) -> list[Task]:
    found = []
    if not db.session.scalar(select(func.count()).select_from(Deputy)):
        found.append(Task("no_roster"))
    waiting = (ProjectState.APPROVED, ProjectState.LISTED)
    counts = select(Project.state, func.count()).where(Project.state.in_(waiting)).group_by(Project.state)
    standing = dict(db.session.execute(counts).all())
    if approved := standing.get(ProjectState.APPROVED):
        found.append(Task("to_list", approved))
    listed = standing.get(ProjectState.LISTED)
    if listed and not db.session.scalar(
        select(func.count()).select_from(CongressSession).where(CongressSession.state != SessionState.ENDED)
    ):
        found.append(Task("no_session", listed))
    return found


def _of_drafts(by: Actor, year: int) -> list[Task]:
    conditions = [Project.state == ProjectState.DRAFT, Project.year >= year - 1]
    if Role.GOVERNMENT not in by.roles:
        conditions.append(Project.department_id == by.department_id)
    drafts = db.session.scalar(select(func.count()).select_from(Project).where(*conditions))
    return [Task("drafts", drafts)] if drafts else []

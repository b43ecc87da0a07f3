"""Read what waits for whom: the front page and the reminders show these tasks."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from votes.db import RowSearch, count, count_by, db
from votes.models import Body, CongressSession, Department, Deputy, Project, Round
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.permissions import may, visible_unit
from votes.rules.projects.projects import ProjectState, coming_year
from votes.rules.publication.reminders import key
from votes.rules.publication.tasks import KINDS, Task
from votes.rules.voting.rehearsal import is_over
from votes.services.delivery import adjustments, trackings
from votes.services.people import bodies
from votes.services.projects import reviews
from votes.services.suggestions import matters, transfers
from votes.services.supervision import citizen_ratings, overview, second_reports


class Reader(NamedTuple):
    """Whose tasks are read, in which body and on which day."""

    body: Body
    by: Actor
    day: date


def tasks(body: Body, *, by: Actor, day: date) -> list[Task]:
    """Return what waits for ``by`` in ``body`` on ``day``, the most pressing first within each section."""
    reader = Reader(body, by, day)
    rows = [
        task for kind, read in _SOURCES.items() if may(by, KINDS[kind].permission) for task in read(reader)
    ]
    return [task for task in rows if task.count and may(by, KINDS[task.kind].permission)]


def due(day: date, own: int | None = None) -> list[Task]:
    """Return all that is owed on ``day`` or soon, the earliest due day first; ``own``: by one unit."""
    rows = [
        *trackings.due(day, own=own),
        *transfers.due(day, own),
        *overview.due(day, own),
        *second_reports.due(day, own),
    ]
    return sorted((task for task in rows if key(task, day) is not None), key=lambda task: task.order)


class DueTask(NamedTuple):
    """A task as the list of reminders has it: with the unit that owes it, and the days past its due day."""

    task: Task
    unit: str
    days_over: int


SEARCH = RowSearch(
    filters={
        "kind": lambda row, kind: row.task.kind == kind,
        "unit": lambda row, id_: row.task.department_id == id_,
        "overdue": lambda row, _: row.days_over > 0,
    },
    sorts={"due": ("按应办日期", lambda row: row.task.order)},
)


def due_list(day: date, own: int | None = None) -> list[DueTask]:
    """Return the tasks of `due` for the list of reminders."""
    tasks = due(day, own)
    units = unit_names(tasks)
    return [DueTask(each, units.get(each.department_id or 0, ""), each.days_over(day)) for each in tasks]


def unit_names(tasks: Iterable[Task]) -> dict[int, str]:
    """Return the names of the units that owe ``tasks``, by id."""
    ids = {task.department_id for task in tasks if task.department_id}
    query = select(Department.id, Department.name).where(Department.id.in_(ids))
    return dict(db.session.execute(query).all())


#: The states in which a round waits for somebody.
_STATES = [state for state in RoundState if f"round_{state.value}" in KINDS]


def _rounds(reader: Reader) -> list[Task]:
    columns = Round.id, Round.title, Round.state, Round.rehearsal, Round.opened_at, CongressSession.started_at
    query = (
        select(*columns)
        .join(CongressSession, CongressSession.id == Round.session_id)
        .where(CongressSession.state != SessionState.ENDED, Round.state.in_(_STATES))
    )
    return [
        Task(f"round_{row.state.value}", row.id, f"{row.title}（演练）" if row.rehearsal else row.title)
        for row in db.session.execute(query.order_by(Round.id.desc()).limit(8))
        if not is_over(row.rehearsal, row.state, row.opened_at, started_at=row.started_at)
    ]


def _matters(reader: Reader) -> list[Task]:
    waiting = matters.to_do()
    return [
        Task("suggestions_waiting", waiting.waiting_year, count=waiting.waiting),
        Task("matters_reported", waiting.reported_year, count=waiting.reported),
    ]


def _gates(reader: Reader) -> list[Task]:
    year, gates = coming_year(reader.day), bodies.gates(reader.body)
    roles = {role.value for role in reader.by.roles}
    waiting = reviews.count_by_gate((year, year - 1), gates)
    return [
        Task("gate", title=gate.name, count=waiting.get(gate.key, 0)) for gate in gates if gate.role in roles
    ]


def _lists(reader: Reader) -> list[Task]:
    projects_in = count_by(Project.state, Project.state.in_((ProjectState.APPROVED, ProjectState.LISTED)))
    sessions = count(CongressSession.id, CongressSession.state != SessionState.ENDED)
    return [
        Task("no_roster", count=int(not count(Deputy.id))),
        Task("to_list", count=projects_in.get(ProjectState.APPROVED, 0)),
        Task("no_session", count=0 if sessions else projects_in.get(ProjectState.LISTED, 0)),
    ]


def _drafts(reader: Reader) -> list[Task]:
    drafts = Project.state == ProjectState.DRAFT, Project.year >= coming_year(reader.day) - 1
    own = () if Role.GOVERNMENT in reader.by.roles else (Project.department_id == reader.by.department_id,)
    return [Task("drafts", count=count(Project.id, *drafts, *own))]


def _adjustments(reader: Reader) -> list[Task]:
    undecided, unannounced = adjustments.waiting()
    return [
        Task("adjustment_undecided", count=undecided),
        Task("adjustment_unannounced", count=unannounced),
    ]


def _rereports(reader: Reader) -> list[Task]:
    to_demand = sum(len(each.trackings) for each in second_reports.proposals())
    return [
        Task("rereport_to_demand", count=to_demand),
        Task("rereport_submitted", count=second_reports.submitted()),
    ]


def _citizens(reader: Reader) -> list[Task]:
    return [Task("citizen_comments", count=citizen_ratings.waiting())]


def _due(reader: Reader) -> list[Task]:
    return due(reader.day, visible_unit(reader.by))


#: What reads the tasks, in the order of the front page, by the first kind that it reads: who has no permission for
#: that kind has none for the others, and nothing is read.
_SOURCES: dict[str, Callable[[Reader], list[Task]]] = {
    "round_draft": _rounds,
    "suggestions_waiting": _matters,
    "gate": _gates,
    "no_roster": _lists,
    "drafts": _drafts,
    "adjustment_undecided": _adjustments,
    "rereport_to_demand": _rereports,
    "citizen_comments": _citizens,
    "report": _due,
}

"""处理结果: deciding the outcome of a matter, the answer to its authors, reopening it, taking it out of the 储备库."""

from datetime import datetime

from sqlalchemy import select

from votes.clock import local
from votes.db import db, flush_or
from votes.models import Matter, MatterDecision, Project
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions import matters as rules
from votes.services import audit
from votes.services.projects import projects
from votes.services.suggestions.matters import lock, next_number, number_taken

#: The states of a project in which its matter is not reopened: the project is on the list of the vote, or selected.
_BINDING = (ProjectState.LISTED, ProjectState.SELECTED)


def linkable(matter: Matter) -> list[Project]:
    """Return the projects to which a matter may be linked: those of its year that are not withdrawn."""
    query = select(Project).where(Project.year == matter.year, Project.state != ProjectState.WITHDRAWN)
    return list(db.session.scalars(query.order_by(Project.category, Project.name)))


def decide(
    matter: Matter,
    outcome: rules.Outcome,
    *,
    reason: str = "",
    answer: str = "",
    project_id: int | None = None,
    name: str = "",
    by: Actor,
    now: datetime,
) -> Matter:
    """Decide the outcome of a matter.

    Args:
        matter: is locked first.
        outcome: a candidate is linked to ``project_id``, or becomes a new project called ``name``.
        reason: published with the outcome.
        answer: one text that every author reads by code; `reply` may give it later.
        project_id: of a project of the matter's year.
        name: of the new project; the title of the matter where it is empty.
        by: who decides.
        now: the moment of the decision.

    Raises:
        RuleBroken: at the field of a missing reason or project or a name in use; for a matter that is with a unit
            or decided.
    """
    lock(matter)
    texts = {"reason": rules.tidy(reason), "answer": rules.tidy(answer)}
    rules.check_outcome(outcome, **texts)
    state = step(rules.MATTER, matter.state, "decide")
    project = None
    if outcome == rules.Outcome.CANDIDATE:
        project = _project(matter, project_id) if project_id else _new_project(matter, name, by=by, now=now)
    day = local(now).date()
    values = {"outcome": outcome, "decided_on": day, "project_id": project.id if project else None, **texts}
    audit.put(matter, values)
    matter.state, matter.project, matter.answered_on = state, project, day if texts["answer"] else None
    matter.decisions.append(MatterDecision(year=matter.year, decided_by=by.name, **values))
    after = {"outcome": outcome, "reason": texts["reason"]} | ({"project": project.name} if project else {})
    audit.record("matter.decide", by=by, at=now, about=matter, after=after)
    db.session.flush()
    return matter


def _project(matter: Matter, project_id: int) -> Project:
    project = projects.get(project_id)
    if project is None or project.year != matter.year or project.state == ProjectState.WITHDRAWN:
        raise invalid("project_id", f"请选择{matter.year}年的一个候选项目。")
    return project


def _new_project(matter: Matter, name: str, *, by: Actor, now: datetime) -> Project:
    """Create a candidate project that takes over the text of the matter, and the unit that answered last."""
    answered = [each for each in matter.transfers if each.state == rules.TransferState.ANSWERED]
    count = len(matter.suggestions)
    values = {
        "year": matter.year,
        "name": " ".join(name.split()) or matter.title,
        "category": matter.category or "其他",
        "content": matter.summary,
        "location": matter.village.full_name if matter.village else "",
        "background": f"由{matter.year}年建议事项第 {matter.number} 号转来，共征集到 {count} 条相关建议。",
        "department_id": answered[-1].department_id if answered else None,
    }
    return projects.create(values, by=by, now=now, note=f"由建议事项第 {matter.number} 号转来")


def reply(matter: Matter, answer: str, *, by: Actor, now: datetime) -> None:
    """Give the answer to the authors, or replace it. Raise RuleBroken before the outcome is decided."""
    lock(matter)
    if matter.state != rules.MatterState.DECIDED:
        raise RuleBroken("请先确定处理结果，再答复建议人。", code="undecided")
    answer = rules.required("answer", rules.tidy(answer), "请填写答复。")
    rules.check_length("answer", "答复", answer)
    matter.answer = matter.decisions[-1].answer = answer
    matter.answered_on = local(now).date()
    audit.record("matter.answer", by=by, at=now, about=matter, after={"answer": answer})
    db.session.flush()


def is_reopenable(matter: Matter) -> bool:
    """Return whether a decided matter may be reopened, as far as its project is concerned."""
    return matter.project is None or matter.project.state not in _BINDING


def reopen(matter: Matter, *, by: Actor, now: datetime) -> None:
    """Reopen a decided matter in its own year; its decisions stay on record.

    Raises:
        RuleBroken: while its project is on the list of the vote or selected.
    """
    lock(matter)
    state = step(rules.MATTER, matter.state, "reopen")
    if matter.project is not None and not is_reopenable(matter):
        words = f"对应的项目“{matter.project.name}”已列入票决名单或已选定，不能重新办理。没有改动。"
        raise RuleBroken(words, code="project")
    audit.record("matter.reopen", by=by, at=now, about=matter, before={"outcome": matter.outcome})
    _undecide(matter, state)


def take_up(matter: Matter, year: int, *, by: Actor, now: datetime) -> None:
    """Take a matter out of the 储备库 for ``year``, with a number of that year; its suggestions and decisions stay."""
    lock(matter)
    if matter.outcome != rules.Outcome.RESERVE:
        raise RuleBroken("这个事项不在储备库中。没有改动，请刷新后再看。", code="not_in_reserve")
    if year < matter.year:
        raise invalid("year", f"事项已列在{matter.year}年，不能转到更早的年度。")
    state = step(rules.MATTER, matter.state, "reopen")
    number = matter.number if year == matter.year else next_number(year)
    audit.assign(matter, "matter.take_up", by=by, at=now, year=year, number=number)
    _undecide(matter, state)


def _undecide(matter: Matter, state: rules.MatterState) -> None:
    matter.state, matter.reason, matter.answer = state, "", ""
    matter.outcome = matter.decided_on = matter.answered_on = matter.project = None
    for suggestion in matter.suggestions:
        suggestion.satisfaction = None  # it concerned the answer that no longer holds; the audit log keeps it
    flush_or(number_taken(), constraint="uq_matters_number")

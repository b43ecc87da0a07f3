"""处理结果: what becomes of a matter, the answer to its authors, and the 储备库 out of which it is taken up again."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.clock import local
from votes.db import db, flush_or
from votes.models import Matter, MatterDecision, Project
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.matters import MATTER, MAX_TEXT, MatterState, Outcome, TransferState
from votes.services import audit
from votes.services.projects import projects
from votes.services.suggestions.matters import lock, next_number, number_taken, tidy


def linkable(matter: Matter) -> list[Project]:
    """The projects of the matter's year that it may be linked to."""
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.year == matter.year, Project.state != ProjectState.WITHDRAWN)
            .order_by(Project.category, Project.name)
        )
    )


def prefilled(matter: Matter) -> dict[str, Any]:
    """What a candidate project takes over from a matter, as `projects.create` takes it."""
    answered = [each for each in matter.transfers if each.state == TransferState.ANSWERED]
    count = len(matter.suggestions)
    return {
        "year": matter.year,
        "name": matter.title,
        "category": matter.category if matter.category in CATEGORIES else "其他",
        "content": matter.summary,
        "location": matter.village.full_name if matter.village else "",
        "background": f"由{matter.year}年建议事项第 {matter.number} 号转来，共征集到 {count} 条相关建议。",
        "department_id": answered[-1].department_id if answered else None,
    }


def decide(
    matter: Matter,
    outcome: Outcome,
    *,
    reason: str = "",
    answer: str = "",
    project_id: int | None = None,
    name: str = "",
    by: Actor,
    now: datetime,
) -> Matter:
    """What becomes of a matter; a candidate is linked to ``project_id`` or entered anew under ``name``.

    ``answer`` is one text that every author reads by code; it may come later (`reply`). Raises RuleBroken at the field
    for a missing reason or project, a name that is taken, and for a matter that is with a unit or decided already.
    """
    lock(matter)
    reason, answer = tidy(reason), tidy(answer)
    rules.check_outcome(outcome, reason=reason, answer=answer)
    state = step(MATTER, matter.state, "decide")
    project = None
    if outcome == Outcome.CANDIDATE:
        project = _linked(matter, project_id) if project_id else _entered(matter, name, by=by, now=now)
    day = local(now).date()
    matter.state, matter.outcome, matter.decided_on = state, outcome, day
    matter.reason, matter.project = reason, project
    matter.answer, matter.answered_on = answer, day if answer else None
    matter.decisions.append(
        MatterDecision(
            body_id=matter.body_id,
            year=matter.year,
            outcome=outcome,
            reason=matter.reason,
            answer=matter.answer,
            decided_on=day,
            decided_by=by.name,
            project_id=project.id if project else None,
        )
    )
    audit.record(
        "matter.decide",
        by=by,
        at=now,
        about=matter,
        after={"outcome": outcome, "reason": matter.reason, **({"project": project.name} if project else {})},
    )
    db.session.flush()
    return matter


def _linked(matter: Matter, project_id: int) -> Project:
    project = projects.get(project_id)
    if project is None or project.year != matter.year or project.state == ProjectState.WITHDRAWN:
        raise RuleBroken(f"请选择{matter.year}年的一个候选项目。", field="project_id", status=422)
    return project


def _entered(matter: Matter, name: str, *, by: Actor, now: datetime) -> Project:
    given = prefilled(matter)
    given["name"] = name.strip() or given["name"]
    return projects.create(given, by=by, now=now, note=f"由建议事项第 {matter.number} 号转来")


def reply(matter: Matter, answer: str, *, by: Actor, now: datetime) -> None:
    """The answer to the authors, or a better one. Raises RuleBroken before the outcome is decided."""
    lock(matter)
    if matter.state != MatterState.DECIDED:
        raise RuleBroken("请先确定处理结果，再答复建议人。", code="undecided")
    answer = tidy(answer)
    if not answer:
        raise RuleBroken("请填写答复。", field="answer", status=422)
    if len(answer) > MAX_TEXT:
        raise RuleBroken(f"答复最多 {MAX_TEXT} 个字，现有 {len(answer)} 个。", field="answer", status=422)
    matter.answer, matter.answered_on = answer, local(now).date()
    matter.decisions[-1].answer = matter.answer
    audit.record("matter.answer", by=by, at=now, about=matter, after={"answer": matter.answer})
    db.session.flush()


#: A project in these states holds its matter: it is on its way to the vote, or beyond it.
_HOLDING = (ProjectState.LISTED, ProjectState.SELECTED)


def reopen(matter: Matter, *, by: Actor, now: datetime) -> None:
    """Take a decided matter up again in its own year. What was decided stays on record.

    Raises RuleBroken while its project is on the list of the vote, or selected.
    """
    lock(matter)
    state = step(MATTER, matter.state, "reopen")
    project = matter.project
    if project is not None and project.state in _HOLDING:
        raise RuleBroken(
            f"对应的项目“{project.name}”已列入票决名单或已选定，不能重新办理。没有改动。", code="project"
        )
    audit.record("matter.reopen", by=by, at=now, about=matter, before={"outcome": matter.outcome})
    _undecide(matter, state)


def take_up(matter: Matter, year: int, *, by: Actor, now: datetime) -> None:
    """Out of the 储备库 for ``year``: it gets a number of that year; its originals and decisions stay."""
    lock(matter)
    if matter.outcome != Outcome.RESERVE:
        raise RuleBroken("这个事项不在储备库中。没有改动，请刷新后再看。", code="not_in_reserve")
    if year < matter.year:
        raise RuleBroken(f"事项已列在{matter.year}年，不能转到更早的年度。", field="year", status=422)
    state = step(MATTER, matter.state, "reopen")
    before = {"year": matter.year, "number": matter.number}
    if year != matter.year:
        matter.number = next_number(year)
        matter.year = year
    audit.record(
        "matter.take_up", by=by, at=now, about=matter, before=before,
        after={"year": matter.year, "number": matter.number},
    )  # fmt: skip
    _undecide(matter, state)


def _undecide(matter: Matter, state: MatterState) -> None:
    matter.state, matter.outcome, matter.decided_on = state, None, None
    matter.reason, matter.answer, matter.answered_on = "", "", None
    matter.project = None
    for suggestion in matter.suggestions:
        suggestion.satisfaction = None  # it was with the answer that no longer stands; the log keeps it
    flush_or(number_taken(), constraint="uq_matters_number")

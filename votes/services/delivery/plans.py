"""Changes of a tracking: start, plan, end, adjustment by decision. Reads are in `trackings`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from votes.clock import local
from votes.db import db, flush_or
from votes.models import Milestone, Project, SubProject, Tracking
from votes.rules.delivery.periods import NOUNS, PERIODS
from votes.rules.delivery.trackings import TRACKING, TrackingState, check_end, check_plan, check_running
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.delivery.trackings import voted_due
from votes.services.people import departments
from votes.services.projects import projects


def start(
    project: Project,
    *,
    round_id: int | None,
    by: Actor,
    now: datetime,
    starts_on: date | None = None,
) -> Tracking:
    """Track a selected project, with the unit, leader and due date of the project.

    It begins on ``starts_on`` (default: the day of ``now``) and is due as decided, else at the end of its year.
    Raises RuleBroken for a project that was not selected or is tracked already.
    """
    if project.state != ProjectState.SELECTED:
        raise RuleBroken(f"“{project.name}”尚未经票决选定，不能进入进度跟踪。")
    due = voted_due(project)
    tracking = Tracking(
        body_id=project.body_id,
        project_id=project.id,
        round_id=round_id,
        department_id=project.department_id,
        leader=project.leader,
        starts_on=min(starts_on or local(now).date(), due),
        due_on=due,
    )
    db.session.add(tracking)
    flush_or(RuleBroken(f"“{project.name}”已在进度跟踪中。"), constraint="uq_trackings_project_id")
    facts = audit.facts(tracking, "starts_on", "due_on", "department_id")
    audit.record("tracking.start", by=by, at=now, about=tracking, after=facts)
    return tracking


class PlannedStep(NamedTuple):
    """One row of the plan as typed; ``id`` of the milestone that it changes, None for a new one."""

    id: int | None
    name: str
    planned_on: date
    planned_percent: int
    actual_on: date | None = None
    note: str = ""


def plan(
    tracking: Tracking,
    *,
    starts_on: date,
    steps: Sequence[PlannedStep],
    by: Actor,
    now: datetime,
    due_on: date | None = None,
    department_id: int | None = None,
    leader: str | None = None,
    period: str | None = None,
    weights: Mapping[int, int] | None = None,
) -> None:
    """Set the plan of a project.

    Dates, milestones, how often the project reports, and the weights of its parts.

    ``steps``: all milestones; those not among them are deleted. ``period``: month | quarter. ``weights``: id of the
    子项目 → 1 to 100. The government office alone changes due date, unit, leader, period and weights (None: as they
    are). A later due date needs a decision (`adjust`; 陕西 2025 规定 art. 18).

    Raises:
        RuleBroken: the plan is impossible, a milestone was reached in the future, or somebody of a unit changes what
            is the government office's.
    """
    check_running(tracking.state)
    columns: dict[str, Any] = {
        "due_on": due_on or tracking.due_on,
        "department_id": department_id or tracking.department_id,
        "leader": tracking.leader if leader is None else leader.strip(),
        "period": period or tracking.period,
    }
    weighed = _weights(tracking, weights or {})
    _check_columns(tracking, columns, weighed, by)
    check_plan(_points(steps), starts_on, columns["due_on"])
    _check_steps(tracking, steps, local(now).date())
    before = _plan_text(tracking)
    audit.put(tracking, {**columns, "starts_on": starts_on})
    for part, weight in weighed:
        part.weight = weight
    _set_milestones(tracking, steps)
    db.session.flush()
    db.session.expire(tracking, ["milestones", "department"])
    audit.record_change("tracking.plan", tracking, before, _plan_text(tracking), by=by, at=now)


def _check_columns(
    tracking: Tracking, columns: Mapping[str, Any], weighed: Sequence[tuple[SubProject, int]], by: Actor
) -> None:
    """Refuse impossible values, and changes by a unit that only the government office may make."""
    changed = columns != audit.facts(tracking, *columns) or any(part.weight != w for part, w in weighed)
    if changed and Role.GOVERNMENT not in by.roles:
        raise RuleBroken(
            "完成时限、责任单位、分管领导、报送周期和子项目权重由政府办调整，没有作任何改动。请联系政府办。",
            status=403,
        )
    if columns["period"] not in PERIODS:
        raise invalid("period", "请选择每月或每季报送。")
    if columns["due_on"] > max(tracking.due_on, voted_due(tracking.project)):
        raise invalid(
            "due_on",
            "完成时限只能提前。确需延后的，请按调整程序办理，经有权机关决定后自动改动。没有保存。",
            code="later_due",
        )
    unit = columns["department_id"]
    if unit != tracking.department_id and departments.get(unit) is None:
        raise invalid("department_id", "所选责任单位不属于这一级人大。")


def _points(steps: Iterable[PlannedStep | Milestone]) -> list[tuple[str, date, int]]:
    return [(each.name, each.planned_on, each.planned_percent) for each in steps]


def _check_steps(tracking: Tracking, steps: Sequence[PlannedStep], today: date) -> None:
    """Refuse a milestone that was reached in the future or (code "stale") exists no more."""
    for each in steps:
        if each.actual_on and each.actual_on > today:
            raise invalid("milestones", f"节点“{each.name}”的实际完成日期还没有到，请核对。")
    if {s.id for s in steps if s.id} - {m.id for m in tracking.milestones}:
        words = "页面上的节点已被别人删除，没有作任何改动。请刷新页面后重新填写。"
        raise RuleBroken(words, field="milestones", code="stale")


def _set_milestones(tracking: Tracking, steps: Sequence[PlannedStep]) -> None:
    """Change, add and delete milestones so that they are those of ``steps``."""
    known = {m.id: m for m in tracking.milestones}
    for milestone_id in set(known) - {s.id for s in steps}:
        db.session.delete(known[milestone_id])
    for each in steps:
        values = each._asdict()
        milestone = known.get(values.pop("id") or 0)
        if milestone is None:
            db.session.add(Milestone(body_id=tracking.body_id, tracking_id=tracking.id, **values))
        else:
            audit.put(milestone, values)


def _weights(tracking: Tracking, weights: Mapping[int, int]) -> list[tuple[SubProject, int]]:
    parts = {part.id: part for part in tracking.project.subprojects}
    if set(weights) - set(parts):
        raise RuleBroken("子项目已有变动，没有作任何改动。请刷新页面后重新填写。", code="stale")
    for weight in weights.values():
        if not 1 <= weight <= 100:
            raise invalid("weights", "子项目权重应为 1 至 100 的整数。")
    return [(parts[id_], weight) for id_, weight in weights.items()]


def _plan_text(tracking: Tracking) -> dict[str, Any]:
    return {
        **audit.facts(tracking, "period", "starts_on", "due_on", "department_id", "leader"),
        "weights": [f"{part.name} {part.weight}" for part in tracking.project.subprojects],
        "milestones": [
            audit.facts(each, "name", "planned_on", "planned_percent", "actual_on", "note")
            for each in tracking.milestones
        ],
    }


def finish(tracking: Tracking, action: str, *, by: Actor, now: datetime, on: date | None = None) -> None:
    """Record how and when the project ended, or resume it.

    The act is "complete", "basically", "fail" or "resume".

    Raises RuleBroken as `check_end` does, and for what only an adjustment may do.
    """
    _lock(tracking)
    if action in ("suspend", "terminate") or tracking.state == TrackingState.SUSPENDED:
        raise RuleBroken("暂缓、终止和恢复须按调整程序办理，请从“调整”提出申请。没有作任何改动。")
    to = step(TRACKING, tracking.state, action)
    before = audit.facts(tracking, "state", "finished_on")
    if to != TrackingState.RUNNING:
        check_end(
            tracking.state,
            to,
            on=on,
            today=local(now).date(),
            percent=tracking.reports[-1].percent if tracking.reports else 0,
            noun=NOUNS[tracking.period],
            **audit.facts(tracking, "starts_on", "due_on"),
        )
    tracking.state, tracking.finished_on = to, None if to == TrackingState.RUNNING else on
    action, after = "finish" if tracking.finished_on else "reopen", audit.facts(tracking, *before)
    audit.record(f"tracking.{action}", by=by, at=now, about=tracking, before=before, after=after)
    db.session.flush()


def adjust(
    tracking: Tracking,
    action: str | None,
    changes: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    on: date | None = None,
) -> None:
    """Carry out an adjustment decided ``on`` a day (default: that of ``now``).

    ``action``: "suspend" | "terminate" | "resume", None: the state stays. ``changes``: by names of
    `adjustments.FIELDS`, ``due_on`` of the tracking, the others of the project's text. The earlier version of the text stays readable.

    Raises:
        RuleBroken: the state does not allow it, the text cannot be saved, or the time limit lies before the start or
            before a milestone of the plan.
    """
    _lock(tracking)
    if action is None:
        check_running(tracking.state)
        to = tracking.state
    else:
        if action == "resume" and tracking.state != TrackingState.SUSPENDED:
            raise RuleBroken("只有暂缓实施的项目可以恢复，没有作任何改动。", code="not_suspended")
        to = step(TRACKING, tracking.state, action)
    due = changes.get("due_on") or tracking.due_on
    if due != tracking.due_on:
        try:
            check_plan(_points(tracking.milestones), tracking.starts_on, due)
        except RuleBroken as broken:
            raise invalid("due_on", f"{broken.message}请先由责任单位调整节点计划。") from broken
    before = audit.facts(tracking, "state", "due_on")
    text = {key: value for key, value in changes.items() if key != "due_on"}
    changed = projects.adjust(
        tracking.project, text, due_on=(tracking.due_on, due), by=by, now=now, note="按决定调整"
    )
    tracking.due_on, tracking.state = due, to
    if action is not None:
        tracking.finished_on = None if to == TrackingState.RUNNING else on or local(now).date()
    db.session.flush()
    old, new = audit.changes(before, audit.facts(tracking, *before))
    words = [each for each in changed if each.label != "完成时限"]  # the audit line has its date
    old |= {each.label: each.before for each in words}
    new |= {each.label: each.after for each in words}
    audit.record("tracking.adjust", by=by, at=now, about=tracking, before=old, after=new)


def _lock(tracking: Tracking) -> None:
    """Lock the row and read it anew.

    Of two who act at once, the second sees what the first has done.
    """
    db.session.refresh(tracking, ["state", "due_on", "finished_on"], with_for_update=True)

"""The way of a candidate project: handed in, through the gates, onto the list of the year, and what the congress decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from votes.clock import local
from votes.db import db
from votes.models import Candidate, Project, ProjectVersion, Review, Round
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.projects import projects as rules
from votes.rules.projects.projects import PROJECT, Decision, ProjectState
from votes.services import audit
from votes.services.people import bodies
from votes.services.projects import projects

# --- the gates -------------------------------------------------------------------------------------------


def gates(project: Project) -> tuple[rules.Gate, ...]:
    """The review gates of the project's place."""
    body = bodies.get_body(project.body_id)
    assert body is not None
    return bodies.gates(body)


def standing_at(years: Sequence[int], way: Sequence[rules.Gate]) -> dict[str, int]:
    """How many projects of these years stand at each gate: its key → count."""
    counts = db.session.execute(
        select(Project.gates_passed, func.count(Project.id))
        .where(Project.year.in_(years), Project.state == ProjectState.REVIEWING)
        .group_by(Project.gates_passed)
    ).all()
    standing: dict[str, int] = {}
    for passed, count in counts:
        key = rules.next_gate(way, passed).key
        standing[key] = standing.get(key, 0) + count
    return standing


def changed_since_review(project: Project) -> ProjectVersion | None:
    """The version at the last gate passed, where the text was changed afterwards; None where it was not."""
    passed = [r for r in project.reviews if r.decision == Decision.PASS]
    if project.state not in (ProjectState.REVIEWING, ProjectState.APPROVED) or not project.gates_passed:
        return None
    at = passed[-1].recorded_at if passed else None
    kept = projects.versions(project) if at else []
    earlier = [v for v in kept if at and v.changed_at <= at]
    return earlier[-1] if earlier and earlier[-1] is not kept[-1] else None


def submit(project: Project, *, by: Actor, now: datetime) -> None:
    """Hand a draft in for review. Raises RuleBroken listing what is missing."""
    projects.lock(project)
    state = step(PROJECT, project.state, "submit")
    missing = projects.gaps(project)
    if missing:
        raise RuleBroken(
            f"还有 {len(missing)} 处需要补全，尚未提交：{'；'.join(gap.words for gap in missing)}。",
            code="incomplete",
            status=422,
        )
    _move(project, "submit", state, by=by, now=now)


def pass_gate(
    project: Project,
    *,
    gate: str,
    decided_on: date,
    by: Actor,
    now: datetime,
    document_number: str = "",
    opinion: str = "",
) -> None:
    """Record that the project passed ``gate`` (its key): the last one approves it.

    Raises RuleBroken for a gate that is not the next (already recorded, say), for one that is not ``by``'s to
    record, and for a date that cannot be.
    """
    projects.lock(project)
    way = gates(project)
    here = rules.next_gate(way, project.gates_passed)
    if project.state == ProjectState.REVIEWING and here.key != gate:
        raise RuleBroken(
            f"“{project.name}”现在应由{here.name}审议，您打开的页面已过时，没有作任何改动。请刷新后办理。",
            code="wrong_gate",
        )
    action = rules.gate_action(way, project.gates_passed)
    state = step(PROJECT, project.state, action)
    rules.check_recorder(project.state, way, project.gates_passed, _roles(by))
    _check_date(project, decided_on, now)
    _review(project, here, Decision.PASS, decided_on, document_number, opinion, by=by, now=now)
    project.gates_passed += 1
    _move(
        project,
        action,
        state,
        by=by,
        now=now,
        after={"gate": here.name, "decided_on": decided_on, "document_number": document_number},
    )


def pass_gates(
    projects: Iterable[Project],
    *,
    gate: str,
    decided_on: date,
    by: Actor,
    now: datetime,
    document_number: str = "",
    opinion: str = "",
) -> int:
    """Record one meeting's decision on several projects at once; all of them or none. Returns how many."""
    count = 0
    for project in projects:
        pass_gate(
            project,
            gate=gate,
            decided_on=decided_on,
            document_number=document_number,
            opinion=opinion,
            by=by,
            now=now,
        )
        count += 1
    if not count:
        raise RuleBroken("没有勾选任何项目。", code="nobody", field="projects", status=422)
    return count


def waiting(year: int, gate: str, way: Sequence[rules.Gate]) -> list[Project]:
    """The projects of a year that stand at ``gate`` (its key)."""
    return [
        project
        for project in projects.for_year(year)
        if project.state == ProjectState.REVIEWING and rules.next_gate(way, project.gates_passed).key == gate
    ]


def send_back(
    project: Project,
    *,
    decided_on: date,
    opinion: str,
    by: Actor,
    now: datetime,
    document_number: str = "",
) -> None:
    """Send a project back to draft with a reason; all gates are to be passed again.

    Whoever records the present gate may; after the last gate the congress office.
    """
    projects.lock(project)
    state = step(PROJECT, project.state, "return")
    way = gates(project)
    rules.check_recorder(project.state, way, project.gates_passed, _roles(by))
    if not opinion.strip():
        raise RuleBroken("请写明退回的原因，以便责任单位修改。", field="opinion", status=422)
    _check_date(project, decided_on, now)
    if project.state == ProjectState.REVIEWING:
        here = rules.next_gate(way, project.gates_passed)
    else:
        here = rules.Gate("list", "确认票决名单", "office")
    _review(project, here, Decision.RETURN, decided_on, document_number, opinion, by=by, now=now)
    project.gates_passed = 0
    _move(project, "return", state, by=by, now=now, after={"gate": here.name, "opinion": opinion.strip()})


def withdraw(project: Project, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Take a project out of the running before it is listed; it can be restored as a draft."""
    projects.lock(project)
    state = step(PROJECT, project.state, "withdraw")
    projects.check_editable(project, by)
    gate = rules.Gate("withdraw", "撤回", "government")
    _review(project, gate, Decision.WITHDRAW, local(now).date(), "", reason, by=by, now=now)
    project.gates_passed = 0
    _move(project, "withdraw", state, by=by, now=now, after={"reason": reason.strip()})


def restore(project: Project, *, by: Actor, now: datetime) -> None:
    """Bring a withdrawn project back as a draft."""
    projects.lock(project)
    _move(project, "restore", step(PROJECT, project.state, "restore"), by=by, now=now)


# --- the list --------------------------------------------------------------------------------------------


def in_use(project_ids: Iterable[int]) -> dict[int, str]:
    """Which of the projects stand on the list of a round that counts: project id → the round's title."""
    rows = db.session.execute(
        select(Candidate.project_id, Round.title)
        .join(Round, Round.id == Candidate.round_id)
        .where(
            Candidate.project_id.in_(list(project_ids)),
            Round.state.not_in([RoundState.CANCELLED, RoundState.VOID]),
            Round.rehearsal.is_(False),
        )
        .order_by(Round.id)
    ).all()
    return {row.project_id: row.title for row in rows}


def listable(year: int) -> list[Project]:
    """The projects among which the list is chosen: approved ones, and those on the list already (they first)."""
    return [p for p in projects.for_year(year) if p.state in (ProjectState.APPROVED, ProjectState.LISTED)]


def confirm_list(
    year: int,
    numbers: Mapping[int, int | None],
    *,
    decided_on: date,
    by: Actor,
    now: datetime,
    document_number: str = "",
    opinion: str = "",
) -> list[Project]:
    """主席团确认票决名单: exactly the projects in ``numbers`` (id → number 1 … M) are the list of the year.

    Approved ones are put on it, listed ones that are not named are taken off. Returns the list in its order.
    Raises RuleBroken for numbers that are not 1 … M, a project that is not approved, a date that cannot be, and
    once a round has taken over the list.
    """
    there = {project.id: project for project in listable(year)}
    if used := in_use(there):
        raise RuleBroken(
            f"名单已用于“{next(iter(used.values()))}”，不能再改。没有作任何改动；如确需更改，请先取消该轮票决。",
            code="list_in_use",
        )
    order = rules.check_numbers(numbers)
    for project_id in order:
        if project_id not in there:
            raise RuleBroken(
                "所选项目中有的已不在可列入之列，页面可能已过时，没有作任何改动。请刷新后重新确认。",
                code="not_listable",
            )
    for project in there.values():
        projects.lock(project)
    rules.check_decision_date(decided_on, previous=None, today=local(now).date())
    for project in there.values():
        if project.state == ProjectState.LISTED and project.id not in numbers:
            _take_off(project, decided_on, "确认名单时移出", by=by, now=now)
    gate = rules.Gate("list", "主席团确认票决名单", "office")
    for number, project_id in enumerate(order, start=1):
        project = there[project_id]
        before = project.number
        if project.state != ProjectState.LISTED:
            state = step(PROJECT, project.state, "list")
            _check_date(project, decided_on, now)
            _review(project, gate, Decision.LIST, decided_on, document_number, opinion, by=by, now=now)
            project.number = number
            _move(project, "list", state, by=by, now=now, after={"number": number, "decided_on": decided_on})
        elif before != number:
            project.number = number
            audit.record(
                "project.number",
                by=by,
                at=now,
                about=project,
                before={"number": before},
                after={"number": number},
            )
    db.session.flush()
    return [there[project_id] for project_id in order]


def unlist(project: Project, *, by: Actor, now: datetime, reason: str) -> None:
    """Take a project off the list; those behind it move up. Raises RuleBroken once a round uses the list."""
    projects.lock(project)
    step(PROJECT, project.state, "unlist")
    rest = [p for p in projects.listed(project.year) if p.id != project.id]
    if used := in_use([project.id, *(p.id for p in rest)]):
        raise RuleBroken(
            f"名单已用于“{next(iter(used.values()))}”，不能移出。没有作任何改动；如确需更改，请先取消该轮票决。",
            code="list_in_use",
        )
    if not reason.strip():
        raise RuleBroken("请写明移出名单的原因。", field="reason", status=422)
    _take_off(project, local(now).date(), reason, by=by, now=now)
    for number, other in enumerate(rest, start=1):
        other.number = number
    db.session.flush()


def _take_off(project: Project, on: date, reason: str, *, by: Actor, now: datetime) -> None:
    gate = rules.Gate("list", "主席团确认票决名单", "office")
    _review(project, gate, Decision.UNLIST, on, "", reason, by=by, now=now)
    number, project.number = project.number, None
    state = step(PROJECT, project.state, "unlist")
    _move(project, "unlist", state, by=by, now=now, before={"number": number}, after={"reason": reason})


def mark_selected(
    project_ids: Iterable[int], not_selected_ids: Iterable[int], *, by: Actor, now: datetime
) -> list[Project]:
    """What the congress decided: these are selected (returned, in list order), those are not."""
    chosen, rest = list(project_ids), list(not_selected_ids)
    rows = db.session.scalars(
        select(Project).where(Project.id.in_([*chosen, *rest])).order_by(Project.number)
    )
    found = {project.id: project for project in rows}
    for ids, action in ((chosen, "select"), (rest, "not_select")):
        for project_id in ids:
            project = found[project_id]
            _move(project, action, step(PROJECT, project.state, action), by=by, now=now)
    return [project for project in found.values() if project.id in chosen]


# --- for both --------------------------------------------------------------------------------------------


def _roles(by: Actor) -> set[str]:
    return {role.value for role in by.roles}


def _check_date(project: Project, decided_on: date, now: datetime) -> None:
    """Not after today, and not before the last gate of this pass through the gates."""
    ended = (Decision.RETURN, Decision.WITHDRAW)
    last = project.reviews[-1] if project.reviews else None
    previous = last.decided_on if last and last.decision not in ended and project.gates_passed else None
    rules.check_decision_date(decided_on, previous=previous, today=local(now).date())


def _review(
    project: Project,
    gate: rules.Gate,
    decision: Decision,
    decided_on: date,
    document_number: str,
    opinion: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    if len(document_number) > 60:
        raise RuleBroken("文号最多 60 个字。", field="document_number", status=422)
    if len(opinion) > 2000:
        raise RuleBroken("意见最多 2000 个字。", field="opinion", status=422)
    project.reviews.append(
        Review(
            body_id=project.body_id,
            gate=gate.key,
            gate_name=gate.name,
            decision=decision,
            decided_on=decided_on,
            document_number=document_number.strip(),
            opinion=opinion.strip(),
            recorded_by=by.name,
            recorded_at=now,
        )
    )


def _move(
    project: Project,
    action: str,
    state: ProjectState,
    *,
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        f"project.{action}",
        by=by,
        at=now,
        about=project,
        before={"state": project.state, **(before or {})},
        after={"state": state, **{k: v for k, v in (after or {}).items() if v}},
    )
    project.state = state
    db.session.flush()

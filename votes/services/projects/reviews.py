"""The life of a candidate project: submission, review gates, the list of the year, the decision of the congress."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from votes.clock import local
from votes.db import count_by, db
from votes.models import Candidate, Project, ProjectVersion, Review, Round
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.projects import projects as rules
from votes.rules.projects.fields import Gap
from votes.rules.projects.projects import PROJECT, Decision, Minutes, ProjectState
from votes.services import audit
from votes.services.people import bodies
from votes.services.projects import projects, versions

#: The confirmation of the list is recorded like a review.
_LIST = rules.Gate("list", "主席团确认票决名单", "office")
#: Where a project stands that has passed all gates and is not on the list.
_AFTER_GATES = rules.Gate("list", "确认票决名单", "office")
_WITHDRAWAL = rules.Gate("withdraw", "撤回", "government")

# --- the gates -------------------------------------------------------------------------------------------


def gates(project: Project) -> tuple[rules.Gate, ...]:
    """Return the review gates of the project's place."""
    return bodies.gates(bodies.of(project))


def count_by_gate(years: Sequence[int], way: Sequence[rules.Gate]) -> dict[str, int]:
    """Return how many projects of these years stand at each gate: its key → count."""
    reviewing = Project.state == ProjectState.REVIEWING
    by_gate: Counter[str] = Counter()
    for passed, count in count_by(Project.gates_passed, Project.year.in_(years), reviewing).items():
        by_gate[rules.next_gate(way, passed).key] += count
    return by_gate


def changed_since_review(project: Project) -> ProjectVersion | None:
    """Return the version that passed the last gate, if the text was changed since; None otherwise."""
    passed = [review for review in project.reviews if review.decision == Decision.PASS]
    in_review = project.state in (ProjectState.REVIEWING, ProjectState.APPROVED) and project.gates_passed
    if not in_review or not passed:
        return None
    texts = versions.versions(project)
    earlier = [version for version in texts if version.changed_at <= passed[-1].recorded_at]
    return earlier[-1] if earlier and earlier[-1] is not texts[-1] else None


@dataclass(frozen=True)
class ReviewStatus:
    """Where a project stands in its review, and what a user may do there.

    gate           its next gate (the last one, when all are passed)
    steps          its life, for the line at the head of the page
    who, what      who acts next, and what they have to do
    gaps           what keeps a draft from being submitted
    recorder       the role (its value) that records the next decision
    records        whether the user has that role
    changed_since  the version that passed the last gate, if the text was changed since
    """

    gate: rules.Gate
    steps: list[rules.LifeStep]
    who: str
    what: str
    gaps: list[Gap]
    recorder: str
    records: bool
    changed_since: ProjectVersion | None


def status(project: Project, by: Actor) -> ReviewStatus:
    """Return where the project stands in its review."""
    way, state, passed = gates(project), project.state, project.gates_passed
    missing = projects.gaps(project) if state == ProjectState.DRAFT else []
    recorder = rules.recorder(state, way, passed)
    return ReviewStatus(
        rules.next_gate(way, passed),
        rules.steps(state, way, passed),
        *rules.next_step(state, way, passed, len(missing)),
        missing,
        recorder,
        recorder in _roles(by),
        changed_since_review(project),
    )


def submit(project: Project, *, by: Actor, now: datetime) -> None:
    """Submit a draft for review. Raises RuleBroken (code "incomplete") that lists what is missing."""
    _begin(project, "submit")
    missing = projects.gaps(project)
    if missing:
        words = f"还有 {len(missing)} 处需要补全，尚未提交：{'；'.join(gap.words for gap in missing)}。"
        raise RuleBroken(words, code="incomplete", status=422)
    _move(project, "submit", by=by, now=now)


def pass_gate(project: Project, minutes: Minutes, *, gate: str, by: Actor, now: datetime) -> None:
    """Record that the project passed ``gate`` (its key). Passing the last gate approves the project.

    Raises:
        RuleBroken: the gate is not the next one (its decision may be recorded already), ``by`` does not record it, or
            the date is impossible.
    """
    projects.lock(project)
    way = gates(project)
    here = rules.next_gate(way, project.gates_passed)
    if project.state == ProjectState.REVIEWING and here.key != gate:
        words = f"“{project.name}”现在应由{here.name}审议，您打开的页面已过时，没有作任何改动。请刷新后办理。"
        raise RuleBroken(words, code="wrong_gate")
    action = rules.gate_action(way, project.gates_passed)
    step(PROJECT, project.state, action)
    rules.check_recorder(project.state, way, project.gates_passed, _roles(by))
    _check_date(project, minutes, now)
    _review(project, here, Decision.PASS, minutes, by=by, now=now)
    project.gates_passed += 1
    facts: dict[str, Any] = {"decided_on": minutes.decided_on, "document_number": minutes.document_number}
    _move(project, action, by=by, now=now, gate=here.name, **facts)


def pass_gates(projects: Sequence[Project], minutes: Minutes, *, gate: str, by: Actor, now: datetime) -> int:
    """Record one meeting's decision on several projects, on all of them or none. Returns their number."""
    if not projects:
        raise invalid("projects", "没有勾选任何项目。", code="nobody")
    for project in projects:
        pass_gate(project, minutes, gate=gate, by=by, now=now)
    return len(projects)


def recorded_by(by: Actor, year: int, way: Sequence[rules.Gate]) -> dict[rules.Gate, list[Project]]:
    """Return the gates of ``way`` whose outcome ``by`` records, with the projects of a year that wait at each."""
    waiting: dict[rules.Gate, list[Project]] = {gate: [] for gate in way if gate.role in _roles(by)}
    for project in projects.for_year(year):
        gate = rules.next_gate(way, project.gates_passed)
        if project.state == ProjectState.REVIEWING and gate in waiting:
            waiting[gate].append(project)
    return waiting


def send_back(project: Project, minutes: Minutes, *, by: Actor, now: datetime) -> None:
    """Return a project to draft, the reason being the opinion of ``minutes``. It has to pass all gates again.

    Only the recorder of the present gate may do this; after the last gate only the congress office.
    """
    _begin(project, "return")
    way = gates(project)
    rules.check_recorder(project.state, way, project.gates_passed, _roles(by))
    opinion = minutes.opinion.strip()
    if not opinion:
        raise invalid("opinion", "请写明退回的原因，以便责任单位修改。")
    _check_date(project, minutes, now)
    reviewing = project.state == ProjectState.REVIEWING
    here = rules.next_gate(way, project.gates_passed) if reviewing else _AFTER_GATES
    _review(project, here, Decision.RETURN, minutes, by=by, now=now)
    project.gates_passed = 0
    _move(project, "return", by=by, now=now, gate=here.name, opinion=opinion)


def withdraw(project: Project, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Withdraw a project before it is listed. It can be restored as a draft."""
    _begin(project, "withdraw")
    projects.check_editable(project, by)
    minutes = Minutes(local(now).date(), opinion=reason)
    _review(project, _WITHDRAWAL, Decision.WITHDRAW, minutes, by=by, now=now)
    project.gates_passed = 0
    _move(project, "withdraw", by=by, now=now, reason=reason.strip())


def restore(project: Project, *, by: Actor, now: datetime) -> None:
    """Restore a withdrawn project as a draft."""
    projects.lock(project)
    _move(project, "restore", by=by, now=now)


# --- the list --------------------------------------------------------------------------------------------


def in_use(project_ids: Iterable[int]) -> dict[int, str]:
    """Return the projects that are candidates of a round that counts: project id → the round's title."""
    counts = (Round.state.not_in([RoundState.CANCELLED, RoundState.VOID]), Round.rehearsal.is_(False))
    query = select(Candidate.project_id, Round.title).join(Round, Round.id == Candidate.round_id)
    query = query.where(Candidate.project_id.in_(list(project_ids)), *counts).order_by(Round.id)
    return {row.project_id: row.title for row in db.session.execute(query)}


def _refuse_in_use(project_ids: Iterable[int], words: str) -> None:
    if used := in_use(project_ids):
        why = f"名单已用于“{next(iter(used.values()))}”，{words}。没有作任何改动；如确需更改，请先取消该轮票决。"
        raise RuleBroken(why, code="list_in_use")


def listable(year: int) -> list[Project]:
    """Return the projects from which the list is chosen: those on it first, then the approved ones."""
    return [p for p in projects.for_year(year) if p.state in (ProjectState.APPROVED, ProjectState.LISTED)]


def confirm_list(
    year: int, numbers: Mapping[int, int | None], minutes: Minutes, *, by: Actor, now: datetime
) -> list[Project]:
    """Make exactly the projects in ``numbers`` (id → number 1 … M) the list of the year (主席团确认票决名单).

    Listed projects that are not in ``numbers`` leave the list. Returns the list in its order.

    Raises:
        RuleBroken: the numbers are not 1 … M, a project is not approved, the date is impossible, or a round uses the list.
    """
    choices = {project.id: project for project in listable(year)}
    _refuse_in_use(choices, "不能再改")
    order = rules.check_numbers(numbers)
    if not choices.keys() >= set(order):
        words = "所选项目中有的已不在可列入之列，页面可能已过时，没有作任何改动。请刷新后重新确认。"
        raise RuleBroken(words, code="not_listable")
    for project in choices.values():
        projects.lock(project)
    rules.check_decision_date(minutes.decided_on, previous=None, today=local(now).date())
    removal = Minutes(minutes.decided_on, opinion="确认名单时移出")
    for project in choices.values():
        if project.state == ProjectState.LISTED and project.id not in numbers:
            _take_off(project, removal, by=by, now=now)
    chosen = [choices[project_id] for project_id in order]
    for number, project in enumerate(chosen, start=1):
        if project.state != ProjectState.LISTED:
            _check_date(project, minutes, now)
            _review(project, _LIST, Decision.LIST, minutes, by=by, now=now)
            project.number = number
            _move(project, "list", by=by, now=now, number=number, decided_on=minutes.decided_on)
        elif project.number != number:
            audit.assign(project, "project.number", number=number, by=by, at=now)
    db.session.flush()
    return chosen


def unlist(project: Project, *, by: Actor, now: datetime, reason: str) -> None:
    """Take a project off the list; the following ones move up. Raises RuleBroken when a round uses the list."""
    _begin(project, "unlist")
    rest = [p for p in projects.listed(project.year) if p.id != project.id]
    _refuse_in_use([project.id, *(p.id for p in rest)], "不能移出")
    if not reason.strip():
        raise invalid("reason", "请写明移出名单的原因。")
    _take_off(project, Minutes(local(now).date(), opinion=reason), by=by, now=now)
    for number, other in enumerate(rest, start=1):
        other.number = number
    db.session.flush()


def _take_off(project: Project, minutes: Minutes, *, by: Actor, now: datetime) -> None:
    _review(project, _LIST, Decision.UNLIST, minutes, by=by, now=now)
    number, project.number = project.number, None
    _move(project, "unlist", by=by, now=now, number_before=number, reason=minutes.opinion)


def mark_selected(
    project_ids: Iterable[int], not_selected_ids: Iterable[int], *, by: Actor, now: datetime
) -> list[Project]:
    """Record which projects the congress selected and which it did not. Returns the selected ones in list order."""
    actions = dict.fromkeys(project_ids, "select") | dict.fromkeys(not_selected_ids, "not_select")
    rows = db.session.scalars(select(Project).where(Project.id.in_(actions)).order_by(Project.number)).all()
    projects_by_id = {project.id: project for project in rows}
    for project_id, action in actions.items():
        _move(projects_by_id[project_id], action, by=by, now=now)
    return [project for project in rows if actions[project.id] == "select"]


# --- for both --------------------------------------------------------------------------------------------


def _roles(by: Actor) -> set[str]:
    return {role.value for role in by.roles}


def _begin(project: Project, action: str) -> None:
    """Lock the project, and refuse an action that its state does not allow."""
    projects.lock(project)
    step(PROJECT, project.state, action)


def _check_date(project: Project, minutes: Minutes, now: datetime) -> None:
    """Refuse a date after today, or before the last gate that the project passed since it was submitted."""
    ended = (Decision.RETURN, Decision.WITHDRAW)
    last = project.reviews[-1] if project.reviews else None
    previous = last.decided_on if last and last.decision not in ended and project.gates_passed else None
    rules.check_decision_date(minutes.decided_on, previous=previous, today=local(now).date())


def _review(
    project: Project, gate: rules.Gate, decision: Decision, minutes: Minutes, *, by: Actor, now: datetime
) -> None:
    if len(minutes.document_number) > 60:
        raise invalid("document_number", "文号最多 60 个字。")
    if len(minutes.opinion) > 2000:
        raise invalid("opinion", "意见最多 2000 个字。")
    project.reviews.append(
        Review(
            body_id=project.body_id,
            gate=gate.key,
            gate_name=gate.name,
            decision=decision,
            decided_on=minutes.decided_on,
            document_number=minutes.document_number.strip(),
            opinion=minutes.opinion.strip(),
            recorded_by=by.name,
            recorded_at=now,
        )
    )


def _move(
    project: Project, action: str, *, by: Actor, now: datetime, number_before: int | None = None, **facts: Any
) -> None:
    """Take the project to the state that ``action`` leads to, and record that with those ``facts`` that are given."""
    state = step(PROJECT, project.state, action)
    before = {"state": project.state} | ({"number": number_before} if number_before else {})
    after = {"state": state} | {name: value for name, value in facts.items() if value}
    audit.record(f"project.{action}", by=by, at=now, about=project, before=before, after=after)
    project.state = state
    db.session.flush()

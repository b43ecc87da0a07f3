"""再次报告: where deputies rated a project 不满意, the government reports again by a day, and the office records what came
of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import Search, db, flush_or, words_in
from votes.models import Project, Rereport, Round, Tracking
from votes.rules.delivery import acceptances as rules
from votes.rules.delivery.acceptances import REREPORT, RereportState
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.publication.tasks import Task
from votes.services import audit
from votes.services.meeting import rounds
from votes.services.voting import results

# --- reading -------------------------------------------------------------------------------------------


def _loaded() -> Select[Any]:
    return (
        select(Rereport)
        .join(Tracking, Rereport.tracking_id == Tracking.id)
        .join(Project, Tracking.project_id == Project.id)
        .options(
            joinedload(Rereport.tracking).joinedload(Tracking.project),
            joinedload(Rereport.tracking).joinedload(Tracking.department),
            joinedload(Rereport.round).joinedload(Round.session),
        )
    )


def get(rereport_id: int) -> Rereport | None:
    found: Rereport | None = db.session.scalar(_loaded().where(Rereport.id == rereport_id))
    return found


def of(tracking_id: int) -> list[Rereport]:
    """The second reports asked of a project, the latest first."""
    query = _loaded().where(Rereport.tracking_id == tracking_id)
    return list(db.session.scalars(query.order_by(Rereport.demanded_on.desc(), Rereport.id.desc())))


def _in_state(state: str, day: date | None) -> ColumnElement[bool]:
    if state == "overdue":
        return and_(Rereport.state == RereportState.DEMANDED, Rereport.due_on < day)
    return Rereport.state == RereportState(state)


#: ``state``: a `RereportState`, or "overdue".
SEARCH = Search(
    filters={
        "state": _in_state,
        "year": Project.year,
        "unit": Tracking.department_id,
        "q": words_in(Project.name),
    },
    sorts={
        "due": ("按报告期限", (Rereport.state == RereportState.ACCEPTED, Rereport.due_on, Rereport.id)),
        "demanded": ("按要求日期", (Rereport.demanded_on.desc(), Rereport.id.desc())),
        "project": ("按项目", (Project.year.desc(), Project.number, Rereport.id.desc())),
    },
)


def search(chosen: Mapping[str, Any], *, day: date, own: int | None = None) -> Select[Any]:
    """Return the second reports that fit ``chosen`` on ``day``; ``own``: of one unit (see `visible_unit`)."""
    query = _loaded()
    if own is not None:
        query = query.where(Tracking.department_id == own)
    return SEARCH.of(query, chosen, day)


@dataclass(frozen=True)
class Proposal:
    """An announced rating and the projects rated 不满意 of which no second report was asked yet."""

    round: Round
    trackings: list[Tracking]


def proposals() -> list[Proposal]:
    """What the announced ratings propose, the latest first; not where another second report is still open."""
    poor: dict[int, list[int]] = {}  # round → projects rated 不满意
    rated: dict[int, Round] = {}
    for round_ in results.announced():
        if rounds.rule_of(round_).method != "rating":
            continue
        names = {c.number: c.project_id for c in round_.candidates}
        for row in results.graded(round_):
            if row["grade"] == "dissatisfied":
                poor.setdefault(round_.id, []).append(names[row["number"]])
                rated[round_.id] = round_
    if not poor:
        return []
    wanted = {project_id for ids in poor.values() for project_id in ids}
    trackings = {
        t.project_id: t
        for t in db.session.scalars(
            select(Tracking)
            .where(Tracking.project_id.in_(wanted))
            .options(joinedload(Tracking.project), joinedload(Tracking.department))
        )
    }
    asked = {
        (row.round_id, row.tracking_id)
        for row in db.session.execute(
            select(Rereport.round_id, Rereport.tracking_id).where(Rereport.round_id.in_(poor))
        )
    }
    still = set(
        db.session.scalars(select(Rereport.tracking_id).where(Rereport.state != RereportState.ACCEPTED))
    )
    found = []
    for round_id, ids in poor.items():
        left = [
            t for i in ids if (t := trackings.get(i)) and (round_id, t.id) not in asked and t.id not in still
        ]
        if left:
            found.append(Proposal(rated[round_id], left))
    return found


def submitted() -> int:
    """How many wait for their deliberation to be recorded."""
    found = db.session.scalar(
        select(func.count(Rereport.id)).where(Rereport.state == RereportState.SUBMITTED)
    )
    return found or 0


def due(day: date, own: int | None = None) -> list[Task]:
    """The second reports that are owed, the earliest first; ``own``: by one unit."""
    query = _loaded().where(Rereport.state == RereportState.DEMANDED).order_by(Rereport.due_on, Rereport.id)
    if own is not None:
        query = query.where(Tracking.department_id == own)
    return [
        Task("rereport", each.id, f"“{each.name}”再次报告", each.due_on, each.department_id)
        for each in db.session.scalars(query)
    ]


def counts(body_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Body id → state → number, for the bodies in scope."""
    rows = db.session.execute(
        select(Rereport.body_id, Rereport.state, func.count(Rereport.id))
        .where(Rereport.body_id.in_(body_ids))
        .group_by(Rereport.body_id, Rereport.state)
    )
    found: dict[int, dict[str, int]] = {body_id: {} for body_id in body_ids}
    for body_id, state, count in rows:
        found[body_id][state.value] = count
    return found


# --- acts ----------------------------------------------------------------------------------------------


def demand_all(round_: Round, *, due_on: date, reason: str, by: Actor, now: datetime) -> list[Rereport]:
    """Ask a second report of every project that an announced rating graded 不满意 and of which none was asked yet.

    Raises RuleBroken when there is none (any more), and for a deadline that is not ahead.
    """
    proposal = next((each for each in proposals() if each.round.id == round_.id), None)
    if proposal is None:
        raise RuleBroken("这次测评没有（或不再有）需要要求再次报告的项目，没有作任何改动。", code="none")
    return [
        demand(tracking, due_on=due_on, reason=reason, round_id=round_.id, by=by, now=now)
        for tracking in proposal.trackings
    ]


def demand(
    tracking: Tracking,
    *,
    due_on: date,
    reason: str,
    by: Actor,
    now: datetime,
    round_id: int | None = None,
) -> Rereport:
    """Ask a second report of one project, after a rating (``round_id``) or by hand.

    Raises RuleBroken for a deadline that is not ahead, without a reason, and while another one of the project is open.
    """
    today = local(now).date()
    rules.check_demand(today, due_on)
    if not reason.strip():
        raise RuleBroken("请写明要求再次报告的原因和内容。", field="reason", status=422)
    still = db.session.scalar(
        select(Rereport.id).where(
            Rereport.tracking_id == tracking.id, Rereport.state != RereportState.ACCEPTED
        )
    )
    taken = RuleBroken(f"“{tracking.project.name}”已有一份再次报告尚未办结，没有重复要求。", code="open")
    if still:
        raise taken
    made = Rereport(
        body_id=tracking.body_id,
        tracking=tracking,
        round_id=round_id,
        reason=reason.strip(),
        demanded_on=today,
        due_on=due_on,
        state=RereportState.DEMANDED,
    )
    db.session.add(made)
    flush_or(taken, constraint="uq_rereports_round")
    audit.record(
        "rereport.demand", by=by, at=now, about=made, after={"due_on": due_on, "reason": made.reason}
    )
    return made


def submit(rereport: Rereport, text: str, *, by: Actor, now: datetime) -> None:
    """The unit or the government reports. Raises RuleBroken for words that say nothing, and when none is owed."""
    _lock(rereport)
    state = step(REREPORT, rereport.state, "submit")
    rules.check_report_text(text)
    before = {"state": rereport.state, "text": rereport.text}
    rereport.state, rereport.text = state, text.strip()
    rereport.submitted_on, rereport.submitted_by = local(now).date(), by.name
    old, new = audit.changes(before, {"state": state, "text": rereport.text})
    audit.record("rereport.submit", by=by, at=now, about=rereport, before=old, after=new)
    db.session.flush()


def settle(
    rereport: Rereport,
    *,
    accepted: bool,
    opinion: str,
    settled_on: date,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
) -> None:
    """Record 审议结果: accepted, or sent back with a new deadline ``due_on``.

    Raises RuleBroken for a report that was not submitted, a day that cannot be, a return without opinion or deadline.
    """
    _lock(rereport)
    state = step(REREPORT, rereport.state, "accept" if accepted else "return")
    today = local(now).date()
    assert rereport.submitted_on is not None
    if not rereport.submitted_on <= settled_on <= today:
        raise RuleBroken("审议日期应在提交日期之后，且不晚于今天。", field="settled_on", status=422)
    before = {"state": rereport.state, "due_on": rereport.due_on, "opinion": rereport.opinion}
    if not accepted:
        if not opinion.strip():
            raise RuleBroken("退回时请写明审议意见，责任单位据此修改。", field="opinion", status=422)
        if due_on is None:
            raise RuleBroken("退回时请填写新的报告期限。", field="due_on", status=422)
        rules.check_demand(today, due_on)
        rereport.due_on = due_on
    rereport.state, rereport.opinion, rereport.settled_on = state, opinion.strip(), settled_on
    old, new = audit.changes(before, {"state": state, "due_on": rereport.due_on, "opinion": rereport.opinion})
    audit.record(
        "rereport.accept" if accepted else "rereport.return",
        by=by,
        at=now,
        about=rereport,
        before=old,
        after=new,
    )
    db.session.flush()


def _lock(rereport: Rereport) -> None:
    db.session.refresh(rereport, ["state"], with_for_update=True)

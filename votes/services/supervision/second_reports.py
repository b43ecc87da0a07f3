"""再次报告: the government reports again on a project that deputies rated 不满意, and the office records the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import Search, by_id, count, db, flush_or, words_in
from votes.models import Project, Rereport, Round, Tracking
from votes.rules.delivery import acceptances as rules
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.publication.tasks import Task
from votes.rules.supervision.supervision import check_words
from votes.services import audit
from votes.services.meeting import rounds
from votes.services.supervision import groups
from votes.services.voting import results

# --- reading -------------------------------------------------------------------------------------------


def _loaded() -> Select[Rereport]:
    return groups.of_projects(Rereport).options(joinedload(Rereport.round).joinedload(Round.session))


get = by_id(_loaded())


def of(tracking_id: int) -> list[Rereport]:
    """Return the second reports on a project, the latest first."""
    query = _loaded().where(Rereport.tracking_id == tracking_id)
    return list(db.session.scalars(query.order_by(Rereport.demanded_on.desc(), Rereport.id.desc())))


def _in_state(state: str, day: date | None) -> ColumnElement[bool]:
    if state == "overdue":
        return and_(Rereport.state == rules.RereportState.DEMANDED, Rereport.due_on < day)
    return Rereport.state == rules.RereportState(state)


_OPEN = Rereport.state != rules.RereportState.ACCEPTED
#: ``state``: a `RereportState`, or "overdue".
SEARCH = Search(
    filters={
        "state": _in_state,
        "year": Project.year,
        "unit": Tracking.department_id,
        "q": words_in(Project.name),
    },
    sorts={
        "due": ("按报告期限", (~_OPEN, Rereport.due_on, Rereport.id)),
        "demanded": ("按要求日期", (Rereport.demanded_on.desc(), Rereport.id.desc())),
        "project": ("按项目", (Project.year.desc(), Project.number, Rereport.id.desc())),
    },
)


def search(chosen: Mapping[str, Any], *, day: date, own: int | None = None) -> Select[Any]:
    """Return the second reports that fit ``chosen`` on ``day``; ``own``: of one unit (see `visible_unit`)."""
    return SEARCH.of(_loaded().where(groups.of_unit(own)), chosen, day)


@dataclass(frozen=True)
class Proposal:
    """An announced rating, and its projects rated 不满意 of which the office has not demanded a second report."""

    round: Round
    trackings: list[Tracking]


def proposals() -> list[Proposal]:
    """Return what the announced ratings propose, the latest first, without projects whose second report is open."""
    poor = {each: ids for each in results.announced() if (ids := _rated_poor(each))}
    if not poor:
        return []
    query = (
        select(Tracking)
        .where(Tracking.project_id.in_(project_id for ids in poor.values() for project_id in ids))
        .options(joinedload(Tracking.project), joinedload(Tracking.department))
    )
    trackings = {each.project_id: each for each in db.session.scalars(query)}
    reports = db.session.execute(select(Rereport.round_id, Rereport.tracking_id, _OPEN)).all()
    demanded = {(round_id, tracking_id) for round_id, tracking_id, _ in reports}
    pending = {tracking_id for _, tracking_id, still_open in reports if still_open}
    rows = []
    for rating, ids in poor.items():
        known = [trackings[each] for each in ids if each in trackings]
        left = [t for t in known if (rating.id, t.id) not in demanded and t.id not in pending]
        if left:
            rows.append(Proposal(rating, left))
    return rows


def proposal(round_id: int | None) -> Proposal | None:
    """Return what one round proposes; None where it proposes nothing (any more)."""
    return next((each for each in proposals() if each.round.id == round_id), None)


def _rated_poor(rating: Round) -> list[int]:
    """Return the ids of the projects that a round rated 不满意; none of a round that does not rate."""
    if rounds.rule_of(rating).method != "rating":
        return []
    ids = {c.number: c.project_id for c in rating.candidates}
    return [ids[row["number"]] for row in results.graded(rating) if row["grade"] == "dissatisfied"]


def submitted() -> int:
    """Count the reports whose deliberation the office has not recorded."""
    return count(Rereport.id, Rereport.state == rules.RereportState.SUBMITTED)


def due(day: date, own: int | None = None) -> list[Task]:
    """Return the second reports that are owed, the earliest first; ``own``: by one unit."""
    query = _loaded().where(Rereport.state == rules.RereportState.DEMANDED, groups.of_unit(own))
    return [
        Task("rereport", each.id, f"“{each.name}”再次报告", each.due_on, each.department_id)
        for each in db.session.scalars(query.order_by(Rereport.due_on, Rereport.id))
    ]


# --- acts ----------------------------------------------------------------------------------------------


def demand_all(round_: Round, *, due_on: date, reason: str, by: Actor, now: datetime) -> list[Rereport]:
    """Demand a second report on each project that the round proposes (`proposals`).

    Raises:
        RuleBroken: the round proposes none (any more); and as `demand` does.
    """
    proposed = proposal(round_.id)
    if proposed is None:
        raise RuleBroken("这次测评没有（或不再有）需要要求再次报告的项目，没有作任何改动。", code="none")
    return [
        demand(tracking, due_on=due_on, reason=reason, round_id=round_.id, by=by, now=now)
        for tracking in proposed.trackings
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
    """Demand a second report on one project, after a rating (``round_id``) or without one.

    Raises:
        RuleBroken: the deadline is not ahead, the reason is missing, or another second report on the project is open.
    """
    today = local(now).date()
    rules.check_demand(today, due_on)
    reason = check_words(reason, "reason", "请写明要求再次报告的原因和内容。")
    pending = db.session.scalar(select(Rereport.id).where(Rereport.tracking_id == tracking.id, _OPEN))
    taken = RuleBroken(f"“{tracking.project.name}”已有一份再次报告尚未办结，没有重复要求。", code="open")
    if pending:
        raise taken
    rereport = Rereport(
        body_id=tracking.body_id,
        tracking=tracking,
        round_id=round_id,
        reason=reason,
        demanded_on=today,
        due_on=due_on,
        state=rules.RereportState.DEMANDED,
    )
    db.session.add(rereport)
    flush_or(taken, constraint="uq_rereports_round")
    after = {"due_on": due_on, "reason": reason}
    audit.record("rereport.demand", by=by, at=now, about=rereport, after=after)
    return rereport


def submit(rereport: Rereport, text: str, *, by: Actor, now: datetime) -> None:
    """Record the report of the unit or the government.

    Raises:
        RuleBroken: no report is owed, or the text is too short.
    """
    _lock(rereport)
    state = step(rules.REREPORT, rereport.state, "submit")
    rules.check_report_text(text)
    rereport.submitted_on, rereport.submitted_by = local(now).date(), by.name
    audit.assign(rereport, "rereport.submit", state=state, text=text.strip(), by=by, at=now)
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
    """Record 审议结果: accepted, or returned with a new deadline ``due_on``.

    Raises:
        RuleBroken: no report was submitted, the day is impossible, or a return lacks its opinion or new deadline.
    """
    _lock(rereport)
    act = "accept" if accepted else "return"
    state = step(rules.REREPORT, rereport.state, act)
    today = local(now).date()
    assert rereport.submitted_on is not None
    if not rereport.submitted_on <= settled_on <= today:
        raise invalid("settled_on", "审议日期应在提交日期之后，且不晚于今天。")
    if accepted:
        due_on = rereport.due_on
    else:
        check_words(opinion, "opinion", "退回时请写明审议意见，责任单位据此修改。")
        if due_on is None:
            raise invalid("due_on", "退回时请填写新的报告期限。")
        rules.check_demand(today, due_on)
    rereport.settled_on = settled_on
    values: dict[str, Any] = {"state": state, "due_on": due_on, "opinion": opinion.strip()}
    audit.assign(rereport, f"rereport.{act}", **values, by=by, at=now)
    db.session.flush()


def _lock(rereport: Rereport) -> None:
    db.session.refresh(rereport, ["state"], with_for_update=True)

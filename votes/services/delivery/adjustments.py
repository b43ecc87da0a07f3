"""调整、暂缓、终止: the government applies, the organ that the level asks for decides, the office publishes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import Search, db, flush_or, words_in
from votes.exports.delivery import adjustments as papers
from votes.exports.formats.layout import Paper
from votes.models import Adjustment, Body, Project, Tracking
from votes.rules.delivery import adjustments as rules
from votes.rules.delivery.adjustments import (
    ADJUSTMENT,
    AdjustmentCause,
    AdjustmentKind,
    AdjustmentState,
    Side,
)
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.delivery import plans, trackings
from votes.services.people import bodies

# --- reading -------------------------------------------------------------------------------------------


def _loaded() -> Select[Any]:
    return (
        select(Adjustment)
        .join(Tracking, Adjustment.tracking_id == Tracking.id)
        .join(Project, Tracking.project_id == Project.id)
        .options(
            joinedload(Adjustment.tracking).joinedload(Tracking.project),
            joinedload(Adjustment.tracking).joinedload(Tracking.department),
        )
    )


def get(adjustment_id: int) -> Adjustment | None:
    found: Adjustment | None = db.session.scalar(_loaded().where(Adjustment.id == adjustment_id))
    return found


def of(tracking: Tracking) -> list[Adjustment]:
    """All applications about a project, the latest first."""
    return sorted(tracking.adjustments, key=lambda each: (each.applied_on, each.id), reverse=True)


def published(tracking: Tracking) -> list[Adjustment]:
    """The announced adjustments of a project, the latest first: what its public page tells."""
    return [each for each in of(tracking) if each.announced_on]


def pending(tracking_id: int) -> Adjustment | None:
    """The application that waits for a decision; a project has one at a time."""
    found: Adjustment | None = db.session.scalar(
        _loaded().where(Adjustment.tracking_id == tracking_id, Adjustment.state == AdjustmentState.APPLIED)
    )
    return found


SEARCH = Search(
    filters={
        "year": Project.year,
        "kind": Adjustment.kind,
        "state": Adjustment.state,
        "unit": Tracking.department_id,
        "q": words_in(Project.name),
    },
    sorts={
        "applied": ("按申请日期", (Adjustment.applied_on.desc(), Adjustment.id.desc())),
        "decided": (
            "按决定日期",
            (Adjustment.decided_on.is_(None).desc(), Adjustment.decided_on.desc(), Adjustment.id.desc()),
        ),
        "project": ("按项目", (Project.year.desc(), Project.number, Adjustment.id.desc())),
    },
)


def search(chosen: Mapping[str, Any], *, own: int | None = None) -> Select[Any]:
    """Return the applications that fit ``chosen``; ``own``: of one unit's projects (see `visible_unit`)."""
    query = _loaded()
    if own is not None:
        query = query.where(Tracking.department_id == own)
    return SEARCH.of(query, chosen)


def announced(year: int | None = None) -> list[Adjustment]:
    """The announced adjustments (of one year's projects), the latest announcement first: for lists and feeds."""
    query = _loaded().where(Adjustment.announced_on.isnot(None))
    if year is not None:
        query = query.where(Project.year == year)
    return list(db.session.scalars(query.order_by(Adjustment.announced_on.desc(), Adjustment.id.desc())))


def waiting() -> tuple[int, int]:
    """How many applications wait for a decision to be recorded, and how many decided ones for their announcement."""
    rows = db.session.execute(
        select(Adjustment.state, Adjustment.kind, func.count(Adjustment.id))
        .where(Adjustment.state.in_([AdjustmentState.APPLIED, AdjustmentState.APPROVED]))
        .where(Adjustment.announced_on.is_(None))
        .group_by(Adjustment.state, Adjustment.kind)
    ).all()
    undecided = sum(count for state, _, count in rows if state == AdjustmentState.APPLIED)
    silent = sum(
        count
        for state, kind, count in rows
        if state == AdjustmentState.APPROVED and rules.must_announce(kind)
    )
    return undecided, silent


def get_announced(adjustment_id: int) -> Adjustment | None:
    """An announced adjustment, as its public page asks for it."""
    found: Adjustment | None = db.session.scalar(
        _loaded().where(Adjustment.id == adjustment_id, Adjustment.announced_on.isnot(None))
    )
    return found


def counts(body_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Body id → state → number of applications, for the bodies in scope."""
    rows = db.session.execute(
        select(Adjustment.body_id, Adjustment.state, func.count(Adjustment.id))
        .where(Adjustment.body_id.in_(body_ids))
        .group_by(Adjustment.body_id, Adjustment.state)
    )
    found: dict[int, dict[str, int]] = {body_id: {} for body_id in body_ids}
    for body_id, state, count in rows:
        found[body_id][state.value] = count
    return found


def sides(adjustment: Adjustment) -> list[Side]:
    """前后对照: what changes, before and after."""
    return rules.side_by_side(adjustment.before, adjustment.after)


def as_it_stands(tracking: Tracking) -> dict[str, Any]:
    """What an adjustment may change, as it stands now."""
    project = tracking.project
    return {name: tracking.due_on if name == "due_on" else getattr(project, name) for name in rules.FIELDS}


def body_of(row: Adjustment | Tracking) -> Body:
    found = bodies.get_body(row.body_id)
    assert found is not None
    return found


def organ(adjustment: Adjustment) -> str:
    """The organ that decides it in this place: 示例县人民代表大会常务委员会."""
    body = body_of(adjustment)
    return f"{body.place}{rules.decider(body.kind, adjustment.kind).organ}"


def deciders(tracking: Tracking) -> dict[AdjustmentKind, str]:
    """Who decides each kind of adjustment that may be applied for now."""
    body = body_of(tracking)
    return {
        kind: f"{body.place}{rules.decider(body.kind, kind).organ}"
        for kind in rules.open_kinds(tracking.state)
    }


def announcer(adjustment: Adjustment) -> str:
    """Who signs the announcement: 示例县人民代表大会常务委员会, 示例镇人民代表大会主席团."""
    body = body_of(adjustment)
    return f"{body.place}{rules.decider(body.kind, adjustment.kind).announces}"


# --- acts ----------------------------------------------------------------------------------------------


def apply(
    tracking: Tracking,
    kind: AdjustmentKind,
    *,
    cause: AdjustmentCause,
    reason: str,
    wanted: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> Adjustment:
    """The government applies: ``wanted`` as the form has it, only what differs is kept (dates, amounts in 万元, words).

    Raises RuleBroken for what cannot be (see `rules.adjustments.check`) and while another application waits.
    """
    today, stands = local(now).date(), as_it_stands(tracking)
    changes = rules.differing(stands, wanted) if rules.MAY_CHANGE.get(kind) else {}
    rules.check(
        kind, tracking.state, changes, reason=reason, due_on=tracking.due_on, starts_on=tracking.starts_on
    )
    made = Adjustment(
        body_id=tracking.body_id,
        tracking=tracking,
        kind=kind,
        cause=cause,
        reason=reason.strip(),
        before=rules.kept({name: stands[name] for name in changes}),
        after=rules.kept(changes),
        state=AdjustmentState.APPLIED,
        applied_on=today,
        applied_by=by.name,
    )
    db.session.add(made)
    flush_or(
        RuleBroken(
            "这个项目已有一份调整申请正在等待决定，没有提交新的申请。请等决定后再申请，或先撤回原来的申请。",
            code="pending",
        ),
        constraint="uq_adjustments_applied",
    )
    audit.record(
        "adjustment.apply",
        by=by,
        at=now,
        about=made,
        before=made.before,
        after={"kind": kind, "reason": made.reason, **made.after},
    )
    return made


def decide(
    adjustment: Adjustment,
    *,
    approved: bool,
    organ: str,
    document_number: str,
    decided_on: date,
    opinion: str,
    by: Actor,
    now: datetime,
) -> None:
    """Record the decision of ``organ``. Approved, it takes effect on the tracking and the project's text at once.

    Raises RuleBroken for a day that cannot be, for an application that is decided or withdrawn already, and (code
    "stale") when what it started from has been changed since.
    """
    _lock(adjustment)
    state = step(ADJUSTMENT, adjustment.state, "approve" if approved else "refuse")
    rules.check_decision(decided_on, adjustment.applied_on, local(now).date(), document_number, organ)
    tracking = trackings.get(adjustment.tracking_id)
    assert tracking is not None
    if approved:
        stands = rules.kept(as_it_stands(tracking))
        moved = [name for name, text in adjustment.before.items() if stands[name] != text]
        if moved or adjustment.kind not in rules.open_kinds(tracking.state):
            what = "、".join(rules.FIELDS[name].label for name in moved) or "实施情况"
            raise RuleBroken(
                f"申请之后，项目的{what}已经改动，与申请中的“调整前”不符，没有登记。请政府办撤回后按现在的情况重新申请。",
                code="stale",
            )
    adjustment.state = state
    adjustment.organ, adjustment.document_number = organ.strip(), document_number.strip()
    adjustment.decided_on, adjustment.opinion = decided_on, opinion.strip()
    audit.record(
        "adjustment.approve" if approved else "adjustment.refuse",
        by=by,
        at=now,
        about=adjustment,
        before={"state": AdjustmentState.APPLIED},
        after={
            "state": state,
            "organ": adjustment.organ,
            "document_number": adjustment.document_number,
            "decided_on": decided_on,
            "opinion": adjustment.opinion,
        },
    )
    if approved:
        plans.adjust(
            tracking,
            rules.ACTIONS[adjustment.kind],
            rules.read(adjustment.after),
            by=by,
            now=now,
            on=decided_on,
        )
    db.session.flush()


def withdraw(adjustment: Adjustment, *, by: Actor, now: datetime) -> None:
    """The government takes an application back before it is decided."""
    _lock(adjustment)
    adjustment.state = step(ADJUSTMENT, adjustment.state, "withdraw")
    audit.record(
        "adjustment.withdraw",
        by=by,
        at=now,
        about=adjustment,
        before={"state": AdjustmentState.APPLIED},
        after={"state": adjustment.state},
    )
    db.session.flush()


def announce(adjustment: Adjustment, *, notice: str, announced_on: date, by: Actor, now: datetime) -> None:
    """Publish the words of the announcement, or put them right afterwards (the log keeps both wordings).

    Raises RuleBroken before the approval, without words, and for a day before the decision or in the future.
    """
    _lock(adjustment)
    if adjustment.state != AdjustmentState.APPROVED:
        raise RuleBroken("只有同意的调整才发布公告。没有发布。", code="wrong_state")
    assert adjustment.decided_on is not None
    if len(notice.strip()) < 20:
        raise RuleBroken("公告内容太短，请写明项目、调整的内容和决定机关。", field="notice", status=422)
    if not adjustment.decided_on <= announced_on <= local(now).date():
        raise RuleBroken("公告日期应在决定日期之后，且不晚于今天。", field="announced_on", status=422)
    before = {"notice": adjustment.notice, "announced_on": adjustment.announced_on}
    adjustment.notice, adjustment.announced_on = notice.strip(), announced_on
    old, new = audit.changes(before, {"notice": adjustment.notice, "announced_on": announced_on})
    if new:
        corrected = before["announced_on"] is not None
        audit.record(
            "adjustment.correct_notice" if corrected else "adjustment.announce",
            by=by, at=now, about=adjustment, before=old, after=new,
        )  # fmt: skip
    db.session.flush()


def _lock(adjustment: Adjustment) -> None:
    """Read its standing anew and hold it: two clerks do not both act on the same application."""
    db.session.refresh(adjustment, ["state", "announced_on", "notice"], with_for_update=True)


# --- papers --------------------------------------------------------------------------------------------


def usual_notice(adjustment: Adjustment) -> str:
    """The words of the announcement as they are proposed."""
    project = adjustment.tracking.project
    decided = adjustment.decided_on
    return papers.notice_words(
        kind=adjustment.kind.value,
        project=project.name,
        year=project.year,
        organ=adjustment.organ or organ(adjustment),
        decided_on=decided,
        document_number=adjustment.document_number,
        reason=adjustment.reason,
        sides=[(side.label, side.before, side.after) for side in sides(adjustment)],
        due_on=adjustment.tracking.due_on,
    )


def paper(adjustment: Adjustment, name: str) -> Paper:
    """ "application" (申请表, with the decision as far as there is one) or "notice" (公告).

    Raises RuleBroken (404) for an announcement that was not published.
    """
    body, tracking = body_of(adjustment), adjustment.tracking
    if name == "notice":
        if adjustment.announced_on is None:
            raise RuleBroken("这项调整还没有发布公告。", status=404)
        return papers.adjustment_notice(
            announcer=announcer(adjustment),
            project=tracking.project.name,
            kind=adjustment.kind.value,
            words=adjustment.notice,
            announced_on=adjustment.announced_on,
        )
    return papers.adjustment_form(
        papers.AdjustmentData(
            body=body.name,
            project=tracking.project.name,
            year=tracking.project.year,
            unit=tracking.unit_name,
            leader=tracking.leader,
            kind=adjustment.kind.value,
            cause=adjustment.cause.value,
            reason=adjustment.reason,
            sides=[(side.label, side.before, side.after) for side in sides(adjustment)],
            applied_by=adjustment.applied_by,
            applied_on=adjustment.applied_on,
            organ=adjustment.organ or organ(adjustment),
            decision={AdjustmentState.APPROVED: "同意", AdjustmentState.REFUSED: "不同意"}.get(
                adjustment.state, ""
            ),
            document_number=adjustment.document_number,
            decided_on=adjustment.decided_on,
            opinion=adjustment.opinion,
        )
    )

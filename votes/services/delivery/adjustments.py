"""调整、暂缓、终止: applications, decisions, announcements.

The government applies, the organ that the level asks for decides, the office publishes.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import Search, by_id, count_by, db, everything, flush_or, words_in
from votes.exports.delivery import adjustments as papers
from votes.exports.formats.layout import Paper
from votes.models import Adjustment, Body, Project, Tracking
from votes.rules.delivery import adjustments as rules
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState, Side
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.delivery import plans, trackings
from votes.services.people import bodies

# --- reading -------------------------------------------------------------------------------------------


def _loaded() -> Select[Adjustment]:
    return (
        select(Adjustment)
        .join(Tracking, Adjustment.tracking_id == Tracking.id)
        .join(Project, Tracking.project_id == Project.id)
        .options(
            joinedload(Adjustment.tracking).joinedload(Tracking.project),
            joinedload(Adjustment.tracking).joinedload(Tracking.department),
        )
    )


get = by_id(_loaded())


def of(tracking: Tracking) -> list[Adjustment]:
    """Return all applications about a project, the latest first."""
    return sorted(tracking.adjustments, key=lambda each: (each.applied_on, each.id), reverse=True)


def published(tracking: Tracking) -> list[Adjustment]:
    """Return the announced adjustments of a project, the latest first, for its public page."""
    return [each for each in of(tracking) if each.announced_on]


def pending(tracking_id: int) -> Adjustment | None:
    """Return the application that waits for a decision; a project has at most one."""
    return db.session.scalar(
        _loaded().where(Adjustment.tracking_id == tracking_id, Adjustment.state == AdjustmentState.APPLIED)
    )


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
    """Return the applications that fit ``chosen``.

    ``own``: of one unit's projects (see `visible_unit`).
    """
    query = _loaded()
    if own is not None:
        query = query.where(Tracking.department_id == own)
    return SEARCH.of(query, chosen)


def announced(year: int | None = None) -> list[Adjustment]:
    """Return the announced adjustments (of one year's projects), the latest first.

    Lists and feeds show them.
    """
    query = _loaded().where(Adjustment.announced_on.isnot(None))
    if year is not None:
        query = query.where(Project.year == year)
    return everything(query.order_by(Adjustment.announced_on.desc(), Adjustment.id.desc()))


def waiting() -> tuple[int, int]:
    """Count the applications that wait for a decision, and those for an announcement.

    The latter are approved and not announced.
    """
    unannounced = Adjustment.announced_on.is_(None)
    owed = Adjustment.kind.in_(filter(rules.must_announce, AdjustmentKind))
    applied = Adjustment.state == AdjustmentState.APPLIED
    numbers = count_by(Adjustment.state, unannounced, applied | owed)
    return numbers.get(AdjustmentState.APPLIED, 0), numbers.get(AdjustmentState.APPROVED, 0)


def get_announced(adjustment_id: int) -> Adjustment | None:
    """Return the adjustment if it was announced, for its public page."""
    return db.session.scalar(
        _loaded().where(Adjustment.id == adjustment_id, Adjustment.announced_on.isnot(None))
    )


def sides(adjustment: Adjustment) -> list[Side]:
    """Return what changes, before and after (前后对照)."""
    return rules.side_by_side(adjustment.before, adjustment.after)


def as_it_stands(tracking: Tracking) -> dict[str, Any]:
    """Return the present values of what an adjustment may change."""
    project = tracking.project
    return {name: tracking.due_on if name == "due_on" else getattr(project, name) for name in rules.FIELDS}


def _organ(body: Body, kind: AdjustmentKind) -> str:
    return f"{body.place}{rules.decider(body.kind, kind).organ}"


def organ(adjustment: Adjustment) -> str:
    """Return the organ that decides the adjustment: 示例县人民代表大会常务委员会."""
    return _organ(bodies.of(adjustment), adjustment.kind)


def deciders(tracking: Tracking) -> dict[AdjustmentKind, str]:
    """Return the organ that decides each kind of adjustment that may be applied for now."""
    body = bodies.of(tracking)
    return {kind: _organ(body, kind) for kind in rules.open_kinds(tracking.state)}


def may_announce(adjustment: Adjustment) -> bool:
    """Tell whether the adjustment may be announced, or its announcement corrected."""
    return adjustment.state == AdjustmentState.APPROVED


def owes_announcement(adjustment: Adjustment) -> bool:
    """Tell whether the announcement is a duty and has not been published."""
    unannounced = may_announce(adjustment) and adjustment.announced_on is None
    return unannounced and rules.must_announce(adjustment.kind)


def announcer(adjustment: Adjustment) -> str:
    """Return who signs the announcement: 示例县人民代表大会常务委员会, 示例镇人民代表大会主席团."""
    body = bodies.of(adjustment)
    return f"{body.place}{rules.decider(body.kind, adjustment.kind).announces}"


# --- acts ----------------------------------------------------------------------------------------------


def apply(
    tracking: Tracking,
    kind: AdjustmentKind,
    *,
    cause: AdjustmentCause,
    reason: str,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> Adjustment:
    """Apply for an adjustment, as the government does.

    ``values``: those of the form by name (dates, amounts in 万元, words); the application has those that differ.

    Raises:
        RuleBroken: see `rules.check`; or another application of the project waits (code "pending").
    """
    stands = as_it_stands(tracking)
    changes = rules.differing(stands, values) if rules.EFFECTS[kind].fields else {}
    rules.check(
        kind, tracking.state, changes, reason=reason, due_on=tracking.due_on, starts_on=tracking.starts_on
    )
    adjustment = Adjustment(
        body_id=tracking.body_id,
        tracking=tracking,
        kind=kind,
        cause=cause,
        reason=reason.strip(),
        before=rules.as_text({name: stands[name] for name in changes}),
        after=rules.as_text(changes),
        applied_on=local(now).date(),
        applied_by=by.name,
    )
    db.session.add(adjustment)
    words = "这个项目已有一份调整申请正在等待决定，没有提交新的申请。请等决定后再申请，或先撤回原来的申请。"
    flush_or(RuleBroken(words, code="pending"), constraint="uq_adjustments_applied")
    before, after = adjustment.before, {**audit.facts(adjustment, "kind", "reason"), **adjustment.after}
    audit.record("adjustment.apply", by=by, at=now, about=adjustment, before=before, after=after)
    return adjustment


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
    """Record the decision of ``organ``.

    An approved adjustment changes the tracking and the project's text at once.

    Raises:
        RuleBroken: see `rules.check_decision`; the application is decided or withdrawn; the project has been
            changed since the application (code "stale").
    """
    _lock(adjustment)
    action = "approve" if approved else "refuse"
    state = step(rules.ADJUSTMENT, adjustment.state, action)
    rules.check_decision(decided_on, adjustment.applied_on, local(now).date(), document_number, organ)
    tracking = trackings.get(adjustment.tracking_id)
    assert tracking is not None
    if approved:
        _check_unchanged(adjustment, tracking)
    adjustment.state = state
    adjustment.organ, adjustment.document_number = organ.strip(), document_number.strip()
    adjustment.decided_on, adjustment.opinion = decided_on, opinion.strip()
    applied = {"state": AdjustmentState.APPLIED}
    decision = audit.facts(adjustment, "state", "organ", "document_number", "decided_on", "opinion")
    audit.record(f"adjustment.{action}", by=by, at=now, about=adjustment, before=applied, after=decision)
    if approved:
        changes = rules.read(adjustment.after)
        plans.adjust(tracking, rules.EFFECTS[adjustment.kind].action, changes, by=by, now=now, on=decided_on)
    db.session.flush()


def _check_unchanged(adjustment: Adjustment, tracking: Tracking) -> None:
    """Refuse an application whose "before" is no longer how the project stands."""
    stands = rules.as_text(as_it_stands(tracking))
    changed = [name for name, text in adjustment.before.items() if stands[name] != text]
    if changed or adjustment.kind not in rules.open_kinds(tracking.state):
        labels = "、".join(rules.FIELDS[name].label for name in changed) or "实施情况"
        raise RuleBroken(
            f"申请之后，项目的{labels}已经改动，与申请中的“调整前”不符，没有登记。请政府办撤回后按现在的情况重新申请。",
            code="stale",
        )


def withdraw(adjustment: Adjustment, *, by: Actor, now: datetime) -> None:
    """Withdraw an application before it is decided, as the government may."""
    _lock(adjustment)
    state = step(rules.ADJUSTMENT, adjustment.state, "withdraw")
    audit.assign(adjustment, "adjustment.withdraw", state=state, by=by, at=now)
    db.session.flush()


def announce(adjustment: Adjustment, *, notice: str, announced_on: date, by: Actor, now: datetime) -> None:
    """Publish the announcement, or correct it later (the audit log keeps both versions).

    Raises:
        RuleBroken: the adjustment is not approved, there are no words, or the day lies before the decision or ahead.
    """
    _lock(adjustment)
    if not may_announce(adjustment):
        raise RuleBroken("只有同意的调整才发布公告。没有发布。", code="wrong_state")
    assert adjustment.decided_on is not None
    if len(notice.strip()) < 20:
        raise invalid("notice", "公告内容太短，请写明项目、调整的内容和决定机关。")
    if not adjustment.decided_on <= announced_on <= local(now).date():
        raise invalid("announced_on", "公告日期应在决定日期之后，且不晚于今天。")
    action = "correct_notice" if adjustment.announced_on else "announce"
    values: dict[str, Any] = {"notice": notice.strip(), "announced_on": announced_on}
    audit.assign(adjustment, f"adjustment.{action}", **values, by=by, at=now)
    db.session.flush()


def _lock(adjustment: Adjustment) -> None:
    """Read the state anew and lock the row: two clerks do not both act on the same application."""
    db.session.refresh(adjustment, ["state", "announced_on", "notice"], with_for_update=True)


# --- documents -----------------------------------------------------------------------------------------


def usual_notice(adjustment: Adjustment) -> str:
    """Return the proposed words of the announcement."""
    return papers.notice_words(_data(adjustment), adjustment.tracking.due_on)


def application(adjustment: Adjustment) -> Paper:
    """Return 调整申请表, with the decision, if there is one."""
    return papers.adjustment_form(_data(adjustment))


def notice(adjustment: Adjustment) -> Paper:
    """Return 公告 of an announced adjustment."""
    assert adjustment.announced_on is not None
    return papers.adjustment_notice(
        _data(adjustment), announcer(adjustment), adjustment.notice, adjustment.announced_on
    )


def _data(adjustment: Adjustment) -> papers.AdjustmentData:
    tracking = adjustment.tracking
    return papers.AdjustmentData(
        body=bodies.of(adjustment).name,
        project=tracking.project.name,
        year=tracking.project.year,
        unit=tracking.unit_name,
        leader=tracking.leader,
        sides=sides(adjustment),
        organ=adjustment.organ or organ(adjustment),
        decision=_DECISIONS.get(adjustment.state, ""),
        **audit.facts(adjustment, "kind", "cause", "reason", "applied_by", "applied_on"),
        **audit.facts(adjustment, "document_number", "decided_on", "opinion"),
    )


_DECISIONS = {AdjustmentState.APPROVED: "同意", AdjustmentState.REFUSED: "不同意"}

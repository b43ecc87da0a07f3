"""督办件: the office routes a problem to a unit with a deadline, the unit answers, the office inspects again.

The three lists (三张清单) are these rows, shown in three ways.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.clock import local
from votes.db import Search, by_id, db, flush_or, violates, words_in
from votes.exports import supervision as sheets
from votes.exports.formats.layout import Paper
from votes.models import Department, InspectionNote, Project, Rectification, RectificationAnswer, Tracking
from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.supervision import supervision as rules
from votes.rules.supervision.supervision import RECTIFICATION, RectificationState, Settings, Slip
from votes.services import audit, uploads
from votes.services.people import bodies, departments
from votes.services.supervision import groups, inspections

#: The unit owes an answer, or the office a second inspection.
OPEN = (RectificationState.ISSUED, RectificationState.ANSWERED)


# --- the limits of a body --------------------------------------------------------------------------------


def settings(body_id: int) -> Settings:
    """Return the days that a body gives to a unit, and those after which a slip changes its colour."""
    body = bodies.get_body(body_id)
    return Settings.of(body.settings if body else {})


def limits() -> Settings:
    """Return the settings of the body in scope."""
    scope = db.session.scope
    return settings(scope) if isinstance(scope, int) else Settings()


def slip(rectification: Rectification, day: date) -> Slip:
    """Return how urgent a 督办件 is on ``day``, by the limits of its body."""
    return rules.slip(rectification.state, rectification.due_on, day, settings(rectification.body_id))


# --- reading ---------------------------------------------------------------------------------------------


def load(*, photos: bool = False) -> Select[Rectification]:
    """Select all 督办件 with project, unit, note and answers; with the photos of the answers, too, if asked."""
    answers = selectinload(Rectification.answers)
    return (
        groups.of_projects(Rectification)
        .join(Rectification.department)
        .options(
            contains_eager(Rectification.department),
            joinedload(Rectification.note).options(
                joinedload(InspectionNote.inspection), joinedload(InspectionNote.deputy)
            ),
            answers.selectinload(RectificationAnswer.photos) if photos else answers,
        )
    )


get = by_id(load(photos=True))


def _in_state(state: str, day: date | None) -> ColumnElement[bool]:
    return Rectification.state.in_(OPEN if state == "open" else [RectificationState(state)])


def _has_slip(slip: Slip, day: date) -> ColumnElement[bool]:
    first, last = rules.span(slip, day, limits())
    issued = Rectification.state == RectificationState.ISSUED
    return and_(issued, Rectification.due_on.between(first, last))


_NUMBER = (Rectification.year, Rectification.number)
#: ``state``: a `RectificationState`, or "open".
SEARCH = Search(
    filters={
        "year": Project.year,
        "state": _in_state,
        "slip": _has_slip,
        "unit": Rectification.department_id,
        "project": Rectification.tracking_id,
        "q": words_in(Project.name, Rectification.problem, Rectification.demand, Rectification.person),
    },
    sorts={
        "due": ("期限近的在前", (Rectification.state.not_in(OPEN), Rectification.due_on, *_NUMBER)),
        "number": ("按文号", _NUMBER),
        "unit": ("按责任单位", (Department.id, *_NUMBER)),
        "project": ("按项目", (Project.year.desc(), Project.number, *_NUMBER)),
    },
)


def search(chosen: Mapping[str, Any], day: date, *, own: int | None = None) -> Select[Any]:
    """Return the 督办件 that fit ``chosen`` on ``day``; ``own``: those of one unit (see `visible_unit`)."""
    return SEARCH.of(load().where(of_unit(own)), chosen, day)


def of_unit(own: int | None) -> ColumnElement[bool]:
    """Return the condition of the 督办件 of one unit; of all where ``own`` is None."""
    return true() if own is None else Rectification.department_id == own


def units(year: int | None) -> list[Department]:
    """Return the units that have a 督办件 of a year's projects."""
    routed = select(Rectification.department_id).join(Rectification.tracking).join(Tracking.project)
    query = select(Department).where(Department.id.in_(routed.where(Project.year == year)))
    return list(db.session.scalars(query.order_by(Department.id)))


def projects(year: int | None, *, own: int | None = None) -> list[Tracking]:
    """Return the projects of a year that have a 督办件; ``own``: one of this unit."""
    routed = select(Rectification.tracking_id).where(of_unit(own))
    query = groups.trackings().where(Tracking.id.in_(routed), Project.year == year)
    return list(db.session.scalars(query.order_by(Project.number, Tracking.id)))


def source(rectification: Rectification, member: str = "代表") -> str:
    """Return in words where a problem was noticed; ``member``: the organ's word for its members.

    The words do not mention a 暗访 whose record is still to be entered.
    """
    note = rectification.note
    if note is None:
        return "日常监督"
    if note.inspection and not inspections.is_secret(note.inspection):
        return f"{chinese_date(note.inspection.day)}{note.inspection.theme}"
    return f"{member}监督记录"


# --- the office's order ----------------------------------------------------------------------------------


class Order(NamedTuple):
    """What a 督办件 orders, whom, and by when."""

    problem: str
    demand: str
    department_id: int | None
    person: str
    due_on: date | None
    published: bool = False


def order_for(note: InspectionNote | None, tracking: Tracking, day: date) -> Order:
    """Propose the order of a new 督办件: the note's text, the project's unit, the usual number of days."""
    days = timedelta(days=settings(tracking.body_id).days)
    return Order(note.text if note else "", "", tracking.department_id, "", day + days)


def order_of(rectification: Rectification) -> Order:
    """Return the order of a 督办件 as it stands."""
    return Order(**audit.facts(rectification, *Order._fields))


def issue(
    tracking: Tracking, order: Order, *, by: Actor, now: datetime, note: InspectionNote | None = None
) -> Rectification:
    """Route a problem, of a deputy's ``note`` or not, to a unit; the numbers run through the year.

    Raises:
        RuleBroken: words are missing, the deadline is past, the unit is not of this body, or the note has a 督办件.
    """
    today = local(now).date()
    order = _checked(order, since=today, today=today)
    if note is not None:
        if note.rectification is not None:
            raise _routed_already()
        note.settled, note.finding = "", True
    rectification = Rectification(
        body_id=tracking.body_id,
        tracking_id=tracking.id,
        note=note,
        year=today.year,
        number=_next_number(today.year),
        issued_on=today,
        state=RectificationState.ISSUED,
        **order._asdict(),
    )
    db.session.add(rectification)
    _flush_new()
    _expire_order_of(note)
    values = {"number": rectification.mark, **_logged(order)}
    audit.record("rectification.issue", by=by, at=now, about=rectification, after=values)
    return rectification


def _logged(order: Order) -> dict[str, Any]:
    """Return the order as the audit log has it: the unit by its name."""
    values = order._asdict()
    unit = departments.get(values.pop("department_id"))
    return {**values, "department": unit.name if unit else None}


def _expire_order_of(note: InspectionNote | None) -> None:
    """Make the session read again which 督办件 a note has."""
    if note is not None:
        db.session.expire(note, ["rectification"])


def _routed_already() -> RuleBroken:
    return RuleBroken("这条监督记录已经转为督办件，没有再作改动。请刷新页面。", code="stale")


def _flush_new() -> None:
    """Flush a new 督办件; refuse it where another request took its number or routed its note first."""
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_rectifications_note_id"):
            raise _routed_already() from error
        if violates(error, "uq_rectifications_number"):
            raise RuleBroken(
                "刚刚有人交办了另一件，文号重复。请再提交一次，您填写的内容都在。", code="stale"
            ) from error
        raise


def _next_number(year: int) -> int:
    last = db.session.scalar(select(func.max(Rectification.number)).where(Rectification.year == year))
    return (last or 0) + 1


def _checked(order: Order, *, since: date, today: date) -> Order:
    if departments.get(order.department_id or 0) is None:
        raise invalid("department_id", "请选择责任单位。")
    return order._replace(
        problem=rules.check_words(order.problem, "problem", "请写明存在的问题。"),
        demand=rules.check_words(order.demand, "demand", "请写明整改要求。"),
        person=order.person.strip(),
        due_on=rules.check_due(order.due_on, since=since, today=today),
    )


def correct(rectification: Rectification, order: Order, *, by: Actor, now: datetime) -> None:
    """Change the order of a 督办件 while the unit owes the answer; a deadline that has passed may stay.

    Raises:
        RuleBroken: the unit has answered; and as `issue` does.
    """
    _lock(rectification)
    if rectification.state != RectificationState.ISSUED:
        raise RuleBroken("责任单位已经反馈或督办件已经办结，不能再改。没有作任何改动。", code="wrong_state")
    before, since = order_of(rectification), rectification.issued_on
    today = since if order.due_on == before.due_on else local(now).date()
    order = _checked(order, since=since, today=today)
    audit.put(rectification, order._asdict())
    db.session.flush()
    db.session.expire(rectification, ["department"])
    audit.record_change("rectification.edit", rectification, _logged(before), _logged(order), by=by, at=now)


def publish(rectification: Rectification, published: bool, *, by: Actor, now: datetime) -> None:
    """Show a 督办件 and its answers on the project's public page, or no longer."""
    audit.assign(rectification, "rectification.publish", published=published, by=by, at=now)
    db.session.flush()


# --- the unit's answer and the second inspection ---------------------------------------------------------


def answer(
    rectification: Rectification,
    *,
    measures: str,
    result: str,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Prepared] = (),
) -> RectificationAnswer:
    """Record what the unit did about the problem, with ``photos`` as evidence.

    Raises:
        RuleBroken: the unit owes no answer, words are missing, or there are more photos than an answer may have.
    """
    rules.check_photos(len(photos))
    words = {
        "measures": rules.check_words(measures, "measures", "请填写整改措施。"),
        "result": rules.check_words(result, "result", "请填写整改结果。"),
    }
    state = _next_state(rectification, "answer")
    row = RectificationAnswer(
        body_id=rectification.body_id,
        rectification=rectification,
        ordinal=len(rectification.answers) + 1,
        due_on=rectification.due_on,
        answered_on=local(now).date(),
        answered_by=by.name,
        **words,
    )
    rectification.state = state
    db.session.add(row)
    flush_or(
        RuleBroken("本单位刚刚已有人反馈，没有重复保存。请刷新页面。", code="stale"),
        constraint="uq_rectification_answers_ordinal",
    )
    audit.record("rectification.answer", by=by, at=now, about=rectification, after=words)
    uploads.add(photos, owner=row, by=by, now=now)
    return row


def recheck(
    rectification: Rectification,
    *,
    passed: bool,
    rechecked_on: date,
    rechecked_by: str,
    opinion: str,
    due_on: date | None,
    by: Actor,
    now: datetime,
) -> None:
    """Record the second inspection: ``passed`` closes the 督办件, otherwise the unit answers again by ``due_on``.

    Raises:
        RuleBroken: the unit has not answered, the day is impossible, or a failure lacks its reason or new deadline.
    """
    act = "pass" if passed else "fail"
    state = _next_state(rectification, act)
    last, today = rectification.answers[-1], local(now).date()
    rules.check_recheck(rechecked_on, answered_on=last.answered_on, today=today)
    if not passed:
        opinion = rules.check_words(opinion, "opinion", "请写明哪些没有整改到位，责任单位会看到。")
        rectification.due_on = rules.check_due(due_on, since=rectification.issued_on, today=today)
    last.passed, last.rechecked_on = passed, rechecked_on
    last.rechecked_by, last.opinion = rechecked_by.strip(), opinion.strip()
    rectification.state = state
    rectification.closed_on = rechecked_on if passed else None
    after = {"opinion": last.opinion, "due_on": rectification.due_on}
    audit.record(f"rectification.{act}", by=by, at=now, about=rectification, after=after)
    db.session.flush()


def reopen(
    rectification: Rectification, *, reason: str, due_on: date | None, by: Actor, now: datetime
) -> None:
    """Ask the unit again, because a problem that was closed has come back.

    Raises:
        RuleBroken: the 督办件 is not closed, or there is no reason or no new deadline.
    """
    state = _next_state(rectification, "reopen")
    rectification.reason = rules.check_words(reason, "reason", "请填写重新交办的原因。")
    rectification.due_on = rules.check_due(due_on, since=rectification.issued_on, today=local(now).date())
    rectification.state, rectification.closed_on = state, None
    after = audit.facts(rectification, "reason", "due_on")
    audit.record("rectification.reopen", by=by, at=now, about=rectification, after=after)
    db.session.flush()


def cancel(rectification: Rectification, *, reason: str, by: Actor, now: datetime) -> None:
    """Withdraw a 督办件. The deputy reads the reason under the note, and the note may be routed anew.

    Raises:
        RuleBroken: there is no reason, or the unit has answered.
    """
    state = _next_state(rectification, "cancel")
    rectification.reason = rules.check_words(reason, "reason", "请填写撤销的原因。")
    rectification.state = state
    after = audit.facts(rectification, "reason")
    audit.record("rectification.cancel", by=by, at=now, about=rectification, after=after)
    if rectification.note is not None:
        rectification.note.settled = rectification.reason
    db.session.flush()
    _expire_order_of(rectification.note)


def _next_state(rectification: Rectification, act: str) -> RectificationState:
    """Lock the 督办件, and return the state to which ``act`` takes it."""
    _lock(rectification)
    return step(RECTIFICATION, rectification.state, act)


def _lock(rectification: Rectification) -> None:
    """Read the state again and lock the row, so that two requests that act at once see each other's act."""
    db.session.refresh(rectification, ["state", "due_on"], with_for_update=True)
    db.session.expire(rectification, ["answers"])


# --- the document ----------------------------------------------------------------------------------------


def letter(rectification: Rectification, day: date) -> Paper:
    """Return the letter (督办函) that goes to the unit with a 督办件, printed on ``day``."""
    last = rectification.last_answer
    reopened = last is not None and bool(last.passed) and rectification.state == RectificationState.ISSUED
    body = bodies.of(rectification)
    return sheets.letter(
        signer=groups.signer(body),
        number=rectification.mark,
        unit=rectification.department.name,
        project=rectification.tracking.name,
        source=source(rectification, bodies.organ_of(body).member),
        reopened=(day, rectification.reason) if reopened else None,
        failed=[
            (each.rechecked_on, each.opinion)
            for each in rectification.answers
            if each.passed is False and each.rechecked_on
        ],
        **audit.facts(rectification, "problem", "demand", "person", "issued_on", "due_on"),
    )

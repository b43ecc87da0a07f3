"""督办件: a problem routed to a unit with a day; the unit answers, somebody looks again, it is closed or asked for anew.

The three lists (三张清单) are these rows read in three ways.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from votes.clock import local
from votes.db import containing, db, everything as everything, flush_or, page as page, violates
from votes.exports import supervision as sheets
from votes.exports.formats.layout import Paper
from votes.models import (
    Attachment,
    Department,
    InspectionNote,
    Project,
    Rectification,
    RectificationAnswer,
    Tracking,
)
from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.supervision import supervision as rules
from votes.rules.supervision.supervision import RECTIFICATION, RectificationState, Settings, Slip
from votes.services import audit, uploads
from votes.services.people import bodies, departments
from votes.services.supervision import groups, inspections

#: Not yet settled: the unit or the office has something to do.
OPEN = (RectificationState.ISSUED, RectificationState.ANSWERED)

SORTS = {
    "due": "期限近的在前",
    "number": "按文号",
    "unit": "按责任单位",
    "project": "按项目",
}


# --- the place's own -------------------------------------------------------------------------------------


def settings(body_id: int) -> Settings:
    """Days given to a unit, and when a slip changes its colour, in a body."""
    body = bodies.get_body(body_id)
    return Settings.of(body.settings if body else {})


def limits() -> Settings:
    """The settings of the body in scope."""
    scope = db.session.scope
    return settings(scope) if isinstance(scope, int) else Settings()


def slips(day: date) -> Callable[[Rectification], Slip]:
    """The slip of each 督办件 of the body in scope on ``day``: its limits are asked once for a whole list."""
    place = limits()
    return lambda rectification: slip(rectification, day, place)


def slip(rectification: Rectification, day: date, place: Settings | None = None) -> Slip:
    """How pressing a 督办件 is on ``day``, by the limits of its body (``place``, where they are known)."""
    return rules.slip(
        rectification.state, rectification.due_on, day, place or settings(rectification.body_id)
    )


# --- reading ---------------------------------------------------------------------------------------------


def load(*, photos: bool = False) -> Any:
    """All 督办件, each with its project, its unit, the note it came from and its answers (``photos``: theirs too)."""
    answers = selectinload(Rectification.answers)
    return (
        select(Rectification)
        .join(Rectification.tracking)
        .join(Tracking.project)
        .join(Rectification.department)
        .options(
            contains_eager(Rectification.tracking).contains_eager(Tracking.project),
            contains_eager(Rectification.department),
            joinedload(Rectification.note).options(
                joinedload(InspectionNote.inspection), joinedload(InspectionNote.deputy)
            ),
            answers.selectinload(RectificationAnswer.photos) if photos else answers,
        )
    )


def get(rectification_id: int) -> Rectification | None:
    """One 督办件 with its answers and their photos, if it is of the body in scope."""
    found: Rectification | None = db.session.scalar(
        load(photos=True).where(Rectification.id == rectification_id)
    )
    return found


def search(
    year: int | None,
    day: date,
    *,
    own: int | None = None,
    state: RectificationState | None = None,
    open_only: bool = False,
    slip: Slip | None = None,
    unit: int | None = None,
    tracking_id: int | None = None,
    q: str = "",
    sort: str = "due",
) -> Any:
    """督办件 of a year's projects (of one unit: ``own``); ``slip`` as on ``day``."""
    query = load()
    if year is not None:
        query = query.where(Project.year == year)
    if own is not None:
        query = query.where(Rectification.department_id == own)
    if state:
        query = query.where(Rectification.state == state)
    if open_only:
        query = query.where(Rectification.state.in_(OPEN))
    if slip:
        first, last = rules.span(slip, day, limits())
        query = query.where(Rectification.state == RectificationState.ISSUED)
        if first:
            query = query.where(Rectification.due_on >= first)
        if last:
            query = query.where(Rectification.due_on <= last)
    if unit:
        query = query.where(Rectification.department_id == unit)
    if tracking_id:
        query = query.where(Rectification.tracking_id == tracking_id)
    query = query.where(
        *containing(q, Project.name, Rectification.problem, Rectification.demand, Rectification.person)
    )
    number = (Rectification.year, Rectification.number)
    by = {
        "due": (
            case((Rectification.state.in_(OPEN), 0), else_=1),
            Rectification.due_on,
            *number,
        ),
        "number": number,
        "unit": (Department.id, *number),
        "project": (Project.year.desc(), Project.number, *number),
    }
    return query.order_by(*by.get(sort, by["due"]))


def units(year: int | None) -> list[Department]:
    """The units that have a 督办件 of a year's projects."""
    owing = select(Rectification.department_id).join(Rectification.tracking).join(Tracking.project)
    if year is not None:
        owing = owing.where(Project.year == year)
    return list(
        db.session.scalars(select(Department).where(Department.id.in_(owing)).order_by(Department.id))
    )


def projects(year: int | None, *, own: int | None = None) -> list[Tracking]:
    """The projects of a year that have a 督办件 (of one unit: ``own``)."""
    owing = select(Rectification.tracking_id)
    if own is not None:
        owing = owing.where(Rectification.department_id == own)
    query = groups.trackings().where(Tracking.id.in_(owing))
    if year is not None:
        query = query.where(Project.year == year)
    return list(db.session.scalars(query.order_by(Project.number, Tracking.id)))


def photos_of_note(rectification: Rectification) -> list[Attachment]:
    """The photos of the note that a 督办件 came from."""
    return list(rectification.note.photos) if rectification.note else []


def last(rectification: Rectification) -> RectificationAnswer | None:
    """The latest answer, as last asked of the database."""
    return rectification.answers[-1] if rectification.answers else None


def source(rectification: Rectification, member: str = "代表") -> str:
    """Where a problem came from, in words; a 暗访 that is not recorded yet is not given away by them.

    ``member``: what the organ calls its members, asked once for a whole list.
    """
    note = rectification.note
    if note is None:
        return "日常监督"
    if note.inspection and not inspections.is_secret(note.inspection):
        on = inspections.day_of(note.inspection)
        return f"{chinese_date(on)}{note.inspection.theme}"
    return f"{member}监督记录"


# --- the office asks -------------------------------------------------------------------------------------


class Order(NamedTuple):
    """What a 督办件 says."""

    problem: str
    demand: str
    department_id: int
    person: str
    due_on: date | None
    published: bool = False


def order_for(note: InspectionNote | None, tracking: Tracking, day: date) -> Order:
    """What a new 督办件 starts from: the note's words, the project's unit, the place's usual number of days."""
    days = settings(tracking.body_id).days
    return Order(note.text if note else "", "", tracking.department_id or 0, "", day + timedelta(days=days))


def order_of(rectification: Rectification) -> Order:
    """What a 督办件 says now."""
    return Order(**{name: getattr(rectification, name) for name in Order._fields})


def issue(
    tracking: Tracking,
    order: Order,
    *,
    by: Actor,
    now: datetime,
    note: InspectionNote | None = None,
) -> Rectification:
    """Route a problem to a unit, with a day by which it has to be put right; numbered through the year.

    ``note``: the deputy's finding that it comes from. Raises RuleBroken for missing words, a day past, a unit of
    elsewhere, a note that has one already.
    """
    today = local(now).date()
    values = _checked(order, since=today, today=today)
    if note is not None:
        if note.rectification is not None:
            raise _doubled()
        note.settled, note.finding = "", True
    made = Rectification(
        body_id=tracking.body_id,
        tracking_id=tracking.id,
        note=note,
        year=today.year,
        number=_next_number(today.year),
        issued_on=today,
        state=RectificationState.ISSUED,
        **values,
    )
    db.session.add(made)
    _flush_new()
    _forget_of(note)
    said = {"number": made.mark, **_said(order_of(made))}
    audit.record("rectification.issue", by=by, at=now, about=made, after=said)
    return made


def _said(order: Order) -> dict[str, Any]:
    """What a 督办件 says, as the log keeps it: the unit by its name."""
    said = order._asdict()
    unit = departments.get(said.pop("department_id"))
    return {**said, "department": unit.name if unit else None}


def _forget_of(note: InspectionNote | None) -> None:
    """Let a note look anew for its 督办件."""
    if note is not None:
        db.session.expire(note, ["rectification"])


def _doubled() -> RuleBroken:
    return RuleBroken("这条监督记录已经转为督办件，没有再作改动。请刷新页面。", code="stale")


def _flush_new() -> None:
    """Flush a new 督办件: its number and its note are each there once."""
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_rectifications_note_id"):
            raise _doubled() from error
        if violates(error, "uq_rectifications_number"):
            raise RuleBroken(
                "刚刚有人交办了另一件，文号重复。请再提交一次，您填写的内容都在。", code="stale"
            ) from error
        raise


def _next_number(year: int) -> int:
    return (
        db.session.scalar(select(func.max(Rectification.number)).where(Rectification.year == year)) or 0
    ) + 1


def _checked(order: Order, *, since: date, today: date) -> dict[str, Any]:
    if departments.get(order.department_id) is None:
        raise RuleBroken("请选择责任单位。", field="department_id", status=422)
    return {
        "problem": rules.check_words(order.problem, "problem", "请写明存在的问题。"),
        "demand": rules.check_words(order.demand, "demand", "请写明整改要求。"),
        "department_id": order.department_id,
        "person": order.person.strip(),
        "due_on": rules.check_due(order.due_on, since=since, today=today),
        "published": order.published,
    }


def correct(rectification: Rectification, order: Order, *, by: Actor, now: datetime) -> None:
    """Change what a 督办件 says while the unit has not answered. Raises RuleBroken afterwards, and as `issue` does."""
    _lock(rectification)
    if rectification.state != RectificationState.ISSUED:
        raise RuleBroken("责任单位已经反馈或督办件已经办结，不能再改。没有作任何改动。", code="wrong_state")
    today = local(now).date()
    kept = order.due_on == rectification.due_on  # an overdue day may stand as it is
    values = _checked(order, since=rectification.issued_on, today=rectification.issued_on if kept else today)
    before = _said(order_of(rectification))
    for key, value in values.items():
        setattr(rectification, key, value)
    db.session.flush()
    db.session.expire(rectification, ["department"])
    old, new = audit.changes(before, _said(order_of(rectification)))
    if new:
        audit.record("rectification.edit", by=by, at=now, about=rectification, before=old, after=new)


def publish(rectification: Rectification, published: bool, *, by: Actor, now: datetime) -> None:
    """Show a 督办件 and its answers on the project's public page, or no longer."""
    if rectification.published != published:
        audit.record(
            "rectification.publish",
            by=by,
            at=now,
            about=rectification,
            before={"published": rectification.published},
            after={"published": published},
        )
        rectification.published = published
        db.session.flush()


# --- the unit answers, somebody looks again --------------------------------------------------------------


def answer(
    rectification: Rectification,
    *,
    measures: str,
    result: str,
    by: Actor,
    now: datetime,
    photos: Sequence[uploads.Prepared] = (),
) -> RectificationAnswer:
    """What the unit did about it, with photos as evidence.

    Raises RuleBroken when no answer is owed, for missing words, for more photos than one answer may have.
    """
    _lock(rectification)
    rules.check_photos(len(photos))
    measures = rules.check_words(measures, "measures", "请填写整改措施。")
    result = rules.check_words(result, "result", "请填写整改结果。")
    state = step(RECTIFICATION, rectification.state, "answer")
    made = RectificationAnswer(
        body_id=rectification.body_id,
        rectification=rectification,
        ordinal=len(rectification.answers) + 1,
        due_on=rectification.due_on,
        answered_on=local(now).date(),
        answered_by=by.name,
        measures=measures,
        result=result,
    )
    rectification.state = state
    db.session.add(made)
    flush_or(
        RuleBroken("本单位刚刚已有人反馈，没有重复保存。请刷新页面。", code="stale"),
        constraint="uq_rectification_answers_ordinal",
    )
    audit.record(
        "rectification.answer",
        by=by,
        at=now,
        about=rectification,
        after={"measures": measures, "result": result},
    )
    if photos:
        uploads.add(photos, owner=made, by=by, now=now)
    return made


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
    """A second look at what the unit says is put right: passed closes it, failed asks again by ``due_on``.

    Raises RuleBroken when nothing was answered, for a day that cannot be, a failure without its reason or new day.
    """
    _lock(rectification)
    state = step(RECTIFICATION, rectification.state, "pass" if passed else "fail")
    told, today = rectification.answers[-1], local(now).date()
    rules.check_recheck(rechecked_on, answered_on=told.answered_on, today=today)
    if not passed:
        opinion = rules.check_words(opinion, "opinion", "请写明哪些没有整改到位，责任单位会看到。")
        rectification.due_on = rules.check_due(due_on, since=rectification.issued_on, today=today)
    told.passed, told.rechecked_on = passed, rechecked_on
    told.rechecked_by, told.opinion = rechecked_by.strip(), opinion.strip()
    rectification.state = state
    rectification.closed_on = rechecked_on if passed else None
    audit.record(
        "rectification.pass" if passed else "rectification.fail",
        by=by,
        at=now,
        about=rectification,
        after={"opinion": told.opinion, "due_on": rectification.due_on},
    )
    db.session.flush()


def reopen(
    rectification: Rectification, *, reason: str, due_on: date | None, by: Actor, now: datetime
) -> None:
    """Ask again for what was closed and has come back. Raises RuleBroken without a reason or a new day."""
    _lock(rectification)
    state = step(RECTIFICATION, rectification.state, "reopen")
    rectification.reason = rules.check_words(reason, "reason", "请填写重新交办的原因。")
    rectification.due_on = rules.check_due(due_on, since=rectification.issued_on, today=local(now).date())
    rectification.state, rectification.closed_on = state, None
    audit.record(
        "rectification.reopen",
        by=by,
        at=now,
        about=rectification,
        after={"reason": rectification.reason, "due_on": rectification.due_on},
    )
    db.session.flush()


def cancel(rectification: Rectification, *, reason: str, by: Actor, now: datetime) -> None:
    """Take back what need not be put right after all. The deputy whose note it came from reads the reason there; the
    note may be routed anew. Raises RuleBroken without a reason, or once it is answered."""
    _lock(rectification)
    state = step(RECTIFICATION, rectification.state, "cancel")
    rectification.reason = rules.check_words(reason, "reason", "请填写撤销的原因。")
    rectification.state = state
    audit.record(
        "rectification.cancel", by=by, at=now, about=rectification, after={"reason": rectification.reason}
    )
    if rectification.note is not None:
        rectification.note.settled = rectification.reason
    db.session.flush()
    _forget_of(rectification.note)


def _lock(rectification: Rectification) -> None:
    """Read its standing anew and hold it: the unit and the office, or two clerks, see each other's act."""
    db.session.refresh(rectification, ["state", "due_on"], with_for_update=True)
    db.session.expire(rectification, ["answers"])


# --- paper -----------------------------------------------------------------------------------------------


def letter(rectification: Rectification, day: date) -> Paper:
    """督办函 of one 督办件, to the unit that has to put it right, printed on ``day``."""
    told = last(rectification)
    again = told is not None and bool(told.passed) and rectification.state == RectificationState.ISSUED
    body = bodies.get_body(rectification.body_id)
    assert body is not None
    return sheets.letter(
        sheets.Letter(
            signer=groups.signer(body),
            number=rectification.mark,
            unit=rectification.department.name,
            project=rectification.tracking.name,
            source=source(rectification, bodies.organ_of(body).member),
            problem=rectification.problem,
            demand=rectification.demand,
            person=rectification.person,
            issued_on=rectification.issued_on,
            due_on=rectification.due_on,
            reopened=(day, rectification.reason) if again else None,
            failed=[
                (each.rechecked_on, each.opinion)
                for each in rectification.answers
                if each.passed is False and each.rechecked_on
            ],
        )
    )

"""建议事项: what one suggestion or several ask for, in lists and one by one; the terms of the place.

How suggestions come together in one is in `services/suggestions/merging.py`, what units are asked in `services/suggestions/transfers.py`, what
becomes of it in `services/suggestions/decisions.py`, how that is told in `services/suggestions/stories.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import aliased, joinedload, selectinload

from votes.db import body_in_scope, containing, db
from votes.models import Body, Matter, Suggestion, Transfer, Village
from votes.rules.dates import chinese_date
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.projects import coming_year
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.matters import LIMITS, MatterState, Outcome, Settings, TransferState
from votes.rules.suggestions.suggestions import SuggestionState
from votes.services import audit
from votes.services.people import bodies
from votes.services.suggestions import intake, seasons, suggestions

# --- reading ------------------------------------------------------------------------------------------


def settings(body_id: int) -> Settings:
    """Terms, working days and the like of a body."""
    body = bodies.get_body(body_id)
    return Settings.of(body.settings if body else {})


def here() -> Settings:
    """Those of the body in scope."""
    return settings(body_in_scope())


def get(matter_id: int) -> Matter | None:
    """One matter with its originals, transfers, decisions and project; never with the authors."""
    return db.session.scalar(
        select(Matter)
        .where(Matter.id == matter_id)
        .options(
            joinedload(Matter.village),
            joinedload(Matter.project),
            selectinload(Matter.suggestions).options(
                joinedload(Suggestion.village),
                joinedload(Suggestion.station),
                joinedload(Suggestion.deputy),
                selectinload(Suggestion.photos),
            ),
            selectinload(Matter.transfers).joinedload(Transfer.department),
            selectinload(Matter.decisions),
        )
    )


def by_number(year: int, number: int) -> Matter | None:
    return db.session.scalar(select(Matter).where(Matter.year == year, Matter.number == number))


def years() -> list[int]:
    """The years that have suggestions, a season or matters, the latest first."""
    made = db.session.scalars(select(Matter.year).distinct())
    return sorted({*made, *suggestions.years()}, reverse=True)


def working_year(day: date) -> int:
    """The year whose suggestions are being handled on ``day``: that of the open season, else the one to come."""
    season = seasons.current(day)
    return season.year if season else coming_year(day)


SORTS: dict[str, str] = {
    "number": "按编号",
    "newest": "新立的在前",
    "due": "期限近的在前",
    "many": "建议多的在前",
    "category": "按类别",
}
_COUNT = (
    select(func.count(Suggestion.id))
    .where(Suggestion.matter_id == Matter.id)
    .correlate(Matter)
    .scalar_subquery()
)
_DUE = (
    select(func.min(Transfer.due_on))
    .where(Transfer.matter_id == Matter.id, Transfer.state == TransferState.SENT)
    .correlate(Matter)
    .scalar_subquery()
)
#: category → its place in a list
BY_CATEGORY = {name: place for place, name in enumerate(CATEGORIES)}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "number": (Matter.number,),
    "newest": (Matter.id.desc(),),
    "due": (_DUE.is_(None), _DUE, Matter.number),
    "many": (_COUNT.desc(), Matter.number),
    "category": (case(BY_CATEGORY, value=Matter.category, else_=99), Matter.number),
}


@dataclass(frozen=True)
class Filter:
    """What a list of matters shows: everything of a year (None: of all years) unless narrowed."""

    year: int | None
    day: date
    state: MatterState | None = None
    outcome: Outcome | None = None
    category: str = ""
    department_id: int | None = None
    overdue: bool = False
    words: str = ""
    sort: str = "number"

    def conditions(self, *, with_state: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.year is not None:
            found.append(Matter.year == self.year)
        if self.state and with_state:
            found.append(Matter.state == self.state)
        if self.outcome:
            found.append(Matter.outcome == self.outcome)
        if self.category:
            found.append(Matter.category == self.category)
        if self.department_id:
            found.append(Matter.transfers.any(Transfer.department_id == self.department_id))
        if self.overdue:
            late = (Transfer.state == TransferState.SENT) & (Transfer.due_on < self.day)
            found.append(Matter.transfers.any(late))
        return found + containing(self.words, Matter.title, Matter.summary)


def search(wanted: Filter) -> Select[Any]:
    """The matters that fit, sorted: rows of (Matter, how many suggestions it holds)."""
    return (
        select(Matter, _COUNT.label("count"))
        .where(*wanted.conditions())
        .options(
            joinedload(Matter.project),
            joinedload(Matter.village),
            selectinload(Matter.transfers).joinedload(Transfer.department),
        )
        .order_by(*_ORDERS.get(wanted.sort, _ORDERS["number"]), Matter.id)
    )


class Row(NamedTuple):
    """A matter in a list."""

    matter: Matter
    size: int  # suggestions in it

    @property
    def transfer(self) -> Transfer | None:
        """The latest transfer."""
        return self.matter.transfers[-1] if self.matter.transfers else None


def page(query: Select[Any], number: int, size: int = 50) -> list[Row]:
    """One page of ``query``, numbered from 1; all of it for size 0."""
    if size:
        query = query.limit(size).offset((max(number, 1) - 1) * size)
    return [Row(matter, held) for matter, held in db.session.execute(query)]


def counts(wanted: Filter) -> dict[MatterState, int]:
    """How many of each state the filter would show, its state aside."""
    rows = db.session.execute(
        select(Matter.state, func.count(Matter.id))
        .where(*wanted.conditions(with_state=False))
        .group_by(Matter.state)
    ).all()
    found: dict[MatterState, int] = {state: number for state, number in rows if state}
    return {state: found.get(state, 0) for state in MatterState}


def count(wanted: Filter) -> int:
    return db.session.scalar(select(func.count(Matter.id)).where(*wanted.conditions())) or 0


class ToDo(NamedTuple):
    """What waits in the latest year that has any of it: suggestions in no matter yet, matters that a unit has answered."""

    waiting_year: int | None
    waiting: int
    reported_year: int | None
    reported: int


def to_do() -> ToDo:
    """What the office may do next, in one statement."""
    here, row = body_in_scope(), aliased(Suggestion)
    of_suggestions = (row.body_id == here, row.state == SuggestionState.RECEIVED)
    of_matters = (Matter.body_id == here, Matter.state == MatterState.REPORTED)
    last_waiting = select(func.max(row.year)).where(*of_suggestions).scalar_subquery()
    other = aliased(Matter)
    last_reported = (
        select(func.max(other.year))
        .where(other.body_id == here, other.state == MatterState.REPORTED)
        .scalar_subquery()
    )
    reported = select(func.count(Matter.id)).where(*of_matters, Matter.year == last_reported)
    waiting, year, reported_year, number = db.session.execute(
        select(
            func.count(Suggestion.id), func.max(Suggestion.year), last_reported, reported.scalar_subquery()
        ).where(
            Suggestion.body_id == here,
            Suggestion.state == SuggestionState.RECEIVED,
            Suggestion.year == last_waiting,
        )
    ).one()
    return ToDo(year, waiting, reported_year, number)


def edit(
    matter: Matter,
    *,
    title: str,
    summary: str,
    category: str,
    village_id: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Change what is written about a matter; the originals are never touched. Raises RuleBroken at the field."""
    lock(matter)
    title, summary = tidy(title), tidy(summary)
    rules.check_text(title, summary)
    if category and category not in CATEGORIES:
        raise RuleBroken("请从列表中选择类别。", field="category", status=422)
    if village_id and db.session.scalar(select(Village.id).where(Village.id == village_id)) is None:
        raise RuleBroken("请从列表中选择村（社区）。", field="village_id", status=422)
    values = {"category": category, "village_id": village_id}
    before, after = audit.changes({name: getattr(matter, name) for name in values}, values)
    # the words are drawn from citizens' own: that they were rewritten is told, not what they said
    if (title, summary) != (matter.title, matter.summary):
        after["rewritten"] = True
    matter.title, matter.summary = title, summary
    matter.category, matter.village_id = category, village_id
    if after:
        audit.record("matter.edit", by=by, at=now, about=matter, before=before, after=after)
    db.session.flush()
    db.session.expire(matter, ["village"])


def tidy(text: str) -> str:
    """Typed text without what no database keeps as text."""
    return text.replace("\x00", "").strip()


def next_number(year: int) -> int:
    """One more than the last; numbers are given one at a time, so the body is held meanwhile."""
    intake.one_at_a_time()
    last = db.session.scalar(select(func.max(Matter.number)).where(Matter.year == year))
    return (last or 0) + 1


def number_taken() -> RuleBroken:
    """What is said where somebody else got the number."""
    return RuleBroken("有人同时立了一个事项，编号相同。没有改动，请再提交一次。", code="number_taken")


def lock(matter: Matter) -> None:
    """Hold a matter, with its state as it is now. Raises RuleBroken where it is gone."""
    try:
        db.session.refresh(matter, ["state", "outcome", "year", "number", "project_id"], with_for_update=True)
    except InvalidRequestError:
        raise RuleBroken(
            "这个事项刚由其他人并入别的事项或撤销。没有改动，请返回列表再看。", code="gone"
        ) from None


# --- settings ------------------------------------------------------------------------------------------


def change_settings(
    body: Body,
    *,
    numbers: Mapping[str, int],
    holidays: Sequence[date],
    workdays: Sequence[date],
    by: Actor,
    now: datetime,
) -> None:
    """Terms and working days of the place. Raises RuleBroken at the field for what makes no sense."""
    for name, (low, high) in LIMITS.items():
        if not low <= numbers[name] <= high:
            raise RuleBroken(f"应在 {low} 至 {high} 之间。", field=name, status=422)
    if numbers["months_complex"] < numbers["months"]:
        raise RuleBroken("复杂事项的期限不能短于一般事项。", field="months_complex", status=422)
    both = sorted(set(holidays) & set(workdays))
    if both:
        raise RuleBroken(
            f"{chinese_date(both[0])}既是节假日又是调休上班日，请核对。", field="workdays", status=422
        )
    bodies.change_settings(
        body,
        {
            "matters": dict(numbers),
            "holidays": [day.isoformat() for day in holidays],
            "workdays": [day.isoformat() for day in workdays],
        },
        by=by,
        now=now,
    )

"""Matters (建议事项): lists, one matter, its text, its number and its lock.

`merging` files suggestions in matters, `transfers` asks units for their opinion, `decisions` decides the outcome, `stories` tells it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import aliased, joinedload, selectinload

from votes.db import Search, body_in_scope, by_id, db, words_in
from votes.models import Matter, Suggestion, Transfer, Village
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import Actor
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.projects import coming_year
from votes.rules.suggestions.matters import MatterState, MatterText, Outcome, TransferState
from votes.rules.suggestions.suggestions import SuggestionState
from votes.services import audit
from votes.services.suggestions import intake, seasons, suggestions

# --- lists --------------------------------------------------------------------------------------------

#: The condition of a transfer that its unit has not answered yet.
IS_OPEN = Transfer.state == TransferState.SENT


def _of_matter(value: Any, *conditions: ColumnElement[bool]) -> Any:
    """Return the subquery of a value for each matter in a list."""
    return select(value).where(*conditions).correlate(Matter).scalar_subquery()


_SIZE = _of_matter(func.count(Suggestion.id), Suggestion.matter_id == Matter.id)
_DUE = _of_matter(func.min(Transfer.due_on), Transfer.matter_id == Matter.id, IS_OPEN)
#: category → its position in a list
BY_CATEGORY = {name: position for position, name in enumerate(CATEGORIES)}
_CATEGORY_ORDER = (case(BY_CATEGORY, value=Matter.category, else_=99), Matter.number)
_LARGEST_FIRST = (_SIZE.desc(), Matter.number)

SEARCH = Search(
    filters={
        "year": Matter.year,
        "state": Matter.state,
        "outcome": Matter.outcome,
        "category": Matter.category,
        "department_id": lambda unit, day: Matter.transfers.any(Transfer.department_id == unit),
        "overdue": lambda _, day: Matter.transfers.any(IS_OPEN & (Transfer.due_on < day)),
        "q": words_in(Matter.title, Matter.summary),
    },
    sorts={
        "number": ("按编号", (Matter.number,)),
        "newest": ("新立的在前", (Matter.id.desc(),)),
        "due": ("期限近的在前", (_DUE.is_(None), _DUE, Matter.number)),
        "many": ("建议多的在前", _LARGEST_FIRST),
        "category": ("按类别", _CATEGORY_ORDER),
    },
)
RESERVE = Search(
    filters={name: SEARCH.filters[name] for name in ("year", "category", "q")},
    sorts={
        "newest": ("新转入的在前", (Matter.id.desc(),)),
        "category": ("按类别", _CATEGORY_ORDER),
        "many": ("建议多的在前", _LARGEST_FIRST),
    },
)


#: What every page shows of a matter.
_SHOWN = (
    joinedload(Matter.project),
    joinedload(Matter.village),
    selectinload(Matter.transfers).joinedload(Transfer.department),
)
#: The suggestions of a matter, with what the page of one matter shows of them.
TEXTS = selectinload(Matter.suggestions).options(
    joinedload(Suggestion.village), selectinload(Suggestion.photos)
)
_LISTED = select(Matter).options(*_SHOWN, selectinload(Matter.suggestions).load_only(Suggestion.id))


def search(chosen: Mapping[str, Any], day: date) -> Select[Any]:
    """Return the query of the matters that match ``chosen``; a transfer is overdue on ``day`` or not."""
    return SEARCH.of(_LISTED, chosen, day).order_by(Matter.id)


def search_reserve(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the query of the matters in the 储备库 that match ``chosen``."""
    return RESERVE.of(_LISTED.where(Matter.outcome == Outcome.RESERVE), chosen).order_by(Matter.id)


def counts(chosen: Mapping[str, Any], day: date) -> dict[MatterState, int]:
    """Count the matters that match ``chosen`` by state; a chosen state is left aside."""
    query: Any = select(Matter.state, func.count(Matter.id)).group_by(Matter.state)
    rows = db.session.execute(SEARCH.of(query, {**chosen, "state": None}, day).order_by(None))
    numbers: dict[MatterState, int] = dict(map(tuple, rows))
    return {state: numbers.get(state, 0) for state in MatterState}


def years() -> list[int]:
    """Return the years that have matters, suggestions or a season, the latest first."""
    of_matters = db.session.scalars(select(Matter.year).distinct())
    return sorted({*of_matters, *suggestions.years()}, reverse=True)


def working_year(day: date) -> int:
    """Return the year that is worked on: that of the season open on ``day``, else the coming year."""
    season = seasons.current(day)
    return season.year if season else coming_year(day)


class ToDo(NamedTuple):
    """What waits for the office: suggestions in no matter, and matters that a unit has answered.

    Each is counted for the latest year that has any.
    """

    waiting_year: int | None
    waiting: int
    reported_year: int | None
    reported: int


def to_do() -> ToDo:
    """Return what waits for the office, in one statement."""
    waiting = _latest_year(Suggestion, SuggestionState.RECEIVED)
    reported = _latest_year(Matter, MatterState.REPORTED)
    return ToDo(*db.session.execute(select(*waiting, *reported)).one())


def _latest_year(model: type[Suggestion] | type[Matter], state: Any) -> tuple[Any, Any]:
    """Return subqueries of the latest year with rows in ``state``, and of the number of these rows in that year."""
    scope, row = body_in_scope(), aliased(model)
    latest = select(func.max(row.year)).where(row.body_id == scope, row.state == state).scalar_subquery()
    rows = (model.body_id == scope, model.state == state, model.year == latest)
    return latest, select(func.count(model.id)).where(*rows).scalar_subquery()


# --- one matter ---------------------------------------------------------------------------------------


#: Returns one matter with its suggestions, transfers, decisions and project; never with the authors.
get = by_id(select(Matter).options(*_SHOWN, TEXTS, selectinload(Matter.decisions)))


def by_number(year: int, number: int) -> Matter | None:
    """Return the matter with a number of a year."""
    return db.session.scalar(select(Matter).where(Matter.year == year, Matter.number == number))


def edit(matter: Matter, text: MatterText, *, by: Actor, now: datetime) -> None:
    """Change the text of a matter; the suggestions stay as they came. Raise RuleBroken at the field of a fault."""
    lock(matter)
    text = text.tidied()
    if text.category and text.category not in CATEGORIES:
        raise invalid("category", "请从列表中选择类别。")
    if text.village_id and db.session.scalar(select(Village.id).where(Village.id == text.village_id)) is None:
        raise invalid("village_id", "请从列表中选择村（社区）。")
    values = {"category": text.category, "village_id": text.village_id}
    before, after = audit.changes(audit.facts(matter, *values), values)
    # Title and summary are drawn from citizens' texts. The log therefore tells that they changed, and not how.
    if (text.title, text.summary) != (matter.title, matter.summary):
        after["rewritten"] = True
    audit.put(matter, asdict(text))
    if after:
        audit.record("matter.edit", by=by, at=now, about=matter, before=before, after=after)
    db.session.flush()
    db.session.expire(matter, ["village"])


def next_number(year: int) -> int:
    """Return the next number of a year; the body stays locked, so that nobody else takes the same number."""
    intake.lock_body()
    return intake.next_number(Matter, year)


def number_taken() -> RuleBroken:
    """Return the refusal for a number that somebody else has taken."""
    return RuleBroken("有人同时立了一个事项，编号相同。没有改动，请再提交一次。", code="number_taken")


def lock(matter: Matter) -> None:
    """Lock a matter and read its state again. Raise RuleBroken where it has been deleted."""
    try:
        db.session.refresh(matter, ["state", "outcome", "year", "number", "project_id"], with_for_update=True)
    except InvalidRequestError:
        words = "这个事项刚由其他人并入别的事项或撤销。没有改动，请返回列表再看。"
        raise RuleBroken(words, code="gone") from None

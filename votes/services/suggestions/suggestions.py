"""建议: lists and figures of what came in, and what the office does with one: refuse it, restore it, classify it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import WORDS, db
from votes.models import Attachment, Deputy, Season, Station, Suggestion, Village
from votes.rules.codes import readings
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.suggestions import SUGGESTION, Channel, SuggestionState
from votes.services import audit, uploads
from votes.services.people import villages
from votes.services.suggestions import intake

SATISFACTIONS = ("satisfied", "basically", "dissatisfied")

# --- reading -----------------------------------------------------------------------------------------------

SORTS = {"new": "最新收到", "number": "按编号", "category": "按类别", "village": "按村（社区）"}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "new": (Suggestion.received_at.desc(), Suggestion.id.desc()),
    "number": (Suggestion.year.desc(), Suggestion.number),
    "category": (Suggestion.category, Suggestion.year.desc(), Suggestion.number),
    "village": (
        Suggestion.village_id.is_(None),
        Suggestion.village_id,
        Suggestion.year.desc(),
        Suggestion.number,
    ),
}


@dataclass(frozen=True)
class Filter:
    """What a list shows: everything unless narrowed. ``words``: text, all of which must occur; a number or a 查询码."""

    year: int | None = None
    state: SuggestionState | None = None
    channel: Channel | None = None
    category: str = ""
    township: str = ""
    village_id: int | None = None
    station_id: int | None = None
    deputy_id: int | None = None
    words: str = ""
    sort: str = "new"

    def conditions(self) -> list[ColumnElement[bool]]:
        exact = {
            Suggestion.year: self.year,
            Suggestion.state: self.state,
            Suggestion.channel: self.channel,
            Suggestion.category: self.category or None,
            Suggestion.village_id: self.village_id,
            Suggestion.station_id: self.station_id,
            Suggestion.deputy_id: self.deputy_id,
        }
        found: list[ColumnElement[bool]] = [
            column == value for column, value in exact.items() if value is not None
        ]
        if self.township:
            found.append(
                Suggestion.village_id.in_(select(Village.id).where(Village.township == self.township))
            )
        for word in self.words.split()[:WORDS]:
            texts = [
                column.contains(word, autoescape=True)
                for column in (Suggestion.title, Suggestion.content, Suggestion.place)
            ]
            if word.isdecimal() and len(word) < 7:
                texts.append(Suggestion.number == int(word))
            if codes := readings(word):
                texts.append(Suggestion.code.in_(codes))
            found.append(or_(*texts))
        return found


def search(wanted: Filter | None = None) -> Select[Any]:
    """The suggestions that fit, sorted, with what a list shows of them; never their authors."""
    wanted = wanted or Filter()
    return (
        select(Suggestion)
        .where(*wanted.conditions())
        .options(
            joinedload(Suggestion.village),
            joinedload(Suggestion.station),
            joinedload(Suggestion.deputy),
            joinedload(Suggestion.matter),
        )
        .order_by(*_ORDERS.get(wanted.sort, _ORDERS["new"]))
    )


def page(query: Select[Any], number: int, size: int = 50) -> list[Suggestion]:
    """One page of ``query``, numbered from 1."""
    return list(db.session.scalars(query.limit(size).offset((max(number, 1) - 1) * size)))


def every(query: Select[Any]) -> list[Suggestion]:
    return list(db.session.scalars(query))


def total(wanted: Filter) -> int:
    return db.session.scalar(select(func.count(Suggestion.id)).where(*wanted.conditions())) or 0


def get(suggestion_id: int) -> Suggestion | None:
    found: Suggestion | None = db.session.scalar(
        search().where(Suggestion.id == suggestion_id).options(selectinload(Suggestion.photos))
    )
    return found


def get_photo(attachment_id: int) -> Attachment | None:
    """A photo of a suggestion; never a public one."""
    return uploads.get_of(Suggestion, attachment_id)


def deputy_by_key(key: str) -> Deputy | None:
    """The deputy in office whose own page has that key."""
    return db.session.scalar(select(Deputy).where(Deputy.page_key == key, Deputy.state == DeputyState.ACTIVE))


def years() -> list[int]:
    """The years for which something was suggested or a season is set up, the latest first."""
    made = db.session.scalars(select(Suggestion.year).distinct())
    return sorted({*made, *db.session.scalars(select(Season.year))}, reverse=True)


def townships() -> list[str]:
    """The townships of the villages, in the order of the list."""
    return [
        township for township, _ in villages.grouped(villages.all_villages(active_only=False)) if township
    ]


def collecting_deputies() -> list[Deputy]:
    """The deputies through whom something has come."""
    through = select(Suggestion.deputy_id).where(Suggestion.deputy_id.is_not(None))
    return list(
        db.session.scalars(select(Deputy).where(Deputy.id.in_(through)).order_by(Deputy.pinyin, Deputy.id))
    )


@dataclass(frozen=True)
class Counts:
    """How many suggestions a year has, and by what: only what occurs, the largest first where there is no order."""

    total: int
    states: dict[SuggestionState, int]
    channels: dict[Channel, int]
    categories: list[tuple[str, int]]
    stations: list[tuple[str, int]]
    townships: list[tuple[str, int]]
    satisfactions: dict[str, int]  # of those authors who have said something about the answer


def counts(year: int | None) -> Counts:
    """The figures of one year (None: of all years)."""

    def by(column: Any, *joined: Any) -> list[tuple[Any, int]]:
        number = func.count(Suggestion.id)
        query = select(column, number).select_from(Suggestion)
        for table, on in joined:
            query = query.join(table, on)
        if year is not None:
            query = query.where(Suggestion.year == year)
        return [(value, count) for value, count in db.session.execute(query.group_by(column))]

    def largest(rows: list[tuple[Any, int]]) -> list[tuple[str, int]]:
        return sorted(((str(name), n) for name, n in rows), key=lambda row: (-row[1], row[0]))

    states = dict(by(Suggestion.state))
    channels = dict(by(Suggestion.channel))
    return Counts(
        total=sum(states.values()),
        states={state: states.get(state, 0) for state in SuggestionState},
        channels={channel: channels[channel] for channel in Channel if channel in channels},
        categories=largest([(name or "未分类", n) for name, n in by(Suggestion.category)]),
        stations=largest(by(Station.name, (Station, Station.id == Suggestion.station_id))),
        townships=largest(by(Village.township, (Village, Village.id == Suggestion.village_id))),
        satisfactions=_in_order(by(Suggestion.satisfaction)),
    )


def _in_order(rows: list[tuple[Any, int]]) -> dict[str, int]:
    said = dict(rows)
    return {value: said[value] for value in SATISFACTIONS if value in said}


# --- what the office does with one -----------------------------------------------------------------------------


def refuse(suggestion: Suggestion, reason: str, *, by: Actor, now: datetime) -> None:
    """Not taken up: advertising, abuse, nothing to act on. Its author reads the reason by 查询码."""
    reason = " ".join(reason.split())
    if not reason:
        raise RuleBroken("请写明不予受理的理由，提出人凭查询码可以看到。", field="reason", status=422)
    if len(reason) > 200:
        raise RuleBroken("理由最多 200 个字。", field="reason", status=422)
    _lock(suggestion)
    suggestion.state = step(SUGGESTION, suggestion.state, "refuse")
    suggestion.refusal = reason
    audit.record("suggestion.refuse", by=by, at=now, about=suggestion, after={"state": suggestion.state})
    db.session.flush()


def restore(suggestion: Suggestion, *, by: Actor, now: datetime) -> None:
    """Take a refused suggestion up again."""
    _lock(suggestion)
    suggestion.state = step(SUGGESTION, suggestion.state, "restore")
    suggestion.refusal, suggestion.satisfaction = "", None
    audit.record("suggestion.restore", by=by, at=now, about=suggestion, after={"state": suggestion.state})
    db.session.flush()


def _lock(suggestion: Suggestion) -> None:
    """Hold a suggestion, with its state as it is now: somebody may be merging it."""
    db.session.refresh(suggestion, ["state", "matter_id"], with_for_update=True)


def classify(
    suggestion: Suggestion, *, category: str, village_id: int | None, by: Actor, now: datetime
) -> None:
    """Sort it under a category and a village where its author did not; the text stays as it came."""
    for field, words in rules.faults({"content": suggestion.content, "category": category}).items():
        raise RuleBroken(words, field=field, status=422)
    if village_id != suggestion.village_id:
        intake.check_place(village_id, None)
    before, after = audit.changes(
        {"category": suggestion.category, "village_id": suggestion.village_id},
        {"category": category, "village_id": village_id},
    )
    if after:
        suggestion.category, suggestion.village_id = category, village_id
        db.session.flush()
        db.session.expire(suggestion, ["village"])
        audit.record("suggestion.classify", by=by, at=now, about=suggestion, before=before, after=after)

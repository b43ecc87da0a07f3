"""Suggestions (建议): lists and figures, one suggestion, and what the office does with it: refuse, restore, classify."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from votes.db import WORDS, Search, by_id, db
from votes.models import Attachment, Deputy, Season, Station, Suggestion, Village
from votes.rules.codes import readings
from votes.rules.errors import invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.suggestions.matters import required
from votes.rules.suggestions.suggestions import SUGGESTION, Channel, SuggestionState, faults
from votes.services import audit, uploads
from votes.services.people import villages
from votes.services.suggestions import intake

SATISFACTIONS = ("satisfied", "basically", "dissatisfied")

# --- reading -----------------------------------------------------------------------------------------------


def _matches(words: str, day: Any) -> ColumnElement[bool]:
    """Return the condition that each of the words occurs in a suggestion, or is its number or 查询码."""
    conditions = []
    for word in words[:60].split()[:WORDS]:
        texts = [
            column.contains(word, autoescape=True)
            for column in (Suggestion.title, Suggestion.content, Suggestion.place)
        ]
        if word.isdecimal() and len(word) < 7:
            texts.append(Suggestion.number == int(word))
        if codes := readings(word):
            texts.append(Suggestion.code.in_(codes))
        conditions.append(or_(*texts))
    return and_(True, *conditions)


_BY_NUMBER = (Suggestion.year.desc(), Suggestion.number)
SEARCH = Search(
    filters={
        "year": Suggestion.year,
        "state": Suggestion.state,
        "channel": Suggestion.channel,
        "category": Suggestion.category,
        "township": lambda name, day: Suggestion.village.has(Village.township == name),
        "village_id": Suggestion.village_id,
        "station_id": Suggestion.station_id,
        "deputy_id": Suggestion.deputy_id,
        "q": _matches,
    },
    sorts={
        "new": ("最新收到", (Suggestion.received_at.desc(), Suggestion.id.desc())),
        "number": ("按编号", _BY_NUMBER),
        "category": ("按类别", (Suggestion.category, *_BY_NUMBER)),
        "village": ("按村（社区）", (Suggestion.village_id.is_(None), Suggestion.village_id, *_BY_NUMBER)),
    },
)


def search(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the query of the suggestions that match ``chosen``, with what a list shows; never with their authors."""
    shown = (Suggestion.village, Suggestion.station, Suggestion.deputy, Suggestion.matter)
    return SEARCH.of(select(Suggestion).options(*map(joinedload, shown)), chosen)


get = by_id(search({}).options(selectinload(Suggestion.photos)))


def get_photo(attachment_id: int) -> Attachment | None:
    """Return a photo of a suggestion, and no other attachment."""
    return uploads.get_of(Suggestion, attachment_id)


def deputy_by_key(key: str) -> Deputy | None:
    """Return the deputy in office whose page has that key."""
    return db.session.scalar(select(Deputy).where(Deputy.page_key == key, Deputy.state == DeputyState.ACTIVE))


def years() -> list[int]:
    """Return the years that have suggestions or a season, the latest first."""
    suggested = db.session.scalars(select(Suggestion.year).distinct())
    return sorted({*suggested, *db.session.scalars(select(Season.year))}, reverse=True)


def townships() -> list[str]:
    """Return the townships of all villages, in the order of the list."""
    listed = villages.all_villages(active_only=False)
    return [township for township, _ in villages.grouped(listed) if township]


def collecting_deputies() -> list[Deputy]:
    """Return the deputies through whom suggestions came."""
    through = select(Suggestion.deputy_id).where(Suggestion.deputy_id.is_not(None))
    query = select(Deputy).where(Deputy.id.in_(through))
    return list(db.session.scalars(query.order_by(Deputy.pinyin, Deputy.id)))


@dataclass(frozen=True)
class SuggestionCounts:
    """The number of suggestions, in all and by several facts; what has no order of its own is sorted by number."""

    total: int
    states: dict[SuggestionState, int]
    channels: dict[Channel, int]
    categories: list[tuple[str, int]]
    stations: list[tuple[str, int]]
    townships: list[tuple[str, int]]
    satisfactions: dict[str, int]  # of the authors who rated the answer


def counts(year: int | None) -> SuggestionCounts:
    """Count the suggestions of one year (None: of all years)."""

    def by(column: Any, *relationships: Any) -> dict[Any, int]:
        query = select(column, func.count(Suggestion.id)).select_from(Suggestion).group_by(column)
        for relationship in relationships:
            query = query.join(relationship)
        rows = db.session.execute(query if year is None else query.where(Suggestion.year == year))
        return dict(map(tuple, rows))

    def largest(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
        return sorted(numbers.items(), key=lambda row: (-row[1], row[0]))

    states, channels, ratings = (
        by(column) for column in (Suggestion.state, Suggestion.channel, Suggestion.satisfaction)
    )
    return SuggestionCounts(
        total=sum(states.values()),
        states={state: states.get(state, 0) for state in SuggestionState},
        channels={channel: channels[channel] for channel in Channel if channel in channels},
        categories=largest({name or "未分类": number for name, number in by(Suggestion.category).items()}),
        stations=largest(by(Station.name, Suggestion.station)),
        townships=largest(by(Village.township, Suggestion.village)),
        satisfactions={value: ratings[value] for value in SATISFACTIONS if value in ratings},
    )


# --- acts --------------------------------------------------------------------------------------------------


def refuse(suggestion: Suggestion, reason: str, *, by: Actor, now: datetime) -> None:
    """Refuse a suggestion (advertising, abuse, nothing to act on). Its author reads the reason by 查询码."""
    reason = required("reason", " ".join(reason.split()), "请写明不予受理的理由，提出人凭查询码可以看到。")
    if len(reason) > 200:
        raise invalid("reason", "理由最多 200 个字。")
    _move(suggestion, "refuse", by=by, now=now, refusal=reason)


def restore(suggestion: Suggestion, *, by: Actor, now: datetime) -> None:
    """Restore a refused suggestion."""
    _move(suggestion, "restore", by=by, now=now, refusal="", satisfaction=None)


def _move(suggestion: Suggestion, action: str, *, by: Actor, now: datetime, **values: Any) -> None:
    """Take a suggestion to the state that ``action`` leads to; lock it first, as somebody else may be filing it."""
    db.session.refresh(suggestion, ["state", "matter_id"], with_for_update=True)
    values["state"] = step(SUGGESTION, suggestion.state, action)
    audit.put(suggestion, values)
    audit.record(f"suggestion.{action}", by=by, at=now, about=suggestion, after={"state": values["state"]})
    db.session.flush()


def classify(
    suggestion: Suggestion, *, category: str, village_id: int | None, by: Actor, now: datetime
) -> None:
    """Set category and village of a suggestion; its text stays as it came."""
    for field, words in faults({"content": suggestion.content, "category": category}).items():
        raise invalid(field, words)
    if village_id != suggestion.village_id:
        intake.check_place(village_id, None)
    after = {"category": category, "village_id": village_id}
    before = audit.facts(suggestion, *after)
    suggestion.category, suggestion.village_id = category, village_id
    db.session.flush()
    db.session.expire(suggestion, ["village"])
    audit.record_change("suggestion.classify", suggestion, before, after, by=by, at=now)

"""The work list (待归并): received suggestions that are in no matter yet."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from votes.db import Search, db, words_in
from votes.models import Suggestion
from votes.rules.suggestions.suggestions import SuggestionState
from votes.services.suggestions.matters import BY_CATEGORY

#: Stands for suggestions without a category in the filter of the list.
NO_CATEGORY = "-"

SEARCH = Search(
    filters={
        "year": Suggestion.year,
        "category": lambda name, day: Suggestion.category == ("" if name == NO_CATEGORY else name),
        "village_id": Suggestion.village_id,
        "channel": Suggestion.channel,
        "q": words_in(Suggestion.title, Suggestion.content, Suggestion.place),
    },
    sorts={"": ("", (case(BY_CATEGORY, value=Suggestion.category, else_=99), Suggestion.number))},
)
_RECEIVED = Suggestion.state == SuggestionState.RECEIVED


def search(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the query of the suggestions on the work list that match ``chosen``, by category, then by number."""
    return SEARCH.of(select(Suggestion).where(_RECEIVED).options(joinedload(Suggestion.village)), chosen)


def counts(chosen: Mapping[str, Any]) -> dict[str, int]:
    """Count the suggestions that match ``chosen`` by category; a chosen category is left aside."""
    query: Any = (
        select(Suggestion.category, func.count(Suggestion.id)).where(_RECEIVED).group_by(Suggestion.category)
    )
    rows = db.session.execute(SEARCH.of(query, {**chosen, "category": None}).order_by(None))
    return dict(sorted(map(tuple, rows), key=lambda row: BY_CATEGORY.get(row[0], 99)))


def chosen(ids: Iterable[int]) -> list[Suggestion]:
    """Return the suggestions with these ids, at most the first 200, of the body in scope."""
    return list(db.session.scalars(select(Suggestion).where(Suggestion.id.in_(list(ids)[:200]))))

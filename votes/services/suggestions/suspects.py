"""Suspects (疑似重复): the suggestions and matters that a suggestion may be a duplicate of."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, false, func, null, or_, select

from votes.db import db
from votes.models import Matter, Suggestion
from votes.rules.suggestions.matters import Outcome
from votes.rules.suggestions.suggestions import SuggestionState
from votes.services.suggestions.likeness import READ, closest


class Suspect(NamedTuple):
    """A possible duplicate.

    It is a suggestion on the work list (``matter_id`` None), a suggestion in a matter, or a matter (``suggestion_id`` None).
    """

    percent: int
    title: str
    number: int
    year: int
    suggestion_id: int | None
    matter_id: int | None
    reserve: bool = False  # a matter of the 储备库

    @property
    def key(self) -> str:
        """Return its name in a URL: s12, m7."""
        return f"m{self.matter_id}" if self.matter_id else f"s{self.suggestion_id}"


def suspects(rows: Sequence[Suggestion], *, least: int) -> dict[int, list[Suspect]]:
    """Find the two closest suspects of each suggestion, in two statements.

    Args:
        rows: the suggestions, all of one year. They are compared with the suggestions and matters of that year and with
            the 储备库, as far as these have the same category: about a tenth of all.
        least: per cent of likeness.

    Returns:
        The id of each suggestion → its suspects, the closest first.
    """
    if not rows:
        return {}
    groups: dict[str, list[tuple[Suspect, str]]] = {}
    for category, suspect, text in _pool(rows[0].year, {row.category for row in rows}):
        groups.setdefault(category, []).append((suspect, text))
    return {row.id: _closest(row, groups.get(row.category, []), least, limit=2) for row in rows}


def _closest(row: Suggestion, pool: Sequence[tuple[Suspect, str]], least: int, limit: int) -> list[Suspect]:
    """Return the closest of ``pool``; a matter counts once, by its closest text."""
    by_key: dict[str, Suspect] = {}
    # The suggestion itself is in the pool, and a matter may come up several times.
    for position, percent in closest(text_of(row), [text for _, text in pool], least=least, limit=limit + 4):
        suspect = pool[position][0]
        own = suspect.suggestion_id == row.id or (row.matter_id and suspect.matter_id == row.matter_id)
        if not own:
            by_key.setdefault(suspect.key, suspect._replace(percent=percent))
    return list(by_key.values())[:limit]


def suspects_of(suggestion: Suggestion, *, least: int) -> list[Suspect]:
    """Find the six closest suspects of one suggestion, in all categories."""
    pool = [(suspect, text) for _, suspect, text in _pool(suggestion.year, None)]
    return _closest(suggestion, pool, least, limit=6)


def _pool(year: int, categories: Collection[str] | None) -> list[tuple[str, Suspect, str]]:
    """Return category, suspect and text of all that a suggestion of ``year`` is compared with."""
    in_reserve = Matter.outcome.is_not_distinct_from(Outcome.RESERVE)
    suggestions = _select(Suggestion, Suggestion.content, Suggestion.id, Suggestion.matter_id, false()).where(
        Suggestion.year == year, Suggestion.state != SuggestionState.REFUSED
    )
    matters = _select(Matter, Matter.summary, null(), Matter.id, in_reserve).where(
        or_(in_reserve, Matter.year == year)
    )
    return [
        (category, Suspect(0, title, *facts), _text(title, content))
        for model, query in ((Suggestion, suggestions), (Matter, matters))
        for category, content, title, *facts in db.session.execute(
            query if categories is None else query.where(model.category.in_(categories))
        )
    ]


def _select(model: type[Suggestion] | type[Matter], text: Any, *facts: Any) -> Select[Any]:
    """Select the category, the beginning of ``text``, and the facts of a suspect, in the order of its fields."""
    return select(model.category, func.substr(text, 1, READ), model.title, model.number, model.year, *facts)


def text_of(row: Suggestion) -> str:
    """Return title and content of a suggestion, or the content alone where it begins with the title."""
    return _text(row.title, row.content)


def _text(title: str, content: str) -> str:
    return content if content.startswith(title.rstrip("…")) else f"{title}\n{content}"

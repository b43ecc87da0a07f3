"""建议人: the authors of suggestions, stored apart and revealed on request; a suggestion as its author follows it by code."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import EVERY_BODY, db, scoped
from votes.models import Author, Season, Suggestion
from votes.rules.codes import readings
from votes.rules.errors import RuleBroken, invalid
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.suggestions.matters import MatterState
from votes.rules.suggestions.suggestions import AuthorText, SuggestionState
from votes.services import audit, imports
from votes.services.suggestions import intake, suggestions

# --- authors ------------------------------------------------------------------------------------------------


def masked(suggestion: Suggestion) -> AuthorText | None:
    """Return the author with name and telephone masked; None where the suggestion has no author."""
    author = _author(suggestion)
    return author and author.masked()


def reveal(suggestion: Suggestion, *, by: Actor, now: datetime) -> AuthorText | None:
    """Return name and telephone in full, and write the access to the audit log."""
    author = _author(suggestion)
    if author is not None:
        audit.record("suggestion.reveal", by=by, at=now, about=suggestion)
    return author


def _author(suggestion: Suggestion) -> AuthorText | None:
    author = db.session.get(Author, suggestion.id)
    return AuthorText(author.name, author.phone, author.unit, author.kind) if author else None


def names_of(rows: Iterable[Suggestion]) -> list[str]:
    """Return the names that the authors of ``rows`` gave, so that they can be removed from texts for others."""
    named = Author.suggestion_id.in_([row.id for row in rows]) & (Author.name != "")
    return list(db.session.scalars(select(Author.name).where(named)))


def named_authors(season: Season) -> int:
    """Return how many suggestions of a season have an author on record."""
    query = select(func.count(Author.suggestion_id)).join(Suggestion, Suggestion.id == Author.suggestion_id)
    return db.session.scalar(query.where(Suggestion.season_id == season.id)) or 0


def erase_authors(season: Season, *, by: Actor, now: datetime) -> int:
    """Delete the authors of a season that is over (个保法 art. 47: once the purpose is fulfilled).

    The suggestions stay, and can still be followed by 查询码. Uploaded workbooks of suggestions are deleted too.

    Returns:
        The number of authors deleted.

    Raises:
        RuleBroken: while the season is open.
    """
    if local(now).date() <= season.closes_on:
        raise RuleBroken("征集还没有结束，不能清除建议人信息。")
    of_season = select(Suggestion.id).where(Suggestion.season_id == season.id)
    count = named_authors(season)
    statement = delete(Author).where(Author.suggestion_id.in_(of_season))
    db.session.execute(statement, execution_options={"synchronize_session": False})
    imports.forget("suggestions")  # the rows of uploads contain names and telephones
    db.session.expire_all()
    audit.record("suggestion.erase_authors", by=by, at=now, about=season, after={"count": count})
    db.session.flush()
    return count


# --- for its author -----------------------------------------------------------------------------------------


def find(typed: str) -> Suggestion | None:
    """Return the suggestion with a typed 查询码, of any body, with its matter; nothing is recorded.

    Raises:
        RuleBroken: for a text that cannot be a code.
    """
    codes = readings(typed)
    if not codes:
        raise invalid("code", "查询码是 10 位字母和数字，请对照您记下的再输入一次；空格和大小写不影响。")
    shown = (joinedload(Suggestion.village), joinedload(Suggestion.season), joinedload(Suggestion.matter))
    with scoped(EVERY_BODY):
        return db.session.scalar(select(Suggestion).where(Suggestion.code.in_(codes)).options(*shown))


def answered(suggestion: Suggestion) -> bool:
    """Return whether the author has an answer: the reason of a refusal, or the answer to the matter."""
    if suggestion.state == SuggestionState.REFUSED:
        return True
    matter = suggestion.matter
    return matter is not None and matter.state == MatterState.DECIDED and bool(matter.answer)


def satisfy(suggestion: Suggestion, value: str, *, now: datetime) -> None:
    """Record how satisfied the author is with the answer; a later rating replaces it.

    Raises:
        RuleBroken: where there is no answer yet.
    """
    if value not in suggestions.SATISFACTIONS:
        raise invalid("satisfaction", "请选择满意、基本满意或不满意。")
    if not answered(suggestion):
        raise RuleBroken("这件建议还没有答复，请等答复后再评价。")
    suggestion.satisfaction = value
    after = {"satisfaction": value}
    with intake.without_address():
        audit.record("suggestion.satisfaction", by=PUBLIC, at=now, about=suggestion, after=after)
    db.session.flush()

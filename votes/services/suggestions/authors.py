"""建议人: who made a suggestion, kept apart from it and shown only when somebody asks; what its author reads and says."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import EVERY_BODY, db, scoped
from votes.models import Author, Body, Season, Suggestion
from votes.rules.codes import readings
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC, Actor
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.matters import MatterState
from votes.rules.suggestions.suggestions import AuthorText, SuggestionState
from votes.services import audit, imports
from votes.services.suggestions import intake, suggestions

# --- who made it --------------------------------------------------------------------------------------------


def masked(suggestion: Suggestion) -> AuthorText | None:
    """The author with all but the first sign of the name and most of the number covered; None where nobody is named."""
    author = db.session.get(Author, suggestion.id)
    if author is None:
        return None
    return AuthorText(
        rules.masked_name(author.name), rules.masked_phone(author.phone), author.unit, author.kind
    )


def reveal(suggestion: Suggestion, *, by: Actor, now: datetime) -> AuthorText | None:
    """Name and telephone in full. Every look is a line in the log."""
    author = db.session.get(Author, suggestion.id)
    if author is None:
        return None
    audit.record("suggestion.reveal", by=by, at=now, about=suggestion)
    return AuthorText(author.name, author.phone, author.unit, author.kind)


def names_of(rows: Iterable[Suggestion]) -> list[str]:
    """The names that the authors of ``rows`` gave of themselves: to be left out of what others read."""
    ids = [row.id for row in rows]
    return list(
        db.session.scalars(select(Author.name).where(Author.suggestion_id.in_(ids), Author.name != ""))
    )


def named_authors(season: Season) -> int:
    """How many suggestions of a season have an author on record."""
    return (
        db.session.scalar(
            select(func.count(Author.suggestion_id))
            .join(Suggestion, Suggestion.id == Author.suggestion_id)
            .where(Suggestion.season_id == season.id)
        )
        or 0
    )


def erase_authors(season: Season, *, by: Actor, now: datetime) -> int:
    """Forget who made the suggestions of a season that is over (个保法 art. 47: once the purpose is fulfilled).

    The suggestions stay, and can still be followed by 查询码. Uploads that were read for import and hold names go
    too. Returns how many authors were forgotten; raises RuleBroken while the season is open.
    """
    if local(now).date() <= season.closes_on:
        raise RuleBroken("征集还没有结束，不能清除建议人信息。")
    of_season = select(Suggestion.id).where(Suggestion.season_id == season.id)
    count = named_authors(season)
    db.session.execute(
        delete(Author).where(Author.suggestion_id.in_(of_season)),
        execution_options={"synchronize_session": False},
    )
    imports.forget("suggestions")  # their rows hold names and telephones
    db.session.expire_all()
    audit.record("suggestion.erase_authors", by=by, at=now, about=season, after={"count": count})
    db.session.flush()
    return count


# --- for its author -----------------------------------------------------------------------------------------


def find(typed: str) -> Suggestion | None:
    """The suggestion with a typed 查询码, whichever body it was made to, with what became of it.

    Raises RuleBroken for what can be no code. Nobody records who asks.
    """
    found = readings(typed)
    if not found:
        raise RuleBroken(
            "查询码是 10 位字母和数字，请对照您记下的再输入一次；空格和大小写不影响。",
            field="code",
            status=422,
        )
    query = (
        select(Suggestion)
        .where(Suggestion.code.in_(found))
        .options(
            joinedload(Suggestion.village),
            joinedload(Suggestion.season),
            joinedload(Suggestion.matter),
        )
    )
    with scoped(EVERY_BODY):
        suggestion: Suggestion | None = db.session.scalar(query)
    return suggestion


def body_of(suggestion: Suggestion) -> Body:
    """The body to which it was made."""
    found = db.session.get(Body, suggestion.body_id)
    assert found is not None
    return found


def answered(suggestion: Suggestion) -> bool:
    """Whether its author has an answer to judge."""
    if suggestion.state == SuggestionState.REFUSED:
        return True
    matter = suggestion.matter
    return matter is not None and matter.state == MatterState.DECIDED and bool(matter.answer)


def satisfy(suggestion: Suggestion, value: str, *, now: datetime) -> None:
    """Its author says whether the answer satisfies; may be said anew. Raises RuleBroken where there is no answer yet."""
    if value not in suggestions.SATISFACTIONS:
        raise RuleBroken("请选择满意、基本满意或不满意。", field="satisfaction", status=422)
    if not answered(suggestion):
        raise RuleBroken("这件建议还没有答复，请等答复后再评价。")
    suggestion.satisfaction = value
    with intake.without_address():
        audit.record(
            "suggestion.satisfaction", by=PUBLIC, at=now, about=suggestion, after={"satisfaction": value}
        )
    db.session.flush()

"""归并: filing suggestions in matters, splitting them off again, joining two matters.

Every suggestion and its author stay as they came; only which matter a suggestion belongs to changes.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from votes.db import db, flush_or
from votes.models import Matter, Suggestion
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.suggestions.matters import MAX_TEXT, MAX_TITLE, MatterState, Outcome, check_mergeable
from votes.rules.suggestions.personal import without_numbers, without_persons
from votes.rules.suggestions.suggestions import SUGGESTION, SuggestionState
from votes.services import audit
from votes.services.suggestions import authors
from votes.services.suggestions.decisions import take_up
from votes.services.suggestions.matters import lock, next_number, number_taken

#: The relationships of a matter that are read again once it is locked: somebody else may have changed them.
_RELATIONSHIPS = ("suggestions", "transfers", "decisions")


def open_matter(rows: Iterable[Suggestion], *, title: str = "", by: Actor, now: datetime) -> Matter:
    """Open a matter for one suggestion or several, by default with the title of the first.

    Its category is the first that a suggestion has; its village is that of all suggestions, if they have the same.

    Raises:
        RuleBroken: for no suggestions, for suggestions of different years, and for one that is filed or refused.
    """
    suggestions = _lock_received(rows)
    first = suggestions[0]
    if len({each.year for each in suggestions}) > 1:
        raise RuleBroken("所选建议属于不同年度，不能合并。没有改动。", code="years")
    names = authors.names_of(suggestions)
    matter = Matter(
        year=first.year,
        number=next_number(first.year),
        title=(without_numbers(title.strip()) or without_persons(first.title, names))[:MAX_TITLE],
        category=next((each.category for each in suggestions if each.category), ""),
        summary=_summary(suggestions, names),
        village_id=first.village_id if len({each.village_id for each in suggestions}) == 1 else None,
        created_at=now,
    )
    db.session.add(matter)
    flush_or(number_taken(), constraint="uq_matters_number")
    _file(matter, suggestions, "matter.open", by=by, now=now)
    return matter


def open_each(rows: Iterable[Suggestion], *, by: Actor, now: datetime) -> list[Matter]:
    """Open a matter for each of the suggestions."""
    return [open_matter([each], by=by, now=now) for each in _lock_received(rows)]


def merge(matter: Matter, rows: Iterable[Suggestion], *, by: Actor, now: datetime) -> Matter:
    """File suggestions in an existing matter; a matter of the 储备库 is taken up for their year first.

    Raises:
        RuleBroken: where a unit works on the matter or it has its outcome, and for suggestions of another year.
    """
    lock(matter)
    suggestions = _lock_received(rows)
    if matter.outcome == Outcome.RESERVE:
        take_up(matter, suggestions[0].year, by=by, now=now)
    check_mergeable(matter.state, matter.title)
    if any(each.year != matter.year for each in suggestions):
        words = f"建议与事项不属于同一年度（事项为{matter.year}年），不能归并。没有改动。"
        raise RuleBroken(words, code="years")
    _file(matter, suggestions, "matter.merge", by=by, now=now)
    return matter


def split(matter: Matter, suggestion: Suggestion, *, by: Actor, now: datetime) -> bool:
    """Put a suggestion back on the work list; delete a matter that has no other.

    Returns:
        Whether the matter still exists.

    Raises:
        RuleBroken: where the matter cannot be merged, the suggestion is not in it, or it is the last one and the
            matter has transfers or decisions.
    """
    lock(matter)
    db.session.refresh(suggestion, ["state", "matter_id"], with_for_update=True)
    db.session.expire(matter, _RELATIONSHIPS)
    check_mergeable(matter.state, matter.title)
    if suggestion.matter_id != matter.id:
        raise RuleBroken("这条建议已不在本事项中，页面可能已过期，请刷新后再看。没有改动。", code="elsewhere")
    last = len(matter.suggestions) == 1
    if last and (matter.transfers or matter.decisions):
        words = "这是事项中的最后一条建议，事项已有办理记录，不能再拆分。如需终止办理，请确定处理结果。"
        raise RuleBroken(words, code="last")
    suggestion.state = step(SUGGESTION, suggestion.state, "unfile")
    suggestion.matter_id = None
    matter.suggestions.remove(suggestion)
    audit.record("matter.split", by=by, at=now, about=matter, before={"suggestions": [suggestion.number]})
    db.session.flush()
    if last:
        db.session.delete(matter)
        db.session.flush()
    return not last


def join(matter: Matter, other: Matter, *, by: Actor, now: datetime) -> Matter:
    """Move the suggestions, transfers and decisions of ``other`` to ``matter``, and delete ``other``.

    Raises:
        RuleBroken: for one and the same matter, for different years, and where either is with a unit or decided.
    """
    if matter.id == other.id:
        raise invalid("number", "请填写另一个事项的编号。")
    for each in sorted((matter, other), key=lambda one: one.id):
        lock(each)
        db.session.expire(each, _RELATIONSHIPS)
    for each in (matter, other):
        check_mergeable(each.state, each.title)
    if matter.year != other.year:
        raise RuleBroken("两个事项不属于同一年度，不能合并。没有改动。", code="years")
    after = {"number": other.number, "suggestions": _numbers(other.suggestions)}
    audit.record("matter.join", by=by, at=now, about=matter, after=after)
    matter.suggestions.extend(list(other.suggestions))
    matter.transfers.extend(list(other.transfers))
    for decision in other.decisions:
        decision.matter_id = matter.id
    if MatterState.REPORTED in (matter.state, other.state):
        matter.state = MatterState.REPORTED
    db.session.flush()
    db.session.expire(other, _RELATIONSHIPS)
    db.session.delete(other)
    db.session.flush()
    db.session.expire(matter, _RELATIONSHIPS)
    return matter


def _lock_received(rows: Iterable[Suggestion]) -> list[Suggestion]:
    """Lock suggestions and read them again, in the order of their numbers. Raise RuleBroken unless all are received."""
    ids = sorted({each.id for each in rows})
    if not ids:
        raise RuleBroken("请先勾选至少一条建议。", code="none", status=422)
    query = select(Suggestion).where(Suggestion.id.in_(ids)).order_by(Suggestion.year, Suggestion.number)
    locked = query.with_for_update().execution_options(populate_existing=True)
    suggestions = list(db.session.scalars(locked))
    taken = "、".join(
        f"第 {each.number} 号" for each in suggestions if each.state != SuggestionState.RECEIVED
    )
    if taken:
        raise RuleBroken(f"{taken}建议已由其他人归并或不予受理，没有改动。请刷新列表后再办理。", code="taken")
    return suggestions


def _file(
    matter: Matter, suggestions: Sequence[Suggestion], action: str, *, by: Actor, now: datetime
) -> None:
    """Make ``suggestions`` part of a matter, and write ``action`` to the audit log."""
    for each in suggestions:
        each.state = step(SUGGESTION, each.state, "file")
        each.matter_id = matter.id
    db.session.flush()
    db.session.expire(matter, ["suggestions"])
    audit.record(action, by=by, at=now, about=matter, after={"suggestions": _numbers(suggestions)})
    db.session.flush()


def _numbers(rows: Iterable[Suggestion]) -> list[int]:
    return [each.number for each in rows]


def _summary(suggestions: Sequence[Suggestion], names: Collection[str]) -> str:
    """Return the texts without numbers and without persons: a draft that the office edits."""
    texts = [without_persons(each.content, names) for each in suggestions]
    if len(texts) == 1:
        return texts[0][:MAX_TEXT]
    room = max(MAX_TEXT // len(texts) - 5, 20)
    return "\n".join(f"{position}. {text[:room]}" for position, text in enumerate(texts, start=1))[:MAX_TEXT]

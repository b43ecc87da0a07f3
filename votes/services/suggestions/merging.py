"""归并: the work list of suggestions, what may be the same, and how they come together in matters and part again.

Every original and its author stay as they came; only which matter a suggestion belongs to changes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload

from votes.db import containing, db, flush_or
from votes.models import Matter, Suggestion
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.rules.suggestions import matters as rules
from votes.rules.suggestions.matters import MAX_TEXT, MAX_TITLE, MatterState, Outcome
from votes.rules.suggestions.personal import without_numbers, without_persons
from votes.rules.suggestions.suggestions import SUGGESTION, Channel, SuggestionState
from votes.services import audit
from votes.services.suggestions import authors
from votes.services.suggestions.decisions import take_up
from votes.services.suggestions.likeness import closest
from votes.services.suggestions.matters import BY_CATEGORY, lock, next_number, number_taken

# --- reading ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """What the work list shows: the received suggestions of a year that are in no matter yet."""

    year: int
    category: str | None = None  # "": those without one
    village_id: int | None = None
    channel: Channel | None = None
    words: str = ""

    def conditions(self, *, with_category: bool = True) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [
            Suggestion.year == self.year,
            Suggestion.state == SuggestionState.RECEIVED,
        ]
        if self.category is not None and with_category:
            found.append(Suggestion.category == self.category)
        if self.village_id:
            found.append(Suggestion.village_id == self.village_id)
        if self.channel:
            found.append(Suggestion.channel == self.channel)
        return found + containing(self.words, Suggestion.title, Suggestion.content, Suggestion.place)


def waiting(wanted: Waiting, number: int, size: int = 50) -> list[Suggestion]:
    """One page of the work list, by category, then as they came."""
    return list(
        db.session.scalars(
            select(Suggestion)
            .where(*wanted.conditions())
            .options(joinedload(Suggestion.village))
            .order_by(case(BY_CATEGORY, value=Suggestion.category, else_=99), Suggestion.number)
            .limit(size)
            .offset((max(number, 1) - 1) * size)
        )
    )


def waiting_counts(wanted: Waiting) -> dict[str, int]:
    """Category → how many wait, its own category aside."""
    rows = db.session.execute(
        select(Suggestion.category, func.count(Suggestion.id))
        .where(*wanted.conditions(with_category=False))
        .group_by(Suggestion.category)
    ).all()
    return dict(sorted(((c, n) for c, n in rows), key=lambda each: BY_CATEGORY.get(each[0], 99)))


def chosen(ids: Iterable[int]) -> list[Suggestion]:
    """The suggestions with these ids, those of the body in scope."""
    return list(db.session.scalars(select(Suggestion).where(Suggestion.id.in_(list(ids)[:200]))))


class Suspect(NamedTuple):
    """Something that a suggestion may be the same as: another that waits (``matter_id`` None), one that is in a matter
    already, or a matter (``suggestion_id`` None) of the year or of the 储备库."""

    percent: int
    title: str
    number: int
    year: int
    suggestion_id: int | None
    matter_id: int | None
    reserve: bool = False  # a matter of the 储备库

    @property
    def key(self) -> str:
        """What stands for it in an address: s12, m7."""
        return f"m{self.matter_id}" if self.matter_id else f"s{self.suggestion_id}"


def suspects(
    rows: Sequence[Suggestion], *, least: int, limit: int = 2, within_category: bool = True
) -> dict[int, list[Suspect]]:
    """For each of ``rows`` (a page of one year's) what it may be the same as, the likest first.

    Compared with the suggestions and matters of the year and the 储备库; on a page only with those of the same category, which
    are a tenth. A matter is named once, by what in it is likest. Two statements.
    """
    if not rows:
        return {}
    pool = _pool(rows[0].year, {row.category for row in rows} if within_category else None)
    by_category: dict[str, list[tuple[Suspect, str]]] = {}
    for category, suspect, text in pool:
        by_category.setdefault(category if within_category else "", []).append((suspect, text))
    found = {}
    for row in rows:
        group = by_category.get(row.category if within_category else "", [])
        texts = [text for _, text in group]
        near = closest(text_of(row), texts, least=least, limit=limit + 4)
        named: dict[str, Suspect] = {}
        for place, percent in near:
            suspect = group[place][0]
            own = suspect.suggestion_id == row.id or (row.matter_id and suspect.matter_id == row.matter_id)
            if not own:
                named.setdefault(suspect.key, suspect._replace(percent=percent))
        found[row.id] = list(named.values())[:limit]
    return found


def _text(title: str, content: str) -> str:
    """Both, but for a title that is only the beginning of the content."""
    return content if content.startswith(title.rstrip("…")) else f"{title}\n{content}"


def text_of(row: Suggestion) -> str:
    """What a suggestion says, each thing once."""
    return _text(row.title, row.content)


def _pool(year: int, categories: Collection[str] | None) -> list[tuple[str, Suspect, str]]:
    """(category, what it is, its words) of all that a suggestion of ``year`` is compared with."""
    asked = select(
        Suggestion.category,
        Suggestion.id,
        Suggestion.number,
        Suggestion.title,
        func.substr(Suggestion.content, 1, 100),
        Suggestion.matter_id,
    ).where(Suggestion.year == year, Suggestion.state != SuggestionState.REFUSED)
    kept = select(
        Matter.category,
        Matter.id,
        Matter.number,
        Matter.title,
        func.substr(Matter.summary, 1, 100),
        Matter.year,
        Matter.outcome,
    ).where(or_(Matter.outcome == Outcome.RESERVE, Matter.year == year))
    if categories is not None:
        asked = asked.where(Suggestion.category.in_(categories))
        kept = kept.where(Matter.category.in_(categories))
    found = [
        (category, Suspect(0, title, number, year, id_, matter_id), _text(title, content))
        for category, id_, number, title, content, matter_id in db.session.execute(asked)
    ]
    found += [
        (
            category,
            Suspect(0, title, number, kept_year, None, id_, outcome == Outcome.RESERVE),
            _text(title, content),
        )
        for category, id_, number, title, content, kept_year, outcome in db.session.execute(kept)
    ]
    return found


def suspects_of(suggestion: Suggestion, *, least: int, limit: int = 6) -> list[Suspect]:
    """What one suggestion is most like, whatever its category."""
    return suspects([suggestion], least=least, limit=limit, within_category=False)[suggestion.id]


# --- merging -------------------------------------------------------------------------------------------

#: What a matter holds: read anew once it is locked, since somebody else may have moved it meanwhile.
_HELD = ("suggestions", "transfers", "decisions")


def open_matter(
    rows: Iterable[Suggestion], *, title: str = "", category: str = "", by: Actor, now: datetime
) -> Matter:
    """One matter of one suggestion or several: their words and authors stay as they are.

    Title, category and place are the first's unless given. Raises RuleBroken for none, for suggestions of different
    years, and for any that somebody has filed or refused in the meantime.
    """
    held = _hold(rows)
    first = held[0]
    years = {each.year for each in held}
    if len(years) > 1:
        raise RuleBroken("所选建议属于不同年度，不能合并。没有改动。", code="years")
    names = authors.names_of(held)
    matter = Matter(
        year=first.year,
        number=next_number(first.year),
        title=(without_numbers(title.strip()) or without_persons(first.title, names))[:MAX_TITLE],
        category=category or next((each.category for each in held if each.category), ""),
        summary=_summary(held, names),
        village_id=first.village_id if len({each.village_id for each in held}) == 1 else None,
        state=MatterState.OPEN,
        created_at=now,
    )
    rules.check_text(matter.title, matter.summary)
    db.session.add(matter)
    flush_or(number_taken(), constraint="uq_matters_number")
    _file(matter, held)
    audit.record("matter.open", by=by, at=now, about=matter, after={"suggestions": _numbers(held)})
    db.session.flush()
    return matter


def open_each(rows: Iterable[Suggestion], *, by: Actor, now: datetime) -> list[Matter]:
    """A matter for each of the suggestions."""
    return [open_matter([each], by=by, now=now) for each in _hold(rows)]


def merge(matter: Matter, rows: Iterable[Suggestion], *, by: Actor, now: datetime) -> Matter:
    """Suggestions that wait come to a matter that there is; one of the 储备库 is taken up again for their year.

    Raises RuleBroken where a unit is working on the matter or it has its outcome, and for suggestions of another year.
    """
    lock(matter)
    held = _hold(rows)
    if matter.outcome == Outcome.RESERVE:
        take_up(matter, held[0].year, by=by, now=now)
    rules.check_mergeable(matter.state, matter.title)
    if any(each.year != matter.year for each in held):
        raise RuleBroken(
            f"建议与事项不属于同一年度（事项为{matter.year}年），不能归并。没有改动。", code="years"
        )
    _file(matter, held)
    audit.record("matter.merge", by=by, at=now, about=matter, after={"suggestions": _numbers(held)})
    db.session.flush()
    return matter


def split(matter: Matter, suggestion: Suggestion, *, by: Actor, now: datetime) -> bool:
    """A suggestion goes back to the work list. The last one takes the matter with it, unless something has happened to
    that already. Answers whether the matter is still there."""
    lock(matter)
    db.session.refresh(suggestion, ["state", "matter_id"], with_for_update=True)
    db.session.expire(matter, _HELD)
    rules.check_mergeable(matter.state, matter.title)
    if suggestion.matter_id != matter.id:
        raise RuleBroken("这条建议已不在本事项中，页面可能已过期，请刷新后再看。没有改动。", code="elsewhere")
    last = len(matter.suggestions) == 1
    if last and (matter.transfers or matter.decisions):
        raise RuleBroken(
            "这是事项中的最后一条建议，事项已有办理记录，不能再拆分。如需终止办理，请确定处理结果。",
            code="last",
        )
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
    """Two matters become one: the suggestions, transfers and decisions of ``other`` come to ``matter``, ``other`` is gone.

    Raises RuleBroken for one and the same, for different years, and where either is with a unit or decided.
    """
    if matter.id == other.id:
        raise RuleBroken("请填写另一个事项的编号。", field="number", status=422)
    for each in sorted((matter, other), key=lambda one: one.id):
        lock(each)
        db.session.expire(each, _HELD)
    for each in (matter, other):
        rules.check_mergeable(each.state, each.title)
    if matter.year != other.year:
        raise RuleBroken("两个事项不属于同一年度，不能合并。没有改动。", code="years")
    moved = list(other.suggestions)
    audit.record(
        "matter.join",
        by=by,
        at=now,
        about=matter,
        after={"number": other.number, "suggestions": _numbers(moved)},
    )
    for suggestion in moved:
        suggestion.matter = matter
    for transfer in list(other.transfers):
        transfer.matter = matter
    for decision in list(other.decisions):
        other.decisions.remove(decision)
        matter.decisions.append(decision)
    if MatterState.REPORTED in (matter.state, other.state):
        matter.state = MatterState.REPORTED
    db.session.flush()
    db.session.expire(other, _HELD)
    db.session.delete(other)
    db.session.flush()
    db.session.expire(matter, _HELD)
    return matter


def _hold(rows: Iterable[Suggestion]) -> list[Suggestion]:
    """The suggestions read anew and held, in the order of their numbers; all of them still wait."""
    ids = sorted({each.id for each in rows})
    if not ids:
        raise RuleBroken("请先勾选至少一条建议。", code="none", status=422)
    held = list(
        db.session.scalars(
            select(Suggestion)
            .where(Suggestion.id.in_(ids))
            .order_by(Suggestion.year, Suggestion.number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    gone = [f"第 {each.number} 号" for each in held if each.state != SuggestionState.RECEIVED]
    if gone:
        raise RuleBroken(
            f"{'、'.join(gone)}建议已由其他人归并或不予受理，没有改动。请刷新列表后再办理。", code="taken"
        )
    return held


def _file(matter: Matter, held: Sequence[Suggestion]) -> None:
    for each in held:
        each.state = step(SUGGESTION, each.state, "file")
        each.matter_id = matter.id
    db.session.flush()
    db.session.expire(matter, ["suggestions"])


def _numbers(rows: Iterable[Suggestion]) -> list[int]:
    return [each.number for each in rows]


def _summary(held: Sequence[Suggestion], names: Collection[str]) -> str:
    """What the originals say, without numbers and without who says it: a start for the clerk, who edits it."""
    if len(held) == 1:
        return without_persons(held[0].content, names)[:MAX_TEXT]
    room = MAX_TEXT // len(held) - 5
    return "\n".join(
        f"{place}. {without_persons(each.content, names)[: max(room, 20)]}"
        for place, each in enumerate(held, start=1)
    )[:MAX_TEXT]

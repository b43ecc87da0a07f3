"""代表名册: search the deputies of a body, enter and change them one by one."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager

from votes.db import Search, by_id, count_by, db, flush_or
from votes.models import Delegation, Deputy
from votes.rules.errors import RuleBroken
from votes.rules.people import roster as rules
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.people import bodies, delegations
from votes.services.people.pinyin import spell, tidy_pinyin

# --- reads -----------------------------------------------------------------------------------------------


get = by_id(select(Deputy))


def counts() -> dict[DeputyState, int]:
    """Count the deputies of each state."""
    return dict.fromkeys(DeputyState, 0) | count_by(Deputy.state)


def _matching(words: str, day: date | None) -> ColumnElement[bool]:
    """Select deputies whose name, pinyin, initials, number, telephone, post or constituency match the words."""
    words = " ".join(words.split())
    letters = words.lower().replace(" ", "")
    conditions = [
        Deputy.name.contains(words, autoescape=True),
        Deputy.post.contains(words, autoescape=True),
        Deputy.constituency.contains(words, autoescape=True),
        Deputy.number.contains(rules.normal_number(words), autoescape=True),
    ]
    if letters.isascii():
        conditions += [
            Deputy.initials.startswith(letters.upper(), autoescape=True),
            func.replace(Deputy.pinyin, " ", "").startswith(letters, autoescape=True),
            Deputy.phone.contains(letters, autoescape=True),
        ]
    return or_(*conditions)


_BY_NUMBER = (func.length(Deputy.number), Deputy.number)
SEARCH = Search(
    filters={"q": _matching, "delegation_id": Deputy.delegation_id, "state": Deputy.state},
    sorts={
        "delegation": ("代表团", (Delegation.position, Delegation.id, *_BY_NUMBER)),
        "number": ("代表证号", _BY_NUMBER),
        "name": ("姓名拼音", (Deputy.pinyin, *_BY_NUMBER)),
        "born": ("出生年月", (Deputy.born.is_(None), Deputy.born, *_BY_NUMBER)),
    },
)


def search(chosen: Mapping[str, Any] | None = None) -> Select[Deputy]:
    """Select deputies as ``chosen`` narrows and sorts them (see `SEARCH`); all of them, by delegation, without it."""
    query = select(Deputy).join(Deputy.delegation).options(contains_eager(Deputy.delegation))
    return SEARCH.of(query, chosen or {})


def everyone(chosen: Mapping[str, Any] | None = None) -> list[Deputy]:
    """Return the deputies of a `search`."""
    return list(db.session.scalars(search(chosen)))


def values_of(deputy: Deputy) -> rules.Values:
    """Return a deputy as the rules have one."""
    values = audit.facts(deputy, *rules.COLUMNS)
    return values | {"delegation": deputy.delegation.name, "state": deputy.state.value}


def values_with_spelling(deputy: Deputy) -> rules.Values:
    """Return what the form of a deputy shows, and the audit log compares."""
    return {**values_of(deputy), **audit.facts(deputy, "pinyin", "initials")}


def standing() -> dict[str, rules.Values]:
    """Return number → values of all deputies."""
    return {d.number: values_of(d) for d in db.session.scalars(select(Deputy).order_by(*_BY_NUMBER))}


# --- one deputy ----------------------------------------------------------------------------------------


def save(
    deputy: Deputy | None, texts: Mapping[str, str | None], *, by: Actor, now: datetime, today: date
) -> Deputy:
    """Add (``deputy`` None) or change a deputy; `set_state` changes the state.

    A delegation that does not exist is added. "pinyin" and "initials" are made of the name unless given. Raises RuleBroken
    at the field for a value that the rules refuse and for the number of another deputy.
    """
    values, problems = rules.clean({**texts, "state": None}, today=today)
    for name, problem in problems.items():
        raise RuleBroken(problem, field=name, status=422)
    action = "deputy.edit" if deputy else "deputy.create"
    before = values_with_spelling(deputy) if deputy else {}
    deputy = deputy or Deputy(state=DeputyState.ACTIVE, pinyin="", initials="")
    pinyin, initials = (texts.get(name) or "" for name in ("pinyin", "initials"))
    spelling = _spelling(deputy, str(values["name"]), tidy_pinyin(pinyin), initials)
    name = values["delegation"] or ""
    deputy.delegation_id = delegations.ids_of([name], by=by, now=now)[name]
    audit.put(deputy, {name: values[name] for name in rules.COLUMNS.keys() - {"delegation", "state"}})
    deputy.pinyin, deputy.initials = spelling
    db.session.add(deputy)
    words = bodies.speak("代表证号“{}”已经是另一位代表的，请核对。").format(values["number"])
    taken = RuleBroken(words, field="number", code="taken", status=422)
    flush_or(taken, constraint="uq_deputies_body_id_number")
    after = {**values, "state": deputy.state, **audit.facts(deputy, "pinyin", "initials")}
    before, after = audit.changes(before, after)
    if after:
        audit.record(action, by=by, at=now, about=deputy, before=before, after=after)
    return deputy


def _spelling(deputy: Deputy, name: str, pinyin: str, initials: str) -> tuple[str, str]:
    """Return pinyin and initials: what was typed anew, else what the deputy has, else the spelling of a new name."""
    spelt = spell(name) if name != deputy.name else (deputy.pinyin, deputy.initials)
    initials = "".join(initials.split()).upper()[:30]
    return (
        pinyin if pinyin and pinyin != deputy.pinyin else spelt[0] or spell(name)[0],
        initials if initials and initials != deputy.initials else spelt[1] or spell(name)[1],
    )


def set_state(deputy: Deputy, state: DeputyState, *, reason: str = "", by: Actor, now: datetime) -> None:
    """Set a deputy to 在任, 暂停 or 终止, with the reason for the log (代表法 2025, arts. 61–62); cards stay."""
    if deputy.state == state:
        return
    audit.assign(deputy, "deputy.state", state=state, message=reason.strip() or None, by=by, at=now)
    db.session.flush()

"""The roster of deputies and their delegations: by hand, by spreadsheet, and back into one."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager

from votes.db import db, flush_or, page as page
from votes.models import Delegation, Deputy
from votes.rules.errors import RuleBroken
from votes.rules.people import roster as rules
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import Values
from votes.services import audit
from votes.services.people import bodies, delegations
from votes.services.people.pinyin import spell, tidy_pinyin

# --- reads -----------------------------------------------------------------------------------------------


def get(deputy_id: int) -> Deputy | None:
    return db.session.scalar(select(Deputy).where(Deputy.id == deputy_id))


def counts() -> dict[DeputyState, int]:
    """How many deputies stand in each state."""
    found = dict(db.session.execute(select(Deputy.state, func.count()).group_by(Deputy.state)).all())
    return {state: found.get(state, 0) for state in DeputyState}


_BY_NUMBER = (func.length(Deputy.number), Deputy.number)
SORTS = {
    "delegation": (Delegation.position, Delegation.id, *_BY_NUMBER),
    "number": _BY_NUMBER,
    "name": (Deputy.pinyin, *_BY_NUMBER),
    "born": (Deputy.born.is_(None), Deputy.born, *_BY_NUMBER),
}


def search(
    *,
    q: str = "",
    delegation_id: int | None = None,
    state: DeputyState | None = None,
    sort: str = "delegation",
) -> Select[Deputy]:
    """Deputies whose name, pinyin, initials, number, phone or post go with ``q``; an unknown sort is the usual one."""
    query = (
        select(Deputy)
        .join(Deputy.delegation)
        .options(contains_eager(Deputy.delegation))
        .order_by(*SORTS.get(sort, SORTS["delegation"]))
    )
    q = " ".join(q.split())
    if q:
        letters = q.lower().replace(" ", "")
        tests = [
            Deputy.name.contains(q, autoescape=True),
            Deputy.post.contains(q, autoescape=True),
            Deputy.constituency.contains(q, autoescape=True),
            Deputy.number.contains(rules.normal_number(q), autoescape=True),
        ]
        if letters.isascii():
            tests += [
                Deputy.initials.startswith(letters.upper(), autoescape=True),
                func.replace(Deputy.pinyin, " ", "").startswith(letters, autoescape=True),
                Deputy.phone.contains(letters, autoescape=True),
            ]
        query = query.where(or_(*tests))
    if delegation_id:
        query = query.where(Deputy.delegation_id == delegation_id)
    if state:
        query = query.where(Deputy.state == state)
    return query


def everyone(query: Select[Deputy]) -> list[Deputy]:
    return list(db.session.scalars(query))


def values_of(deputy: Deputy) -> Values:
    """A deputy as the rules know one."""
    values: Values = {name: getattr(deputy, name) for name in rules.COLUMNS}
    values["delegation"] = deputy.delegation.name
    values["state"] = deputy.state.value
    return values


def standing() -> dict[str, Values]:
    """The whole roster, number → values."""
    return {d.number: values_of(d) for d in db.session.scalars(select(Deputy).order_by(*_BY_NUMBER))}


# --- one deputy ----------------------------------------------------------------------------------------


def save(
    deputy: Deputy | None,
    texts: Mapping[str, str | None],
    *,
    pinyin: str = "",
    initials: str = "",
    by: Actor,
    now: datetime,
    today: date,
) -> Deputy:
    """Add (``deputy`` None) or change a deputy. The state is not changed here, see `set_state`.

    A delegation that is not there yet is made. Pinyin and initials are spelt out of the name unless given.
    Raises RuleBroken at the field for a value that cannot be, or a number that somebody else has.
    """
    values, problems = rules.clean({**texts, "state": None}, today=today)
    for name, problem in problems.items():
        raise RuleBroken(problem, field=name, status=422)
    new = deputy is None
    before: dict[str, Any] = {}
    if deputy is None:
        deputy = Deputy(state=DeputyState.ACTIVE, pinyin="", initials="")
    else:
        before = {**values_of(deputy), "pinyin": deputy.pinyin, "initials": deputy.initials}
    spelt = _spelling(deputy, str(values["name"]), tidy_pinyin(pinyin), initials)
    name = values["delegation"] or ""
    deputy.delegation_id = delegations.ids_of([name], by=by, now=now)[name]
    for field in rules.COLUMNS.keys() - {"delegation", "state"}:
        setattr(deputy, field, values[field])
    deputy.pinyin, deputy.initials = spelt
    if new:
        db.session.add(deputy)
    flush_or(
        RuleBroken(
            bodies.speak("代表证号“{}”已经是另一位代表的，请核对。").format(values["number"]),
            field="number",
            code="taken",
            status=422,
        ),
        constraint="uq_deputies_body_id_number",
    )
    after = {**values, "state": deputy.state.value, "pinyin": deputy.pinyin, "initials": deputy.initials}
    before, after = audit.changes(before, after)
    if after:
        audit.record(
            "deputy.create" if new else "deputy.edit", by=by, at=now, about=deputy, before=before, after=after
        )
    return deputy


def _spelling(deputy: Deputy, name: str, pinyin: str, initials: str) -> tuple[str, str]:
    """What staff typed, where they changed it; else what stands, or is spelt anew for a new name."""
    spelt = spell(name) if name != deputy.name else (deputy.pinyin, deputy.initials)
    initials = "".join(initials.split()).upper()[:30]
    return (
        pinyin if pinyin and pinyin != deputy.pinyin else spelt[0] or spell(name)[0],
        initials if initials and initials != deputy.initials else spelt[1] or spell(name)[1],
    )


def set_state(deputy: Deputy, state: DeputyState, *, reason: str = "", by: Actor, now: datetime) -> None:
    """在任, 暂停 or 终止, with the reason for the log (代表法 2025, arts. 61–62). Cards are not touched here."""
    before = deputy.state
    if before == state:
        return
    deputy.state = state
    audit.record(
        "deputy.state",
        by=by,
        at=now,
        about=deputy,
        before={"state": before},
        after={"state": state},
        message=reason.strip() or None,
    )
    db.session.flush()

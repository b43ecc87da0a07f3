"""The roster of deputies and their delegations: by hand, by spreadsheet, and back into one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import contains_eager

from votes.db import db, flush_or, page as page
from votes.models import Delegation, Deputy, HallDelegation, Teller
from votes.rules.errors import RuleBroken
from votes.rules.people import roster as rules
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.rules.people.roster import Values
from votes.services import audit
from votes.services.people import bodies
from votes.services.people.pinyin import spell, tidy_pinyin

# --- reads -----------------------------------------------------------------------------------------------


def get(deputy_id: int) -> Deputy | None:
    return db.session.scalar(select(Deputy).where(Deputy.id == deputy_id))


def delegations() -> list[Delegation]:
    """代表团, in the order of the place."""
    return list(db.session.scalars(select(Delegation).order_by(Delegation.position, Delegation.id)))


def delegation_sizes() -> dict[int, int]:
    """Delegation id → how many deputies are in office there."""
    rows = db.session.execute(
        select(Deputy.delegation_id, func.count())
        .where(Deputy.state != DeputyState.ENDED)
        .group_by(Deputy.delegation_id)
    )
    return dict(rows.all())


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
    _set(deputy, values, delegation_ids([values["delegation"] or ""], by=by, now=now))
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


def _set(deputy: Deputy, values: Values, delegations: Mapping[str, int]) -> None:
    for name in rules.COLUMNS:
        if name not in ("delegation", "state"):
            setattr(deputy, name, values[name])
    deputy.delegation_id = delegations[values["delegation"] or ""]


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


# --- delegations -----------------------------------------------------------------------------------------


def delegation_ids(names: Iterable[str], *, by: Actor, now: datetime) -> dict[str, int]:
    """Name → id; those that are not there yet are made, after the others."""
    known = delegations()
    ids = {d.name: d.id for d in known}
    position = max((d.position for d in known), default=0)
    fresh = []
    for name in rules.in_order(n for n in names if n not in ids):
        position += 1
        fresh.append(Delegation(name=name, position=position))
    if fresh:
        db.session.add_all(fresh)
        db.session.flush()
        for delegation in fresh:
            ids[delegation.name] = delegation.id
            audit.record(
                "delegation.create", by=by, at=now, about=delegation, after={"name": delegation.name}
            )
    return ids


def arrange_delegations(changes: Mapping[int, tuple[str, int]], *, by: Actor, now: datetime) -> None:
    """New names and places: id → (name, position). Raises RuleBroken for an empty or doubled name."""
    found = {d.id: d for d in delegations()}
    wanted = {
        id_: {"name": " ".join(name.split()), "position": position}
        for id_, (name, position) in changes.items()
        if id_ in found
    }
    longest = rules.LONGEST["delegation"]
    names = [str(wanted[id_]["name"]) if id_ in wanted else d.name for id_, d in found.items()]
    if any(not name or len(name) > longest for name in names):
        raise RuleBroken(
            bodies.speak(f"代表团名称不能为空，也不能超过 {longest} 个字。没有改动。"), status=422
        )
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise RuleBroken(
            bodies.speak("有两个代表团都叫“{}”，请改成不同的名称。没有改动。").format(doubled), status=422
        )
    for id_, values in wanted.items():
        before, after = audit.changes({"name": found[id_].name, "position": found[id_].position}, values)
        if after:
            audit.record("delegation.edit", by=by, at=now, about=found[id_], before=before, after=after)
        if "name" in after:
            found[id_].name = f"#{id_}"  # two that change names with each other would collide half-way
    db.session.flush()
    for id_, values in wanted.items():
        for key, value in values.items():
            setattr(found[id_], key, value)
    db.session.flush()


def remove_delegation(delegation: Delegation, *, by: Actor, now: datetime) -> None:
    """Take away a delegation nobody belongs to, and its seat in any hall.

    Raises RuleBroken while it has deputies, former ones included, and where it has nominated a teller.
    """
    if db.session.scalar(select(Deputy.id).where(Deputy.delegation_id == delegation.id).limit(1)):
        raise RuleBroken(
            bodies.speak("“{}”还有代表（含已终止资格的），不能删除。请先把他们改到别的代表团。").format(
                delegation.name
            )
        )
    if db.session.scalar(select(Teller.id).where(Teller.nominated_by_id == delegation.id).limit(1)):
        raise RuleBroken(f"“{delegation.name}”提名过监票人，记录须保留，不能删除。")
    audit.record("delegation.remove", by=by, at=now, about=delegation, before={"name": delegation.name})
    db.session.flush()
    db.session.execute(delete(HallDelegation).where(HallDelegation.delegation_id == delegation.id))
    db.session.execute(delete(Delegation).where(Delegation.id == delegation.id))


def get_delegation(delegation_id: int) -> Delegation | None:
    return db.session.scalar(select(Delegation).where(Delegation.id == delegation_id))

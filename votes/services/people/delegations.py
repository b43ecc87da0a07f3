"""代表团: the delegations of a body, in the order of the place."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select

from votes.db import by_id, count_by, db
from votes.models import Delegation, Deputy, HallDelegation, Teller
from votes.rules.errors import RuleBroken
from votes.rules.people import roster as rules
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState
from votes.services import audit
from votes.services.people import bodies

# --- reads -----------------------------------------------------------------------------------------------


def all_delegations() -> list[Delegation]:
    """Return the delegations in the order of the place."""
    return list(db.session.scalars(select(Delegation).order_by(Delegation.position, Delegation.id)))


get = by_id(select(Delegation))


def sizes() -> dict[int, int]:
    """Return delegation id → how many deputies it has, in office or suspended."""
    return count_by(Deputy.delegation_id, Deputy.state != DeputyState.ENDED)


# --- acts ------------------------------------------------------------------------------------------------


def ids_of(names: Iterable[str], *, by: Actor, now: datetime) -> dict[str, int]:
    """Return name → id of all delegations; those of ``names`` that do not exist are added behind the others."""
    known = all_delegations()
    ids = {each.name: each.id for each in known}
    last = max((each.position for each in known), default=0)
    for name in rules.in_order(name for name in names if name not in ids):
        last += 1
        delegation = Delegation(name=name, position=last)
        db.session.add(delegation)
        audit.record("delegation.create", by=by, at=now, about=delegation, after={"name": name})
        ids[name] = delegation.id
    return ids


def arrange(changes: Mapping[int, tuple[str, int]], *, by: Actor, now: datetime) -> None:
    """Give delegations new names and places: id → (name, position).

    Raises RuleBroken for a name that is empty, too long, or given twice.
    """
    known = {each.id: each for each in all_delegations()}
    values = {
        id_: {"name": " ".join(name.split()), "position": position}
        for id_, (name, position) in changes.items()
        if id_ in known
    }
    _check_names([str(values[id_]["name"]) if id_ in values else each.name for id_, each in known.items()])
    for id_, new in values.items():
        delegation = known[id_]
        before, after = audit.changes(audit.facts(delegation, *new), new)
        if after:
            audit.record("delegation.edit", by=by, at=now, about=delegation, before=before, after=after)
        if "name" in after:
            delegation.name = f"#{id_}"  # two that change names with each other would collide half-way
    db.session.flush()
    for id_, new in values.items():
        audit.put(known[id_], new)
    db.session.flush()


def _check_names(names: list[str]) -> None:
    longest = rules.LONGEST["delegation"]
    if any(not name or len(name) > longest for name in names):
        words = bodies.speak(f"代表团名称不能为空，也不能超过 {longest} 个字。没有改动。")
        raise RuleBroken(words, status=422)
    if repeated := next((name for name in names if names.count(name) > 1), None):
        words = bodies.speak("有两个代表团都叫“{}”，请改成不同的名称。没有改动。")
        raise RuleBroken(words.format(repeated), status=422)


def remove(delegation: Delegation, *, by: Actor, now: datetime) -> None:
    """Remove a delegation that nobody belongs to, and its seat in any hall.

    Raises RuleBroken while it has deputies, former ones included, and where it has nominated a teller.
    """
    if db.session.scalar(select(Deputy.id).where(Deputy.delegation_id == delegation.id).limit(1)):
        words = bodies.speak("“{}”还有代表（含已终止资格的），不能删除。请先把他们改到别的代表团。")
        raise RuleBroken(words.format(delegation.name))
    if db.session.scalar(select(Teller.id).where(Teller.nominated_by_id == delegation.id).limit(1)):
        raise RuleBroken(f"“{delegation.name}”提名过监票人，记录须保留，不能删除。")
    audit.record("delegation.remove", by=by, at=now, about=delegation, before={"name": delegation.name})
    db.session.flush()
    db.session.execute(delete(HallDelegation).where(HallDelegation.delegation_id == delegation.id))
    db.session.execute(delete(Delegation).where(Delegation.id == delegation.id))

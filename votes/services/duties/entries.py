"""What deputies did besides meetings (培训、走访、调研、述职 …): entered by staff, or by the deputy and settled by staff."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import by_id, count, db, locked
from votes.models import Deputy, DutyEntry
from votes.rules.codes import one_line
from votes.rules.duties import duties as rules
from votes.rules.errors import RuleBroken, invalid
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.people import bodies

# --- reads -----------------------------------------------------------------------------------------------

_WAITING = DutyEntry.state == rules.DutyState.ENTERED


get = by_id(select(DutyEntry).options(joinedload(DutyEntry.deputy)))


def waiting() -> Select[DutyEntry]:
    """Select the entries of deputies that wait for staff, the oldest first."""
    query = select(DutyEntry).where(_WAITING).order_by(DutyEntry.entered_at, DutyEntry.id)
    return query.options(joinedload(DutyEntry.deputy).joinedload(Deputy.delegation))


def count_waiting() -> int:
    """Count the entries that wait for staff."""
    return count(DutyEntry.id, _WAITING)


def entries_of(deputy_id: int, year: int) -> list[DutyEntry]:
    """Return all entries of a deputy in a year, whatever their state, the latest first."""
    of_year = DutyEntry.deputy_id == deputy_id, DutyEntry.held_on.between(*rules.days_of(year))
    query = select(DutyEntry).where(*of_year).order_by(DutyEntry.held_on.desc(), DutyEntry.id.desc())
    return list(db.session.scalars(query))


# --- acts ------------------------------------------------------------------------------------------------


def _facts(row: DutyEntry) -> dict[str, Any]:
    """Return what the log has of an entry: not what was typed, which may name people."""
    return {"duty_kind": row.kind, "held_on": row.held_on}


def enter(deputy_ids: Collection[int], activity: rules.Activity, *, by: Actor, now: datetime) -> int:
    """Enter the same for one deputy or many, confirmed at once since staff do it. Return for how many.

    Raises RuleBroken for nobody, for somebody who is no deputy here, and as `rules.check_entry` does.
    """
    ids = set(deputy_ids)
    if not ids:
        raise invalid("deputies", bodies.speak("请至少选择一位代表。"))
    if ids - set(db.session.scalars(select(Deputy.id).where(Deputy.id.in_(ids)))):
        raise invalid("deputies", bodies.speak("所选代表中有不属于本级人大的，没有保存。"))
    values = _checked(activity, by=by, now=now)
    confirmed = {"state": rules.DutyState.CONFIRMED, "by_deputy": False}
    rows = [DutyEntry(deputy_id=id_, **confirmed, **values) for id_ in sorted(ids)]
    db.session.add_all(rows)
    db.session.flush()
    audit.record("duty_entry.create", by=by, at=now, after={**_facts(rows[0]), "count": len(rows)})
    return len(rows)


def enter_own(activity: rules.Activity, *, by: Actor, now: datetime) -> DutyEntry:
    """Enter what the deputy ``by`` did; it counts once staff have confirmed it.

    Raises RuleBroken as `rules.check_entry` does.
    """
    assert by.deputy_id is not None
    values = _checked(activity, by=by, now=now)
    entry = DutyEntry(deputy_id=by.deputy_id, state=rules.DutyState.ENTERED, by_deputy=True, **values)
    db.session.add(entry)
    db.session.flush()
    audit.record("duty_entry.create", by=by, at=now, about=entry.deputy, after=_facts(entry))
    return entry


def _checked(activity: rules.Activity, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return the values of an entry that the rules allow."""
    rules.check_entry(title=activity.title, held_on=activity.held_on, today=local(now).date())
    tidy = {"title": " ".join(activity.title.split()), "text": activity.text.strip()}
    return {**asdict(activity), **tidy, "entered_by": by.name, "entered_at": now}


def withdraw(entry_id: int | None, *, by: Actor, now: datetime) -> date:
    """Delete an own entry of the deputy ``by`` that nobody has confirmed, and return its day.

    Raises RuleBroken for any other entry.
    """
    own = DutyEntry.id == entry_id, DutyEntry.deputy_id == by.deputy_id, DutyEntry.by_deputy.is_(True)
    entry = locked(select(DutyEntry).where(*own))
    if entry is None:
        raise RuleBroken("没有这条记录，可能已经撤回。", status=422)
    if entry.state == rules.DutyState.CONFIRMED:
        raise RuleBroken("这条记录已经确认，不能撤回。如有误，请告知人大办。")
    audit.record("duty_entry.withdraw", by=by, at=now, about=entry.deputy, before=_facts(entry))
    db.session.delete(entry)
    db.session.flush()
    return entry.held_on


def settle(entry: DutyEntry, action: str, *, reason: str = "", by: Actor, now: datetime) -> None:
    """Confirm or refuse an entry; ``action`` is one of the table `DUTY`.

    Raises RuleBroken for a refusal without a reason, a state that has no such step, and an entry that the deputy has
    just withdrawn.
    """
    if locked(select(DutyEntry).where(DutyEntry.id == entry.id)) is None:
        raise RuleBroken(bodies.speak("代表刚刚撤回了这条记录，没有改动。请刷新页面。"))
    _settle(entry, action, reason, by=by, now=now)


def _settle(entry: DutyEntry, action: str, reason: str, *, by: Actor, now: datetime) -> None:
    state = step(rules.DUTY, entry.state, action)
    refused = state == rules.DutyState.REFUSED
    reason = one_line(reason)
    if refused and not reason:
        raise invalid("reason", bodies.speak("请说明不予确认的原因，代表会看到。没有改动。"))
    if len(reason) > 200:
        raise invalid("reason", "原因不超过 200 个字。没有改动。")
    before, entry.state = {"duty_state": entry.state}, state
    entry.refusal = reason if refused else ""
    db.session.flush()
    after = {"duty_state": state, **_facts(entry)}
    audit.record(f"duty_entry.{action}", by=by, at=now, about=entry.deputy, before=before, after=after)


def confirm_all(entry_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Confirm those of ``entry_ids`` that wait, and return how many.

    Raises RuleBroken where none is chosen or none waits.
    """
    if not entry_ids:
        raise RuleBroken("没有选择记录。请先勾选要确认的记录。", status=422)
    query = waiting().where(DutyEntry.id.in_(entry_ids)).with_for_update(of=DutyEntry)
    entries = db.session.scalars(query).all()
    if not entries:
        raise RuleBroken("所选记录都已办理过，没有改动。请刷新页面。")
    for entry in entries:
        _settle(entry, "confirm", "", by=by, now=now)
    return len(entries)

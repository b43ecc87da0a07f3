"""What deputies did besides meetings (培训、走访、调研、述职 …): entered by staff, or by the deputy and settled by staff."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from votes.clock import local
from votes.db import db, page as page
from votes.models import Deputy, DutyEntry
from votes.rules.duties import duties as rules
from votes.rules.duties.duties import DUTY, DutyKind, DutyState, days_of
from votes.rules.errors import RuleBroken
from votes.rules.lifecycle import step
from votes.rules.people.actor import Actor
from votes.services import audit
from votes.services.people import bodies

# --- reads -----------------------------------------------------------------------------------------------


def get(entry_id: int) -> DutyEntry | None:
    return db.session.scalar(
        select(DutyEntry).where(DutyEntry.id == entry_id).options(joinedload(DutyEntry.deputy))
    )


def waiting() -> Select[DutyEntry]:
    """What deputies have entered and nobody has looked at yet, the oldest first."""
    return (
        select(DutyEntry)
        .where(DutyEntry.state == DutyState.ENTERED)
        .options(joinedload(DutyEntry.deputy).joinedload(Deputy.delegation))
        .order_by(DutyEntry.entered_at, DutyEntry.id)
    )


def count_waiting() -> int:
    return (
        db.session.scalar(select(func.count(DutyEntry.id)).where(DutyEntry.state == DutyState.ENTERED)) or 0
    )


def entries_of(deputy_id: int, year: int) -> list[DutyEntry]:
    """All entries of a deputy in a year, whatever their state, the latest first."""
    return list(
        db.session.scalars(
            select(DutyEntry)
            .where(DutyEntry.deputy_id == deputy_id, DutyEntry.held_on.between(*days_of(year)))
            .order_by(DutyEntry.held_on.desc(), DutyEntry.id.desc())
        )
    )


# --- acts ------------------------------------------------------------------------------------------------


def enter(
    deputy_ids: Collection[int],
    *,
    kind: DutyKind,
    held_on: date,
    title: str,
    text: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Staff enter the same for one deputy or many: confirmed at once. Answers for how many.

    Raises RuleBroken for nobody, for somebody who is no deputy here, and as `rules.check_entry` does.
    """
    wanted = set(deputy_ids)
    if not wanted:
        raise RuleBroken(bodies.speak("请至少选择一位代表。"), field="deputies", status=422)
    known = set(db.session.scalars(select(Deputy.id).where(Deputy.id.in_(wanted))))
    if wanted - known:
        raise RuleBroken(
            bodies.speak("所选代表中有不属于本级人大的，没有保存。"), field="deputies", status=422
        )
    made = _made(kind, held_on, title, text, by=by, now=now)
    db.session.add_all(
        DutyEntry(deputy_id=id_, state=DutyState.CONFIRMED, by_deputy=False, **made) for id_ in sorted(known)
    )
    db.session.flush()
    audit.record(
        "duty_entry.create", by=by, at=now, after={"duty_kind": kind, "held_on": held_on, "count": len(known)}
    )
    return len(known)


def enter_own(
    *, kind: DutyKind, held_on: date, title: str, text: str = "", by: Actor, now: datetime
) -> DutyEntry:
    """A deputy enters what they did; it counts once staff have confirmed it. Raises RuleBroken as `rules.check_entry`
    does.
    """
    assert by.deputy_id is not None
    made = _made(kind, held_on, title, text, by=by, now=now)
    entry = DutyEntry(deputy_id=by.deputy_id, state=DutyState.ENTERED, by_deputy=True, **made)
    db.session.add(entry)
    db.session.flush()
    # not what was typed: it may name people
    audit.record(
        "duty_entry.create", by=by, at=now, about=entry.deputy, after={"duty_kind": kind, "held_on": held_on}
    )
    return entry


def _made(
    kind: DutyKind, held_on: date, title: str, text: str, *, by: Actor, now: datetime
) -> dict[str, Any]:
    rules.check_entry(title=title, held_on=held_on, today=local(now).date())
    return {
        "kind": kind,
        "held_on": held_on,
        "title": " ".join(title.split()),
        "text": text.strip(),
        "entered_by": by.name,
        "entered_at": now,
    }


def withdraw(entry_id: int | None, *, by: Actor, now: datetime) -> date:
    """A deputy takes back an own entry that nobody has confirmed; answers the day it was of. Raises RuleBroken for any
    other.
    """
    entry = db.session.scalar(
        select(DutyEntry)
        .where(DutyEntry.id == entry_id, DutyEntry.deputy_id == by.deputy_id, DutyEntry.by_deputy.is_(True))
        .with_for_update()
    )
    if entry is None:
        raise RuleBroken("没有这条记录，可能已经撤回。", status=422)
    if entry.state == DutyState.CONFIRMED:
        raise RuleBroken("这条记录已经确认，不能撤回。如有误，请告知人大办。")
    audit.record(
        "duty_entry.withdraw",
        by=by,
        at=now,
        about=entry.deputy,
        before={"duty_kind": entry.kind, "held_on": entry.held_on},
    )
    db.session.delete(entry)
    db.session.flush()
    return entry.held_on


def settle(entry: DutyEntry, action: str, *, reason: str = "", by: Actor, now: datetime) -> None:
    """Staff confirm or refuse an entry. Raises RuleBroken for a refusal without a reason, a state that has no such
    step, and an entry that the deputy has just taken back.
    """
    standing = db.session.scalar(
        select(DutyEntry)
        .where(DutyEntry.id == entry.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if standing is None:
        raise RuleBroken(bodies.speak("代表刚刚撤回了这条记录，没有改动。请刷新页面。"))
    _settle(standing, action, reason, by=by, now=now)


def _settle(entry: DutyEntry, action: str, reason: str, *, by: Actor, now: datetime) -> None:
    after = step(DUTY, entry.state, action)
    reason = " ".join(reason.replace("\x00", "").split())  # for a database such a text is empty
    if after == DutyState.REFUSED and not reason:
        raise RuleBroken(
            bodies.speak("请说明不予确认的原因，代表会看到。没有改动。"), field="reason", status=422
        )
    if len(reason) > 200:
        raise RuleBroken("原因不超过 200 个字。没有改动。", field="reason", status=422)
    before, entry.state = entry.state, after
    entry.refusal = reason if after == DutyState.REFUSED else ""
    db.session.flush()
    audit.record(
        "duty_entry.refuse" if after == DutyState.REFUSED else "duty_entry.confirm",
        by=by,
        at=now,
        about=entry.deputy,
        before={"duty_state": before},
        after={"duty_state": after, "duty_kind": entry.kind, "held_on": entry.held_on},
    )


def confirm_all(entry_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Confirm those of ``entry_ids`` that wait; answers how many. Raises RuleBroken where none is chosen or waits."""
    if not entry_ids:
        raise RuleBroken("没有选择记录。请先勾选要确认的记录。", status=422)
    entries = db.session.scalars(
        waiting().where(DutyEntry.id.in_(entry_ids)).with_for_update(of=DutyEntry)
    ).all()
    if not entries:
        raise RuleBroken("所选记录都已办理过，没有改动。请刷新页面。")
    for entry in entries:
        _settle(entry, "confirm", "", by=by, now=now)
    return len(entries)

"""The audit log: every act that changes something, and every refusal."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Select, or_, select

from votes.clock import SHANGHAI
from votes.db import Search, db, flush_or
from votes.models import AuditEntry
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor

#: The IP address of the request. The web floor sets it, so that services need not pass it on.
address: ContextVar[str | None] = ContextVar("votes_address", default=None)

SYSTEM = Actor(name="系统")


def plain(value: Any) -> Any:
    """Return the value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def facts(row: Any, *names: str) -> dict[str, Any]:
    """Return these attributes of ``row`` by name, as an audit line has them before or after."""
    return {name: getattr(row, name) for name in names}


def put(row: Any, values: Mapping[str, Any]) -> None:
    """Set these attributes of ``row``, by name; nothing is recorded."""
    for name, value in values.items():
        setattr(row, name, value)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields that differ, with their values before and after."""
    keys = [k for k in after if plain(before.get(k)) != plain(after[k])]
    return {k: plain(before.get(k)) for k in keys}, {k: plain(after[k]) for k in keys}


def record(
    action: str,
    *,
    by: Actor,
    at: datetime,
    about: Any = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    message: str | None = None,
    body_id: int | None = None,
) -> AuditEntry:
    """Write one line: ``by`` did ``action`` (noun.verb) to the row ``about`` at ``at``.

    Flushes first when the row is new, so that it has an id. A line about a cast ballot violates a CHECK constraint.
    """
    if about is not None and getattr(about, "id", None) is None:
        db.session.flush()
    return _add(
        body_id or getattr(about, "body_id", None),
        action,
        by,
        at,
        about_kind=type(about).__tablename__ if hasattr(type(about), "__tablename__") else None,
        about_id=getattr(about, "id", None),
        about=_label(about),
        before=plain(before) if before else None,
        after=plain(after) if after else None,
        message=message,
        address=address.get(),
    )


def record_change(
    action: str,
    row: Any,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    message: str | None = None,
) -> None:
    """Write one line with the facts of ``row`` that differ; none where nothing has changed.

    ``before``: empty for a new row.
    """
    old, new = changes(before, after)
    if new:
        record(action, by=by, at=at, about=row, before=old if before else None, after=new, message=message)


def refused(action: str, message: str, *, by: Actor, at: datetime, address: str | None = None) -> None:
    """Write one line about a refusal: ``action`` is the endpoint, ``address`` the client's IP address."""
    _add(None, action, by, at, outcome="refused", message=message, address=address)


def _add(body_id: int | None, action: str, by: Actor, at: datetime, **others: Any) -> AuditEntry:
    """Add the line to the log of ``body_id``, else of the body in scope, else of the actor's body."""
    scope = db.session.scope
    entry = AuditEntry(
        body_id=body_id or (scope if isinstance(scope, int) else by.body_id),
        at=at,
        user_id=by.user_id,
        who=by.name or "公众",
        role=",".join(sorted(r.value for r in by.roles)) or ("card" if by.card_id else ""),
        action=action,
        **others,
    )
    db.session.add(entry)
    return entry


def assign(
    row: Any, action: str, *, by: Actor, at: datetime, message: str | None = None, **values: Any
) -> None:
    """Set ``values`` on a row, and record those that differ, as they were and as they are now."""
    before = facts(row, *values)
    put(row, values)
    record_change(action, row, before, values, by=by, at=at, message=message)


def save(
    row: Any,
    noun: str,
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    taken: RuleBroken,
    constraint: str,
) -> None:
    """Set ``values`` on a row, new or not, and record what changed as ``noun``.create or ``noun``.edit.

    Raises ``taken`` where the named constraint refuses the values.
    """
    new = row.id is None
    before = {} if new else facts(row, *values)
    put(row, values)
    db.session.add(row)
    flush_or(taken, constraint=constraint)
    record_change(f"{noun}.{'create' if new else 'edit'}", row, before, values, by=by, at=at)


def _label(about: Any) -> str | None:
    for name in ("log_label", "title", "name", "username", "filename", "number"):
        value = getattr(about, name, None)
        if value:
            return str(value)[:300]
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


SEARCH = Search(
    filters={
        "body_id": AuditEntry.body_id,
        "q": lambda text, _: or_(
            *(
                c.contains(text, autoescape=True)
                for c in (AuditEntry.who, AuditEntry.about, AuditEntry.message)
            )
        ),
        # the value: what may precede the dot of the action
        "group": lambda nouns, _: or_(
            *(AuditEntry.action.startswith(f"{noun}.", autoescape=True) for noun in nouns)
        ),
        "outcome": AuditEntry.outcome,
        "since": lambda day, _: AuditEntry.at >= _midnight(day),
        "until": lambda day, _: AuditEntry.at < _midnight(day + timedelta(1)),
    },
    sorts={"newest": ("最近的在前", (AuditEntry.id.desc(),))},
)


def search(chosen: Mapping[str, Any]) -> Select[Any]:
    """Return the lines that fit ``chosen``, newest first; without a body those of no body, the administrator's."""
    query = SEARCH.of(select(AuditEntry), chosen)
    return query if chosen.get("body_id") else query.where(AuditEntry.body_id.is_(None))

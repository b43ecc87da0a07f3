"""The audit log: every act that changes something, and every refusal; the lines of a body are a hash chain."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Any

from sqlalchemy import Select, event, func, insert, inspect, or_, select

from votes.clock import SHANGHAI
from votes.db import Search, WorkSession, db, flush_or
from votes.models import AuditEntry, AuditLink, Body, table_of
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.voting import chain
from votes.rules.voting.digests import canonical_json

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
    db.session.info.setdefault("audit_lines", []).append(entry)  # `_append_to_chains`
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


# --- the hash chain ------------------------------------------------------------------------------------

#: What is hashed of a line. A column that is added later is not on the chain unless lines say since when.
CHAINED_FACTS = (
    "id", "body_id", "user_id", "who", "role", "action", "about_kind", "about_id", "about", "before", "after", "outcome",
    "message", "address",
)  # fmt: skip
#: The first key of PostgreSQL's advisory locks on the ends of the chains; the second is the chain.
LOCK = 820021
_entries, _links = table_of(AuditEntry), table_of(AuditLink)


def on_chain(line: Any) -> bool:
    """Return whether an audit line is on a chain: all but the sign-ins of deputies, who may be on the way to a ballot."""
    return not (line.action.startswith("user.sign_") and Role.DEPUTY in line.role.split(","))


def _payload(line: Any) -> dict[str, Any]:
    return facts(line, *CHAINED_FACTS) | {"at": line.at.astimezone(UTC).isoformat()}


@event.listens_for(WorkSession, "before_commit")
def _append_to_chains(session: WorkSession) -> None:
    """Put the audit lines of this unit of work on the chains of their bodies.

    This is the last thing before the commit, chain by chain in one order, so that a writer that waits for the end of
    a chain never holds the end of another that is waited for. No writer waits for another body's.
    """
    lines = session.info.pop("audit_lines", ())
    if not lines:
        return
    session.flush()
    kept = [line for line in lines if inspect(line).persistent and on_chain(line)]  # not what was rolled back
    kept.sort(key=lambda line: (line.body_id or 0, line.id))
    links: list[dict[str, Any]] = []
    for number, some in groupby(kept, key=lambda line: line.body_id or 0):
        links += _links_of(session, number, some)
    if links:
        session.execute(insert(_links), links)


def _links_of(session: WorkSession, number: int, lines: Iterable[AuditEntry]) -> Iterator[dict[str, Any]]:
    """Yield the places of ``lines`` after the last line of the chain, which is held until the commit."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        session.execute(select(func.pg_advisory_xact_lock(LOCK, number)))
    last = select(_links.c.position, _links.c.hash).where(_links.c.chain == number)
    end = session.execute(last.order_by(_links.c.position.desc()).limit(1)).first()
    position, previous = end or (0, chain.START)
    for position, line in enumerate(lines, start=position + 1):  # noqa: B020
        link = chain.link(session.hash_name, previous, _payload(line))
        yield {
            "entry_id": line.id,
            "chain": number,
            "position": position,
            "hash_name": session.hash_name,
            "previous": previous,
            "hash": link,
        }
        previous = link


@dataclass(frozen=True, kw_only=True)
class AuditProof(chain.ChainProof):
    """Hold what was found of one body's audit log, and how many lines it has on the chain."""

    body: str
    lines: int


def head(body_id: int | None) -> str:
    """Return the last hash of a body's audit log; empty where it has none."""
    last = select(_links.c.hash).where(_links.c.chain == (body_id or 0)).order_by(_links.c.position.desc())
    return db.session.scalar(last.limit(1)) or ""


def has_link(body_id: int | None, link: str) -> bool:
    """Return whether this hash is on the body's chain; the empty one stands before its first line."""
    on = select(_links.c.position).where(_links.c.chain == (body_id or 0), _links.c.hash == link)
    return link == chain.START or db.session.scalar(on) is not None


def close_segment(body_id: int | None, *, after: int, key: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Return the chain's lines beyond position ``after``, as an archive keeps them, and record that they were taken.

    The head is sealed under a key derived from ``key``, the server's: whoever has the database alone cannot make a
    segment. The line recorded here is the first of the next segment, and has the head too. Nothing is removed.
    """
    links = [
        {"position": walk.position, "payload": link.payload, "previous": link.previous, "hash": link.hash,
         "hash_name": link.algorithm}
        for walk in [_Walk(body_id or 0)]
        for link in walk
        if walk.position > after
    ]  # fmt: skip
    segment = {"chain": body_id or 0, "after": after, "last": after + len(links), "head": head(body_id)}
    sealed = hmac.new(
        hashlib.sha256(f"audit segment {key}".encode()).digest(), canonical_json(segment), "sha256"
    )
    record("audit.close_segment", by=by, at=at, after=segment, body_id=body_id)
    return {"format": "minsheng-audit-segment/1", **segment, "lines": links, "seal": sealed.hexdigest()}


def verify() -> list[AuditProof]:
    """Walk the audit log of every body from its first line; the lines of no body are a chain of their own.

    Lines that were cut off at the end are found by a hash known from elsewhere only.
    """
    names = dict(db.session.execute(select(Body.id, Body.name)).all()) | {0: "系统（不属于任何一级人大）"}
    numbers = {0, *names, *db.session.scalars(select(_links.c.chain).distinct())}
    loose = _loose_lines()
    return [
        _verify(number, names.get(number, f"第 {number} 号机构"), loose.get(number))
        for number in sorted(numbers)
    ]


def _verify(number: int, body: str, loose: int | None) -> AuditProof:
    walk = _Walk(number)
    try:
        broken = chain.verify("", walk)
        flaw = walk.flaw or (broken.message if broken else "")
    except (ValueError, TypeError, LookupError, AttributeError):  # a changed byte may break reading
        flaw = f"第 {walk.position} 条记录无法按原来的格式读取，已被改动。"
    if not flaw and loose:
        flaw = f"编号 {loose} 的记录不在链条上：是后来插入的，或者链条被改动。"
    return AuditProof(body=body, lines=walk.position, head=head(number or None), flaw=flaw)


class _Walk:
    """The lines of one chain in their order, as `chain.verify` takes them; `flaw` says what is wrong with their places."""

    def __init__(self, number: int) -> None:
        self.number, self.position, self.flaw = number, 0, ""

    def __iter__(self) -> Iterator[chain.Link]:
        rows = select(AuditLink, AuditEntry).outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        rows = rows.where(AuditLink.chain == self.number).order_by(AuditLink.position)
        for link, line in db.session.execute(rows.execution_options(yield_per=500)):
            self.position += 1
            self.flaw = self._flaw_of(link, line)
            if self.flaw:
                return
            yield chain.Link(_payload(line), link.previous, link.hash, link.hash_name)

    def _flaw_of(self, link: AuditLink, line: AuditEntry | None) -> str:
        if link.position != self.position:
            return f"第 {self.position} 条记录缺失：中间有记录被删除或调换。"
        if line is None:
            return f"第 {self.position} 条记录的内容缺失：记录被删除。"
        return "" if (line.body_id or 0) == self.number else f"第 {self.position} 条记录的机构被改动。"


def _loose_lines() -> dict[int, int]:
    """Return chain → the first line that belongs on it and is not there."""
    columns = (_entries.c.id, _entries.c.body_id, _entries.c.action, _entries.c.role)
    unlinked = (
        select(*columns)
        .outerjoin(_links, _links.c.entry_id == _entries.c.id)
        .where(_links.c.entry_id.is_(None))
    )
    found: dict[int, int] = {}
    for line in db.session.execute(unlinked.order_by(_entries.c.id)):
        if on_chain(line):
            found.setdefault(line.body_id or 0, line.id)
    return found


# --- reading -------------------------------------------------------------------------------------------


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

"""The audit log: who did what, before and after, when, from where. Never how anybody voted."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from votes.models.base import Base


class AuditEntry(Base):
    """One act or one refusal. Not `OfBody`: the system administrator's acts belong to no body."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("outcome in ('done', 'refused')", name="outcome"),
        # A vote leaves no audit line at all: the turnout row is the record that somebody voted.
        CheckConstraint("action not like 'ballot.%'", name="no_ballot_acts"),
        Index("ix_audit_entries_body_at", "body_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    who: Mapped[str]
    role: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(60))
    about_kind: Mapped[str | None] = mapped_column(String(40))
    about_id: Mapped[int | None]
    about: Mapped[str | None] = mapped_column(String(300))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    outcome: Mapped[str] = mapped_column(String(10), default="done")
    message: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(String(60))


class AuditLink(Base):
    """The place of an audit line on the hash chain of its body. `chain` is the body's id, 0 for lines of no body.

    A table of its own: places are given as the last thing before the commit, when the line has long been written.
    """

    __tablename__ = "audit_links"
    __table_args__ = (UniqueConstraint("chain", "position", name="uq_audit_links_position"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), primary_key=True)
    chain: Mapped[int]
    position: Mapped[int]
    hash_name: Mapped[str] = mapped_column(String(10))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), index=True)

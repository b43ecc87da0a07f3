"""Paper beside phones: stacks of blank ballots, boxes, and the two readings of what lies in them.

A paper bears no number. What is kept of it is its place in the pile taken out of a box, which nobody can lead
back to whoever dropped it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.models.base import Base, OfBody


class PaperStack(OfBody, Base):
    """One printing of blank ballots (一叠): the serial is the stack's, never a paper's."""

    __tablename__ = "paper_stacks"
    __table_args__ = (
        UniqueConstraint("round_id", "serial", name="uq_paper_stacks_serial"),
        CheckConstraint("serial >= 1", name="serial"),
        CheckConstraint("sheets >= 1", name="sheets"),
        CheckConstraint("left_over is null or left_over between 0 and sheets", name="left_over"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    serial: Mapped[int]
    sheets: Mapped[int]
    left_over: Mapped[int | None]  # blank papers counted back after the vote
    printed_at: Mapped[datetime]
    printed_by: Mapped[str] = mapped_column(String(60))

    round: Mapped["Any"] = relationship("Round")


class PaperBox(OfBody, Base):
    """A ballot box (票箱) of a round and the pile that came out of it."""

    __tablename__ = "paper_boxes"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_paper_boxes_number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("papers is null or papers >= 0", name="papers"),
        # twice, by two different people
        CheckConstraint("second_keyer is null or first_keyer is not null", name="second_after_first"),
        CheckConstraint("first_keyer <> second_keyer", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(String(60), default="")
    papers: Mapped[int | None]  # counted out of the box
    # Who reads: "d7" a deputy (by card or by account), else "u12" an account.
    first_keyer: Mapped[str | None] = mapped_column(String(20))
    second_keyer: Mapped[str | None] = mapped_column(String(20))
    first_keyer_name: Mapped[str | None] = mapped_column(String(60))
    second_keyer_name: Mapped[str | None] = mapped_column(String(60))
    # Counted by hand (rule.paper = totals): {"valid": 10, "invalid": 1, "counts": {"1": {"for": 7, ...}}}
    totals: Mapped[dict[str, Any] | None]
    totals_by: Mapped[str | None] = mapped_column(String(60))
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")  # how often; the chain says why

    entries: Mapped[list["PaperEntry"]] = relationship(
        cascade="all, delete-orphan", order_by="PaperEntry.position, PaperEntry.reading"
    )
    decisions: Mapped[list["PaperDecision"]] = relationship(
        cascade="all, delete-orphan", order_by="PaperDecision.position"
    )
    round: Mapped["Any"] = relationship("Round")

    @property
    def session_id(self) -> int:
        """Whose tellers may read what came out of it."""
        return int(self.round.session_id)


class PaperEntry(OfBody, Base):
    """What one person read on one paper of the pile."""

    __tablename__ = "paper_entries"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("reading in (1, 2)", name="reading"),
        CheckConstraint("spoilt = (length(reason) > 0)", name="spoilt_says_why"),
    )

    box_id: Mapped[int] = mapped_column(ForeignKey("paper_boxes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reading: Mapped[int] = mapped_column(primary_key=True)
    marks: Mapped[dict[str, Any]]
    spoilt: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(100), default="")


class PaperDecision(OfBody, Base):
    """How 总监票人 reads a paper on which the two readings differ, or that is in doubt."""

    __tablename__ = "paper_decisions"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("spoilt = (length(reason) > 0)", name="spoilt_says_why"),
    )

    box_id: Mapped[int] = mapped_column(ForeignKey("paper_boxes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    marks: Mapped[dict[str, Any]]
    spoilt: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(100), default="")
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"))
    name: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime]

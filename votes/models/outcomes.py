"""What changes a project's promise and what judges it: adjustments, acceptance, ratings by citizens, second reports."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.models.base import Base, OfBody, enum_column
from votes.rules.acceptance import AcceptanceKind, Conclusion, Mark, RereportState
from votes.rules.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState


class Adjustment(OfBody, Base):
    """调整、暂缓、终止 of a selected project: before and after, who decided, what was published."""

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint(
            "state not in ('approved', 'refused') or decided_on is not null", name="decided_on_a_day"
        ),
        CheckConstraint("announced_on is null or state = 'approved'", name="announced_when_approved"),
        Index(
            "uq_adjustments_applied",
            "tracking_id",
            unique=True,
            sqlite_where=text("state = 'applied'"),
            postgresql_where=text("state = 'applied'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    kind: Mapped[AdjustmentKind] = enum_column(AdjustmentKind)
    cause: Mapped[AdjustmentCause] = enum_column(AdjustmentCause)
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]]  # only what changes: {"target": …, "due_on": …}
    after: Mapped[dict[str, Any]]
    state: Mapped[AdjustmentState] = enum_column(AdjustmentState, default=AdjustmentState.APPLIED)
    applied_on: Mapped[date]
    applied_by: Mapped[str] = mapped_column(String(60))
    organ: Mapped[str] = mapped_column(String(60), default="")  # 决定机关
    document_number: Mapped[str] = mapped_column(String(60), default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    decided_on: Mapped[date | None]
    announced_on: Mapped[date | None]
    notice: Mapped[str] = mapped_column(Text, default="")  # the words of the announcement

    tracking: Mapped["Any"] = relationship("Tracking", back_populates="adjustments")

    @property
    def name(self) -> str:
        return str(self.tracking.name)

    @property
    def department_id(self) -> int | None:
        """The unit of the project it is about: the permission map asks."""
        found: int | None = self.tracking.department_id
        return found


class Acceptance(OfBody, Base):
    """验收 of a project, dimension by dimension."""

    __tablename__ = "acceptances"

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    kind: Mapped[AcceptanceKind] = enum_column(AcceptanceKind)
    held_on: Mapped[date]
    held_by: Mapped[str] = mapped_column(String(100))
    conclusion: Mapped[Conclusion] = enum_column(Conclusion)
    opinion: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]

    tracking: Mapped["Any"] = relationship("Tracking")
    items: Mapped[list["AcceptanceItem"]] = relationship(
        cascade="all, delete-orphan", order_by="AcceptanceItem.position"
    )
    photos: Mapped[list["Any"]] = relationship("Attachment", order_by="Attachment.id")

    @property
    def name(self) -> str:
        return str(self.tracking.name)

    @property
    def department_id(self) -> int | None:
        """The unit of the project it is about: the permission map asks."""
        found: int | None = self.tracking.department_id
        return found


class AcceptanceItem(OfBody, Base):
    """One dimension (such as 目标完成度, 资金规范性) and what was found."""

    __tablename__ = "acceptance_items"

    acceptance_id: Mapped[int] = mapped_column(
        ForeignKey("acceptances.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(String(40))
    mark: Mapped[Mark] = enum_column(Mark)
    note: Mapped[str] = mapped_column(String(200), default="")


class Rereport(OfBody, Base):
    """再次报告: what the government has to tell again of a project that was rated 不满意, by a day."""

    __tablename__ = "rereports"
    __table_args__ = (
        UniqueConstraint("tracking_id", "round_id", name="uq_rereports_round"),
        CheckConstraint("due_on >= demanded_on", name="due_after_demand"),
        CheckConstraint("state = 'demanded' or submitted_on is not null", name="submitted_on_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))  # the rating that led to it
    reason: Mapped[str] = mapped_column(Text, default="")
    demanded_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[RereportState] = enum_column(RereportState, default=RereportState.DEMANDED)
    text: Mapped[str] = mapped_column(Text, default="")
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str] = mapped_column(String(60), default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    settled_on: Mapped[date | None]

    tracking: Mapped["Any"] = relationship("Tracking")
    round: Mapped["Any"] = relationship("Round")

    @property
    def name(self) -> str:
        return str(self.tracking.name)

    @property
    def department_id(self) -> int | None:
        """The unit of the project it is about: the permission map asks."""
        found: int | None = self.tracking.department_id
        return found


class CitizenRating(OfBody, Base):
    """What one phone said of a project in one week (民生码). Never counted together with the deputies' rating."""

    __tablename__ = "citizen_ratings"
    __table_args__ = (
        UniqueConstraint("tracking_id", "week", "phone", name="uq_citizen_ratings_once"),
        CheckConstraint("grade in ('satisfied', 'basically', 'dissatisfied')", name="grade"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    week: Mapped[date]  # its Monday
    phone: Mapped[str] = mapped_column(String(64))  # HMAC of a random number that the phone keeps
    grade: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(Text, default="")
    rated_on: Mapped[date]
    reply: Mapped[str] = mapped_column(Text, default="")
    published: Mapped[bool] = mapped_column(default=False)  # comment and reply, once staff have read them
    note_to_unit: Mapped[str] = mapped_column(
        Text, default=""
    )  # what the unit is told of it, in the staff's words
    noted_on: Mapped[date | None]

    tracking: Mapped["Any"] = relationship("Tracking")

    @property
    def name(self) -> str:
        return str(self.tracking.name)


class ReminderSent(OfBody, Base):
    """A reminder that went out, so that it does not go out again."""

    __tablename__ = "reminders_sent"
    __table_args__ = (UniqueConstraint("body_id", "key", "channel", name="uq_reminders_sent_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))  # what is due, of what, and when
    channel: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]

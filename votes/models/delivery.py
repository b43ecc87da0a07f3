"""Selected projects and how they are carried out.

Announcement, plan, reports, money, adjustments, acceptances.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column, unique_where
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Mark
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState
from votes.rules.delivery.periods import word
from votes.rules.delivery.trackings import TrackingState

if TYPE_CHECKING:
    from votes.models.meeting import Round
    from votes.models.people import Department
    from votes.models.projects import Attachment, Project


class Announcement(OfBody, Base):
    """主席团公告."""

    __tablename__ = "announcements"
    __table_args__ = (
        UniqueConstraint("round_id", name="uq_announcements_round"),
        UniqueConstraint("session_id", "number", name="uq_announcements_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    number: Mapped[int]  # 第 N 号
    announced_on: Mapped[date]
    published_by: Mapped[str] = mapped_column(String(60))

    round: Mapped["Round"] = relationship(back_populates="announcement")


class Tracking(OfBody, Base):
    """The carrying-out of one selected project."""

    __tablename__ = "trackings"
    __table_args__ = (
        CheckConstraint("due_on >= starts_on", name="due_after_start"),
        CheckConstraint("period in ('month', 'quarter')", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), unique=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    leader: Mapped[str] = mapped_column(String(60), default="")
    starts_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[TrackingState] = enum_column(TrackingState, default=TrackingState.RUNNING)
    finished_on: Mapped[date | None]
    # how often it reports
    period: Mapped[str] = mapped_column(String(10), default="month", server_default="month")

    project: Mapped["Project"] = relationship(back_populates="tracking")
    department: Mapped["Department | None"] = relationship()
    milestones: Mapped[list["Milestone"]] = relationship(order_by="Milestone.planned_on, Milestone.id")
    reports: Mapped[list["Report"]] = relationship(back_populates="tracking", order_by="Report.month")
    adjustments: Mapped[list["Adjustment"]] = relationship(
        back_populates="tracking", order_by="Adjustment.decided_on, Adjustment.id"
    )

    @property
    def name(self) -> str:
        """Return the project's name."""
        return str(self.project.name)

    @property
    def unit_name(self) -> str:
        """Return the name of the unit that answers for the project; "" while none is named."""
        return self.department.name if self.department else ""


class Milestone(OfBody, Base):
    """节点: by this day the project shall stand at this percentage."""

    __tablename__ = "milestones"
    __table_args__ = (CheckConstraint("planned_percent between 0 and 100", name="percent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    planned_on: Mapped[date]
    planned_percent: Mapped[int]
    actual_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")


class OfTracking(OfBody):
    """A row about a tracked project, under the project's name and of the project's unit."""

    tracking: Mapped["Tracking"]

    @property
    def name(self) -> str:
        """Return the project's name."""
        return self.tracking.name

    @property
    def department_id(self) -> int | None:
        """Return the unit of the project, for the permission map."""
        return self.tracking.department_id


class Report(OfTracking, Base):
    """Hold the report of a project for a month or a quarter (月报, 季报).

    It is named by the month that closes the period.
    """

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("tracking_id", "month", name="uq_reports_month"),
        CheckConstraint("percent between 0 and 100", name="percent"),
        CheckConstraint("money_planned >= 0 and money_in_place >= 0 and money_paid >= 0", name="money"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    month: Mapped[date]  # the first day of the month reported on
    percent: Mapped[int]  # 形象进度
    # why it is not what the parts say
    percent_reason: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    money_planned: Mapped[Decimal]  # cumulative, 万元
    money_in_place: Mapped[Decimal]
    money_paid: Mapped[Decimal]
    narrative: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")
    reported_by: Mapped[str] = mapped_column(String(60))
    reported_at: Mapped[datetime]

    tracking: Mapped["Tracking"] = relationship(back_populates="reports")
    photos: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")
    parts: Mapped[list["PartReport"]] = relationship(cascade="all, delete-orphan")
    money: Mapped[list["ReportMoney"]] = relationship(
        cascade="all, delete-orphan", order_by="ReportMoney.position"
    )

    @property
    def name(self) -> str:
        """Return the project's name with the period."""
        return f"{self.tracking.name}（{word(self.month, None, self.tracking.period)}）"


class PartReport(Base):
    """Where a 子项目 stands in a report."""

    __tablename__ = "part_reports"
    __table_args__ = (CheckConstraint("percent between 0 and 100", name="percent"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    subproject_id: Mapped[int] = mapped_column(ForeignKey("subprojects.id"), primary_key=True, index=True)
    percent: Mapped[int]
    note: Mapped[str] = mapped_column(String(200), default="")


class ReportMoney(Base):
    """The money of a report by source, cumulative, 万元."""

    __tablename__ = "report_money"
    __table_args__ = (CheckConstraint("planned >= 0 and in_place >= 0 and paid >= 0", name="not_negative"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    planned: Mapped[Decimal]
    in_place: Mapped[Decimal]
    paid: Mapped[Decimal]


class Adjustment(OfTracking, Base):
    """调整、暂缓、终止 of a selected project: before and after, who decided, what was published."""

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint(
            "state not in ('approved', 'refused') or decided_on is not null", name="decided_on_a_day"
        ),
        CheckConstraint("announced_on is null or state = 'approved'", name="announced_when_approved"),
        unique_where("uq_adjustments_applied", "state = 'applied'", "tracking_id"),
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

    tracking: Mapped["Tracking"] = relationship(back_populates="adjustments")


class Acceptance(OfTracking, Base):
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

    tracking: Mapped["Tracking"] = relationship()
    items: Mapped[list["AcceptanceItem"]] = relationship(
        cascade="all, delete-orphan", order_by="AcceptanceItem.position"
    )
    photos: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")


class AcceptanceItem(OfBody, Base):
    """One dimension (such as 目标完成度, 资金规范性) and its mark."""

    __tablename__ = "acceptance_items"

    acceptance_id: Mapped[int] = mapped_column(
        ForeignKey("acceptances.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(String(40))
    mark: Mapped[Mark] = enum_column(Mark)
    note: Mapped[str] = mapped_column(String(200), default="")

"""Supervision: groups, inspections, notes, rectifications, citizens' ratings, second reports."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column, unique_where
from votes.models.delivery import OfTracking
from votes.rules.delivery.acceptances import RereportState
from votes.rules.supervision.supervision import InspectionKind, InspectionState, RectificationState

if TYPE_CHECKING:
    from votes.models.delivery import Tracking
    from votes.models.meeting import Round
    from votes.models.people import Department, Deputy
    from votes.models.projects import Attachment


class SupervisionGroup(OfTracking, Base):
    """监督小组 of one project: its lead (领衔), the committee that organizes it, its deputies."""

    __tablename__ = "supervision_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), unique=True)
    #: 领衔督办: a leader, who need not be a deputy of this body
    lead: Mapped[str] = mapped_column(String(60), default="")
    lead_deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))
    committee: Mapped[str] = mapped_column(String(60), default="")  # 对口工委
    note: Mapped[str] = mapped_column(String(200), default="")

    tracking: Mapped["Tracking"] = relationship()
    lead_deputy: Mapped["Deputy | None"] = relationship()
    members: Mapped[list["GroupMember"]] = relationship(cascade="all, delete-orphan")


class GroupMember(OfBody, Base):
    """A deputy in a group."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("supervision_groups.id", ondelete="CASCADE"), primary_key=True
    )
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True, index=True)

    deputy: Mapped["Deputy"] = relationship()


class Inspection(OfTracking, Base):
    """视察 (调研, 暗访, 复查) of a project, planned and then held."""

    __tablename__ = "inspections"
    __table_args__ = (CheckConstraint("(state = 'held') = (held_on is not null)", name="held_on_a_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    kind: Mapped[InspectionKind] = enum_column(InspectionKind)
    theme: Mapped[str] = mapped_column(String(100))
    planned_on: Mapped[date]
    held_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[InspectionState] = enum_column(InspectionState, default=InspectionState.PLANNED)
    summary: Mapped[str] = mapped_column(Text, default="")

    tracking: Mapped["Tracking"] = relationship()
    members: Mapped[list["InspectionMember"]] = relationship(cascade="all, delete-orphan")
    notes: Mapped[list["InspectionNote"]] = relationship(
        back_populates="inspection", order_by="InspectionNote.id"
    )

    @property
    def name(self) -> str:
        """Return the theme."""
        return self.theme

    @property
    def day(self) -> date:
        """Return the day on which it was held, or else is planned."""
        return self.held_on or self.planned_on


class InspectionMember(OfBody, Base):
    """A deputy who is to take part; ``attended``: the deputy did, once the inspection was held."""

    __tablename__ = "inspection_members"

    inspection_id: Mapped[int] = mapped_column(
        ForeignKey("inspections.id", ondelete="CASCADE"), primary_key=True
    )
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True, index=True)
    attended: Mapped[bool] = mapped_column(default=False)

    deputy: Mapped["Deputy"] = relationship()


class InspectionNote(OfTracking, Base):
    """监督记录: what a deputy saw, written on the spot."""

    __tablename__ = "inspection_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspections.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), index=True)
    written_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(100), default="")
    text: Mapped[str] = mapped_column(Text)
    finding: Mapped[bool] = mapped_column(default=False)  # 发现问题
    settled: Mapped[str] = mapped_column(String(200), default="")  # what staff did about it without a 督办件
    published: Mapped[bool] = mapped_column(default=False)
    photos_published: Mapped[bool] = mapped_column(default=False)  # its photos too

    tracking: Mapped["Tracking"] = relationship()
    inspection: Mapped["Inspection | None"] = relationship(back_populates="notes")
    deputy: Mapped["Deputy"] = relationship()
    #: the 督办件 made of the note; after one was cancelled there may be another
    rectification: Mapped["Rectification | None"] = relationship(
        primaryjoin="and_(Rectification.note_id == InspectionNote.id, Rectification.state != 'cancelled')",
        uselist=False,
        viewonly=True,
    )
    photos: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")

    @property
    def department_id(self) -> int | None:
        """Return the unit that the problem was routed to, for the permission map; None before that."""
        return self.rectification.department_id if self.rectification else None


class Rectification(OfBody, Base):
    """督办件: a problem, the unit that has to put it right, and the deadline."""

    __tablename__ = "rectifications"
    __table_args__ = (
        UniqueConstraint("body_id", "year", "number", name="uq_rectifications_number"),
        unique_where("uq_rectifications_note_id", "state <> 'cancelled'", "note_id"),
        CheckConstraint("due_on >= issued_on", name="due_after_issue"),
        CheckConstraint("(state = 'closed') = (closed_on is not null)", name="closed_on_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking_id: Mapped[int] = mapped_column(ForeignKey("trackings.id"), index=True)
    note_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_notes.id"))
    year: Mapped[int]
    number: Mapped[int]
    problem: Mapped[str] = mapped_column(Text)
    demand: Mapped[str] = mapped_column(Text, default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    person: Mapped[str] = mapped_column(String(40), default="")
    issued_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[RectificationState] = enum_column(RectificationState, default=RectificationState.ISSUED)
    closed_on: Mapped[date | None]
    published: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(200), default="")  # why it was last reopened, or cancelled

    tracking: Mapped["Tracking"] = relationship()
    note: Mapped["InspectionNote | None"] = relationship()
    department: Mapped["Department"] = relationship()
    answers: Mapped[list["RectificationAnswer"]] = relationship(
        back_populates="rectification", order_by="RectificationAnswer.ordinal"
    )

    @property
    def mark(self) -> str:
        """Return its number (文号) as documents write it."""
        return f"督办〔{self.year}〕{self.number}号"

    @property
    def name(self) -> str:
        """Return the project's name with the number."""
        return f"{self.tracking.name}（{self.mark}）"

    @property
    def last_answer(self) -> "RectificationAnswer | None":
        """Return the latest answer of the unit."""
        return self.answers[-1] if self.answers else None


class RectificationAnswer(OfBody, Base):
    """The unit's answer to a 督办件, and the result of the second inspection."""

    __tablename__ = "rectification_answers"
    __table_args__ = (
        UniqueConstraint("rectification_id", "ordinal", name="uq_rectification_answers_ordinal"),
        CheckConstraint("(passed is null) = (rechecked_on is null)", name="rechecked_on_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rectification_id: Mapped[int] = mapped_column(ForeignKey("rectifications.id"), index=True)
    ordinal: Mapped[int]
    due_on: Mapped[date]  # the deadline of this answer
    answered_on: Mapped[date]
    answered_by: Mapped[str] = mapped_column(String(60))
    measures: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text, default="")
    passed: Mapped[bool | None]
    rechecked_on: Mapped[date | None]
    rechecked_by: Mapped[str] = mapped_column(String(100), default="")
    opinion: Mapped[str] = mapped_column(Text, default="")

    rectification: Mapped["Rectification"] = relationship(back_populates="answers")
    photos: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")

    @property
    def name(self) -> str:
        """Return the name of the 督办件 with the ordinal."""
        return f"{self.rectification.name}第{self.ordinal}次反馈"

    @property
    def department_id(self) -> int:
        """Return the unit that answers, for the permission map."""
        return self.rectification.department_id


class CitizenRating(OfTracking, Base):
    """The rating of a project by one phone in one week (民生码), never counted with the deputies' ratings."""

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
    )  # the message to the unit, in the staff's words
    noted_on: Mapped[date | None]

    tracking: Mapped["Tracking"] = relationship()


class Rereport(OfTracking, Base):
    """再次报告: the second report on a project that deputies rated 不满意, with its deadline."""

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

    tracking: Mapped["Tracking"] = relationship()
    round: Mapped["Round | None"] = relationship()

"""履职档案: meetings, and what else a deputy has done."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column
from votes.rules.duties.duties import DutyAttendanceState, DutyKind, DutyMeetingKind, DutyState

if TYPE_CHECKING:
    from votes.models.people import Deputy


class DutyMeeting(OfBody, Base):
    """A meeting of the standing committee or of a special committee, for its attendance."""

    __tablename__ = "duty_meetings"
    __table_args__ = (UniqueConstraint("body_id", "title", name="uq_duty_meetings_title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DutyMeetingKind] = enum_column(DutyMeetingKind)
    title: Mapped[str] = mapped_column(String(100))
    held_on: Mapped[date]

    attendance: Mapped[list["DutyAttendance"]] = relationship(cascade="all, delete-orphan")


class DutyAttendance(OfBody, Base):
    """Whoever is called to a meeting (应到) has a row, with the answer."""

    __tablename__ = "duty_attendance"
    __table_args__ = (CheckConstraint("not spoke or state = 'present'", name="spoke_when_present"),)

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("duty_meetings.id", ondelete="CASCADE"), primary_key=True
    )
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True, index=True)
    state: Mapped[DutyAttendanceState] = enum_column(DutyAttendanceState)
    spoke: Mapped[bool] = mapped_column(default=False)

    deputy: Mapped["Deputy"] = relationship()


class DutyEntry(OfBody, Base):
    """培训、走访、发言、述职 …: entered by staff or by the deputy, confirmed by staff."""

    __tablename__ = "duty_entries"
    __table_args__ = (
        CheckConstraint("(state = 'refused') = (length(refusal) > 0)", name="refused_says_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), index=True)
    kind: Mapped[DutyKind] = enum_column(DutyKind)
    held_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[DutyState] = enum_column(DutyState, default=DutyState.ENTERED)
    refusal: Mapped[str] = mapped_column(String(200), default="")
    by_deputy: Mapped[bool] = mapped_column(default=False)
    entered_by: Mapped[str] = mapped_column(String(60))
    entered_at: Mapped[datetime]

    deputy: Mapped["Deputy"] = relationship()

"""Seasons, suggestions with their authors, matters with their decisions and transfers."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column, unique_where
from votes.rules.suggestions.matters import MatterState, Outcome, TransferState
from votes.rules.suggestions.suggestions import AuthorKind, Channel, SuggestionState

if TYPE_CHECKING:
    from votes.models.people import Department, Deputy, Station, Village
    from votes.models.projects import Attachment, Project


class Season(OfBody, Base):
    """征集期: the days in which everybody may suggest projects of ``year``, the first and the last included."""

    __tablename__ = "seasons"
    __table_args__ = (
        UniqueConstraint("body_id", "year", name="uq_seasons_year"),
        CheckConstraint("closes_on >= opens_on", name="closes_after_opening"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(100))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    notice: Mapped[str] = mapped_column(Text, default="")


class Suggestion(OfBody, Base):
    """建议: a suggestion as it came; its text is never changed. Its author is a row of `Author`."""

    __tablename__ = "suggestions"
    __table_args__ = (
        UniqueConstraint("body_id", "year", "number", name="uq_suggestions_number"),
        UniqueConstraint("code", name="uq_suggestions_code"),
        CheckConstraint("(state = 'filed') = (matter_id is not null)", name="filed_in_a_matter"),
        CheckConstraint("(state = 'refused') = (length(refusal) > 0)", name="refused_says_why"),
        CheckConstraint("channel <> 'station' or station_id is not null", name="station"),
        CheckConstraint("channel <> 'deputy' or deputy_id is not null", name="deputy"),
        CheckConstraint(
            "satisfaction is null or satisfaction in ('satisfied', 'basically', 'dissatisfied')",
            name="satisfaction",
        ),
        Index("ix_suggestions_body_year", "body_id", "year", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int | None] = mapped_column(ForeignKey("seasons.id"), index=True)
    year: Mapped[int]  # 实施年度: the year of the projects
    number: Mapped[int]  # 编号 within the year
    code: Mapped[str] = mapped_column(String(10))  # 查询码: the author follows the suggestion by it
    channel: Mapped[Channel] = enum_column(Channel)
    title: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(20), default="")
    village_id: Mapped[int | None] = mapped_column(ForeignKey("villages.id"), index=True)
    place: Mapped[str] = mapped_column(String(100), default="")
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"), index=True)  # who passed it on
    state: Mapped[SuggestionState] = enum_column(SuggestionState, default=SuggestionState.RECEIVED)
    refusal: Mapped[str] = mapped_column(String(200), default="")
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matters.id"), index=True)
    received_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(60), default="")  # the member of staff who entered it
    satisfaction: Mapped[str | None] = mapped_column(String(20))  # the author's rating of the answer

    season: Mapped["Season | None"] = relationship()
    village: Mapped["Village | None"] = relationship()
    station: Mapped["Station | None"] = relationship()
    deputy: Mapped["Deputy | None"] = relationship()
    matter: Mapped["Matter | None"] = relationship(back_populates="suggestions")
    author: Mapped["Author | None"] = relationship(uselist=False)
    photos: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")

    @property
    def name(self) -> str:
        """Return its name where its text must not stand, as in the audit log."""
        return f"{self.year}年第{self.number}号建议"

    log_label = name


class Author(OfBody, Base):
    """建议人: a table of its own, so that no list and no public page ever loads a name or a telephone number."""

    __tablename__ = "authors"

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id"), primary_key=True)
    kind: Mapped[AuthorKind] = enum_column(AuthorKind, default=AuthorKind.CITIZEN)
    name: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    unit: Mapped[str] = mapped_column(String(100), default="")


class Matter(OfBody, Base):
    """建议事项: what one suggestion or several ask for, handled as one until it has an outcome."""

    __tablename__ = "matters"
    __table_args__ = (
        UniqueConstraint("body_id", "year", "number", name="uq_matters_number"),
        CheckConstraint("(state = 'decided') = (outcome is not null)", name="decided_with_outcome"),
        CheckConstraint("outcome <> 'candidate' or project_id is not null", name="candidate_has_project"),
        CheckConstraint("outcome <> 'declined' or length(reason) > 0", name="declined_says_why"),
        Index("ix_matters_body_year", "body_id", "year", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(20), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    village_id: Mapped[int | None] = mapped_column(ForeignKey("villages.id"), index=True)
    state: Mapped[MatterState] = enum_column(MatterState, default=MatterState.OPEN)
    outcome: Mapped[Outcome | None] = enum_column(Outcome)
    reason: Mapped[str] = mapped_column(Text, default="")  # published with the outcome
    answer: Mapped[str] = mapped_column(Text, default="")  # to the authors
    answered_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    created_at: Mapped[datetime]

    village: Mapped["Village | None"] = relationship()
    project: Mapped["Project | None"] = relationship(back_populates="matters")
    suggestions: Mapped[list["Suggestion"]] = relationship(
        back_populates="matter", order_by="[Suggestion.year, Suggestion.number]"
    )
    transfers: Mapped[list["Transfer"]] = relationship(back_populates="matter", order_by="Transfer.id")
    decisions: Mapped[list["MatterDecision"]] = relationship(order_by="MatterDecision.id")

    @property
    def latest_transfer(self) -> "Transfer | None":
        """Return the latest transfer."""
        return self.transfers[-1] if self.transfers else None

    @property
    def reported(self) -> bool:
        """Return whether a unit has answered, so that the office decides next."""
        return self.state == MatterState.REPORTED

    @property
    def log_label(self) -> str:
        """Return its name in the audit log; its title is drawn from citizens' texts."""
        return f"{self.year}年第{self.number}号建议事项"


class MatterDecision(OfBody, Base):
    """One decision about a matter; a matter that was reopened or taken out of the 储备库 has several."""

    __tablename__ = "matter_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matters.id"), index=True)
    year: Mapped[int]  # of the matter at that time: one taken out of the 储备库 has a later year now
    outcome: Mapped[Outcome] = enum_column(Outcome)
    reason: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_on: Mapped[date]
    decided_by: Mapped[str] = mapped_column(String(60))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))


class Transfer(OfBody, Base):
    """交办: a request to a unit for its opinion on a matter by a day."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("due_on >= sent_on", name="due_after_sent"),
        CheckConstraint("(state = 'returned') = (length(return_reason) > 0)", name="returned_says_why"),
        CheckConstraint("state <> 'answered' or answered_on is not null", name="answered_on_a_day"),
        unique_where("uq_transfers_open", "state = 'sent'", "matter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matters.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    state: Mapped[TransferState] = enum_column(TransferState, default=TransferState.SENT)
    complex: Mapped[bool] = mapped_column(default=False)
    sent_on: Mapped[date]
    due_on: Mapped[date]
    instruction: Mapped[str] = mapped_column(Text, default="")
    returned_on: Mapped[date | None]
    return_reason: Mapped[str] = mapped_column(String(200), default="")
    proposal: Mapped[Outcome | None] = enum_column(Outcome)  # the outcome that the unit proposes
    opinion: Mapped[str] = mapped_column(Text, default="")
    answered_on: Mapped[date | None]
    answered_by: Mapped[str] = mapped_column(String(60), default="")

    matter: Mapped["Matter"] = relationship(back_populates="transfers")
    department: Mapped["Department"] = relationship()

    @property
    def log_label(self) -> str:
        """Return its name in the audit log."""
        return f"{self.matter.log_label}（{self.department.name}）"

"""Candidate projects with what belongs to them."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column
from votes.rules.projects.projects import Decision, ProjectState

if TYPE_CHECKING:
    from votes.models.delivery import Acceptance, Report, Tracking
    from votes.models.people import Department, Village
    from votes.models.suggestions import Matter, Suggestion
    from votes.models.supervision import InspectionNote, RectificationAnswer

#: The columns of which exactly one names the owner of a file.
ATTACHMENT_OWNERS = ("project_id", "report_id", "suggestion_id", "note_id", "answer_id", "acceptance_id")


class Project(OfBody, Base):
    """候选项目, and after its selection 民生实事项目, in the same row: nothing is typed twice."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("kind in ('works', 'policy')", name="kind"),
        CheckConstraint("total_investment >= 0", name="total_not_negative"),
        CheckConstraint("year_investment >= 0", name="year_not_negative"),
        CheckConstraint("beneficiaries >= 0", name="beneficiaries_not_negative"),
        UniqueConstraint("body_id", "year", "name", name="uq_projects_body_id_year_name"),
        Index("ix_projects_body_year", "body_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]  # 实施年度
    number: Mapped[int | None]  # 编号 on the candidate list, given when listed
    name: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10), default="works")  # 硬项目 works | 软项目 policy
    content: Mapped[str] = mapped_column(Text, default="")  # 建设内容和规模
    target: Mapped[str] = mapped_column(Text, default="")  # 年度目标
    location: Mapped[str] = mapped_column(String(200), default="")  # 建设地点
    total_investment: Mapped[Decimal | None]  # 总投资, 万元
    year_investment: Mapped[Decimal | None]  # 当年计划投资, 万元
    due_on: Mapped[date | None]  # 完成时限
    benefit_scope: Mapped[str] = mapped_column(String(200), default="")  # 受益范围
    beneficiaries: Mapped[int | None]  # 受益人数
    background: Mapped[str] = mapped_column(Text, default="")
    feasibility: Mapped[str] = mapped_column(Text, default="")
    preparation: Mapped[str] = mapped_column(Text, default="")  # 前期手续
    safeguards: Mapped[str] = mapped_column(Text, default="")  # 保障措施
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)  # 牵头单位
    partners: Mapped[str] = mapped_column(String(200), default="")  # 协同单位
    leader: Mapped[str] = mapped_column(String(60), default="")  # 分管领导
    multi_year: Mapped[bool] = mapped_column(default=False)  # 跨年度
    stage_goal: Mapped[str] = mapped_column(Text, default="")  # 年度阶段性目标
    state: Mapped[ProjectState] = enum_column(ProjectState, default=ProjectState.DRAFT)
    gates_passed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    department: Mapped["Department | None"] = relationship()
    funding: Mapped[list["Funding"]] = relationship(cascade="all, delete-orphan", order_by="Funding.position")
    subprojects: Mapped[list["SubProject"]] = relationship(
        cascade="all, delete-orphan", order_by="SubProject.position"
    )
    reviews: Mapped[list["Review"]] = relationship(order_by="Review.id")
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")
    tracking: Mapped["Tracking | None"] = relationship(back_populates="project", uselist=False)
    matters: Mapped[list["Matter"]] = relationship(back_populates="project", order_by="Matter.id")
    villages: Mapped[list["Village"]] = relationship(
        secondary="project_villages", order_by="Village.position, Village.id", viewonly=True
    )


class Funding(Base):
    """资金来源: one source and its amount in 万元."""

    __tablename__ = "funding"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    source: Mapped[str] = mapped_column(String(60))
    amount: Mapped[Decimal | None]


class SubProject(Base):
    """子项目: a part of a compound project with its own target and unit."""

    __tablename__ = "subprojects"
    __table_args__ = (CheckConstraint("weight between 1 and 100", name="weight"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    target: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(60), default="")
    investment: Mapped[Decimal | None]
    weight: Mapped[int] = mapped_column(default=1, server_default="1")  # 权重 in the progress of the whole


class ProjectVillage(OfBody, Base):
    """A village in which a project is carried out, or for which."""

    __tablename__ = "project_villages"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("villages.id"), primary_key=True, index=True)


class Review(OfBody, Base):
    """The decision of a review gate, with date, document number and opinion."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    gate: Mapped[str] = mapped_column(String(30))
    gate_name: Mapped[str] = mapped_column(String(60))
    decision: Mapped[Decision] = enum_column(Decision)
    decided_on: Mapped[date]
    document_number: Mapped[str] = mapped_column(String(60), default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]


class ProjectVersion(OfBody, Base):
    """The whole text of a project after a change, for reading two versions side by side."""

    __tablename__ = "project_versions"
    __table_args__ = (UniqueConstraint("project_id", "version", name="uq_project_versions_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    version: Mapped[int]
    text: Mapped[dict[str, Any]]
    changed_by: Mapped[str] = mapped_column(String(60))
    changed_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(200), default="")


class Attachment(OfBody, Base):
    """A file of one owner: a project, a report, a suggestion … Its bytes are in instance/uploads under their hash."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint(
            " + ".join(f"case when {owner} is null then 0 else 1 end" for owner in ATTACHMENT_OWNERS)
            + " = 1",
            name="one_owner",
        ),
        CheckConstraint("size >= 0", name="size_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id"), index=True)
    note_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_notes.id"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("rectification_answers.id"), index=True)
    acceptance_id: Mapped[int | None] = mapped_column(ForeignKey("acceptances.id"), index=True)
    filename: Mapped[str]
    caption: Mapped[str] = mapped_column(String(100), default="")
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    is_picture: Mapped[bool] = mapped_column(default=False)
    width: Mapped[int | None]
    height: Mapped[int | None]
    added_by: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime]

    project: Mapped["Project | None"] = relationship(viewonly=True)
    report: Mapped["Report | None"] = relationship(viewonly=True)
    suggestion: Mapped["Suggestion | None"] = relationship(viewonly=True)
    note: Mapped["InspectionNote | None"] = relationship(viewonly=True)
    answer: Mapped["RectificationAnswer | None"] = relationship(viewonly=True)
    acceptance: Mapped["Acceptance | None"] = relationship(viewonly=True)

    @property
    def owner(self) -> Any:
        """Return the row that the file belongs to."""
        return self.project or self.report or self.suggestion or self.note or self.answer or self.acceptance

    @property
    def department_id(self) -> int | None:
        """Return the unit of the owner's project: who may see the owner may see the file."""
        return self.owner.department_id

"""Congresses (the tenants), their delegations and the units that carry out projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.models.base import Base, OfBody, enum_column
from votes.rules.people import BodyKind


class Body(Base):
    """A people's congress. `code` stands in public addresses and before deputies' sign-in names."""

    __tablename__ = "bodies"
    __table_args__ = (
        CheckConstraint("length(code) >= 2", name="code_length"),
        CheckConstraint("parent_id is null or parent_id <> id", name="not_its_own_parent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)  # 示例县人民代表大会
    place: Mapped[str] = mapped_column(String(60))  # 示例县
    kind: Mapped[BodyKind] = enum_column(BodyKind)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    # Settings of the place: {"gates": [{key,name,role}], "lights": {...}, "report_due_day": 5, "rule": {...}}
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    parent: Mapped["Body | None"] = relationship(remote_side=[id])


class Delegation(OfBody, Base):
    """代表团."""

    __tablename__ = "delegations"
    __table_args__ = (UniqueConstraint("body_id", "name", name="uq_delegations_body_id_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(default=0)


class Department(OfBody, Base):
    """责任单位: a unit of the government that proposes or carries out projects."""

    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("body_id", "name", name="uq_departments_body_id_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    head: Mapped[str | None] = mapped_column(String(40))
    contact: Mapped[str | None] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(default=True)

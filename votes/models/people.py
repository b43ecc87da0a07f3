"""Accounts and deputies."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.models.base import Base, OfBody, enum_column
from votes.rules.people import DeputyState, Role


class User(Base):
    """An account. Not `OfBody`: sign-in looks it up by name before any body is known."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    # Raised to sign an account out everywhere (password reset, deactivation).
    login_serial: Mapped[int] = mapped_column(default=0)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    roles: Mapped[list["UserRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    body: Mapped["Any"] = relationship("Body")
    department: Mapped["Any"] = relationship("Department")
    deputy: Mapped["Deputy | None"] = relationship()


class UserRole(Base):
    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = enum_column(Role, primary_key=True)


class Throttle(Base):
    """Failures to sign in, by account or card (never by address: a hall is one address)."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class Deputy(OfBody, Base):
    """人大代表."""

    __tablename__ = "deputies"
    __table_args__ = (
        UniqueConstraint("body_id", "number", name="uq_deputies_body_id_number"),
        CheckConstraint("gender in ('男', '女')", name="gender"),
        Index("ix_deputies_body_initials", "body_id", "initials"),
        Index("uq_deputies_page_key", "page_key", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30))  # 代表证号
    name: Mapped[str] = mapped_column(String(60))
    gender: Mapped[str | None] = mapped_column(String(4))
    ethnicity: Mapped[str | None] = mapped_column(String(20))
    born: Mapped[str | None] = mapped_column(String(7))  # "1968-05"
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegations.id"), index=True)
    constituency: Mapped[str | None] = mapped_column(String(100))  # 选区
    post: Mapped[str | None] = mapped_column(String(100))  # 职务
    phone: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[DeputyState] = enum_column(DeputyState, default=DeputyState.ACTIVE)
    pinyin: Mapped[str] = mapped_column(
        String(200), default=""
    )  # for sorting: no database sorts Chinese alike
    initials: Mapped[str] = mapped_column(String(30), default="")
    page_key: Mapped[str | None] = mapped_column(String(40))  # in the address of the deputy's own page

    delegation: Mapped["Any"] = relationship("Delegation", lazy="joined")


class ImportDraft(OfBody, Base):
    """A spreadsheet that was read and is shown for approval before anything is changed."""

    __tablename__ = "import_drafts"
    __table_args__ = (
        CheckConstraint("kind in ('roster', 'projects', 'suggestions', 'villages')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str]
    rows: Mapped[list[Any]]  # what was read, one dict a row, with "row" (number in the sheet) and "problems"
    applied_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

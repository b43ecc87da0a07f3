"""Congresses and what belongs to them: units, delegations, accounts, the roster, villages, stations."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column
from votes.rules.people.accounts import AccountChangeKind
from votes.rules.people.roles import BodyKind, DeputyState, Role


class Body(Base):
    """A people's congress, a standing committee or a street's assembly. `code` is part of public URLs and usernames."""

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

    parent: Mapped["Body | None"] = relationship(remote_side="Body.id")


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


class Village(OfBody, Base):
    """村（社区）, with the township or street that it lies in."""

    __tablename__ = "villages"
    __table_args__ = (UniqueConstraint("body_id", "township", "name", name="uq_villages_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    township: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def full_name(self) -> str:
        """Return the name behind that of its township."""
        return f"{self.township}{self.name}"


class Station(OfBody, Base):
    """代表联络站、活动室. `key` is part of the URL on its QR poster."""

    __tablename__ = "stations"
    __table_args__ = (UniqueConstraint("body_id", "name", name="uq_stations_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(100), default="")
    key: Mapped[str] = mapped_column(String(40), unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class User(Base):
    """An account. Not `OfBody`: signing in looks it up by name before a body is in scope."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=True)
    initial_until: Mapped[datetime | None]  # until when an initial password is good
    active: Mapped[bool] = mapped_column(default=True)
    # A password reset or a stop raises it, which signs the account out everywhere.
    login_serial: Mapped[int] = mapped_column(default=0)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    roles: Mapped[list["UserRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    body: Mapped["Body | None"] = relationship()
    department: Mapped["Department | None"] = relationship()
    deputy: Mapped["Deputy | None"] = relationship()
    # Joined, so that the statement that reads the account of a request reads it too.
    second_factor: Mapped["SecondFactor | None"] = relationship(lazy="joined", innerjoin=False)


class UserRole(Base):
    """One role of an account."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = enum_column(Role, primary_key=True)


class SignIn(Base):
    """A sign-in of an account that has not ended: its cookie names the row, and is worthless without it."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(String(60))  # 安卓手机，微信
    created_at: Mapped[datetime]


class SecondFactor(Base):
    """两步验证 of one account: the secret that its phone shares with the server, encrypted under the server's key."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(300))
    last_step: Mapped[int]  # no code of this half minute or an earlier one is good any more
    since: Mapped[datetime]


class RecoveryCode(Base):
    """A code, on paper, that replaces the phone once. The database has its hash, and whether it was used."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used: Mapped[bool] = mapped_column(default=False)


class AccountChange(Base):
    """What others did to an account: its owner is told, and during a session of congress the tellers see it.

    Never changed nor deleted: triggers refuse it.
    """

    __tablename__ = "account_changes"
    __table_args__ = (Index("ix_account_changes_user_id_at", "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[AccountChangeKind] = enum_column(AccountChangeKind)
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(60))

    user: Mapped["User"] = relationship(lazy="joined")


class Throttle(Base):
    """What citizens send in a day, by keyed digests of phones and networks. Failures to sign in: `db.counters`."""

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
    pinyin: Mapped[str] = mapped_column(String(200), default="")  # what lists are sorted by
    initials: Mapped[str] = mapped_column(String(30), default="")
    page_key: Mapped[str | None] = mapped_column(String(40))  # part of the URL of the deputy's own page

    delegation: Mapped["Delegation"] = relationship(lazy="joined")

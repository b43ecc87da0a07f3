"""The roll that is signed and the box of unmarked ballots: two tables that share nothing.

Neither has a clock, a serial, an address or a row number (SQLite: WITHOUT ROWID), and nothing in one says
which row of the other belongs to it. Triggers (see the migration) refuse to change or remove a ballot; the one
rewrite at the close happens under a `BallotRewrite` row that exists only within that transaction.
"""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from votes.models.base import Base


class Turnout(Base):
    """This deputy has voted in this round; the primary key is the judge of "once only"."""

    __tablename__ = "turnout"
    __table_args__ = (
        CheckConstraint("channel in ('phone', 'paper')", name="channel"),
        {"sqlite_with_rowid": False},
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    # HMAC of the ballot's code under the round's key, so that a resend is told from a second try.
    # Key and column are emptied at the close.
    resend_mark: Mapped[str | None] = mapped_column(String(64))


class Ballot(Base):
    """One ballot in the box."""

    __tablename__ = "ballots"
    __table_args__ = (
        CheckConstraint("not secret or deputy_id is null", name="secret_names_nobody"),
        CheckConstraint("source in ('phone', 'paper')", name="source"),
        {"sqlite_with_rowid": False},
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    marks: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(10))
    spoilt: Mapped[bool] = mapped_column(default=False)
    secret: Mapped[bool] = mapped_column(default=True)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))


class BallotRewrite(Base):
    """Stands only inside the closing transaction: lets the box be rewritten in another order, once."""

    __tablename__ = "ballot_rewrites"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)

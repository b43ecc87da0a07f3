"""Workbooks that were read and wait to be applied."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from votes.db import OfBody
from votes.models.base import Base


class ImportDraft(OfBody, Base):
    """A spreadsheet that was read and is shown for approval before anything is changed."""

    __tablename__ = "import_drafts"
    __table_args__ = (
        CheckConstraint(
            "kind in ('roster', 'projects', 'suggestions', 'villages', 'attendance')", name="kind"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str]
    rows: Mapped[list[Any]]  # what was read, one dict a row, with "row" (number in the sheet) and "problems"
    applied_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

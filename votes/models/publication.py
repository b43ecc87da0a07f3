"""The reminders that went out."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from votes.db import OfBody
from votes.models.base import Base


class ReminderSent(OfBody, Base):
    """A reminder that a channel of a place was sent: it goes out once."""

    __tablename__ = "reminders_sent"
    __table_args__ = (UniqueConstraint("body_id", "key", "channel", name="uq_reminders_sent_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))  # see `rules.publication.reminders.key`
    channel: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]

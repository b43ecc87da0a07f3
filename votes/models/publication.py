"""The reminders and anchors that went out, and the timestamps that came back."""

from base64 import b64encode
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from votes.db import OfBody
from votes.models.base import Base


class ReminderSent(OfBody, Base):
    """A reminder, or an anchor of a vote, that a channel of a place was sent: it goes out once."""

    __tablename__ = "reminders_sent"
    __table_args__ = (UniqueConstraint("body_id", "key", "channel", name="uq_reminders_sent_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))  # see `rules.publication.reminders.key`
    channel: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]


class AnchorStamp(OfBody, Base):
    """The answer of a timestamping service (RFC 3161) about the anchor that an event of a round has made."""

    __tablename__ = "anchor_stamps"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    token: Mapped[bytes]
    stamped_at: Mapped[datetime]

    @property
    def data_uri(self) -> str:
        """Return the answer as a file that a page carries in itself."""
        return "data:application/timestamp-reply;base64," + b64encode(self.token).decode()

"""The vote: who has voted, the box, paper ballots, signatures, screens.

docs/secrecy.md explains why turnout and ballots share nothing.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column
from votes.rules.meeting.signing_secrets import SignatureKind
from votes.rules.people.roles import TellerRole
from votes.rules.voting.ballots import KINDS, Source

if TYPE_CHECKING:
    from votes.models.meeting import CongressSession, Round

_CHANNELS, _SOURCES = (", ".join(f"'{source}'" for source in sources) for sources in (Source, KINDS))


class Turnout(Base):
    """Record that a deputy has voted in a round, or holds a paper; the primary key makes sure it is once only."""

    __tablename__ = "turnout"
    __table_args__ = (
        CheckConstraint(f"channel in ({_CHANNELS})", name="channel"),
        CheckConstraint("browser_mark is null or resend_mark is not null", name="marks_end_together"),
        {"sqlite_with_rowid": False},
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    # HMAC of the ballot's code under the round's key: it tells a resend from a second vote.
    # The close destroys the key and empties the column.
    resend_mark: Mapped[str | None] = mapped_column(String(64))
    # HMAC of the browser's number under the same key: any other browser of the card reads that the vote was not cast
    # there. Emptied with the resend mark.
    browser_mark: Mapped[str | None] = mapped_column(String(64))


class Ballot(Base):
    """Hold one ballot in the box: no deputy, no time, no serial."""

    __tablename__ = "ballots"
    __table_args__ = (
        CheckConstraint("not secret or deputy_id is null", name="secret_names_nobody"),
        CheckConstraint(f"source in ({_SOURCES})", name="source"),
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
    """Allow the closing transaction, by a row that exists only inside it, to rewrite the box in another order."""

    __tablename__ = "ballot_rewrites"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)


class PaperStack(OfBody, Base):
    """Hold one printing of blank ballots (一叠): the serial is the stack's, never a paper's."""

    __tablename__ = "paper_stacks"
    __table_args__ = (
        UniqueConstraint("round_id", "serial", name="uq_paper_stacks_serial"),
        CheckConstraint("serial >= 1", name="serial"),
        CheckConstraint("sheets >= 1", name="sheets"),
        CheckConstraint("left_over is null or left_over between 0 and sheets", name="left_over"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    serial: Mapped[int]
    sheets: Mapped[int]
    left_over: Mapped[int | None]  # blank papers counted back after the vote
    printed_at: Mapped[datetime]
    printed_by: Mapped[str] = mapped_column(String(60))

    round: Mapped["Round"] = relationship()


class PaperBox(OfBody, Base):
    """Hold a ballot box (票箱) of a round and the papers that came out of it."""

    __tablename__ = "paper_boxes"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_paper_boxes_number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("papers is null or papers >= 0", name="papers"),
        # Two different people read each box.
        CheckConstraint("second_keyer is null or first_keyer is not null", name="second_after_first"),
        CheckConstraint("first_keyer <> second_keyer", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(String(60), default="")
    papers: Mapped[int | None]  # counted out of the box
    # The person who reads: "d7" is a deputy (by card or by account), "u12" another account.
    first_keyer: Mapped[str | None] = mapped_column(String(20))
    second_keyer: Mapped[str | None] = mapped_column(String(20))
    first_keyer_name: Mapped[str | None] = mapped_column(String(60))
    second_keyer_name: Mapped[str | None] = mapped_column(String(60))
    # Counted by hand (rule.paper = totals): {"valid": 10, "invalid": 1, "counts": {"1": {"for": 7, ...}}}
    totals: Mapped[dict[str, Any] | None]
    totals_by: Mapped[str | None] = mapped_column(String(60))
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")  # how often; the chain says why

    entries: Mapped[list["PaperEntry"]] = relationship(
        cascade="all, delete-orphan", order_by="PaperEntry.position, PaperEntry.reading"
    )
    decisions: Mapped[list["PaperDecision"]] = relationship(
        cascade="all, delete-orphan", order_by="PaperDecision.position"
    )
    round: Mapped["Round"] = relationship()

    @property
    def session_id(self) -> int:
        """Return the session whose tellers may read what came out of the box."""
        return int(self.round.session_id)


class PaperEntry(OfBody, Base):
    """Hold what one person read on one paper of the pile."""

    __tablename__ = "paper_entries"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("reading in (1, 2)", name="reading"),
        CheckConstraint("spoilt = (length(reason) > 0)", name="spoilt_says_why"),
    )

    box_id: Mapped[int] = mapped_column(ForeignKey("paper_boxes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reading: Mapped[int] = mapped_column(primary_key=True)
    marks: Mapped[dict[str, Any]]
    spoilt: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(100), default="")


class PaperDecision(OfBody, Base):
    """Hold how 总监票人 reads a paper on which the two readings differ, or that is in doubt."""

    __tablename__ = "paper_decisions"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("spoilt = (length(reason) > 0)", name="spoilt_says_why"),
    )

    box_id: Mapped[int] = mapped_column(ForeignKey("paper_boxes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    marks: Mapped[dict[str, Any]]
    spoilt: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(100), default="")
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"))
    name: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime]


class Signature(OfBody, Base):
    """Hold a teller's signature under the count, given with the secret that only the teller has."""

    __tablename__ = "signatures"
    __table_args__ = (
        UniqueConstraint("round_id", "deputy_id", name="uq_signatures_deputy"),
        CheckConstraint(
            "(kind = 'key') = (length(signature) = 128 and length(public_key) = 130)", name="kind_fits"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"))
    role: Mapped[TellerRole] = enum_column(TellerRole)
    name: Mapped[str] = mapped_column(String(60))
    result_digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    kind: Mapped[SignatureKind] = enum_column(SignatureKind, server_default="login")
    code: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))  # 短码
    public_key: Mapped[str] = mapped_column(String(130), default="", server_default=text("''"))
    signature: Mapped[str] = mapped_column(String(128), default="", server_default=text("''"))  # hex: r, s
    # What the record says of "not cast here" at the first signature: all signatures of a round cover the same.
    reports: Mapped[dict[str, Any] | None]


class Refusal(OfBody, Base):
    """Hold that a teller declined to sign the count, and why; a signature may still follow."""

    __tablename__ = "refusals"
    __table_args__ = (
        UniqueConstraint("round_id", "deputy_id", name="uq_refusals_deputy"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"))
    role: Mapped[TellerRole] = enum_column(TellerRole)
    name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(300))
    result_digest: Mapped[str] = mapped_column(String(64))
    refused_at: Mapped[datetime]


class VoteReport(OfBody, Base):
    """Hold that a deputy has reported a vote that they did not cast (不是我投的). It has no time.

    Once a deputy and round. It may be withdrawn, before a teller other than the deputy, and is counted all the same.
    """

    __tablename__ = "vote_reports"
    __table_args__ = (
        CheckConstraint("(withdrawn_before_id is null) = (withdrawn_before = '')", name="withdrawn_whole"),
        CheckConstraint("withdrawn_before_id <> deputy_id", name="withdrawn_before_another"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    withdrawn_before_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))
    withdrawn_before: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))


class ReportFinding(OfBody, Base):
    """Hold what 总监票人 found about a round's reports of votes not cast, and how many reports that covers."""

    __tablename__ = "report_findings"
    __table_args__ = (
        CheckConstraint("length(finding) > 0", name="finding"),
        CheckConstraint("number >= 1", name="number"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"))
    name: Mapped[str] = mapped_column(String(60))
    finding: Mapped[str] = mapped_column(String(200))
    number: Mapped[int]


class PresidiumDecision(OfBody, Base):
    """Hold which of the tied projects the presidium (主席团) took, where the rule leaves a tie to it."""

    __tablename__ = "presidium_decisions"
    __table_args__ = (UniqueConstraint("round_id", name="uq_presidium_decisions_round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    chosen: Mapped[list[Any]]  # printed numbers, ascending
    decided_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200))  # 主席团第三次会议
    recorded_by: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]


class Screen(OfBody, Base):
    """Hold one screen in a hall and what the office has put on it. Its URL carries the key."""

    __tablename__ = "screens"
    __table_args__ = (
        UniqueConstraint("session_id", "name", name="uq_screens_name"),
        CheckConstraint("view in ('auto', 'blank', 'sign_in', 'voting', 'result')", name="view"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(40), unique=True)
    view: Mapped[str] = mapped_column(String(20), default="auto")
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))  # None: the one that is on
    created_at: Mapped[datetime]

    session: Mapped["CongressSession"] = relationship()

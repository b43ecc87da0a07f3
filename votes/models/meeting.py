"""Sessions of the congress, what is prepared in them, and rounds with their candidates, roll and events."""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from votes.db import OfBody
from votes.models.base import Base, enum_column, unique_where
from votes.rules.meeting.consents import ConsentAct, ConsentState
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.meeting.signing_secrets import SecretKind
from votes.rules.people.roles import AttendanceState, KeyerRole, TellerRole

if TYPE_CHECKING:
    from votes.models.delivery import Announcement
    from votes.models.people import Body, Delegation, Deputy, User
    from votes.models.projects import Project
    from votes.models.voting import PresidiumDecision, Signature


def new_public_id() -> str:
    """Return a random identifier for the public URLs of a round."""
    return uuid.uuid4().hex


class CongressSession(OfBody, Base):
    """A session (会议): its days, its keys for halls and screens, and the approval of its tellers."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("body_id", "title", name="uq_sessions_body_id_title"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))  # 第十八届人民代表大会第五次会议
    year: Mapped[int]  # the year whose projects are decided
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[SessionState] = enum_column(SessionState, default=SessionState.PLANNED)
    # The six digits on the hall screen are made of the secret.
    hall_secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    hall_key: Mapped[str] = mapped_column(String(40), unique=True)  # in the URL of the hall's QR code
    screen_key: Mapped[str] = mapped_column(String(40), unique=True)  # in the URL of the hall screen
    tellers_approved_on: Mapped[date | None]  # when the plenary passed the present list of tellers
    tellers_approved_how: Mapped[str | None] = mapped_column(String(100))  # 举手表决，全体通过
    started_at: Mapped[datetime | None]  # a rehearsal that opened before it is past
    created_at: Mapped[datetime]
    # The algorithm of the session's own chain; each round has its own.
    hash_name: Mapped[str] = mapped_column(String(10), default="sha256", server_default="sha256")

    body: Mapped["Body"] = relationship()
    rounds: Mapped[list["Round"]] = relationship(back_populates="session", order_by="Round.id")
    tellers: Mapped[list["Teller"]] = relationship(order_by="Teller.id")
    halls: Mapped[list["Hall"]] = relationship(order_by="Hall.id")
    motions: Mapped[list["Motion"]] = relationship(order_by="Motion.id")


class Attendance(OfBody, Base):
    """签到, 请假 or 早退 of one deputy at one session. ``at`` is the time of that, never of voting."""

    __tablename__ = "attendance"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True)
    state: Mapped[AttendanceState] = enum_column(AttendanceState)
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(20))  # self | desk
    recorded_by: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")


class CardBatch(OfBody, Base):
    """One act of issuing cards (发放), and for ten minutes its sheets.

    ``sealed`` is encrypted with a key that only the issuing browser has, in a cookie; ``key_hash`` recognises it.
    """

    __tablename__ = "card_batches"
    __table_args__ = (
        CheckConstraint(
            "(sealed is null) = (key_hash is null) and (sealed is null or user_id is not null)",
            name="sealed_for_one_login",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    issued_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    who: Mapped[str] = mapped_column(String(60))
    cards: Mapped[int]  # how many were issued
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_hash: Mapped[str | None] = mapped_column(String(64))

    session: Mapped["CongressSession"] = relationship()


class Card(OfBody, Base):
    """The voting card of one deputy for one session: hashes of its random token and PIN, and of nothing else."""

    __tablename__ = "cards"
    __table_args__ = (
        unique_where("uq_cards_active", "voided_at is null", "session_id", "deputy_id"),
        CheckConstraint("takeovers = 0 or (takeovers > 0 and bound_to is not null)", name="takeovers"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), index=True)
    # The act that issued it; null for a card of an earlier version.
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("card_batches.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(120), server_default=text("''"))
    issued_at: Mapped[datetime]
    # A phone has entered with it, at any time; when is not kept.
    opened: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(String(200))
    # Signing out raises it, which signs every browser of the card out.
    login_serial: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # The browser to which the card belongs (a digest of its random number), and how often another took it over.
    bound_to: Mapped[str | None] = mapped_column(String(40))
    takeovers: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    deputy: Mapped["Deputy"] = relationship()
    session: Mapped["CongressSession"] = relationship()


class Teller(OfBody, Base):
    """总监票人 / 监票人 of one session."""

    __tablename__ = "tellers"
    __table_args__ = (
        UniqueConstraint("session_id", "deputy_id", name="uq_tellers_deputy"),
        unique_where("uq_tellers_one_chief", "role = 'chief'", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), index=True)
    role: Mapped[TellerRole] = enum_column(TellerRole)
    nominated_by_id: Mapped[int | None] = mapped_column(ForeignKey("delegations.id"))
    # By whose decision this teller replaced another during a vote; null for those of the list that was passed.
    decision: Mapped[str | None] = mapped_column(String(200))

    deputy: Mapped["Deputy"] = relationship(lazy="joined")
    nominated_by: Mapped["Delegation | None"] = relationship(lazy="joined")
    secret: Mapped["TellerSecret | None"] = relationship(lazy="joined", cascade="all, delete-orphan")


class TellerSecret(OfBody, Base):
    """签字密钥: what a teller signs with, set in person, once. It counts when another teller has confirmed its code."""

    __tablename__ = "teller_secrets"
    __table_args__ = (
        UniqueConstraint("teller_id", name="uq_teller_secrets_teller"),
        unique_where("uq_teller_secrets_public_key", "kind = 'key'", "public_key"),
        CheckConstraint(
            "(kind = 'key' and length(public_key) = 130 and passphrase_hash = '') "
            "or (kind = 'passphrase' and public_key = '' and length(passphrase_hash) > 0)",
            name="kind_fits",
        ),
        CheckConstraint("length(code) = 10", name="code"),
        CheckConstraint("(confirmed_at is null) = (confirmed_by_id is null)", name="confirmed_whole"),
        CheckConstraint("confirmed_by_id <> deputy_id", name="confirmed_by_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    teller_id: Mapped[int] = mapped_column(ForeignKey("tellers.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"))
    kind: Mapped[SecretKind] = enum_column(SecretKind)
    public_key: Mapped[str] = mapped_column(String(130), default="")  # hex: 04, x, y
    passphrase_hash: Mapped[str] = mapped_column(String(200), default="")  # argon2id
    code: Mapped[str] = mapped_column(String(10))  # 短码
    set_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))
    confirmed_by: Mapped[str] = mapped_column(String(60), default="")
    confirmation: Mapped[str] = mapped_column(
        String(128), default=""
    )  # the other teller's signature, with a key


class Keyer(OfBody, Base):
    """计票人 or 录入员 of one session: an account whose reading of a paper counts as a teller's does."""

    __tablename__ = "keyers"
    __table_args__ = (UniqueConstraint("session_id", "user_id", name="uq_keyers_user"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[KeyerRole] = enum_column(KeyerRole)
    named_by: Mapped[str] = mapped_column(String(60))
    named_at: Mapped[datetime]

    user: Mapped["User"] = relationship(lazy="joined")


class SignedList(OfBody, Base):
    """The scan of a tellers' list that each has signed by hand. Its bytes are kept with the uploaded files."""

    __tablename__ = "signed_lists"
    __table_args__ = (CheckConstraint("size >= 0", name="size_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))  # of the list with the codes that was on paper
    filename: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    added_by: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime]


class Motion(OfBody, Base):
    """A decision by show of hands (举手表决), as the numbers counted: 票决办法, the list of tellers, a 决议."""

    __tablename__ = "motions"
    __table_args__ = (
        UniqueConstraint("session_id", "title", name="uq_motions_title"),
        CheckConstraint(
            "votes_for >= 0 and votes_against >= 0 and abstentions >= 0 "
            "and votes_for + votes_against + abstentions <= present and present <= roster",
            name="figures",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    title: Mapped[str] = mapped_column(String(100))
    roster: Mapped[int]
    present: Mapped[int]
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    abstentions: Mapped[int]
    passed: Mapped[bool]
    decided_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]


class Hall(OfBody, Base):
    """One of several halls (分会场) in which a session votes by delegation; votes are counted together."""

    __tablename__ = "halls"
    __table_args__ = (UniqueConstraint("session_id", "name", name="uq_halls_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))

    delegations: Mapped[list["HallDelegation"]] = relationship(
        cascade="all, delete-orphan", order_by="HallDelegation.delegation_id"
    )


class HallDelegation(OfBody, Base):
    """The hall of a delegation; a delegation has one hall in a session."""

    __tablename__ = "hall_delegations"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegations.id"), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"), index=True)

    delegation: Mapped["Delegation"] = relationship()


class Pairing(OfBody, Base):
    """配对: the request of a phone without a card to sign in; the desk confirms the six digits it shows."""

    __tablename__ = "pairings"
    __table_args__ = (
        UniqueConstraint("session_id", "code", name="uq_pairings_code"),
        CheckConstraint("(deputy_id is null) = (confirmed_at is null)", name="confirmed_for_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    code: Mapped[str] = mapped_column(String(6))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the secret in the phone's cookie
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Consent(OfBody, Base):
    """同意: what the desk asks of the tellers while a round is open. It serves once, for this act and these people.

    `subject` is the person ("d7" a deputy, "u12" an account) or stands for the list of people in a batch.
    """

    __tablename__ = "consents"
    __table_args__ = (
        unique_where("uq_consents_open", "state in ('asked', 'given')", "round_id", "act", "subject"),
        CheckConstraint(
            "act not in ('issue', 'reissue', 'pair') or deputy_id is not null", name="names_a_deputy"
        ),
        CheckConstraint("first_by_id <> deputy_id and second_by_id <> deputy_id", name="by_another"),
        CheckConstraint("first_by_id <> second_by_id", name="two_tellers"),
        CheckConstraint(
            "second_by_id is null or (act = 'key' and first_by_id is not null)", name="second_after_first"
        ),
        CheckConstraint(
            "state not in ('given', 'used') "
            "or (first_by_id is not null and (act <> 'key' or second_by_id is not null))",
            name="given_by_enough",
        ),
        CheckConstraint("(state = 'refused') = (length(refused_by) > 0)", name="refused_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)  # on whose chain it stands
    act: Mapped[ConsentAct] = enum_column(ConsentAct)
    subject: Mapped[str] = mapped_column(String(20))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))  # who may not agree
    people: Mapped[list[Any]]  # [{"deputy": 7, "number": "003", "name": "…"}]
    reason: Mapped[str] = mapped_column(String(200), default="")
    code: Mapped[str] = mapped_column(String(6), default="")  # of the phone that is to be paired
    state: Mapped[ConsentState] = enum_column(ConsentState, default=ConsentState.ASKED)
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    first_by_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))
    first_by: Mapped[str] = mapped_column(String(60), default="")
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("deputies.id"))
    second_by: Mapped[str] = mapped_column(String(60), default="")
    refused_by: Mapped[str] = mapped_column(String(60), default="")
    answer: Mapped[str] = mapped_column(String(200), default="")  # why it was refused

    round: Mapped["Round"] = relationship()


class Round(OfBody, Base):
    """One round of voting (轮次): rule, roll, ballots, count, signatures. Once opened it is never edited or deleted."""

    __tablename__ = "rounds"
    __table_args__ = (
        CheckConstraint("ordinal >= 1", name="ordinal"),
        CheckConstraint("parent_id is null or parent_id <> id", name="not_its_own_parent"),
        # This key joins a ballot sent again to its turnout row, so it exists only while the box is open.
        CheckConstraint("resend_key is null or state = 'opened'", name="resend_key_only_while_open"),
        CheckConstraint(
            "(result is null) or state in ('counted', 'certified', 'announced', 'void')",
            name="result_after_count",
        ),
        CheckConstraint("announced_at is null or certified_at is not null", name="announced_after_certified"),
        UniqueConstraint("session_id", "parent_id", "ordinal", "rehearsal", name="uq_rounds_ordinal"),
        CheckConstraint(
            "further is null or (parent_id is not null and further in ('tie', 'shortfall', 'void'))",
            name="further_has_parent",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    ordinal: Mapped[int] = mapped_column(default=1)  # 第N轮: 1 for the first round of a question
    # The reason of a further round: tie | shortfall | void.
    further: Mapped[str | None] = mapped_column(String(20))
    colour: Mapped[str] = mapped_column(String(10), default="white", server_default="white")
    title: Mapped[str] = mapped_column(String(100))
    rehearsal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RoundState] = enum_column(RoundState, default=RoundState.DRAFT)
    rule: Mapped[dict[str, Any]]
    resend_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    closes_at: Mapped[datetime | None]
    zero_checked_at: Mapped[datetime | None]
    zero_checked_by: Mapped[str | None] = mapped_column(String(60))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    certified_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
    # The figures of the counting sheet, frozen at the opening or the close.
    roster: Mapped[int | None]
    present: Mapped[int | None]
    issued: Mapped[int | None]
    returned: Mapped[int | None]
    hash_name: Mapped[str] = mapped_column(String(10), default="sha256")
    rule_digest: Mapped[str | None] = mapped_column(String(64))
    roll_digest: Mapped[str | None] = mapped_column(String(64))
    ballots_digest: Mapped[str | None] = mapped_column(String(64))
    # Random salts in the digests of figures, so that nobody can guess a figure from its digest; drawn at the close.
    salts: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    record: Mapped[dict[str, Any] | None]  # as published, kept so that every download has the same bytes
    software: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]

    session: Mapped["CongressSession"] = relationship(back_populates="rounds")
    parent: Mapped["Round | None"] = relationship(remote_side="Round.id")
    following: Mapped["Round | None"] = relationship(remote_side=[parent_id], uselist=False, viewonly=True)
    candidates: Mapped[list["Candidate"]] = relationship(order_by="Candidate.number")
    signatures: Mapped[list["Signature"]] = relationship(order_by="Signature.id")
    announcement: Mapped["Announcement | None"] = relationship(back_populates="round")
    decision: Mapped["PresidiumDecision | None"] = relationship()

    @property
    def notice(self) -> "Announcement | None":
        """Return the announcement of the round's result: its own, or that of a further round."""
        if self.announcement is not None or self.following is None:
            return self.announcement
        return self.following.notice


class Candidate(OfBody, Base):
    """A project on a round's list, with the words as they are printed."""

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_candidates_number"),
        UniqueConstraint("round_id", "project_id", name="uq_candidates_project"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[str] = mapped_column(String(30), default="")  # as printed: 1234.00万元

    project: Mapped["Project"] = relationship()


class RollEntry(Base):
    """表决权名册: one deputy in office at the opening. ``late_by`` is who signed them in later (补签)."""

    __tablename__ = "roll_entries"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("deputies.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    delegation: Mapped[str] = mapped_column(String(60))
    hall: Mapped[str | None] = mapped_column(String(60))  # the hall of the delegation at the opening
    present: Mapped[bool] = mapped_column(default=False)
    late_by: Mapped[str | None] = mapped_column(String(60))


class ChainedEvent(OfBody):
    """The columns of an event in a chain: append-only, which a trigger enforces."""

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    payload: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Event(ChainedEvent, Base):
    """One event in the chain of a round."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("round_id", "position", name="uq_events_position"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))


class SessionEvent(ChainedEvent, Base):
    """One event in the chain of a session: its cards."""

    __tablename__ = "session_events"
    __table_args__ = (UniqueConstraint("session_id", "position", name="uq_session_events_position"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))

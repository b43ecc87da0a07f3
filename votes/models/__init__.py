"""All tables. Import from here; the modules name each other's classes by string only."""

from votes.models.audit import AuditEntry
from votes.models.ballots import Ballot, BallotRewrite, Turnout
from votes.models.base import Base, OfBody, metadata, table_of
from votes.models.bodies import Body, Delegation, Department
from votes.models.paper import PaperBox, PaperDecision, PaperEntry, PaperStack
from votes.models.people import Deputy, ImportDraft, Throttle, User, UserRole
from votes.models.progress import Milestone, Report, Tracking
from votes.models.projects import Attachment, Funding, Project, ProjectVersion, Review, SubProject
from votes.models.sessions import (
    Announcement,
    Attendance,
    Candidate,
    Card,
    CongressSession,
    Event,
    Hall,
    HallDelegation,
    Motion,
    Pairing,
    PresidiumDecision,
    Refusal,
    RollEntry,
    Round,
    Screen,
    Signature,
    Teller,
)

__all__ = [
    "Announcement",
    "Attachment",
    "Attendance",
    "AuditEntry",
    "Ballot",
    "BallotRewrite",
    "Base",
    "Body",
    "Candidate",
    "Card",
    "CongressSession",
    "Delegation",
    "Department",
    "Deputy",
    "Event",
    "Funding",
    "Hall",
    "HallDelegation",
    "ImportDraft",
    "Milestone",
    "Motion",
    "OfBody",
    "Pairing",
    "PaperBox",
    "PaperDecision",
    "PaperEntry",
    "PaperStack",
    "PresidiumDecision",
    "Project",
    "ProjectVersion",
    "Refusal",
    "Report",
    "Review",
    "RollEntry",
    "Round",
    "Screen",
    "Signature",
    "SubProject",
    "Teller",
    "Throttle",
    "Tracking",
    "Turnout",
    "User",
    "UserRole",
    "metadata",
    "table_of",
]

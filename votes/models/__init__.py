"""All tables. Import from here; the modules name each other's tables by string only."""

from votes.db import OfBody, metadata
from votes.models.audit import AuditEntry, AuditLink
from votes.models.base import Base, table_of
from votes.models.delivery import (
    Acceptance,
    AcceptanceItem,
    Adjustment,
    Announcement,
    Milestone,
    PartReport,
    Report,
    ReportMoney,
    Tracking,
)
from votes.models.duties import DutyAttendance, DutyEntry, DutyMeeting
from votes.models.imports import ImportDraft
from votes.models.meeting import (
    Attendance,
    Candidate,
    Card,
    CardBatch,
    CongressSession,
    Consent,
    Event,
    Hall,
    HallDelegation,
    Keyer,
    Motion,
    Pairing,
    RollEntry,
    Round,
    SessionEvent,
    SignedList,
    Teller,
    TellerSecret,
)
from votes.models.people import (
    AccountChange,
    Body,
    Delegation,
    Department,
    Deputy,
    RecoveryCode,
    SecondFactor,
    SignIn,
    Station,
    Throttle,
    User,
    UserRole,
    Village,
)
from votes.models.projects import (
    Attachment,
    Funding,
    Project,
    ProjectVersion,
    ProjectVillage,
    Review,
    SubProject,
)
from votes.models.publication import AnchorStamp, ReminderSent
from votes.models.suggestions import Author, Matter, MatterDecision, Season, Suggestion, Transfer
from votes.models.supervision import (
    CitizenRating,
    GroupMember,
    Inspection,
    InspectionMember,
    InspectionNote,
    Rectification,
    RectificationAnswer,
    Rereport,
    SupervisionGroup,
)
from votes.models.voting import (
    Ballot,
    BallotRewrite,
    PaperBox,
    PaperDecision,
    PaperEntry,
    PaperStack,
    PresidiumDecision,
    Refusal,
    ReportFinding,
    Screen,
    Signature,
    Turnout,
    VoteReport,
)

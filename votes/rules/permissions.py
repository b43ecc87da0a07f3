"""Who may do what: one table. A page names a permission and nothing more.

A line of a `Permission` is a tuple of tests; it is granted when every test of any one line holds. The database
session already hides the rows of other bodies (the page answers 404); `same_body` checks it once more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState

Test = Callable[[Actor, Any], bool]


def anyone(actor: Actor, thing: Any) -> bool:
    """Accept everybody, signed in or not."""
    return True


def signed_in(actor: Actor, thing: Any) -> bool:
    """Accept whoever is signed in."""
    return actor.signed_in


def same_body(actor: Actor, thing: Any) -> bool:
    """Accept what belongs to the body in view, or to no body."""
    body_id = getattr(thing, "body_id", None)
    return actor.body_id is not None and (body_id is None or body_id == actor.body_id)


def at_home(actor: Actor, thing: Any) -> bool:
    """Accept those whose own body is in view: a leader who looks into a township may only read."""
    return actor.body_id is not None and actor.body_id == actor.home_body_id


@dataclass(frozen=True)
class HasRole:
    """The test that accepts the accounts of one role."""

    role: Role

    def __call__(self, actor: Actor, thing: Any) -> bool:
        """Return whether the actor has the role."""
        return self.role in actor.roles


sysadmin, office, government = HasRole(Role.SYSADMIN), HasRole(Role.OFFICE), HasRole(Role.GOVERNMENT)
leader = HasRole(Role.LEADER)  # leaders read


def department(actor: Actor, thing: Any) -> bool:
    """Accept the staff of a unit (责任单位)."""
    return Role.DEPARTMENT in actor.roles and actor.department_id is not None


def deputy(actor: Actor, thing: Any) -> bool:
    """Accept deputies, by account or by card."""
    return actor.deputy_id is not None


def with_account(actor: Actor, thing: Any) -> bool:
    """Accept accounts only: the card of a session serves for its votes and nothing else."""
    return actor.card_id is None


def own_project(actor: Actor, thing: Any) -> bool:
    """Accept the projects (and what belongs to them) of the actor's unit; lists are narrowed by `visible_unit`."""
    return thing is None or thing.department_id == actor.department_id


def own_deputy(actor: Actor, thing: Any) -> bool:
    """Accept what the deputy wrote or did; a list page (no thing) shows only that."""
    return getattr(thing, "deputy_id", None) in (None, actor.deputy_id)


def in_draft(actor: Actor, thing: Any) -> bool:
    """Accept a project that has not been submitted."""
    return thing is None or thing.state == ProjectState.DRAFT


def not_yet_listed(actor: Actor, thing: Any) -> bool:
    """Accept a project that is not yet on the list for the vote."""
    before = (ProjectState.DRAFT, ProjectState.REVIEWING, ProjectState.APPROVED)
    return thing is None or thing.state in before


def _session_id(thing: Any) -> int | None:
    return getattr(thing, "session_id", None) or getattr(thing, "id", None)


def teller(actor: Actor, thing: Any) -> bool:
    """Accept tellers of the session that ``thing`` is or belongs to."""
    return bool(actor.teller_in) if thing is None else _session_id(thing) in actor.teller_in


def chief(actor: Actor, thing: Any) -> bool:
    """Accept the chief teller of the session that ``thing`` is or belongs to."""
    return thing is not None and _session_id(thing) in actor.chief_in


def own_session(actor: Actor, thing: Any) -> bool:
    """Accept a card only for the session it was issued for."""
    return actor.session_id is None or thing is None or _session_id(thing) == actor.session_id


def certified(actor: Actor, thing: Any) -> bool:
    """Accept a round whose result the tellers have signed: nobody sees numbers of votes before."""
    return thing is None or thing.state in (RoundState.CERTIFIED, RoundState.ANNOUNCED)


Lines = list[tuple[Test, ...]]
OFFICE: Lines = [(same_body, at_home, office)]
GOVERNMENT: Lines = [(same_body, at_home, government)]
UNITS: Lines = [*GOVERNMENT, (same_body, at_home, department, own_project)]
#: Readers: the congress; the government as well; and each unit what is its own.
CONGRESS_READS: Lines = [(same_body, office), (same_body, leader)]
OFFICES_READ: Lines = [(same_body, office), (same_body, government), (same_body, leader)]
UNITS_READ: Lines = [*OFFICES_READ, (same_body, department, own_project)]


class Permission(StrEnum):
    """What a page may require: its name, and the lines of which one must hold."""

    lines: Lines

    def __new__(cls, name: str, lines: Lines) -> "Permission":
        """Return the member whose value is ``name`` alone."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.lines = lines
        return member

    PUBLIC_READ = "public.read", [(anyone,)]
    SIGN_IN = "sign_in", [(anyone,)]
    SIGNED_IN = "signed_in", [(signed_in,)]
    # people and bodies
    BODY_MANAGE = "body.manage", [(sysadmin,)]
    BODY_SETTINGS = "body.settings", OFFICE
    USER_MANAGE = "user.manage", [(sysadmin,), *OFFICE]
    AUDIT_READ = "audit.read", [(sysadmin,), *CONGRESS_READS]
    ROSTER_READ = "roster.read", CONGRESS_READS
    ROSTER_EDIT = "roster.edit", OFFICE
    DEPARTMENT_MANAGE = "department.manage", [*OFFICE, *GOVERNMENT]
    OFFICE_READ = "office.read", [(sysadmin,), *OFFICES_READ, (same_body, department)]
    # candidates
    PROJECT_READ = "project.read", UNITS_READ
    PROJECT_CREATE = "project.create", [(same_body, at_home, government), (same_body, at_home, department)]
    PROJECT_EDIT = (
        "project.edit",
        [
            (same_body, at_home, government, not_yet_listed),
            (same_body, at_home, department, own_project, in_draft),
        ],
    )
    PROJECT_IMPORT = "project.import", GOVERNMENT
    PROJECT_SUBMIT = "project.submit", UNITS
    PROJECT_REVIEW = "project.review", [*GOVERNMENT, *OFFICE]
    PROJECT_LIST = "project.list", OFFICE
    # the session and its vote
    SESSION_READ = "session.read", CONGRESS_READS
    SESSION_MANAGE = "session.manage", OFFICE
    CARD_ISSUE = "card.issue", OFFICE
    CHECKIN_DESK = "checkin.desk", OFFICE
    CHECKIN_SELF = "checkin.self", [(same_body, deputy, own_session)]
    ROUND_READ = "round.read", CONGRESS_READS
    ROUND_MANAGE = "round.manage", OFFICE
    ROUND_ZERO_CHECK = "round.zero_check", [(same_body, deputy, teller)]
    ROUND_SIGN = "round.sign", [(same_body, deputy, teller)]
    CONSENT_GIVE = "consent.give", [(same_body, deputy, teller)]
    BALLOT_CAST = "ballot.cast", [(same_body, deputy, own_session)]
    RESULT_READ = (
        "result.read",
        [
            (same_body, certified, office),
            (same_body, certified, leader),
            (same_body, certified, deputy, teller),
        ],
    )
    RESULT_ANNOUNCE = "result.announce", OFFICE
    SCREEN_READ = "screen.read", [(anyone,)]  # the URL has the key of the screen
    TELLER_READ = "teller.read", [(same_body, deputy, teller)]
    # paper ballots beside phones: the office hands out and keys in, tellers key in too, the chief decides doubts
    PAPER_READ = "paper.read", [*CONGRESS_READS, (same_body, deputy, teller)]
    PAPER_KEY = "paper.key", [*OFFICE, (same_body, deputy, teller)]
    PAPER_DECIDE = "paper.decide", [(same_body, deputy, chief)]
    ARCHIVE_READ = "archive.read", [(same_body, certified, deputy, chief)]
    # tracking
    PROGRESS_READ = "progress.read", UNITS_READ
    PROGRESS_PLAN = "progress.plan", UNITS
    PROGRESS_REPORT = "progress.report", UNITS
    PROGRESS_FINISH = "progress.finish", GOVERNMENT
    # 征集: the government leads, the congress collects through deputies and stations; both may do either's work
    SEASON_MANAGE = "season.manage", [*OFFICE, *GOVERNMENT]
    SUGGESTION_READ = "suggestion.read", OFFICES_READ
    SUGGESTION_ENTER = "suggestion.enter", [*OFFICE, *GOVERNMENT]
    SUGGESTION_AUTHOR = "suggestion.author", [*OFFICE, *GOVERNMENT]
    MATTER_READ = "matter.read", OFFICES_READ
    MATTER_HANDLE = "matter.handle", [*OFFICE, *GOVERNMENT]
    TRANSFER_READ = "transfer.read", UNITS_READ
    TRANSFER_ANSWER = "transfer.answer", UNITS
    # 监督: deputies note, the office assigns, units answer (代表法 2025 art. 31)
    SUPERVISION_READ = "supervision.read", UNITS_READ
    SUPERVISION_MANAGE = "supervision.manage", OFFICE
    SUPERVISION_ANSWER = "supervision.answer", UNITS
    INSPECTION_NOTE = "inspection.note", [(same_body, with_account, deputy, own_deputy)]
    # notes in the words of the deputies; a unit sees what is assigned to it
    INSPECTION_READ = "inspection.read", CONGRESS_READS
    # adjustments of a project, and the judgement of its result
    ADJUSTMENT_APPLY = "adjustment.apply", GOVERNMENT
    ADJUSTMENT_DECIDE = "adjustment.decide", OFFICE
    ACCEPTANCE_RECORD = "acceptance.record", [*OFFICE, *GOVERNMENT]
    REREPORT_MANAGE = "rereport.manage", OFFICE
    REREPORT_SUBMIT = "rereport.submit", UNITS
    CITIZEN_RATING_READ = "citizen_rating.read", OFFICES_READ
    CITIZEN_RATING_REPLY = "citizen_rating.reply", [*OFFICE, *GOVERNMENT]
    # 履职档案: never how anybody voted
    DUTY_READ = "duty.read", CONGRESS_READS
    DUTY_MANAGE = "duty.manage", OFFICE
    DUTY_OWN = "duty.own", [(same_body, with_account, deputy)]
    OVERVIEW_READ = "overview.read", OFFICES_READ


def visible_unit(actor: Actor) -> int | None:
    """Return the unit whose projects, transfers and rectifications alone the actor sees in lists; None for all of them.

    The row-by-row form of `own_project`. Somebody of no unit and none of the three roles gets 0, the id of no unit.
    """
    if actor.roles & {Role.OFFICE, Role.GOVERNMENT, Role.LEADER}:
        return None
    return actor.department_id or 0


def may(actor: Actor, permission: Permission, thing: Any = None) -> bool:
    """Return whether ``actor`` has ``permission`` on ``thing`` (a row, or None for a list page)."""
    return any(all(test(actor, thing) for test in line) for line in permission.lines)

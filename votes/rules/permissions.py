"""Who may do what: one table. A page names a permission and nothing more.

A line of `GRANTS` is a tuple of tests; a permission is granted when every test of any one line holds. The database
session already hides the rows of other bodies (the page answers 404); `same_body` checks it once more.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from votes.rules.meeting.rounds import RoundState
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.projects.projects import ProjectState


class Permission(StrEnum):
    """What a page may require."""

    PUBLIC_READ = "public.read"
    SIGN_IN = "sign_in"
    SIGNED_IN = "signed_in"
    BODY_MANAGE = "body.manage"
    BODY_SETTINGS = "body.settings"
    USER_MANAGE = "user.manage"
    AUDIT_READ = "audit.read"
    ROSTER_READ = "roster.read"
    ROSTER_EDIT = "roster.edit"
    DEPARTMENT_MANAGE = "department.manage"
    OFFICE_READ = "office.read"
    PROJECT_READ = "project.read"
    PROJECT_CREATE = "project.create"
    PROJECT_EDIT = "project.edit"
    PROJECT_IMPORT = "project.import"
    PROJECT_SUBMIT = "project.submit"
    PROJECT_REVIEW = "project.review"
    PROJECT_LIST = "project.list"
    SESSION_READ = "session.read"
    SESSION_MANAGE = "session.manage"
    CARD_ISSUE = "card.issue"
    CHECKIN_DESK = "checkin.desk"
    CHECKIN_SELF = "checkin.self"
    ROUND_READ = "round.read"
    ROUND_MANAGE = "round.manage"
    ROUND_ZERO_CHECK = "round.zero_check"
    ROUND_SIGN = "round.sign"
    BALLOT_CAST = "ballot.cast"
    RESULT_READ = "result.read"
    RESULT_ANNOUNCE = "result.announce"
    SCREEN_READ = "screen.read"
    TELLER_READ = "teller.read"
    PAPER_READ = "paper.read"
    PAPER_KEY = "paper.key"
    PAPER_DECIDE = "paper.decide"
    ARCHIVE_READ = "archive.read"
    PROGRESS_READ = "progress.read"
    PROGRESS_PLAN = "progress.plan"
    PROGRESS_REPORT = "progress.report"
    PROGRESS_FINISH = "progress.finish"
    SEASON_MANAGE = "season.manage"
    SUGGESTION_READ = "suggestion.read"
    SUGGESTION_ENTER = "suggestion.enter"
    SUGGESTION_AUTHOR = "suggestion.author"
    MATTER_READ = "matter.read"
    MATTER_HANDLE = "matter.handle"
    TRANSFER_READ = "transfer.read"
    TRANSFER_ANSWER = "transfer.answer"
    SUPERVISION_READ = "supervision.read"
    SUPERVISION_MANAGE = "supervision.manage"
    SUPERVISION_ANSWER = "supervision.answer"
    INSPECTION_NOTE = "inspection.note"
    INSPECTION_READ = "inspection.read"
    ADJUSTMENT_APPLY = "adjustment.apply"
    ADJUSTMENT_DECIDE = "adjustment.decide"
    ACCEPTANCE_RECORD = "acceptance.record"
    REREPORT_MANAGE = "rereport.manage"
    REREPORT_SUBMIT = "rereport.submit"
    CITIZEN_RATING_READ = "citizen_rating.read"
    CITIZEN_RATING_REPLY = "citizen_rating.reply"
    DUTY_READ = "duty.read"
    DUTY_MANAGE = "duty.manage"
    DUTY_OWN = "duty.own"
    OVERVIEW_READ = "overview.read"


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


def sysadmin(actor: Actor, thing: Any) -> bool:
    """Accept the system administrator."""
    return Role.SYSADMIN in actor.roles


def office(actor: Actor, thing: Any) -> bool:
    """Accept the office of the congress (人大办)."""
    return Role.OFFICE in actor.roles


def government(actor: Actor, thing: Any) -> bool:
    """Accept the office of the government (政府办)."""
    return Role.GOVERNMENT in actor.roles


def department(actor: Actor, thing: Any) -> bool:
    """Accept the staff of a unit (责任单位)."""
    return Role.DEPARTMENT in actor.roles and actor.department_id is not None


def leader(actor: Actor, thing: Any) -> bool:
    """Accept leaders, who read."""
    return Role.LEADER in actor.roles


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


P = Permission
Lines = list[tuple[Test, ...]]
OFFICE: Lines = [(same_body, at_home, office)]
GOVERNMENT: Lines = [(same_body, at_home, government)]
UNITS: Lines = [*GOVERNMENT, (same_body, at_home, department, own_project)]
#: Those who read: the congress; the government too; and the units what is theirs.
CONGRESS_READS: Lines = [(same_body, office), (same_body, leader)]
OFFICES_READ: Lines = [(same_body, office), (same_body, government), (same_body, leader)]
UNITS_READ: Lines = [*OFFICES_READ, (same_body, department, own_project)]
GRANTS: dict[Permission, Lines] = {
    P.PUBLIC_READ: [(anyone,)],
    P.SIGN_IN: [(anyone,)],
    P.SIGNED_IN: [(signed_in,)],
    P.SCREEN_READ: [(anyone,)],  # the URL has the key of the screen
    # people and bodies
    P.BODY_MANAGE: [(sysadmin,)],
    P.BODY_SETTINGS: OFFICE,
    P.USER_MANAGE: [(sysadmin,), *OFFICE],
    P.AUDIT_READ: [(sysadmin,), *CONGRESS_READS],
    P.ROSTER_READ: CONGRESS_READS,
    P.ROSTER_EDIT: OFFICE,
    P.DEPARTMENT_MANAGE: [*OFFICE, *GOVERNMENT],
    P.OFFICE_READ: [
        (sysadmin,),
        (same_body, office),
        (same_body, government),
        (same_body, department),
        (same_body, leader),
    ],
    # candidates
    P.PROJECT_READ: UNITS_READ,
    P.PROJECT_CREATE: [(same_body, at_home, government), (same_body, at_home, department)],
    P.PROJECT_IMPORT: GOVERNMENT,
    P.PROJECT_EDIT: [
        (same_body, at_home, government, not_yet_listed),
        (same_body, at_home, department, own_project, in_draft),
    ],
    P.PROJECT_SUBMIT: UNITS,
    P.PROJECT_REVIEW: [*GOVERNMENT, *OFFICE],
    P.PROJECT_LIST: OFFICE,
    # the session and its vote
    P.SESSION_READ: CONGRESS_READS,
    P.SESSION_MANAGE: OFFICE,
    P.CARD_ISSUE: OFFICE,
    P.CHECKIN_DESK: OFFICE,
    P.CHECKIN_SELF: [(same_body, deputy, own_session)],
    P.ROUND_READ: CONGRESS_READS,
    P.ROUND_MANAGE: OFFICE,
    P.ROUND_ZERO_CHECK: [(same_body, deputy, teller)],
    P.ROUND_SIGN: [(same_body, deputy, teller)],
    P.TELLER_READ: [(same_body, deputy, teller)],
    # paper ballots beside phones: the office hands out and keys in, tellers key in too, the chief decides doubts
    P.PAPER_READ: [*CONGRESS_READS, (same_body, deputy, teller)],
    P.PAPER_KEY: [*OFFICE, (same_body, deputy, teller)],
    P.PAPER_DECIDE: [(same_body, deputy, chief)],
    P.ARCHIVE_READ: [(same_body, certified, deputy, chief)],
    P.BALLOT_CAST: [(same_body, deputy, own_session)],
    P.RESULT_READ: [
        (same_body, certified, office),
        (same_body, certified, leader),
        (same_body, certified, deputy, teller),
    ],
    P.RESULT_ANNOUNCE: OFFICE,
    # tracking
    P.PROGRESS_READ: UNITS_READ,
    P.PROGRESS_PLAN: UNITS,
    P.PROGRESS_REPORT: UNITS,
    P.PROGRESS_FINISH: GOVERNMENT,
    # 征集: the government leads, the congress collects through deputies and stations; both may do either's work
    P.SEASON_MANAGE: [*OFFICE, *GOVERNMENT],
    P.SUGGESTION_READ: OFFICES_READ,
    P.SUGGESTION_ENTER: [*OFFICE, *GOVERNMENT],
    P.SUGGESTION_AUTHOR: [*OFFICE, *GOVERNMENT],
    P.MATTER_READ: OFFICES_READ,
    P.MATTER_HANDLE: [*OFFICE, *GOVERNMENT],
    P.TRANSFER_READ: UNITS_READ,
    P.TRANSFER_ANSWER: UNITS,
    # 监督: deputies note, the office assigns, units answer (代表法 2025 art. 31)
    P.SUPERVISION_READ: UNITS_READ,
    P.SUPERVISION_MANAGE: OFFICE,
    P.SUPERVISION_ANSWER: UNITS,
    P.INSPECTION_NOTE: [(same_body, with_account, deputy, own_deputy)],
    # notes in the words of the deputies; a unit sees what is assigned to it
    P.INSPECTION_READ: CONGRESS_READS,
    # adjustments of a project, and the judgement of its result
    P.ADJUSTMENT_APPLY: GOVERNMENT,
    P.ADJUSTMENT_DECIDE: OFFICE,
    P.ACCEPTANCE_RECORD: [*OFFICE, *GOVERNMENT],
    P.REREPORT_MANAGE: OFFICE,
    P.REREPORT_SUBMIT: UNITS,
    P.CITIZEN_RATING_READ: OFFICES_READ,
    P.CITIZEN_RATING_REPLY: [*OFFICE, *GOVERNMENT],
    # 履职档案: never how anybody voted
    P.DUTY_READ: CONGRESS_READS,
    P.DUTY_MANAGE: OFFICE,
    P.DUTY_OWN: [(same_body, with_account, deputy)],
    P.OVERVIEW_READ: OFFICES_READ,
}


def visible_unit(actor: Actor) -> int | None:
    """Return the unit whose projects, transfers and rectifications alone the actor sees in lists; None for all of them.

    The row-by-row form of `own_project`. Somebody of no unit and none of the three roles gets 0, the id of no unit.
    """
    if actor.roles & {Role.OFFICE, Role.GOVERNMENT, Role.LEADER}:
        return None
    return actor.department_id or 0


def may(actor: Actor, permission: Permission, thing: Any = None) -> bool:
    """Return whether ``actor`` has ``permission`` on ``thing`` (a row, or None for a list page)."""
    return any(all(test(actor, thing) for test in line) for line in GRANTS[permission])

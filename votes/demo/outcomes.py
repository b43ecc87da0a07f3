"""What changes the demo year's promises and what judges them, as `story/outcomes.toml` tells it.

Two adjustments, acceptances, citizens' ratings, a second report after 不满意.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import select

from votes.clock import local
from votes.db import db, everything
from votes.demo import autumn, story
from votes.demo.congress import CAPTIONS, Congress
from votes.demo.days import Add, moment
from votes.models import Tracking
from votes.rules.delivery.acceptances import RECORDER, AcceptanceKind, Conclusion, Findings, Item, Mark
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind
from votes.rules.people.roles import Role
from votes.services.delivery import acceptances, adjustments
from votes.services.supervision import citizen_ratings, second_reports


@dataclass(frozen=True)
class AdjustmentStory:
    """A change of one project's goal or time limit: applied for, decided, and announced if it is a major one."""

    body: str
    key: str
    kind: AdjustmentKind
    cause: AdjustmentCause
    reason: str
    due_on: date
    applied: datetime
    decided: datetime
    document_number: str
    opinion: str
    target: str = ""  # as it was when empty
    announced: datetime | None = None

    def changes(self) -> dict[str, str | date]:
        """Return the fields to change and their new values."""
        return ({"target": self.target} if self.target else {}) | {"due_on": self.due_on}


@dataclass(frozen=True)
class ReplanStory:
    """The milestones of a project laid anew: those that stay, then name, day, per cent of the others."""

    key: str
    at: datetime
    kept: tuple[str, ...]
    steps: tuple[tuple[str, date, int], ...]


@dataclass(frozen=True)
class SecondReportStory:
    """The demand that the projects rated 不满意 be reported on again."""

    at: datetime
    due_on: date
    reason: str


class AcceptanceStory(NamedTuple):
    """Who holds the acceptances of one kind, and with which opinion."""

    held_by: str
    opinion: str


class CommentStory(NamedTuple):
    """The words of a citizen with a grade, and how staff handled them."""

    phone: int
    grade: str
    text: str
    reply: str = ""
    published: bool = False
    note: str = ""  # to the unit


@dataclass(frozen=True)
class RatingStory:
    """The ratings of one project: of a hundred phones so many 满意, so many 基本满意, the others 不满意."""

    first: date
    phones: int
    satisfied: int
    basically: int
    comments: tuple[CommentStory, ...]


ADJUSTMENTS = story.read(tuple[AdjustmentStory, ...], "outcomes", "adjustments")
REPLAN = story.read(ReplanStory, "outcomes", "replan")
SECOND_REPORT = story.read(SecondReportStory, "outcomes", "second_report")
ACCEPTANCES = {
    kind: story.read(AcceptanceStory, "outcomes", "acceptance", kind.value) for kind in AcceptanceKind
}
PICTURED = story.read(tuple[str, ...], "outcomes", "acceptance", "pictured")
#: What deputies judged not wholly met, by project: dimension → their words.
SHORT = story.read(dict[str, dict[str, str]], "outcomes", "acceptance", "short")
RATINGS = story.read(dict[str, RatingStory], "outcomes", "ratings")
LAST_RATING = story.read(date, "outcomes", "last_rating")


def write(congress: Congress, add: Add) -> None:
    """Enter the congress's adjustments, acceptances, ratings and second report into the diary."""
    for change in ADJUSTMENTS:
        if change.body == congress.place.code:
            add(change.applied, partial(_apply, congress, change))
            add(change.decided, partial(_decide, congress, change))
            if change.announced:
                add(change.announced, partial(_announce, congress, change))
    _write_acceptances(congress, add)
    if congress.parent is None:
        add(REPLAN.at, partial(congress.replan, REPLAN.key, REPLAN.kept, REPLAN.steps))
        add(SECOND_REPORT.at, partial(_demand, congress))
        for key, rated in RATINGS.items():
            _write_ratings(congress, add, key, rated)


def _tracking(congress: Congress, key: str) -> Tracking:
    """Return the tracking as it stands; without its reports, which nothing here asks for."""
    project_id = congress.projects[key].id
    tracking = db.session.scalar(select(Tracking).where(Tracking.project_id == project_id))
    assert tracking is not None
    return tracking


# --- adjustments -----------------------------------------------------------------------------------------


def _apply(congress: Congress, change: AdjustmentStory, now: datetime) -> None:
    adjustments.apply(
        _tracking(congress, change.key),
        change.kind,
        cause=change.cause,
        reason=change.reason,
        values=change.changes(),
        by=congress.government,
        now=now,
    )


def _decide(congress: Congress, change: AdjustmentStory, now: datetime) -> None:
    adjustment = adjustments.pending(_tracking(congress, change.key).id)
    assert adjustment is not None
    adjustments.decide(
        adjustment,
        approved=True,
        organ=adjustments.organ(adjustment),
        document_number=change.document_number,
        decided_on=local(now).date(),
        opinion=change.opinion,
        by=congress.office,
        now=now,
    )


def _announce(congress: Congress, change: AdjustmentStory, now: datetime) -> None:
    adjustment = adjustments.of(_tracking(congress, change.key))[0]
    notice = adjustments.usual_notice(adjustment)
    adjustments.announce(
        adjustment, notice=notice, announced_on=local(now).date(), by=congress.office, now=now
    )


def _demand(congress: Congress, now: datetime) -> None:
    for proposal in second_reports.proposals():
        second_reports.demand_all(
            proposal.round,
            due_on=SECOND_REPORT.due_on,
            reason=SECOND_REPORT.reason.format(session=proposal.round.session.title),
            by=congress.office,
            now=now,
        )


# --- acceptance ------------------------------------------------------------------------------------------


def _completions(congress: Congress) -> dict[str, date]:
    """Return the completed projects and the day on which each was."""
    days = {key: course.accepted_on for key, course in congress.plans.items() if course.accepted_on}
    rest = autumn.ALL.get(congress.place.code, {})
    return days | {key: each.completed_on for key, each in rest.items() if each.completed_on}


def _write_acceptances(congress: Congress, add: Add) -> None:
    for place, (key, day) in enumerate(_completions(congress).items()):
        # on the day itself, before it is called completed; deputies look a week later
        add(moment(day, 11, place * 3), partial(_accept, congress, key, AcceptanceKind.WORKS))
        if congress.parent is None:
            later = moment(day + timedelta(days=6), 15, place * 3)
            add(later, partial(_accept, congress, key, AcceptanceKind.DEPUTIES))


def _accept(congress: Congress, key: str, kind: AcceptanceKind, now: datetime) -> None:
    tracking, usual = _tracking(congress, key), ACCEPTANCES[kind]
    by_deputies = kind == AcceptanceKind.DEPUTIES
    short = SHORT.get(key, {}) if by_deputies else {}
    pictured = by_deputies and key in PICTURED
    on_file, on_page = CAPTIONS["accepted"]
    acceptances.record(
        tracking,
        kind,
        Findings(
            held_on=local(now).date(),
            held_by=usual.held_by.format(unit=congress.candidate(key).unit, place=congress.place.place),
            conclusion=Conclusion.PASSED,
            opinion=usual.opinion,
            items=[
                Item(each, Mark.PARTLY if each in short else Mark.MET, short.get(each, ""))
                for each in acceptances.dimensions(tracking.body_id)
            ],
        ),
        by=congress.government if RECORDER[kind] == Role.GOVERNMENT else congress.office,
        now=now,
        photos=[congress.photo(key, "accepted", on_file)] if pictured else [],
        caption=on_page if pictured else "",
    )


# --- citizens --------------------------------------------------------------------------------------------


def _write_ratings(congress: Congress, add: Add, key: str, rated: RatingStory) -> None:
    dice = random.Random(f"{congress.place.code} {key} rated")
    comments = {each.phone: each for each in rated.comments}
    for phone in range(rated.phones):
        day = rated.first + timedelta(days=int((LAST_RATING - rated.first).days * phone / rated.phones))
        grade = _grade(rated, dice.randrange(100))
        when = moment(day, 8 + dice.randrange(12), dice.randrange(60))
        comment = comments.get(phone, CommentStory(phone, grade, ""))
        add(when, partial(_rate, congress, key, comment))
        if comment.reply or comment.note:
            add(when + timedelta(days=2), partial(_handle, congress, key, comment))


def _grade(rated: RatingStory, roll: int) -> str:
    if roll < rated.satisfied:
        return "satisfied"
    return "basically" if roll < rated.satisfied + rated.basically else "dissatisfied"


def _rate(congress: Congress, key: str, comment: CommentStory, now: datetime) -> None:
    digest = hashlib.sha256(f"{congress.place.code} {key} {comment.phone}".encode()).hexdigest()[:40]
    tracking = _tracking(congress, key)
    citizen_ratings.rate(tracking, grade=comment.grade, comment=comment.text, phone=digest, now=now)


def _handle(congress: Congress, key: str, comment: CommentStory, now: datetime) -> None:
    chosen = {"tracking_id": _tracking(congress, key).id, "q": comment.text[:6]}
    for rating in everything(citizen_ratings.comments(chosen)):
        citizen_ratings.handle(
            rating,
            reply=comment.reply,
            published=comment.published,
            note_to_unit=comment.note,
            by=congress.office,
            now=now,
        )

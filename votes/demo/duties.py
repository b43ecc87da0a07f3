"""Deputies' records in the demo year, as `story/duties.toml` tells them.

Meetings and who was present, what deputies did, and the pages of some of them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from votes.db import everything
from votes.demo import story
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.models import Deputy
from votes.rules.duties.duties import Activity, DutyAttendanceState, DutyKind, DutyMeetingKind
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services.duties import entries, meetings, public_pages


class MeetingStory(NamedTuple):
    """A meeting of the standing committee (in a township: the presidium) or of a special committee."""

    kind: DutyMeetingKind
    on: date
    title: str


class ActivityStory(NamedTuple):
    """What some deputies did together; ``people`` is how many of them."""

    kind: DutyKind
    on: date
    people: int
    title: str
    text: str = ""


class EntryStory(NamedTuple):
    """What a deputy entered; ``settled`` is how by midyear: confirm, refuse, or "" while it waits."""

    place: int  # on the roster
    kind: DutyKind
    on: date
    title: str
    settled: str = ""


@dataclass(frozen=True)
class DutyStory:
    """The year of a county's or a township's deputies."""

    members: int  # who sit in the meetings
    pages: int  # deputies with a page of their own
    meetings: tuple[MeetingStory, ...]
    activities: tuple[ActivityStory, ...]
    specialists: int = 0  # members of the special committees


DATES = story.read(dict[str, date], "duties", "dates")
OWN = story.read(tuple[EntryStory, ...], "duties", "own")
REFUSED = story.read(str, "duties", "refused")


def write(congress: Congress, add: Add) -> None:
    """Enter the year's meetings, activities and pages of one congress."""
    county = congress.parent is None
    year = story.read(DutyStory, "duties", "county" if county else "township")
    add(moment(DATES["pages_opened"], 9), partial(_open_pages, congress, year))
    for meeting in year.meetings:
        add(moment(meeting.on, 17), partial(_hold, congress, year, meeting))
    for place, activity in enumerate(year.activities):
        add(moment(activity.on, 18), partial(_enter, congress, activity, place))
    if county:
        _write_own(congress, add)


def _dice(congress: Congress, what: str) -> random.Random:
    return random.Random(f"{congress.place.code} {what}")


def _without_shown(congress: Congress) -> list[Deputy]:
    """Return all deputies but the one whose account is shown."""
    return [deputy for deputy in congress.deputies if deputy is not congress.deputies[1]]


def _members(congress: Congress, count: int) -> list[Deputy]:
    """Return those who sit in the meetings: first the deputy whose account is shown."""
    others = _without_shown(congress)
    count = min(count, len(others)) - 1
    return [congress.deputies[1], *_dice(congress, "members").sample(others, count)]


def _open_pages(congress: Congress, year: DutyStory, now: datetime) -> None:
    shown = congress.deputies[: year.pages]
    public_pages.open_for([deputy.id for deputy in shown], by=congress.office, now=now)


def _hold(congress: Congress, year: DutyStory, meeting: MeetingStory, now: datetime) -> None:
    """Hold a meeting: of twenty called nineteen are present, and somewhat more than a third speak."""
    called: Sequence[Deputy] = _members(congress, year.members)
    if meeting.kind == DutyMeetingKind.SPECIAL:
        called = called[: year.specialists]
    saved = meetings.save(
        None,
        kind=meeting.kind,
        title=f"{congress.place.place}{meeting.title}",
        held_on=meeting.on,
        by=congress.office,
        now=now,
    )
    dice = _dice(congress, meeting.title)
    marks = {}
    for deputy in called:
        chance = dice.random()
        state = DutyAttendanceState.PRESENT
        if chance > 0.95:
            state = DutyAttendanceState.LEAVE if chance < 0.99 else DutyAttendanceState.ABSENT
        marks[deputy.id] = (state, state == DutyAttendanceState.PRESENT and dice.random() < 0.38)
    marks[called[0].id] = (DutyAttendanceState.PRESENT, meeting.on.month % 4 != 0)
    meetings.mark(saved, marks, by=congress.office, now=now)


def _enter(congress: Congress, activity: ActivityStory, place: int, now: datetime) -> None:
    others = _without_shown(congress)
    dice = _dice(congress, f"{activity.title} {place}")
    people = dice.sample(others, min(activity.people, len(others)))
    if place % 2 == 0:  # the deputy whose account is shown is often among them
        people[0] = congress.deputies[1]
    entries.enter(
        [deputy.id for deputy in people],
        Activity(activity.kind, activity.on, activity.title, activity.text),
        by=congress.office,
        now=now,
    )


# --- what deputies enter themselves ----------------------------------------------------------------------


def _write_own(congress: Congress, add: Add) -> None:
    for entry in OWN:
        add(moment(entry.on, 20), partial(_enter_own, congress, entry))
        if entry.settled:
            add(moment(DATES["settled"], 9), partial(_settle, congress, entry))
    add(moment(DATES["rest_settled"], 9), partial(_confirm_rest, congress))


def _enter_own(congress: Congress, entry: EntryStory, now: datetime) -> None:
    deputy = congress.deputies[entry.place]
    by = Actor(
        name=deputy.name,
        body_id=congress.body.id,
        home_body_id=congress.body.id,
        roles=frozenset({Role.DEPUTY}),
        deputy_id=deputy.id,
    )
    entries.enter_own(Activity(entry.kind, entry.on, entry.title), by=by, now=now)


def _settle(congress: Congress, entry: EntryStory, now: datetime) -> None:
    row = next(e for e in everything(entries.waiting()) if e.title == entry.title)
    reason = REFUSED if entry.settled == "refuse" else ""
    entries.settle(row, entry.settled, reason=reason, by=congress.office, now=now)


def _confirm_rest(congress: Congress, now: datetime) -> None:
    waiting = everything(entries.waiting())[:50]
    entries.confirm_all([row.id for row in waiting], by=congress.office, now=now)

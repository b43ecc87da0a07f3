"""From suggestion to candidate in the demo year, as `story/matters.toml` tells it: what was merged, whom it went to,
what became of it.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from votes.clock import local
from votes.demo import story
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Matter, Transfer
from votes.rules.permissions import Actor
from votes.rules.suggestions.matters import Outcome, TransferState
from votes.services.suggestions import decisions, matters, merging, transfers

TEXTS = story.read(dict[str, str], "matters", "texts")


class MatterStory(NamedTuple):
    """One matter of the county: which suggestions of one candidate, what it is called, and how it went."""

    key: str
    of: tuple[int, ...]
    title: str
    outcome: Outcome = Outcome.CANDIDATE
    opinion: str = TEXTS["opinion"]
    reason: str = ""
    answer: str = ""
    unit: str = ""  # where it is not the candidate's
    wrong: str = ""  # the unit that sent it back
    slow: bool = False  # a complex one, answered and decided late
    asked: bool = True


class DateStory(NamedTuple):
    """The days of the next year's matters."""

    opened: date
    due: date
    answered: date
    decided: date


COUNTY = story.read(tuple[MatterStory, ...], "matters", "county")
NEXT = story.read(tuple[MatterStory, ...], "matters", "next")
AGAIN = story.read(int, "matters", "again")
DATES = story.read(dict[str, date], "matters", "dates")
FIRST, OTHERS = (story.read(DateStory, "matters", "next_dates", name) for name in ("first", "others"))


def write(congress: Congress, add: Add) -> None:
    """Enter merging, asking, deciding, answering; in the townships without asking: their offices know."""
    if congress.parent is not None:
        add(moment(DATES["town_opened"], 10), partial(_open_town, congress))
        add(moment(DATES["town_decided"], 15), partial(_decide_town, congress))
        return
    county = County(congress)
    for order, told in enumerate(COUNTY):
        at, later = 9 + order // 8, order % 8 * 7
        add(moment(DATES["opened"], at, later), partial(county.open, told))
        if told.asked:
            due_on = DATES["slow_due" if told.slow else "due"]
            add(moment(DATES["sent"], at, later), partial(county.send, told, due_on))
            if told.wrong:
                add(moment(DATES["sent_back"], 11), partial(county.send_back, told))
                add(moment(DATES["sent_again"], 9), partial(county.send_again, told))
            days = 49 if told.slow else 8 + order % 5
            add(moment(DATES["sent"] + timedelta(days=days), at, later), partial(county.answer, told))
        add(
            moment(DATES["slow_decided" if told.slow else "decided"], at, later), partial(county.decide, told)
        )
        if not told.slow:
            day = DATES["answered"] + timedelta(days=order % 3)
            add(moment(day, at, later), partial(county.reply, told))
    _write_next(county, add)


def _write_next(county: "County", add: Add) -> None:
    """Enter the next year's matters.

    One is with its unit at midyear, the others follow in autumn; one answer is overdue in winter, and what was kept in
    reserve is taken up.
    """
    for order, told in enumerate(NEXT):
        days = OTHERS if order else FIRST
        add(moment(days.opened, 15, order), partial(county.open, told))
        add(moment(days.opened, 16, order), partial(county.send, told, days.due))
        if told.opinion:
            add(moment(days.answered, 10, order), partial(county.answer, told))
    reserve = next(each for each in COUNTY if each.key == "road" and each.outcome == Outcome.RESERVE)
    add(moment(FIRST.decided, 10), partial(county.decide, NEXT[0]))
    add(moment(FIRST.decided, 11), partial(county.reply, NEXT[0]))
    add(moment(OTHERS.decided, 10), partial(county.decide, NEXT[1]))
    add(moment(OTHERS.decided, 15), partial(county.merge, reserve))


# --- the county ------------------------------------------------------------------------------------------


class County:
    """The county's acts upon its matters, each known by the suggestions that it was opened with."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress
        self.opened: dict[tuple[str, tuple[int, ...]], Matter] = {}

    def open(self, told: MatterStory, now: datetime) -> None:
        rows = self.congress.suggested[told.key]
        self.opened[told.key, told.of] = merging.open_matter(
            [rows[place] for place in told.of], title=told.title, by=self.congress.office, now=now
        )

    def send(self, told: MatterStory, due_on: date, now: datetime) -> None:
        unit = self.congress.units[told.wrong] if told.wrong else self._unit(told)
        transfers.send(
            self._matter(told),
            unit.department_id,
            instruction=TEXTS["instruction"],
            complex=told.slow,
            due_on=due_on,
            by=self.congress.office,
            now=now,
        )

    def send_again(self, told: MatterStory, now: datetime) -> None:
        transfers.send(
            self._matter(told),
            self._unit(told).department_id,
            instruction=TEXTS["instruction_again"],
            due_on=DATES["due"],
            by=self.congress.office,
            now=now,
        )

    def send_back(self, told: MatterStory, now: datetime) -> None:
        by = self.congress.units[told.wrong]
        transfers.send_back(self._latest(told), TEXTS["sent_back"], by=by, now=now)

    def answer(self, told: MatterStory, now: datetime) -> None:
        by = self._unit(told)
        transfers.answer(self._latest(told), opinion=told.opinion, proposal=told.outcome, by=by, now=now)

    def decide(self, told: MatterStory, now: datetime) -> None:
        project = self.congress.projects[told.key] if told.outcome == Outcome.CANDIDATE else None
        decisions.decide(
            self._matter(told),
            told.outcome,
            reason=told.reason,
            answer=told.answer if told.slow else "",
            project_id=project.id if project else None,
            by=self.congress.government,
            now=now,
        )

    def reply(self, told: MatterStory, now: datetime) -> None:
        matter = self._matter(told)
        name = matter.project.name if matter.project else ""
        answer = told.answer or TEXTS["linked"].format(year=YEAR, name=name)
        decisions.reply(matter, answer, by=self.congress.government, now=now)

    def merge(self, told: MatterStory, now: datetime) -> None:
        """Take a matter out of the reserve, together with what suggests the same anew."""
        again = self.congress.suggested[""][AGAIN]
        merging.merge(self._matter(told), [again], by=self.congress.office, now=now)

    def _matter(self, told: MatterStory) -> Matter:
        return self.opened[told.key, told.of]

    def _latest(self, told: MatterStory) -> Transfer:
        return next(
            each for each in reversed(self._matter(told).transfers) if each.state == TransferState.SENT
        )

    def _unit(self, told: MatterStory) -> Actor:
        return self.congress.units[told.unit] if told.unit else self.congress.unit_of(told.key)


# --- townships -------------------------------------------------------------------------------------------


def _open_town(congress: Congress, now: datetime) -> None:
    """Open one matter of what is about one thing, under the candidate's name where there will be one."""
    names = {each.key: each.name for each in congress.candidates}
    for key, rows in congress.suggested.items():
        if key:
            merging.open_matter(rows, title=names[key], by=congress.office, now=now)
        else:
            merging.open_each(rows, by=congress.office, now=now)


def _decide_town(congress: Congress, now: datetime) -> None:
    by_name = {project.name: project for project in congress.projects.values()}
    for row in matters.page(matters.search(matters.Filter(YEAR, local(now).date())), 1):
        project = by_name.get(row.matter.title)
        answer = TEXTS["town_linked" if project else "town_answer"]
        decisions.decide(
            row.matter,
            Outcome.CANDIDATE if project else Outcome.OUT_OF_SCOPE,
            project_id=project.id if project else None,
            reason="" if project else TEXTS["town_reason"],
            answer=answer.format(year=YEAR, name=row.matter.title),
            by=congress.office,
            now=now,
        )

"""Suggestions that become candidates in the demo year, as `story/matters.toml` tells it.

The story says what was merged, to which unit it was transferred, and how it ended.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from votes.clock import local
from votes.db import page
from votes.demo import story
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.projects import YEAR
from votes.models import Matter, Transfer
from votes.rules.people.actor import Actor
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
    for order, case in enumerate(COUNTY):
        at, later = 9 + order // 8, order % 8 * 7
        add(moment(DATES["opened"], at, later), partial(county.open, case))
        if case.asked:
            due_on = DATES["slow_due" if case.slow else "due"]
            add(moment(DATES["sent"], at, later), partial(county.send, case, due_on))
            if case.wrong:
                add(moment(DATES["sent_back"], 11), partial(county.send_back, case))
                add(moment(DATES["sent_again"], 9), partial(county.send_again, case))
            days = 49 if case.slow else 8 + order % 5
            add(moment(DATES["sent"] + timedelta(days=days), at, later), partial(county.answer, case))
        add(
            moment(DATES["slow_decided" if case.slow else "decided"], at, later), partial(county.decide, case)
        )
        if not case.slow:
            day = DATES["answered"] + timedelta(days=order % 3)
            add(moment(day, at, later), partial(county.reply, case))
    _write_next(county, add)


def _write_next(county: "County", add: Add) -> None:
    """Enter the next year's matters.

    One is with its unit at midyear, the others follow in autumn; one answer is overdue in winter, and what was kept in
    reserve is taken up.
    """
    for order, case in enumerate(NEXT):
        days = OTHERS if order else FIRST
        add(moment(days.opened, 15, order), partial(county.open, case))
        add(moment(days.opened, 16, order), partial(county.send, case, days.due))
        if case.opinion:
            add(moment(days.answered, 10, order), partial(county.answer, case))
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

    def open(self, case: MatterStory, now: datetime) -> None:
        """Open a matter from the suggestions of a case."""
        rows = self.congress.suggested[case.key]
        self.opened[case.key, case.of] = merging.open_matter(
            [rows[place] for place in case.of], title=case.title, by=self.congress.office, now=now
        )

    def send(self, case: MatterStory, due_on: date, now: datetime) -> None:
        """Transfer a matter to a unit: at first to the wrong one where the story has one."""
        unit = self.congress.units[case.wrong] if case.wrong else self._unit(case)
        transfers.send(
            self._matter(case),
            unit.department_id,
            instruction=TEXTS["instruction"],
            is_complex=case.slow,
            due_on=due_on,
            by=self.congress.office,
            now=now,
        )

    def send_again(self, case: MatterStory, now: datetime) -> None:
        """Transfer a matter that was sent back to the right unit."""
        transfers.send(
            self._matter(case),
            self._unit(case).department_id,
            instruction=TEXTS["instruction_again"],
            due_on=DATES["due"],
            by=self.congress.office,
            now=now,
        )

    def send_back(self, case: MatterStory, now: datetime) -> None:
        """Let the wrong unit send its matter back."""
        by = self.congress.units[case.wrong]
        transfers.send_back(self._latest(case), TEXTS["sent_back"], by=by, now=now)

    def answer(self, case: MatterStory, now: datetime) -> None:
        """Let the unit answer with its opinion and proposal."""
        by = self._unit(case)
        transfers.answer(self._latest(case), opinion=case.opinion, proposal=case.outcome, by=by, now=now)

    def decide(self, case: MatterStory, now: datetime) -> None:
        """Let the government decide a matter; a slow one is answered at once."""
        project = self.congress.projects[case.key] if case.outcome == Outcome.CANDIDATE else None
        decisions.decide(
            self._matter(case),
            case.outcome,
            reason=case.reason,
            answer=case.answer if case.slow else "",
            project_id=project.id if project else None,
            by=self.congress.government,
            now=now,
        )

    def reply(self, case: MatterStory, now: datetime) -> None:
        """Let the government answer the authors of a matter."""
        matter = self._matter(case)
        name = matter.project.name if matter.project else ""
        answer = case.answer or TEXTS["linked"].format(year=YEAR, name=name)
        decisions.reply(matter, answer, by=self.congress.government, now=now)

    def merge(self, case: MatterStory, now: datetime) -> None:
        """Take a matter out of the reserve, together with what suggests the same anew."""
        again = self.congress.suggested[""][AGAIN]
        merging.merge(self._matter(case), [again], by=self.congress.office, now=now)

    def _matter(self, case: MatterStory) -> Matter:
        return self.opened[case.key, case.of]

    def _latest(self, case: MatterStory) -> Transfer:
        return next(
            each for each in reversed(self._matter(case).transfers) if each.state == TransferState.SENT
        )

    def _unit(self, case: MatterStory) -> Actor:
        return self.congress.units[case.unit] if case.unit else self.congress.unit_of(case.key)


# --- townships -------------------------------------------------------------------------------------------


def _open_town(congress: Congress, now: datetime) -> None:
    """Open one matter for the suggestions of each candidate, under its name, and one for each of the others."""
    names = {each.key: each.name for each in congress.candidates}
    for key, rows in congress.suggested.items():
        if key:
            merging.open_matter(rows, title=names[key], by=congress.office, now=now)
        else:
            merging.open_each(rows, by=congress.office, now=now)


def _decide_town(congress: Congress, now: datetime) -> None:
    by_name = {project.name: project for project in congress.projects.values()}
    for matter in page(matters.search({"year": YEAR}, local(now).date()), 1)[0]:
        project = by_name.get(matter.title)
        answer = TEXTS["town_linked" if project else "town_answer"]
        decisions.decide(
            matter,
            Outcome.CANDIDATE if project else Outcome.OUT_OF_SCOPE,
            project_id=project.id if project else None,
            reason="" if project else TEXTS["town_reason"],
            answer=answer.format(year=YEAR, name=matter.title),
            by=congress.office,
            now=now,
        )

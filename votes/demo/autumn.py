"""The second half of the demo year, as `story/autumn.toml` tells it.

Reports from July to December, how each project ended, and the deputies' rating.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from votes.demo import marks, story
from votes.demo.congress import Congress
from votes.demo.days import Add, moment
from votes.demo.progress import MonthStory
from votes.demo.projects import YEAR
from votes.demo.sitting import SessionStory, Sitting
from votes.models import Round
from votes.rules.delivery.periods import next_month
from votes.services.meeting import rounds
from votes.services.people import bodies


@dataclass(frozen=True)
class RestStory:
    """What was still to come of a project at midyear.

    Its reports, when it was completed (None: it goes on), and the days on which other milestones were reached.
    """

    reports: tuple[MonthStory, ...]
    completed_on: date | None = None
    reached: dict[str, date] = field(default_factory=dict)


#: What was still to come, by the code of the congress and the key of the project.
ALL = story.read(dict[str, dict[str, RestStory]], "autumn", "projects")
#: Months whose reports of the second half year bring a photograph; the last report always does.
PICTURED = story.read(tuple[int, ...], "autumn", "pictured")
DATES = story.read(dict[str, date], "autumn", "dates")


def write(congress: Congress, add: Add) -> None:
    """Enter the second half of the year into the diary."""
    for order, (key, rest) in enumerate(ALL[congress.place.code].items()):
        for month in rest.reports:
            if month.month == 6:  # the two that were overdue at midyear
                day = DATES["late_reports"]
            else:
                day = next_month(date(YEAR, month.month, 1)) + timedelta(days=(order + month.month) % 4)
                if rest.completed_on:
                    day = min(day, rest.completed_on - timedelta(days=1))
            last = month is rest.reports[-1]
            add(moment(day, 10, order * 4), partial(_report, congress, key, month, last))
        last_day = rest.completed_on or DATES["year_end"]
        add(moment(last_day, 9, order * 4), partial(_reach, congress, key, rest))
        if rest.completed_on:
            add(moment(last_day, 15, order * 4), partial(_complete, congress, key))
    if congress.parent is None:
        RatingSitting(congress, story.read(SessionStory, "autumn", "session")).write(add)


def _report(congress: Congress, key: str, month: MonthStory, last: bool, now: datetime) -> None:
    congress.report(key, month, now, pictured=last or month.month in PICTURED)


def _reach(congress: Congress, key: str, rest: RestStory, now: datetime) -> None:
    """Note the milestones reached in the second half of the year."""
    congress.reach(key, now, lambda name: rest.reached.get(name, rest.completed_on))


def _complete(congress: Congress, key: str, now: datetime) -> None:
    congress.accept(key, now)


# --- the rating ----------------------------------------------------------------------------------------

#: Of the ballots: 满意, 基本满意, 不满意. What is left of them is void for that project.
SHARES = story.read(dict[str, tuple[float, float, float]], "autumn", "shares")


class RatingSitting(Sitting):
    """The session of January 2028, in which the deputies rate the ten projects of the year before."""

    minutes = story.read(dict[str, int], "autumn", "minutes")
    reasons = story.read(tuple[str, ...], "autumn", "leave", "reasons")

    def create_round(self, now: datetime) -> Round:
        """Create the round that rates the projects named in the story."""
        congress = self.congress
        rule = bodies.default_rule(congress.body, 1)
        return rounds.create_round(
            self.session,
            title=story.read(str, "autumn", "round").format(year=YEAR),
            rule=replace(rule, method="rating", seats=0, overvote="void_ballot"),
            project_ids=[congress.projects[key].id for key in SHARES],
            by=congress.office,
            now=now,
        )

    def excused(self) -> Sequence[int]:
        """Return the ids of every second missing deputy: these have taken leave."""
        return self.missing[::2]

    def votes(self) -> list[tuple[int, dict[int, str]]]:
        """Return who votes and how: all deputies present, by the shares of the story."""
        box = marks.graded(list(SHARES.values()), len(self.present), self.congress.place.code)
        return list(zip(self.present, box, strict=True))

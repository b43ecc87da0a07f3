"""What the selected projects of the demo year do from January to June, as `story/progress.toml` tells it."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from votes.demo import story


class StepStory(NamedTuple):
    """A milestone: planned day and percentage, and the day on which it was reached (None: not yet)."""

    name: str
    planned_on: date
    percent: int
    actual_on: date | None = None


class MonthStory(NamedTuple):
    """One month's report; money in place and paid are percent of the year's investment, cumulative."""

    month: int
    percent: int
    in_place: int
    paid: int
    narrative: str
    problems: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class CourseStory:
    """The year of one project: its plan, its reports, and the day on which it was accepted, if it was."""

    steps: tuple[StepStory, ...]
    reports: tuple[MonthStory, ...]
    accepted_on: date | None = None
    period: str = "month"  # how often it reports: month | quarter


#: By the code of the congress and the key of the project.
COURSES = story.read(dict[str, dict[str, CourseStory]], "progress")

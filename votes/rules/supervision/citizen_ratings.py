"""民生码: citizens scan a code at a project's site, rate the project and comment on it (浙江 since 2018).

A phone rates a project once a week. These ratings are shown and counted apart from the deputies' (满意度测评).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import invalid
from votes.rules.suggestions.personal import has_numbers, pointed_out

GRADES = ("satisfied", "basically", "dissatisfied")
#: With fewer ratings pages show counts and no percentages: one person would make ten points.
FEW = 10
COMMENT_LENGTH = 500
#: The most ratings from one IP address in a day: a village's Wi-Fi or a carrier's gateway stays below.
PER_ADDRESS = 200
#: The most ratings of one project from one IP address in a day: an event at the site stays below, a program does not.
PER_PROJECT = 40
#: The office's page points out more ratings of a project from one IP address in a day: one device may send them.
SAME_NETWORK = 10
#: The office's page points out so many ratings of a project in a day, if they are `TIMES` the other days' average.
PEAK, TIMES = 20, 4


def week_of(day: date) -> date:
    """Return the Monday of the week."""
    return day - timedelta(days=day.weekday())


def is_open(state: TrackingState, year: int, day: date) -> bool:
    """Tell whether a project of ``year`` may be rated: until the end of the next year, unless it was terminated."""
    return state != TrackingState.TERMINATED and day.year <= year + 1


def check(grade: str, comment: str) -> None:
    """Refuse a missing grade and an over-long comment."""
    if grade not in GRADES:
        raise invalid("grade", "请选择“满意”“基本满意”或“不满意”。")
    if len(comment) > COMMENT_LENGTH:
        raise invalid("comment", f"意见最多 {COMMENT_LENGTH} 个字，现有 {len(comment)} 个字，请精简后提交。")


@dataclass(frozen=True)
class RatingCounts:
    """How many phones gave each grade."""

    satisfied: int = 0
    basically: int = 0
    dissatisfied: int = 0

    @property
    def total(self) -> int:
        """Return the number of all ratings."""
        return self.satisfied + self.basically + self.dissatisfied

    @property
    def few(self) -> bool:
        """Tell whether they are too few for a percentage."""
        return self.total < FEW

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> "RatingCounts":
        """Return the counts, given the number of each grade that occurs."""
        return cls(*(numbers.get(grade, 0) for grade in GRADES))


class Crowd(NamedTuple):
    """A day on which a project got conspicuously many ratings."""

    day: date
    number: int
    same_network: int  # of them from IP addresses that sent more than `SAME_NETWORK`


def crowds(by_day: Mapping[date, int], networks: Mapping[date, int]) -> list[Crowd]:
    """Return the conspicuous days of a project, the latest first.

    A day is conspicuous by many ratings against the other days (``by_day``), or by many of one network (``networks``).
    """
    total, others = sum(by_day.values()), max(len(by_day) - 1, 1)
    return [
        Crowd(day, number, networks.get(day, 0))
        for day, number in sorted(by_day.items(), reverse=True)
        if networks.get(day) or number >= max(PEAK, TIMES * (total - number) / others)
    ]


def check_public(comment: str, reply: str, *, checked: bool) -> None:
    """Refuse to publish a comment without words, or one that shows personal data.

    A telephone or identity number is refused always. A name or a home is guessed from the words, so that it is refused
    only until somebody has ``checked`` them.
    """
    if not comment.strip():
        raise invalid("published", "这条评价没有填写意见，没有可以公开的内容。")
    if has_numbers(comment) or has_numbers(reply):
        words = "意见或答复中有电话号码、身份证号码一类的个人信息，不能公开。可以只答复、不公开。"
        raise invalid("published", words, code="personal")
    if not checked and (names := pointed_out(f"{comment}\n{reply}")):
        raise invalid(
            "checked",
            f"意见或答复中的“{'”“'.join(names[:5])}”可能指明具体的人或住处。请核对：指明的，只答复、不公开；没有指明的，勾选后再保存。",
            code="unchecked",
        )

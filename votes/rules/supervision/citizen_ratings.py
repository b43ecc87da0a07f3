"""民生码: what citizens say of a project on the spot — see it, rate it, say it (浙江 since 2018).

One phone, once a week. Never mixed with the deputies' rating (满意度测评): shown apart, counted apart. Few voices are no
percentage.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from votes.rules.delivery.trackings import TrackingState
from votes.rules.errors import RuleBroken
from votes.rules.suggestions.personal import has_numbers, pointed_out

GRADES = ("satisfied", "basically", "dissatisfied")
#: With fewer ratings than this there are counts, no percentages: one person more or less would be ten points.
FEW = 10
COMMENT_LENGTH = 500
#: From one address (a village's Wi-Fi, a carrier's gateway) in one day: against floods, not against villages.
PER_ADDRESS = 200
#: Of one project, from one address in one day: a fair on the spot stays below, a program does not.
PER_PROJECT = 40
#: More than so many of one project from one address in a day are told to the office: one device may be behind them.
SAME_NETWORK = 10
#: So many of one project in a day, and so many times the other days' average, are told to the office.
PEAK, TIMES = 20, 4


def week_of(day: date) -> date:
    """The Monday of the week."""
    return day - timedelta(days=day.weekday())


def is_open(state: TrackingState, year: int, day: date) -> bool:
    """May a project of that year still be rated? Until the end of the year after; not when it was given up."""
    return state != TrackingState.TERMINATED and day.year <= year + 1


def check(grade: str, comment: str) -> None:
    """Raise RuleBroken for no grade, or an over-long comment."""
    if grade not in GRADES:
        raise RuleBroken("请选择“满意”“基本满意”或“不满意”。", field="grade", status=422)
    if len(comment) > COMMENT_LENGTH:
        raise RuleBroken(
            f"意见最多 {COMMENT_LENGTH} 个字，现有 {len(comment)} 个字，请精简后提交。",
            field="comment",
            status=422,
        )


@dataclass(frozen=True)
class RatingCounts:
    """How many phones said what."""

    satisfied: int = 0
    basically: int = 0
    dissatisfied: int = 0

    @property
    def total(self) -> int:
        return self.satisfied + self.basically + self.dissatisfied

    @property
    def few(self) -> bool:
        """Too few for a percentage."""
        return self.total < FEW

    @classmethod
    def of(cls, found: Mapping[str, int]) -> "RatingCounts":
        return cls(*(found.get(grade, 0) for grade in GRADES))


class Crowd(NamedTuple):
    """A day on which a project was rated conspicuously often."""

    day: date
    number: int
    same_network: int  # of them from addresses with more than `SAME_NETWORK`


def crowds(by_day: Mapping[date, int], networks: Mapping[date, int]) -> list[Crowd]:
    """The conspicuous days of a project, the latest first: many in one day against its other days, or many from one network."""
    total = sum(by_day.values())
    found = []
    for day, number in by_day.items():
        others = len(by_day) - 1
        usual = (total - number) / others if others else 0
        if networks.get(day) or (number >= PEAK and number >= TIMES * usual):
            found.append(Crowd(day, number, networks.get(day, 0)))
    return sorted(found, reverse=True)


def check_public(comment: str, reply: str, *, checked: bool) -> None:
    """Raise RuleBroken for a comment that must not be published, nothing to publish, and where something looks like a name
    or a home and nobody has ``checked`` the words.
    """
    if not comment.strip():
        raise RuleBroken("这条评价没有填写意见，没有可以公开的内容。", field="published", status=422)
    if has_numbers(comment) or has_numbers(reply):
        raise RuleBroken(
            "意见或答复中有电话号码、身份证号码一类的个人信息，不能公开。可以只答复、不公开。",
            field="published",
            code="personal",
            status=422,
        )
    if not checked and (found := pointed_out(f"{comment}\n{reply}")):
        raise RuleBroken(
            f"意见或答复中的“{'”“'.join(found[:5])}”可能指明具体的人或住处。请核对：指明的，只答复、不公开；没有指明的，勾选后再保存。",
            field="checked",
            code="unchecked",
            status=422,
        )

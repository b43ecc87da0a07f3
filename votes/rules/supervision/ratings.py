"""满意度测评 as a whole: one figure for a year's projects, in both usages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Rated(Protocol):
    """A project's marks: 满意 and 基本满意."""

    @property
    def satisfied(self) -> int: ...
    @property
    def basically(self) -> int: ...


@dataclass(frozen=True)
class Overall:
    """总体满意率 as whole numbers: `satisfied` and `basically` marks out of `base` (收回的票 × 项目)."""

    satisfied: int
    basically: int
    base: int

    @property
    def favourable(self) -> int:
        """满意 and 基本满意 together."""
        return self.satisfied + self.basically


def overall(ratings: Sequence[Rated], returned: int) -> Overall:
    """The satisfaction with all rated projects together.

    Published usage differs, so both are shown: 宁海 and 汉阴 add 满意 and 基本满意 and divide by the ballots
    returned, 湖州 (98.56 % in 2025) does not say which; the strict reading counts 满意 only. The base is every
    item of every ballot returned, so a void item, or a spoilt ballot, is no satisfaction. `returned` is 收回.
    """
    return Overall(
        sum(row.satisfied for row in ratings), sum(row.basically for row in ratings), returned * len(ratings)
    )

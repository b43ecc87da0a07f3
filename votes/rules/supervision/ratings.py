"""满意度测评 of a year's projects together: one figure, by either of two usages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Rated(Protocol):
    """The marks of one project."""

    @property
    def satisfied(self) -> int:
        """Return how many marks say 满意."""

    @property
    def basically(self) -> int:
        """Return how many marks say 基本满意."""


@dataclass(frozen=True)
class Overall:
    """总体满意率 as whole numbers: marks for 满意 and 基本满意 out of ``base`` (收回的票 × 项目)."""

    satisfied: int
    basically: int
    base: int

    @property
    def favourable(self) -> int:
        """Return the marks for 满意 and 基本满意 together."""
        return self.satisfied + self.basically


def overall(ratings: Sequence[Rated], returned: int) -> Overall:
    """Return the satisfaction with all rated projects together; ``returned``: 收回, the ballots returned.

    Published usage differs, so pages show both figures. 宁海 and 汉阴 add 满意 and 基本满意 and divide by the ballots
    returned. 湖州 (98.56 % in 2025) does not say which. The strict reading counts 满意 only. The base is every item of
    every ballot returned, so a void item or a spoilt ballot counts as no satisfaction.
    """
    return Overall(
        sum(row.satisfied for row in ratings), sum(row.basically for row in ratings), returned * len(ratings)
    )

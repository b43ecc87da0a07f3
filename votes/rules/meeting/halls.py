"""Voting in several halls (分会场): whose turnout may be shown by itself.

The totals are joined; ballots know no hall, so of votes there are no subtotals at all. Of a hall with few members even
the turnout says much, and one hidden figure is no secret where the total stands beside the others.
"""

from collections.abc import Iterable
from typing import NamedTuple


class HallTurnout(NamedTuple):
    """What is counted in one hall, in heads. `hall` is None for those whose delegation sits in no hall."""

    hall: str | None
    entitled: int  # 应到: on the roll
    present: int  # 实到: checked in
    voted: int  # 已投: by phone, or a paper ballot handed out


class Subtotals(NamedTuple):
    """Rows that may be shown, names of the halls whose rows may not, and what those come to together."""

    shown: tuple[HallTurnout, ...]
    hidden: tuple[str | None, ...]
    together: HallTurnout
    total: HallTurnout


def subtotals(rows: Iterable[HallTurnout], small: int) -> Subtotals:
    """Which halls' turnout may stand beside the total, `small` being the least number of members that is not few.

    A hall with fewer is hidden. The hidden are shown together, and by the difference to the total even if they were not:
    while they are few together, one alone above all, the next smallest is hidden with them. Halls in which nobody sits
    hide nothing and are shown. One hall alone is the total itself.
    """
    every = list(rows)
    seated = sorted((row for row in every if row.entitled), key=lambda row: row.entitled)
    few = sum(row.entitled < small for row in seated) if len(seated) > 1 else 0
    while 0 < few < len(seated) and sum(row.entitled for row in seated[:few]) < small:
        few += 1
    hidden = {row.hall for row in seated[:few]}
    return Subtotals(
        shown=tuple(row for row in every if row.hall not in hidden),
        hidden=tuple(row.hall for row in every if row.hall in hidden),
        together=_sum(row for row in every if row.hall in hidden),
        total=_sum(every),
    )


def _sum(rows: Iterable[HallTurnout]) -> HallTurnout:
    figures = [row[1:] for row in rows]
    entitled, present, voted = (
        (sum(column) for column in zip(*figures, strict=True)) if figures else (0, 0, 0)
    )
    return HallTurnout(None, entitled, present, voted)

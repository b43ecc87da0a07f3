"""Voting in several halls (分会场): the halls whose turnout may be shown by itself.

A ballot does not know its hall, so there are no subtotals of votes. The turnout of a hall with few members already
says much about them. One hidden figure alone would follow from the total and the other figures.
"""

from collections.abc import Iterable
from typing import NamedTuple


class HallTurnout(NamedTuple):
    """The heads counted in one hall. `hall` is None for members whose delegation sits in no hall."""

    hall: str | None
    entitled: int  # 应到: on the roll
    present: int  # 实到: checked in
    voted: int  # 已投: by phone, or a paper ballot handed out


class Subtotals(NamedTuple):
    """The rows that may be shown, the names of the hidden halls, the sum of the hidden, and the total."""

    shown: tuple[HallTurnout, ...]
    hidden: tuple[str | None, ...]
    together: HallTurnout
    total: HallTurnout


def subtotals(rows: Iterable[HallTurnout], small: int) -> Subtotals:
    """Decide which halls' turnout may be shown beside the total.

    A hall with fewer than `small` members is hidden; the hidden halls are shown as one sum. Their sum would follow
    from the total anyway, so while they have fewer than `small` members together, the next smallest hall is hidden
    too. Empty halls are shown: there is nobody to protect. A single hall is the total itself.
    """
    halls = list(rows)
    seated = sorted((row for row in halls if row.entitled), key=lambda row: row.entitled)
    few = sum(row.entitled < small for row in seated) if len(seated) > 1 else 0
    while 0 < few < len(seated) and sum(row.entitled for row in seated[:few]) < small:
        few += 1
    hidden = {row.hall for row in seated[:few]}
    return Subtotals(
        shown=tuple(row for row in halls if row.hall not in hidden),
        hidden=tuple(row.hall for row in halls if row.hall in hidden),
        together=_sum(row for row in halls if row.hall in hidden),
        total=_sum(halls),
    )


def _sum(rows: Iterable[HallTurnout]) -> HallTurnout:
    figures = [row[1:] for row in rows]
    return HallTurnout(None, *(sum(column) for column in zip((0, 0, 0), *figures, strict=True)))

"""What is due: one shape for everything that somebody owes by a day."""

from datetime import date
from typing import NamedTuple


class Due(NamedTuple):
    """Something owed by a day: ``kind`` names it (report, transfer, rectification, rereport, inspection), ``about_id`` the
    row, ``department_id`` the unit that owes it (None: the office)."""

    kind: str
    about_id: int
    title: str
    due_on: date
    department_id: int | None = None

    def days_over(self, day: date) -> int:
        """Days past the due day on ``day``; negative while there is time."""
        return (day - self.due_on).days


#: So many days before its day something is pointed out for the first time; once overdue, once a week.
BEFORE, AGAIN = 3, 7


def step(days_over: int) -> int | None:
    """Which reminder is due so many days after the day (negative: before it): −3, 0, 7, 14 …; None: none yet.

    A step holds until the next: whoever sends only now and then misses none, and sends none twice.
    """
    if days_over < -BEFORE:
        return None
    return -BEFORE if days_over < 0 else days_over // AGAIN * AGAIN


def key(due: Due, day: date) -> str | None:
    """What names the reminder of ``due`` on ``day``, so that it goes out once; None where it is too early."""
    found = step(due.days_over(day))
    return None if found is None else f"{due.kind}:{due.about_id}:{due.due_on.isoformat()}:{found}"


def when(due: Due, day: date) -> str:
    """已逾期 3 天, 今天到期, 还有 2 天."""
    over = due.days_over(day)
    if over > 0:
        return f"已逾期 {over} 天"
    return "今天到期" if over == 0 else f"还有 {-over} 天"

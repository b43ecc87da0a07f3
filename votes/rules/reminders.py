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

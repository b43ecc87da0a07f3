"""The demo's calendar: what the parts of the diary need to say when something happens."""

from collections.abc import Callable
from datetime import date, datetime, time

from votes.clock import SHANGHAI

#: What somebody does at a moment of the demo year; it calls services.
Act = Callable[[datetime], object]
#: Enters an act into the diary.
Add = Callable[[datetime, Act], None]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the moment at which a clock in China shows this time on that day."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)

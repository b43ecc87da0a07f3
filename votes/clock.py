"""The one place where the application asks what time it is."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: By how much time here is ahead of the real one. Only a demo sets it, for the length of a request.
ahead: ContextVar[timedelta] = ContextVar("votes_ahead", default=timedelta())


def now() -> datetime:
    """The present moment, aware, in UTC. Rules and services receive it as an argument."""
    return datetime.now(UTC) + ahead.get()


def today() -> date:
    """The date on a wall calendar in China."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """The same moment as a clock in China shows it."""
    return moment.astimezone(SHANGHAI)

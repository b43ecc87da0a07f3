"""The only module that asks what time it is."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: How far ahead of the real time the application is. Only a demo sets it, for the duration of a request.
ahead: ContextVar[timedelta] = ContextVar("votes_ahead", default=timedelta())


def now() -> datetime:
    """Return the present moment in UTC (aware). Rules and services receive it as an argument."""
    return datetime.now(UTC) + ahead.get()


def today() -> date:
    """Return today's date in China."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """Return the same moment in China's time zone."""
    return moment.astimezone(SHANGHAI)

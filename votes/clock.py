"""The one place where the application asks what time it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC. Rules and services receive it as an argument."""
    return datetime.now(UTC)


def today() -> date:
    """The date on a wall calendar in China."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """The same moment as a clock in China shows it."""
    return moment.astimezone(SHANGHAI)

"""How long somebody who guesses has to wait: longer after each failure, never shut out for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

NONE = timedelta()


@dataclass(frozen=True)
class Scheme:
    """The delays of one kind of counter.

    ``free`` failures cost nothing. The next one costs ``first``, each further one twice as much, at most ``longest``.
    Failures are forgotten when none has come for ``forgotten``, which is longer than ``longest``.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta


#: An account, the number of a card, the code on the hall's screen, an old password, a desk that confirms pairings.
OWN = Scheme(5, timedelta(seconds=15), timedelta(minutes=10), timedelta(hours=24))
#: A network, which a whole hall may share: many failures are free, and no delay is long.
NETWORK = Scheme(30, timedelta(seconds=1), timedelta(seconds=20), timedelta(hours=1))


def wait(scheme: Scheme, failures: int, last_at: datetime | None, now: datetime) -> timedelta:
    """Return how long after ``now`` the next attempt is taken; nothing where it is taken at once.

    ``last_at`` is the moment of the latest of ``failures``. A clock that was set back makes nobody wait longer than
    the delay itself.
    """
    if last_at is None or failures < scheme.free or now - last_at >= scheme.forgotten:
        return NONE
    doubled = min(failures - scheme.free, 30)  # the exponent stays small whatever was counted
    delay = min(scheme.first * 2**doubled, scheme.longest)
    return max(min(last_at + delay - now, delay), NONE)


def words(left: timedelta) -> str:
    """Return the time left in Chinese, rounded up: 40 秒, 3 分钟."""
    seconds = int(left.total_seconds() + 0.999)
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"

"""Requests for URLs that do not exist: a network that sends many is slowed there, and nowhere else.

Each process counts by itself, in memory: such a request costs no statement, and a page that exists is never refused.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from votes.rules.people import throttle

#: Many are free: in a hall one scanner with a wrong prefix makes dozens.
SCHEME = throttle.Scheme(60, timedelta(seconds=1), timedelta(seconds=20), timedelta(minutes=5))
#: The most networks that are remembered, the latest ones.
MOST = 2000

_seen: OrderedDict[str, tuple[int, datetime]] = OrderedDict()


def wait(network: str, now: datetime) -> timedelta:
    """Count one more such request of ``network`` (a digest); return how long it has to wait, nothing where it need not."""
    failures, last_at = _seen.get(network, (0, now))
    left = throttle.wait(SCHEME, failures, last_at, now)
    if not left:
        failures = 0 if now - last_at >= SCHEME.forgotten else failures
        _seen[network] = failures + 1, now
        _seen.move_to_end(network)
        if len(_seen) > MOST:
            _seen.popitem(last=False)
    return left

"""Delays after failures: doubled each time, never for good, forgotten after a pause."""

from datetime import UTC, datetime, timedelta

import pytest

from votes.rules.people.throttle import NETWORK, OWN, wait, words

NOW = datetime(2027, 1, 15, 1, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("scheme", "failures", "ago", "left"),
    [
        (OWN, 0, 0 * SECOND, 0 * SECOND),
        (OWN, 4, 0 * SECOND, 0 * SECOND),
        (OWN, 5, 0 * SECOND, 15 * SECOND),
        (OWN, 5, 14 * SECOND, 1 * SECOND),
        (OWN, 5, 15 * SECOND, 0 * SECOND),
        (OWN, 6, 0 * SECOND, 30 * SECOND),
        (OWN, 7, 0 * SECOND, 1 * MINUTE),
        (OWN, 10, 0 * SECOND, 8 * MINUTE),
        (OWN, 11, 0 * SECOND, 10 * MINUTE),
        (OWN, 50, 0 * SECOND, 10 * MINUTE),
        (OWN, 10**9, 0 * SECOND, 10 * MINUTE),
        (OWN, 50, 10 * MINUTE, 0 * SECOND),
        (OWN, 50, 24 * HOUR, 0 * SECOND),
        (OWN, 5, -1 * HOUR, 15 * SECOND),  # the clock was set back
        (NETWORK, 29, 0 * SECOND, 0 * SECOND),
        (NETWORK, 30, 0 * SECOND, 1 * SECOND),
        (NETWORK, 10**6, 0 * SECOND, 20 * SECOND),
    ],
)
def test_wait_by_failures_and_time(scheme, failures, ago, left):
    assert wait(scheme, failures, NOW - ago, NOW) == left


def test_wait_without_a_failure_is_nothing():
    assert wait(OWN, 0, None, NOW) == timedelta()


@pytest.mark.parametrize("scheme", [OWN, NETWORK])
def test_failures_are_remembered_longer_than_the_longest_delay(scheme):
    assert scheme.forgotten > scheme.longest


@pytest.mark.parametrize(
    ("left", "said"),
    [(0.2, "1 秒"), (15, "15 秒"), (59, "59 秒"), (60, "1 分钟"), (61, "2 分钟"), (600, "10 分钟")],
)
def test_words_round_up(left, said):
    assert words(timedelta(seconds=left)) == said

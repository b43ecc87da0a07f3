"""When a sign-in is over, and what a device is called."""

from datetime import UTC, datetime, timedelta

import pytest

from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.rules.people.sign_ins import device_of, is_over, is_to_be_renewed

NOW = datetime(2027, 1, 15, 1, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STAFF, DEPUTY = frozenset({Role.OFFICE}), frozenset({Role.DEPUTY})
BOTH = STAFF | DEPUTY


@pytest.mark.parametrize(
    ("roles", "since", "used", "over"),
    [
        (STAFF, 1 * HOUR, 29 * MINUTE, False),
        (STAFF, 1 * HOUR, 30 * MINUTE, True),
        (STAFF, 12 * HOUR - MINUTE, 0 * MINUTE, False),
        (STAFF, 12 * HOUR, 0 * MINUTE, True),
        (BOTH, 1 * HOUR, 30 * MINUTE, True),
        (DEPUTY, 6 * DAY, 6 * DAY, False),
        (DEPUTY, 7 * DAY, 0 * MINUTE, True),
        (STAFF, -1 * HOUR, -1 * HOUR, False),  # the clock was set back
        (DEPUTY, -1 * HOUR, -1 * HOUR, False),
    ],
)
def test_sign_in_is_over_by_role_and_time(roles, since, used, over):
    assert is_over(Actor(roles=roles), NOW - since, NOW - used, NOW) is over


@pytest.mark.parametrize(
    ("used", "renewed"), [(4 * MINUTE, False), (5 * MINUTE, True), (-4 * MINUTE, False), (-1 * HOUR, True)]
)
def test_cookie_is_renewed_every_five_minutes(used, renewed):
    assert is_to_be_renewed(NOW - used, NOW) is renewed


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
         "Safari/537.36 Edg/120.0.0.0", "Windows 电脑，Edge 浏览器"),
        ("Mozilla/5.0 (Linux; Android 10; V1) AppleWebKit/537.36 Chrome/86.0 Mobile Safari/537.36 "
         "MicroMessenger/8.0.16", "安卓手机，微信"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile "
         "Safari/604.1", "苹果手机，Safari 浏览器"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Linux 电脑，火狐浏览器"),
        ("", "其他设备"),
        ("curl/8", "其他设备"),
    ],
)  # fmt: skip
def test_device_is_named_by_system_and_browser(user_agent, words):
    assert device_of(user_agent) == words

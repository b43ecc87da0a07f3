"""Passwords: hashes, weak ones, and the throttle on guessing."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from votes.rules.errors import RuleBroken
from votes.services.people import passwords


def test_matches_only_the_hashed_password():
    hashed = passwords.hash_password("shili2027")
    assert passwords.matches(hashed, "shili2027")
    assert not passwords.matches(hashed, "shili2028")
    assert not passwords.matches(None, "shili2027")


@pytest.mark.parametrize(
    "password", ["abc123", "12345678", "abcdefgh", "a1a1a1a1", "my-office-1", "Neues-wort-office"]
)
def test_check_new_refuses_weak_passwords(password):
    with pytest.raises(RuleBroken) as broken:
        passwords.check_new(password, "office", field="new")
    assert (broken.value.field, broken.value.status) == ("new", 422)


def test_common_words_hold_the_commonest_passwords():
    assert {"password", "qwerty", "iloveyou"} < set(passwords.common_words())


def test_check_new_deputy_may_have_eight_signs():
    passwords.check_new("kx8-tq4m", "shili-001", staff=False)
    with pytest.raises(RuleBroken, match="至少 12 位"):
        passwords.check_new("kx8-tq4m", "office")


def test_five_failures_lock_a_key_for_ten_minutes(scope):
    for _ in range(passwords.FREE_FAILURES):
        passwords.check_throttle("user:x", NOW)
        passwords.count_failure("user:x", NOW)
    with pytest.raises(RuleBroken) as broken:
        passwords.check_throttle("user:x", NOW)
    assert (broken.value.code, broken.value.status) == ("locked", 429)
    passwords.check_throttle("user:y", NOW)
    passwords.check_throttle("user:x", NOW + passwords.LOCK)


def test_failures_are_forgotten_after_a_pause_and_a_success(scope):
    for _ in range(passwords.FREE_FAILURES - 1):
        passwords.count_failure("user:x", NOW)
    later = NOW + passwords.LOCK + timedelta(seconds=1)
    passwords.count_failure("user:x", later)
    passwords.check_throttle("user:x", later)
    passwords.clear_failures("user:x")
    passwords.clear_failures("user:x")
    passwords.check_throttle("user:x", later)

"""Passwords: hashes, weak ones, and the throttle on guessing."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from votes.db import db
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


def test_five_failures_make_a_key_wait_and_no_other(scope):
    for _ in range(5):
        passwords.check_throttle("user:x", NOW)
        passwords.count_failure("user:x", NOW)
    with pytest.raises(passwords.Waiting) as broken:
        passwords.check_throttle("user:x", NOW)
    assert (broken.value.code, broken.value.status) == ("locked", 429)
    assert broken.value.left == timedelta(seconds=15)
    passwords.check_throttle("user:y", NOW)
    passwords.check_throttle("user:x", NOW + timedelta(seconds=15))


def test_failures_are_forgotten_after_a_day_and_a_success(scope):
    for _ in range(4):
        passwords.count_failure("user:x", NOW)
    later = NOW + timedelta(days=1)
    passwords.count_failure("user:x", later)
    passwords.check_throttle("user:x", later)
    for _ in range(5):
        passwords.count_failure("user:x", later)
    passwords.clear_failures("user:x")
    passwords.clear_failures("user:x")
    passwords.check_throttle("user:x", later)


def test_failures_stay_counted_when_the_work_rolls_back(scope):
    for _ in range(5):
        passwords.count_failure("user:x", NOW)
    db.session.rollback()
    assert passwords.waits("user:x", NOW) == timedelta(seconds=15)


def test_failure_of_any_text_is_counted_without_it(scope, database):
    key = "user:\x00\ud800" + "长" * 500
    passwords.count_failure(key, NOW)
    assert passwords.failures(key) == 1
    assert "长" not in str(database.counters.starting_with(""))

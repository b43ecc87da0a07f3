"""两步验证: set up, used, replaced, reset; on both databases. Codes are those of the moment NOW."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.factories import NOW, PASSWORD
from votes.db import db
from votes.models import AccountChange, AuditEntry, RecoveryCode, SecondFactor, User
from votes.rules.errors import RuleBroken
from votes.services import audit
from votes.services.people import accounts, identity, second_factors

KEY = "for the tests only"
LATER = NOW + timedelta(seconds=30)

pytestmark = pytest.mark.usefixtures("no_demo")


def user_of(world, role="office") -> User:
    return db.session.get(User, world.user(role))


def turn_on(world, role="office") -> tuple[str, list[str]]:
    """Turn it on for an account of the county; return the secret and the recovery codes."""
    with world.work():
        user = user_of(world, role)
        offer = second_factors.offer(user, key=KEY)
        code = pyotp.TOTP(offer.secret).at(NOW)
        codes = second_factors.enrol(user, offer.sealed, code, key=KEY, by=audit.SYSTEM, now=NOW)
    return offer.secret, codes


def use(world, code: str, *, now=LATER, key=KEY) -> str:
    with world.work():
        return second_factors.use_code(user_of(world), code, key=key, now=now)


def refusal(act, *args, **options) -> str | None:
    with pytest.raises(RuleBroken) as broken:
        act(*args, **options)
    return broken.value.code


def test_enrol_keeps_neither_the_secret_nor_a_recovery_code(world, database):
    secret, codes = turn_on(world)
    assert len(set(codes)) == 10
    with database.engine.connect() as connection:
        kept = repr(
            [connection.execute(select(t)).all() for t in (SecondFactor.__table__, RecoveryCode.__table__)]
        )
    plain = [code.replace("-", "") for code in codes]
    assert not [word for word in (secret, *codes, *plain) if word in kept]


def test_enrol_needs_the_code_that_the_phone_shows(world):
    with world.work():
        user = user_of(world)
        offer = second_factors.offer(user, key=KEY)
        wrong = f"{(int(pyotp.TOTP(offer.secret).at(NOW)) + 1) % 1_000_000:06d}"
        on = {"key": KEY, "by": audit.SYSTEM, "now": NOW}
        assert refusal(second_factors.enrol, user, offer.sealed, wrong, **on) == "wrong_code"
        assert refusal(second_factors.enrol, user, "forged", wrong, **on) == "offer_expired"
        other = second_factors.offer(user_of(world, "leader"), key=KEY)
        code = pyotp.TOTP(other.secret).at(NOW)
        assert refusal(second_factors.enrol, user, other.sealed, code, **on) == "offer_expired"
        assert user.second_factor is None


def test_offer_stays_the_same_while_its_form_is_shown_again(world):
    with world.work():
        first = second_factors.offer(user_of(world), key=KEY)
        assert second_factors.offer(user_of(world), key=KEY, sealed=first.sealed) == first
        assert second_factors.offer(user_of(world), key=KEY).secret != first.secret


def test_enrol_twice_and_in_a_demo_is_refused(world):
    turn_on(world)
    with world.work():
        user = user_of(world)
        offer = second_factors.offer(user, key=KEY)
        on = {"key": KEY, "by": audit.SYSTEM, "now": NOW}
        assert refusal(second_factors.enrol, user, offer.sealed, "000000", **on) == "already_on"
        leader = user_of(world, "leader")
        leader.body.is_demo = True
        assert refusal(second_factors.enrol, leader, offer.sealed, "000000", **on) == "demo"


def test_use_code_accepts_each_code_once(world):
    secret, _ = turn_on(world)
    totp = pyotp.TOTP(secret)
    assert refusal(use, world, totp.at(NOW), now=NOW) == "wrong_code", "the one that turned it on"
    code = totp.at(LATER)
    assert use(world, f" {code[:3]} {code[3:]}") == "验证器"
    assert refusal(use, world, code) == "wrong_code"
    assert refusal(use, world, totp.at(NOW)) == "wrong_code", "an older one"
    assert refusal(use, world, totp.at(NOW), now=NOW + timedelta(minutes=5)) == "wrong_code"


def test_use_code_accepts_each_recovery_code_once(world):
    _, codes = turn_on(world)
    assert use(world, codes[0].upper()) == "恢复码"
    assert refusal(use, world, codes[0]) == "wrong_code"
    assert use(world, codes[1].replace("-", "")) == "恢复码"
    with world.work():
        assert second_factors.codes_left(user_of(world)) == 8


def test_use_code_after_the_server_changed_its_key_takes_recovery_codes_only(world):
    secret, codes = turn_on(world)
    code = pyotp.TOTP(secret).at(LATER)
    assert refusal(use, world, code, key="another") == "key_changed"
    assert use(world, codes[0], key="another") == "恢复码"


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_use_code_at_the_same_instant_is_accepted_once(world, kind):
    secret, codes = turn_on(world)
    code, together = pyotp.TOTP(secret).at(LATER) if kind == "totp" else codes[0], Barrier(2)

    def attempt(_: int) -> bool:
        together.wait()
        try:
            use(world, code)
        except RuleBroken:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == [False, True]


def test_renew_codes_voids_the_old_ones(world):
    secret, old = turn_on(world)
    with world.work():
        code = pyotp.TOTP(secret).at(LATER)
        new = second_factors.renew_codes(user_of(world), code, key=KEY, by=audit.SYSTEM, now=LATER)
    assert refusal(use, world, old[0]) == "wrong_code"
    assert use(world, new[0]) == "恢复码"


def test_switch_off_needs_password_and_code(world):
    secret, _ = turn_on(world)
    code = pyotp.TOTP(secret).at(LATER)

    def switch_off(password: str, typed: str) -> None:
        with world.work():
            second_factors.switch_off(
                user_of(world), password=password, code=typed, key=KEY, by=audit.SYSTEM, now=LATER
            )

    assert refusal(switch_off, "wrong", code) == "wrong_password"
    assert refusal(switch_off, PASSWORD, "000") == "wrong_code"
    switch_off(PASSWORD, code)
    with world.work():
        user = user_of(world)
        assert (user.second_factor, user.login_serial, second_factors.codes_left(user)) == (None, 1, 0)
    assert refusal(switch_off, PASSWORD, code) is None


def test_administrator_without_it_must_enrol_except_in_a_demo(world):
    root = world.user("sysadmin")

    def must_enrol() -> bool:
        with world.work(None):
            actor = identity.by_user(root, 0)
            assert actor is not None
            return actor.must_enrol

    assert must_enrol()
    turn_on(world, "sysadmin")
    assert not must_enrol()
    with world.work(None):
        db.session.delete(db.session.get(SecondFactor, root))
        accounts.own(world.actor("office")).body.is_demo = True
    assert not must_enrol()


# --- reset by another, and what is kept of it ---------------------------------------------------------------


def test_reset_second_factor_is_told_and_makes_the_account_fresh(world):
    turn_on(world, "leader")
    office = world.actor("office")
    with world.work():
        leader = user_of(world, "leader")
        assert not accounts.is_fresh(leader.id, NOW)
        accounts.reset_second_factor(leader, by=office, now=NOW)
        assert (leader.second_factor, leader.login_serial) == (None, 1)
        assert accounts.is_fresh(leader.id, NOW + timedelta(hours=23, minutes=59))
        assert not accounts.is_fresh(leader.id, NOW + timedelta(hours=24))
        (news,) = accounts.signed_in(leader, at=LATER)
        assert (news.kind.value, news.by_name) == ("factor_reset", office.name)
        assert accounts.signed_in(leader, at=LATER) == [], "told once"
        lines = [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert "user.reset_second_factor" in lines


def test_office_alone_cannot_reset_its_own_second_factor(world):
    turn_on(world)
    office = world.actor("office")
    with world.work():
        assert refusal(accounts.reset_second_factor, user_of(world), by=office, now=NOW) == "own_account"


@pytest.mark.parametrize("verb", ["UPDATE account_changes SET by_name = 'x'", "DELETE FROM account_changes"])
def test_account_change_cannot_be_changed_or_deleted(world, database, verb):
    with world.work():
        accounts.reset_password(user_of(world, "leader"), by=world.actor("office"), now=NOW)
    with pytest.raises(DBAPIError), database.engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql(verb)
    with world.work():
        assert db.session.scalar(select(AccountChange.kind)) == "password_reset"

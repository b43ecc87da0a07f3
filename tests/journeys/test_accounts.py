"""Accounts in Chromium: two-step sign-in from the QR code to a recovery code, and the strength of a password."""

import pytest
from playwright.sync_api import expect

from tests import plumbing
from tests.factories import PASSWORD
from tests.journeys.people import DESK, PHONE
from votes.db import db
from votes.models import SecondFactor

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("no_demo")]


@pytest.fixture
def site(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with plumbing.serve(app) as address:
        yield address


def test_two_steps_from_the_qr_code_to_a_recovery_code(site, meet, world):
    office = meet(site, DESK)
    office.sign_in("office.county", PASSWORD)
    office.follow("以后再说，先进入工作台")
    office.reads("工作台")
    office.open("/second-factor/")
    codes = office.set_up_two_steps()
    with world.work():
        factor = db.session.get(SecondFactor, world.user("office"))
        factor.last_step -= 5  # as if some minutes had passed
    elsewhere = meet(site, PHONE)
    elsewhere.sign_in("office.county", PASSWORD)
    elsewhere.fill(code="000 000")
    assert elsewhere.press("登录", within="main") == 422
    elsewhere.fill(code=office.authenticator.now())
    elsewhere.press("登录", within="main")
    elsewhere.reads("工作台")
    without_phone = meet(site, DESK)
    without_phone.sign_in("office.county", PASSWORD)
    without_phone.fill(code=codes[3])
    without_phone.press("登录", within="main")
    without_phone.open("/second-factor/")
    without_phone.reads("还有 9 个恢复码没有用过")


def test_strength_of_a_password_shows_while_it_is_typed(site, meet):
    leader = meet(site, PHONE)
    leader.sign_in("leader.county", PASSWORD)
    leader.open("/password")
    line = leader.page.locator("#strength")
    expect(line).to_be_hidden()
    for typed, words in (
        ("kurz", "还差 8 位"),
        ("leader.county-2027", "不能包含用户名"),
        ("qwertyuiop20270115", "太容易猜到"),
        ("sieben Wolken am Teich", "很好"),
    ):
        leader.page.locator("#new").fill(typed)
        expect(line).to_contain_text(words)
    assert leader.page.locator("#strength meter").evaluate("meter => meter.value") == 4

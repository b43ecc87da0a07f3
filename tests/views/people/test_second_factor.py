"""两步验证 and what goes with it: its pages, the second step of a sign-in, and each refusal tried by one person alone."""

from datetime import timedelta

import pyotp
import pytest

from tests.factories import NOW, PASSWORD
from votes import clock
from votes.db import db
from votes.models import AuditEntry, SignIn, User
from votes.services import audit
from votes.services.people import accounts, passwords, second_factors

KEY = "for the tests only"

pytestmark = pytest.mark.usefixtures("no_demo")


def code_of(secret: str, ahead: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * ahead))


def turn_on(world, role="office") -> tuple[str, list[str]]:
    """Turn it on for an account of the county; return the secret and the recovery codes."""
    with world.work(None):
        user, at = db.session.get(User, world.user(role)), clock.now() - timedelta(minutes=5)
        offer = second_factors.offer(user, key=KEY)
        code = pyotp.TOTP(offer.secret).at(at)
        codes = second_factors.enrol(user, offer.sealed, code, key=KEY, by=audit.SYSTEM, now=at)
    return offer.secret, codes


def first_step(browser, username="office.county"):
    return browser.post("/sign-in", {"username": username, "password": PASSWORD})


# --- setting it up -----------------------------------------------------------------------------------------


def test_setup_page_shows_a_qr_code_and_turns_it_on(as_, world):
    browser = as_("office")
    page = browser.get("/second-factor/")
    assert page.tree.xpath("//img[starts-with(@src, 'data:image/png')]")
    secret = page.tree.xpath("//details//span[@class='secret']")[1].text_content().replace(" ", "")
    wrong = browser.post("/second-factor/on", {"code": "12345", "sealed": page.value("sealed")})
    assert (wrong.status, wrong.value("sealed")) == (422, page.value("sealed"))
    on = browser.post("/second-factor/on", {"code": code_of(secret), "sealed": page.value("sealed")})
    assert on.status == 200
    assert len(on.tree.xpath("//ol[@class='codes']/li")) == 10
    assert "已开通" in browser.get("/second-factor/").words


def test_setup_page_of_a_card_leads_to_the_hall(as_, world):
    assert as_().get("/second-factor/").status == 302


def test_setup_page_in_a_demo_says_that_it_goes_without(as_, world):
    with world.work(None):
        accounts.own(world.actor("office")).body.is_demo = True
    page = as_("office").get("/second-factor/")
    assert "不开通两步验证" in page.words
    assert as_("office").post("/second-factor/on", {"code": "123456", "sealed": "x"}).status == 422


def test_recovery_codes_are_renewed_and_it_is_switched_off(as_, world):
    secret, old = turn_on(world)
    browser = as_("office")
    assert browser.post("/second-factor/codes", {"code": "000"}).status == 422
    page = browser.post("/second-factor/codes", {"code": code_of(secret)})
    assert old[0] not in page.words
    new = page.tree.xpath("//ol[@class='codes']/li")[0].text_content()
    assert browser.post("/second-factor/off", {"password": "wrong", "code": new}).status == 422
    assert browser.post("/second-factor/off", {"password": PASSWORD, "code": new}).status == 303
    assert "开通" in browser.get("/second-factor/").words
    assert as_("office").get("/office/").status == 302, "other browsers are signed out"


# --- the second step ---------------------------------------------------------------------------------------


def test_sign_in_with_a_second_factor_asks_for_its_code(as_, world):
    secret, _ = turn_on(world)
    browser = as_()
    page = browser.post(
        "/sign-in?next=/office/sessions/", {"username": "office.county", "password": PASSWORD}
    )
    assert page.location == "/sign-in/code?next=/office/sessions/"
    assert browser.get("/office/").status == 302, "not signed in yet"
    assert "六位数字" in browser.get(page.location).words
    page = browser.post(page.location, {"code": code_of(secret)})
    assert (page.status, page.location) == (303, "/office/sessions/")
    assert browser.get("/office/").status == 200


def test_sign_in_with_a_recovery_code_works_once(as_, world):
    _, codes = turn_on(world)
    for status in (303, 422):
        browser = as_()
        first_step(browser)
        assert browser.post("/sign-in/code", {"code": codes[0]}).status == status


def test_stranger_with_the_password_alone_does_not_get_in(as_, world):
    turn_on(world)
    browser = as_()
    first_step(browser)
    for _ in range(5):
        assert browser.post("/sign-in/code", {"code": "123456"}).status == 422
    first_step(browser)
    page = browser.post("/sign-in/code", {"code": "123456"})
    assert (page.status, "秒后再试" in page.words) == (429, True)
    assert browser.get("/office/").status == 302


def test_stranger_with_a_code_seen_in_use_does_not_get_in(as_, world):
    secret, _ = turn_on(world)
    code = code_of(secret)
    owner, thief = as_(), as_()
    first_step(owner)
    assert owner.post("/sign-in/code", {"code": code}).status == 303
    first_step(thief)
    assert thief.post("/sign-in/code", {"code": code}).status == 422


def test_second_step_without_the_first_is_refused(as_, world):
    turn_on(world)
    page = as_().post("/sign-in/code", {"code": "123456"})
    assert (page.status, page.errors[0][:10]) == (422, "请先输入用户名和密码")


def test_second_step_waits_ten_minutes(as_, world, monkeypatch):
    secret, _ = turn_on(world)
    browser = as_()
    first_step(browser)
    token = clock.ahead.set(timedelta(minutes=11))
    try:
        page = browser.post("/sign-in/code", {"code": code_of(secret)})
    finally:
        clock.ahead.reset(token)
    assert page.status == 422


def test_second_step_after_a_reset_of_the_password_is_refused(as_, world):
    secret, _ = turn_on(world)
    browser = as_()
    first_step(browser)
    with world.work(None):
        accounts.reset_password(accounts.find_by_username("office.county"), by=audit.SYSTEM, now=NOW)
    assert browser.post("/sign-in/code", {"code": code_of(secret)}).status == 422


def test_sign_in_row_is_made_by_the_second_step(as_, world):
    secret, _ = turn_on(world)
    browser = as_()
    first_step(browser)
    assert sign_in_rows(world) == 0
    browser.post("/sign-in/code", {"code": "123456"})
    assert sign_in_rows(world) == 0
    browser.post("/sign-in/code", {"code": code_of(secret)})
    assert sign_in_rows(world) == 1


def sign_in_rows(world) -> int:
    with world.work(None) as work:
        return work.query(SignIn).filter_by(user_id=world.user("office")).count()


def test_wrong_codes_leave_no_line_in_the_log(as_, world):
    turn_on(world)
    with world.work(None) as work:
        before = work.query(AuditEntry).count()
    browser = as_()
    first_step(browser)
    for _ in range(8):
        browser.post("/sign-in/code", {"code": "123456"})
    with world.work(None) as work:
        assert work.query(AuditEntry).count() == before


def test_wrong_codes_elsewhere_leave_the_owners_browser_alone(as_, world):
    owner, thief = as_(), as_()
    first_step(owner)
    owner.post("/sign-out")
    secret, _ = turn_on(world)
    first_step(thief)
    statuses = [thief.post("/sign-in/code", {"code": "123456"}).status for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    first_step(owner)
    assert owner.post("/sign-in/code", {"code": code_of(secret)}).status == 303


def test_right_password_alone_does_not_forget_the_wrong_ones(as_, world):
    secret, _ = turn_on(world)
    as_().post("/sign-in", {"username": "office.county", "password": "wrong"})
    first_step(as_())
    browser = as_()
    first_step(browser)
    page = browser.post("/sign-in/code?next=/home", {"code": code_of(secret)})
    assert "有 1 次密码输入有误" in browser.follow(page).words


@pytest.mark.parametrize("page", ["password", "off"])
def test_password_is_hashed_without_the_write_lock(as_, world, monkeypatch, page):
    secret, _ = turn_on(world)
    browser, checks = as_("office"), passwords.matches

    def while_somebody_votes(*words):
        with world.work(None) as work:  # waits for the lock, and in vain where the page holds it
            work.get(User, world.user("leader")).phone = "1"
        return checks(*words)

    monkeypatch.setattr(passwords, "matches", while_somebody_votes)
    new = {"old": PASSWORD, "new": "Neues-wort-jq94", "again": "Neues-wort-jq94"}
    url, words = {
        "password": ("/password", new),
        "off": ("/second-factor/off", {"password": PASSWORD, "code": code_of(secret)}),
    }[page]
    assert browser.post(url, words).status == 303


def test_change_of_the_password_takes_old_sign_ins_off_the_list(as_, world):
    browser = as_()
    first_step(browser)
    first_step(as_())
    browser.post("/password", {"old": PASSWORD, "new": "Neues-wort-jq94", "again": "Neues-wort-jq94"})
    assert sign_in_rows(world) == 1


# --- who has to --------------------------------------------------------------------------------------------


def test_office_account_is_asked_at_sign_in_and_may_put_it_off(as_):
    browser = as_()
    page = first_step(browser)
    assert page.location == "/second-factor/?next=/home"
    assert "/home" in browser.get(page.location).links()
    assert browser.get("/office/").status == 200


def test_account_with_an_initial_password_is_asked_once_it_has_changed_it(as_, world):
    with world.work(None):
        db.session.get(User, world.user("office")).must_change = True
    browser = as_()
    assert first_step(browser).location == "/home"
    assert browser.get("/home").location == "/password"
    words = {"old": PASSWORD, "new": "Neues-wort-jq94", "again": "Neues-wort-jq94"}
    assert browser.post("/password", words).location == "/second-factor/?next=/home"


def test_leader_is_not_asked_at_sign_in(as_):
    assert first_step(as_(), "leader.county").location == "/home"


def test_administrator_alone_does_nothing_before_it_is_set_up(as_, world):
    browser = as_("sysadmin")
    assert browser.get("/office/users/").location == "/second-factor/"
    assert browser.post("/office/users/new", {"username": "x"}).location == "/second-factor/"
    assert browser.get("/password").status == 200
    turn_on(world, "sysadmin")
    assert browser.get("/office/users/").status == 200


# --- resets, initial passwords -----------------------------------------------------------------------------


def test_reset_of_a_second_factor_by_a_colleague_is_told_to_the_owner(as_, world):
    turn_on(world, "leader")
    url = f"/office/users/{world.user('leader')}"
    office = as_("office")
    assert "重置两步验证" in office.get(url).words
    assert office.post(f"{url}/second-factor").status == 303
    owner = as_()
    page = owner.follow(first_step(owner, "leader.county"))
    assert "office.county（示例）对您的账号：重置两步验证" in page.words
    again = as_()
    assert "重置两步验证" not in again.follow(first_step(again, "leader.county")).words
    assert "重置两步验证" in again.get("/second-factor/").words, "it stays on the account's own page"


@pytest.mark.parametrize(("role", "body", "status"), [("office", "other", 404), ("leader", "county", 403)])
def test_reset_of_a_second_factor_is_refused_to_others(as_, world, role, body, status):
    turn_on(world, "government")
    url = f"/office/users/{world.user('government')}/second-factor"
    assert as_(role, body).post(url).status == status


@pytest.mark.parametrize(("days", "status"), [(6, 303), (8, 422)])
def test_initial_password_expires_in_seven_days(as_, world, days, status):
    with world.work(None):
        leader = accounts.find_by_username("leader.county")
        password = accounts.reset_password(leader, by=audit.SYSTEM, now=clock.now())
    token = clock.ahead.set(timedelta(days=days))
    try:
        page = as_().post("/sign-in", {"username": "leader.county", "password": password})
    finally:
        clock.ahead.reset(token)
    assert page.status == status
    if status == 422:
        assert page.errors == [
            "初始密码只在 7 天内有效，现已过期。请联系本级人大常委会办公室或系统管理员重置。"
        ]


def test_password_page_names_the_least_length(as_):
    assert "至少 12 位" in as_("office").get("/password").words
    assert "至少 8 位" in as_("deputy").get("/password").words

"""Sign-ins that end: by signing out, from another browser, by the clock; and guesses that shut nobody out."""

from datetime import timedelta

import pytest

from tests.factories import PASSWORD
from tests.pages import Browser
from votes import clock
from votes.models import AuditEntry, SignIn, User
from votes.rules.people.roles import DeputyState
from votes.services.people import sign_ins

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OUTSIDE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def later():
    """Return a function that sets the clock ahead; a second call counts from the real time again."""
    tokens = []

    def ahead(span):
        tokens.append(clock.ahead.set(span))

    yield ahead
    for token in reversed(tokens):
        clock.ahead.reset(token)


def sign_in(app, username="office.county", password=PASSWORD, browser=None, **options):
    made = browser or Browser(app)
    return made, made.post("/sign-in", {"username": username, "password": password}, **options)


def copy_of(app, browser):
    """Return a browser with a copy of the cookie: that of a thief."""
    name = app.config["SESSION_COOKIE_NAME"]
    thief = Browser(app)
    thief.client.set_cookie(name, browser.client.get_cookie(name).value)
    return thief


# --- signing out ---------------------------------------------------------------------------------------


def test_sign_out_ends_a_copied_cookie(app, world):
    browser, _ = sign_in(app)
    thief = copy_of(app, browser)
    assert thief.get("/office/").status == 200
    browser.post("/sign-out")
    assert thief.get("/office/").status == 302
    with world.work() as work:
        assert [
            work.query(AuditEntry).filter_by(action="user.sign_out").count(),
            work.query(SignIn).count(),
        ] == [1, 0]


def test_list_names_the_devices_and_ends_all_others(app, world):
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"
    other, _ = sign_in(app)
    browser, _ = sign_in(app, headers={"User-Agent": agent})
    page = browser.get("/my/sign-ins")
    assert (page.status, "Windows 电脑，Edge 浏览器（本机）" in page.words) == (200, True)
    assert browser.follow(browser.post("/my/sign-ins/others")).status == 200
    assert (browser.get("/office/").status, other.get("/office/").status) == (200, 302)
    assert "没有其他登录" in browser.get("/my/sign-ins").words


def test_list_shows_nothing_of_a_colleague(as_, world):
    as_("government")
    assert as_("office").get("/my/sign-ins").text.count("最近使用") == 1
    assert as_().get("/my/sign-ins").status == 302
    assert as_("office").get("/my/sign-ins/others").status == 405


def test_end_others_of_one_account_leaves_all_accounts_else(as_, world):
    colleague, browser = as_("government"), as_("office")
    browser.post("/my/sign-ins/others")
    assert colleague.get("/office/").status == 200


# --- by the clock --------------------------------------------------------------------------------------


def test_staff_are_signed_out_after_half_an_hour(as_, later):
    browser = as_("office")
    later(29 * MINUTE)
    assert browser.get("/office/").status == 200
    later(58 * MINUTE)
    assert browser.get("/office/").status == 200, "the cookie was renewed"
    later(58 * MINUTE + 30 * MINUTE)
    page = browser.get("/office/")
    assert page.status == 302
    assert "系统已自动退出" in browser.follow(page).words


def test_staff_are_signed_out_after_twelve_hours_however_busy(as_, later):
    browser = as_("office")
    for number in range(1, 36):
        later(number * 20 * MINUTE)
        assert browser.get("/office/").status == 200
    later(12 * HOUR)
    assert browser.get("/office/").status == 302


def test_deputy_is_not_idled_out(as_, later):
    browser = as_("deputy")
    later(6 * 24 * HOUR)
    assert browser.get("/hall/").status == 200
    later(7 * 24 * HOUR)
    assert browser.get("/hall/").status == 302


def test_pages_that_ask_by_themselves_renew_nothing(as_, later):
    browser = as_("office")
    later(20 * MINUTE)
    browser.get("/nothing.json")
    later(31 * MINUTE)
    assert browser.get("/office/").status == 302


def test_typing_renews_the_cookie(as_, later):
    browser = as_("office")
    later(20 * MINUTE)
    assert browser.get("/my/alive").json == {"signed_in": True}
    later(45 * MINUTE)
    assert browser.get("/office/").status == 200


def test_clock_set_back_an_hour_signs_nobody_out(app, world, later):
    later(HOUR)
    browser, _ = sign_in(app)
    later(timedelta())
    assert browser.get("/office/").status == 200


def test_use_on_another_day_is_shown_and_takes_no_write(as_, world, later):
    browser = as_("deputy")
    later(2 * 24 * HOUR)
    browser.get("/hall/")
    with world.work():
        (own,) = sign_ins.of_user(world.user("deputy"))
        assert own.last_used == clock.local(clock.now()).date()


# --- guessing ------------------------------------------------------------------------------------------


def test_fifty_requests_lock_out_neither_office_nor_teller(app, world, later):
    """The attack: fifty wrong passwords for each account. The honest browser signs in, a new one after a wait."""
    honest, _ = sign_in(app)
    honest.post("/sign-out")
    for _ in range(50):
        sign_in(app, password="wrong", environ_overrides=OUTSIDE)
    _, page = sign_in(app, environ_overrides=OUTSIDE)
    assert (page.status, "Retry-After" in page.response.headers) == (429, True)
    _, page = sign_in(app, browser=honest)
    assert page.status == 303
    later(10 * MINUTE)
    assert sign_in(app)[1].status == 303


def test_known_browser_that_guesses_waits_too(app, world):
    browser, _ = sign_in(app)
    browser.post("/sign-out")
    for _ in range(5):
        assert sign_in(app, password="wrong", browser=browser)[1].status == 422
    assert sign_in(app, browser=browser)[1].status == 429
    assert sign_in(app)[1].status == 303, "its failures are its own"


def test_network_is_slowed_for_unknown_names_and_nobody_at_home(app, world):
    for number in range(30):
        sign_in(app, username=f"nobody{number}", environ_overrides=OUTSIDE)
    _, page = sign_in(app, environ_overrides=OUTSIDE)
    assert (page.status, int(page.response.headers["Retry-After"]) <= 20) == (429, True)
    assert sign_in(app)[1].status == 303, "another network"


def test_strangers_are_counted_and_not_written_down(app, world, as_):
    for _ in range(3):
        sign_in(app, password="wrong")
    with world.work() as work:
        assert work.query(AuditEntry).filter_by(outcome="refused").count() == 0
    assert "今天没有登录的人被拒绝 3 次" in as_("office").get("/office/audit/").words


def test_owner_is_told_of_failures_before(app, world):
    for _ in range(3):
        sign_in(app, password="wrong")
    browser, page = sign_in(app)
    assert "有 3 次密码输入有误" in browser.follow(page).words


def test_office_unlocks_an_account_and_nobody_the_own(app, world, as_):
    for _ in range(5):
        sign_in(app, "government.county", "wrong")
    office, user_id = as_("office"), world.user("government")
    assert "解除等待" in office.get(f"/office/users/{user_id}").words
    office.post(f"/office/users/{user_id}/unlock")
    assert sign_in(app, "government.county")[1].status == 303
    assert office.post(f"/office/users/{world.user('office')}/unlock").status == 403


def test_old_password_is_braked(as_):
    browser = as_("office")
    for _ in range(5):
        page = browser.post("/password", {"old": "wrong", "new": "Neues-wort9", "again": "Neues-wort9"})
        assert page.status == 422
    page = browser.post("/password", {"old": PASSWORD, "new": "Neues-wort9", "again": "Neues-wort9"})
    assert page.status == 429


# --- next ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["/%2Fevil.example", "/%252F%252Fevil.example", "/\t/evil.example", "/%09/evil.example", "/%5Cevil.example",
     "/\uff0fevil.example", "/\u2028/evil", "\u3000//evil.example", "/a\r\nLocation: //evil", "/%0d%0aX: y", "///evil",
     "\\\\evil.example", "javascript:alert(1)", "/%25252525252F/evil"],
)  # fmt: skip
def test_sign_in_with_odd_next_stays_on_the_site(app, world, target):
    page = Browser(app).post("/sign-in", {"username": "office.county", "password": PASSWORD, "next": target})
    assert page.location == "/home"


# --- deputies out of office ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [DeputyState.SUSPENDED, DeputyState.ENDED])
def test_account_of_a_deputy_out_of_office_signs_nobody_in(app, world, as_, state):
    browser = as_("deputy")
    assert browser.get("/hall/").status == 200
    with world.work() as work:
        user = work.get(User, world.user("deputy"))
        user.deputy.state, name = state, user.username
    assert browser.get("/hall/").status == 302
    page = sign_in(app, name)[1]
    assert "不在在任代表名册上" in page.words

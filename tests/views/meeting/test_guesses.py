"""Wrong PINs and codes of the hall: the card waits, the hall does not; desk and another teller unlock. Cards that end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event

from tests.pages import Browser
from tests.services.voting.test_vote import BY, close, make_hall, open_
from tests.views.voting.test_voting import card, hall_key, phone
from votes import clock
from votes.models import AuditEntry, Deputy
from votes.rules.people.roles import DeputyState
from votes.services.meeting import cards, sessions
from votes.services.people import passwords
from votes.web import unknown

PREPARED = {"hall": partial(make_hall, present=10)}
OUTSIDE = {"REMOTE_ADDR": "203.0.113.7"}


def guess(app, world, hall, times, number="005", **options):
    """Send wrong PINs from one network; return the last page."""
    key, browser = hall_key(world, hall), Browser(app)
    pages = [browser.post(f"/h/{key}", {"number": number, "pin": "wrong"}, **options) for _ in range(times)]
    return pages[-1]


def enter(app, world, hall, index, browser=None, **options):
    """Send the right PIN of the deputy at ``index``."""
    _, _, pin = card(app, world, hall, index)
    browser = browser or Browser(app)
    return browser.post(f"/h/{hall_key(world, hall)}", {"number": f"{index + 1:03d}", "pin": pin}, **options)


def test_wrong_pins_stop_one_card_and_nobody_else_in_the_hall(app, world, hall):
    assert guess(app, world, hall, 50, environ_overrides=OUTSIDE).status == 429
    assert enter(app, world, hall, 4, environ_overrides=OUTSIDE).status == 429
    assert enter(app, world, hall, 5, environ_overrides=OUTSIDE).status == 303
    _, token, _ = card(app, world, hall, 4)
    assert Browser(app).post(f"/c/{token}", environ_overrides=OUTSIDE).status == 303, (
        "the card itself goes on"
    )


def test_phone_that_has_entered_before_is_not_stopped_by_guesses(app, world, hall):
    own = phone(app, world, hall, 4)
    own.post("/sign-out")
    guess(app, world, hall, 50)
    assert enter(app, world, hall, 4).status == 429
    assert enter(app, world, hall, 4, browser=own).status == 303


def test_desk_unlocks_the_card(app, world, hall, as_, base):
    guess(app, world, hall, 6)
    desk, who = as_("office"), hall["deputies"][4]
    assert "输错多次" in desk.get(f"{base}?deputy={who}").words
    desk.post(f"{base}/{who}/unlock")
    assert "输错多次" not in desk.get(f"{base}?deputy={who}").words
    assert enter(app, world, hall, 4).status == 303
    with world.work() as work:
        assert work.query(AuditEntry).filter_by(action="card.unlock").count() == 1


def test_another_teller_unlocks_the_card_and_nobody_the_own(app, world, hall):
    guess(app, world, hall, 6)
    teller = phone(app, world, hall, 0)
    url = f"/teller/sessions/{hall['session']}/unlock"
    assert "解除等待" in teller.get("/teller/").words
    assert teller.post(url, {"number": "001"}).status == 403
    assert teller.post(url, {"number": "999"}).status == 422
    assert teller.post(url, {"number": "005"}).status == 303
    assert enter(app, world, hall, 4).status == 303
    assert phone(app, world, hall, 6).post(url, {"number": "005"}).status == 403, "no teller"


def test_wrong_codes_of_the_hall_are_braked_for_one_deputy(app, world, hall):
    own, other = phone(app, world, hall, 11), phone(app, world, hall, 10)
    for _ in range(5):
        assert own.post("/hall/check-in", {"code": "000000"}).status == 422
    page = own.post("/hall/check-in", {"code": "000000"})
    assert (page.status, "Retry-After" in page.response.headers) == (429, True)
    assert other.post("/hall/check-in", {"code": "000000"}).status == 422


@pytest.mark.parametrize(
    "url", ["/c/AAAAAAAAAAAAAAAAAAAAAA", "/h/{key}", "/h/{key}/pair/enter", "/sign-in", "/sign-out"]
)
def test_stranger_takes_no_write_lock(app, world, hall, database, url):
    """Whatever a stranger posts and is refused, no writing transaction of the votes begins."""
    url, begun = url.format(key=hall_key(world, hall)), []
    typed = {"number": "005", "pin": "wrong", "username": "office.county", "password": "wrong"}

    def begin(connection):
        begun.append(connection.get_execution_options().get("write", False))

    event.listen(database.engine, "begin", begin)
    try:
        for _ in range(8):
            Browser(app).post(url, typed)
    finally:
        event.remove(database.engine, "begin", begin)
    assert not any(begun)


def test_storm_of_guesses_is_answered_while_a_ballot_is_written(app, world, hall, database):
    """Somebody holds the write lock for the whole storm; every stranger gets the answer all the same."""
    key, typed = hall_key(world, hall), {"username": "office.county", "password": "wrong"}
    with ThreadPoolExecutor(1) as other, database.work() as casting:
        casting.connection()

        def storm():
            pins = [Browser(app).post(f"/h/{key}", {"number": "005", "pin": "wrong"}) for _ in range(8)]
            words = [Browser(app).post("/sign-in", typed) for _ in range(8)]
            return [page.status for page in pins + words]

        statuses = other.submit(storm).result(timeout=60)
        casting.rollback()
    assert statuses == ([422] * 5 + [429] * 3) * 2


# --- cards that end ------------------------------------------------------------------------------------


def test_sign_out_of_a_card_ends_every_copy(app, world, hall):
    own = phone(app, world, hall, 4)
    name = app.config["SESSION_COOKIE_NAME"]
    thief = Browser(app)
    thief.client.set_cookie(name, own.client.get_cookie(name).value)
    assert thief.get("/hall/").status == 200
    own.post("/sign-out")
    page = thief.get("/hall/")
    assert (page.status, "已在另一部手机上使用" in page.words) == (401, True)
    assert phone(app, world, hall, 4).get("/hall/").status == 200, "the card signs in again"


def test_card_ends_with_the_session(app, world, hall):
    own = phone(app, world, hall, 4)
    with world.work():
        sessions.move(sessions.get(hall["session"]), "end", by=BY, now=clock.now())
    assert own.get("/hall/").status == 401


def test_card_of_a_deputy_out_of_office_signs_nobody_in(app, world, hall):
    own = phone(app, world, hall, 4)
    with world.work() as work:
        work.get(Deputy, hall["deputies"][4]).state = DeputyState.SUSPENDED
    assert own.get("/hall/").status == 401


def test_clock_set_back_leaves_the_card_in(app, world, hall):
    token = clock.ahead.set(timedelta(hours=1))
    own = phone(app, world, hall, 4)
    clock.ahead.reset(token)
    assert own.get("/hall/").status == 200


def test_no_clock_signs_staff_out_while_a_box_is_open(world, hall, as_):
    office, other = as_("office"), as_("office", "other")
    open_(world, hall)
    token = clock.ahead.set(timedelta(hours=13))
    assert (office.get("/office/").status, other.get("/office/").status) == (200, 302)
    clock.ahead.reset(token)
    close(world, hall)
    token = clock.ahead.set(timedelta(hours=14))
    assert office.get("/office/").status == 302
    clock.ahead.reset(token)


# --- URLs that do not exist ----------------------------------------------------------------------------


def test_network_that_asks_for_nonsense_is_slowed_there_alone(app, world, hall, monkeypatch):
    monkeypatch.setattr(unknown, "_seen", type(unknown._seen)())
    browser = Browser(app)
    for number in range(60):
        assert browser.get(f"/nonsense/{number}", environ_overrides=OUTSIDE).status == 404
    page = browser.get("/c/AAAAAAAAAAAAAAAAAAAAAA", environ_overrides=OUTSIDE)
    assert (page.status, page.response.headers["Retry-After"]) == (429, "1")
    assert browser.get("/sign-in", environ_overrides=OUTSIDE).status == 200
    _, token, _ = card(app, world, hall, 4)
    assert browser.get(f"/c/{token}", environ_overrides=OUTSIDE).status == 200
    assert browser.get("/nonsense", environ_overrides={"REMOTE_ADDR": "203.0.113.8"}).status == 404


def test_unlock_is_for_tellers_of_the_session(app, world, hall, as_):
    url = f"/teller/sessions/{hall['session']}/unlock"
    assert as_("office").post(url, {"number": "005"}).status == 403
    assert as_("office", "other").post(url, {"number": "005"}).status == 404
    assert as_().post(url, {"number": "005"}).status == 401
    assert phone(app, world, hall, 0).get(url).status == 405


def test_service_desk_of_another_body_unlocks_nothing(as_, hall, base):
    assert as_("office", "other").post(f"{base}/{hall['deputies'][4]}/unlock").status == 404
    assert as_("leader").post(f"{base}/{hall['deputies'][4]}/unlock").status == 403


def test_unlock_leaves_the_keys_of_others(world, hall):
    with world.work():
        meeting = sessions.get(hall["session"])
        first, second = (sessions.in_office(hall["deputies"][number]) for number in (4, 5))
        for deputy in (first, second):
            for _ in range(6):
                passwords.count_failure(cards.throttle_key(meeting.id, deputy.number), clock.now())
        cards.unlock(meeting, first, by=BY, now=clock.now())
        assert not cards.waits(meeting.id, first, clock.now())
        assert cards.waits(meeting.id, second, clock.now())

"""Consents on pages: the desk asks and waits, a teller answers on the phone, the desk goes on."""

import pytest

from tests.pages import Browser
from tests.services.voting.test_vote import close, make_hall, open_
from tests.views.meeting.test_desk import panel_words
from tests.views.voting.test_voting import phone
from votes.db import db
from votes.models import Card, Consent
from votes.services.meeting import checkin

LOST, CHIEF, TELLER = 4, 0, 1


def make_open(world):
    hall = make_hall(world, present=9)
    open_(world, hall)
    return hall


PREPARED = {"hall": make_open}


def ask(as_, hall, base, number=LOST):
    """Press 作废并补发 at the desk; return the desk's browser and the page that waits."""
    desk, who = as_("office"), hall["deputies"][number]
    page = desk.post(f"{base}/{who}/card", {"reason": "遗失", "deputy": who})
    return desk, desk.follow(page)


def consent_id(world):
    with world.work():
        return db.session.query(Consent).one().id


def cards_of(world, hall, number=LOST):
    with world.work():
        return db.session.query(Card).filter(Card.deputy_id == hall["deputies"][number]).count()


def go_on(desk, page):
    """Send the form that the page sends by itself once a teller has agreed."""
    (form,) = page.tree.xpath("//form[@data-go]")
    fields = [(field.get("name"), field.get("value")) for field in form.xpath(".//input")]
    sent = {name: [value for other, value in fields if other == name] for name, _ in fields}
    return desk.follow(desk.post(form.get("action"), sent))


def test_desk_waits_and_goes_on_when_a_teller_agrees(app, as_, world, hall, base):
    desk, page = ask(as_, hall, base)
    assert "等待监票人在手机上同意" in panel_words(page)
    (url,) = page.tree.xpath("//@data-consent")
    assert desk.get(url).json == {"state": "asked"}
    teller = phone(app, world, hall, TELLER)
    for shown in (teller.get("/teller/"), teller.get(f"/teller/rounds/{hall['round']}")):
        assert "补发凭证 示例代表005（证号 005）" in shown.words
        assert "原因遗失" in shown.words
    done = teller.post(f"/teller/consents/{consent_id(world)}/agree")
    assert "已同意" in teller.follow(done).words
    assert desk.get(url).json == {"state": "given"}
    assert cards_of(world, hall) == 1, "not before the desk goes on"
    waiting = desk.get(f"{base}?deputy={hall['deputies'][LOST]}&consent={consent_id(world)}")
    assert "原凭证已作废" in go_on(desk, waiting).words
    assert cards_of(world, hall) == 2
    assert "补发凭证 已同意并办理" in teller.get(f"/teller/rounds/{hall['round']}").words


def test_refusal_is_read_at_the_desk_with_its_reason(app, as_, world, hall, base):
    desk, _ = ask(as_, hall, base)
    chief, url = phone(app, world, hall, CHIEF), f"/teller/consents/{consent_id(world)}/refuse"
    assert chief.post(url, {"reason": ""}).status == 422
    assert chief.post(url, {"reason": "没有见到本人"}).status == 303
    page = desk.get(f"{base}?deputy={hall['deputies'][LOST]}")
    assert "示例代表001不同意：没有见到本人" in panel_words(page)
    assert not page.tree.xpath("//form[@data-go]")


def test_stale_page_of_a_teller_is_told_what_has_happened(app, as_, world, hall, base):
    ask(as_, hall, base)
    url = f"/teller/consents/{consent_id(world)}/agree"
    first, second = phone(app, world, hall, CHIEF), phone(app, world, hall, TELLER)
    assert first.post(url).status == 303
    page = second.post(url)
    assert (page.status, "示例代表001已经同意，不需要再办理" in page.words) == (409, True)
    assert first.post(url).status == 303, "pressed twice"


def test_round_closed_meanwhile_is_said_to_the_teller(app, as_, world, hall, base):
    ask(as_, hall, base)
    teller = phone(app, world, hall, TELLER)
    close(world, hall)
    page = teller.post(f"/teller/consents/{consent_id(world)}/agree")
    assert (page.status, "本轮投票已经关闭" in page.words) == (409, True)


def test_owner_reads_that_another_teller_decides(app, as_, world, hall, base):
    ask(as_, hall, base, TELLER)
    teller = phone(app, world, hall, TELLER)
    page = teller.get("/teller/")
    assert "这是您本人的，由另一名监票人同意" in page.words
    assert not page.tree.xpath("//form[contains(@action, '/agree')]")
    assert teller.post(f"/teller/consents/{consent_id(world)}/agree").status == 403


@pytest.mark.parametrize("act", ["agree", "refuse"])
def test_answer_of_anybody_but_a_teller_is_refused(app, as_, world, hall, base, act):
    ask(as_, hall, base)
    url = f"/teller/consents/{consent_id(world)}/{act}"
    assert phone(app, world, hall, LOST).post(url).status == 403
    assert as_("office").post(url).status == 403
    assert Browser(app).post(url).status == 401
    assert as_("deputy", "other").post(url).status == 404
    assert as_("office", "other").get(f"{base}/consents/{consent_id(world)}.json").status == 404


def test_register_of_several_waits_for_a_teller(app, as_, world, hall, base):
    desk, late = as_("office"), hall["deputies"][9:]
    page = desk.follow(desk.post(f"{base}/register", {"deputy": late}))
    assert "成批签到" in page.words
    assert "等待监票人在手机上同意" in page.words
    teller = phone(app, world, hall, TELLER)
    assert "全部名单010 示例代表010、011 示例代表011、012 示例代表012" in teller.get("/teller/").words
    teller.post(f"/teller/consents/{consent_id(world)}/agree")
    page = go_on(desk, desk.get(f"{base}/register?consent={consent_id(world)}"))
    assert "已为 3 位代表签到" in page.words
    with world.work():
        assert all(checkin.is_present(hall["session"], deputy_id) for deputy_id in late)


def test_register_of_one_needs_nobody(as_, hall, base):
    desk = as_("office")
    assert (
        "已为 1 位代表签到"
        in desk.follow(desk.post(f"{base}/register", {"deputy": hall["deputies"][9]})).words
    )

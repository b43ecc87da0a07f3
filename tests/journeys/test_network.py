"""When the network fails in the hall: one ballot, nothing lost, and the screen says since when it is alone."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Route, expect

from tests import factories, plumbing
from tests.factories import NOW
from tests.journeys.people import HALL, Person
from tests.journeys.test_year import choose, receipt
from tests.signing import ready
from votes.db import db
from votes.models import Ballot, Turnout
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.services import audit
from votes.services.meeting import cards, checkin, openings, rounds, sessions, tellers

pytestmark = pytest.mark.journey
BY = audit.SYSTEM


@pytest.fixture
def hall(app, world, monkeypatch):
    """Serve an open round with four deputies present; yield (site, the round's id, card URLs, screen)."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with plumbing.serve(app) as site:
        with world.work():
            people = factories.make_deputies(4, world.delegations["county"])
            meeting = sessions.create_session(
                title="第一次会议", year=2027, starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 15),
                place="示例会堂", by=BY, now=NOW,
            )  # fmt: skip
            sessions.move(meeting, "start", by=BY, now=NOW)
            for deputy, role in zip(people, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
                tellers.name_teller(meeting, deputy.id, role, by=BY, now=NOW)
            ready(meeting)
            key = str(app.config["SECRET_KEY"])
            new = cards.issue_missing(meeting, key=key, by=BY, now=NOW)
            for deputy in people:
                checkin.check_in(meeting, deputy.id, by=BY, now=NOW)
            round_ = rounds.create_round(
                meeting, title="示例票决", rule=Rule(seats=2), by=BY, now=NOW,
                project_ids=[p.id for p in factories.make_listed(4)],
            )  # fmt: skip
            openings.zero_check(round_, by=Actor(name="监票人", deputy_id=people[0].id), now=NOW)
            openings.open_round(round_, by=BY, now=NOW)
            known = {each.card.deputy_id: each.url(site) for each in new}
            made = site, round_.id, [known[d.id] for d in people], f"/screen/{meeting.screen_key}"
        yield made


def ballots_in_the_box(world) -> tuple[int, int]:
    """Return the number of names crossed off and of ballots."""
    with world.work(None):
        return db.session.query(Turnout).count(), db.session.query(Ballot).count()


def at_the_ballot(meet, hall, **options) -> Person:
    site, round_id, addresses, _ = hall
    phone = meet(site, **options)
    phone.open(addresses[2])
    phone.press("进入")
    phone.open(f"/vote/{round_id}")
    return phone


def failing(lost: str) -> Callable[[Route], None]:
    def fail(route: Route) -> None:
        if lost == "the answer":
            route.fetch(max_redirects=0)  # it reaches the server; what the server says gets lost
        route.abort("internetdisconnected")

    return fail


@pytest.mark.parametrize(("lost", "inside"), [("the ballot", (0, 0)), ("the answer", (1, 1))])
def test_a_ballot_sent_again_after_the_network_failed_is_received_once(meet, hall, world, lost, inside):
    phone = at_the_ballot(meet, hall)
    choose(phone, {1, 3})
    phone.press("核对选票")
    phone.page.route("**/cast", failing(lost))
    phone.page.get_by_role("button", name="提交选票").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("网络不通，还没有得到“已收到”。您的选择仍在")
    assert ballots_in_the_box(world) == inside
    phone.page.unroute("**/cast")
    phone.press("提交选票")
    code = receipt(phone)
    assert ballots_in_the_box(world) == (1, 1)
    with world.work(None):
        ballot = db.session.query(Ballot).one()
        assert (ballot.code, ballot.marks) == (code, {"1": "for", "3": "for"})


@pytest.mark.parametrize("lost", ["the ballot", "the answer"])
def test_without_script_the_browser_sends_again_by_reloading(meet, hall, world, lost):
    phone = at_the_ballot(meet, hall, java_script_enabled=False)
    choose(phone, {1, 3})
    phone.press("核对选票")
    phone.page.route("**/cast", failing(lost))
    phone.page.get_by_role("button", name="提交选票").click()
    phone.page.wait_for_url("chrome-error://**")
    phone.page.unroute("**/cast")
    phone.page.reload()
    receipt(phone)
    assert ballots_in_the_box(world) == (1, 1)


def test_marks_in_the_making_survive_a_reload_and_a_lost_network(meet, hall, world):
    phone = at_the_ballot(meet, hall)
    choose(phone, {2, 4})
    phone.page.reload()
    assert phone.page.locator("[value=for]:checked").count() == 2
    phone.context.set_offline(True)
    phone.page.get_by_role("button", name="核对选票").click()
    phone.page.wait_for_url("chrome-error://**")
    phone.context.set_offline(False)
    phone.open(f"/vote/{hall[1]}")
    assert [box.get_attribute("name") for box in phone.page.locator("[value=for]:checked").all()] == [
        "m2",
        "m4",
    ]
    phone.press("核对选票")
    phone.press("提交选票")
    receipt(phone)
    # what the phone kept is gone: nobody who takes it up later reads the marks
    assert phone.page.evaluate("Object.keys(localStorage)") == []


def test_two_requests_of_one_ballot_at_the_same_moment_are_one_ballot(meet, hall, world):
    phone = at_the_ballot(meet, hall)
    choose(phone, {1})
    phone.press("核对选票")
    answers = phone.page.evaluate(
        """() => { const form = document.getElementById('cast');
            const send = () => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})
                .then(answer => answer.text().then(text => [answer.status, text.includes('已收到')]));
            return Promise.all([send(), send(), send()]); }"""
    )
    assert answers == [[200, True]] * 3
    assert ballots_in_the_box(world) == (1, 1)


def test_the_screen_keeps_its_last_state_and_says_since_when(meet, hall):
    site, _, _, address = hall
    screen = meet(site, HALL)
    screen.open(address)
    screen.sees("[data-key^=issued]", "4")
    expect(screen.page.locator("#stale")).to_be_hidden()
    screen.context.set_offline(True)
    alone = screen.page.locator("#stale")
    expect(alone).to_have_text(
        re.compile(r"网络中断，显示的是 \d\d:\d\d:\d\d 的情况，正在重新连接"), timeout=20_000
    )
    screen.sees("[data-key^=issued]", "4")
    assert screen.page.locator("main.view-voting").is_visible()
    screen.context.set_offline(False)
    expect(alone).to_be_hidden(timeout=20_000)

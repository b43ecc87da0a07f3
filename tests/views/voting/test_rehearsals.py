"""The buttons of a rehearsal: sign deputies in and let them vote at random."""

import pytest

from tests.pages import Browser
from tests.services.voting.test_rehearsal import make_planned, run
from tests.services.voting.test_vote import make_hall, open_
from votes.db import db
from votes.models import Ballot
from votes.services.meeting import sessions

PREPARED = {"hall": make_hall, "planned": make_planned}


def test_the_office_signs_in_and_lets_vote_and_the_page_leads_through(as_, app, world, planned):
    office, url = as_("office"), f"/office/rounds/{planned['rehearsal']}"
    page = office.get(url)
    assert page.value("number") == "9", "two thirds of thirteen"
    page = office.follow(office.post(f"{url}/rehearse/sign-in", {"number": "9"}))
    assert "9 位演练代表已签到" in page.words
    assert "演练" in page.words
    office.post(f"{url}/open")
    page = office.get(url)
    assert page.value("number") == "9"
    page = office.follow(office.post(f"{url}/rehearse/vote", {"number": "4"}))
    assert "4 位演练代表已随机投票" in page.words
    assert page.value("number") == "5"
    with world.work():
        key = sessions.get(planned["session"]).screen_key
    assert "演练" in Browser(app).get(f"/screen/{key}").words


@pytest.mark.parametrize("number", ["", "0", "-3", "x", "1.5", "9" * 30])
def test_what_is_no_number_of_people_is_refused(as_, world, planned, number):
    run(world, planned, "opened")
    page = as_("office").post(f"/office/rounds/{planned['rehearsal']}/rehearse/vote", {"number": number})
    assert page.status == 422
    assert "1 至 5000" in page.words
    with world.work():
        assert db.session.query(Ballot).count() == 0


def test_a_real_round_has_no_such_buttons_and_refuses_them(as_, world, hall):
    open_(world, hall)
    office, url = as_("office"), f"/office/rounds/{hall['round']}"
    assert "随机投票" not in office.get(url).words
    page = office.post(f"{url}/rehearse/vote", {"number": "3"})
    assert (page.status, "这是正式票决，不能随机投票" in page.words) == (409, True)
    assert office.post(f"{url}/rehearse/sign-in", {"number": "3"}).status == 409
    assert as_("leader").post(f"{url}/rehearse/vote", {"number": "3"}).status == 403
    with world.work():
        assert db.session.query(Ballot).count() == 0

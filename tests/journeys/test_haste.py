"""Who presses again because nothing seems to happen is told that it was done, not that the second sending was refused."""

import pytest

from tests import factories
from tests.journeys.halls import BY, NOW, TODAY, Hall
from tests.journeys.people import Person
from votes.rules.meeting.rounds import RoundState
from votes.services.meeting import rounds
from votes.services.voting import closing

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]


def press_twice(person: Person, word: str) -> list[str]:
    """Press the button, and once more before the answer is there; answers what was sent."""
    sent: list[str] = []
    person.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    button = person.page.get_by_role("button", name=word, exact=True)
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    with person.page.expect_navigation():
        person.page.mouse.click(*middle)  # a locator's click would wait for the answer to the first
        person.page.wait_for_timeout(300)
        person.page.mouse.click(*middle)
    return sent


def a_round(hall: Hall, *, at_once: bool) -> int:
    with hall.world.work():
        listed = [project.id for project in factories.make_listed(2, year=TODAY.year + 1)]
    return hall.round("票决", listed, rule={"seats": 1}, at_once=at_once)


def test_the_office_opens_the_box_once(make_hall, answer_late):
    hall = make_hall(3)
    round_id = a_round(hall, at_once=False)
    answer_late("/open", 1)
    office = hall.office()
    office.open(f"/office/rounds/{round_id}")
    office.page.locator("summary", has_text="开启投票").click()
    assert len(press_twice(office, "确定开启投票")) == 1
    office.reads("投票已开启，票决办法和名册已冻结")
    with hall.world.work():
        assert rounds.get_round(round_id).state == RoundState.OPENED


def test_a_teller_signs_once(make_hall, answer_late):
    hall = make_hall(3)
    round_id = a_round(hall, at_once=True)
    hall.vote(round_id, [{1: "for"}] * 3)
    with hall.world.work():
        closing.close(rounds.get_round(round_id), by=BY, now=NOW)
    chief = hall.phone(0)
    answer_late("/sign", 1)
    chief.open(f"/teller/rounds/{round_id}")
    assert len(press_twice(chief, "签字确认")) == 1
    chief.reads("已签字")

"""A card and two phones, in Chromium: the second takes over with the PIN; a vote not cast here reaches the tellers."""

import pytest

from tests import factories
from tests.journeys.halls import TODAY
from tests.journeys.people import PHONE

pytestmark = pytest.mark.journey

RULE = {"seats": 2, "small_body": 0}


def open_round(make_hall):
    """Open a round in a hall of a body that is no demo."""
    hall = make_hall(8)
    hall.world.be_demo(False)
    with hall.world.work():
        listed = [p.id for p in factories.make_listed(4, year=TODAY.year + 1)]
    return hall, hall.round("示例票决", listed, rule=RULE)


def vote(phone):
    phone.open("/hall/")
    phone.follow("去投票")
    phone.page.locator(".pick").first.tap()
    phone.press("核对选票")
    return phone.press("提交选票")


def test_second_phone_takes_over_before_the_vote_and_the_first_is_out(make_hall):
    hall, round_id = open_round(make_hall)
    first, second = hall.phone(4), hall.meet(hall.site, {**PHONE, "viewport": {"width": 360, "height": 640}})
    second.open(hall.cards[4])
    second.reads("这张凭证已在另一部手机（或者另一个浏览器）上使用")
    second.fill(pin="00000000")
    assert second.press("改用本机") == 422
    second.reads("口令不正确")
    second.fill(pin=hall.pins[4])
    assert second.press("改用本机") == 200
    assert first.open("/hall/") == 401
    first.reads("本机已经退出", "如果不是您本人改的，请立即告诉监票人。")
    assert vote(second) == 200
    second.reads("已收到")
    teller = hall.phone(1)
    teller.open(f"/teller/rounds/{round_id}")
    teller.reads("改用另一部手机的凭证：1 次")


def test_vote_not_cast_here_is_reported_settled_and_signed(make_hall):
    """Somebody with a copy votes first; the deputy reports it, a teller sees it at once, the chief says what was found."""
    hall, round_id = open_round(make_hall)
    chief, teller = hall.phone(0), hall.phone(1)
    copy = hall.phone(4)
    assert vote(copy) == 200
    teller.open(f"/teller/rounds/{round_id}")

    own = hall.meet(hall.site)
    assert own.open(hall.cards[4]) == 409
    own.reads("这张凭证已经投过票。如果不是您本人投的，请立即告诉监票人。")
    own.fill(pin=hall.pins[4])
    assert own.press("不是我投的") == 200
    own.reads("已报告，监票人的手机上已经显示")
    teller.reads("“不是我投的”：1 名代表报告", "005 示例代表005")

    hall.vote(round_id, [{1: "for"}] * 4)
    hall.close(round_id)
    chief.open(f"/teller/rounds/{round_id}")
    assert chief.press("签字确认") == 422
    chief.reads("总监票人还没有写明核查结果，不能签字")
    chief.fill(finding="经核实，这一票不是本人所投")
    assert chief.press("写明核查结果") == 200
    assert chief.press("签字确认") == 200
    teller.open(f"/teller/rounds/{round_id}")
    teller.page.locator("summary", has_text="撤回（本人在场）").click()
    teller.page.locator("#reports [name=pin]").fill(hall.pins[4])
    assert teller.press("撤回报告") == 200
    teller.reads("已当着示例代表002撤回")
    assert teller.press("签字确认") == 200
    teller.reads("签字回执")
    office = hall.office()
    office.open(f"/office/rounds/{round_id}")
    office.reads("1 名代表报告“不是我投的”（005），其中 1 名已当面撤回", "经核实，这一票不是本人所投")

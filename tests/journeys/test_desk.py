"""The service desk on the day: a card lost in mid-vote, a phone without a card, a card before the PC's camera."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import BrowserType, expect

from tests import factories, plumbing
from tests.exports.formats.test_qr import shot
from tests.exports.tools import decode, pdf_pages
from tests.factories import NOW, PASSWORD
from tests.journeys.people import DESK, Person
from tests.journeys.test_year import choose, receipt
from tests.signing import ready
from votes import clock
from votes.db import db
from votes.models import Attendance, Ballot, Card, Turnout
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import TellerRole
from votes.services import audit
from votes.services.meeting import cards, checkin, openings, rounds, sessions, tellers

pytestmark = pytest.mark.journey
BY = audit.SYSTEM


@pytest.fixture
def hall(app, world, monkeypatch) -> Iterator[dict]:
    """Serve an open round with five of six deputies present."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with plumbing.serve(app) as site:
        monkeypatch.setitem(app.config, "PUBLIC_URL", site)
        key = str(app.config["SECRET_KEY"])
        with world.work():
            people = factories.make_deputies(6, world.delegations["county"])
            meeting = sessions.create_session(
                title="第一次会议", year=2027, starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 15),
                place="示例会堂", by=BY, now=NOW,
            )  # fmt: skip
            sessions.move(meeting, "start", by=BY, now=NOW)
            for deputy, role in zip(people, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
                tellers.name_teller(meeting, deputy.id, role, by=BY, now=NOW)
            ready(meeting)
            new = cards.issue_missing(meeting, key=key, by=BY, now=clock.now())
            for deputy in people[:5]:
                checkin.check_in(meeting, deputy.id, by=BY, now=NOW)
            round_ = rounds.create_round(
                meeting, title="示例票决", rule=Rule(seats=2), by=BY, now=NOW,
                project_ids=[p.id for p in factories.make_listed(4)],
            )  # fmt: skip
            openings.zero_check(round_, by=Actor(name="监票人", deputy_id=people[0].id), now=NOW)
            openings.open_round(round_, by=BY, now=NOW)
            known = {each.card.deputy_id: each.url(site) for each in new}
            made = {
                "site": site, "round": round_.id, "cards": [known[d.id] for d in people],
                "people": [d.id for d in people],
                "desk": f"/office/sessions/{meeting.id}/desk", "hall": f"/h/{meeting.hall_key}",
            }  # fmt: skip
        yield made


def at_the_desk(meet, hall) -> Person:
    clerk = meet(hall["site"], DESK)
    clerk.sign_in("office.county", PASSWORD)
    clerk.open(hall["desk"])
    return clerk


def teller_waits(meet, hall) -> Person:
    """Open the tellers' page of the round on the phone of 监票人, with the own card."""
    teller = meet(hall["site"])
    teller.open(hall["cards"][1])
    teller.press("进入")
    teller.open(f"/teller/rounds/{hall['round']}")
    return teller


def agree(teller: Person, *words: str) -> None:
    """Wait until the page shows by itself what the desk asks; look at it and agree."""
    expect(teller.page.locator(".consent > summary")).to_be_visible(timeout=20_000)
    teller.reads(*words)
    teller.press("同意", within=".consent")
    teller.reads("已同意")


def scan(clerk: Person, text: str) -> None:
    """Type as a USB scanner does: wherever the focus is, with Enter at the end."""
    clerk.page.keyboard.type(text)
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Enter")


def who_is_open(clerk: Person, name: str) -> None:
    expect(clerk.page.locator(".deputy h2")).to_have_text(name, timeout=20_000)


def test_card_lost_in_mid_vote_is_reissued_when_a_teller_agrees(meet, hall, world, tmp_path):
    clerk, teller = at_the_desk(meet, hall), teller_waits(meet, hall)
    old = meet(hall["site"])
    old.open(hall["cards"][2])
    old.press("进入")
    old.open(f"/vote/{hall['round']}")
    choose(old, {1, 3})

    clerk.fill(q="003")
    clerk.press("查找")
    who_is_open(clerk, "示例代表003")
    clerk.page.fill("#card-reason", "遗失")
    clerk.press("作废并补发")
    clerk.reads("等待监票人在手机上同意")
    assert old.open(f"/vote/{hall['round']}") == 200, "until a teller agrees nothing is void"
    choose(old, {1, 3})
    with clerk.page.expect_download() as coming:  # the page goes on and prints by itself
        agree(teller, "补发凭证", "示例代表003（证号 003）", "原因 遗失")
    printed = tmp_path / "card.pdf"
    coming.value.save_as(printed)
    clerk.reads("示例代表003的原凭证已作废，立即生效")
    clerk.page.reload()  # prints nothing a second time
    assert "print=" not in clerk.page.url

    # whoever has the old card is out at once, ballot in hand or not
    old.press("核对选票")
    assert "请重新扫描凭证" in old.words
    assert old.open(hall["cards"][2]) == 410
    old.reads("已经作废")
    with world.work():
        assert db.session.query(Ballot).count() == 0

    (address,) = decode(pdf_pages(printed.read_bytes(), tmp_path, dpi=150)[0], tmp_path)
    assert address != hall["cards"][2]
    new = meet(hall["site"])
    new.open(address)
    new.press("进入")
    new.open(f"/vote/{hall['round']}")
    choose(new, {2, 4})
    new.press("核对选票")
    new.press("提交选票")
    code = receipt(new)
    with world.work():
        ballot = db.session.query(Ballot).one()
        assert (ballot.code, ballot.marks) == (code, {"2": "for", "4": "for"})
        assert [row.deputy_id for row in db.session.query(Turnout)] == [hall["people"][2]]
        assert db.session.query(Card).filter(Card.deputy_id == hall["people"][2]).count() == 2

    # at the desk the lost card, found again, says what it is
    clerk.open(hall["desk"])
    scan(clerk, hall["cards"][2])
    who_is_open(clerk, "示例代表003")
    clerk.reads("扫到的凭证已经作废（遗失），不能使用。持证人：示例代表003。")


def test_a_phone_without_a_card_comes_late_and_votes(meet, hall, world):
    phone = meet(hall["site"], java_script_enabled=False)
    phone.open(hall["hall"])
    phone.press("到服务台配对")
    code = phone.page.locator(".code").inner_text()
    assert re.fullmatch(r"\d{3} \d{3}", code)

    clerk, teller = at_the_desk(meet, hall), teller_waits(meet, hall)
    scan(clerk, "006")
    who_is_open(clerk, "示例代表006")
    clerk.press("补签", within=".deputy")
    clerk.reads("已签到", "有表决权（补签，经办：")
    clerk.page.fill("#code", "000000" if code != "000 000" else "111111")
    assert clerk.press("核对本人并确认") == 422
    clerk.reads("没有这个配对码")
    clerk.page.fill("#code", code)
    assert clerk.press("核对本人并确认") == 200
    agree(teller, "手机配对", "示例代表006（证号 006）", f"配对码 {code}")
    clerk.reads("已确认，请示例代表006代表在手机上点击“进入”")

    expect(
        phone.page.get_by_text("示例代表006 代表")
    ).to_be_visible()  # it asks by itself, without script too
    phone.press("进入")
    phone.reads("示例代表006 代表，您好", "已签到")
    phone.open(f"/vote/{hall['round']}")
    choose(phone, {1})
    phone.press("核对选票")
    phone.press("提交选票")
    receipt(phone)
    phone.open(f"{hall['hall']}/pair")
    phone.reads("还没有配对码")
    with world.work():
        assert [row.deputy_id for row in db.session.query(Turnout)] == [hall["people"][5]]


def film(folder: Path, *pictures: bytes) -> Path:
    """Motion JPEG: what stands before the fake camera, again and again."""
    path = folder / "camera.mjpeg"
    path.write_bytes(b"".join(pictures))
    return path


def test_a_card_before_the_camera_opens_its_holder_once(browser_type: BrowserType, hall, world, tmp_path):
    frame = shot(hall["cards"][5], size=(640, 480), side=300, turn=8, quality=90)
    arguments = plumbing.chromium_launch_args()
    arguments["args"] = [
        *arguments["args"],
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film(tmp_path, *[frame] * 10)}",
    ]
    browser = browser_type.launch(**arguments)
    clerk = Person(browser, hall["site"], {**DESK, "permissions": ["camera"]})
    clerk.sign_in("office.county", PASSWORD)
    clerk.open(hall["desk"])
    clerk.page.get_by_role("button", name="用摄像头扫码").click()
    who_is_open(clerk, "示例代表006")
    assert hall["cards"][5].rpartition("/")[2] not in clerk.page.url
    # the camera goes on by itself, and the same card does not open the page again and again
    expect(clerk.page.locator("#camera [role=status]")).to_have_text("请把凭证上的二维码对准镜头。")
    loads: list[str] = []
    clerk.page.on("load", lambda page: loads.append(page.url))
    clerk.page.wait_for_timeout(2500)
    assert loads == []
    clerk.press("补签", within=".deputy")
    clerk.page.get_by_role("button", name="关闭摄像头").click()
    expect(clerk.page.locator("#camera")).to_be_hidden()
    assert clerk.complaints == []
    clerk.leave()
    browser.close()
    with world.work():
        assert db.session.query(Attendance).filter(Attendance.deputy_id == hall["people"][5]).count() == 1


def test_without_a_camera_the_desk_says_what_to_do_and_a_photo_will_do(meet, hall, tmp_path):
    clerk = at_the_desk(meet, hall)
    clerk.page.get_by_role("button", name="用摄像头扫码").click()
    expect(clerk.page.locator("#camera [role=status]")).to_contain_text("请用“选择照片”")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(shot(hall["cards"][3], size=(1600, 1200), side=500))
    clerk.page.locator("summary", has_text="选择照片").click()
    with clerk.page.expect_navigation():
        clerk.fill(picture=str(photo))
    who_is_open(clerk, "示例代表004")

"""Tellers set, confirm and use their signing secrets: with a phone's key, and with a passphrase where there is no HTTPS."""

import json
import subprocess
import sys
import zipfile
from contextlib import contextmanager

import pytest

from tests import factories
from tests.journeys.halls import BY, NOW, TODAY
from tests.journeys.people import PHONE, Person
from tests.journeys.tellers import PHRASE, confirm_code, set_secret
from tests.journeys.tls import HOST, make_authority
from tests.plumbing import ROOT, chromium_launch_args, serve
from tests.signing import SCAN
from votes.cli import archive
from votes.db import db
from votes.models import TellerSecret
from votes.rules.errors import RuleBroken
from votes.services.meeting import openings, rounds, sessions, signing_secrets
from votes.services.voting import closing

pytestmark = pytest.mark.journey

RULE = {"seats": 2, "publish": "names+votes", "disclosure": "ballots", "small_body": 0}


def bare_hall(make_hall):
    """Make a hall whose two tellers have no secret, with a round that waits for them."""
    hall = make_hall(8)
    with hall.world.work():
        db.session.query(TellerSecret).delete()
        listed = [p.id for p in factories.make_listed(4, year=TODAY.year + 1)]
    return hall, hall.round("示例票决", listed, rule=RULE, at_once=False)


def vote_and_close(hall, round_id):
    with hall.world.work():
        signing_secrets.keep_list(sessions.get(hall.session), SCAN, by=BY, now=NOW)
        openings.open_round(rounds.get_round(round_id), by=BY, now=NOW)
    hall.vote(round_id, [{1: "for", 2: "for"}] * 8)
    with hall.world.work():
        closing.close(rounds.get_round(round_id), by=BY, now=NOW)


def recounted(hall, round_id, folder, change=lambda record: None):
    with hall.world.work():
        record = json.loads(json.dumps(rounds.get_round(round_id).record))
    change(record)
    path = folder / "record.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "static/recount.py"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout


def open_archive(app, phones, round_id, folder):
    """Let both tellers fetch their shares on the own phones, and open the archive that 总监票人 downloads."""
    phones[0].open(f"/teller/rounds/{round_id}")
    file = phones[0].download("下载封存档案", folder)
    shares = []
    for phone in phones:
        phone.open(f"/teller/rounds/{round_id}")
        passphrase = phone.page.locator("form:has(button:text('领取我的封存密钥')) [name=passphrase]")
        if passphrase.count():
            passphrase.fill(PHRASE)
        assert phone.press("领取我的封存密钥") == 200
        phone.reads("这些词只显示这一次")
        shares.append(" ".join(phone.page.locator(".words li").all_inner_texts()))
        phone.follow("已经抄好，返回")
        phone.reads("领取密钥，系统中不再保存")
        assert not phone.page.get_by_role("button", name="领取我的封存密钥").count()
    ran = app.test_cli_runner().invoke(archive, ["open", str(file)], input="\n".join(shares) + "\n")
    assert (ran.exit_code, "已打开" in ran.output) == (0, True), ran.output
    return file.with_suffix("")


@contextmanager
def over_https(app, playwright, folder):
    """Serve the site over HTTPS with a certificate of one's own; yield a phone that trusts it, as often as asked."""
    authority = make_authority(folder)
    options = chromium_launch_args()
    browser = playwright.chromium.launch(**{**options, "args": [*options["args"], *authority.chromium]})
    with serve(app, authority.server) as site:
        yield site.replace("127.0.0.1", HOST), lambda url: Person(browser, url, PHONE)
    browser.close()


def test_tellers_sign_with_the_keys_of_their_phones_over_https(make_hall, app, tmp_path, playwright):
    hall, round_id = bare_hall(make_hall)
    with over_https(app, playwright, tmp_path) as (site, phone_at):
        sign_with_keys(hall, round_id, tmp_path, [phone_at(site) for _ in range(3)], site)


def sign_with_keys(hall, round_id, tmp_path, phones, site):
    chief, teller, thief = phones
    hall.cards[:] = [card.replace(hall.site, site) for card in hall.cards]
    for phone, number in ((chief, 0), (teller, 1)):
        phone.open(hall.cards[number])
        phone.press("进入")
        assert phone.page.evaluate("isSecureContext")
    codes = [set_secret(chief, hall.session), set_secret(teller, hall.session)]
    assert confirm_code(chief, hall.session, "示例代表002", "ABCDEFGHJK") == 422
    chief.reads("短码不符")
    assert confirm_code(chief, hall.session, "示例代表002", codes[1]) == 200
    assert confirm_code(teller, hall.session, "示例代表001", codes[0].lower()) == 200
    vote_and_close(hall, round_id)

    thief.open(hall.cards[0])
    thief.press("进入")
    thief.open(f"/teller/sessions/{hall.session}/secret")
    thief.reads("登记的密钥不在这部手机上")
    thief.open(f"/teller/rounds/{round_id}")
    thief.page.get_by_role("button", name="签字确认").click()
    thief.page.get_by_text("这部手机上没有您的签字密钥").wait_for()
    chief.open("/teller/")
    chief.reads("已在另一部手机上使用")
    chief.open(hall.cards[0])
    chief.press("进入")

    for phone in (chief, teller):
        phone.open(f"/teller/rounds/{round_id}")
        assert phone.press("签字确认") == 200
        phone.reads("签字回执")
    teller.reads("有效 8 票")
    code, report = recounted(hall, round_id, tmp_path)
    assert (code, report.count("请与监票人手签名单对照")) == (0, 2)

    def change(record):
        first = record["signatures"][0]
        first["signature"] = first["signature"][:-1] + ("0" if first["signature"][-1] != "0" else "1")

    code, report = recounted(hall, round_id, tmp_path, change)
    assert (code, "结论：不一致（1 处）" in report) == (1, True)
    with zipfile.ZipFile(open_archive(hall.world.app, [chief, teller], round_id, tmp_path)) as opened:
        assert "票决记录-完整.json" in opened.namelist()
    assert [phone.complaints for phone in phones] == [[], [], []]


def test_tellers_sign_with_passphrases_without_https(make_hall, tmp_path, playwright):
    hall, round_id = bare_hall(make_hall)
    options = chromium_launch_args()
    rules = ["--host-resolver-rules=MAP hall.example 127.0.0.1"]
    browser = playwright.chromium.launch(**{**options, "args": [*options.get("args", []), *rules]})
    site = hall.site.replace("127.0.0.1", "hall.example")
    phones = [Person(browser, site, PHONE) for _ in range(3)]

    def come_in(phone, number):
        phone.open(hall.cards[number].replace("127.0.0.1", "hall.example"))
        phone.press("进入")

    chief, teller, thief = phones
    come_in(chief, 0)
    come_in(teller, 1)
    codes = [set_secret(phone, hall.session, passphrase=PHRASE) for phone in (chief, teller)]
    assert (
        confirm_code(chief, hall.session, "示例代表002", codes[1], passphrase="另一句话，不是这一句") == 422
    )
    assert confirm_code(chief, hall.session, "示例代表002", codes[1], passphrase=PHRASE) == 200
    assert confirm_code(teller, hall.session, "示例代表001", codes[0], passphrase=PHRASE) == 200
    vote_and_close(hall, round_id)
    come_in(thief, 0)
    thief.open(f"/teller/rounds/{round_id}")
    thief.page.locator("[name=passphrase]").fill("猜一猜这句口令是什么")
    assert thief.press("签字确认") == 422
    thief.reads("签字口令不正确")
    come_in(chief, 0)
    for phone in (chief, teller):
        phone.open(f"/teller/rounds/{round_id}")
        phone.page.locator("[name=passphrase]").fill(PHRASE)
        assert phone.press("签字确认") == 200
        phone.reads("签字回执", "口令签字，第三方无法验证")
    code, report = recounted(hall, round_id, tmp_path)
    assert (code, report.count("口令签字，第三方无法验证")) == (0, 2)
    open_archive(hall.world.app, [chief, teller], round_id, tmp_path)
    browser.close()


@pytest.mark.parametrize("https", [True, False])
def test_copied_card_that_enters_first_signs_nothing(make_hall, playwright, https):
    """The thief sets a secret before 总监票人 comes: it is never confirmed, and so the box is never opened.

    127.0.0.1 is to a browser what HTTPS is: the phone makes a key. Under another name there are passphrases only.
    """
    hall, round_id = bare_hall(make_hall)
    options, name = chromium_launch_args(), "127.0.0.1" if https else "hall.example"
    rules = ["--host-resolver-rules=MAP hall.example 127.0.0.1"]
    browser = playwright.chromium.launch(**{**options, "args": [*options.get("args", []), *rules]})
    thief, chief, teller = (Person(browser, hall.site.replace("127.0.0.1", name), PHONE) for _ in range(3))

    def come_in(phone, number):
        phone.open(hall.cards[number].replace("127.0.0.1", name))
        phone.press("进入")

    phrase = "" if https else PHRASE
    come_in(thief, 0)
    set_secret(thief, hall.session, passphrase=phrase)
    come_in(chief, 0)
    assert thief.open("/teller/") == 401
    come_in(teller, 1)
    set_secret(teller, hall.session, passphrase=phrase)
    chief.open(f"/teller/sessions/{hall.session}/secret")
    chief.reads("如不是您本人设定的，请立即告诉其他监票人和人大办")
    if https:
        chief.reads("登记的密钥不在这部手机上")
    with hall.world.work():
        signing_secrets.keep_list(sessions.get(hall.session), SCAN, by=BY, now=NOW)
        with pytest.raises(RuleBroken, match="签字密钥还没有备齐"):
            openings.open_round(rounds.get_round(round_id), by=BY, now=NOW)
    browser.close()

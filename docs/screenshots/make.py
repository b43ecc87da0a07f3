"""Make the pictures of this folder anew: `python docs/screenshots/make.py`, from the root of the repository.

Loads the demo year at two stages into temporary folders, serves it, and takes a picture of each layout at the sizes
it is made for. Papers beside phones are in no demo: a session with them is made here, through the services. Needs what `make test` installs (Chromium, poppler-utils).
"""

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import plumbing
from tests.signing import ready, sign as sign_count
from votes import create_app, demo, migrations
from votes.clock import now
from votes.db import EVERY_BODY, db
from votes.demo.year import UNTIL
from votes.models import Deputy, User
from votes.rules.codes import new_code
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, Role, TellerRole
from votes.services import audit
from votes.services.meeting import checkin, openings, rounds, sessions, tellers
from votes.services.people import bodies
from votes.services.voting import ballot_boxes, ballots, box_contents, closing, keying, paper_ballots

PHONE, PHONE_SMALL = (390, 844), (360, 640)
OFFICE, OFFICE_LARGE = (1366, 768), (1920, 1080)
WORDS = ("satisfied", "basically", "dissatisfied")
SCREEN, SCREEN_WIDE = (1920, 1080), (3840, 1080)


@contextmanager
def served(stage: demo.Stage, more: Callable[[Flask], dict] | None = None):
    """Serve the demo at ``stage``; yield its URL, what the demo printed, and what ``more`` has added."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"INSTANCE_PATH": folder, "PORT": plumbing.free_port()}
        first = create_app(settings)
        database = first.extensions["votes.database"]
        migrations.upgrade(database)
        with first.app_context(), database.work():
            told = demo.load(
                stage, key=first.config["SECRET_KEY"], public_url=first.config["PUBLIC_URL"], now=now()
            ).to_dict()
        database.dispose()
        second = create_app(settings)  # made anew: it reads the demo's time at its start
        told |= more(second) if more else {}
        with plumbing.serve(second) as address:
            yield address, told


def keep(picture: bytes, name: str) -> None:
    """Write a PNG with few colours: these pages have few, and the repository stays small."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    if image.width > 2000:
        image = image.resize((1920, image.height * 1920 // image.width))
    image.quantize(160, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)
    print(name)


def page(browser: Browser, size: tuple[int, int]) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    context.set_default_timeout(180_000)  # a busy machine draws a paper for a while
    return context.new_page()


def signed_in(browser: Browser, address: str, told: dict, role: str, size: tuple[int, int]) -> Page:
    login = next(each for each in told["logins"] if each["role"] == role)
    opened = page(browser, size)
    opened.goto(f"{address}/sign-in")
    opened.fill("#username", login["username"])
    opened.fill("#password", login["password"])
    opened.click("main button")
    opened.wait_for_load_state("networkidle")
    return opened


def shoot(opened: Page, url: str, name: str) -> None:
    opened.goto(url, wait_until="networkidle")
    shown(opened)
    keep(opened.screenshot(), name)


def shown(opened: Page) -> None:
    """Wait for the pictures in view: they are fetched when they come into view, and a busy machine takes its time."""
    opened.wait_for_function(
        "() => [...document.images].every(i => i.complete || i.getBoundingClientRect().top > innerHeight)"
    )


def print_page(opened: Page, url: str, name: str) -> None:
    """Draw the first page of a PDF as a picture."""
    keep_first(opened.request.get(url, timeout=180_000).body(), name)


def print_cards(office: Page, session: str) -> None:
    """Reissue the last eight cards, which nobody in these pictures uses, and draw the sheet as a picture."""
    office.goto(f"{session}/cards")
    office.click("text=作废并补发多张")
    for box in office.locator("input[name=cards]").all()[-8:]:
        box.check()
    office.fill("#reason", "卡纸")
    office.click("text=补发下表选中的")
    with office.expect_download(timeout=180_000) as coming:
        office.click("text=打印全部（PDF）")
    keep_first(coming.value.path().read_bytes(), "print-cards")


def keep_first(pdf: bytes, name: str) -> None:
    """Keep the first page of a PDF as a picture."""
    picture = subprocess.run(
        ["pdftoppm", "-r", "60", "-f", "1", "-l", "1", "-png", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    ).stdout
    keep(picture, name)


def screen_of(office: Page, meeting: str) -> str:
    """Return the URL of the hall's first screen, from the office's page of its screens."""
    office.goto(f"{meeting}/screens")
    return office.locator("main .address a").first.inner_text()


def on_the_day(browser: Browser, address: str, told: dict) -> None:
    card = told["deputies"][6]["qr_url"].rpartition("/c/")[2]
    phone = page(browser, PHONE)
    phone.goto(f"{address}/c/{card}")
    keep(phone.screenshot(), "phone-card")
    phone.click("text=进入")
    phone.goto(f"{address}/vote/{told['round_id']}")
    for number in (1, 2, 4):
        phone.locator(f'input[name="m{number}"]').check(force=True)
    phone.evaluate("scrollTo(0, 0)")
    keep(phone.screenshot(), "phone-ballot")
    phone.set_viewport_size({"width": PHONE_SMALL[0], "height": PHONE_SMALL[1]})
    phone.click("#elder")
    phone.evaluate("scrollTo(0, 260)")
    keep(phone.screenshot(), "phone-ballot-elder")
    phone.click("#elder")
    phone.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    phone.click("text=核对选票")
    keep(phone.screenshot(), "phone-review")
    phone.click("#cast button")
    phone.wait_for_selector("text=已收到")
    keep(phone.screenshot(), "phone-received")
    office = signed_in(browser, address, told, "office", OFFICE)
    shoot(office, f"{address}/office/rounds/{told['round_id']}", "office-voting")
    meeting = office.locator("nav.crumbs a").last.get_attribute("href") or ""
    shoot(office, f"{address}{meeting}/desk", "office-desk")
    screen = screen_of(office, f"{address}{meeting}")
    print_cards(office, f"{address}{meeting}")
    shoot(office, f"{address}{meeting}/screens", "office-screens")
    teller = signed_in(browser, address, told, "chief_teller", PHONE)
    shoot(teller, f"{address}/teller/rounds/{told['round_id']}", "phone-teller")
    lent = page(browser, PHONE)
    lent.goto(screen)
    (hall_url,) = re.findall(r"/h/[\w-]+", json.dumps(lent.request.get(f"{screen}/state.json").json()))
    lent.goto(f"{address}{hall_url}/pair")
    lent.click("text=获取配对码")
    lent.wait_for_selector(".code")
    keep(lent.screenshot(), "phone-pairing")
    for size, name in ((SCREEN, "screen-voting"), (SCREEN_WIDE, "screen-voting-wide")):
        shoot(page(browser, size), screen, name)


def papers_and_proof(browser: Browser, office: Page, address: str, round_page: str, told: dict) -> None:
    """Take the documents of the day (one page each), the page that verifies, and the receipt on a phone."""
    for name in ("method", "sample", "script", "signing_in", "attendance", "report", "slips"):
        print_page(office, f"{round_page}/papers/{name}.pdf", f"print-{name.replace('_', '-')}")
    shoot(office, f"{round_page}/papers", "office-papers")
    shoot(office, f"{round_page}/proof", "office-proof")
    record = office.request.get(told["record_url"].replace(told["base_url"], address)).json()
    phone = page(browser, PHONE)
    phone.goto(told["record_url"].replace(told["base_url"], address).replace("record.json", "receipt"))
    phone.fill("#code", record["ballots"][0]["code"])
    phone.click("form:has(#code) button")
    keep(phone.screenshot(), "phone-receipt")


def in_the_year(browser: Browser, address: str, told: dict) -> None:
    office = signed_in(browser, address, told, "office", OFFICE)
    shoot(office, f"{address}/office/", "office-dashboard")
    round_page = f"{address}/office/rounds/{told['round_id']}"
    shoot(office, round_page, "office-round")
    print_page(office, f"{round_page}/sheet.pdf", "print-sheet")
    print_page(office, f"{round_page}/announcement.pdf", "print-announcement")
    papers_and_proof(browser, office, address, round_page, told)
    office.goto(round_page)
    meeting = office.locator("nav.crumbs a").last.get_attribute("href") or ""
    screen = screen_of(office, f"{address}{meeting}")
    for size, name in ((SCREEN, "screen-result"), (SCREEN_WIDE, "screen-result-wide")):
        shoot(page(browser, size), screen, name)
    large = signed_in(browser, address, told, "government", OFFICE_LARGE)
    shoot(large, f"{address}/office/progress/", "office-progress")
    shoot(large, f"{address}/office/projects/", "office-projects")
    for size, suffix in ((OFFICE, ""), (PHONE, "-phone")):
        citizen = page(browser, size)
        shoot(citizen, f"{address}/", f"public-index{suffix}")
        citizen.click("main a:has-text('农村公路')")
        citizen.wait_for_load_state("networkidle")
        shown(citizen)
        keep(citizen.screenshot(), f"public-project{suffix}")


def the_clerks() -> list[Actor]:
    """Return the two accounts that key papers."""
    names = db.session.query(User.name, User.id).filter(User.username.in_(("office", "teller2")))
    return [Actor(name=name, user_id=id_, roles=frozenset({Role.OFFICE})) for name, id_ in names]


def with_papers(app: Flask) -> dict:
    """Make a signed rating by 120 phones and 30 papers, and another whose papers are being keyed.

    Return their ids: {"papers", "keying"}.
    """
    database, at, lot = app.extensions["votes.database"], UNTIL[demo.Stage.MIDYEAR], random.Random(7)
    with app.app_context(), database.work(scope=EVERY_BODY):
        county = bodies.by_code("shili")
        assert county is not None
        scope = county.id
    by = {"by": audit.SYSTEM, "now": at}
    work = partial(database.work, scope=scope)

    with app.app_context():
        with work():
            people = (
                db.session.query(Deputy).filter(Deputy.state == DeputyState.ACTIVE).order_by(Deputy.number)
            )
            deputies = [deputy.id for deputy in people][:150]
            meeting = sessions.create_session(
                title="第十八届人民代表大会第六次会议", year=2028, starts_on=at.date(), ends_on=at.date(),
                place="示例会堂", **by,
            )  # fmt: skip
            sessions.move(meeting, "start", **by)
            for deputy_id, role in zip(deputies, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
                tellers.name_teller(meeting, deputy_id, role, **by)
            ready(meeting, at)
            checkin.check_in_all(meeting, deputies, **by)
            watchers = [Actor(name=t.deputy.name, deputy_id=t.deputy_id) for t in meeting.tellers]
            rated, meeting_id = [p.id for p in rounds.rateable_projects(2028)], meeting.id
            clerks = the_clerks()

        def grades() -> list[int]:
            return lot.choices((1, 2, 3), weights=(80, 17, 3), k=len(rated))

        def a_round(title: str, colour: str) -> int:
            with work():
                rule = Rule(method="rating", seats=0, paper="keyed", publish="names+votes")
                round_ = rounds.create_round(
                    sessions.get(meeting_id), title=title, rule=rule, project_ids=rated, colour=colour, **by
                )
                paper_ballots.print_stack(round_, 40, **by)
                openings.zero_check(round_, by=watchers[0], now=at)
                openings.open_round(round_, **by)
                round_id = round_.id
            with work():
                for deputy_id in deputies[:120]:
                    marks = dict(enumerate((WORDS[grade - 1] for grade in grades()), start=1))
                    ballots.cast(round_id, deputy_id, code=new_code(), marks=marks, now=at)
                for deputy_id in deputies[120:]:
                    paper_ballots.hand_out(rounds.get_round(round_id), deputy_id, **by)
            with work():
                closing.close(rounds.get_round(round_id), **by)
            return round_id

        def key(round_id: int, first: int, second: int) -> int:
            """Add a box of thirty papers, of which some are read the first and some the second time."""
            with work():
                box = ballot_boxes.add_box(rounds.get_round(round_id), place="主会场", papers=30, **by)
                box_id = box.id
            lines = [" ".join(map(str, grades())) for _ in range(30)]
            for clerk, papers in zip(clerks, (first, second), strict=True):
                with work():
                    for place, line in enumerate(lines[:papers], start=1):
                        keying.enter(box_contents.get_box(box_id), line, place, by=clerk, now=at)
            return box_id

        done = a_round("2027年民生实事项目满意度测评", "pink")
        key(done, 30, 30)
        with work():
            closing.resume_count(rounds.get_round(done), **by)
        for teller in watchers:
            with work():
                sign_count(rounds.get_round(done), by=teller, now=at)
        open_one = a_round("2027年民生实事项目年中测评", "yellow")
        return {"papers": done, "keying": open_one, "box": key(open_one, 12, 0)}


def by_hand(browser: Browser, address: str, told: dict) -> None:
    """Take what a round with papers prints and shows."""
    office = signed_in(browser, address, told, "office", OFFICE)
    round_page = f"{address}/office/rounds/{told['papers']}"
    office.goto(f"{round_page}/paper")
    blank = office.get_by_role("link", name="打印 A4", exact=True).first.get_attribute("href") or ""
    print_page(office, f"{address}{blank}", "print-ballot")
    print_page(office, f"{round_page}/sheet.pdf", "print-sheet-paper")
    print_page(office, f"{round_page}/papers/sample.pdf", "print-sample-rating")
    print_page(office, f"{round_page}/papers/report.pdf", "print-report-rating")
    shoot(office, round_page, "office-rating")
    shoot(office, f"{address}/office/rounds/{told['keying']}/paper", "office-paper")
    office.get_by_role("link", name="录入", exact=True).first.click()
    office.wait_for_load_state("networkidle")
    keep(office.screenshot(), "office-keying")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**plumbing.chromium_launch_args())
        with served(demo.Stage.VOTING) as (address, told):
            on_the_day(browser, address, told)
        with served(demo.Stage.MIDYEAR) as (address, told):
            in_the_year(browser, address, told)
        with served(demo.Stage.MIDYEAR, with_papers) as (address, told):
            by_hand(browser, address, told)
        browser.close()
    print(json.dumps({"bytes": sum(p.stat().st_size for p in HERE.glob("*.png"))}))


if __name__ == "__main__":
    main()

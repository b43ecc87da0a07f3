"""A rehearsal from the empty box to the announcement, which leaves nothing in the real record.

Meanwhile two screens in the hall show different things, as the office asks.
"""

import re
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from tests import factories, plumbing
from tests.factories import PASSWORD
from tests.journeys.halls import BY, NOW, TODAY
from tests.journeys.people import DESK, HALL, Person
from votes.db import db
from votes.models import (
    Announcement,
    Attendance,
    Candidate,
    Deputy,
    Project,
    RollEntry,
    Round,
    Signature,
    Tracking,
    Turnout,
    table_of,
)
from votes.rules.meeting.rule import Rule
from votes.rules.people.roles import DeputyState, TellerRole
from votes.services.meeting import cards, checkin, rounds, sessions, tellers
from votes.services.voting import results

pytestmark = pytest.mark.journey
DEPUTIES = 24
#: What belongs to a round; of each only the rows of real rounds are the real record.
OF_ROUNDS = (Candidate, RollEntry, Turnout, Signature, Announcement)
WHOLE = (Project, Tracking, Attendance)
PUBLIC = ("/p/shili/", "/p/shili/announcements", "/p/shili/data/projects.json")


def real_record(world, browser):
    """Return every row of real rounds, and what the public may see."""
    with world.work() as session:
        drills = set(session.scalars(select(Round.id).where(Round.rehearsal)))
        kept = {}
        for model in (Round, *OF_ROUNDS, *WHOLE):
            table = table_of(model)
            key = {"rounds": "id", **dict.fromkeys((table_of(m).name for m in OF_ROUNDS), "round_id")}.get(
                table.name
            )
            rows = [
                row for row in session.execute(select(table)).mappings() if not key or row[key] not in drills
            ]
            kept[table.name] = sorted(repr(dict(row)) for row in rows)
        kept["next announcement"] = results.next_number(sessions.all_sessions()[0])
    for url in PUBLIC:
        browser.open(url)
        kept[url] = re.sub(r'(nonce|value)="[^"]*"', "", browser.page.content())
    return kept


@dataclass
class Drill:
    """The site in rehearsal: its session, the URLs on the cards of two tellers, and who looks at what."""

    session: int
    screen_key: str
    cards: list[str]
    office: Person
    main: Person
    side: Person
    round: str = ""

    def open_round(self) -> None:
        """Open the page of the rehearsal for the office."""
        self.office.open(f"/office/rounds/{self.round}")


def plan_session(app, world, site):
    """Plan a session with cards, tellers, one deputy on leave and a real round; return its ids and two cards."""
    with world.work():
        for other in db.session.query(Deputy):
            other.state = DeputyState.ENDED
        people = [d.id for d in factories.make_deputies(DEPUTIES, world.delegations["county"])]
        listed = [p.id for p in factories.make_listed(12, year=TODAY.year + 1)]
        meeting = sessions.create_session(
            title="第五次会议", year=TODAY.year + 1, starts_on=TODAY, ends_on=TODAY, place="示例会堂", by=BY, now=NOW
        )  # fmt: skip
        for deputy_id, role in zip(people, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
            tellers.name_teller(meeting, deputy_id, role, by=BY, now=NOW)
        key = str(app.config["SECRET_KEY"])
        cards.issue_missing(meeting, key=key, by=BY, now=NOW)
        urls = {card.deputy_id: cards.url(card, key, site) for card in cards.active(meeting)}
        checkin.record_leave(meeting, people[-1], "住院", by=BY, now=NOW)
        rule = Rule(seats=10, small_body=0)
        rounds.create_round(meeting, title="正式票决", rule=rule, project_ids=listed, by=BY, now=NOW)
        return meeting.id, meeting.screen_key, [urls[people[0]], urls[people[1]]]


def test_a_rehearsal_leaves_no_trace_and_two_screens_show_different_things(app, world, meet, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with plumbing.serve(app) as site:
        monkeypatch.setitem(app.config, "PUBLIC_URL", site)
        planned = plan_session(app, world, site)
        public = meet(site, DESK)
        before = real_record(world, public)

        drill = Drill(*planned, meet(site, DESK), meet(site, HALL), meet(site, HALL))
        start_drill(drill)
        add_screen(drill)
        chief, teller = meet(site), meet(site)
        check_in(drill, chief, teller)
        vote_at_random(drill, chief)
        sign_and_announce(drill, chief, teller)
        begin_the_real_session(drill, chief)
        assert real_record(world, public) == before


def start_drill(drill: Drill) -> None:
    """Create the rehearsal."""
    office = drill.office
    office.sign_in("office.county", PASSWORD)
    office.open(f"/office/sessions/{drill.session}/rounds/new")
    office.fill(title="上午的演练", rehearsal=True, seats=10, majority="相对多数")
    office.press("保存")
    office.reads("演练：以下一切内容均不是正式票决")
    drill.round = office.page.url.rpartition("/")[2]


def add_screen(drill: Drill) -> None:
    """Add a screen beside the first; both show the check-in."""
    office = drill.office
    office.open(f"/office/sessions/{drill.session}/screens")
    office.page.locator("form:not([action]) input[name=name]").fill("侧屏")
    office.press("添加")
    side_url = office.page.locator(".screens .address a").nth(1).get_attribute("href")
    drill.main.open(f"/screen/{drill.screen_key}")
    drill.side.open(side_url or "")
    for screen in (drill.main, drill.side):
        screen.reads("签到码", "演练")


def check_in(drill: Drill, chief: Person, teller: Person) -> None:
    """Check in: the chief teller by phone, all others by the button of the office."""
    chief.open(drill.cards[0])
    chief.press("进入")
    chief.reads("演练", "现在的签到和投票都只是演练")
    chief.fill(code=drill.main.page.locator("[data-key=hall_code]").inner_text())
    chief.press("签到")
    chief.reads("已签到")
    teller.open(drill.cards[1])
    teller.press("进入")
    drill.open_round()
    drill.office.fill(number=22)
    drill.office.press("签到")
    drill.office.reads("22 位演练代表已签到")


def vote_at_random(drill: Drill, chief: Person) -> None:
    """Open the box and vote by the button, while the side screen stays with the check-in."""
    office, main, side = drill.office, drill.main, drill.side
    chief.open(f"/teller/rounds/{drill.round}")
    chief.press("确认票箱为空")
    drill.open_round()
    office.confirm("开启投票")
    for screen in (main, side):
        screen.sees(".now", "投票进行中")
    office.open(f"/office/sessions/{drill.session}/screens")
    card = office.page.locator(".screens section").nth(1)
    card.locator("select").select_option("sign_in")
    office.press("切换", within=".screens section:nth-of-type(2)")
    side.sees(".code-label", "签到码（每分钟更换）")

    drill.open_round()
    office.fill(number=15)
    office.press("随机投票")
    office.reads("15 位演练代表已随机投票")
    main.sees("[data-key^='returned-']", "15")
    assert "已投" not in side.words, "the other screen stays with signing in"
    office.fill(number=8)
    office.press("随机投票")


def sign_and_announce(drill: Drill, chief: Person, teller: Person) -> None:
    """Close the box, sign, and publish the announcement of the rehearsal."""
    drill.office.confirm("关闭票箱")
    drill.main.sees(".now", "计票完毕，等待签字确认")
    for person in (teller, chief):
        person.open(f"/teller/rounds/{drill.round}")
        person.press("签字确认")
    chief.reads("签字回执", "有效 23 票")
    drill.main.page.locator(".result li").nth(11).wait_for()
    drill.main.reads("收回 23", "演练")
    drill.office.open(f"/office/rounds/{drill.round}/announce")
    drill.office.press("发布公告", within="main")


def begin_the_real_session(drill: Drill, chief: Person) -> None:
    """Start the session: the check-ins of the rehearsal are gone, and no page speaks of it."""
    drill.office.open(f"/office/sessions/{drill.session}")
    drill.office.reads("现有的签到只用于演练")
    drill.office.press("开始会议")
    drill.main.sees("[data-key=present]", "0")
    for screen in (drill.main, drill.side):
        screen.reads("签到码")
        assert "演练" not in screen.words
    chief.open("/hall/")
    chief.reads("请先签到")
    assert "演练" not in chief.words

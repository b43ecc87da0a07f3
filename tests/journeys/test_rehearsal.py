"""A rehearsal from the empty box to the announcement, and afterwards the real record as if it had not been; two screens
in the hall that the office lets show different things.
"""

import re

import pytest
from sqlalchemy import select

from tests import factories, plumbing
from tests.factories import PASSWORD
from tests.journeys.halls import BY, NOW, TODAY
from tests.journeys.people import DESK, HALL
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
    """Every row that counts, and what the public may see."""
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


def test_a_rehearsal_leaves_no_trace_and_two_screens_show_different_things(app, world, meet, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with plumbing.serve(app) as site:
        monkeypatch.setitem(app.config, "PUBLIC_URL", site)
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
            scanned = {card.deputy_id: cards.url(card, key, site) for card in cards.active(meeting)}
            checkin.record_leave(meeting, people[-1], "住院", by=BY, now=NOW)
            rounds.create_round(
                meeting,
                title="正式票决",
                rule=Rule(seats=10, small_body=0),
                project_ids=listed,
                by=BY,
                now=NOW,
            )
            session_id, screen_key = meeting.id, meeting.screen_key
        public = meet(site, DESK)
        before = real_record(world, public)

        office = meet(site, DESK)
        office.sign_in("office.county", PASSWORD)
        office.open(f"/office/sessions/{session_id}/rounds/new")
        office.fill(title="上午的演练", rehearsal=True, seats=10, majority="相对多数")
        office.press("保存")
        office.reads("演练：以下一切内容均不是正式票决")
        drill = office.page.url.rpartition("/")[2]

        # another screen beside the first
        office.open(f"/office/sessions/{session_id}/screens")
        office.page.locator("form:not([action]) input[name=name]").fill("侧屏")
        office.press("添加")
        side_url = office.page.locator(".screens .address a").nth(1).get_attribute("href")
        main, side = meet(site, HALL), meet(site, HALL)
        main.open(f"/screen/{screen_key}")
        side.open(side_url or "")
        for screen in (main, side):
            screen.reads("签到码", "演练")

        # sign in: one by their own phone, the rest by the button
        chief = meet(site)
        chief.open(scanned[people[0]])
        chief.press("进入")
        chief.reads("演练", "现在的签到和投票都只是演练")
        chief.fill(code=main.page.locator("[data-key=hall_code]").inner_text())
        chief.press("签到")
        chief.reads("已签到")
        teller = meet(site)
        teller.open(scanned[people[1]])
        teller.press("进入")
        office.open(f"/office/rounds/{drill}")
        office.fill(number=22)
        office.press("签到")
        office.reads("22 位演练代表已签到")

        chief.open(f"/teller/rounds/{drill}")
        chief.press("确认票箱为空")
        office.open(f"/office/rounds/{drill}")
        office.confirm("开启投票")
        for screen in (main, side):
            screen.sees(".now", "投票进行中")
        office.open(f"/office/sessions/{session_id}/screens")
        card = office.page.locator(".screens section").nth(1)
        card.locator("select").select_option("sign_in")
        office.press("切换", within=".screens section:nth-of-type(2)")
        side.sees(".code-label", "签到码（每分钟更换）")

        office.open(f"/office/rounds/{drill}")
        office.fill(number=15)
        office.press("随机投票")
        office.reads("15 位演练代表已随机投票")
        main.sees("[data-key^='returned-']", "15")
        assert "已投" not in side.words, "the other screen stays with signing in"
        office.fill(number=8)
        office.press("随机投票")
        office.confirm("关闭票箱")
        main.sees(".now", "计票完毕，等待签字确认")
        teller.open(f"/teller/rounds/{drill}")
        teller.press("签字确认")
        chief.open(f"/teller/rounds/{drill}")
        chief.press("签字确认")
        chief.reads("签字回执", "有效 23 票")
        main.page.locator(".result li").nth(11).wait_for()
        main.reads("收回 23", "演练")
        office.open(f"/office/rounds/{drill}/announce")
        office.press("发布公告", within="main")

        # the real session begins
        office.open(f"/office/sessions/{session_id}")
        office.reads("现有的签到只用于演练")
        office.press("开始会议")
        main.sees("[data-key=present]", "0")
        for screen in (main, side):
            screen.reads("签到码")
            assert "演练" not in screen.words
        chief.open("/hall/")
        chief.reads("请先签到")
        assert "演练" not in chief.words
        assert real_record(world, public) == before

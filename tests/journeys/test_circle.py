"""大家提、代表决、政府办: from forty suggestions to what became of them, and back to those who made them.

People act in the browser; between their acts the calendar goes on, and what other journeys show step by step (the
review of candidates, the vote itself, routine reports) is done through the services.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select

from tests import factories, plumbing
from tests.factories import PASSWORD
from tests.journeys.people import DESK, Person
from tests.signing import ready, sign as sign_count
from votes import clock
from votes.db import db
from votes.models import Deputy, Matter, Project, Station, Suggestion
from votes.rules.codes import new_code
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.people.roles import DeputyState, TellerRole
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.delivery import announcements, plans, reports, trackings
from votes.services.duties import public_pages
from votes.services.meeting import cards, checkin, openings, rounds, sessions, tellers
from votes.services.people import villages
from votes.services.voting import ballots, closing, results

pytestmark = pytest.mark.journey

BY = audit.SYSTEM
#: What becomes a candidate, and in how many suggestions it was asked for: six are merged out of three each.
TOPICS = [
    (name, 3 if number <= 6 else 1)
    for number, name in enumerate(
        (
            "养老服务中心建设", "农村公路改造", "学校食堂改造", "饮水管网更新", "老旧小区电梯加装", "村卫生室标准化",
            "停车场充电桩", "污水管网延伸", "文化广场修缮", "零工市场开办", "托育园新建", "公厕改造提升",
        ),
        start=1,
    )
]  # fmt: skip
#: The other sixteen come in one workbook; what becomes of them.
OTHERS = ["reserve"] * 5 + ["deputy_proposal"] * 4 + ["declined"] * 5 + ["out_of_scope"] * 2
WORDS = {
    "reserve": "转储备库",
    "deputy_proposal": "转代表建议",
    "declined": "不采纳",
    "out_of_scope": "不属范围",
}


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class Circle:
    """The site, its calendar, and what people have in hand."""

    site: str
    world: Any
    meet: Any
    folder: Path
    span: timedelta = timedelta()
    people: dict[str, Person] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # 查询码 → what was asked for

    def on(self, day: date, hour: int = 9) -> datetime:
        """Turn the calendar to that hour. Nobody is signed in any more: a sign-in lasts half a day."""
        self.span = at(day, hour) - datetime.now(UTC)
        self.people.clear()
        return at(day, hour)

    def __getitem__(self, who: str) -> Person:
        """Somebody of the office, at a PC, signed in."""
        if who not in self.people:
            self.people[who] = self.meet(self.site, DESK)
            self.people[who].sign_in(f"{who}.county", PASSWORD)
        return self.people[who]

    @contextmanager
    def work(self) -> Iterator[Any]:
        with self.world.work() as session:
            yield session


@pytest.fixture
def circle(app, world, meet, tmp_path, monkeypatch) -> Iterator[Circle]:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    made = Circle("", world, meet, tmp_path)

    def on_that_day(environ: Any, start: Any) -> Any:
        clock.ahead.set(made.span)
        return app(environ, start)

    with plumbing.serve(on_that_day) as site:
        made.site = site
        yield made


def suggest(circle: Circle, author: Person, address: str, about: str, words: str, **more: Any) -> None:
    author.open(address)
    author.fill(content=words, **more)
    circle.span += timedelta(seconds=6)  # nobody writes faster than that
    assert author.press("提交建议") == 200, author.words
    circle.codes[author.page.locator(".code").inner_text()] = about
    author.reads("凭它随时可以查看办到了哪一步")


def collect(circle: Circle) -> None:
    """Forty suggestions by four channels: the public page, a station's poster, a deputy's page, a workbook."""
    circle.on(date(2026, 9, 20))
    office = circle["office"]
    office.open("/office/seasons/new")
    office.fill(year=2027, title="2027年民生实事项目征集", opens_on="2026-09-15", closes_on="2026-10-31")
    office.press("保存")
    office.open("/office/seasons/stations")
    office.fill(name="示例镇联络站", place="示例镇文化站")
    office.press("设立", within="main")
    office.open("/office/seasons/villages")
    for name in ("示例一村", "示例二村"):
        office.fill(township="示例镇", name=name)
        office.press("添加")
    with circle.work():
        key = db.session.scalar(select(Station.key))
        deputy = db.session.scalar(select(Deputy).where(Deputy.number == "900"))
        public_pages.open_for([deputy.id], by=BY, now=at(date(2026, 9, 20)))
        page_key = deputy.page_key
        assert len(villages.all_villages()) == 2
    doors = ["/p/shili/suggest", f"/p/shili/suggest/s/{key}", f"/p/shili/suggest/d/{page_key}"]
    phones = [circle.meet(circle.site, java_script_enabled=False) for _ in doors]
    said = [
        "希望把{}这件事早点办好，村里老人小孩都盼着。",
        "建议尽快办{}，大家已经盼了好几年，请列入明年的计划。",
        "请政府办一办{}，群众反映很多，走访时家家都提到。",
    ]
    number = 0
    for name, times in TOPICS:
        for which in range(times):
            more = {"name": f"示例群众{number}", "phone": f"1390000{number:04d}"} if number % 3 == 0 else {}
            suggest(
                circle, phones[number % 3], doors[number % 3], name, said[which].format(name), **more,
                village_id="示例一村" if number % 2 else "示例二村",
            )  # fmt: skip
            number += 1
    assert number == 24
    office.open("/office/suggestions/import")
    template = office.download("下载模板", circle.folder)
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if "建议内容" in [cell.value for cell in row])
    columns = {cell.value: cell.column for cell in head}
    for line, outcome in enumerate(OTHERS):
        row = head[0].row + 1 + line
        sheet.cell(
            row, columns["建议内容"], f"来信反映第{line + 1}件事：另外一处的第{line + 1}类问题，请予考虑。"
        )
        sheet.cell(row, columns["来源渠道"], "信函")
        sheet.cell(row, columns["标题"], f"来信第{line + 1}件（{WORDS[outcome]}）")
    filled = circle.folder / "来信.xlsx"
    book.save(filled)
    office.open("/office/suggestions/import")
    office.fill(year=2027, file=str(filled))
    office.press("上传并预览")
    office.reads("16")
    office.go(office.page.locator("main form[action$='/apply'] button"))
    with circle.work():
        found = db.session.scalars(select(Suggestion).where(Suggestion.title.contains("来信"))).all()
        assert len(found) == 16
        circle.codes |= {each.code: each.title for each in found}
        assert db.session.query(Suggestion).count() == 40 == len(circle.codes)


def sort_out(circle: Circle) -> None:
    """Six matters out of three suggestions each, the rest one each; a unit is asked; every matter gets its outcome."""
    circle.on(date(2026, 11, 3))
    office = circle["office"]
    for name, times in TOPICS:
        if times == 3:
            office.open(f"/office/matters/inbox?q={name}")
            for box in office.page.locator("input[name=ids]").all():
                box.check()
            office.press("合并为一个事项")
            office.reads("3 条建议")
    office.open("/office/matters/inbox")
    boxes = office.page.locator("input[name=ids]").all()
    assert len(boxes) == 22
    for box in boxes:
        box.check()
    office.press("各自立为事项")
    with circle.work():
        matters = {m.id: m.suggestions[0] for m in db.session.scalars(select(Matter)).all()}
        about = {
            id_: circle.codes.get(s.code) or _grouped(circle.codes, s.code) for id_, s in matters.items()
        }
    assert len(matters) == 28
    first = next(id_ for id_, name in about.items() if name == TOPICS[0][0])
    office.open(f"/office/matters/{first}")
    office.follow("交办")
    office.fill(department_id="交通运输局", instruction="请论证用地和投资。")
    office.press("交办")
    unit = circle["department"]
    unit.open("/office/transfers/")
    unit.go(unit.page.locator("main table a").first)
    unit.follow("反馈办理意见")
    unit.fill(proposal="candidate", opinion="用地可以落实，投资约 800 万元，建议纳入候选。")
    unit.press("反馈意见")
    for id_, name in about.items():
        outcome = next((key for key, words in WORDS.items() if words in name), "candidate")
        office.open(f"/office/matters/{id_}/decide")
        office.fill(result=outcome, answer=f"关于“{name}”：已经研究，处理结果见上。谢谢您的建议。")
        if outcome == "candidate":
            office.fill(name=name, checked=True)
        else:
            office.fill(reason="经论证，明年暂不具备条件。")
        office.press("确定处理结果")
        office.reads("处理结果")
    office.open("/office/matters/")
    office.reads("40", "28", "12")


def _grouped(codes: dict[str, str], code: str) -> str:
    """Return the words of the suggestion whose receipt showed ``code`` in groups."""
    return next(words for shown, words in codes.items() if "".join(shown.split()).replace("-", "") == code)


def decide(circle: Circle) -> dict[str, int]:
    """Let the congress select ten of the twelve; return their trackings by name."""
    when = circle.on(date(2027, 1, 15))
    with circle.work():
        for number, (name, _) in enumerate(TOPICS, start=1):
            project = db.session.scalars(select(Project).where(Project.name == name)).one()
            project.state, project.number, project.gates_passed = ProjectState.LISTED, number, 3
            project.target, project.content = f"{name}年底前完成。", f"{name}，共 6 处。"
            project.due_on = date(2027, 11, 30)
            project.total_investment = project.year_investment = Decimal("800.00")
            project.department_id = circle.world.departments["county"]
    hall = _hall(circle, when, 2027)
    with circle.work():
        ids = [p.id for p in rounds.listed_projects(2027)]
        round_ = rounds.create_round(
            sessions.get(hall["session"]), title="2027年民生实事项目票决", project_ids=ids, by=BY, now=when,
            rule=Rule(seats=10, small_body=0, publish="names+votes"),
        )  # fmt: skip
        round_id = round_.id
    _vote(circle, hall, round_id, when, [dict.fromkeys(range(1, 11), "for")] * 12)
    with circle.work():
        found = {line.project.name: line.tracking.id for line in trackings.search(day=when.date())}
    assert len(found) == 10
    return found


def _hall(circle: Circle, when: datetime, year: int) -> dict[str, Any]:
    with circle.work():
        people = db.session.scalars(select(Deputy).where(Deputy.number < "100").order_by(Deputy.number)).all()
        if not people:
            for other in db.session.query(Deputy):
                other.state = DeputyState.ENDED
            people = factories.make_deputies(12, circle.world.delegations["county"])
        meeting = sessions.create_session(
            title=f"{year}年会议",
            year=year,
            starts_on=when.date(),
            ends_on=when.date(),
            place="",
            by=BY,
            now=when,
        )
        sessions.move(meeting, "start", by=BY, now=when)
        for deputy, role in zip(people, (TellerRole.CHIEF, TellerRole.TELLER), strict=False):
            tellers.name_teller(meeting, deputy.id, role, by=BY, now=when)
        ready(meeting, when)
        cards.issue_missing(meeting, key="k", by=BY, now=when)
        checkin.check_in_all(meeting, [d.id for d in people], by=BY, now=when)
        return {"session": meeting.id, "deputies": [d.id for d in people]}


def _vote(circle: Circle, hall: dict, round_id: int, when: datetime, papers: list[dict[int, str]]) -> None:
    tellers = [Actor(name=f"监票人{i}", deputy_id=hall["deputies"][i]) for i in (0, 1)]
    with circle.work():
        openings.zero_check(rounds.get_round(round_id), by=tellers[0], now=when)
        openings.open_round(rounds.get_round(round_id), by=BY, now=when)
        for deputy_id, marks in zip(hall["deputies"], papers, strict=True):
            ballots.cast(round_id, deputy_id, code=new_code(), marks=marks, now=when)
    with circle.work():
        closing.close(rounds.get_round(round_id), by=BY, now=when)
    for teller in tellers:
        with circle.work():
            sign_count(rounds.get_round(round_id), by=teller, now=when)
    with circle.work():
        round_ = rounds.get_round(round_id)
        announcements.announce(round_, number=results.next_number(round_.session), announced_on=when.date(), by=BY, now=when)  # fmt: skip
        sessions.move(round_.session, "end", by=BY, now=when)


def report(circle: Circle, tracking_id: int, month: int, percent: int) -> None:
    with circle.work():
        money = Decimal(8 * percent)
        reports.hand_in(
            trackings.get(tracking_id), date(2027, month, 1),
            reports.ReportFigures(percent, Decimal(800), money, money, narrative=f"{month}月完成 {percent}%，如期推进各项工作。"),
            by=circle.world.actor("government"), now=at(date(2027, month, 28)),
        )  # fmt: skip


def watch(circle: Circle, tracked: dict[str, int]) -> None:
    """One goes red, a deputy finds out why, staff pass it on, the unit puts it right; another one is adjusted."""
    road = tracked[TOPICS[1][0]]
    for name, id_ in tracked.items():
        for month, percent in ((2, 5), (6, 6 if name == TOPICS[0][0] else 55)):
            report(circle, id_, month, percent)
    circle.on(date(2027, 7, 2))
    citizen = circle.meet(circle.site)
    citizen.open("/p/shili/")
    assert "严重滞后" in citizen.page.locator(".projects li", has_text=TOPICS[0][0]).inner_text()
    with circle.work():
        db.session.scalars(select(Deputy).where(Deputy.number == "900")).one().state = DeputyState.ACTIVE
    deputy = circle.meet(circle.site)
    deputy.sign_in("deputy.county", PASSWORD)
    deputy.open("/inspections/notes/new")
    deputy.fill(about=TOPICS[0][0], text="工地没有工人，土方堆在路边。", finding="yes", place="城东工地")
    deputy.press("提交记录")
    office = circle["office"]
    office.open("/office/supervision/notes/")
    office.go(office.page.get_by_role("link", name="工地没有工人", exact=False).first)
    office.follow("转为督办件")
    office.fill(
        demand="增加班组，清运土方。", department_id="交通运输局", due_on="2027-07-20", published=True
    )
    office.press("交办")
    address = office.page.url
    circle.on(date(2027, 7, 18))
    unit = circle["department"]
    unit.open(address)
    unit.follow("反馈整改情况")
    unit.fill(measures="增加两个班组，土方已清运。", result="恢复施工，路面整洁。")
    unit.press("提交反馈")
    office = circle["office"]
    office.open(address)
    office.follow("登记复查")
    office.fill(outcome_="pass", rechecked_on="2027-07-18", rechecked_by="代表三人", opinion="整改到位。")
    office.press("保存复查结果")
    office.reads("销号")
    government = circle["government"]
    government.open(f"/office/adjustments/trackings/{road}/new")
    government.fill(
        kind="major", cause="force_majeure", reason="汛期山体滑坡，原线路不能施工。", due_on="2027-12-30"
    )
    government.page.locator("[name=target]").fill("年底前完成 5 处，其余 1 处改线后实施。")
    government.press("提交申请")
    asked = government.page.url
    office.open(asked)
    office.follow("登记决定")
    office.fill(approved="yes", document_number="示例人常〔2027〕9号", decided_on="2027-07-18")
    office.press("登记决定")
    office.follow("发布公告")
    office.press("发布公告")


def judge(circle: Circle, tracked: dict[str, int]) -> None:
    """All are done in December; in January one of the ten is rated 不满意 and has to be told of again."""
    for id_ in tracked.values():
        report(circle, id_, 11, 100)
        with circle.work():
            when = at(date(2027, 12, 5))
            plans.finish(trackings.get(id_), "complete", on=when.date(), by=BY, now=when)
    when = circle.on(date(2028, 1, 15))
    hall = _hall(circle, when, 2028)
    with circle.work():
        ids = [db.session.scalars(select(Project.id).where(Project.name == name)).one() for name in tracked]
        round_ = rounds.create_round(
            sessions.get(hall["session"]), title="2027年民生实事项目满意度测评", project_ids=ids, by=BY, now=when,
            rule=Rule(seats=0, method="rating", small_body=0, publish="names+votes"),
        )  # fmt: skip
        round_id = round_.id
        places = {c.name: c.number for c in round_.candidates}
    bad = places[TOPICS[2][0]]
    marks = {n: "dissatisfied" if n == bad else "satisfied" for n in places.values()}
    _vote(circle, hall, round_id, when, [marks] * 12)
    office = circle["office"]
    office.open("/office/rereports/")
    office.follow("要求再次报告")
    office.fill(due_on="2028-03-15")
    office.go(office.page.locator("main form button.btn-primary, main form input[type=submit]").first)
    office.go(office.page.get_by_role("link", name=TOPICS[2][0]).first)
    address = office.page.url
    circle.on(date(2028, 3, 1))
    unit = circle["department"]
    unit.open(address)
    unit.follow("提交报告")
    unit.fill(text="食堂通风和排油烟已经整改，三所学校重新验收合格，学生满意率 97%。")
    unit.go(unit.page.locator("main form input[type=submit], main form button.btn-primary").first)
    office = circle["office"]
    office.open(address)
    office.follow("登记审议结果")
    office.fill(accepted="yes", opinion="同意。", settled_on="2028-03-01")
    office.go(office.page.locator("main form input[type=submit], main form button.btn-primary").first)
    office.reads("审议通过")


def test_from_the_people_and_back_to_the_people(circle):
    collect(circle)
    sort_out(circle)
    tracked = decide(circle)
    watch(circle, tracked)
    judge(circle, tracked)
    # every author reads by code what became of it
    author = circle.meet(circle.site, java_script_enabled=False)
    author.open("/p/shili/suggest/track")
    for code, about in circle.codes.items():
        author.page.locator("#code").fill(code)
        author.go(author.page.locator("main form", has=author.page.locator("#code")).get_by_role("button"))
        outcome = next((words for words in WORDS.values() if words in about), "纳入候选")
        author.reads(outcome, f"关于“{about}”：已经研究")
        project = author.page.get_by_role("link", name="查看项目进展").count()
        assert project == (about in [name for name, _ in TOPICS[:10]])
    # and everybody reads the whole story
    citizen = circle.meet(circle.site, java_script_enabled=False)
    citizen.open("/p/shili/")
    for name, told in (
        (TOPICS[0][0], ["3 条群众和代表建议", "票决选定", "工地没有工人", "增加两个班组", "销号", "满意"]),
        (
            TOPICS[1][0],
            ["3 条群众和代表建议", "项目调整", "汛期山体滑坡", "示例人常〔2027〕9号", "年底前完成 5 处"],
        ),
        (TOPICS[2][0], ["不满意", "再次报告", "重新验收合格"]),
    ):
        citizen.open("/p/shili/?year=2027")
        citizen.follow(name)
        citizen.reads(*told)
        assert "1390000" not in citizen.page.content()
        assert "示例群众" not in citizen.page.content()

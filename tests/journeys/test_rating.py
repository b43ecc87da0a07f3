"""Two ballots open together, the rating of ten projects among them, with the published figures of 宁海 2020."""

import docx
import pytest

from tests import factories
from tests.factories import NOW
from tests.journeys.halls import TODAY
from tests.journeys.test_year import choose, receipt
from tests.ratings import WORDS, ballots_for, published
from votes.db import db
from votes.models import Round
from votes.rules.projects.projects import ProjectState
from votes.services import audit
from votes.services.delivery import plans

pytestmark = pytest.mark.journey
ROWS = published("ninghai_2020")
#: The first row is misprinted (95 + 27 + 0 is not 222); the services refuse it, here it is what it must have been.
FIGURES = [(195, 27, 0), *(figures for _, figures, _ in ROWS[1:])]
BY_PHONE = 3


def test_ten_projects_are_rated_beside_the_vote_and_the_phone_leads_through_both(make_hall, tmp_path):
    hall = make_hall(222)
    with hall.world.work():
        listed = [p.id for p in factories.make_listed(4, year=TODAY.year + 1)]
        for no, (name, _, _) in enumerate(ROWS, start=1):
            project = factories.make_project(name, year=TODAY.year, state=ProjectState.SELECTED, number=no)
            plans.start(project, round_id=None, by=audit.SYSTEM, now=NOW)

    office = hall.office()
    vote = hall.round("新一年项目票决", listed, rule={"seats": 2, "small_body": 0}, at_once=False)
    office.open(f"/office/sessions/{hall.session}")
    office.follow("设立满意度测评")
    assert office.value("title") == f"{TODAY.year}年民生实事项目满意度测评"
    assert office.value("colour") == "pink", "white is taken by the vote"
    assert office.page.locator("input[name=projects]:checked").count() == 10
    office.fill(publish="公布测评等次和票数", small_body=0)
    office.press("保存")
    office.reads("测评项目（10 项）", "粉红色票", "计算等次以应到 222 人为基数")
    rating = int(office.page.url.rpartition("/")[2])

    chief = hall.phone(0)
    chief.open(f"/teller/rounds/{rating}")
    chief.press("确认票箱为空")
    office.open(f"/office/sessions/{hall.session}")
    office.confirm("同时开启 2 项")
    office.reads("已同时开启 2 项票决", "发出 222 票，收回 0 票")

    papers, phones = ballots_for(FIGURES, 222), [chief]
    for number in range(BY_PHONE):
        if number:
            phones.append(hall.phone(number, viewport={"width": 360, "height": 640}))
        phone = phones[number]
        vote_twice(phone, papers[number], forgets=number == 1)
    hall.vote(rating, papers[BY_PHONE:], first=BY_PHONE)
    hall.vote(vote, [{1: "for", 2: "for"}] * 20, first=BY_PHONE)

    for round_id in (vote, rating):
        office.open(f"/office/rounds/{round_id}")
        office.confirm("关闭票箱")
        for phone in phones[:2]:
            phone.open(f"/teller/rounds/{round_id}")
            phone.press("签字确认")
    office.open(f"/office/rounds/{rating}")
    office.reads("76.26%", "99.19%", "222 票 × 10 项")
    shown = office.page.locator("table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    rows = [row for row in shown if len(row) == 9]
    assert [tuple(map(int, row[2:6])) for row in rows] == [(*figures, 0) for figures in FIGURES]
    assert {row[8] for row in rows} == {"✔ 满意"}

    check_sheet(docx.Document(str(office.download("计票报告单（Word）", tmp_path))))

    office.follow("发布公告")
    office.fill(number=2, announced_on=TODAY.isoformat())
    office.press("发布公告")
    citizen = hall.meet(hall.site)
    citizen.open(f"/p/shili/?year={TODAY.year}")
    citizen.follow("城南消防站")
    citizen.reads("满意度测评", "✔ 满意 满意 159，基本满意 62，不满意 1，无效 0")
    with hall.world.work():
        assert {c.project.state for c in db.session.get(Round, rating).candidates} == {ProjectState.SELECTED}


def check_sheet(sheet):
    """Expect the figures and the names of all projects on the counting sheet."""
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in sheet.tables]
    (table,) = (t for t in tables if "基本满意" in t[0])
    assert [tuple(map(int, row[2:6])) for row in table[1:]] == [(*figures, 0) for figures in FIGURES]
    assert [row[1] for row in table[1:]] == [name for name, _, _ in ROWS]


def vote_twice(phone, paper: dict[int, str], *, forgets: bool) -> None:
    """Cast the vote, then the rating to which the phone leads."""
    phone.open("/hall/")
    phone.reads("还有 2 张票未投")
    phone.follow("去投票")
    phone.reads("新一年项目票决", "最多选 2 项")
    choose(phone, {1, 2})
    phone.press("核对选票")
    phone.press("提交选票")
    receipt(phone)
    phone.reads("还有 1 张票未投", "粉红色票", "满意度测评")
    phone.follow("去投下一张")
    rate(phone, paper, forgets=forgets)
    phone.press("提交选票")
    receipt(phone)
    phone.reads("请留在会场，等候主持人宣布结果")
    assert "未投" not in phone.words


def rate(phone, paper: dict[int, str], *, forgets: bool) -> None:
    """Mark the rating ballot; a deputy who forgets the last item is asked for it."""
    last = max(paper)
    for no in sorted(set(paper) - ({last} if forgets else set())):
        phone.page.locator(f"label.opt:has([name=m{no}][value^={paper[no]}])").tap()
    phone.press("核对选票")
    if forgets:
        phone.reads("还有 1 项没有评价", f"第 {last} 项")
        phone.press("返回修改")
        phone.page.locator(f"label.opt:has([name=m{last}][value^={paper[last]}])").tap()
        phone.press("核对选票")
    assert "没有评价" not in phone.words
    for mark, word in zip(WORDS, ("满意", "基本满意", "不满意"), strict=True):
        if number := list(paper.values()).count(mark):
            phone.reads(f"{word} {number} 项")

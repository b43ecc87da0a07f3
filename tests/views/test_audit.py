"""The audit log: in words, filtered, exported, and each body's own."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.sheets import rows_of
from votes.db import db
from votes.models import AuditEntry, Deputy
from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role
from votes.services import audit

BY = Actor(name="王示例", roles=frozenset({Role.OFFICE, Role.LEADER}))
FOUNDED = "设立人大机构"  # the world's bodies are made through the service, which says so in the log
AT = datetime(2027, 3, 1, 15, 59, tzinfo=UTC)  # 23:59 on the first of March in China


@pytest.fixture
def logged(world):
    with world.work() as session:
        audit.record(
            "deputy.edit",
            by=BY,
            at=AT,
            about=session.scalars(select(Deputy)).one(),
            before={"post": "教师", "state": "active"},
            after={"post": None, "state": "ended"},
        )
        audit.record(
            "department.create", by=BY, at=AT.replace(day=2), after={"name": "水利局", "active": True}
        )
        audit.refused("projects.edit", "项目已列入票决，不能修改。", by=BY, at=AT.replace(day=3))
        audit.record("moon.land", by=BY, at=AT.replace(day=4), after={"crater": "深"})
    with world.work("other"):
        audit.record("user.create", by=Actor(name="邻居示例"), at=AT)
    with world.work(None):
        audit.record("settings.edit", by=Actor(name="系统管理员"), at=AT)


def lines(page) -> list[str]:
    """Return the action of each line shown, without the founding of the bodies."""
    shown = [row.xpath("td")[2].text_content().strip() for row in page.tree.xpath("//table/tbody/tr")]
    return [action for action in shown if action != FOUNDED]


def test_log_is_in_words_newest_first(as_, logged):
    page = as_("office").get("/office/audit/")
    assert lines(page) == ["moon.land", "候选项目：修改", "新增责任单位", "修改代表信息"]
    last = page.tree.xpath("//table/tbody/tr[td[3] = '修改代表信息']")[0]
    assert [" ".join(c.text_content().split()) for c in last.xpath("td")][:2] == [
        "2027年3月1日 23:59",
        "王示例领导、人大办",
    ]
    assert [d.text_content().strip() for d in last.xpath(".//dl/div")] == [
        "职务教师 → （空）",
        "状态在任 → 终止",
    ]
    assert "项目已列入票决，不能修改。" in page.words


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("group=roster", ["修改代表信息"]),
        ("group=projects", ["候选项目：修改"]),
        ("outcome=refused", ["候选项目：修改"]),
        ("outcome=done&group=departments", ["新增责任单位"]),
        ("q=不能修改", ["候选项目：修改"]),
        ("q=王示例&since=2027-03-02&until=2027-03-03", ["候选项目：修改", "新增责任单位"]),
        ("until=2027-03-01", ["修改代表信息"]),
        ("since=2027-03-05", []),
        ("q=%25", []),
        ("since=gestern&outcome=maybe", ["moon.land", "候选项目：修改", "新增责任单位", "修改代表信息"]),
    ],
)
def test_log_is_filtered(as_, logged, query, shown):
    page = as_("office").get(f"/office/audit/?{query}")
    assert page.status == 200
    assert lines(page) == shown


def test_log_of_another_body_is_not_shown(as_, logged, world):
    assert lines(as_("office", "other").get("/office/audit/")) == ["新增账号"]
    assert lines(as_("office").get(f"/office/audit/?body_id={world.other}"))[0] == "moon.land"


def test_leader_reads_the_log_of_the_body_in_view(as_, logged, world):
    leader = as_("leader")
    assert len(lines(leader.get("/office/audit/"))) == 4
    leader.post("/office/bodies/view", {"body_id": world.township})
    assert lines(leader.get("/office/audit/")) == []


def test_administrator_reads_lines_of_no_body_or_of_a_chosen_one(as_, logged, world):
    root = as_("sysadmin")
    assert lines(root.get("/office/audit/")) == ["settings.edit"]
    assert lines(root.get(f"/office/audit/?body_id={world.other}")) == ["新增账号"]


@pytest.mark.parametrize("role", ["government", "department", "deputy"])
@pytest.mark.parametrize("path", ["", "export.xlsx", "export.csv"])
def test_log_is_refused_to_other_roles(as_, role, path):
    assert as_(role).get(f"/office/audit/{path}").status == 403


def test_export_has_the_filtered_lines_as_excel_and_csv(as_, logged):
    office = as_("office")
    rows = rows_of(office.get("/office/audit/export.xlsx?group=roster").data)
    assert rows[2][:5] == ["2027-03-01 23:59:00", "王示例", "领导、人大办", "修改代表信息", "county代表"]
    assert rows[2][6] == "已办理"
    text = office.get("/office/audit/export.csv?outcome=refused").data.decode("utf-8-sig").splitlines()
    assert len(text) == 2
    assert text[1].split(",")[3:8] == ["候选项目：修改", "", "", "被拒绝", "项目已列入票决，不能修改。"]


def test_page_says_how_many_lines_an_export_holds(as_, logged, monkeypatch):
    monkeypatch.setattr("votes.views.audit.CAP", 2)
    office = as_("office")
    assert "一次导出最近的 2 条" in office.get("/office/audit/").words
    assert len(rows_of(office.get("/office/audit/export.xlsx").data)) == 2 + 2


def test_long_log_takes_few_statements(as_, world, database):
    with world.work():
        for i in range(200):
            audit.record("user.edit", by=BY, at=AT, before={"name": f"甲{i}"}, after={"name": f"乙{i}"})
    browser = as_("office")
    with statements(database) as seen:
        page = browser.get("/office/audit/?page=3")
    assert "第 3 /" in page.words
    assert len(seen) <= 30


def test_export_writes_nothing(as_, logged, world):
    def count() -> int:
        with world.work(None):
            return len(db.session.scalars(select(AuditEntry.id)).all())

    before = count()
    as_("office").get("/office/audit/export.xlsx")
    assert count() == before >= 6

"""建议办理 in the office and at the units: each page works, keeps to its roles, and says what is wrong."""

import re
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from tests import factories
from tests.counting import statements
from tests.years import at, make_tracked
from votes.db import db
from votes.models import Matter, Suggestion, Transfer, Village
from votes.rules.suggestions.matters import MatterState, Outcome
from votes.rules.suggestions.suggestions import AuthorText, Channel, SuggestionState
from votes.services.people import bodies
from votes.services.suggestions import decisions, intake, matters, merging, transfers

pytestmark = pytest.mark.sqlite
DAY = date(2026, 11, 20)
NAME, PHONE = "张示例", "13900000001"


@pytest.fixture(autouse=True)
def a_day_in_november(monkeypatch):
    for module in ("suggestions.matters", "suggestions.transfers"):
        monkeypatch.setattr(f"votes.views.{module}.today", lambda: DAY)
        monkeypatch.setattr(f"votes.views.{module}.now", lambda: at(2026, 11, 20))


def fill(world):
    """Two suggestions about one thing and one about another that waits; a matter with a unit; one that is decided."""
    office = world.actor("office")
    with world.work():

        def suggest(title, content):
            return intake.receive(
                channel=Channel.VISIT, title=title, content=content, category="便民服务", year=2027,
                author=AuthorText(name=NAME, phone=PHONE), by=office, now=at(2026, 10, 10),
            )  # fmt: skip

        alike = [
            suggest("东山村安装路灯", "东山村主干道没有路灯，晚上出行不安全，希望安装太阳能路灯。"),
            suggest("东山村主干道安装太阳能路灯", "东山村主干道晚上没有路灯，老人出行不安全。"),
            suggest("开通夜间公交", "末班车太早，上夜班的职工不方便。"),
        ]
        made = [
            merging.open_matter([suggest(title, f"{title}，请办理。")], by=office, now=at(2026, 10, 20))
            for title in ("修建健身步道", "加装电梯")
        ]
        sent = transfers.send(
            made[0], world.departments["county"], instruction="请匡算投资。", due_on=date(2026, 11, 18),
            by=office, now=at(2026, 11, 12),
        )  # fmt: skip
        decisions.decide(made[1], Outcome.RESERVE, reason="资金未落实。", by=office, now=at(2026, 11, 1))
        return {
            "alike": [row.id for row in alike],
            "sent": made[0].id,
            "reserve": made[1].id,
            "transfer": sent.id,
        }


PREPARED = {"made": fill}


@pytest.fixture
def made(world, prepared):
    return prepared["made"]


def state_of(world, model, id_):
    with world.work():
        row = db.session.get(model, id_)
        return row.state if row else None


# --- the work list -------------------------------------------------------------------------------------


def test_the_work_list_points_out_what_may_be_the_same(as_, made):
    page = as_("office").get("/office/matters/inbox?year=2027")
    assert page.status == 200
    first, second, _ = made["alike"]
    links = [link for link in page.links() if "with=" in link]
    assert links == [
        f"/office/matters/inbox/{first}?with=s{second}",
        f"/office/matters/inbox/{second}?with=s{first}",
    ]
    assert "便民服务（3 条）" in page.words
    assert (NAME in page.text, PHONE in page.text) == (False, False)


def test_side_by_side_and_one_click_merges(world, as_, made):
    first, second, _ = made["alike"]
    browser = as_("office")
    page = browser.get(f"/office/matters/inbox/{first}")
    assert "合并为一个事项" in page.words
    assert "".join(page.tree.xpath("(//section)[2]//mark/text()")).startswith("东山村")
    done = browser.post(f"/office/matters/inbox/{first}", {"other_id": second})
    assert done.status == 303
    with world.work():
        rows = [db.session.get(Suggestion, each) for each in (first, second)]
        assert rows[0].matter_id == rows[1].matter_id is not None
    again = browser.post(f"/office/matters/inbox/{first}", {"other_id": second})
    assert again.status == 409
    assert "已由其他人归并" in again.words


@pytest.mark.parametrize(
    ("how", "number", "status", "matters_made"),
    [
        ("one", "", 303, 1),
        ("each", "", 303, 3),
        ("into", "", 422, 0),
        ("into", "99", 422, 0),
        ("into", "1", 409, 0),
    ],
)
def test_what_is_ticked_is_filed(world, as_, made, how, number, status, matters_made):
    """The matter of number 1 is with a unit: nothing comes to it."""
    page = as_("office").post("/office/matters/inbox", {"ids": made["alike"], "how": how, "number": number})
    assert page.status == status
    with world.work():
        filed = {row.matter_id for row in merging.chosen(made["alike"]) if row.matter_id}
        assert len(filed) == matters_made


def test_nothing_ticked_is_told(as_, made):
    page = as_("office").post("/office/matters/inbox", {"how": "one"})
    assert page.status == 422
    assert "先勾选" in page.words


# --- lists and one matter ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["修建健身步道", "加装电梯"]),
        ("?state=transferred", ["修建健身步道"]),
        ("?outcome=reserve", ["加装电梯"]),
        ("?overdue=1", ["修建健身步道"]),
        ("?q=电梯", ["加装电梯"]),
        ("?category=教育", []),
        ("?year=2020&state=nonsense", ["修建健身步道", "加装电梯"]),
    ],
)
def test_the_list_and_its_export_show_the_same(as_, made, query, titles):
    browser = as_("leader")
    page = browser.get(f"/office/matters/{query}")
    assert [a.text for a in page.tree.xpath("//tbody/tr/td[2]/a")] == titles
    sheet = openpyxl.load_workbook(BytesIO(browser.get(f"/office/matters/export.xlsx{query}").data)).active
    assert [row[2].value for row in sheet.iter_rows(min_row=3)] == titles


def test_an_empty_year_says_what_to_do_first(as_):
    assert "还没有建议事项" in as_("office", "township").get("/office/matters/").words
    assert "没有待归并的建议" in as_("office", "township").get("/office/matters/inbox").words
    assert "储备库还是空的" in as_("office", "township").get("/office/matters/reserve").words
    assert "还没有交办件" in as_("office", "township").get("/office/transfers/").words


def test_from_transfer_to_candidate(world, as_, made):
    """What the office and a unit do one after the other, each on its own page."""
    office, unit, matter_id = as_("office"), as_("department"), made["sent"]
    mine = unit.get("/office/transfers/")
    assert "1 件已逾期" in mine.words
    assert PHONE not in unit.get(f"/office/transfers/{made['transfer']}").text
    empty = unit.post(f"/office/transfers/{made['transfer']}/answer", {"opinion": "可行，需 20 万元。"})
    assert empty.status == 422
    assert empty.value("opinion") == "可行，需 20 万元。"
    answered = unit.post(
        f"/office/transfers/{made['transfer']}/answer",
        {"opinion": "可行，需 20 万元。", "proposal": "candidate"},
    )
    assert answered.status == 303
    page = office.get(f"/office/matters/{matter_id}/decide")
    assert page.value("result") == "candidate"
    assert "可行，需 20 万元。" in page.words
    with world.work():
        factories.make_project("已有项目")
    url = f"/office/matters/{matter_id}/decide"
    unchecked = office.post(url, {"result": "candidate", "name": "滨河健身步道"})
    assert (unchecked.status, "请先核对名称和摘要" in unchecked.words) == (422, True)
    sure = {"result": "candidate", "answer": "感谢您的建议。", "checked": "y"}
    taken = office.post(url, {**sure, "name": "已有项目"})
    assert (taken.status, taken.value("answer")) == (422, "感谢您的建议。")
    done = office.post(url, {**sure, "name": "滨河健身步道"})
    assert done.status == 303
    shown = office.get(f"/office/matters/{matter_id}")
    project = next(link for link in shown.links() if re.fullmatch(r"/office/projects/\d+", link))
    back = as_("government").get(project)
    assert f"/office/matters/{matter_id}" in back.links()
    assert "1 条建议" in back.words


def test_sending_back_in_time_and_too_late(world, as_, made):
    url = f"/office/transfers/{made['transfer']}/return"
    unit = as_("department")
    assert unit.post(url, {"reason": ""}).status == 422
    with world.work():  # as if it had been sent a week earlier
        db.session.get(Transfer, made["transfer"]).sent_on = date(2026, 11, 10)
    late = unit.post(url, {"reason": "属住建部门职责"})
    assert late.status == 422
    assert "最迟为2026年11月19日" in late.words
    assert late.value("reason") == "属住建部门职责"
    with world.work():
        db.session.get(Transfer, made["transfer"]).sent_on = date(2026, 11, 11)
    assert unit.post(url, {"reason": "属住建部门职责"}).status == 303
    assert state_of(world, Matter, made["sent"]) == MatterState.OPEN


def test_a_unit_reads_what_citizens_said_and_not_who_said_it(world, as_, made):
    with world.work():
        row = matters.get(made["sent"]).suggestions[0]
        row.content = f"步道请早日修好，找我{NAME}：{PHONE}。"
    page = as_("department").get(f"/office/transfers/{made['transfer']}")
    assert ("步道请早日修好" in page.words, NAME in page.text, PHONE in page.text) == (True, False, False)
    assert (
        PHONE in as_("office").get(f"/office/matters/{made['sent']}").text
    )  # the originals are kept as they came


def test_no_form_is_shown_for_what_waits_for_nothing(as_, made):
    office, unit, url = as_("office"), as_("department"), f"/office/transfers/{made['transfer']}"
    assert office.get(f"/office/matters/{made['sent']}/reply").status == 302
    assert [unit.get(f"{url}/{page}").status for page in ("answer", "return")] == [200, 200]
    office.post(f"/office/matters/{made['sent']}/recall")
    assert [unit.get(f"{url}/{page}").status for page in ("answer", "return")] == [302, 302]


@pytest.mark.parametrize(("complex", "due_on"), [({}, date(2027, 2, 20)), ({"complex": "y"}, date(2027, 5, 20))])  # fmt: skip
def test_without_a_day_the_statutory_term_holds(world, as_, made, complex, due_on):
    office, url = as_("office"), f"/office/matters/{made['sent']}"
    office.post(f"{url}/recall")
    page = office.get(f"{url}/transfer")
    assert "一般事项为2027年2月20日，复杂事项为2027年5月20日" in page.words
    unit = str(world.departments["county"])
    assert office.post(f"{url}/transfer", {"department_id": unit, **complex}).status == 303
    with world.work():
        assert matters.get(made["sent"]).transfers[-1].due_on == due_on


def test_a_village_out_of_use_stays_where_it_stands(world, as_, made):
    with world.work():
        village = Village(name="撤并村", township="示例镇", active=False)
        db.session.add(village)
        matters.get(made["sent"]).village = village
    office, url = as_("office"), f"/office/matters/{made['sent']}/edit"
    page = office.get(url)
    kept = {name: page.value(name) for name in ("title", "summary", "category", "village_id")}
    assert office.post(url, kept).status == 303
    with world.work():
        assert matters.get(made["sent"]).village.name == "撤并村"


@pytest.mark.parametrize("role", ["department2", "leader", "deputy"])
def test_others_do_not_answer_for_the_unit(as_, made, role):
    assert as_(role).post(f"/office/transfers/{made['transfer']}/answer", {}).status == 403
    assert as_("office", "other").get(f"/office/transfers/{made['transfer']}").status == 404


@pytest.mark.parametrize(
    ("page", "data", "status", "after"),
    [
        ("transfer", {"due_on": "2026-11-20"}, 422, MatterState.TRANSFERRED),
        ("recall", {}, 303, MatterState.OPEN),
        ("reopen", {}, 409, MatterState.TRANSFERRED),
        ("take-up", {}, 409, MatterState.TRANSFERRED),
        ("split", {"suggestion_id": "0"}, 422, MatterState.TRANSFERRED),
        ("join", {"number": "99"}, 422, MatterState.TRANSFERRED),
        ("reply", {"answer": "您好"}, 422, MatterState.TRANSFERRED),
        ("decide", {"result": "reserve"}, 422, MatterState.TRANSFERRED),
        ("decide", {"result": "nonsense"}, 422, MatterState.TRANSFERRED),
        ("edit", {"title": "", "summary": "摘要"}, 422, MatterState.TRANSFERRED),
        ("edit", {"title": "新名称", "summary": "摘要"}, 303, MatterState.TRANSFERRED),
    ],
)
def test_acts_on_a_matter_that_is_with_a_unit(world, as_, made, page, data, status, after):
    answer = as_("office").post(f"/office/matters/{made['sent']}/{page}", data)
    assert answer.status == status, answer.words
    assert state_of(world, Matter, made["sent"]) == after


def test_out_of_the_reserve(world, as_, made):
    browser = as_("government")
    page = browser.get("/office/matters/reserve")
    assert "资金未落实" in page.words
    assert browser.post(f"/office/matters/{made['reserve']}/take-up").status == 303
    assert state_of(world, Matter, made["reserve"]) == MatterState.OPEN
    assert "储备库还是空的" in browser.get("/office/matters/reserve").words


def test_what_the_place_sets(world, as_):
    browser = as_("office")
    good = {
        "months": "3", "months_complex": "6", "return_days": "5", "soon_days": "10", "likeness": "50",
        "holidays": "2026-10-01至2026-10-03", "workdays": "2026-10-10",
    }  # fmt: skip
    bad = browser.post("/office/matters/settings", {**good, "holidays": "国庆", "months": "99"})
    assert (bad.status, bad.value("holidays")) == (422, "国庆")
    assert browser.post("/office/matters/settings", {**good, "months_complex": "2"}).status == 422
    assert browser.post("/office/matters/settings", {**good, "workdays": "2026-10-01"}).status == 422
    with world.work():
        assert "matters" not in bodies.get_body(world.county).settings
    assert browser.post("/office/matters/settings", good).status == 303
    page = browser.get("/office/matters/settings")
    assert (page.value("return_days"), page.value("holidays").split()) == (
        "5", ["2026-10-01", "2026-10-02", "2026-10-03"],
    )  # fmt: skip


# --- both ways, and the public ---------------------------------------------------------------------------


def test_the_public_page_says_where_a_project_comes_from_and_names_nobody(world, as_, made):
    with world.work():
        village = Village(name="东山村", township="示例镇")
        db.session.add(village)
        db.session.flush()
        rows = merging.chosen(made["alike"])
        rows[0].village_id = rows[1].village_id = village.id
        project = make_tracked(1, department_id=world.departments["county"])[0].project
        matter = merging.open_matter(rows, by=world.actor("office"), now=at(2026, 11, 1))
        decisions.decide(
            matter, Outcome.CANDIDATE, project_id=project.id, by=world.actor("office"), now=at(2026, 11, 2)
        )
        url = f"/p/shili/projects/{project.id}"
    page = as_().get(url)
    assert "由征集到的 3 条群众和代表建议归并论证形成，来自 1 个村（社区）" in page.words
    assert "示例镇东山村（2 条）" in page.words
    assert "走访座谈 3 条" in page.words
    assert (NAME in page.text, PHONE in page.text, "夜班的职工" in page.text) == (False, False, False)


def test_a_large_work_list_takes_few_statements(world, as_, made):
    """Fifty of 600 are shown; what they are compared with is read in two statements."""
    with world.work():
        now = at(2026, 10, 10)
        db.session.add_all(
            Suggestion(
                year=2027, number=1000 + i, code=f"T{i:09d}", channel=Channel.WEB, title=f"示例{i}",
                content=f"第{i}村的路灯不亮", category="便民服务", state=SuggestionState.RECEIVED, received_at=now,
            )
            for i in range(600)
        )  # fmt: skip
    with statements(world.database) as said:
        page = as_("office").get("/office/matters/inbox?page=2")
    assert len(page.tree.xpath("//input[@name='ids']")) == 50
    assert len(said) <= 20

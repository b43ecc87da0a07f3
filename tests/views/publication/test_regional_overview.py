"""总览与对比 as pages: who sees which places, drilling down, the workbook."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from tests.years import make_tracked, report
from votes.views.publication.regional_overview import CHOICE
from votes.web import filters

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    monkeypatch.setattr("votes.views.publication.regional_overview.today", lambda: date(2027, 6, 6))


@pytest.fixture
def tracked(world):
    for body, percents in (("county", (41, 5)), ("township", (60,)), ("other", (7,))):
        with world.work(body):
            made = make_tracked(len(percents), department_id=world.departments[body])
            for tracking, percent in zip(made, percents, strict=True):
                report(tracking.id, 5, percent)


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ("", {"year": None, "sort": "place", "place": None}),
        ("year=2027&sort=red&place=3", {"year": 2027, "sort": "red", "place": 3}),
        ("year=x&sort=nonsense&place=-1", {"year": None, "sort": "place", "place": None}),
    ],
)
def test_choice_reads_the_query_and_drops_nonsense(one_app, query, choice):
    with one_app.test_request_context(f"/?{query}"):
        assert filters.read(CHOICE).chosen == choice


def rows(page, number=1):
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.tree.xpath(f"(//table)[{number}]/tbody/tr")
    ]


@pytest.mark.parametrize("role", ["leader", "office", "government"])
def test_overview_of_county_shows_it_and_its_township(as_, tracked, role):
    page = as_(role).get("/office/overview/")
    assert [row[0] for row in rows(page, 2)] == ["示例县本级", "示例镇"]
    assert [row[1:4] for row in rows(page, 2)] == [
        ["2", "● 正常 1 ■ 严重滞后 1", "23%40.1%"],
        ["1", "● 正常 1", "60%40.1%"],
    ]
    assert "邻示例县" not in page.text
    assert bool(page.tree.xpath("//button[text()='进入']")) == (role == "leader")


def test_overview_of_township_shows_itself_only(as_, tracked):
    page = as_("office", "township").get("/office/overview/")
    assert [row[0] for row in rows(page, 2)] == ["示例镇"]
    assert "示例县本级" not in page.words


def test_overview_without_figures_says_so(as_):
    assert "还没有可以汇总的数据" in as_("leader", "other").get("/office/overview/").words


def test_overview_sorts_and_compares_the_years_of_a_place(as_, world, tracked):
    page = as_("leader").get("/office/overview/?sort=percent")
    assert [row[0] for row in rows(page, 2)] == ["示例县本级", "示例镇"]
    page = as_("leader").get(f"/office/overview/?sort=paid&place={world.township}&year=2027")
    assert page.tree.xpath("//h2[@id='years']/text()") == ["历年对比：示例镇"]
    assert rows(page, 3)[0][5] == "1"
    foreign = as_("leader").get(f"/office/overview/?place={world.other}")
    assert foreign.tree.xpath("//h2[@id='years']/text()") == ["历年对比：示例县和所属各地"]


def test_overview_for_leader_in_township_shows_it_alone(as_, world, tracked):
    browser = as_("leader")
    page = browser.post("/office/bodies/view", {"body_id": world.township, "back": "overview"})
    assert page.location == "/office/overview/"
    assert [row[0] for row in rows(browser.follow(page), 2)] == ["示例镇"]


def test_overview_export_says_what_the_page_says(as_, tracked):
    page = as_("leader").get("/office/overview/export.xlsx")
    book = openpyxl.load_workbook(BytesIO(page.data))
    assert len(book.worksheets) == 2
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    head = next(i for i, row in enumerate(cells) if row[0] == "地方")
    first = dict(zip(cells[head], cells[head + 1], strict=True))
    assert (first["地方"], first["项目"], first["严重滞后"], first["累计拨付（万元）"]) == (
        "示例县",
        2,
        1,
        600,
    )

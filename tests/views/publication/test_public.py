"""The public pages: right for everybody, light on a phone, and nothing on them before it is announced."""

import csv
from datetime import date
from decimal import Decimal
from importlib.resources import files
from io import BytesIO, StringIO

import brotli
import pytest
from PIL import Image

from tests import factories
from tests.counting import statements
from tests.plumbing import ROOT
from tests.years import BY, announce, at, make_round, make_tracked, picture, report
from votes.db import db
from votes.models import Department, Deputy, Project, ProjectVillage, Village
from votes.rules.delivery.lights import Light
from votes.rules.meeting.rule import Rule
from votes.rules.people.actor import Actor
from votes.rules.projects.projects import ProjectState
from votes.services import uploads
from votes.services.delivery import plans, reports, trackings
from votes.services.delivery.plans import PlannedStep
from votes.services.meeting import rounds
from votes.services.people import bodies
from votes.web.publication.open_data import COUNTS, FIELDS, RESULT_FIELDS
from votes.web.words.labels import label

DAY = date(2027, 6, 6)
UNIT = Actor(name="填报人甲")


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):  # the day after the reports of May were due
    for module in ("views.publication.public", "web.delivery.curves"):
        monkeypatch.setattr(f"votes.{module}.today", lambda: DAY)


@pytest.fixture
def tracked(world):
    """Project ids: on time, behind, severely behind and completed; the last of another category and unit."""
    with world.work():
        made = make_tracked(3, department_id=world.departments["county"])
        made += make_tracked(1, start=4, category="教育", department_id=world.departments["county"] + 1)
        for tracking, percent in zip(made, (41, 30, 5, 100), strict=True):
            report(tracking.id, 5, percent, problems="征迁受阻，内部掌握", by=UNIT)
        plans.finish(
            trackings.get(made[3].id),
            "complete",
            on=date(2027, 6, 2),
            by=world.actor("government"),
            now=at(2027, 6, 3),
        )
        return [tracking.project_id for tracking in made]


def names(page):
    return [a.text for a in page.tree.xpath("//ol[@class='projects']//h2/a")]


# --- the front page ------------------------------------------------------------------------------------


def test_index_shows_the_year_at_a_glance(as_, tracked):
    page = as_().get("/p/shili/")
    assert page.status == 200
    assert page.title.startswith("示例县2027年民生实事项目 · 民生票决")
    assert names(page) == ["实事项目01", "实事项目02", "实事项目03", "实事项目04"]
    figures = [
        " ".join(div.text_content().split()) for div in page.tree.xpath("//dl[contains(@class,'lights')]/div")
    ]
    assert figures == [
        "全部项目4 项",
        "● 正常1 项",
        "▲ 滞后1 项",
        "■ 严重滞后1 项",
        "✔ 已完成1 项",
    ]
    assert "至5月底计划 40.1%，实际 5%，落后 35.1 个百分点" in page.words
    assert "2027年6月2日完成并通过验收" in page.words
    assert page.tree.xpath("//main//script") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("light=red", ["实事项目03"]),
        ("category=教育", ["实事项目04"]),
        ("category=教育&light=red", []),
        ("year=1999&light=x&unit=y", ["实事项目01", "实事项目02", "实事项目03", "实事项目04"]),
    ],
)
def test_index_filtered_lists_what_fits(as_, tracked, query, expected):
    page = as_().get(f"/p/shili/?{query}")
    assert names(page) == expected
    assert ("没有符合条件的项目" in page.words) == (not expected)


def test_index_filtered_by_unit_lists_its_projects(as_, world, tracked):
    assert names(as_().get(f"/p/shili/?unit={world.departments['county'] + 1}")) == ["实事项目04"]


def test_index_of_another_year_lists_its_projects(as_, world, tracked):
    with world.work():
        make_tracked(1, year=2026, start=9)
    assert names(as_().get("/p/shili/?year=2026")) == ["实事项目09"]
    page = as_().get("/p/shili/")
    assert [a.text for a in page.tree.xpath("//p[@class='years']/a")] == ["2027年", "2026年"]
    assert "实事项目09" not in page.words


def test_index_links_county_and_townships(as_, tracked):
    page = as_().get("/p/shili/")
    assert [(a.text, a.get("href")) for a in page.tree.xpath("//nav[@class='places']/a")] == [
        ("示例县本级", "/p/shili/"),
        ("示例镇", "/p/shilizhen/"),
    ]
    township = as_().get("/p/shilizhen/")
    assert township.tree.xpath("//nav[@class='places']/a[@aria-current]/text()") == ["示例镇"]
    assert "示例镇还没有经人大代表票决选定的民生实事项目" in township.words
    assert as_().get("/p/linxian/").tree.xpath("//nav[@class='places']") == []


def test_index_is_the_same_for_accounts_of_other_bodies(as_, tracked):
    assert names(as_("office", "other").get("/p/shili/")) == names(as_().get("/p/shili/"))
    assert names(as_("department2").get("/p/shili/")) == names(as_().get("/p/shili/"))


@pytest.mark.parametrize(
    "url",
    [
        "/p/nowhere/",
        "/p/shili/projects/4711",
        "/p/shili/photos/4711",
        "/p/shili/rounds/x/",
        "/p/shili/rounds/x/record.json",
    ],
)
def test_unknown_public_page_is_404(as_, tracked, url):
    assert as_().get(url).status == 404


# --- by place, across the years ---------------------------------------------------------------------


@pytest.fixture
def placed(world):
    """Make three projects: for villages of two townships, for one village of the second, for everybody."""
    with world.work():
        made = make_tracked(3)
        villages = [
            Village(name=name, township=township, position=place)
            for place, (township, name) in enumerate([("甲镇", "东村"), ("甲镇", "西村"), ("乙乡", "上坪村")])
        ]
        db.session.add_all(villages)
        db.session.flush()
        for project, village in ((0, 0), (0, 1), (0, 2), (1, 2)):
            db.session.add(
                ProjectVillage(project_id=made[project].project_id, village_id=villages[village].id)
            )
        return [t.project_id for t in made]


def test_index_grouped_by_place_has_a_heading_for_each_township(as_, placed):
    page = as_().get("/p/shili/?by=place")
    assert [" ".join(h.text_content().split()) for h in page.tree.xpath("//h2[@class='place-head']")] == [
        "甲镇 1 项",
        "乙乡 2 项",
        "面向全域 1 项",
    ]
    assert names(page) == ["实事项目01", "实事项目01", "实事项目02", "实事项目03"]
    assert "甲镇东村、甲镇西村、乙乡上坪村" in page.words
    page = as_().get("/p/shili/?by=place&place=甲镇")
    assert [" ".join(h.text_content().split()) for h in page.tree.xpath("//h2[@class='place-head']")] == [
        "甲镇 1 项"
    ]
    assert "涉及村（社区）乙乡上坪村" in as_().get(f"/p/shili/projects/{placed[1]}").words


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("甲镇", [1]),
        ("乙乡", [1, 2]),
        ("-", [3]),
        ("丙镇", [1, 2, 3]),
        ("", [1, 2, 3]),
    ],
)
def test_index_narrowed_to_a_township_lists_its_projects(as_, placed, place, found):
    page = as_().get("/p/shili/", query_string={"place": place})
    assert names(page) == [f"实事项目{n:02d}" for n in found]


def test_index_without_villages_offers_no_grouping(as_, world):
    with world.work():
        make_tracked(1)
    assert "按地点分组" not in as_().get("/p/shili/").words


def test_search_finds_across_the_years_in_pages_of_fifty(as_, world):
    with world.work():
        for year in (2026, 2027):
            make_tracked(30, year=year)
        make_tracked(1, start=99, category="教育", location="一百%村")
        factories.make_project("实事项目草稿")
    browser = as_()
    first, second = (browser.get(f"/p/shili/search?q=实事+项目&page={n}") for n in (1, 2))
    assert (len(names(first)), len(names(second))) == (50, 11)
    assert "共 61 项" in first.words
    assert set(names(first)) | set(names(second)) == {f"实事项目{n:02d}" for n in [*range(1, 31), 99]}
    assert names(browser.get("/p/shili/search?category=教育")) == ["实事项目99"]
    assert names(browser.get("/p/shili/search?q=%25")) == ["实事项目99"], "a sign, not a wildcard"
    assert len(names(browser.get("/p/shili/search?year=2026"))) == 30
    assert "没有找到符合条件的项目" in browser.get("/p/shili/search?q=草稿").words


def test_results_of_a_year_list_the_selected_with_votes(as_, world):
    made = make_round(world, publish="names+votes")
    assert "还没有公告的结果" in as_().get("/p/shili/results/").words
    announce(world, made)
    for query in ("", "?year=2027", "?year=1999"):
        page = as_().get(f"/p/shili/results/{query}")
        rows = [[td.text_content() for td in tr] for tr in page.tree.xpath("//tbody/tr")]
        assert rows == [["1", "示例项目01", "6"], ["2", "示例项目02", "6"]]


def test_results_of_names_only_rule_show_no_votes(as_, world):
    announce(world, make_round(world, publish="names"))
    page = as_().get("/p/shili/results/")
    assert [[td.text_content() for td in tr] for tr in page.tree.xpath("//tbody/tr")] == [
        ["1", "示例项目01"],
        ["2", "示例项目02"],
    ]
    assert "赞成票" not in page.words


# --- one project ---------------------------------------------------------------------------------------


def test_project_shows_its_story(as_, world, tracked):
    with world.work():
        tracking = trackings.of_project(tracked[0])
        plans.plan(
            tracking, starts_on=tracking.starts_on, by=world.actor("government"), now=at(2027, 6, 5),
            steps=[PlannedStep(None, "招标", date(2027, 3, 31), 12, date(2027, 4, 2)), PlannedStep(None, "路面", date(2027, 6, 1), 43)],
        )  # fmt: skip
        reports.correct(tracking.reports[-1], reports.figures_of(tracking.reports[-1]),
                         photos=[picture()], caption="示例河段现场", by=BY, now=at(2027, 6, 5))  # fmt: skip
    page = as_().get(f"/p/shili/projects/{tracked[0]}")
    assert page.status == 200
    story = [" ".join(p.text_content().split()) for p in page.tree.xpath("//ol[@class='story']/li/div/h3")]
    assert story == ["形象进度 41%", "✔ 节点完成 招标", "开始实施"]
    assert "计划2027年3月31日达到 12%，晚 2 天" in page.words
    assert "路面（计划达到 43%） ▲ 已过计划日期 5 天" in page.words
    assert [img.get("alt") for img in page.tree.xpath("//ol[@class='story']//img")] == ["示例河段现场"]
    money = page.tree.xpath("//table[caption='资金']/tbody/tr")
    assert [td.text for td in money[-1]] == ["累计拨付资金", "300.00", "34.88%"]
    assert len(page.tree.xpath("(//details[@class='behind'])[1]//tr")) == 6
    assert page.tree.xpath("//main//script") == []


def test_project_with_moved_due_date_shows_what_was_decided(as_, world, tracked):
    with world.work():
        tracking = trackings.of_project(tracked[0])
        plans.plan(
            tracking, starts_on=tracking.starts_on, steps=[], due_on=date(2027, 11, 30),
            by=world.actor("government"), now=at(2027, 6, 5),
        )  # fmt: skip
    assert "2027年11月30日（票决时为2027年12月20日）" in as_().get(f"/p/shili/projects/{tracked[0]}").words


def test_project_of_another_body_is_404(as_, tracked):
    assert as_().get(f"/p/linxian/projects/{tracked[0]}").status == 404


# --- pictures ------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(world, tracked):
    """Attachment ids by what they are."""
    with world.work():
        project = db.session.get(Project, tracked[0])
        candidate = factories.make_project("示例候选", state=ProjectState.LISTED)
        paper = uploads.File("批复.pdf", b"%PDF-1.7\n%%EOF")
        tracking = trackings.of_project(tracked[0])
        reports.correct(tracking.reports[-1], reports.figures_of(tracking.reports[-1]),
                         photos=[picture("red", (1200, 800))], by=BY, now=at(2027, 6, 5))  # fmt: skip
        return {
            "project": uploads.add([picture()], owner=project, by=BY, now=at(2027, 6, 5))[0].id,
            "document": uploads.add([paper], owner=project, by=BY, now=at(2027, 6, 5))[0].id,
            "candidate": uploads.add([picture()], owner=candidate, by=BY, now=at(2027, 6, 5))[0].id,
            "report": reports.get(tracking.reports[-1].id).photos[0].id,
        }


@pytest.mark.parametrize(
    ("which", "body", "status"),
    [
        ("project", "shili", 200),
        ("report", "shili", 200),
        ("candidate", "shili", 404),
        ("document", "shili", 404),
        ("report", "linxian", 404),
    ],
)
def test_photo_is_public_for_selected_projects_only(as_, pictures, which, body, status):
    assert as_().get(f"/p/{body}/photos/{pictures[which]}").status == status
    assert as_().get(f"/p/{body}/photos/{pictures[which]}?size=tile").status == status


@pytest.mark.parametrize(("size", "side"), [("", 1200), ("?size=small", 480), ("?size=tile", 240)])
def test_photo_comes_in_three_sizes_and_may_be_cached(as_, pictures, size, side):
    browser = as_()
    page = browser.get(f"/p/shili/photos/{pictures['report']}{size}")
    assert max(Image.open(BytesIO(page.data)).size) == side
    assert page.response.headers["Cache-Control"] == "public, max-age=86400"
    again = browser.get(
        f"/p/shili/photos/{pictures['report']}{size}",
        headers={"If-None-Match": page.response.headers["ETag"]},
    )
    assert again.status == 304


def test_index_shows_the_latest_picture_of_a_project(as_, pictures):
    page = as_().get("/p/shili/")
    assert page.tree.xpath("//ol[@class='projects']//img/@src") == [
        f"/p/shili/photos/{pictures['report']}?size=tile"
    ]
    assert page.tree.xpath("//ol[@class='projects']//img/@loading") == ["lazy"]


# --- the vote ------------------------------------------------------------------------------------------

PUBLIC_PAGES = (
    "/p/shili/",
    "/p/shili/announcements/",
    "/p/shili/rounds/{public_id}/",
    "/p/shili/data/",
    "/p/shili/data/projects.json",
    "/p/shili/data/projects.csv",
    "/p/shili/data/results.json",
    "/p/shili/projects/{selected}",
    "/p/shili/projects/{selected}/share",
    "/p/shili/search?q=示例",
    "/p/shili/results/",
    "/p/shili/feed.rss",
    "/p/shili/feed.atom",
)


def test_announcement_shows_votes_where_the_rule_publishes_them(as_, world):
    made = make_round(world, publish="names+votes", disclosure="ballots")
    announce(world, made)
    page = as_().get(f"/p/shili/rounds/{made['public_id']}/")
    assert "应到代表7人，实到6人；发出选票6张，收回6张，其中有效票6张、无效票0张" in page.words
    assert page.tree.xpath("//article//tbody/tr[1]/td/text()") == ["1", "示例项目01", "6"]
    (row,) = as_().get("/p/shili/data/results.json").json["results"]
    assert row["selected"] == [
        {"number": 1, "name": "示例项目01", "for": 6},
        {"number": 2, "name": "示例项目02", "for": 6},
    ]
    assert row["turnout"] == {
        "roster": 7, "present": 6, "issued": 6, "returned": 6, "valid": 6, "invalid": 0,
    }  # fmt: skip


def test_names_only_means_no_figures_in_open_data(as_, world):
    made = make_round(world)
    announce(world, made)
    (row,) = as_().get("/p/shili/data/results.json").json["results"]
    assert set(row) == {field.key for field in RESULT_FIELDS}
    assert row["selected"] == [{"number": 1, "name": "示例项目01"}, {"number": 2, "name": "示例项目02"}]
    assert (row["turnout"], row["announcement"], row["announced_on"]) == (None, 1, "2027-01-16")
    assert row["record"] == f"http://hall.example/p/shili/rounds/{made['public_id']}/record.json"


def test_public_pages_leak_nothing(as_, world):
    """Each of these is somewhere in the database; none of them on a public page."""
    made = make_round(world)
    announce(world, made)
    hidden = {
        "示例项目03",  # the candidate that was not selected
        "示例草稿工程",
        "示例邻县工程",
        "13900001234",
        "13900005678",
        "示例代表101",
        "征迁受阻只供内部",
        "填报人甲",
        "可行性论证不公开",
    }
    with world.work():
        factories.make_project("示例草稿工程")
        deputy = db.session.query(Deputy).filter_by(number="101").one()
        assert deputy.name == "示例代表101"
        deputy.phone = "13900001234"
        db.session.get(Department, world.departments["county"]).contact = "李某 13900005678"
        db.session.get(Project, made["projects"][0]).feasibility = "可行性论证不公开"
        tracking = trackings.of_project(made["projects"][0])
        report(tracking.id, 5, 30, problems="征迁受阻只供内部", by=UNIT)
        # a second vote of the same year, still under way
        draft = rounds.get_round(made["round"]).session
        second = factories.make_project("示例待决工程", state=ProjectState.LISTED, number=9)
        third = factories.make_project("示例待决道路", state=ProjectState.LISTED, number=10)
        rounds.create_round(
            draft, title="另行票决示例", project_ids=[second.id, third.id],
            rule=Rule(seats=1), by=BY, now=at(2027, 1, 17),
        )  # fmt: skip
    with world.work("other"):
        make_tracked(1, start=77)
        db.session.query(Project).filter_by(name="实事项目77").one().name = "示例邻县工程"
    hidden |= {"示例待决工程", "示例待决道路", "另行票决示例"}
    for url in PUBLIC_PAGES:
        page = as_().get(url.format(public_id=made["public_id"], selected=made["projects"][0]))
        assert page.status == 200
        text = page.response.get_data(as_text=True)
        assert [word for word in hidden if word in text] == [], url
        if page.response.mimetype == "text/html":
            assert page.response.headers["Cache-Control"] == "no-store"


# --- open data -----------------------------------------------------------------------------------------


def test_open_data_says_what_the_pages_say(as_, tracked):
    answer = as_().get("/p/shili/data/projects.json").json
    assert (answer["body"], answer["year"], answer["demo"]) == ("示例县人民代表大会", 2027, True)
    rows = answer["projects"]
    assert [set(row) for row in rows] == [{field.key for field in FIELDS}] * 4
    behind = rows[2]
    assert behind["name"] == "实事项目03"
    assert (behind["light"], behind["actual_percent"], behind["planned_percent"], behind["as_of"]) == (
        "严重滞后",
        5,
        40.1,
        "2027-05-31",
    )
    assert behind["reports"] == [
        {
            "month": "2027-05",
            "percent": 5,
            "percent_reason": "",
            "money_planned": 860.0,
            "money_in_place": 500.0,
            "money_paid": 300.0,
            "parts": [],
            "sources": [],
            "narrative": "完成路基三公里，示例河段已通车，沿线排水同步完成。",
            "next_step": "下月铺装路面。",
        }
    ]


def test_the_csv_opens_in_a_spreadsheet(as_, world, tracked):
    with world.work():
        db.session.get(Project, tracked[0]).location = "=cmd|' /C calc'!A0"
    page = as_().get("/p/shili/data/projects.csv")
    assert page.data.startswith(b"\xef\xbb\xbf")
    assert page.response.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(page.data.decode("utf-8-sig"))))
    assert list(rows[0]) == [field.name for field in FIELDS if field.table]
    assert [row["状态"] for row in rows] == ["正常", "滞后", "严重滞后", "已完成"]
    assert rows[0]["建设地点"].startswith("'=")
    assert Decimal(rows[0]["累计拨付资金"]) == 300


@pytest.mark.parametrize("name", ["projects.json", "projects.csv", "results.json"])
def test_open_data_by_year(as_, world, tracked, name):
    with world.work():
        make_tracked(1, year=2026, start=9)
    now, then = (as_().get(f"/p/shili/data/{name}?year={year}").text for year in (2027, 2026))
    assert now == as_().get(f"/p/shili/data/{name}").text
    assert ("实事项目09" in now, "实事项目09" in then) == (False, name != "results.json")


def test_every_field_is_explained(as_, tracked):
    page = as_().get("/p/shili/data/")
    told = [code.text for code in page.tree.xpath("//td[1]/code")]
    counted = [field.key for each in COUNTS for field in each.fields]
    assert told == [field.key for field in FIELDS] + [field.key for field in RESULT_FIELDS] + counted
    assert len({field.key for field in FIELDS}) == len(FIELDS)
    assert len({field.name for field in FIELDS}) == len(FIELDS)
    for light in set(Light) - {Light.ORANGE}:  # of the other scheme
        assert label(light).word in page.words


def test_the_thresholds_explained_are_those_of_the_place(as_, world, tracked):
    with world.work():
        bodies.change_settings(
            bodies.get_body(world.county), {"lights": {"behind": 8, "severe": 25}}, by=BY, now=at(2027, 6, 5)
        )
    assert "落后 8 至 25 个百分点（含两端）" in as_().get("/p/shili/data/").words


def test_empty_places_have_open_data_too(as_, world):
    assert as_().get("/p/linxian/data/projects.json").json["projects"] == []
    assert len(as_().get("/p/linxian/data/projects.csv").text.splitlines()) == 1
    assert "还没有可以公开的项目" in as_().get("/p/linxian/data/").words


# --- weight and work -----------------------------------------------------------------------------------


def landscape(number):
    """Return a picture as heavy as a photograph: nothing in it repeats."""
    size = (1200, 900)
    ground = Image.linear_gradient("L").resize(size)
    noise = Image.effect_noise((300, 225), 70 + number).resize(size, Image.Resampling.BICUBIC)
    out = BytesIO()
    Image.merge("RGB", (noise, Image.blend(noise, ground, 0.5), ground)).save(out, "JPEG", quality=90)
    return uploads.File(f"{number}.jpg", out.getvalue())


def make_full_year(world, count, photographs=0):
    with world.work():
        unit, government = world.departments["county"], world.actor("government")
        for number, tracking in enumerate(make_tracked(count, department_id=unit, content="建设内容" * 60)):
            plans.plan(
                tracking, starts_on=tracking.starts_on, by=government, now=at(2027, 2, 1),
                steps=[PlannedStep(None, f"节点{n}", date(2027, n, 20), n * 8) for n in range(2, 8)],
            )  # fmt: skip
            for month in (1, 2, 3, 4, 5):
                photo = [landscape(number)] if number < photographs and month == 5 else []
                report(tracking.id, month, month * 8, photos=photo)
        return [line.project.id for line in trackings.search(day=DAY)]


def test_index_first_visit_weighs_at_most_150_kb(as_, world):
    """At most 150 kB compressed: the page, its style sheets and all pictures within reach of the first screens."""
    make_full_year(world, 12, photographs=11)
    browser = as_()
    page = browser.get("/p/shili/", headers={"Accept-Encoding": "br"})
    assert page.response.headers["Content-Encoding"] == "br"
    weight = len(page.data)
    html = browser.get("/p/shili/")
    sheets = html.tree.xpath("//link[@rel='stylesheet']/@href")
    assert len(sheets) == 3
    for sheet in sheets:
        path = (
            files("flask_bootstrap") / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
            if sheet.startswith("/bootstrap/")
            else ROOT / sheet.lstrip("/")
        )
        weight += len(brotli.compress(path.read_bytes()))
    pictures = html.tree.xpath("//main//img/@src")
    assert len(pictures) == 11
    weight += sum(len(browser.get(src).data) for src in pictures)
    assert weight <= 150_000


@pytest.mark.parametrize("count", [2, 12])
def test_public_pages_take_at_most_thirty_statements(as_, world, database, count):
    made = make_full_year(world, count, photographs=2)
    round_ = make_round(world)
    announce(world, round_)
    browser = as_()
    for url in PUBLIC_PAGES:
        with statements(database) as seen:
            assert browser.get(url.format(public_id=round_["public_id"], selected=made[0])).status == 200
        assert len(seen) <= 30, "\n".join([url, *seen])


@pytest.mark.parametrize("url", ["/p/shili/", "/p/shili/announcements/", "/p/shili/data/"])
def test_public_pages_answer_405_to_post(as_, world, url):
    assert as_().post(url).status == 405

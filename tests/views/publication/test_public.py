"""The public pages: right for everybody, light on a phone, and nothing on them before its time."""

import csv
import json
import subprocess
import sys
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
from votes.models import Department, Deputy, Project
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
def a_day_in_june(monkeypatch):
    """The sixth of June 2027: the reports of May were due yesterday."""
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


def test_the_year_at_a_glance(as_, tracked):
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
def test_filters(as_, tracked, query, expected):
    page = as_().get(f"/p/shili/?{query}")
    assert names(page) == expected
    assert ("没有符合条件的项目" in page.words) == (not expected)


def test_filter_by_unit(as_, world, tracked):
    assert names(as_().get(f"/p/shili/?unit={world.departments['county'] + 1}")) == ["实事项目04"]


def test_years_can_be_switched(as_, world, tracked):
    with world.work():
        make_tracked(1, year=2026, start=9)
    assert names(as_().get("/p/shili/?year=2026")) == ["实事项目09"]
    page = as_().get("/p/shili/")
    assert [a.text for a in page.tree.xpath("//p[@class='years']/a")] == ["2027年", "2026年"]
    assert "实事项目09" not in page.words


def test_from_the_county_to_its_townships_and_back(as_, tracked):
    page = as_().get("/p/shili/")
    assert [(a.text, a.get("href")) for a in page.tree.xpath("//nav[@class='places']/a")] == [
        ("示例县本级", "/p/shili/"),
        ("示例镇", "/p/shilizhen/"),
    ]
    township = as_().get("/p/shilizhen/")
    assert township.tree.xpath("//nav[@class='places']/a[@aria-current]/text()") == ["示例镇"]
    assert "示例镇还没有经人大代表票决选定的民生实事项目" in township.words
    assert as_().get("/p/linxian/").tree.xpath("//nav[@class='places']") == []


def test_whoever_is_signed_in_sees_the_same(as_, tracked):
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
def test_what_is_not_there(as_, tracked, url):
    assert as_().get(url).status == 404


# --- one project ---------------------------------------------------------------------------------------


def test_a_projects_story(as_, world, tracked):
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


def test_a_moved_due_date_shows_what_was_decided(as_, world, tracked):
    with world.work():
        tracking = trackings.of_project(tracked[0])
        plans.plan(
            tracking, starts_on=tracking.starts_on, steps=[], due_on=date(2027, 11, 30),
            by=world.actor("government"), now=at(2027, 6, 5),
        )  # fmt: skip
    assert "2027年11月30日（票决时为2027年12月20日）" in as_().get(f"/p/shili/projects/{tracked[0]}").words


def test_another_bodys_project_is_not_found_here(as_, tracked):
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
def test_only_pictures_of_selected_projects_are_public(as_, pictures, which, body, status):
    assert as_().get(f"/p/{body}/photos/{pictures[which]}").status == status
    assert as_().get(f"/p/{body}/photos/{pictures[which]}?size=tile").status == status


@pytest.mark.parametrize(("size", "side"), [("", 1200), ("?size=small", 480), ("?size=tile", 240)])
def test_pictures_come_in_three_sizes_and_may_be_cached(as_, pictures, size, side):
    browser = as_()
    page = browser.get(f"/p/shili/photos/{pictures['report']}{size}")
    assert max(Image.open(BytesIO(page.data)).size) == side
    assert page.response.headers["Cache-Control"] == "public, max-age=86400"
    again = browser.get(
        f"/p/shili/photos/{pictures['report']}{size}",
        headers={"If-None-Match": page.response.headers["ETag"]},
    )
    assert again.status == 304


def test_the_front_page_shows_the_latest_picture(as_, pictures):
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


def test_an_announcement_names_the_selected_and_nothing_else(as_, world):
    made = make_round(world)
    announce(world, made)
    listed = as_().get("/p/shili/announcements/")
    (link,) = listed.tree.xpath("//ul[@class='notices']//a")
    assert link.text == "示例县人民代表大会主席团公告（第1号）"
    page = as_().get(link.get("href"))
    paper = " ".join(page.tree.xpath("//article[contains(@class,'paper')]")[0].text_content().split())
    assert "票决确定下列2个项目为示例县2027年民生实事项目" in paper
    assert "1．示例项目01 2．示例项目02" in paper
    assert "2027年1月16日" in paper
    assert not any(word in paper for word in ("示例项目03", "赞成", "实到", "收回"))
    assert (
        f"/p/shili/rounds/{made['public_id']}/"
        in as_().get(f"/p/shili/projects/{made['projects'][0]}").links()
    )


def test_votes_are_shown_where_the_rule_publishes_them(as_, world):
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


def test_the_record_is_the_same_bytes_each_time_and_recounts(as_, world, tmp_path):
    made = make_round(world, publish="names+votes", disclosure="ballots")
    announce(world, made)
    url = f"/p/shili/rounds/{made['public_id']}/record.json"
    page = as_().get(url)
    assert (page.status, page.response.mimetype) == (200, "application/json")
    assert page.data == as_("office").get(url).data
    path = tmp_path / "record.json"
    path.write_bytes(page.data)
    told = subprocess.run(
        [sys.executable, ROOT / "static" / "recount.py", path], capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0
    assert told.stdout.splitlines()[-1] == "结论：一致"
    changed = json.loads(page.data)
    changed["ballots"][0]["marks"] = {"3": "for"}
    path.write_text(json.dumps(changed, ensure_ascii=False), "utf-8")
    told = subprocess.run(
        [sys.executable, ROOT / "static" / "recount.py", path], capture_output=True, text=True, timeout=60
    )
    assert told.stdout.splitlines()[-1].startswith("结论：不一致")
    checks = as_().get(f"/p/shili/rounds/{made['public_id']}/")
    assert {"/static/recount.py", url} <= set(checks.links())


@pytest.mark.parametrize("ending", ["", "record.json"])
def test_nothing_of_a_round_before_it_is_announced(as_, world, ending):
    made = make_round(world)
    assert as_().get(f"/p/shili/rounds/{made['public_id']}/{ending}").status == 404
    for url in ("/p/shili/", "/p/shili/announcements/", "/p/shili/data/", "/p/shili/data/results.json",
                "/p/shili/data/projects.json", "/p/shili/data/projects.csv"):  # fmt: skip
        text = as_().get(url).text
        assert not any(
            word in text for word in ("示例项目01", "示例项目03", made["public_id"], "2027年民生实事项目票决")
        )
    assert all(as_().get(f"/p/shili/projects/{project_id}").status == 404 for project_id in made["projects"])


def test_a_rehearsal_is_never_public(as_, world):
    made = make_round(world, rehearsal=True)
    announce(world, made)
    assert as_().get(f"/p/shili/rounds/{made['public_id']}/").status == 404
    assert "还没有公告" in as_().get("/p/shili/announcements/").words
    assert as_().get("/p/shili/data/results.json").json["results"] == []


def test_another_bodys_round_is_not_found_here(as_, world):
    made = make_round(world)
    announce(world, made)
    assert as_().get(f"/p/linxian/rounds/{made['public_id']}/").status == 404
    assert as_().get("/p/linxian/data/results.json").json["results"] == []


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
    """A picture as heavy as a photograph: nothing in it repeats."""
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


def test_the_first_visit_is_light(as_, world):
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
def test_public_pages_need_few_statements(as_, world, database, count):
    made = make_full_year(world, count, photographs=2)
    round_ = make_round(world)
    announce(world, round_)
    browser = as_()
    for url in PUBLIC_PAGES:
        with statements(database) as seen:
            assert browser.get(url.format(public_id=round_["public_id"], selected=made[0])).status == 200
        assert len(seen) <= 30, "\n".join([url, *seen])


@pytest.mark.parametrize("url", ["/p/shili/", "/p/shili/announcements/", "/p/shili/data/"])
def test_reading_pages_take_no_post(as_, world, url):
    assert as_().post(url).status == 405

"""Finding one's way in public: by place, across the years, by result, in a feed, in a chat."""

import base64
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests import factories
from tests.years import announce, make_round, make_tracked, report
from votes.db import db
from votes.exports.formats import qr
from votes.exports.publication.share import lines_of
from votes.models import Adjustment, ProjectVillage, Village
from votes.services.delivery import trackings

pytestmark = pytest.mark.sqlite
DAY = date(2027, 6, 6)


@pytest.fixture(autouse=True)
def a_day_in_june(monkeypatch):
    for module in ("views.publication.public", "views.publication.share", "web.delivery.curves"):
        monkeypatch.setattr(f"votes.{module}.today", lambda: DAY)


@pytest.fixture
def tracked(world):
    """Three projects: one for villages of two townships, one for the second of them, one for everybody."""
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


def names(page):
    return [a.text for a in page.tree.xpath("//ol[@class='projects']//h2/a")]


def test_grouped_by_place_without_a_map(as_, tracked):
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
    assert "涉及村（社区）乙乡上坪村" in as_().get(f"/p/shili/projects/{tracked[1]}").words


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
def test_narrowed_to_one_township(as_, tracked, place, found):
    page = as_().get("/p/shili/", query_string={"place": place})
    assert names(page) == [f"实事项目{n:02d}" for n in found]


def test_where_no_villages_are_named_nothing_of_it_is_offered(as_, world):
    with world.work():
        make_tracked(1)
    assert "按地点分组" not in as_().get("/p/shili/").words


def test_finding_across_the_years_in_pages_of_fifty(as_, world):
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


def test_results_by_year(as_, world):
    made = make_round(world, publish="names+votes")
    assert "还没有公告的结果" in as_().get("/p/shili/results/").words
    announce(world, made)
    for query in ("", "?year=2027", "?year=1999"):
        page = as_().get(f"/p/shili/results/{query}")
        rows = [[td.text_content() for td in tr] for tr in page.tree.xpath("//tbody/tr")]
        assert rows == [["1", "示例项目01", "6"], ["2", "示例项目02", "6"]]


def test_names_only_shows_no_votes_among_the_results(as_, world):
    announce(world, make_round(world, publish="names"))
    page = as_().get("/p/shili/results/")
    assert [[td.text_content() for td in tr] for tr in page.tree.xpath("//tbody/tr")] == [
        ["1", "示例项目01"],
        ["2", "示例项目02"],
    ]
    assert "赞成票" not in page.words


def test_feeds_have_announcements_and_announced_adjustments_only(as_, world):
    made = make_round(world)
    announce(world, made)
    with world.work():
        tracking_id = make_tracked(2, start=50)[0].id
        for announced in (date(2027, 6, 1), None):
            db.session.add(
                Adjustment(
                    tracking_id=tracking_id,
                    kind="minor",
                    cause="policy",
                    reason="不公开的理由",
                    before={},
                    after={},
                    state="approved",
                    applied_on=DAY,
                    applied_by="示例",
                    decided_on=DAY,
                    announced_on=announced,
                    notice="经决定，完成时限调整。<示例>",
                )
            )
    rss, atom = (as_().get(f"/p/shili/feed.{kind}") for kind in ("rss", "atom"))
    assert rss.response.content_type == "application/rss+xml; charset=utf-8"
    items = ElementTree.fromstring(rss.data).findall("./channel/item")
    assert [item.findtext("title") for item in items] == [
        "项目调整：实事项目50",
        "示例县第十八届人民代表大会第五次会议：2027年民生实事项目票决（第1号）",
    ]
    assert items[0].findtext("description") == "经决定，完成时限调整。<示例>"
    assert items[1].findtext("link") == f"http://hall.example/p/shili/rounds/{made['public_id']}/"
    entries = ElementTree.fromstring(atom.data).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 2
    known = rss.response.headers["ETag"]
    assert as_().client.get("/p/shili/feed.rss", headers={"If-None-Match": known}).status_code == 304
    for feed in (rss, atom):
        assert "不公开的理由" not in feed.text
        assert "示例项目03" not in feed.text, "what was not selected"
    assert ElementTree.fromstring(as_().get("/p/linxian/feed.rss").data).findall("./channel/item") == []


def test_a_project_to_be_handed_on(as_, world, tracked):
    with world.work():
        report(trackings.of_project(tracked[0]).id, 5, 5)
    page = as_().get(f"/p/shili/projects/{tracked[0]}/share")
    code = page.tree.xpath("//img[@class='qr']/@src")[0]

    assert qr.read(base64.b64decode(code.partition(",")[2])) == [
        f"http://hall.example/p/shili/projects/{tracked[0]}"
    ]
    story = as_().get(f"/p/shili/projects/{tracked[0]}")
    for each in (page, story):
        said = {m.get("property"): m.get("content") for m in each.tree.xpath("//meta[@property]")}
        assert said["og:title"] == "实事项目01"
        assert said["og:description"].startswith("严重滞后：至5月底计划")
        assert said["og:image"] == f"http://hall.example/p/shili/projects/{tracked[0]}/share.png"
    picture = as_().get(f"/p/shili/projects/{tracked[0]}/share.png")
    image = Image.open(BytesIO(picture.data)).convert("RGB")
    assert image.size == (600, 480)
    red = sum(abs(a - b) < 12 for a, b in zip(image.getpixel((46, 302)), (0xB9, 0x34, 0x34), strict=True))
    assert red == 3, "the bar has the light's colour"
    assert len(picture.data) < 60_000


@pytest.mark.parametrize("page", ["share", "share.png"])
def test_candidates_are_not_handed_on(as_, world, page):
    with world.work():
        project_id = factories.make_listed(1)[0].id
    assert as_().get(f"/p/shili/projects/{project_id}/{page}").status == 404


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("短名", ["短名"]),
        ("一二三四五六", ["一二三四五", "六"]),
        ("一二三四五六七八九十十一", ["一二三四五", "六七八九…"]),
        ("", [""]),
    ],
)
def test_long_names_are_broken_and_cut(text, found):
    assert lines_of(text, 50, 10, 2) == found

"""The lists of matters, one matter, where a project comes from."""

from io import BytesIO

import openpyxl
import pytest

from tests.views.suggestions.samples import NAME, PHONE, fill
from tests.years import at, make_tracked
from votes.db import db
from votes.models import Village
from votes.rules.suggestions.matters import Outcome
from votes.services.people import bodies
from votes.services.suggestions import decisions, matters, merging, worklist

pytestmark = pytest.mark.sqlite
PREPARED = {"ids": fill}


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
def test_list_and_export_show_the_same_matters(as_, ids, query, titles):
    browser = as_("leader")
    page = browser.get(f"/office/matters/{query}")
    assert [a.text for a in page.tree.xpath("//tbody/tr/td[2]/a")] == titles
    sheet = openpyxl.load_workbook(BytesIO(browser.get(f"/office/matters/export.xlsx{query}").data)).active
    assert [row[2].value for row in sheet.iter_rows(min_row=3)] == titles


def test_empty_lists_say_what_to_do_first(as_):
    assert "还没有建议事项" in as_("office", "township").get("/office/matters/").words
    assert "没有待归并的建议" in as_("office", "township").get("/office/matters/inbox").words
    assert "储备库还是空的" in as_("office", "township").get("/office/matters/reserve").words
    assert "还没有交办件" in as_("office", "township").get("/office/transfers/").words


def test_edit_keeps_village_out_of_use(world, as_, ids):
    with world.work():
        village = Village(name="撤并村", township="示例镇", active=False)
        db.session.add(village)
        matters.get(ids["sent"]).village = village
    office, url = as_("office"), f"/office/matters/{ids['sent']}/edit"
    page = office.get(url)
    kept = {name: page.value(name) for name in ("title", "summary", "category", "village_id")}
    assert office.post(url, kept).status == 303
    with world.work():
        assert matters.get(ids["sent"]).village.name == "撤并村"


def test_public_project_page_names_sources_without_persons(world, as_, ids):
    with world.work():
        village = Village(name="东山村", township="示例镇")
        db.session.add(village)
        db.session.flush()
        rows = worklist.chosen(ids["alike"])
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


def test_settings_with_valid_values_are_saved(world, as_):
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

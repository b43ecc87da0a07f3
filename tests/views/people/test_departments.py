"""责任单位: added, changed, put out of use by office and government of the body."""

import pytest
from sqlalchemy import select

from tests.sheets import rows_of
from votes.db import db
from votes.models import Department

FORM = {"name": "水利局", "head": "王示例", "contact": "0971-8123456"}


@pytest.mark.parametrize("role", ["office", "government"])
def test_unit_is_added_changed_and_stopped(as_, world, role):
    browser = as_(role)
    assert "已新增责任单位：水利局" in browser.follow(browser.post("/office/departments/new", FORM)).words
    with world.work():
        unit = db.session.scalar(select(Department.id).where(Department.name == "水利局"))
    browser.post(f"/office/departments/{unit}", {**FORM, "head": "李示例"})
    page = browser.follow(browser.post(f"/office/departments/{unit}/active"))
    assert "已停用：水利局" in page.words
    with world.work():
        row = db.session.get(Department, unit)
        assert (row.head, row.active) == ("李示例", False)
    browser.post(f"/office/departments/{unit}/active")
    with world.work():
        assert db.session.get(Department, unit).active is True


def test_list_shows_accounts_in_use_and_export_has_units(as_):
    page = as_("office").get("/office/departments/")
    rows = [[c.text_content().strip() for c in row.xpath("td")][:5] for row in page.tree.xpath("//tbody/tr")]
    assert rows == [["交通运输局", "", "", "1", "● 使用中"], ["教育局", "", "", "1", "● 使用中"]]
    data = rows_of(as_("office").get("/office/departments/export.xlsx").data)
    assert [row[0] for row in data[2:]] == ["交通运输局", "教育局"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "请输入单位名称"),
        ({"name": "教育局"}, "已有名为“教育局”的责任单位。"),
        ({"name": "长" * 61}, "名称不超过 60 个字"),
        ({"contact": "9" * 61}, "联系方式不超过 60 个字"),
    ],
)
def test_unit_form_refuses_in_words(as_, changed, message):
    page = as_("office").post("/office/departments/new", {**FORM, **changed})
    assert page.status in (409, 422)
    assert message in page.errors
    assert page.value("head") == "王示例"


def test_another_bodys_unit_is_404(as_, world):
    office, theirs = as_("office"), world.departments["other"]
    assert office.get(f"/office/departments/{theirs}").status == 404
    assert office.post(f"/office/departments/{theirs}", FORM).status == 404
    assert office.post(f"/office/departments/{theirs}/active").status == 404


@pytest.mark.parametrize("role", ["department", "leader", "deputy", "sysadmin"])
def test_units_are_refused_to_other_roles(as_, role):
    assert as_(role).get("/office/departments/").status == 403
    assert as_(role).post("/office/departments/new", FORM).status == 403

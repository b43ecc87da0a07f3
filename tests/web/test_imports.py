"""The pages of a workbook on its way in, by the list of villages: choose, check, confirm or discard."""

from io import BytesIO

import pytest
from sqlalchemy import select

from tests.sheets import book
from votes.db import db
from votes.models import ImportDraft, Village

UPLOAD = "/office/seasons/villages/import"


@pytest.fixture
def office(as_):
    return as_("office")


def upload(browser, *rows):
    """Send a file; return the URL of its preview."""
    data = book(rows, head=["乡镇（街道）", "村（社区）"])
    page = browser.post(UPLOAD, {"file": (BytesIO(data), "名单.xlsx")}, content_type="multipart/form-data")
    assert page.status == 303
    return page.location


def steps(page) -> list[str]:
    return page.tree.xpath("//ol[@class='steps']/li[@aria-current='step']/text()")


def names(world) -> list[str]:
    with world.work():
        return list(db.session.scalars(select(Village.name).order_by(Village.id)))


def test_upload_previews_and_apply_enters_the_rows(office, world):
    assert steps(office.get(UPLOAD)) == ["1 选择文件"]
    location = upload(office, ["河镇", "东村"], ["河镇", "西村"])
    page = office.get(location)
    assert steps(page) == ["2 核对预览"]
    assert "核对无误后导入：新增 2 个。" in page.words
    assert names(world) == []
    page = office.follow(office.post(f"{location}/apply", {"seen": page.value("seen")}))
    assert "名单已导入：新增 2 个" in page.words
    assert names(world) == ["东村", "西村"]


def test_second_apply_is_refused_on_the_page_of_the_draft(office, world):
    location = upload(office, ["河镇", "东村"])
    office.post(f"{location}/apply")
    page = office.post(f"{location}/apply")
    assert (page.status, page.errors) == (409, ["这份文件已经导入，不会重复导入。"])
    assert steps(page) == ["3 完成"]
    assert names(world) == ["东村"]


def test_apply_after_a_change_shows_the_comparison_anew(office, world):
    location, other = upload(office, ["河镇", "东村"]), upload(office, ["河镇", "东村"])
    seen = office.get(location).value("seen")
    office.post(f"{other}/apply")
    page = office.post(f"{location}/apply", {"seen": seen})
    assert page.status == 422
    assert page.errors == ["您预览之后，名单又有了变动，没有导入。请核对下面重新比对的结果，再确认导入。"]
    assert "表中内容与现有的完全相同，没有需要导入的。" in page.words


def test_refused_rows_are_listed_and_cannot_be_applied(office, world):
    location = upload(office, ["河镇", "东村"], ["河镇", ""])
    page = office.get(location)
    rows = page.tree.xpath("//h2[starts-with(.,'不能导入')]/following-sibling::div[1]//tbody/tr")
    assert [[td.text_content().strip() for td in row.xpath("td")] for row in rows] == [
        ["3", "河镇", "（空）", "没有填写村（社区）名称。"]
    ]
    assert not page.tree.xpath("//button[.='确认导入']")
    page = office.post(f"{location}/apply")
    assert (page.status, page.errors) == (422, ["有 1 行不能导入，全部没有导入。请改正后重新上传。"])
    assert names(world) == []


def test_discard_deletes_the_draft(office, world):
    location = upload(office, ["河镇", "东村"])
    page = office.follow(office.post(location, {"discard": "1"}))
    assert "已放弃这份文件，名单没有变动" in page.words
    assert office.get(location).status == 404
    with world.work():
        assert db.session.scalars(select(ImportDraft)).all() == []

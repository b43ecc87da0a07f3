"""代表履职 in the office: the list of all deputies, one record, documents; roles and bodies that may not."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from tests import factories
from tests.counting import statements
from tests.duties import BASE, DAY, NOW_IN_JUNE, make_rows
from tests.sheets import rows_of
from votes.db import db
from votes.models import Body
from votes.rules.duties.duties import Activity, DutyKind
from votes.rules.people.roles import BodyKind
from votes.services.duties import entries

PREPARED = {"rows": make_rows}


def test_list_page_and_workbook_have_the_same_figures(as_, rows):
    page = as_("leader").get(f"{BASE}/?sort=committee")
    cells = [[" ".join(td.text_content().split()) for td in tr] for tr in page.tree.xpath("//tbody/tr")]
    assert [row[1] for row in cells[:3]] == ["示例代表102", "示例代表103", "示例代表101"]
    assert cells[2][4:7] == ["100.0%1/1", "—", "100.0%1/1"]
    assert "常委会出席率33.3%1 / 3 人次" in page.words
    sheet = rows_of(as_("office").get(f"{BASE}/export.xlsx?q=101").data)
    assert sheet[0][0] == "示例县2027年代表履职情况"
    found = dict(zip(sheet[1], sheet[2], strict=True))
    assert (found["姓名"], found["常委会出席率"], found["常委会出席率（次数）"], found["培训"]) == (
        "示例代表101", 1, "1/1", 1,
    )  # fmt: skip


@pytest.mark.sqlite
def test_list_of_many_takes_as_many_statements(world, as_, rows):
    browser = as_("office")
    with statements(world.database) as few:
        browser.get(f"{BASE}/")
    with world.work():
        ids = [d.id for d in factories.make_deputies(60, world.delegations["county"], start=201)]
        visit = Activity(DutyKind.VISIT, DAY, "走访")
        entries.enter(ids, visit, by=world.actor("office"), now=NOW_IN_JUNE)
    with statements(world.database) as many:
        page = browser.get(f"{BASE}/")
    assert len(many) == len(few) <= 30
    assert len(page.tree.xpath("//tbody/tr")) == 50


def test_record_of_deputy_is_shown_and_downloaded(world, as_, rows):
    browser = as_("office")
    with statements(world.database) as said:
        page = browser.get(f"{BASE}/{rows['ids'][0]}")
    assert len(said) <= 30
    assert "会议出席" in page.words
    assert "第一次常委会会议 出席，发言" in page.words
    assert browser.get(f"{BASE}/{rows['ids'][0]}/record.pdf").data[:5] == b"%PDF-"
    assert browser.get(f"{BASE}/{rows['ids'][0]}/record.docx").data[:2] == b"PK"


@pytest.mark.sqlite
def test_papers_come_in_parts_and_by_delegation(world, as_, rows, monkeypatch):
    monkeypatch.setattr("votes.exports.formats.layout.to_pdf", lambda paper: paper.subtitle.encode())
    browser, job = as_("office"), "ab" * 12
    page = browser.get(f"{BASE}/papers")
    (form,) = page.tree.xpath("//form[@id='make-all']")
    for part in form.get("data-parts").split():
        assert browser.post(f"{BASE}/papers", {"job": job, "part": part}).status == 204
    files = ZipFile(BytesIO(browser.post(f"{BASE}/papers", {"job": job}).data)).namelist()
    assert sorted(files)[0] == "101-示例代表101-2027年履职档案.pdf"
    assert len(files) == 5  # with the deputy of the account
    only = browser.post(f"{BASE}/papers", {"only": str(world.delegations["county"])})
    assert ZipFile(BytesIO(only.data)).namelist() == files
    assert browser.post(f"{BASE}/papers", {"only": "0"}).status == 404
    assert browser.post(f"{BASE}/papers", {"job": job, "part": "none"}).status == 404
    assert browser.post(f"{BASE}/papers", {"job": "../x"}).status == 422


@pytest.mark.sqlite
def test_papers_of_many_take_few_statements(world, as_, rows, monkeypatch):
    monkeypatch.setattr("votes.exports.formats.layout.to_pdf", lambda paper: b"%PDF-")
    browser = as_("office")
    with world.work():
        factories.make_deputies(30, world.delegations["county"], start=201)
    with statements(world.database) as said:
        whole = browser.post(f"{BASE}/papers", {"whole": "1"})
    assert len(ZipFile(BytesIO(whole.data)).namelist()) == 35
    assert len(said) <= 30


@pytest.mark.sqlite
def test_list_of_a_street_has_its_own_words(world, as_, rows):
    with world.work():
        db.session.get(Body, world.county).kind = BodyKind.STREET
    browser = as_("office")
    page = browser.get(f"{BASE}/")
    heads = [th.text_content() for th in page.tree.xpath("//thead//th")]
    assert heads[3:6] == ["议事代表会议出席率", "发言率", "参加票决"]
    assert page.tree.xpath("//select[@name='sort']/option/text()")[3:5] == [
        "议事代表会议出席率低的在前",
        "发言率低的在前",
    ]
    form = browser.get(f"{BASE}/meetings/new")
    assert form.tree.xpath("//select[@name='kind']/option/text()") == ["其他会议"]
    assert "常委会" not in form.words
    assert rows_of(browser.get(f"{BASE}/export.xlsx").data)[1][3:8:2] == [
        "议事代表会议出席率",
        "发言率",
        "参加票决和测评",
    ]
    assert browser.get(f"{BASE}/{rows['ids'][0]}/record.docx").data[:2] == b"PK"


@pytest.mark.parametrize("who", ["government", "department", "deputy", "leader"])
def test_pages_for_other_roles_are_403(as_, rows, who):
    browser = as_(who)
    assert browser.get(f"{BASE}/").status == (200 if who == "leader" else 403)
    assert browser.get(f"{BASE}/inbox").status == 403
    assert browser.post(f"{BASE}/pages/open", {"deputy": rows["ids"]}).status == 403


def test_pages_of_another_body_are_404(as_, rows):
    browser = as_("office", "other")
    for url in (f"{rows['ids'][0]}", f"meetings/{rows['meeting']}", f"{rows['ids'][0]}/card.pdf"):
        assert browser.get(f"{BASE}/{url}").status == 404
    assert browser.post(f"{BASE}/entries/{rows['entry']}/confirm").status == 404
    assert browser.get(f"/p/linxian/d/{rows['key']}").status == 404

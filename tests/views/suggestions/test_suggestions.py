"""Suggestions in the office: list, one suggestion, entering, import."""

from io import BytesIO

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.views.suggestions.samples import book
from votes.clock import local
from votes.db import db, everything
from votes.exports.formats import xlsx
from votes.models import AuditEntry
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC
from votes.rules.suggestions.suggestions import AuthorText, Channel, SuggestionState
from votes.services import imports
from votes.services.people import villages
from votes.services.suggestions import intake, sheets, suggestions

pytestmark = pytest.mark.sqlite
LIST = "/office/suggestions/"


def one(world, number=1):
    with world.work():
        return everything(suggestions.search({"q": str(number)}))[0].id


def test_export_can_be_imported_and_names_nobody(place, as_):
    with place.work():
        intake.receive(
            channel=Channel.WEB, content="学校门口没有路灯。", author=AuthorText("示例某", "13800001234"), by=PUBLIC, now=NOW
        )  # fmt: skip
    data = as_("office").get(f"{LIST}export.xlsx?q=路灯").data
    workbook = imports.read(sheets.SHEET, "a.xlsx", data)
    assert workbook.rows[0].values["建议内容"] == "学校门口没有路灯。"
    assert not {"示例某", "13800001234"} & {str(value) for value in workbook.rows[0].values.values()}
    with place.work(), pytest.raises(RuleBroken, match="没有内容"):
        imports.read(sheets.SHEET, "a.xlsx", sheets.template())


def test_list_is_exported_as_narrowed(place, as_):
    office = as_("office")
    assert "想建一座桥" in office.get(LIST).words
    assert "村口的路" not in office.get(f"{LIST}?q=桥").words
    rows = book(office.get(f"{LIST}export.xlsx?q=桥").data)
    assert [row[4] for row in rows[2:]] == ["想建一座桥"]
    assert "13800001234" not in str(rows)
    assert "没有符合条件" in office.get(f"{LIST}?q=没有的").words
    assert "还没有开始征集" in as_("office", "other").get(LIST).words


def test_author_is_masked_until_revealed(place, as_):
    office, url = as_("office"), f"{LIST}{one(place)}"
    page = office.get(url)
    assert ("示**" in page.words, "示例某" in page.words) == (True, False)
    page = office.post(f"{url}/author")
    assert ("示例某" in page.words, "13800001234" in page.words) == (True, True)
    leader = as_("leader").get(url)
    assert ("示**" in leader.words, "留有联系方式" in leader.words) == (False, True)
    assert as_("leader").post(f"{url}/author").status == 403
    assert as_("office", "other").post(f"{url}/author").status == 404
    with place.work():
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "suggestion.reveal")).all()
        assert [line.about for line in lines] == ["2027年第1号建议"]


def test_refuse_place_and_restore_change_the_suggestion(place, as_):
    office, url = as_("office"), f"{LIST}{one(place)}"
    page = office.post(f"{url}/refuse", {"reason": ""})
    assert (page.status, "请写明" in page.words) == (422, True)
    assert office.post(f"{url}/place", {"category": "交通出行", "village_id": "1"}).status == 303
    assert office.post(f"{url}/place", {"category": "军事"}).status == 422
    wrong = office.post(f"{url}/place", {"category": "教育", "village_id": "某村"})
    assert (wrong.status, "选择无效" in wrong.words) == (422, True)
    with place.work():  # a village that is in use no longer stays where it stands
        villages.get_village(1).active = False
    kept = {"category": "交通出行", "village_id": office.get(url).value("village_id")}
    assert office.post(f"{url}/place", kept).status == 303
    assert office.post(f"{url}/refuse", {"reason": "重复。"}).status == 303
    page = office.post(f"{url}/refuse", {"reason": "重复。"})
    assert (page.status, "当前状态下不能" in page.words) == (422, True)
    with place.work():
        suggestion = suggestions.get(one(place))
        assert (suggestion.state, suggestion.category, suggestion.village.name) == (
            SuggestionState.REFUSED,
            "交通出行",
            "示例村",
        )
    assert office.post(f"{url}/restore").status == 303
    assert as_("department").get(url).status == 403


def test_enter_letter_with_valid_fields_is_received(place, as_):
    government = as_("government")
    given = {
        "channel": "letter", "received_on": "2027-01-10", "year": "2027", "content": "请在学校门口装路灯。",
        "village_id": "1", "name": "示例人", "phone": "12", "kind": "citizen",
    }  # fmt: skip
    page = government.post(f"{LIST}new", given)
    assert page.status == 422
    assert "11 位手机号" in page.words
    assert page.tree.xpath("//textarea[@name='content']")[0].text.strip() == given["content"]
    page = government.post(f"{LIST}new", given | {"phone": "13800004321"})
    assert page.status == 303
    with place.work():
        suggestion = suggestions.get(one(place, 3))
        assert (suggestion.channel, str(local(suggestion.received_at).date())) == (
            Channel.LETTER,
            "2027-01-10",
        )
        assert suggestion.entered_by.startswith("government")


def test_import_workbook_shows_preview_then_imports(place, as_):
    office = as_("office")
    columns = [xlsx.Column(name) for name in ("建议内容", "来源渠道", "建议人")]
    data = xlsx.write("建议", columns, [["请修村口的桥。", "走访", "示例某某"], ["请修路面。", "梦见的", ""]])
    page = office.post(f"{LIST}import", {"year": "2027", "file": (BytesIO(data), "建议.xlsx")})
    preview = office.follow(page)
    assert "来源渠道应为" in preview.words
    assert office.post(f"{page.location}/apply").status == 422
    data = xlsx.write("建议", columns, [["请修村口的桥。", "走访", "示例某某"]])
    page = office.post(f"{LIST}import", {"year": "2027", "file": (BytesIO(data), "建议.xlsx")})
    assert "示例某某" not in office.get(page.location).text
    assert office.post(f"{page.location}/apply").status == 303
    assert office.get(f"{LIST}?q=桥").words.count("走访座谈") >= 1
    assert office.post(f"{LIST}import", {"year": "2027", "file": (BytesIO(b"x"), "a.xlsx")}).status == 422
    assert book(office.get(f"{LIST}import/template.xlsx").data)[1][1] == "建议内容"


def test_photo_is_open_to_office_only(year):
    ids = year.ids["county"]
    photo = f"/office/suggestions/photos/{ids['attachment_id:suggestion']}"
    assert year.browser("office").get(photo).status == 200
    assert year.browser("public").get(photo).status == 302
    assert year.browser("department").get(photo).status == 403
    assert year.browser("office").get(photo.replace("suggestions/photos", "attachments")).status == 404
    assert (
        year.browser("public").get(f"/p/{ids['body']}/photos/{ids['attachment_id:suggestion']}").status == 404
    )
    assert year.browser("office").get(f"/office/suggestions/photos/{ids['attachment_id']}").status == 404


def test_page_links_small_photos(year, monkeypatch):
    sizes = []
    keep = lambda _, *, thumbnail: sizes.append(thumbnail) or ""  # noqa: E731
    monkeypatch.setattr("votes.views.suggestions.suggestions.send", keep)
    ids, office = year.ids["county"], year.browser("office")
    page = office.get(f"/office/suggestions/{ids['suggestion_id']}")
    small = page.tree.xpath("//ul[@class='photos']//img/@src")[0]
    office.get(small)
    office.get(small.split("?")[0])
    assert sizes == [True, False]

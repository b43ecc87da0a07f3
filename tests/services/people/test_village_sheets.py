"""The list of villages by Excel: what each row of a file is judged as."""

import pytest

from tests.factories import NOW
from tests.services.people.tools import BY
from votes.exports.formats.xlsx import Row
from votes.services import imports
from votes.services.people import village_sheets, villages, villages as people_villages
from votes.services.people.village_sheets import SHEET


def preview(*pairs):
    rows = [
        Row(3 + i, {"乡镇（街道）": township, "村（社区）": name}) for i, (township, name) in enumerate(pairs)
    ]
    return imports.preview(SHEET, imports.Book("名单.xlsx", rows), by=BY, now=NOW)


def test_export_reads_back_as_the_same(place):
    villages.add_villages([("河镇", "东村"), ("", "滨河社区")], by=BY, now=NOW)
    book = imports.read(SHEET, "名单.xlsx", village_sheets.export())
    draft = imports.preview(SHEET, book, by=BY, now=NOW)
    assert [row["status"] for row in draft.rows] == ["same", "same"]


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        (("河镇", None), "没有填写村（社区）名称。"),
        (("河镇", "长" * 61), "名称最多 60 个字。"),
        (("河 镇", "东村"), "与第 3 行相同，请删去一行。"),
    ],
)
def test_preview_refuses_a_row_with_its_reason(place, pair, problem):
    draft = preview(("河镇", "东村"), pair)
    assert [(row["status"], row["problems"]) for row in draft.rows] == [("new", []), ("refused", [problem])]


def test_apply_village_workbook_adds_only_new_villages(three_villages):
    with three_villages.work():
        pairs = [("山乡", "石桥村"), ("山乡", "新村"), ("", "滨河社区")]
        rows = [Row(3 + i, {"乡镇（街道）": t, "村（社区）": n}) for i, (t, n) in enumerate(pairs)]
        draft = imports.preview(village_sheets.SHEET, imports.Book("a.xlsx", rows), by=BY, now=NOW)
        assert [row["status"] for row in draft.rows] == ["same", "new", "new"]
        assert imports.apply(village_sheets.SHEET, draft, by=BY, now=NOW) == {"added": 2}
        assert len(people_villages.all_villages()) == 5
        twice = imports.preview(
            village_sheets.SHEET, imports.Book("a.xlsx", [rows[1], rows[1]]), by=BY, now=NOW
        )
        assert [row["status"] for row in twice.rows] == ["same", "refused"]
        back = imports.read(village_sheets.SHEET, "a.xlsx", village_sheets.export())
        assert len(back.rows) == 5

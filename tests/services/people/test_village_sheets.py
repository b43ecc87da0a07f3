"""Workbooks of villages."""

import pytest

from tests.factories import NOW
from votes.exports.formats.xlsx import Row
from votes.rules.people.actor import Actor
from votes.services import imports
from votes.services.people import village_sheets, villages as people_villages

BY = Actor(name="经办人")


@pytest.fixture
def place(world):
    """Set up three villages, two of one name, in the county."""
    with world.work():
        people_villages.add_villages(
            [("河镇", "示例村"), ("山乡", "示例村"), ("山乡", "石桥村")], by=BY, now=NOW
        )
    return world


def test_apply_village_workbook_adds_only_new_villages(place):
    with place.work():
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

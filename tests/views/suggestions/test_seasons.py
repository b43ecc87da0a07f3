"""Seasons in the office."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.world import standing_at

pytestmark = pytest.mark.sqlite


def test_erase_authors_before_the_end_is_refused(place, as_):
    office = as_("office")
    assert office.post("/office/seasons/1/erase").status == 409
    with standing_at(NOW + timedelta(days=40)):
        office = as_("office")
        assert "2" in office.get("/office/seasons/1").words
        assert office.post("/office/seasons/1/erase").status == 303
    assert "没有留下姓名" in office.get("/office/suggestions/1").words


def test_save_season_with_valid_days_lists_it(place, as_):
    office = as_("office")
    season = {"year": "2028", "opens_on": "2027-09-15", "closes_on": "2027-09-01", "notice": "公告"}
    page = office.post("/office/seasons/new", season)
    assert (page.status, "不能早于" in page.words, "公告" in page.text) == (422, True, True)
    assert office.post("/office/seasons/new", season | {"closes_on": "2027-10-31"}).status == 303
    assert "2028年民生实事项目建议征集" in office.get("/office/seasons/").words
    assert as_("leader").get("/office/seasons/").status == 403

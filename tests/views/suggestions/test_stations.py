"""Stations in the office, and their posters."""

import pytest

pytestmark = pytest.mark.sqlite


def test_station_poster_follows_key_and_use(place, as_):
    office = as_("office")
    page = office.post("/office/seasons/stations", {"name": "示例联络站"})
    assert (page.status, "已经有名为" in page.words) == (422, True)
    assert office.post("/office/seasons/stations", {"name": "第二联络站"}).status == 303
    assert office.get("/office/seasons/stations/1/poster.pdf").data[:5] == b"%PDF-"
    before = office.get("/office/seasons/stations/1").words
    assert office.post("/office/seasons/stations/1/renew").status == 303
    assert office.get("/office/seasons/stations/1").words != before
    assert office.post("/office/seasons/stations/1", {"name": "示例联络站"}).status == 303  # no longer in use
    assert office.get("/office/seasons/stations/1/poster.pdf").status == 409
    assert as_("office", "other").get("/office/seasons/stations/1").status == 404

"""Villages in the office."""

import pytest

pytestmark = pytest.mark.sqlite


def test_save_village_with_name_lists_it(place, as_):
    office = as_("office")
    assert office.post("/office/seasons/villages", {"township": "河镇", "name": "新村"}).status == 303
    assert office.post("/office/seasons/villages", {"township": "河镇", "name": ""}).status == 422
    assert office.get("/office/seasons/villages?township=河镇").words.count("河镇") >= 2

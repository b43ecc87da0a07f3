"""How a published field finds its value, and how values are written."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from votes.web.publication import open_data
from votes.web.publication.open_data import DataField, Shape
from votes.web.publication.schemas import COUNT, TEXT

ROAD = SimpleNamespace(name="公路", unit=SimpleNamespace(name="示例局"), parts=2)


@pytest.mark.parametrize(
    ("source", "value"), [("", "公路"), ("unit.name", "示例局"), (lambda thing: thing.parts + 1, 3)]
)
def test_field_value_comes_from_key_path_or_function(source, value):
    assert DataField("name", TEXT, "名称", source=source).value(ROAD) == value


def test_shape_has_values_for_exactly_the_keys_of_its_schema():
    shape = Shape({"name": TEXT, "unit": TEXT, "parts": COUNT}, {"unit": "unit.name"})
    assert shape.values([ROAD]) == [{"name": "公路", "unit": "示例局", "parts": 2}]
    assert list(shape.schema["items"]["properties"]) == ["name", "unit", "parts"]


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (Decimal("1.50"), 1.5),
        (date(2027, 1, 15), "2027-01-15"),
        ([{"on": date(2027, 1, 15)}], [{"on": "2027-01-15"}]),
        (None, None),
    ],
)
def test_plain_value_is_as_json_has_it(value, json):
    assert open_data.plain(value) == json

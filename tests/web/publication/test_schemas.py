"""The types of published fields."""

import jsonschema
import pytest

from votes.web.publication import schemas

PERSON = schemas.a_list({"name": schemas.TEXT, "born": schemas.or_null(schemas.DAY)}, optional=["born"])


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        (schemas.or_null(schemas.COUNT), None, True),
        (schemas.or_null(schemas.COUNT), -1, False),
        (schemas.one_of("顺延", "跨年度"), None, True),
        (schemas.one_of("顺延", "跨年度"), "提前", False),
        (PERSON, [{"name": "甲"}, {"name": "乙", "born": None}], True),
        (PERSON, [{"born": None}], False),
        (PERSON, [{"name": "甲", "phone": "139"}], False),
    ],
)
def test_schema_accepts_its_values_and_no_others(schema, value, valid):
    assert jsonschema.Draft202012Validator(schema).is_valid(value) == valid

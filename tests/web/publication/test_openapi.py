"""The description of the open data is made from the declared fields."""

import pytest
from openapi_spec_validator import validate

from votes.rules.projects.fields import FIELDS
from votes.web.publication import open_data, openapi


@pytest.fixture
def described():
    return openapi.document(server="http://hall.example/p/shili", place="示例县")


def test_document_is_valid_openapi(described):
    validate(described)


@pytest.mark.parametrize("each", open_data.SETS, ids=lambda each: each.key)
def test_document_describes_each_field_of_a_set_in_its_order(described, each):
    properties = described["components"]["schemas"][each.schema]["properties"]
    assert list(properties) == [field.key for field in each.fields]
    assert [schema["description"] for schema in properties.values()] == [
        field.meaning or field.name for field in each.fields
    ]
    assert f"/data/{each.file}" in described["paths"]


def test_published_fields_of_a_project_are_in_the_open_data():
    published = {field.name: field.public for field in FIELDS if field.public}
    declared = {field.key: (field.name, field.meaning) for field in open_data.FIELDS}
    assert {name: (public.name, public.meaning) for name, public in published.items()}.items() <= (
        declared.items()
    )

"""A field of a project is one declaration: an invented one appears in every place that shows fields."""

import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return what each place shows of the invented field."""
    folder = tmp_path_factory.mktemp("invented")
    command = [sys.executable, "-m", "tests.invented_field", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("form", "示例新项示例填法"),
        ("page", "示例新项乙"),
        ("comparison", "示例新项修改甲乙"),
        ("audit", "示例新项甲→乙"),
        ("template", "示例新项"),
        ("hints", "示例提示"),
        ("import", "示例新项乙丙"),
        ("public page", "公开新项丁"),
        ("explanation", "invented公开新项示例含义"),
    ],
)
def test_invented_field_is_named_in_every_place_that_shows_fields(shown, place, words):
    assert words in shown[place]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("filled form", "乙"),
        ("export", "乙"),
        ("open data", "丁"),
        ("table", "丁"),
        ("schema", {"type": "string", "description": "示例含义"}),
    ],
)
def test_invented_field_has_its_value_in_every_place_with_values(shown, place, value):
    assert shown[place] == value

"""The forms of a body: setting it up, its names, and the settings of its place."""

import pytest

from votes.forms.people.bodies import BodyForm, BodyNamesForm, SettingsForm
from votes.rules.meeting.rule import Rule
from votes.rules.people.organs import COMMITTEE, COUNTY
from votes.rules.people.roles import BodyKind
from votes.rules.projects.projects import GATES, Gate

RULE = Rule.from_dict({"seats": 10, **COUNTY.defaults})


def settings(organ=COUNTY):
    return SettingsForm({}, GATES["county"], RULE, organ)


def test_body_form_values_have_the_kind_and_its_county(one_app):
    typed = {
        "name": "示例镇人民代表大会",
        "place": "示例镇",
        "code": "town",
        "kind": "township",
        "parent_id": "",
    }
    with one_app.test_request_context(method="POST", data=typed):
        form = BodyForm([])
        assert form.validate()
        assert form.values == {**typed, "kind": BodyKind.TOWNSHIP, "parent_id": None}


def test_body_names_form_refuses_missing_and_long_names(one_app):
    with one_app.test_request_context(method="POST", data={"name": "县" * 101}):
        form = BodyNamesForm()
        assert not form.validate()
        assert form.errors == {"name": ["名称不超过 100 个字"], "place": ["请输入行政区域"]}


def test_settings_form_shows_gates_and_two_spare_rows(one_app):
    with one_app.test_request_context():
        rows = [(entry.data["order"], entry.data["name"]) for entry in settings().gates]
    assert rows == [(1, "政府常务会议"), (2, "县委常委会会议"), (3, "县人大常委会会议"), (4, None), (5, None)]


def test_settings_form_words_of_the_majority_are_the_organs(one_app):
    with one_app.test_request_context():
        assert settings().majority.choices != settings(COMMITTEE).majority.choices


@pytest.mark.parametrize(
    ("typed", "quorum"), [("2/3", [2, 3]), ("1／2", [1, 2]), ("三分之二", None), ("2/3/4", None), ("2", None)]
)
def test_settings_form_reads_the_quorum_as_a_fraction(one_app, typed, quorum):
    with one_app.test_request_context(method="POST", data={"quorum": typed}):
        form = settings()
        assert form.rule["quorum"] == quorum
        form.validate()
        assert ("quorum" in form.errors) == (quorum is None)


def test_settings_form_gate_list_is_in_the_typed_order(one_app):
    gates = [
        ("party", "2", "县委常委会会议"),
        ("government", "3", " "),
        ("", "1", " 专题会议 "),
        ("last", "", "末次"),
    ]
    typed = {}
    for place, (key, order, name) in enumerate(gates):
        fields = {"key": key, "order": order, "name": name, "role": "government"}
        typed |= {f"gates-{place}-{field}": value for field, value in fields.items()}
    with one_app.test_request_context(method="POST", data=typed):
        assert settings().gate_list == [
            Gate("", "专题会议", "government"),
            Gate("party", "县委常委会会议", "government"),
            Gate("last", "末次", "government"),
        ]

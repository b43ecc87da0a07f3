"""The public form: its key, what no person sends, the villages by township."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from votes.forms.suggestions.public_form import SuggestForm
from votes.models import Village
from votes.rules.errors import RuleBroken

VILLAGES = [
    Village(id=1, township="河镇", name="示例村"),
    Village(id=2, township="河镇", name="石桥村"),
    Village(id=3, township="山乡", name="示例村"),
]


def key(app) -> str:
    with app.test_request_context():
        form = SuggestForm([])
        form.renew_key(NOW)
        return form.key.data


def test_renew_key_leaves_a_valid_key(app):
    first = key(app)
    with app.test_request_context(method="POST", data={"key": first}):
        form = SuggestForm([])
        form.renew_key(NOW + timedelta(hours=1))
        assert form.key.data == first
        form.renew_key(NOW + timedelta(days=1))
        assert form.key.data != first


@pytest.mark.parametrize(
    ("typed", "seconds", "status"),
    [
        ({}, 3, 429),
        ({}, 4, None),
        ({}, 24 * 3600, 422),
        ({"key": "forged"}, 10, 422),
        ({"website": "http://spam.example"}, 10, 422),
    ],
)
def test_check_human_refuses_programs_and_old_forms(app, typed, seconds, status):
    with app.test_request_context(method="POST", data={"key": key(app)} | typed):
        form = SuggestForm([])
        if status is None:
            return form.check_human(NOW + timedelta(seconds=seconds))
        with pytest.raises(RuleBroken) as broken:
            form.check_human(NOW + timedelta(seconds=seconds))
        assert broken.value.status == status


def test_form_offers_villages_by_township(app):
    with app.test_request_context(method="POST", data={"village_id": "2", "content": "请修村口的路。"}):
        form = SuggestForm(VILLAGES)
        assert [(name, [each.id for each in rows]) for name, rows in form.townships] == [
            ("河镇", [1, 2]),
            ("山乡", [3]),
        ]
        assert form.values()["village_id"] == 2

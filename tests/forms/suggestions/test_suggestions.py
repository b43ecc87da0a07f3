"""Forms of the office for one suggestion."""

from datetime import date

import pytest

from votes.forms.suggestions.suggestions import EnterForm, PlaceForm, RefusalForm
from votes.models import Village
from votes.rules.suggestions.suggestions import AuthorKind, AuthorText, Channel

VILLAGES = [Village(id=1, township="河镇", name="示例村")]
TYPED = {
    "channel": "letter", "received_on": "2027-01-10", "year": "2027", "content": "请在学校门口装路灯。",
    "village_id": "1", "name": "示例人", "phone": "138 0000 1234", "kind": "unit", "unit": "示例 合作社",
}  # fmt: skip


def test_enter_form_returns_the_arguments_of_receiving(app):
    with app.test_request_context(method="POST", data=TYPED):
        form = EnterForm(VILLAGES, [])
        assert form.validate()
        assert form.values() == {
            "title": "",
            "content": "请在学校门口装路灯。",
            "category": "",
            "place": "",
            "channel": Channel.LETTER,
            "received_on": date(2027, 1, 10),
            "year": 2027,
            "village_id": 1,
            "deputy_id": None,
            "author": AuthorText("示例人", "13800001234", "示例 合作社", AuthorKind.UNIT),
        }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("received_on", "", "请填写收到日期。"),
        ("content", "短", "建议内容太短，请至少写 5 个字，说清楚在哪里、办什么事。"),
        ("phone", "12", "电话请填写 11 位手机号，或带区号的固定电话；不愿留的可以空着。"),
    ],
)
def test_enter_form_with_faulty_field_names_the_fault(app, name, value, message):
    with app.test_request_context(method="POST", data=TYPED | {name: value}):
        form = EnterForm(VILLAGES, [])
        assert not form.validate()
        assert form.errors == {name: [message]}


def test_place_form_returns_category_and_village(app):
    with app.test_request_context(method="POST", data={"category": "教育", "village_id": ""}):
        form = PlaceForm(VILLAGES)
        assert form.validate()
        assert form.classification() == {"category": "教育", "village_id": None}


@pytest.mark.parametrize(
    ("reason", "message"), [("", "请写明不予受理的理由。"), ("长" * 201, "理由最多 200 个字。")]
)
def test_refusal_form_with_faulty_reason_is_refused(app, reason, message):
    with app.test_request_context(method="POST", data={"reason": reason}):
        form = RefusalForm()
        assert not form.validate()
        assert form.errors == {"reason": [message]}

"""What fields and addresses say: ids and years out of them, and what is none."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import DateField, StringField, SubmitField, TextAreaField

from votes.forms.base import Form, FormRow, SpokenForm, chosen, number, pictures, required, typed, yes_or_no
from votes.forms.boxes import money
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind

READ = [("12", 12), (12, 12), (" 7 ", 7), ("１２", 12), ("", None), (None, None)]
NONE = ["x", "-1", "1.5", "²", "9" * 10, "12abc"]


@pytest.mark.parametrize(("text", "expected"), [*READ, *((text, None) for text in NONE)])
def test_a_number_out_of_an_address_is_one_or_none(text, expected):
    assert number(text) == expected


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_choice_of_a_list_is_a_number_or_nothing(text, expected):
    assert chosen(text) == expected


@pytest.mark.parametrize("text", NONE)
def test_what_is_neither_is_no_choice(text):
    with pytest.raises(ValueError, match=r"."):
        chosen(text)


class NumberForm(SpokenForm):
    number = StringField("代表证号", description="由代表团填写")


class ReasonForm(Form):
    reason = StringField(validators=required("请写明理由", 3))


@pytest.mark.parametrize(
    ("text", "errors"), [("", ["请写明理由"]), ("三个字", []), ("四个字了", ["不超过 3 字"])]
)
def test_required_text_refuses_nothing_and_too_much(one_app: Flask, text, errors):
    with one_app.test_request_context(method="POST", data={"reason": text}):
        form = ReasonForm()
        form.validate()
        assert list(form.reason.errors) == errors


def test_entry_is_what_was_typed_without_the_csrf_token(one_app: Flask, monkeypatch):
    monkeypatch.setitem(one_app.config, "WTF_CSRF_ENABLED", True)
    with one_app.test_request_context(method="POST", data={"reason": "理由"}):
        form = ReasonForm()
        assert "csrf_token" in form.data
        assert form.entry() == {"reason": "理由"}


class PhotoForm(Form):
    text = TextAreaField()
    right = yes_or_no("对吗？", "请选择", "对", "不对")
    files = pictures("照片", "最多一张")
    submit = SubmitField("保存")


@pytest.mark.parametrize(("answer", "right"), [("yes", True), ("no", False), ("maybe", None)])
def test_entry_leaves_out_buttons_and_files(one_app: Flask, answer, right):
    data = {"text": " 一\r\n二 ", "right": answer, "submit": "保存"}
    with one_app.test_request_context(method="POST", data=data):
        form = PhotoForm()
        assert form.validate() == (right is not None)
        assert form.entry() == {"text": "一\n二", "right": right}


def test_spoken_form_has_labels_in_the_words_of_the_organ(one_app: Flask):
    organ = organs.of(BodyKind.COMMITTEE)
    with one_app.test_request_context():
        field = NumberForm(organ).number
        assert (field.label.text, field.description) == (organ.number, f"由{organ.group}填写")


class Typed(FormRow):
    words = TextAreaField()
    day = DateField()
    amount = money("金额")


def test_typed_returns_tidy_words_and_other_values_as_they_are():
    form = Typed(MultiDict({"words": " 一\r\n二 ", "day": "2027-03-01", "amount": "1,5"}))
    assert typed(form, "words", "day") == {"words": "一\n二", "day": date(2027, 3, 1)}
    assert typed(Typed(MultiDict()), "words", "amount") == {"words": "", "amount": None}

"""What fields and addresses say: ids and years out of them, and what is none."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import DateField, TextAreaField

from votes.forms.base import FormRow, chosen, number, typed
from votes.forms.boxes import money

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


class Typed(FormRow):
    words = TextAreaField()
    day = DateField()
    amount = money("金额")


def test_typed_returns_tidy_words_and_other_values_as_they_are():
    form = Typed(MultiDict({"words": " 一\r\n二 ", "day": "2027-03-01", "amount": "1,5"}))
    assert typed(form, "words", "day") == {"words": "一\n二", "day": date(2027, 3, 1)}
    assert typed(Typed(MultiDict()), "words", "amount") == {"words": "", "amount": None}

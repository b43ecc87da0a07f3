"""What fields and addresses say: ids and years out of them, and what is none."""

import pytest

from votes.forms.base import chosen, number

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

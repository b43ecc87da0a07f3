"""Boxes whose content a rule reads."""

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from votes.forms import boxes


class BoxesForm(Form):
    amount = boxes.money("金额")
    people = boxes.count("人数")
    on = boxes.day("日期")


@pytest.mark.parametrize(
    ("box", "typed", "data"),
    [
        ("amount", "1,234.50", Decimal("1234.50")),
        ("amount", "", None),
        ("people", " 8200人 ", 8200),
        ("on", "2027年12月20日", date(2027, 12, 20)),
    ],
)
def test_box_with_readable_text_holds_the_value(box, typed, data):
    form = BoxesForm(MultiDict({box: typed}))
    assert form.validate()
    assert form[box].data == data


@pytest.mark.parametrize(("box", "typed"), [("amount", "约百"), ("people", "8.5"), ("on", "年底")])
def test_box_with_unreadable_text_keeps_it_and_says_why(box, typed):
    form = BoxesForm(MultiDict({box: typed}))
    assert not form.validate()
    assert form[box].errors
    assert f'value="{typed}"' in form[box]()


def test_box_with_a_stored_value_shows_it_as_people_write_it():
    form = BoxesForm(data={"amount": 860, "on": date(2027, 12, 20)})
    assert [form[name]._value() for name in ("amount", "people", "on")] == ["860.00", "", "2027-12-20"]


def test_tidy_removes_carriage_returns_and_outer_blanks():
    assert (boxes.tidy(" 甲\r\n乙 "), boxes.tidy(None)) == ("甲\n乙", None)


@pytest.mark.parametrize(
    ("typed", "errors"), [("示例县", []), (" ", []), ("", ["请输入名称"]), ("县" * 5, ["名称不超过 4 个字"])]
)
def test_required_text_refuses_nothing_and_too_much(typed, errors):
    class NameForm(Form):
        name = boxes.required_text("名称", 4, "全称")

    form = NameForm(MultiDict({"name": typed}))
    form.validate()
    assert (form.name.errors, form.name.description) == (errors, "全称")

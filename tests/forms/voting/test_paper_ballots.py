"""The forms of paper ballots: which paper of the pile is meant, and the sums of a box counted by hand."""

import pytest
from flask import Flask

from votes.forms.voting.paper_ballots import KeyForm, totals_columns, totals_form
from votes.rules.meeting.rule import Rule


@pytest.mark.parametrize(
    ("typed", "place"),
    [("1", 1), ("120", 120), ("", 0), ("-1", 0), ("x", 0), ("１", 0), ("9" * 7, 0)],
)
def test_position_typed_gives_place_in_pile(one_app: Flask, typed, place):
    with one_app.test_request_context(method="POST", data={"position": typed}):
        assert KeyForm().place == place


@pytest.mark.parametrize(
    ("method", "columns"),
    [
        ("choose", ["for"]),
        ("threeway", ["for", "against", "abstain"]),
        ("confirm", ["for", "against", "abstain"]),
        ("rating", ["satisfied", "basically", "dissatisfied", "void"]),
    ],
)
def test_columns_of_box_by_method(method, columns):
    assert totals_columns(Rule(seats=2, method=method)) == columns


def test_totals_entered_before_fill_form(one_app: Flask):
    entered = {"valid": 4, "invalid": 1, "counts": {"1": {"for": 3}, "2": {"for": 2}}}
    with one_app.test_request_context():
        form = totals_form(["for"], [1, 2], entered)
        assert form.totals == {"valid": 4, "invalid": 1, "counts": {1: {"for": 3}, 2: {"for": 2}}}
        assert form.cells[2]["for"].label.text == "第 2 项赞成"

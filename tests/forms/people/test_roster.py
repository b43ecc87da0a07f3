"""The forms of the roster: one deputy, the deputies that a file leaves out, the delegations."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from votes.forms.people.roster import DelegationsForm, DeputyForm, RosterApplyForm
from votes.models import Delegation
from votes.rules.people.organs import COMMITTEE
from votes.rules.people.roster import Plan

TODAY = date(2027, 1, 15)


def test_deputy_form_speaks_the_words_of_the_organ(one_app):
    with one_app.test_request_context():
        form = DeputyForm(TODAY, COMMITTEE)
        assert (form.number.label.text, form.delegation.label.text) == ("证号", "分组")


def test_deputy_form_refuses_in_the_words_of_the_workbook(one_app):
    typed = {"number": "101", "name": "曾示例", "delegation": "第一代表团", "born": "2020-01"}
    with one_app.test_request_context(method="POST", data=typed):
        form = DeputyForm(TODAY)
        assert not form.validate()
        assert form.errors == {"born": ["出生年月“2020-01”不满 18 周岁，请核对。"]}


@pytest.mark.parametrize(("covered", "end_departed"), [(8, True), (7, False)])
def test_apply_form_proposes_to_end_whom_a_whole_roster_lacks(one_app, covered, end_departed):
    plan = Plan([], [], [], unchanged=covered, covered=covered, standing=10)
    with one_app.test_request_context():
        assert RosterApplyForm(plan).options == {"end_departed": end_departed}


def test_delegations_form_keeps_what_is_not_typed(one_app):
    rows = [Delegation(id=1, name="第一代表团", position=1), Delegation(id=2, name="第二代表团", position=2)]
    with one_app.test_request_context():
        typed = MultiDict({"name-1": "城关代表团", "position-1": "3", "position-2": "x"})
        changes = DelegationsForm(rows).changes(typed)
    assert changes == {1: ("城关代表团", 3), 2: ("第二代表团", 2)}

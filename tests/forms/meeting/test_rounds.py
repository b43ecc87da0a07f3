"""The forms of a round: the rule and the list that they read, and the words of the organ."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from votes.forms.meeting.rounds import AnnounceForm, PresidiumForm, RoundForm, rule_fields
from votes.rules.meeting.rule import Rule
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind
from votes.services.meeting.rounds import RoundEntry


@pytest.mark.parametrize(
    ("kind", "note", "number"),
    [
        (BodyKind.COUNTY, "例如：主席团第三次会议举手表决，一致同意", "主席团公告（第 N 号）"),
        (BodyKind.TOWNSHIP, "例如：主席团第三次会议举手表决，一致同意", "主席团公告（第 N 号）"),
        (BodyKind.COMMITTEE, "例如：主任会议举手表决，一致同意", "公告（第 N 号）"),
        (BodyKind.STREET, "例如：人大街道工委举手表决，一致同意", "公告（第 N 号）"),
    ],
)
def test_hints_use_the_words_of_the_organ(one_app: Flask, kind, note, number):
    organ = organs.of(kind)
    with one_app.test_request_context():
        assert PresidiumForm().in_words_of(organ).note.description == note
        assert AnnounceForm().in_words_of(organ).number.description == number


def test_rule_of_a_form_filled_with_a_rule_is_that_rule(one_app: Flask):
    rule = Rule(seats=3, method="threeway", overvote="allow", quorum=(1, 2), quorum_more=True, paper="keyed")
    with one_app.test_request_context():
        assert RoundForm(data=rule_fields(rule)).narrow("vote").rule(Rule(seats=1)) == rule


def test_rule_keeps_what_the_form_of_a_rating_has_no_field_for(one_app: Flask):
    base = Rule(method="rating", seats=0, half="both")
    with one_app.test_request_context():
        assert RoundForm(data=rule_fields(base)).narrow("rating").rule(base) == base


def test_values_have_the_projects_in_the_order_of_the_list(one_app: Flask):
    with one_app.test_request_context():
        form = RoundForm(data=rule_fields(Rule(seats=1)) | {"projects": [7, 5], "colour": "pink"}).narrow(
            "vote"
        )
        form.projects.choices = [(5, "五"), (6, "六"), (7, "七")]
        values = form.values(Rule(seats=1))
        assert set(values) == set(RoundEntry.__annotations__)
        assert (values["project_ids"], values["colour"]) == ([5, 7], "pink")


def test_values_of_a_further_round_keep_its_projects(one_app: Flask):
    with one_app.test_request_context():
        form = RoundForm(data=rule_fields(Rule(seats=1))).narrow("further")
        assert form.values(Rule(seats=1), [4, 2])["project_ids"] == [4, 2]


def test_closing_time_is_read_in_the_time_of_china(one_app: Flask):
    rule = Rule(seats=1)
    with one_app.test_request_context(method="POST", data={"closes_at": "2027-01-05T16:30"}):
        form = RoundForm(data=rule_fields(rule)).narrow("further")
        assert form.values(rule)["closes_at"] == datetime(2027, 1, 5, 8, 30, tzinfo=UTC)

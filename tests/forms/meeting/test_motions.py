"""The form of a decision by show of hands."""

from datetime import date

import pytest
from flask import Flask

from votes.forms.meeting.motions import MotionForm
from votes.services.meeting.motions import MotionEntry

TYPED = {
    "title": "票决办法（草案）",
    "decided_on": "2027-01-05",
    "roster": "34",
    "present": "20",
    "votes_for": "18",
    "votes_against": "0",
    "abstentions": "2",
}


def test_entry_has_what_the_service_takes(one_app: Flask):
    with one_app.test_request_context(method="POST", data=TYPED):
        form = MotionForm()
        assert form.validate()
        assert set(form.entry()) == set(MotionEntry.__annotations__)
        assert (form.entry()["decided_on"], form.entry()["votes_against"]) == (date(2027, 1, 5), 0)


@pytest.mark.parametrize(
    ("field", "text"), [("title", "题" * 101), ("present", ""), ("abstentions", "-1"), ("roster", "10001")]
)
def test_impossible_value_is_refused_at_its_field(one_app: Flask, field, text):
    with one_app.test_request_context(method="POST", data=TYPED | {field: text}):
        form = MotionForm()
        assert not form.validate()
        assert list(form.errors) == [field]

"""The forms of a session and of a voided card."""

import pytest
from flask import Flask

from votes.forms.meeting.sessions import CardReasonForm, SessionForm
from votes.services.meeting.sessions import SessionFacts

TYPED = {
    "title": "第五次会议",
    "year": "2027",
    "starts_on": "2027-01-05",
    "ends_on": "2027-01-07",
    "place": "",
}


def test_entry_has_what_the_service_takes(one_app: Flask):
    with one_app.test_request_context(method="POST", data=TYPED):
        form = SessionForm()
        assert form.validate()
        assert set(form.entry()) == set(SessionFacts.__annotations__)


@pytest.mark.parametrize(("field", "text"), [("title", "会" * 101), ("year", "27"), ("starts_on", "")])
def test_impossible_value_is_refused_at_its_field(one_app: Flask, field, text):
    with one_app.test_request_context(method="POST", data=TYPED | {field: text}):
        form = SessionForm()
        assert not form.validate()
        assert list(form.errors) == [field]


def test_card_reason_is_required(one_app: Flask):
    with one_app.test_request_context(method="POST", data={"reason": ""}):
        form = CardReasonForm()
        assert not form.validate()
        assert form.errors == {"reason": ["请填写原因"]}

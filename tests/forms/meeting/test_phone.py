"""The forms on a deputy's phone."""

import pytest
from flask import Flask

from votes.forms.meeting.phone import CardSignInForm, CheckInForm
from votes.rules.people import organs
from votes.rules.people.roles import BodyKind


@pytest.mark.parametrize("kind", [BodyKind.COUNTY, BodyKind.COMMITTEE])
def test_sign_in_asks_for_the_number_as_the_organ_says_it(one_app: Flask, kind):
    organ = organs.of(kind)
    with one_app.test_request_context():
        assert CardSignInForm(organ).number.label.text == organ.number


@pytest.mark.parametrize(("code", "fits"), [("", True), ("1" * 12, True), ("1" * 13, False)])
def test_check_in_code_has_at_most_twelve_characters(one_app: Flask, code, fits):
    with one_app.test_request_context(method="POST", data={"code": code}):
        assert CheckInForm().validate() is fits
